/* SPDX-License-Identifier: Apache-2.0 */
/* What makes up the share of those gone is a difference of two terms, but what cancels is at most K(T), and the probability of a
 * quiet horizon is at least that: so no answer loses anything by it, and the integral from t_x to T
 * itself is wanted nowhere. K depends on x and one day, so it is worth remembering; an integral would
 * depend on two. */
#include "score/pnbd.h"

#include "score/race.h"
#include "score/special.h"

#define DAYS_PER_WEEK 7.0

struct pnbd pnbd_of(const double *parameter, uint32_t x)
{
    return (struct pnbd){
        .r = parameter[0], .alpha = parameter[1], .s = parameter[2], .beta = parameter[3], .x = x};
}

double pnbd_left_first(const struct pnbd *self, double age_days)
{
    struct race race = {.rho = self->r + self->x,
                        .alpha = self->alpha,
                        .s = self->s,
                        .beta = self->beta,
                        .age = age_days / DAYS_PER_WEEK};
    return race_left_first(&race);
}

/* -ln q. */
static double silence(const struct pnbd *self, double age_days, double days)
{
    double buying = days / (self->alpha * DAYS_PER_WEEK + age_days);
    double leaving = days / (self->beta * DAYS_PER_WEEK + age_days);
    return (self->r + self->x) * special_log1p(buying) + self->s * special_log1p(leaving);
}

double pnbd_silent(const struct pnbd *self, double age_days, double days)
{
    return special_exp(-silence(self, age_days, days));
}

double pnbd_log_likelihood(const struct pnbd *self, struct repeat seen)
{
    double x = self->x, last = seen.span_days / DAYS_PER_WEEK;
    double q = pnbd_silent(self, seen.span_days, (double)seen.age_days - seen.span_days);
    double gone = pnbd_left_first(self, seen.span_days) - q * pnbd_left_first(self, seen.age_days);
    return special_lgamma_rise(self->r, x) - self->r * special_log1p(last / self->alpha) -
           x * special_log(self->alpha + last) - self->s * special_log1p(last / self->beta) +
           special_log(q + gone);
}

double pnbd_quiet(const struct pnbd *self, int32_t age_days, int32_t days, double now)
{
    double later = pnbd_left_first(self, (double)age_days + days);
    return now + (1.0 - later) * pnbd_silent(self, age_days, days);
}

void pnbd_expected(const struct pnbd *self, int32_t age_days, const double *tau, size_t n,
                   double *expected)
{
    double age = age_days / DAYS_PER_WEEK;
    double rate = (self->r + self->x) * ((self->beta + age) / (self->alpha + age));
    for (size_t i = 0; i < n; i++) {
        double log = special_log1p(tau[i]), power = (1.0 - self->s) * log;
        expected[i] = rate * (power == 0.0 ? log : log * (special_expm1(power) / power));
    }
}
