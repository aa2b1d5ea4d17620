/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/outbox.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

/* One part, let go by its last holder. */
struct shared {
    atomic_uint holders;
    struct part part;
};

struct result {
    struct desk_key key;
    struct shared **parts; /* NULL: a free place */
    size_t n;
};

struct outbox {
    struct result result[DESK_LEASES_LIMIT];
};

int outbox_new(struct outbox **outbox)
{
    *outbox = calloc(1, sizeof **outbox);
    return *outbox ? 0 : log_fail(STATUS_BUG, "out of memory for an outbox");
}

static void shared_release(void *data, void *hint)
{
    struct shared *shared = hint;
    (void)data;
    if (atomic_fetch_sub(&shared->holders, 1) > 1)
        return;
    part_release(&shared->part);
    free(shared);
}

static void result_free(struct result *result)
{
    for (size_t i = 0; i < result->n; i++)
        shared_release(NULL, result->parts[i]);
    free(result->parts);
    *result = (struct result){0};
}

void outbox_clear(struct outbox *outbox)
{
    for (size_t i = 0; i < DESK_LEASES_LIMIT; i++)
        result_free(&outbox->result[i]);
}

void outbox_destroy(struct outbox **outbox)
{
    if (!*outbox)
        return;
    outbox_clear(*outbox);
    free(*outbox);
    *outbox = NULL;
}

/* Wraps the parts, which are then the result's. */
static int result_fill(struct result *result, struct parcel *parcel)
{
    result->parts = calloc(parcel->n + 1, sizeof(struct shared *));
    if (!result->parts)
        return log_fail(STATUS_BUG, "out of memory for a result");
    for (size_t i = 0; i < parcel->n; i++) {
        struct shared *shared = malloc(sizeof *shared);
        if (!shared) {
            result_free(result);
            return log_fail(STATUS_BUG, "out of memory for a result");
        }
        atomic_init(&shared->holders, 1);
        shared->part = parcel->part[i];
        parcel->part[i] = (struct part){0};
        result->parts[result->n++] = shared;
    }
    parcel->n = 0;
    return 0;
}

int outbox_keep(struct outbox *outbox, struct desk_key key, struct parcel *parcel)
{
    for (size_t i = 0; i < DESK_LEASES_LIMIT; i++) {
        struct result *result = &outbox->result[i];
        if (result->parts)
            continue;
        result->key = key;
        return result_fill(result, parcel);
    }
    return log_fail(STATUS_BUG, "more results than leases");
}

int outbox_copy(struct outbox *outbox, struct desk_key key, struct parcel *copy)
{
    copy->n = 0;
    for (size_t i = 0; i < DESK_LEASES_LIMIT; i++) {
        struct result *result = &outbox->result[i];
        if (!result->parts || memcmp(&result->key, &key, sizeof key) != 0)
            continue;
        for (size_t k = 0; k < result->n; k++) {
            struct shared *shared = result->parts[k];
            atomic_fetch_add(&shared->holders, 1);
            copy->part[copy->n++] =
                (struct part){shared->part.data, shared->part.size, shared_release, shared};
        }
        return 0;
    }
    return OUTBOX_E_ABSENT;
}

void outbox_forget(struct outbox *outbox, uint32_t stage, uint32_t shard)
{
    for (size_t i = 0; i < DESK_LEASES_LIMIT; i++)
        if (outbox->result[i].parts && outbox->result[i].key.stage == stage &&
            outbox->result[i].key.shard == shard)
            result_free(&outbox->result[i]);
}
