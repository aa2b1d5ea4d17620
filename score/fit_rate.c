/* SPDX-License-Identifier: Apache-2.0 */
/* The quotient of gamma functions goes from one distinct number of events to the next by the factors
 * between them, which give both derivatives for a division each; long strides by the special
 * functions. */
#include "score/fit_rate.h"

#include "score/special.h"

#define DAYS_PER_WEEK 7.0
#define STRIDE_MOST   64 /* longer ones by the special functions */

enum { R, ALPHA };

void fit_rate_rise(struct fit_rate_rise *self, double n)
{
    double from = self->p + self->n, more = n - self->n;
    self->log += special_lgamma_rise(from, more);
    self->n = n;
    if (more > STRIDE_MOST) {
        self->first += special_digamma(from + more) - special_digamma(from);
        self->second += special_trigamma(from + more) - special_trigamma(from);
        return;
    }
    for (int j = 0; j < (int)more; j++) {
        double inverse = 1.0 / (from + j);
        self->first += inverse;
        self->second -= inverse * inverse;
    }
}

/* Together r ln(alpha / (alpha + T)) - n ln(alpha + T). */
void fit_rate_days(const struct fit_table *table, const double *parameter, int32_t events,
                   double *sum)
{
    double r = parameter[R], alpha = parameter[ALPHA], log_alpha = special_log(alpha);
    for (size_t i = 0; i < table->days; i++) {
        double at = alpha + (double)i / DAYS_PER_WEEK;
        struct fit_clock clock = {special_log(at), 1.0 / at};
        struct fit_day day = table->day[i];
        table->clock[i] = clock;
        double weight = r * day.customers + events * day.purchases;
        sum[0] -= weight * clock.log - r * day.customers * log_alpha;
        sum[1 + R] -= day.customers * (clock.log - log_alpha);
        sum[1 + ALPHA] -= weight * clock.inverse - r * day.customers / alpha;
        sum[fit_table_second[R][ALPHA]] -= day.customers * (clock.inverse - 1.0 / alpha);
        sum[fit_table_second[ALPHA][ALPHA]] +=
            weight * clock.inverse * clock.inverse - r * day.customers / (alpha * alpha);
    }
}
