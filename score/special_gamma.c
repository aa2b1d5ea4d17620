/* SPDX-License-Identifier: Apache-2.0 */
/* ln Gamma and its kin. Above 8 (10 for the derivatives) Stirling's series, below that the
 * recurrence; ln Gamma itself is Taylor's series about 2 between 0.5 and 2.5, where it has its two
 * zeros and a recurrence would lose them. Differences that a model needs (ln Gamma(x + n) - ln
 * Gamma(x), ln B) are put together from parts that are small, not from two large logarithms.
 * Lanczos' approximation was refused: its coefficients alternate and lose two digits. Sources:
 * Abramowitz & Stegun 6.1.33, 6.1.41, 6.3.18, 6.4.12. */
#include "score/special.h"

#include <math.h>

#include "score/special_table.h"

#define STIRLING_LEAST   8.0                  /* 8 terms reach 1e-16 from here */
#define DERIVATIVE_LEAST 10.0                 /* 7 and 8 terms reach 1e-16 from here */
#define ONE_LESS_GAMMA   0x1.b0ee6072093cep-2 /* 1 - Euler's constant */
#define HALF_LOG_2PI     0x1.d67f1c864beb5p-1
#define PRODUCT_TERMS    16
#define PRODUCT_LARGEST  1e18 /* its 16th power is finite */

/* B(2k) / (2k (2k - 1)), k = 1..8: ln Gamma's tail in odd powers of 1/x. */
#define STIRLING_TERMS 8
static const double stirling[STIRLING_TERMS] = {1.0 / 12,    -1.0 / 360,      1.0 / 1260,
                                                -1.0 / 1680, 1.0 / 1188,      -691.0 / 360360,
                                                1.0 / 156,   -3617.0 / 122400};

/* ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi) / 2 for x >= 8. */
static double stirling_tail(double x)
{
    double w = 1.0 / x, square = w * w, sum = stirling[STIRLING_TERMS - 1];
    for (int k = STIRLING_TERMS - 2; k >= 0; k--)
        sum = sum * square + stirling[k];
    return sum * w;
}

/* stirling_tail(x + n) - stirling_tail(x), as a divided difference (Horner's rule for both). */
static double stirling_tail_rise(double x, double n)
{
    double u = 1.0 / x, v = 1.0 / (x + n);
    double uu = u * u, vv = v * v;
    double value = stirling[STIRLING_TERMS - 1], slope = 0.0;
    for (int k = STIRLING_TERMS - 2; k >= 0; k--) {
        slope = slope * vv + value;
        value = value * uu + stirling[k];
    }
    /* v P(vv) - u P(uu) = (v - u) [P(uu) + v (v + u) P[uu, vv]], and v - u = -n u v. */
    return -n * u * v * (value + v * (v + u) * slope);
}

/* ln Gamma(2 + s), |s| <= 1/2. */
static double lgamma_about_two(double s)
{
    double sum = special_zeta_table[SPECIAL_ZETA_TERMS - 1];
    for (int k = SPECIAL_ZETA_TERMS - 2; k >= 0; k--)
        sum = sum * s + special_zeta_table[k];
    return s * (ONE_LESS_GAMMA + s * sum);
}

double special_lgamma(double x)
{
    if (x >= STIRLING_LEAST)
        return (x - 0.5) * (special_log(x) - 1.0) + (HALF_LOG_2PI - 0.5 + stirling_tail(x));
    if (x < 0.5)
        return lgamma_about_two(x) - special_log(x * (1.0 + x));
    if (x < 1.5)
        return lgamma_about_two(x - 1.0) - special_log1p(x - 1.0);
    double product = 1.0;
    while (x >= 2.5) {
        x -= 1.0;
        product *= x;
    }
    return lgamma_about_two(x - 2.0) + special_log(product);
}

/* The rise for x >= 8. */
static double stirling_rise(double x, double n)
{
    return (x - 0.5) * special_log1p(n / x) + n * (special_log(x + n) - 1.0) +
           stirling_tail_rise(x, n);
}

/* ln of the product of (x + n + j) / (x + j) for j = 0 .. steps - 1. */
static double log_of_ratios(double x, double n, int steps)
{
    double less_one = 0.0;
    for (int j = 1; j < steps; j++) {
        double more = n / (x + j);
        less_one += more + less_one * more;
    }
    return special_log1p(n / x) + special_log1p(less_one);
}

double special_lgamma_rise(double x, double n)
{
    if (n <= PRODUCT_TERMS && x < PRODUCT_LARGEST && n == floor(n)) {
        double product = 1.0;
        for (int j = 0; j < (int)n; j++)
            product *= x + j;
        return special_log(product);
    }
    if (x >= STIRLING_LEAST)
        return stirling_rise(x, n);
    int steps = (int)(STIRLING_LEAST - x) + 1;
    return stirling_rise(x + steps, n) - log_of_ratios(x, n, steps);
}

double special_digamma(double x)
{
    /* B(2k) / (2k), k = 1..7 */
    static const double tail[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                                  1.0 / 132, -691.0 / 32760, 1.0 / 12};
    double shift = 0.0;
    while (x < DERIVATIVE_LEAST) {
        shift += 1.0 / x;
        x += 1.0;
    }
    double w = 1.0 / x, square = w * w, sum = tail[6];
    for (int k = 5; k >= 0; k--)
        sum = sum * square + tail[k];
    return special_log(x) - (0.5 * w + square * sum + shift);
}

double special_trigamma(double x)
{
    /* B(2k), k = 1..8 */
    static const double tail[] = {1.0 / 6,  -1.0 / 30,     1.0 / 42, -1.0 / 30,
                                  5.0 / 66, -691.0 / 2730, 7.0 / 6,  -3617.0 / 510};
    double shift = 0.0;
    while (x < DERIVATIVE_LEAST) {
        shift += 1.0 / (x * x);
        x += 1.0;
    }
    double w = 1.0 / x, square = w * w, sum = tail[7];
    for (int k = 6; k >= 0; k--)
        sum = sum * square + tail[k];
    return w + (0.5 * square + square * w * sum) + shift;
}

/* ln B for 8 <= a <= b: Stirling's three series, whose large parts cancel on paper. */
static double stirling_lbeta(double a, double b)
{
    double tails = stirling_tail(a) + (stirling_tail(b) - stirling_tail(a + b));
    double powers = (a - 0.5) * special_log1p(b / a) + b * special_log1p(a / b);
    return HALF_LOG_2PI + tails - powers - 0.5 * special_log(b);
}

double special_lbeta(double a, double b)
{
    double low = a < b ? a : b, high = a < b ? b : a;
    if (low >= STIRLING_LEAST)
        return stirling_lbeta(low, high);
    return special_lgamma(low) - special_lgamma_rise(high, low);
}
