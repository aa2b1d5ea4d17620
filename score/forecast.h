/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FORECAST_H
#define SCORE_FORECAST_H

#include "score/churn.h"
#include "score/survivor.h"

/* What depends on x and T alone of a customer's outlook: most of all what he will do if he is still
 * a customer. Under a CNBD kind that depends on his phase too, how many of the k events to his next
 * purchase are behind him, so there is a number for each of k phases; other kinds have one. */
struct forecast {
    double expected[CHURN_REGULARITY_MOST + 1]; /* purchases within the horizon */
    /* the same, a month's share at that month's worth */
    double discounted[CHURN_REGULARITY_MOST + 1];
    double quiet;    /* P(no purchase within the churn horizon), of k > 1 phases churn.c's part */
    double standing; /* his part in the odds that he is gone: churn.c knows which */
};

/* Phases of a supported kind, 1..CHURN_REGULARITY_MOST. */
int32_t forecast_phases(const struct churn_model *model);

/* The months last worked out, for the next forecast of the same T and horizon, under a model with another
 * parameter: begin with zeros. */
struct forecast_desk {
    double unit;   /* of time, weeks */
    int64_t first; /* months before these */
    struct survivor_lanes lanes;
    double worth[SURVIVOR_LANES]; /* of each month's expectation in the discounted sum */
    double factor;                /* v^i of the last of them */
};

/* Fills expected and discounted; churn.c fills the rest. */
void forecast_make(const struct churn_model *model, struct repeat seen,
                   const struct churn_horizon *horizon, struct forecast_desk *desk,
                   struct forecast *out);

/* Fills expected alone, for one horizon of days > 0. */
void forecast_expected(const struct churn_model *model, struct repeat seen, double days,
                       double *expected);

#endif
