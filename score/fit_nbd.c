/* SPDX-License-Identifier: Apache-2.0 */
/* When somebody last bought says nothing here, so x and T suffice, each by itself: an evaluation is
 * a pass over some hundred distinct numbers, whatever the base. */
#include "score/fit_nbd.h"

#include "score/fit_rate.h"
#include "score/special.h"

enum { R, ALPHA, PARAMETERS };

void fit_nbd_evaluate(void *context, const double *at, struct minimise_slope *out)
{
    struct fit_likelihood *self = context;
    const struct fit_table *table = self->table;
    double *parameter = self->model.parameter, sum[FIT_SUMS] = {0.0};
    for (int i = 0; i < PARAMETERS; i++)
        parameter[i] = special_exp(at[i]);
    struct fit_rate_rise rise = {.p = parameter[R]};
    for (size_t i = 0; i < table->runs; i++) {
        double n = table->run[i].customers;
        fit_rate_rise(&rise, table->run[i].x);
        sum[0] += n * rise.log;
        sum[1 + R] += n * rise.first;
        sum[fit_table_second[R][R]] += n * rise.second;
    }
    fit_rate_days(table, parameter, 1, sum);
    fit_table_slope(table, PARAMETERS, sum, out);
}

void fit_nbd_start(const struct fit_table *table, const double *nbd, int i, double *at)
{
    (void)nbd;
    static const double r[FIT_NBD_STARTS] = {0.4, 3.0};
    double rate = table->purchases / (table->weeks > 0.0 ? table->weeks : 1.0);
    at[R] = special_log(r[i]);
    at[ALPHA] = special_log(r[i] / rate);
}
