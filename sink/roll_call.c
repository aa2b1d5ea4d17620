/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/roll_call.h"

#include <stdlib.h>

#include "common/log.h"

#define STAGES 2

struct entry {
    struct digest digest;
    int arrived;
};

struct roll_call {
    uint32_t shards;
    struct entry *entry[STAGES];
    uint8_t *bits[STAGES]; /* committed */
    uint32_t n[STAGES];
};

int roll_call_new(uint32_t shards, struct roll_call **out)
{
    struct roll_call *roll = calloc(1, sizeof *roll);
    int whole = roll != NULL;
    for (int s = 0; whole && s < STAGES; s++) {
        roll->entry[s] = calloc(shards, sizeof *roll->entry[s]);
        roll->bits[s] = calloc(((size_t)shards + 7) / 8, 1);
        whole = roll->entry[s] && roll->bits[s];
    }
    if (!whole) {
        roll_call_destroy(&roll);
        return log_fail(STATUS_BUG, "out of memory for a roll of %u shards", shards);
    }
    roll->shards = shards;
    *out = roll;
    return 0;
}

void roll_call_destroy(struct roll_call **roll)
{
    if (!*roll)
        return;
    for (int s = 0; s < STAGES; s++) {
        free((*roll)->entry[s]);
        free((*roll)->bits[s]);
    }
    free(*roll);
    *roll = NULL;
}

static int committed(const struct roll_call *roll, uint32_t stage, uint32_t shard)
{
    return roll->bits[stage - 1][shard / 8] >> (shard % 8) & 1;
}

enum roll_answer roll_call_arrive(struct roll_call *roll, uint32_t stage, uint32_t shard,
                                  struct digest digest)
{
    struct entry *entry = &roll->entry[stage - 1][shard];
    if (!entry->arrived) {
        *entry = (struct entry){digest, 1};
        return ROLL_NEW;
    }
    if (!digest_same(entry->digest, digest))
        return ROLL_CONFLICT;
    return committed(roll, stage, shard) ? ROLL_DUPLICATE : ROLL_PENDING;
}

enum roll_answer roll_call_look(const struct roll_call *roll, uint32_t stage, uint32_t shard)
{
    if (!roll->entry[stage - 1][shard].arrived)
        return ROLL_NEW;
    return committed(roll, stage, shard) ? ROLL_DUPLICATE : ROLL_PENDING;
}

void roll_call_commit(struct roll_call *roll, uint32_t stage, uint32_t shard)
{
    if (committed(roll, stage, shard))
        return;
    roll->bits[stage - 1][shard / 8] |= (uint8_t)(1u << (shard % 8));
    roll->n[stage - 1]++;
}

void roll_call_withdraw(struct roll_call *roll, uint32_t stage, uint32_t shard)
{
    if (!committed(roll, stage, shard))
        roll->entry[stage - 1][shard].arrived = 0;
}

int roll_call_complete(const struct roll_call *roll, uint32_t stage)
{
    return roll->n[stage - 1] == roll->shards;
}

uint32_t roll_call_n(const struct roll_call *roll, uint32_t stage)
{
    return roll->n[stage - 1];
}

const uint8_t *roll_call_bits(const struct roll_call *roll, uint32_t stage)
{
    return roll->bits[stage - 1];
}
