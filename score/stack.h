/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_STACK_H
#define SCORE_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "score/churn.h"

/* Whether a customer comes back within the churn horizon, by logistic regression on his history, with
 * the level of a churn model; docs/BACKTEST.md says why, and what it gains. */

#define STACK_FEATURES 5

/* What it looks at. */
struct stack_customer {
    struct repeat repeat;
    int64_t spent; /* monetary_total; 0 without amounts */
};

struct stack {
    int32_t horizon_days; /* that it speaks of; 0: there is none */
    double intercept;
    double weight[STACK_FEATURES]; /* of the features as they are */
};

/* "recency" and so on, as model.json has it. */
const char *stack_feature_name(size_t i);

/* The features: square root of the recency in weeks; recency by tenure; ln of (recency by the mean gap,
 * a week more of each; of the tenure where there is no gap); ln of the purchase days; ln(1 + spend a
 * purchase day). */
void stack_features(const struct stack_customer *customer, double feature[STACK_FEATURES]);

/* P(no purchase within horizon_days). */
double stack_quiet(const struct stack *stack, const struct stack_customer *customer);

/* One customer to learn from. */
struct stack_case {
    double feature[STACK_FEATURES];
    int came; /* back */
};

enum { STACK_E_ONE_SIDED = 1 }; /* all came back, or none: nothing to learn */

/* Maximum penalised likelihood: features scaled to mean 0 and variance 1, half the sum of squares of
 * their weights taken off ln L (the intercept goes free). Sums run in the order of the cases. */
int stack_fit(const struct stack_case *cases, size_t n, struct stack *out);

/* Moves the intercept until the mean probability of coming back is `mean` (between 0 and 1) over the
 * n cases; log_odds is room for n numbers. */
void stack_level(struct stack *stack, const struct stack_case *cases, size_t n, double mean,
                 double *log_odds);

/* ln(p / (1 - p)) of coming back. */
double stack_log_odds(const struct stack *stack, const double feature[STACK_FEATURES]);

/* 1 / (1 + e^-x), for any x. */
double stack_share(double log_odds);

#endif
