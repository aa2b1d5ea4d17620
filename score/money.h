/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_MONEY_H
#define SCORE_MONEY_H

#include <stdint.h>

/* Money is an int64_t count of 1/10,000 of the currency unit. Sums are exact and notice
 * overflow; a double appears only inside a model, and what leaves a model is rounded half-even
 * to this grid before anything ranks or sums it. */

#define MONEY_PER_UNIT INT64_C(10000)

/* The largest |amount| of one row: 10^11 units. Beyond it a row is a reject. */
#define MONEY_ROW_LIMIT (INT64_C(100000000000) * MONEY_PER_UNIT)

enum { MONEY_E_OVERFLOW = 1 };

/* *sum += amount. MONEY_E_OVERFLOW leaves *sum as it was. */
int money_add(int64_t *sum, int64_t amount);

/* numerator / denominator rounded half-even; denominator > 0. */
int64_t money_divide(int64_t numerator, int64_t denominator);

/* money * numerator / denominator rounded half-even, exact in between (128 bits);
 * denominator > 0. MONEY_E_OVERFLOW when the result does not fit. */
int money_scale(int64_t money, int64_t numerator, int64_t denominator, int64_t *out);

/* Currency units to money, half-even on the double as it is; what does not fit saturates at
 * +-INT64_MAX. units must not be NaN. */
int64_t money_from_units(double units);

/* Money to currency units, the nearest double. */
double money_units(int64_t money);

#endif
