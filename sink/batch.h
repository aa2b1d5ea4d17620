/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_BATCH_H
#define SINK_BATCH_H

#include "common/wire_done.h"
#include "sink/commit.h"

/* Results that have arrived and wait for one commit together. */

#define BATCH_LIMIT 64

struct batch_entry {
    struct peer from;
    struct commit_result result; /* its parcel is the one below */
    struct parcel parcel;
};

struct batch {
    struct batch_entry *entry[BATCH_LIMIT];
    size_t n;
    int64_t since_ms; /* when the first of them came */
};

int batch_full(const struct batch *batch);
/* One more, where there is room; takes the parcel on 0. */
int batch_add(struct batch *batch, struct peer from, const struct commit_result *result,
              struct parcel *parcel, int64_t now_ms) MUST_USE;
/* As commit_results, of all of them; they stay. */
int batch_commit(const struct batch *batch, struct commit *commit) MUST_USE;

/* Which shards they are of, in arrays of BATCH_LIMIT. */
struct shard_keys batch_keys(const struct batch *batch, uint32_t *stages, uint32_t *shards);

void batch_clear(struct batch *batch);

#endif
