/* SPDX-License-Identifier: Apache-2.0 */
/* The lines after a day are a history like any other, so they are walked as one, once for each
 * horizon. Taking the difference of two whole histories instead would let the return of an old
 * order hide a new purchase. */
#include "score/sequel.h"

#include "score/day.h"

static struct lines lines_after(const struct lines *lines, int32_t day)
{
    size_t at = 0;
    while (at < lines->n && lines->day[at] <= day)
        at++;
    struct lines after = {.n = lines->n - at,
                          .day = lines->day + at,
                          .bought = lines->bought + at,
                          .returned = lines->returned ? lines->returned + at : NULL,
                          .purchases = lines->purchases + at,
                          .refunds = lines->refunds ? lines->refunds + at : NULL,
                          .order = lines->order ? lines->order + at : NULL,
                          .readable = lines->readable > at ? lines->readable - at : 0};
    return after;
}

static int features_until(const struct lines *lines, int32_t day, struct order_line *scratch,
                          struct features *seen)
{
    struct plan plan = {.as_of = day, .rfm_window_days = PLAN_DAYS_ALL};
    struct tallies tallies = {0};
    return history_features(lines, &plan, scratch, seen, &tallies);
}

int sequel_of(const struct lines *lines, const struct plan *plan, struct order_line *scratch,
              struct sequel *out)
{
    struct lines after = lines_after(lines, plan->as_of);
    struct features seen;
    int r = features_until(&after, plan->as_of + plan->churn_horizon_days, scratch, &seen);
    if (r != 0)
        return r;
    out->came_back = seen.purchase_days > 0;
    if (plan->horizon_days != plan->churn_horizon_days)
        r = features_until(&after, plan->as_of + plan->horizon_days, scratch, &seen);
    out->days = seen.purchase_days;
    out->spend = seen.monetary_total;
    return r;
}
