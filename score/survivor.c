/* SPDX-License-Identifier: Apache-2.0 */
/* The textbook's 2F1 has its parameters near rho and needs hundreds of terms that nearly cancel.
 * Euler's transformation, F(rho, b; c; z) = (1 - z)^(a-1-rho) F(A, a-1; c; z) with c = a + b - 1,
 * A = c - rho, z = tau / (1 + tau), leaves A, in which the number of purchases cancels. With (1 -
 * z)^(1-a) as a series too, everything can be divided by a - 1 on paper:
 *
 *   E = (1 - z)^(a-1) * sum over k >= 1 of (a)_{k-1} / k! * e_k * z^k,           (whole)
 *   E = c D(z) - (1 - z)^(a-1) * sum of (a)_{k-1} / k! * q_k * z^k,              (rest)
 *   D = (1 - (1 - z)^(a-1)) / (a - 1),  q_k = (A)_k / (c+1)_{k-1},  e_k = c - q_k,
 *
 * where e_1 = rho and e_{k+1} = (c rho + (A + k) e_k) / (c + k) without cancellation. "Whole" has
 * terms of one sign but goes like z^k; in "rest" q_k falls like k^-rho besides, so that customers
 * with many purchases need few terms, for a loss of the factor c / rho. Coefficients belong to the
 * customer and not to the horizon, so a year of months shares them. Where the terms are too many
 * or change sign, quadrature (survivor_quadrature.c). */
#include "score/survivor.h"

#include <math.h>

#include "score/special.h"

#define TERMS         512
#define ENOUGH        0x1p-54 /* of the sum, for what is left out */
#define POWER_LARGEST 300.0   /* of (1 - z)^(1-a), as a logarithm: both factors stay finite */
#define LOSS_LARGEST  256.0   /* c / rho in "rest": 8 bits */
#define REST_LEAST    2.0     /* rho from which "rest" is shorter */
#define CUT_LEAST     (-4.0)  /* below this A the signs change too often */

/* E = base * D + sign * (1 - z)^(a-1) * sum of term[k - 1] (z / last)^k. */
struct series {
    double base;
    double sign;
    int terms; /* 0: they are too many */
    double term[TERMS];
};

/* Whether the terms after this one may be left out, when the ratio of neighbours stays below. */
static int series_ends(double term, double ratio, double sum)
{
    return ratio < 1.0 && fabs(term) * ratio <= ENOUGH * (1.0 - ratio) * fabs(sum);
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Terms at z = last. e_k moves monotonically to c and (a + k - 1) / (k + 1) to 1, so from k on the
 * ratio of neighbours stays below last * max(1, now) * max(1, now). */
static void series_whole(const struct survivor *self, double last, struct series *out)
{
    double both = self->a + self->b, c = both - 1.0;
    double e = self->rho, front = last, sum = 0.0;
    out->base = 0.0;
    out->sign = 1.0;
    for (int k = 1; k <= TERMS; k++) {
        double term = front * e;
        double growth = (self->a + (k - 1)) / (k + 1.0);
        double at = both + (k - 1); /* c + k, exact where a and b are small */
        double next = (c * self->rho + (at - self->rho) * e) / at;
        out->term[k - 1] = term;
        sum += term;
        if (series_ends(term, last * larger(1.0, growth) * larger(1.0, next / e), sum)) {
            out->terms = k;
            return;
        }
        e = next;
        front *= growth * last;
    }
}

/* Likewise. What the sum is measured by, E (1 - z)^(1-a), is at least about rho z. */
static void series_rest(const struct survivor *self, double last, struct series *out)
{
    double c = self->a + self->b - 1.0, cut = c - self->rho;
    double term = cut * last;
    out->base = c;
    out->sign = -1.0;
    for (int k = 1; k <= TERMS; k++) {
        double at = self->a + self->b + (k - 1); /* c + k, exact where a and b are small */
        double growth = (at - self->rho) * (self->a + (k - 1)) / (at * (k + 1.0));
        out->term[k - 1] = term;
        if (series_ends(term, last * larger(1.0, fabs(growth)), self->rho * last)) {
            out->terms = k;
            return;
        }
        term *= growth * last;
    }
}

/* Horner's rule for all lanes at once. */
static void series_sum(const struct series *self, const double *share, double *sum)
{
    for (int lane = 0; lane < SURVIVOR_LANES; lane++)
        sum[lane] = 0.0;
    for (int k = self->terms - 1; k >= 0; k--)
        for (int lane = 0; lane < SURVIVOR_LANES; lane++)
            sum[lane] = (sum[lane] + self->term[k]) * share[lane];
}

static void lanes_log(struct survivor_lanes *lanes)
{
    for (size_t i = 0; !lanes->has_log && i < lanes->n; i++)
        lanes->log[i] = special_log1p(lanes->tau[i]);
    lanes->has_log = 1;
}

static void lanes_fade(struct survivor_lanes *lanes, double a)
{
    if (lanes->has_a && lanes->a == a)
        return;
    for (size_t i = 0; i < lanes->n; i++) {
        double log = lanes->log[i], power = (1.0 - a) * log;
        struct special_grown grown = special_grow(power);
        lanes->fade[i] = grown.exp;
        lanes->gain[i] = power == 0.0 ? log : log * (grown.expm1 / power);
    }
    lanes->a = a;
    lanes->has_a = 1;
}

/* 0 where the series is no way to E. */
static int survivor_by_series(const struct survivor *self, struct survivor_lanes *lanes,
                              double *expected)
{
    size_t n = lanes->n;
    const double *tau = lanes->tau;
    double c = self->a + self->b - 1.0, last = tau[n - 1] / (1.0 + tau[n - 1]);
    if (c - self->rho < CUT_LEAST)
        return 0;
    lanes_log(lanes);
    if ((self->a - 1.0) * lanes->log[n - 1] > POWER_LARGEST)
        return 0;
    struct series series; /* its terms are left as they are: 4 KiB */
    series.terms = 0;
    if (self->rho >= REST_LEAST && c <= LOSS_LARGEST * self->rho)
        series_rest(self, last, &series);
    else
        series_whole(self, last, &series);
    if (series.terms == 0)
        return 0;
    double share[SURVIVOR_LANES] = {0}, sum[SURVIVOR_LANES];
    for (size_t i = 0; i < n; i++)
        share[i] = last > 0.0 ? tau[i] / (1.0 + tau[i]) / last : 0.0;
    series_sum(&series, share, sum);
    lanes_fade(lanes, self->a);
    for (size_t i = 0; i < n; i++)
        expected[i] = series.base * lanes->gain[i] + series.sign * lanes->fade[i] * sum[i];
    return 1;
}

void survivor_expected(const struct survivor *self, struct survivor_lanes *lanes, double *expected)
{
    if (lanes->n > 0 && !survivor_by_series(self, lanes, expected))
        survivor_by_quadrature(self, lanes->tau, lanes->n, expected);
}
