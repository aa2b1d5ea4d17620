/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SPREAD_H
#define SCORE_SPREAD_H

#include "score/churn.h"
#include "score/special_lanes.h"
#include "score/spend.h"

/* How far clv could lie off because parameters are estimates: the delta method on log clv, with the
 * covariance of the fitted log-parameters. It says nothing of chance in the customer's future. */

/* Of a model; all 0: unknown. */
struct uncertainty {
    double churn[CHURN_PARAMETERS][CHURN_PARAMETERS]; /* covariance of log parameters */
    double spend[3][3];                               /* of ln p, ln q, ln v */
};

/* The churn model moved along each column of the covariance's root; fewer where some parameters ran off, which
 * are taken as they are. */
struct spread_axes {
    int32_t n; /* 0: unknown */
    struct churn_model moved[CHURN_PARAMETERS];
};
#define SPREAD_STEP 0.125 /* standard errors */

struct spread_axes spread_axes_of(const struct churn_model *model,
                                  const struct uncertainty *uncertainty);

/* Whether the error of E[M] is known: not where the gamma-gamma has no covariance. */
int spread_spend_known(const struct spend_model *model, const struct uncertainty *uncertainty);

/* For SPECIAL_LANES customers side by side, whose numbers must all be numbers, the standard error of ln
 * E[M]; 0 where spend is the base's mean. x of them is whole. */
void spread_of_spend(const struct spend_model *model, const struct uncertainty *uncertainty,
                     const double *x, const double *m, double *spread);

/* *spread, theirs of spend, becomes their standard error of log clv, by how it changes along each of
 * n axes (ln of discounted purchases at the moved model over those at the model). Never NaN, at most
 * SPREAD_MOST. */
#define SPREAD_MOST 100.0
void spread_of(const double (*moved)[SPECIAL_LANES], int32_t n, const double *discounted,
               double *spread);

/* Ends of the 90 % interval of a clv (money, >= 0) with that standard error: clv e^(-+1.645 s). */
int64_t spread_low(int64_t clv, double spread);
int64_t spread_high(int64_t clv, double spread);
/* Those of n <= SPECIAL_LANES customers side by side, to the same bits. */
void spread_ends(const int64_t *clv, const double *spread, size_t n, int64_t *low, int64_t *high);

/* P(low <= value < high) of a value (money, >= 0) with that standard error of its log; a limit that
 * is not there is INT64_MIN or INT64_MAX. */
double spread_within(int64_t value, double spread, int64_t low, int64_t high);

/* The standard normal distribution function, to 1e-14. */
double spread_normal(double z);

#endif
