/* SPDX-License-Identifier: Apache-2.0 */
/* E[M | x, m] is the mean of the customer and of the population, weighted p x to q - 1: written as
 * one quotient, because the weights themselves are not finite at q = 1 and x = 0. */
#include "score/spend.h"

double spend_expected(const struct spend_model *model, uint32_t x, double m)
{
    if (model->kind != SPEND_GAMMA_GAMMA || x == 0 || m <= 0.0)
        return model->kind == SPEND_NONE ? 0.0 : model->mean;
    return model->p * (model->v + x * m) / (model->p * x + (model->q - 1.0));
}

double spend_net_ratio(int64_t monetary_total, int64_t gross)
{
    if (gross <= 0 || monetary_total >= gross)
        return 1.0;
    return monetary_total > 0 ? (double)monetary_total / (double)gross : 0.0;
}
