/* SPDX-License-Identifier: Apache-2.0 */
/* Exact sums and products in integers, 128 bits where a product needs them. The one way in from
 * floating point rounds the double itself: multiplying by 10,000 and rounding the product would
 * round twice, and put 0.00005 (a double just above the tie) on the wrong side. */
#include "score/money.h"

#include <math.h>
#include <string.h>

#define DOUBLES_ARE_WHOLE 4503599627370496.0 /* 2^52 */

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
    int64_t quotient = numerator / denominator, rest = numerator % denominator;
    int64_t over = rest < 0 ? -rest : rest, missing = denominator - over;
    if (over > missing || (over == missing && quotient % 2 != 0))
        quotient += numerator < 0 ? -1 : 1;
    return quotient;
}

int money_scale(int64_t money, int64_t numerator, int64_t denominator, int64_t *out)
{
    int64_t product;
    if (!__builtin_mul_overflow(money, numerator, &product)) { /* nearly all there is */
        *out = money_divide(product, denominator);
        return 0;
    }
    wide scaled = divide_half_even((wide)money * numerator, denominator);
    if (scaled > INT64_MAX || scaled < INT64_MIN)
        return MONEY_E_OVERFLOW;
    *out = (int64_t)scaled;
    return 0;
}

/* units * MONEY_PER_UNIT without rounding, as the sum of a double and what it lacks: both halves
 * of the mantissa times 10,000 are exact, and so is the error of adding them (Dekker 1971). */
static double scaled_exactly(double units, double *lack)
{
    uint64_t bits;
    memcpy(&bits, &units, sizeof bits);
    bits &= ~UINT64_C(0x3ffffff);
    double upper;
    memcpy(&upper, &bits, sizeof upper);
    double a = upper * (double)MONEY_PER_UNIT;
    double b = (units - upper) * (double)MONEY_PER_UNIT;
    double sum = a + b;
    *lack = (a - sum) + b;
    return sum;
}

static int64_t round_exactly(double units)
{
    double lack, scaled = units * (double)MONEY_PER_UNIT;
    if (scaled >= 9223372036854775807.0)
        return INT64_MAX;
    if (scaled <= -9223372036854775807.0)
        return -INT64_MAX;
    scaled = scaled_exactly(units, &lack);
    double below = floor(scaled);
    double over = scaled - below;
    int64_t whole = (int64_t)below;
    if (fabs(scaled) >= DOUBLES_ARE_WHOLE) { /* the fraction is in what the sum lacks */
        below = floor(lack);
        over = lack - below;
        whole += (int64_t)below;
        lack = 0;
    }
    int up = over > 0.5 || (over == 0.5 && (lack > 0 || (lack == 0 && whole % 2 != 0)));
    return whole + up;
}

/* What is not next to a tie need not be exact: below TIES_SEEN the product is off by less than 2^-11. */
#define TIES_SEEN 4398046511104.0 /* 2^42 */
#define NEXT_TO   0x1p-10

int64_t money_from_units(double units)
{
    double scaled = units * (double)MONEY_PER_UNIT;
    if (!(fabs(scaled) < TIES_SEEN))
        return round_exactly(units);
    int64_t whole = (int64_t)scaled;
    whole -= (double)whole > scaled;
    double over = scaled - (double)whole;
    return fabs(over - 0.5) > NEXT_TO ? whole + (over > 0.5) : round_exactly(units);
}

double money_units(int64_t money)
{
    return (double)money / (double)MONEY_PER_UNIT;
}
