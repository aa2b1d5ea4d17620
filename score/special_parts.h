/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_SPECIAL_PARTS_H
#define SCORE_SPECIAL_PARTS_H

#include <math.h>
#include <stdint.h>

#include "score/bits.h"
#include "score/special_table.h"

/* What exp and log are made of, for special.c, which takes one number, and those who take many at once and
 * must come to the same bits. */

#define ROUND_MAGIC   0x1.8p52 /* adding it leaves the nearest integer in the low bits */
#define SIGN_MAGIC    0x1.8000000000800p52 /* the same and 2^11, for numbers of 12 bits and a sign */
#define EXP_PER_UNIT  0x1.71547652b82fep+6 /* 64 / ln 2 */
#define EXP_STEP_HIGH 0x1.62e42fef80000p-7 /* ln 2 / 64, 34 bits */
#define EXP_STEP_LOW  0x1.1cf79abc9e3b4p-42
#define EXP_NEAR      700.0 /* all that e^x is made of is normal for |x| up to here */
#define EXP_UNDERFLOW (-0x1.74910d52d3052p+9) /* below it e^x rounds to 0 */
#define LN2_HIGH      0x1.62e42fefa3800p-1    /* a multiple of 2^-42 */
#define LN2_LOW       0x1.ef35793c76730p-45
#define LOG_FIRST     UINT64_C(0x3fe6000000000000) /* 0.6875 */
#define LOG_NEAR      0x1p-7                       /* where log_tail holds */
#define LOG_LARGEST   0x1p1023                     /* beyond it log_parts' scale has no exponent */
#define EXPONENT_BITS UINT64_C(0xfff0000000000000)
#define UPPER_43_BITS UINT64_C(0xfffffffffffffc00)

/* high + low, low at most half an ulp of high. */
struct pair {
    double high;
    double low;
};

static inline struct pair sum_exact(double a, double b)
{
    double sum = a + b;
    double of_b = sum - a;
    return (struct pair){sum, (a - (sum - of_b)) + (b - of_b)};
}

/* e^x = 2^(steps / 64) * e^rest. */
struct reduced {
    uint64_t steps; /* two's complement */
    double rest;    /* |rest| <= ln 2 / 128 */
    double low;     /* what rest lacks */
};

static inline struct reduced exp_reduce(double x)
{
    double nearest = x * EXP_PER_UNIT + ROUND_MAGIC;
    struct reduced out = {.steps = bits_of(nearest) - bits_of(ROUND_MAGIC)};
    double steps = nearest - ROUND_MAGIC;
    double high = x - steps * EXP_STEP_HIGH;
    double low = steps * EXP_STEP_LOW;
    out.rest = high - low;
    out.low = (high - out.rest) - low;
    return out;
}

/* 2^(steps / 64), the rounded part of it; the result must be a normal number. */
static inline double exp_scale(uint64_t steps)
{
    uint64_t step = steps % SPECIAL_EXP_STEPS;
    return of_bits(bits_of(special_exp_table[step].value) + ((steps - step) << 46));
}

/* (e^r - 1 - r) / r^2 for |r| <= ln 2 / 128, relative error 2^-53. */
static inline double exp_tail(double r)
{
    return 0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720))));
}

/* (ln(1 + r) - r) / r^2 for |r| <= 1/128, relative error of r^2 times it 2^-59 of r. */
static inline double log_tail(double r)
{
    double even = -1.0 / 2 + r * r * (-1.0 / 4 + r * r * (-1.0 / 6 + r * r * (-1.0 / 8)));
    double odd = 1.0 / 3 + r * r * (1.0 / 5 + r * r * (1.0 / 7));
    return even + r * odd;
}

/* ln(u + rest) for a normal 0 < u <= LOG_LARGEST and |rest| <= ulp(u), as high + (low + r^2 log_tail(r)). */
struct log_sum {
    double high;
    double low;
    double r;
};

static inline struct log_sum log_sum(double u, double rest)
{
    uint64_t bits = bits_of(u);
    uint64_t above = bits - LOG_FIRST;
    const struct special_log_step *step = &special_log_table[(above >> 45) % SPECIAL_LOG_STEPS];
    double exponent = of_bits(bits_of(ROUND_MAGIC) + ((above >> 52) ^ 0x800)) - SIGN_MAGIC;
    uint64_t mantissa_bits = bits - (above & EXPONENT_BITS);
    double z = of_bits(mantissa_bits);
    double z_high = of_bits(mantissa_bits & UPPER_43_BITS);
    double scale = of_bits(UINT64_C(0x3ff0000000000000) - (above & EXPONENT_BITS));
    double z_low = (z - z_high) + rest * scale;
    struct pair r = sum_exact(z_high * step->reciprocal - 1.0, z_low * step->reciprocal);
    double base = exponent * LN2_HIGH + step->high;
    double high = base + r.high;
    double low = (base - high) + r.high;
    low += exponent * LN2_LOW + step->low + r.low;
    return (struct log_sum){high, low, r.high};
}

/* The same with some 60 bits; not yet a pair: the lower part may be as large as 2^-7 of the higher. */
static inline struct pair log_parts(double u, double rest)
{
    struct log_sum sum = log_sum(u, rest);
    return (struct pair){sum.high, sum.low + sum.r * sum.r * log_tail(sum.r)};
}

#endif
