/* SPDX-License-Identifier: Apache-2.0 */
/* exp and log reduce their argument to a step of a small table and a short polynomial of what is
 * left. What every step keeps exact without a fused multiply-add: exp's multiple of ln 2 / 64 has
 * 34 bits, log's reciprocals have 9 bits behind the point, so that their products with an integer
 * or with half a mantissa do not round. Pure polynomials over a whole octave were refused: they
 * need twice the terms and end nearer 1 ulp than 0.5. Everything is written so that a compiler may
 * neither fuse nor reorder it (-ffp-contract=off); rounding is to nearest even. */
#include "score/special.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "score/special_table.h"

#define ROUND_MAGIC   0x1.8p52 /* adding it leaves the nearest integer in the low bits */
#define EXP_PER_UNIT  0x1.71547652b82fep+6 /* 64 / ln 2 */
#define EXP_STEP_HIGH 0x1.62e42fef80000p-7 /* ln 2 / 64, 34 bits */
#define EXP_STEP_LOW  0x1.1cf79abc9e3b4p-42
#define EXP_NEAR      700.0 /* all that e^x is made of is normal for |x| up to here */
#define EXP_OVERFLOW  0x1.62e42fefa39efp+9    /* the largest double with a finite exp */
#define EXP_UNDERFLOW (-0x1.74910d52d3052p+9) /* below it e^x rounds to 0 */
#define LN2_HIGH      0x1.62e42fefa3800p-1    /* a multiple of 2^-42 */
#define LN2_LOW       0x1.ef35793c76730p-45
#define LOG_FIRST     UINT64_C(0x3fe6000000000000) /* 0.6875 */
#define LOG_NEAR      0x1p-7                       /* where log_tail holds */
#define LOG_LARGEST   0x1p1023                     /* beyond it log_parts' scale has no exponent */
#define EXPONENT_BITS UINT64_C(0xfff0000000000000)
#define UPPER_43_BITS UINT64_C(0xfffffffffffffc00)
#define VELTKAMP      0x1.0000002p27 /* 2^27 + 1 splits a mantissa in halves */

/* high + low, low at most half an ulp of high. */
struct pair {
    double high;
    double low;
};

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static struct pair sum_exact(double a, double b)
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

static struct reduced exp_reduce(double x)
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
static double exp_scale(uint64_t steps)
{
    uint64_t step = steps % SPECIAL_EXP_STEPS;
    return of_bits(bits_of(special_exp_table[step].value) + ((steps - step) << 46));
}

/* (e^r - 1 - r) / r^2 for |r| <= ln 2 / 128, relative error 2^-53. */
static double exp_tail(double r)
{
    return 0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720))));
}

/* e^x for an x whose exp is not a normal number, or next to that. */
static double exp_far(double x)
{
    if (x > EXP_OVERFLOW)
        return HUGE_VAL;
    if (x < EXP_UNDERFLOW)
        return 0.0;
    if (!(x <= EXP_OVERFLOW))
        return x;
    struct reduced at = exp_reduce(x);
    int shift = x > 0 ? 1 : -1000;
    double scale = exp_scale(at.steps - (uint64_t)(int64_t)(shift * SPECIAL_EXP_STEPS));
    double rest = special_exp_table[at.steps % SPECIAL_EXP_STEPS].rest;
    double tail = rest + (at.rest + at.rest * at.rest * exp_tail(at.rest));
    return ldexp(scale + scale * tail, shift);
}

double special_exp(double x)
{
    if (!(fabs(x) < EXP_NEAR))
        return exp_far(x);
    struct reduced at = exp_reduce(x);
    double scale = exp_scale(at.steps);
    double rest = special_exp_table[at.steps % SPECIAL_EXP_STEPS].rest;
    double tail = rest + (at.rest + at.rest * at.rest * exp_tail(at.rest));
    return scale + scale * tail;
}

struct special_grown special_grow(double x)
{
    if (!(fabs(x) < EXP_NEAR))
        return (struct special_grown){special_exp(x), special_expm1(x)};
    struct reduced at = exp_reduce(x);
    double scale = exp_scale(at.steps);
    double rest = special_exp_table[at.steps % SPECIAL_EXP_STEPS].rest;
    double square = at.rest * at.rest * exp_tail(at.rest);
    double tail = rest + (at.rest + square);
    double exact = at.rest + (rest + at.low + square);
    return (struct special_grown){scale + scale * tail, (scale - 1.0) + scale * exact};
}

double special_expm1(double x)
{
    if (!(fabs(x) < EXP_NEAR))
        return exp_far(x) - 1.0;
    struct reduced at = exp_reduce(x);
    double scale = exp_scale(at.steps);
    double rest = special_exp_table[at.steps % SPECIAL_EXP_STEPS].rest;
    double square = at.rest * at.rest;
    double tail = at.rest + (rest + at.low + square * exp_tail(at.rest));
    return (scale - 1.0) + scale * tail;
}

/* (ln(1 + r) - r) / r^2 for |r| <= 1/128, relative error of r^2 times it 2^-59 of r. */
static double log_tail(double r)
{
    double even = -1.0 / 2 + r * r * (-1.0 / 4 + r * r * (-1.0 / 6 + r * r * (-1.0 / 8)));
    double odd = 1.0 / 3 + r * r * (1.0 / 5 + r * r * (1.0 / 7));
    return even + r * odd;
}

/* ln(u + rest) for a normal 0 < u <= LOG_LARGEST and |rest| <= ulp(u), with some 60 bits; not yet
 * a pair: the lower part may be as large as 2^-7 of the higher. */
static struct pair log_parts(double u, double rest)
{
    uint64_t bits = bits_of(u);
    uint64_t above = bits - LOG_FIRST;
    const struct special_log_step *step = &special_log_table[(above >> 45) % SPECIAL_LOG_STEPS];
    double exponent = (double)((int32_t)((above >> 52) ^ 0x800) - 0x800);
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
    return (struct pair){high, low + r.high * r.high * log_tail(r.high)};
}

/* ln x for an x that log_parts does not take. */
static double log_far(double x)
{
    if (x > DBL_MAX || x != x)
        return x;
    if (x == 0.0)
        return -HUGE_VAL;
    if (x < 0.0)
        return of_bits(UINT64_C(0x7ff8000000000000));
    double shift = x < 1.0 ? -54.0 : 54.0;
    struct pair parts = log_parts(x < 1.0 ? x * 0x1p54 : x * 0x1p-54, 0.0);
    double base = shift * LN2_HIGH + parts.high;
    double low = (shift * LN2_HIGH - base) + parts.high;
    return base + (low + parts.low + shift * LN2_LOW);
}

double special_log(double x)
{
    if (!(x >= DBL_MIN && x <= LOG_LARGEST))
        return log_far(x);
    struct pair parts = log_parts(x, 0.0);
    return parts.high + parts.low;
}

double special_log1p(double x)
{
    if (fabs(x) <= LOG_NEAR)
        return x + x * x * log_tail(x);
    if (!(x > -1.0 && x <= LOG_LARGEST))
        return log_far(1.0 + x);
    struct pair u = sum_exact(1.0, x);
    struct pair parts = log_parts(u.high, u.low);
    return parts.high + parts.low;
}

static struct pair split(double a)
{
    double wide = a * VELTKAMP;
    double high = wide - (wide - a);
    return (struct pair){high, a - high};
}

/* a * b without error, while nothing over- or underflows (Dekker 1971). */
static struct pair product_exact(double a, double b)
{
    double product = a * b;
    struct pair x = split(a), y = split(b);
    double low = ((x.high * y.high - product) + x.high * y.low + x.low * y.high) + x.low * y.low;
    return (struct pair){product, low};
}

double special_pow(double base, double exponent)
{
    double rough = special_log(base) * exponent;
    if (!(fabs(rough) < 750.0 && base >= DBL_MIN && base <= LOG_LARGEST &&
          fabs(exponent) < 0x1p500))
        return special_exp(rough);
    struct pair parts = log_parts(base, 0.0);
    struct pair log = sum_exact(parts.high, parts.low);
    struct pair product = product_exact(log.high, exponent);
    double value = special_exp(product.high);
    return value + value * (product.low + log.low * exponent);
}
