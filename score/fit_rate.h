/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FIT_RATE_H
#define SCORE_FIT_RATE_H

#include "score/fit_table.h"

/* What every likelihood here has of the rate at which a customer buys, which is drawn from Gamma(r,
 * alpha), the first two parameters: NBD's likelihood of n events by T,
 *   ln Gamma(r+n) - ln Gamma(r) + r ln alpha - (r+n) ln(alpha+T). */

/* Gamma(p + n) / Gamma(p) for growing n: its logarithm and derivatives by ln p. Starts as {.p = p}. */
struct fit_rate_rise {
    double p;
    double n;
    double log;
    double first;
    double second;
};
void fit_rate_rise(struct fit_rate_rise *self, double n);

/* Adds all but the gamma functions, over the table's distinct T, to FIT_SUMS sums; a purchase is so
 * many events. Fills the table's clock. */
void fit_rate_days(const struct fit_table *table, const double *parameter, int32_t events,
                   double *sum);

#endif
