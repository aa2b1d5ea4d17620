/* SPDX-License-Identifier: Apache-2.0 */
#include "support/slow_decimal.h"

#include <string.h>

struct slow_decimal slow_decimal_multiply(const struct slow_decimal *a,
                                          const struct slow_decimal *b)
{
    int n = (int)strlen(a->digit), m = (int)strlen(b->digit);
    int cell[2 * SLOW_DIGITS] = {0};
    struct slow_decimal product = {.scale = a->scale + b->scale};
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            cell[i + j + 1] += (a->digit[i] - '0') * (b->digit[j] - '0');
    for (int i = n + m - 1; i > 0; i--) {
        cell[i - 1] += cell[i] / 10;
        cell[i] %= 10;
    }
    for (int i = 0; i < n + m; i++)
        product.digit[i] = (char)('0' + cell[i]);
    return product;
}

/* The digit that stands for 10^power. */
static int digit_at(const struct slow_decimal *decimal, int power)
{
    int size = (int)strlen(decimal->digit);
    int i = size - 1 - (power + decimal->scale);
    return i < 0 || i >= size ? 0 : decimal->digit[i] - '0';
}

static int any_below(const struct slow_decimal *decimal, int power)
{
    for (int p = power - 1; p >= -decimal->scale; p--)
        if (digit_at(decimal, p))
            return 1;
    return 0;
}

int64_t slow_decimal_money(const struct slow_decimal *decimal, int *rounded)
{
    const int64_t limit = INT64_C(1000000000000000);
    int64_t units = 0;
    int top = (int)strlen(decimal->digit) - 1 - decimal->scale;
    for (int power = top > -4 ? top : -4; power >= -4; power--) {
        units = units * 10 + digit_at(decimal, power);
        if (units > limit)
            return -1;
    }
    int first = digit_at(decimal, -5), rest = any_below(decimal, -5);
    *rounded = first || rest;
    units += first > 5 || (first == 5 && (rest || units % 2));
    return units > limit ? -1 : units;
}
