/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SPECIAL_TABLE_H
#define SCORE_SPECIAL_TABLE_H

/* Constants of the special functions, worked out to 60 digits and then rounded; special.c and
 * special_gamma.c say what for. */

#define SPECIAL_EXP_STEPS      64
#define SPECIAL_LOG_STEPS      128
#define SPECIAL_ZETA_TERMS     28
#define SPECIAL_LEGENDRE       16
#define SPECIAL_LEGENDRE_SHORT 6

/* 2^(i/64) is value * (1 + rest). */
struct special_exp_step {
    double value;
    double rest;
};

/* The i-th of 128 equal steps (by bits) of the mantissas from 0.6875 to 1.375: a reciprocal of 9
 * bits behind the point, within 1/128 of 1/z for every z of the step, and minus its logarithm as
 * high + low, high a multiple of 2^-42. The steps on both sides of 1 have reciprocal 1. */
struct special_log_step {
    double reciprocal;
    double high;
    double low;
};

/* A node of Gauss-Legendre quadrature over (0, 1). */
struct special_node {
    double at;
    double weight;
};

extern const struct special_exp_step special_exp_table[SPECIAL_EXP_STEPS];
extern const struct special_log_step special_log_table[SPECIAL_LOG_STEPS];
/* (-1)^k (zeta(k) - 1) / k for k = 2, 3, ...: Taylor's coefficients of ln Gamma about 2. */
extern const double special_zeta_table[SPECIAL_ZETA_TERMS];
extern const struct special_node special_legendre_table[SPECIAL_LEGENDRE];
extern const struct special_node special_legendre_short_table[SPECIAL_LEGENDRE_SHORT];

#endif
