/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_QUANTILE_LINE_H
#define SCORE_QUANTILE_LINE_H

#include <stddef.h>
#include <stdint.h>

/* Linear quantile regression (Koenker & Bassett 1978) with one slope and an intercept a group:
 * minimises sum rho(y - a_g - b x), rho(r) = tau r for r >= 0 and (tau - 1) r below. */

struct quantile_line_points {
    size_t n_groups;
    const size_t *first;    /* n_groups + 1: group g is first[g] .. first[g + 1], may be empty */
    const double *x, *y;    /* finite */
    int64_t tau_millionths; /* 1..999,999 */
};

/* The slope at which the sum is least; the least such slope where there are several. Exact to the
 * last bits of a double at tolerance 0; relative tolerance otherwise. 1 where no group has two
 * different x. scratch holds as many entries as the largest group. */
double quantile_line_slope(const struct quantile_line_points *points, double tolerance,
                           int64_t *scratch);

/* The intercept of n >= 1 residuals y - b x: the one of rank ceil(tau n), which is what a vertex of
 * the linear program has. As rank from 0. */
size_t quantile_line_rank(size_t n, int64_t tau_millionths);

/* Doubles as integers of the same order, and back; not NaN. -0 comes before 0. */
int64_t quantile_line_key(double value);
double quantile_line_value(int64_t key);

#endif
