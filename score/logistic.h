/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_LOGISTIC_H
#define SCORE_LOGISTIC_H

#include <stddef.h>

/* What a likelihood with two ways to a history wants of the log-odds d of the second, for many at
 * once: absolute errors <= 4e-16 (of soft, of the larger of 1 and the value), which is all that a
 * sum over customers can use. The special functions promise more and take three times as long. */

#define LOGISTIC_MOST 64

struct logistic {
    double soft[LOGISTIC_MOST];  /* ln(1 + e^d) */
    double share[LOGISTIC_MOST]; /* e^d / (1 + e^d) */
    double both[LOGISTIC_MOST];  /* share (1 - share) */
};

/* n <= LOGISTIC_MOST finite log-odds. */
void logistic_of(const double *log_odds, size_t n, struct logistic *out);

/* e^-fall for n falls >= 0, n <= LOGISTIC_MOST: relative errors <= 4e-16 down to e^-700, below which
 * all are that. */
void logistic_decay(const double *fall, size_t n, double *out);

#endif
