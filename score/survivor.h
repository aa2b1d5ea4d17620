/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SURVIVOR_H
#define SCORE_SURVIVOR_H

#include <stddef.h>

/* Someone who is still a customer: he buys at a rate drawn from Gamma(rho, 1), in a unit of time
 * of his own (his alpha + T), and after each purchase leaves with a probability p drawn from
 * Beta(a, b). Both BG/NBD and MBG/NBD end in this with rho = r + x. */
struct survivor {
    double rho;
    double a;
    double b;
};

/* How many horizons are worked out side by side. */
#define SURVIVOR_LANES 16

/* Horizons, and what customers who differ in rho or b alone share of them: most of what one costs. */
struct survivor_lanes {
    size_t n;                   /* <= SURVIVOR_LANES */
    double tau[SURVIVOR_LANES]; /* in his unit of time, >= 0, ascending */
    int has_log, has_a;         /* whether what follows has been worked out, and for which a */
    double a;
    double log[SURVIVOR_LANES];   /* ln(1 + tau) */
    double last;                  /* the last z, tau / (1 + tau) */
    double share[SURVIVOR_LANES]; /* the others' of it */
    double fade[SURVIVOR_LANES];  /* (1 + tau)^(1-a) */
    double gain[SURVIVOR_LANES];  /* (fade - 1) / (1 - a), or ln(1 + tau) */
};

/* Expected purchases within each of the horizons,
 *   E = integral over p of (1 - (1 + p tau)^-rho) / p * Beta(p; a, b),
 * which is
 *   (a + b - 1) / (a - 1) * [1 - (1 + tau)^-rho F(rho, b; a + b - 1; tau / (1 + tau))]
 * with its removable singularities at a = 1 and a + b = 1 removed; relative error <= 1e-11 for
 * rho, a and b from 1e-9 to 1e9. */
void survivor_expected(const struct survivor *self, struct survivor_lanes *lanes, double *expected);

/* The same by quadrature: for every argument, and some ten times slower. */
void survivor_by_quadrature(const struct survivor *self, const double *tau, size_t n,
                            double *expected);

#endif
