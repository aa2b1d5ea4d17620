/* SPDX-License-Identifier: Apache-2.0 */
#include "score/model.h"

#include <string.h>

enum model_value model_value_by(const struct model *model, const struct plan *plan)
{
    int churn = model->churn.kind != CHURN_NONE;
    if (!plan->has_amount || (plan->summary && !churn))
        return churn ? VALUE_EXPECTED_PURCHASES : VALUE_PURCHASE_DAYS;
    if (plan->tier_by == TIER_BY_PROFIT)
        return VALUE_PROFIT;
    return plan->tier_by == TIER_BY_CLV && churn ? VALUE_CLV : VALUE_REVENUE;
}

static int compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    if (order != 0)
        return order;
    return a_length < b_length ? -1 : a_length > b_length;
}

uint32_t model_group(const struct model_groups *groups, const char *name, size_t length)
{
    uint32_t low = 0, high = groups->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t from = groups->offset[middle];
        int order = compare(groups->names + from, groups->offset[middle + 1] - from, name, length);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return MODEL_NO_GROUP;
}
