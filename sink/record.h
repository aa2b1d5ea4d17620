/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_RECORD_H
#define SINK_RECORD_H

#include "common/hash.h"
#include "common/store.h"

/* The keys of the sink's store, and its values of a fixed size: docs/STORE.md draws them. Numbers in keys
 * are big-endian, so each family is in its order. */

struct key {
    unsigned char bytes[12];
    size_t size;
};

enum key_family {
    KEY_VERSION = 'v',
    KEY_JOB = 'j',
    KEY_LETTER = 'l', /* + part */
    KEY_DONE = 'd',   /* + stage, shard: a mark */
    KEY_RESULT = 'r', /* + stage, shard, part */
    KEY_MODEL = 'm'
};

struct key key_of(enum key_family family);
struct key key_letter(uint32_t part);
struct key key_stage(enum key_family family, uint32_t stage);
struct key key_done(uint32_t stage, uint32_t shard);
struct key key_result(uint32_t stage, uint32_t shard, uint32_t part);

static inline struct slice key_slice(const struct key *key)
{
    return (struct slice){key->bytes, key->size};
}

/* The shard of a key of KEY_DONE or KEY_RESULT. */
uint32_t key_shard(struct slice key);

/* What KEY_JOB holds. */
struct job_record {
    struct digest id;
    uint64_t sequence;
    uint32_t shards;
    uint32_t phase;            /* enum commit_phase */
    struct digest gathered;    /* provenance of what is kept of stage 1 */
    struct digest scored;      /* and of stage 2 */
    uint32_t scoring, padding; /* whether stage 2 is this job's, not one's before */
};

/* What a done mark holds. */
struct mark {
    struct digest digest; /* of the parts, one after the other */
    uint64_t rows_folded, rows_cached;
    uint32_t attempt, parts, cached;
    uint32_t kept; /* made for an earlier job */
};
/* 0, or -1 where the bytes are no mark. */
int mark_read(struct slice value, struct mark *mark);

#endif
