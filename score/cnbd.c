/* SPDX-License-Identifier: Apache-2.0 */
/* Terms are taken against powers of y = max(1, R u), as with a shape beyond all reason R^(k-1) has no
 * place in a double. */
#include "score/cnbd.h"

#include "score/special.h"

#define DAYS_PER_WEEK 7.0

void cnbd_phases(const struct dropout *dropout, double silence_days, double age_days,
                 struct cnbd_phases *out)
{
    double shape = dropout_shape(dropout), term = 1.0, sum = 0.0, power = 1.0;
    double u = silence_days / (dropout->alpha * DAYS_PER_WEEK + age_days);
    double y = shape * u > 1.0 ? shape * u : 1.0;
    int32_t k = dropout->regularity;
    for (int32_t j = 0; j < k; j++) {
        out->weight[j] = term; /* against y^j */
        term *= (shape + j) * u / (y * (j + 1));
    }
    for (int32_t j = k - 1; j >= 0; j--) {
        out->weight[j] *= power; /* against y^(k-1) */
        sum += out->weight[j];
        power /= y;
    }
    for (int32_t j = 0; j < k; j++)
        out->weight[j] /= sum;
    out->log = k > 1 ? special_log(sum) : 0.0;
    if (y > 1.0)
        out->log += (k - 1) * special_log(y);
}
