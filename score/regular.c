/* SPDX-License-Identifier: Apache-2.0 */
/* With G(N) the expected length of a row of at most N purchases that ends when he leaves, E_j is the
 * sum over m of P(Z_j = m) G(floor((m + j) / k)): positive terms, a division each, for some dozens of
 * events. Where thousands are likely, regular_ring.c's integral. */
#include "score/regular.h"

#include "score/special.h"

#define EVENTS_MOST 2048
#define ENOUGH      0x1p-54 /* of the sum, for what is left out */
#define LEAST       1e-280  /* P(Z = 0) from which the others can be had of it */

struct gains {
    double gain[EVENTS_MOST / 2 + 2]; /* G(N) for N < n */
    double next;                      /* G(n) - G(n-1) */
    int n;
};

static double gain_of(struct gains *self, const struct survivor *who, int purchases)
{
    while (self->n <= purchases) {
        self->gain[self->n] = self->gain[self->n - 1] + self->next;
        self->next *= (who->b + (self->n - 1)) / (who->a + who->b + (self->n - 1));
        self->n++;
    }
    return self->gain[purchases];
}

/* What all events after these may add, relative to the term: each is at most as likely as ratio says,
 * and G grows no faster than N. */
static double rest_of(double ratio, int purchases, int k)
{
    double more = ratio / (1.0 - ratio);
    return more * (1.0 + (1.0 + 1.0 / (k * (1.0 - ratio))) / purchases);
}

/* 0 where the events are too many. */
static int sum_events(const struct regular *self, int32_t phase, double tau, struct gains *gains,
                      double *expected)
{
    double shape = self->who.rho + phase, share = tau / (1.0 + tau), sum = 0.0;
    double chance = special_exp(-shape * special_log1p(tau)), gain = 0.0;
    int purchases = 0;
    if (!(shape * tau < EVENTS_MOST) || chance < LEAST)
        return 0;
    for (int m = 0; m < EVENTS_MOST; m++) {
        double term = chance * gain, ratio = share * ((shape + m) / (m + 1));
        sum += term;
        if (purchases > 0 && term <= ENOUGH * sum && ratio < 1.0) {
            double most = ratio > share ? ratio : share;
            if (term * rest_of(most, purchases, self->k) <= ENOUGH * sum) {
                *expected = sum;
                return 1;
            }
        }
        chance *= ratio;
        if (++phase == self->k) {
            phase = 0;
            gain = gain_of(gains, &self->who, ++purchases);
        }
    }
    return 0;
}

void regular_expected(const struct regular *self, const double *tau, size_t n,
                      double (*expected)[SURVIVOR_LANES])
{
    struct gains gains = {.gain = {0.0}, .next = 1.0, .n = 1};
    for (size_t i = 0; i < n; i++)
        for (int32_t j = 0; j < self->k; j++)
            if (!sum_events(self, j, tau[i], &gains, &expected[j][i])) {
                double rest[CHURN_REGULARITY_MOST][SURVIVOR_LANES];
                regular_by_quadrature(self, tau + i, n - i, rest);
                for (j = 0; j < self->k; j++)
                    for (size_t later = i; later < n; later++)
                        expected[j][later] = rest[j][later - i];
                return;
            }
}
