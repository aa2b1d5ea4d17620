/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FIT_DROPOUT_H
#define SCORE_FIT_DROPOUT_H

#include "score/fit_table.h"
#include "score/minimise.h"

/* Minus the mean log-likelihood of a table under BG/NBD or MBG/NBD, with both derivatives by the
 * logarithms of r, alpha, a, b. */
struct fit_dropout {
    struct fit_table *table;
    enum churn_kind kind;  /* CHURN_BGNBD or CHURN_MBGNBD */
    double r, alpha, a, b; /* of the evaluation under way */
};

/* A minimise_problem's evaluate; context is a struct fit_dropout. */
void fit_dropout_evaluate(void *context, const double *at, struct minimise_slope *out);

/* Where a fit may start: logarithms of the parameters, scaled to how often the table's customers
 * buy. i < FIT_DROPOUT_STARTS. */
#define FIT_DROPOUT_STARTS 5
void fit_dropout_start(const struct fit_table *table, int i, double *at);

#endif
