/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_REGULAR_H
#define SCORE_REGULAR_H

#include "score/churn.h"
#include "score/survivor.h"

/* A survivor (survivor.h) of whose events every k-th is a purchase, after which he may leave: what
 * BG/CNBD-k and MBG/CNBD-k end in, with rho = r + kx. In phase j he has j of the k events to his next
 * purchase behind him, and of what is known of his rate that makes Gamma(rho + j, 1). */
struct regular {
    struct survivor who;
    int32_t k; /* 2..CHURN_REGULARITY_MOST */
};

/* Expected purchases within each of n horizons for each phase, expected[j][i],
 *   E_j = sum over n >= 1 of B(a, b+n-1) / B(a, b) * P(Z_j >= nk - j),
 * Z_j being the events within the horizon; for 0 < tau[i] in his unit of time, ascending, n <=
 * SURVIVOR_LANES. Relative error <= 1e-11 for rho from 1e-6 to 1e7, a and b from 1e-9 to 1e9. */
void regular_expected(const struct regular *self, const double *tau, size_t n,
                      double (*expected)[SURVIVOR_LANES]);

/* The same by an integral over p, for horizons of many events: for those in which few are likely it
 * cancels. */
void regular_by_quadrature(const struct regular *self, const double *tau, size_t n,
                           double (*expected)[SURVIVOR_LANES]);

#endif
