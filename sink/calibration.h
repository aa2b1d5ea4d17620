/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_CALIBRATION_H
#define SINK_CALIBRATION_H

#include "common/settings.h"
#include "score/stack.h"
#include "score/verdict.h"
#include "sink/crew.h"
#include "sink/rehearsal.h"

struct fitted;
struct job;

/* Whether churn_prob is the model's or the stack's, and why: docs/BACKTEST.md. */
struct calibration {
    enum calibration_choice asked;
    int tried;          /* a stack was wanted, for a backtest or for its churn_prob */
    int has_stack;      /* stack is there */
    int published;      /* it makes churn_prob */
    int has_brier;      /* both are there */
    struct stack stack; /* as fitted[.model.stack], whether published or not */
    int32_t trial_days, horizon_days;
    uint64_t customers;             /* that it learnt from */
    struct verdict_contest contest; /* one trial earlier, the model's against the stack's */
    char reason[128];
};

/* After the churn model. The stack that is to be published is put into fitted->model. */
int calibration_run(struct fitted *fitted, const struct rehearsal *rehearsal, const struct job *job,
                    struct crew *crew) MUST_USE;

#endif
