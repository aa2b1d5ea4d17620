/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_CHURN_LANES_H
#define SCORE_CHURN_LANES_H

#include "score/churn_memory.h"

/* A handful of customers side by side, under BG/NBD or MBG/NBD: all CHURN_HANDFUL are worked out, so
 * those that are none must be numbers too (0 does). */
struct churn_lanes {
    double x[CHURN_HANDFUL];
    double span[CHURN_HANDFUL];   /* t_x, days */
    double silent[CHURN_HANDFUL]; /* days since */
    double quiet[CHURN_HANDFUL];  /* of struct forecast, and so on */
    double expected[CHURN_HANDFUL];
    double standing[1 + CHURN_PARAMETERS][CHURN_HANDFUL]; /* of the model, then of those moved to */
    double discounted[1 + CHURN_PARAMETERS][CHURN_HANDFUL];
};

int churn_lanes_fit(const struct churn_model *model);

/* The same bits as churn_outlook. */
void churn_lanes_outlooks(const struct churn_lanes *lanes, const struct churn_model *model,
                          const struct churn_memory *memory, struct churn_outlooks *out);

#endif
