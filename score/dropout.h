/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_DROPOUT_H
#define SCORE_DROPOUT_H

#include <stdint.h>

#include "score/churn.h"
#include "score/survivor.h"

/* What BG/NBD, MBG/NBD and their CNBD kin have in common. A customer buys at a rate drawn from Gamma(r, alpha),
 * and after a purchase he leaves with a probability p drawn from Beta(a, b): a coin is tossed. The
 * models differ in which purchases are followed by a toss. After x repeat purchases, the last at
 * t_x, one who is still there at T has survived a known number of tosses, and one who is gone left
 * at the last of them. Parameters are positive and finite; time is weeks. Of a CNBD kind a purchase
 * is every k-th of the events that happen at the rate (cnbd.h), of the others k = 1. */
struct dropout {
    double r, alpha, a, b;
    int32_t regularity; /* k */
    uint32_t x;
    uint32_t survived; /* tosses, if he is still there */
};

/* The customer of a model of one of these kinds after x repeat purchases. */
struct dropout dropout_of(const struct churn_model *model, uint32_t x);

/* r + kx, the shape of his rate's distribution. */
double dropout_shape(const struct dropout *self);

/* ln L: with s tosses survived, R = r + kx and P the sum over phases, 1 for k = 1 (cnbd.h),
 *   L = B(a, b+s) / B(a, b) * G * (alpha+T)^-R * P
 *       + [s > 0] B(a+1, b+s-1) / B(a, b) * G * (alpha+t_x)^-R,
 *   G = Gamma(R) alpha^r / Gamma(r). */
double dropout_log_likelihood(const struct dropout *self, struct repeat seen);

/* The odds that he is gone are e^(constant + dropout_log_odds_silence) / P, the constant depending
 * on x only: -infinity with no toss survived, because then he cannot be gone. */
double dropout_log_odds_constant(const struct dropout *self);
/* ln((alpha + T) / (alpha + t_x)), which depends on alpha alone of the model. */
double dropout_silence(double alpha, struct repeat seen);
/* R times it. */
double dropout_log_odds_silence(const struct dropout *self, struct repeat seen);

/* What he is from now on, if he is still there; his unit of time is alpha + T. */
struct survivor dropout_survivor(const struct dropout *self);

#endif
