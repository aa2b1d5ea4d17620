/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_RACE_H
#define SCORE_RACE_H

/* Someone who is a customer at a given age: he buys at a rate drawn from Gamma(rho, alpha + age) and
 * leaves at one drawn from Gamma(s, beta + age). Positive and finite; age >= 0, weeks. */
struct race {
    double rho;
    double alpha;
    double s;
    double beta;
    double age;
};

/* The probability that he leaves before he buys again,
 *   s * integral over y from age to infinity of
 *       ((alpha + age) / (alpha + y))^rho ((beta + age) / (beta + y))^s / (beta + y) dy.
 * Relative error <= 1e-12 for rho, s, alpha and beta from 1e-9 to 1e9. */
double race_left_first(const struct race *self);

#endif
