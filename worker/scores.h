/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_SCORES_H
#define WORKER_SCORES_H

#include "common/wire_job.h"
#include "common/wire_scores.h"
#include "score/row.h"
#include "worker/attributes.h"
#include "worker/histories.h"

/* A shard's rows (stage 2): the model applied to its histories. */

struct scores;

int scores_new(struct scores **scores) MUST_USE;
void scores_destroy(struct scores **scores);

enum { SCORES_E_OVERFLOW = 1 }; /* the money of scores_culprit does not fit */

/* Begins a shard; all are borrowed until scores_end's answer is no longer needed. What is remembered of
 * a model is kept from shard to shard until model_number is another. */
struct scores_task {
    const struct work_plan *work;
    const struct model *model;
    uint64_t model_number;
    const struct histories *histories;
    const struct attribute_table *attributes;
};
int scores_begin(struct scores *scores, const struct scores_task *task) MUST_USE;

/* Customers from..to in turn; slices keep the caller's loop awake. */
int scores_some(struct scores *scores, uint32_t from, uint32_t to) MUST_USE;

/* The rows in the order of the histories, without those who have none; borrowed until the next
 * scores_begin. */
struct scored {
    const struct score_table *table;
    const char *ids; /* one after the other */
};
struct scored scores_end(const struct scores *scores);

uint32_t scores_culprit(const struct scores *scores);

#endif
