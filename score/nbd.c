/* SPDX-License-Identifier: Apache-2.0 */
/* The limit of every other model here as its customers cease to leave; it is what they are measured
 * against. */
#include "score/nbd.h"

#include "score/special.h"

#define DAYS_PER_WEEK 7.0

double nbd_log_likelihood(const double *parameter, struct repeat seen)
{
    double r = parameter[0], alpha = parameter[1], x = seen.x;
    double age = seen.age_days / DAYS_PER_WEEK;
    return special_lgamma_rise(r, x) - r * special_log1p(age / alpha) -
           x * special_log(alpha + age);
}
