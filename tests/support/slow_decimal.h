/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SLOW_DECIMAL_H
#define SUPPORT_SLOW_DECIMAL_H

#include <stdint.h>

/* Decimals as strings of digits, calculated as at school: what the product's amounts are compared
 * with. */

#define SLOW_DIGITS 256

struct slow_decimal {
    char digit[SLOW_DIGITS]; /* '0'..'9', most significant first, ended by NUL */
    int scale;               /* so many of them stand behind the mark; may be negative */
};

struct slow_decimal slow_decimal_multiply(const struct slow_decimal *a,
                                          const struct slow_decimal *b);

/* 1/10,000, half-even; -1 where that is more than 10^15. *rounded: something was lost. */
int64_t slow_decimal_money(const struct slow_decimal *decimal, int *rounded);

#endif
