/* SPDX-License-Identifier: Apache-2.0 */
/* With G(N) the expected length of a row of at most N purchases that ends when he leaves, E_j is the
 * sum over m of P(Z_j = m) G(floor((m + j) / k)): positive terms, for some dozens of events. Horizons
 * and phases go side by side, event by event, because one alone waits for each product; the shorter
 * horizons drop out as they are done. Where thousands of events are likely, regular_ring.c's
 * integral. */
#include "score/regular.h"

#include "score/special.h"

#define LANES       SURVIVOR_LANES
#define EVENTS_MOST 2048
#define STRIDE      8       /* events from one look at who is done to the next */
#define ENOUGH      0x1p-54 /* of the sum, for what is left out */
#define LEAST       1e-280  /* P(Z = 0) from which the others can be had of it */

struct gains {
    double gain[EVENTS_MOST / 2 + STRIDE]; /* G(N) for N < n */
    double next;                           /* G(n) - G(n-1) */
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

/* Sums under way; lanes are horizons, ascending, those before first are done. */
struct events {
    const struct regular *who;
    size_t first;
    size_t end;
    int events;
    double share[LANES]; /* tau / (1 + tau) */
    double chance[CHURN_REGULARITY_MOST][LANES];
    double sum[CHURN_REGULARITY_MOST][LANES];
    int32_t phase[CHURN_REGULARITY_MOST]; /* after as many events */
    int purchases[CHURN_REGULARITY_MOST];
    struct gains gains;
};

/* As many lanes as have few events. */
static void events_begin(struct events *self, const struct regular *who, const double *tau,
                         size_t n)
{
    self->who = who;
    self->first = self->end = 0;
    self->events = 0;
    self->gains.gain[0] = 0.0;
    self->gains.next = 1.0;
    self->gains.n = 1;
    for (; self->end < n && (who->who.rho + who->k) * tau[self->end] < EVENTS_MOST; self->end++) {
        double less = 1.0 / (1.0 + tau[self->end]);
        double chance = special_exp(-who->who.rho * special_log1p(tau[self->end]));
        self->share[self->end] = tau[self->end] * less;
        for (int32_t j = 0; j < who->k; j++, chance *= less) {
            self->chance[j][self->end] = chance;
            self->sum[j][self->end] = 0.0;
        }
        if (chance < LEAST)
            break;
    }
    for (int32_t j = 0; j < who->k; j++) {
        self->phase[j] = j;
        self->purchases[j] = 0;
    }
}

/* The next STRIDE events of one phase. */
static void events_add(struct events *self, int32_t j)
{
    double *restrict chance = self->chance[j], *restrict sum = self->sum[j];
    double shape = self->who->who.rho + j;
    double gain = gain_of(&self->gains, &self->who->who, self->purchases[j]);
    for (int m = self->events; m < self->events + STRIDE; m++) {
        double factor = (shape + m) / (m + 1);
        for (size_t i = self->first; i < self->end; i++) {
            sum[i] += chance[i] * gain;
            chance[i] *= self->share[i] * factor;
        }
        if (++self->phase[j] == self->who->k) {
            self->phase[j] = 0;
            gain = gain_of(&self->gains, &self->who->who, ++self->purchases[j]);
        }
    }
}

/* Whether all events to come add nothing: each is at most as likely as ratio says of the one before,
 * and G grows no faster than N. */
static int events_done(const struct events *self, int32_t j, size_t lane)
{
    int purchases = self->purchases[j], k = self->who->k;
    double share = self->share[lane];
    double ratio = share * ((self->who->who.rho + j + self->events) / (self->events + 1));
    double most = ratio > share ? ratio : share;
    double term = self->chance[j][lane] * self->gains.gain[purchases];
    if (purchases == 0 || !(most < 1.0) || term > ENOUGH * self->sum[j][lane])
        return 0;
    double rest = (1.0 + (1.0 + 1.0 / (k * (1.0 - most))) / purchases) / (1.0 - most);
    return term * rest <= ENOUGH * self->sum[j][lane];
}

static void events_drop(struct events *self)
{
    for (; self->first < self->end; self->first++)
        for (int32_t j = 0; j < self->who->k; j++)
            if (!events_done(self, j, self->first))
                return;
}

void regular_expected(const struct regular *self, const double *tau, size_t n,
                      double (*expected)[LANES])
{
    struct events events;
    events_begin(&events, self, tau, n);
    while (events.first < events.end && events.events < EVENTS_MOST) {
        for (int32_t j = 0; j < self->k; j++)
            events_add(&events, j);
        events.events += STRIDE;
        events_drop(&events);
    }
    for (int32_t j = 0; j < self->k; j++)
        for (size_t i = 0; i < events.first; i++)
            expected[j][i] = events.sum[j][i];
    if (events.first == n)
        return;
    double rest[CHURN_REGULARITY_MOST][LANES];
    regular_by_quadrature(self, tau + events.first, n - events.first, rest);
    for (int32_t j = 0; j < self->k; j++)
        for (size_t i = events.first; i < n; i++)
            expected[j][i] = rest[j][i - events.first];
}
