/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/batch.h"

#include <stdlib.h>

#include "common/log.h"

int batch_full(const struct batch *batch)
{
    return batch->n == BATCH_LIMIT;
}

int batch_add(struct batch *batch, struct peer from, const struct commit_result *result,
              struct parcel *parcel, int64_t now_ms)
{
    struct batch_entry *entry = malloc(sizeof *entry);
    if (!entry)
        return log_fail(STATUS_BUG, "out of memory for a result");
    *entry = (struct batch_entry){from, *result, *parcel};
    entry->result.parcel = &entry->parcel;
    parcel->n = 0;
    if (batch->n == 0)
        batch->since_ms = now_ms;
    batch->entry[batch->n++] = entry;
    return 0;
}

int batch_commit(const struct batch *batch, struct commit *commit)
{
    struct commit_result results[BATCH_LIMIT];
    for (size_t i = 0; i < batch->n; i++)
        results[i] = batch->entry[i]->result;
    return commit_results(commit, results, batch->n);
}

struct shard_keys batch_keys(const struct batch *batch, uint32_t *stages, uint32_t *shards)
{
    for (size_t i = 0; i < batch->n; i++) {
        stages[i] = batch->entry[i]->result.stage;
        shards[i] = batch->entry[i]->result.shard;
    }
    return (struct shard_keys){batch->n, stages, shards};
}

void batch_clear(struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        parcel_clear(&batch->entry[i]->parcel);
        free(batch->entry[i]);
    }
    batch->n = 0;
}
