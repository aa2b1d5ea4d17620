/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_ROLL_CALL_H
#define SINK_ROLL_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/status.h"

/* Who has answered: which shards the sink has of each stage, and the digest of what it has, so that
 * a second result is known as one, and as the same or another. Pure; the truth is in the store,
 * from which it is filled again after a restart. */

struct roll_call;

int roll_call_new(uint32_t shards, struct roll_call **roll) MUST_USE;
void roll_call_destroy(struct roll_call **roll);

enum roll_answer {
    ROLL_NEW,       /* nothing was there: now noted as arrived, not yet committed */
    ROLL_PENDING,   /* arrived before, its commit is under way */
    ROLL_DUPLICATE, /* committed before, the same digest */
    ROLL_CONFLICT   /* committed or pending before with another digest: results must not differ */
};

/* stage 1 or 2; shard < shards. */
enum roll_answer roll_call_arrive(struct roll_call *roll, uint32_t stage, uint32_t shard,
                                  struct digest digest);
/* What would be answered if a shard arrived with the digest that is expected of it; changes nothing. */
enum roll_answer roll_call_look(const struct roll_call *roll, uint32_t stage, uint32_t shard);
/* The commit of a shard that had arrived is done. */
void roll_call_commit(struct roll_call *roll, uint32_t stage, uint32_t shard);
/* It failed: the shard is as if it had not arrived. */
void roll_call_withdraw(struct roll_call *roll, uint32_t stage, uint32_t shard);

int roll_call_complete(const struct roll_call *roll, uint32_t stage);
uint32_t roll_call_n(const struct roll_call *roll, uint32_t stage);
/* (shards + 7) / 8 bytes, a bit a committed shard, least significant first; borrowed. */
const uint8_t *roll_call_bits(const struct roll_call *roll, uint32_t stage);

#endif
