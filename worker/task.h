/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_TASK_H
#define WORKER_TASK_H

#include "common/wire.h"
#include "common/wire_job.h"
#include "worker/cache.h"

/* One shard's work, in steps short enough for a loop to stay awake: frames are folded as they come,
 * the block goes to the cache, then either the digest is gathered (stage 1) or the customers are
 * scored (stage 2). The histories of stage 2 are read from the cache, not from the wire. */

struct task;
struct trace;

int task_new(struct cache *cache, struct task **task) MUST_USE;
void task_destroy(struct task **task);
/* Who traces, if anybody. */
void task_trace(struct task *task, struct trace *trace);

struct task_order {
    uint32_t stage, shard;
    const struct work_plan *work;
    const struct model *model; /* stage 2 */
    uint64_t
        model_number; /* another for each plan and model: what was remembered for one is forgotten */
    const struct digest *want; /* borrowed until task_begin returns */
    size_t n_want;
    const struct digest *have;
    size_t n_have;
    uint32_t frames;
    struct digest attributes;
    int attributes_follow;
};

enum {
    TASK_E_NO_BLOCK = 1, /* the cache does not hold what the order says it does */
    TASK_E_DATA,         /* the ledger is at fault; task_words says how */
    TASK_E_MALFORMED,    /* frames that no ventilator sends */
    TASK_E_MORE          /* call again */
};

int task_begin(struct task *task, const struct task_order *order) MUST_USE;
/* One DATA payload: part 1 of the parcel. */
int task_frame(struct task *task, enum data_code code, const struct parcel *parcel) MUST_USE;
/* Whether frames are still to come before task_step has anything to do. */
int task_hungry(const struct task *task);
/* A stretch of work: TASK_E_MORE, 0 when the result's payload parts (Work first) are in parcel after
 * what was there, or an answer above. */
int task_step(struct task *task, struct parcel *parcel) MUST_USE;

/* Records done, rising; for beats. */
uint64_t task_progress(const struct task *task);
const char *task_words(const struct task *task);

#endif
