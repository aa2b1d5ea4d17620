/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_FITTING_H
#define SINK_FITTING_H

#include "common/wire_job.h"
#include "score/fit.h"
#include "score/histogram.h"
#include "score/model.h"
#include "score/tier.h"
#include "sink/calibration.h"
#include "sink/crew.h"
#include "sink/peers.h"
#include "sink/population.h"

/* From the population to the model: cut points, churn model, spend model, peer groups. */

#define FITTING_MODELS 16

/* What was tried, for model.json. */
struct fitted {
    struct model model; /* borrows ids from cut_ids and groups from peers */
    struct fit tried[FITTING_MODELS];
    size_t n_tried;
    int32_t chosen; /* index into tried; -1: no churn model */
    char reason[256];
    struct calibration calibration;
    struct fit_spend spend;
    struct peers peers;
    char *cut_ids; /* ids of NTILE cuts */
    struct population_totals totals;
    struct histogram histogram[RFM_METRICS]; /* of the base */
    double base_mean;                        /* currency units per purchase day */
    /* Cut-offs of tiers and thresholds of actions that --model freezes. */
    int has_cutoffs;
    struct tier_cutoffs cutoffs;
    double churn_threshold[PLAN_TIERS_LIMIT]; /* < 0: none */
    int has_thresholds;
};

/* The model of another run, read from its model.json; what it freezes is taken from it. */
struct frozen {
    struct fitted fitted;
    unsigned refit; /* REFIT_* */
};

/* frozen may be NULL. */
int fitting_run(struct fitted *fitted, struct population *population, const struct job *job,
                const struct frozen *frozen, struct crew *crew) MUST_USE;
void fitted_free(struct fitted *fitted);

#endif
