/* SPDX-License-Identifier: Apache-2.0 */
/* A double m 2^e with k decimals wanted is m 5^k 2^(e+k): while 5^|k| fits 64 bits (|k| <= 27) the
 * product or quotient is exact in 128 bits, so its remainder tells on which side of a half it lies
 * and no error has to be bounded. That serves everything from 1e-22 up with 6 digits and from
 * 1e-11 with 17; beyond it printf, slow and right, is asked. The shortest-digits algorithms (Grisu,
 * Ryu) answer another question and need tables of a thousand powers. */
#include "common/digits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "score/day.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "eight_digits() puts the first lowest");

__extension__ typedef unsigned __int128 wide;

#define POWERS 28 /* 5^27 is the last below 2^63 */

/* clang-format off */
static const uint64_t power_of_5[POWERS] = {
    1u, 5u, 25u, 125u, 625u, 3125u, 15625u, 78125u, 390625u, 1953125u, 9765625u, 48828125u,
    244140625u, 1220703125u, 6103515625u, 30517578125u, 152587890625u, 762939453125u,
    3814697265625u, 19073486328125u, 95367431640625u, 476837158203125u, 2384185791015625u,
    11920928955078125u, 59604644775390625u, 298023223876953125u, 1490116119384765625u,
    7450580596923828125u,
};

static const uint64_t power_of_10[] = {
    1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u,
    10000000000u, 100000000000u, 1000000000000u, 10000000000000u, 100000000000000u,
    1000000000000000u, 10000000000000000u, 100000000000000000u, 1000000000000000000u,
    10000000000000000000u,
};
/* clang-format on */

/* Eight decimal digits of a value < 10^8, leading zeros included, as bytes 0..9 with the first
 * digit lowest: halves, quarters and eighths of the number side by side in one word. */
static uint64_t eight_digits(uint64_t value)
{
    uint64_t fours = value / 10000 | value % 10000 << 32;
    uint64_t above = (fours * 10486 >> 20) & 0x0000007f0000007f; /* x / 100 for x < 43,699 */
    uint64_t twos = above | (fours - above * 100) << 16;
    uint64_t tens = (twos * 103 >> 10) & 0x000f000f000f000f; /* x / 10 for x < 179 */
    return tens | (twos - tens * 10) << 8;
}

#define ZEROS        0x3030303030303030 /* "00000000" */
#define NOUGHT_POINT 0x3030303030302e30 /* "0.000000" */
#define ALL_EIGHT    100000000u

static void put_word(char *out, uint64_t word)
{
    memcpy(out, &word, sizeof word);
}

static char *put_eight(char *out, uint64_t value)
{
    put_word(out, eight_digits(value) | ZEROS);
    return out + 8;
}

/* The last digits, 1 to 8 of them, of a value < 10^8. */
static char *put_last(char *out, uint64_t value, int length)
{
    put_word(out, (eight_digits(value) | ZEROS) >> (64 - 8 * length));
    return out + length;
}

/* Digits that are 0 before the first that is not, `most` of them at most. */
static int zeros_before(uint64_t digits, int most)
{
    return __builtin_ctzll(digits | UINT64_C(1) << 8 * most) >> 3;
}

/* A value < 10^4: most counts and days. */
static char *put_short_count(char *out, uint32_t value)
{
    uint32_t twos = value / 100 | value % 100 << 16;
    uint32_t tens = (twos * 103 >> 10) & 0x000f000f;
    uint32_t digits = tens | (twos - tens * 10) << 8;
    int zeros = zeros_before(digits, 3);
    digits = (digits | (uint32_t)ZEROS) >> 8 * zeros;
    memcpy(out, &digits, sizeof digits);
    return out + 4 - zeros;
}

static char *put_unsigned(char *out, uint64_t value)
{
    if (value < 10000)
        return put_short_count(out, (uint32_t)value);
    if (value >= ALL_EIGHT)
        return put_eight(put_unsigned(out, value / ALL_EIGHT), value % ALL_EIGHT);
    uint64_t digits = eight_digits(value);
    int zeros = zeros_before(digits, 7);
    put_word(out, (digits | ZEROS) >> 8 * zeros);
    return out + 8 - zeros;
}

/* A minus sign, which the next digit overwrites where there is none. */
static char *put_sign(char *out, int negative)
{
    *out = '-';
    return out + negative;
}

static uint64_t size_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

char *digits_int(char *out, int64_t value)
{
    if (value >= 0 && value < 10) { /* most columns of counts and scores */
        *out = (char)('0' + value);
        return out + 1;
    }
    return put_unsigned(put_sign(out, value < 0), size_of(value));
}

/* Up to eight digits with a point among them, 1 to 4 of them behind it. */
static inline __attribute__((always_inline)) char *put_pointed(char *out, uint64_t value,
                                                               int decimals)
{
    int whole = 8 - decimals;
    uint64_t digits = eight_digits(value);
    int zeros = zeros_before(digits, whole - 1);
    digits |= ZEROS;
    put_word(out, digits >> 8 * zeros);
    out += whole - zeros;
    *out = '.';
    put_word(out + 1, digits >> 8 * whole);
    return out + 1 + decimals;
}

/* Inlined, so that each number of decimals divides by constants of its own. */
static inline __attribute__((always_inline)) char *
put_money(char *out, int64_t money, uint64_t dropped, uint64_t unit, int decimals)
{
    uint64_t size = size_of(money), kept = size / dropped, twice = size % dropped * 2;
    kept += twice > dropped || (twice == dropped && kept % 2 != 0);
    out = put_sign(out, money < 0 && kept > 0);
    if (decimals == 0)
        return put_unsigned(out, kept);
    if (kept < ALL_EIGHT)
        return put_pointed(out, kept, decimals);
    out = put_unsigned(out, kept / unit);
    *out = '.';
    return put_last(out + 1, kept % unit, decimals);
}

char *digits_money(char *out, int64_t money, int decimals)
{
    switch (decimals) {
    case 0:
        return put_money(out, money, 10000, 1, 0);
    case 1:
        return put_money(out, money, 1000, 10, 1);
    case 2:
        return put_money(out, money, 100, 100, 2);
    case 3:
        return put_money(out, money, 10, 1000, 3);
    default:
        return put_money(out, money, 1, 10000, 4);
    }
}

char *digits_money_exact(char *out, int64_t money)
{
    int decimals = 4;
    for (int64_t rest = money; decimals > 0 && rest % 10 == 0; rest /= 10)
        decimals--;
    return digits_money(out, money, decimals);
}

/* 10^LOWEST_POWER and so on, each the smallest double that is not below the power. */
#define LOWEST_POWER (-28)
#define LEAST_SIZE   1e-27
#define SIZE_LIMIT   1e44
/* clang-format off */
static const double power_reached[] = {
    1.0000000000000001e-28, 1e-27, 1e-26, 1e-25, 1.0000000000000001e-24, 1.0000000000000001e-23,
    1e-22, 1.0000000000000001e-21, 1.0000000000000001e-20, 1.0000000000000001e-19, 1e-18, 1e-17,
    1.0000000000000001e-16, 1e-15, 1.0000000000000002e-14, 1e-13, 1.0000000000000002e-12,
    1.0000000000000001e-11, 1e-10, 1e-9, 1e-8, 1.0000000000000001e-7, 1.0000000000000002e-6,
    1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1.0000000000000001e23,
    1.0000000000000001e24, 1e25, 1e26, 1e27, 1.0000000000000002e28, 1.0000000000000001e29, 1e30,
    1.0000000000000001e31, 1e32, 1.0000000000000001e33, 1.0000000000000001e34,
    1.0000000000000002e35, 1e36, 1.0000000000000001e37, 1.0000000000000002e38,
    1.0000000000000001e39, 1e40, 1e41, 1e42, 1e43, 1e44,
};
/* clang-format on */

/* size = mantissa * 2^exponent, mantissa in [2^52, 2^53); not for denormals. */
struct binary {
    double size;
    uint64_t mantissa;
    int exponent;
};

static struct binary binary_of(double size)
{
    uint64_t bits;
    memcpy(&bits, &size, sizeof bits);
    struct binary binary = {size, (bits & 0xfffffffffffff) | 0x10000000000000,
                            (int)(bits >> 52 & 0x7ff) - 1075};
    return binary;
}

/* floor(log10(size)): that of the power of two below it, or one more. */
static int leading_power(struct binary binary)
{
    int above = ((binary.exponent + 52) * 78913 >> 18) + 1; /* 78913 / 2^18: log10(2) */
    return above - (binary.size < power_reached[above - LOWEST_POWER]);
}

/* size * 10^k rounded half-even, a number of 1 to 17 digits; 0 <= k < POWERS. Both factors are
 * moved to the top of 64 bits: the product then has 127 or 128, of which at least 70 are fraction,
 * and all that decides is in its upper half but whether the lower one is 0. */
static uint64_t scaled_up(struct binary binary, int k)
{
    int room = 63 - (k * 152170 >> 16); /* 152170 / 2^16: log2(5) */
    wide product = (wide)(binary.mantissa << 11) * (power_of_5[k] << room);
    uint64_t upper = (uint64_t)(product >> 64), lower = (uint64_t)product;
    int fraction = 11 + room - binary.exponent - k - 64; /* bits of the upper half, 6..63 */
    uint64_t whole = upper >> fraction, rest = upper << (64 - fraction), half = UINT64_C(1) << 63;
    return whole + (rest > half || (rest == half && (lower != 0 || whole % 2 != 0)));
}

/* size / 10^k likewise. */
static uint64_t scaled_down(struct binary binary, int k)
{
    int up = binary.exponent - k;
    wide number = binary.mantissa, unit = power_of_5[k];
    if (up >= 0)
        number <<= up;
    else
        unit <<= -up;
    uint64_t whole = (uint64_t)(number / unit);
    wide rest = number % unit, missing = unit - rest;
    return whole + (rest > missing || (rest == missing && whole % 2 != 0));
}

/* d.ddd * 10^power, the digits as one number. */
struct decimal {
    uint64_t digits;
    int power;
};

/* For LEAST_SIZE <= size < SIZE_LIMIT. 0, or 1 where 128 bits do not hold it. */
static int decimal_of(double size, int significant, struct decimal *decimal)
{
    struct binary binary = binary_of(size);
    decimal->power = leading_power(binary);
    int k = significant - 1 - decimal->power;
    if (k >= POWERS || -k >= POWERS)
        return 1;
    decimal->digits = k >= 0 ? scaled_up(binary, k) : scaled_down(binary, -k);
    if (decimal->digits == power_of_10[significant]) {
        decimal->digits = power_of_10[significant - 1];
        decimal->power++;
    }
    return 0;
}

/* How many of eight digits there are without the zeros at the end; 0 for none. */
static int without_zeros(uint64_t digits)
{
    return digits ? 8 - (__builtin_ctzll(__builtin_bswap64(digits)) >> 3) : 0;
}

#define SHORT 8 /* digits that make one word */

/* Up to SHORT digits: at least point of them, more until only zeros follow; -4 < point <= SHORT. */
static char *put_short(char *out, uint64_t value, int significant, int point)
{
    uint64_t digits = eight_digits(value) >> (64 - 8 * significant);
    int n = without_zeros(digits);
    digits |= ZEROS;
    if (point <= 0) {
        put_word(out, NOUGHT_POINT);
        put_word(out + 2 - point, digits);
        return out + 2 - point + n;
    }
    put_word(out, digits);
    if (n <= point)
        return out + point;
    out[point] = '.';
    put_word(out + point + 1, digits >> 8 * point);
    return out + n + 1;
}

#define LONG 17

/* The same for up to 17 digits; -4 < point <= 17. */
static char *put_long(char *out, uint64_t value, int significant, int point)
{
    char text[2 * LONG] = {0}; /* copied past its digits, never shown */
    value *= power_of_10[LONG - significant];
    uint64_t middle = eight_digits(value / ALL_EIGHT % ALL_EIGHT);
    uint64_t last = eight_digits(value % ALL_EIGHT);
    text[0] = (char)('0' + value / ALL_EIGHT / ALL_EIGHT);
    put_word(text + 1, middle | ZEROS);
    put_word(text + 9, last | ZEROS);
    int n = last ? 9 + without_zeros(last) : 1 + without_zeros(middle);
    if (point <= 0) {
        put_word(out, NOUGHT_POINT);
        memcpy(out + 2 - point, text, LONG);
        return out + 2 - point + n;
    }
    memcpy(out, text, LONG);
    if (n <= point)
        return out + point;
    out[point] = '.';
    memcpy(out + point + 1, text + point, LONG);
    return out + n + 1;
}

/* Powers of what is not left to printf have two digits. */
static char *put_power(char *out, int power)
{
    *out++ = 'e';
    *out++ = power < 0 ? '-' : '+';
    return put_last(out, size_of(power), 2);
}

static char *put_decimal(char *out, struct decimal decimal, int significant)
{
    int scientific = decimal.power < -4 || decimal.power >= significant;
    int point = scientific ? 1 : decimal.power + 1;
    out = significant <= SHORT ? put_short(out, decimal.digits, significant, point)
                               : put_long(out, decimal.digits, significant, point);
    return scientific ? put_power(out, decimal.power) : out;
}

static char *put_slowly(char *out, double value, int significant)
{
    char text[DIGITS_ROOM];
    int n = snprintf(text, sizeof text, "%.*g", significant, value);
    memcpy(out, text, (size_t)n);
    return out + n;
}

/* Any value: not inlined, as what it needs of the stack would be paid for by the others. */
static __attribute__((noinline)) char *put_exactly(char *out, double value, int significant)
{
    struct decimal decimal;
    int negative = signbit(value) != 0;
    double size = fabs(value);
    if (!(size >= LEAST_SIZE && size < SIZE_LIMIT) || decimal_of(size, significant, &decimal))
        return put_slowly(out, value, significant);
    return put_decimal(put_sign(out, negative), decimal, significant);
}

#define SHORT_LEAST 1e-4 /* smaller ones are scientific with any number of digits */
#define SHORT_LIMIT 1e8
#define NEAREST     0.499999

/* One multiplication rounds most values of up to SHORT digits: it is off by less than 2^-26, and who is
 * that near to a half is left to exact work, like all that is scientific. 0 where it cannot say. */
static inline char *put_quickly(char *out, double size, int negative, int significant)
{
    static const double ten_to[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11};
    int power = leading_power(binary_of(size)), k = significant - 1 - power;
    if (k < 0)
        return NULL;
    double scaled = size * ten_to[k];
    int64_t nearest = (int64_t)(scaled + 0.5);
    if (fabs(scaled - (double)nearest) > NEAREST || nearest == (int64_t)power_of_10[significant])
        return NULL;
    return put_short(put_sign(out, negative), (uint64_t)nearest, significant, power + 1);
}

char *digits_double(char *out, double value, int significant)
{
    int negative = signbit(value) != 0;
    double size = fabs(value);
    if (size == 0 || size == 1) { /* certainty, of probabilities */
        out = put_sign(out, negative);
        *out = (char)('0' + (size > 0));
        return out + 1;
    }
    char *end = NULL;
    if (significant <= SHORT && size >= SHORT_LEAST && size < SHORT_LIMIT)
        end = put_quickly(out, size, negative, significant);
    return end ? end : put_exactly(out, value, significant);
}

char *digits_day(char *out, int32_t day)
{
    struct civil date = day_to_civil(day);
    uint64_t digits = (uint64_t)date.year * 10000 + (uint64_t)date.month * 100;
    digits = eight_digits(digits + (uint64_t)date.day) | ZEROS;
    put_word(out, (digits & 0xffffffff) | (uint64_t)'-' << 32);
    put_word(out + 5, digits >> 32);
    out[7] = '-';
    put_word(out + 8, digits >> 48);
    return out + DIGITS_DAY;
}
