/* SPDX-License-Identifier: Apache-2.0 */
/* Branchless loops without tables, so that a compiler does two, four or eight at a time, with the
 * same bits. e^-|d| is Taylor's polynomial over half an octave to either side, scaled by adding to
 * the exponent; ln(1 + e) = 2 artanh(e / (2 + e)) with an argument below 1/3, Gregory's series.
 * Minimax polynomials would save three terms each and hide where their coefficients come from. */
#include "score/logistic.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define ROUND_MAGIC   0x1.8p52 /* adding it leaves the nearest integer in the low bits */
#define PER_OCTAVE    0x1.71547652b82fep+0 /* 1 / ln 2 */
#define OCTAVE_HIGH   0x1.62e42fefa3800p-1 /* ln 2, 42 bits */
#define OCTAVE_LOW    0x1.ef35793c76730p-45
#define EXPONENT_BIAS 1023
#define LEAST         (-700.0) /* e^-700 is nothing beside 1 */

/* e^x for LEAST <= x <= 0. */
static inline double exp_of(double x)
{
    double nearest = x * PER_OCTAVE + ROUND_MAGIC, octaves = nearest - ROUND_MAGIC;
    double r = (x - octaves * OCTAVE_HIGH) - octaves * OCTAVE_LOW;
    double high = 1.0 / 5040 + r * (1.0 / 40320 + r * (1.0 / 362880 + r * (1.0 / 3628800)));
    double tail = r * r * r * r;
    high += tail * (1.0 / 39916800 + r * (1.0 / 479001600 + r * (1.0 / 6227020800.0)));
    double low = 1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720)));
    double sum = r + r * r * (0.5 + r * (low + tail * high));
    uint64_t bits;
    double scale, magic = ROUND_MAGIC;
    uint64_t magic_bits;
    memcpy(&bits, &nearest, sizeof bits);
    memcpy(&magic_bits, &magic, sizeof magic_bits);
    bits = (bits - magic_bits + EXPONENT_BIAS) << 52;
    memcpy(&scale, &bits, sizeof scale);
    return scale + scale * sum;
}

/* ln(1 + e) for 0 <= e <= 1. */
static inline double log_one_more(double e)
{
    double s = e / (2.0 + e), q = s * s, q4 = q * q * q * q;
    double a = 1.0 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7)));
    double b = 1.0 / 9 + q * (1.0 / 11 + q * (1.0 / 13 + q * (1.0 / 15)));
    double c = 1.0 / 17 + q * (1.0 / 19 + q * (1.0 / 21 + q * (1.0 / 23)));
    double d = 1.0 / 25 + q * (1.0 / 27 + q * (1.0 / 29 + q * (1.0 / 31)));
    return 2.0 * s * (a + q4 * (b + q4 * (c + q4 * d)));
}

void logistic_of(const double *log_odds, size_t n, struct logistic *out)
{
    double e[LOGISTIC_MOST];
    for (size_t i = 0; i < n; i++) {
        double x = -fabs(log_odds[i]);
        e[i] = x > LEAST ? x : LEAST;
    }
    for (size_t i = 0; i < n; i++)
        e[i] = exp_of(e[i]);
    for (size_t i = 0; i < n; i++) {
        double more = 1.0 / (1.0 + e[i]), less = e[i] * more;
        out->share[i] = log_odds[i] > 0.0 ? more : less;
        out->both[i] = more * less;
    }
    for (size_t i = 0; i < n; i++)
        out->soft[i] = 0.5 * (log_odds[i] + fabs(log_odds[i])) + log_one_more(e[i]);
}

void logistic_decay(const double *fall, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = fall[i] < -LEAST ? -fall[i] : LEAST;
    for (size_t i = 0; i < n; i++)
        out[i] = exp_of(out[i]);
}
