/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_PNBD_H
#define SCORE_PNBD_H

#include <stddef.h>

#include "score/churn.h"

/* Pareto/NBD: Schmittlein, Morrison & Colombo, "Counting Your Customers" (Management Science 33,
 * 1987). A customer buys at a rate drawn from Gamma(r, alpha) and leaves, at any time and unseen, at
 * a rate drawn from Gamma(s, beta). parameter is r, alpha, s, beta.
 *
 * All of it is made of one probability, that a customer of some age leaves before he buys again
 * (race.h). With K(t) that probability at age t for someone who has bought x times and
 *   q(t, u) = ((alpha + t) / (alpha + u))^(r + x) ((beta + t) / (beta + u))^s,
 * the probability that who is there at t has neither left nor bought by u,
 *   there : gone at T              = q(t_x, T) : K(t_x) - q(t_x, T) K(T),
 *   P(no purchase in h | there)    = K(T) + q(T, T + h) (1 - K(T + h)). */
struct pnbd {
    double r, alpha, s, beta;
    uint32_t x;
};

struct pnbd pnbd_of(const double *parameter, uint32_t x);

/* K at an age of so many days. */
double pnbd_left_first(const struct pnbd *self, double age_days);

/* q from an age of so many days over some more. */
double pnbd_silent(const struct pnbd *self, double age_days, double days);

/* ln L: with G = Gamma(r+x) alpha^r beta^s / Gamma(r),
 *   L = G [ (alpha+T)^-(r+x) (beta+T)^-s
 *           + s * integral over y from t_x to T of (alpha+y)^-(r+x) (beta+y)^-(s+1) dy ]. */
double pnbd_log_likelihood(const struct pnbd *self, struct repeat seen);

/* The probability of no purchase in so many days from T on, if he is still there; now is K(T). */
double pnbd_quiet(const struct pnbd *self, int32_t age_days, int32_t days, double now);

/* Expected purchases within n horizons if he is still there, in units of beta + T:
 *   (r+x) (beta+T) / ((alpha+T) (s-1)) [1 - (1 + tau)^(1-s)]. */
void pnbd_expected(const struct pnbd *self, int32_t age_days, const double *tau, size_t n,
                   double *expected);

#endif
