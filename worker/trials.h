/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_TRIALS_H
#define WORKER_TRIALS_H

#include "common/wire_digest.h"
#include "score/plan.h"
#include "worker/histories.h"

/* What was known of the sampled customers plan->trial_days, and twice as long, before as_of, and whether
 * they came back: what a stack learns from and is judged by. Columns that are kept for the next shard. */
struct trials {
    size_t room;
    int64_t *spent;
    uint32_t *days[TRIALS];
    int32_t *span[TRIALS];
    int32_t *age[TRIALS];
    int64_t *then[TRIALS]; /* spent */
    uint8_t *came[TRIALS];
};

void trials_free(struct trials *trials);

struct trials_order {
    const struct histories *histories;
    const struct plan *plan;
    const struct radix_item *who; /* value: index of the customer */
    size_t n;
    struct order_line *scratch; /* as in history_features */
};

/* Fills the trials of *gathered, borrowed. */
int trials_make(struct trials *trials, const struct trials_order *order,
                struct gathered *gathered) MUST_USE;

#endif
