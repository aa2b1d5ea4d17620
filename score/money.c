/* SPDX-License-Identifier: Apache-2.0 */
#include "score/money.h"

#include <math.h>

__extension__ typedef __int128 wide;

int money_add(int64_t *sum, int64_t amount)
{
    if (amount > 0 ? *sum > INT64_MAX - amount : *sum < INT64_MIN - amount)
        return MONEY_E_OVERFLOW;
    *sum += amount;
    return 0;
}

/* Half-even: away from zero when the remainder is more than half, or half beside an odd quotient. */
static wide divide_half_even(wide numerator, wide denominator)
{
    wide quotient = numerator / denominator;
    wide twice = (numerator % denominator) * 2;
    if (twice < 0)
        twice = -twice;
    if (twice > denominator || (twice == denominator && quotient % 2 != 0))
        quotient += numerator < 0 ? -1 : 1;
    return quotient;
}

int64_t money_divide(int64_t numerator, int64_t denominator)
{
    return (int64_t)divide_half_even(numerator, denominator);
}

int money_scale(int64_t money, int64_t numerator, int64_t denominator, int64_t *out)
{
    wide scaled = divide_half_even((wide)money * numerator, denominator);
    if (scaled > INT64_MAX || scaled < INT64_MIN)
        return MONEY_E_OVERFLOW;
    *out = (int64_t)scaled;
    return 0;
}

int64_t money_from_units(double units)
{
    double scaled = units * (double)MONEY_PER_UNIT;
    if (scaled >= 9223372036854775807.0)
        return INT64_MAX;
    if (scaled <= -9223372036854775807.0)
        return -INT64_MAX;
    double below = floor(scaled);
    double over = scaled - below;
    int64_t whole = (int64_t)below;
    return whole + (over > 0.5 || (over == 0.5 && whole % 2 != 0));
}

double money_units(int64_t money)
{
    return (double)money / (double)MONEY_PER_UNIT;
}
