/* SPDX-License-Identifier: Apache-2.0 */
/* The quotient of gamma functions goes from one distinct number of events to the next by the factors
 * between them, which give both derivatives for a division each; long strides by the special
 * functions, but for a large p, of which their difference would leave nothing. */
#include "score/fit_rate.h"

#include "score/special.h"

#define DAYS_PER_WEEK 7.0
#define STRIDE_MOST   64  /* longer ones by the special functions */
#define LARGE         1e3 /* p, from which that would cost digits */

enum { R, ALPHA };

/* By ln p it is the sum of p / (p + i), and then of p / (p + i) - (p / (p + i))^2. */
void fit_rate_rise(struct fit_rate_rise *self, double n)
{
    double from = self->p + self->n, more = n - self->n, p = self->p;
    self->log += special_lgamma_rise(from, more);
    if (more > STRIDE_MOST && p < LARGE) {
        double first = p * (special_digamma(from + more) - special_digamma(from));
        self->first += first;
        self->second += first + p * p * (special_trigamma(from + more) - special_trigamma(from));
    } else {
        for (double j = self->n; j < n; j++) {
            double share = p / (p + j);
            self->first += share;
            self->second += share * (j / (p + j));
        }
    }
    self->n = n;
}

/* r ln(alpha / (alpha + T)) - n ln(alpha + T) is -(r + n) ln(1 + T / alpha) - n ln(alpha). */
void fit_rate_days(const struct fit_table *table, const double *parameter, int32_t events,
                   double *sum)
{
    double r = parameter[R], alpha = parameter[ALPHA];
    double n = events * table->purchases;
    for (size_t i = 0; i < table->days; i++) {
        double t = (double)i / DAYS_PER_WEEK, past = t / (alpha + t);
        struct fit_clock clock = {special_log1p(t / alpha), past};
        struct fit_day day = table->day[i];
        table->clock[i] = clock;
        double of_r = r * day.customers, weight = of_r + events * day.purchases;
        sum[0] -= weight * clock.log;
        sum[1 + R] -= of_r * clock.log;
        sum[1 + ALPHA] += weight * past;
        sum[fit_table_second[R][R]] -= of_r * clock.log;
        sum[fit_table_second[R][ALPHA]] += of_r * past;
        sum[fit_table_second[ALPHA][ALPHA]] -= weight * past * (1.0 - past);
    }
    sum[0] -= n * special_log(alpha);
    sum[1 + ALPHA] -= n;
}
