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

#include "score/special_parts.h"

#define EXP_OVERFLOW 0x1.62e42fefa39efp+9 /* the largest double with a finite exp */
#define VELTKAMP     0x1.0000002p27       /* 2^27 + 1 splits a mantissa in halves */

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
