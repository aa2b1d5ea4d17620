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
#include <string.h>

#include "score/bits.h"
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

/* The terms after one may be left out, when the ratio of neighbours stays below, where its size times
 * the ratio is at most this. */
static inline double series_bound(double ratio, double sum)
{
    return ENOUGH * (1.0 - ratio) * fabs(sum);
}

static int series_ends(double term, double ratio, double sum)
{
    return ratio < 1.0 && fabs(term) * ratio <= series_bound(ratio, sum);
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

/* Steps from one term of "rest" to the next, and from which term on all may be left out: where its size
 * times the ratio is at most the bound. Unlike the terms they need not go one by one. */
#define STEPS 32 /* more than gcc unrolls before it looks for lanes */
struct steps {
    double step[STEPS];
    double ratio[STEPS];
    double bound[STEPS];
};

static void steps_of(const struct survivor *self, double last, int from, struct steps *out)
{
    double sum = self->rho * last;
    for (int i = 0; i < STEPS; i++) {
        int k = from + i + 1;
        double at = self->a + self->b + (k - 1); /* c + k, exact where a and b are small */
        double growth = (at - self->rho) * (self->a + (k - 1)) / (at * (k + 1.0));
        double size = fabs(growth), ratio = last * one_of(size < 1.0, 1.0, size);
        double bound = series_bound(ratio, sum);
        out->step[i] = growth * last;
        out->ratio[i] = ratio;
        out->bound[i] = one_of(ratio < 1.0, bound, -1.0);
    }
}

/* Likewise. What the sum is measured by, E (1 - z)^(1-a), is at least about rho z. */
static void series_rest(const struct survivor *self, double last, struct series *out)
{
    struct steps steps;
    double c = self->a + self->b - 1.0, cut = c - self->rho;
    double term = cut * last;
    out->base = c;
    out->sign = -1.0;
    for (int from = 0; from < TERMS; from += STEPS) {
        steps_of(self, last, from, &steps);
        for (int i = 0; i < STEPS; i++) {
            out->term[from + i] = term;
            if (fabs(term) * steps.ratio[i] <= steps.bound[i]) {
                out->terms = from + i + 1;
                return;
            }
            term *= steps.step[i];
        }
    }
}

/* Horner's rule for all lanes at once; on copies, of which a compiler sees that no term changes them.
 * Twelve lanes, for a year, are slower: gcc takes those one by one. */
static void series_sum(const struct series *self, const double *share, double *sum)
{
    double z[SURVIVOR_LANES], so_far[SURVIVOR_LANES] = {0};
    memcpy(z, share, sizeof z);
    for (int k = self->terms - 1; k >= 0; k--) {
        double term = self->term[k];
        for (int lane = 0; lane < SURVIVOR_LANES; lane++)
            so_far[lane] = (so_far[lane] + term) * z[lane];
    }
    memcpy(sum, so_far, sizeof so_far);
}

static void lanes_log(struct survivor_lanes *lanes)
{
    const double *tau = lanes->tau;
    size_t n = lanes->n;
    if (lanes->has_log)
        return;
    lanes->last = tau[n - 1] / (1.0 + tau[n - 1]);
    for (size_t i = 0; i < SURVIVOR_LANES; i++) {
        lanes->log[i] = i < n ? special_log1p(tau[i]) : 0.0;
        lanes->share[i] = i < n && lanes->last > 0.0 ? tau[i] / (1.0 + tau[i]) / lanes->last : 0.0;
    }
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
    double c = self->a + self->b - 1.0;
    if (c - self->rho < CUT_LEAST)
        return 0;
    lanes_log(lanes);
    if ((self->a - 1.0) * lanes->log[n - 1] > POWER_LARGEST)
        return 0;
    struct series series; /* its terms are left as they are: 4 KiB */
    series.terms = 0;
    if (self->rho >= REST_LEAST && c <= LOSS_LARGEST * self->rho)
        series_rest(self, lanes->last, &series);
    else
        series_whole(self, lanes->last, &series);
    if (series.terms == 0)
        return 0;
    double sum[SURVIVOR_LANES];
    series_sum(&series, lanes->share, sum);
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
