/* SPDX-License-Identifier: Apache-2.0 */
/* Expected money, not probability: a campaign ranked by churn alone pays first for those whom no
 * offer keeps, and for those who would have stayed (who take it too). Worked in currency units and
 * rounded once, so that the sums of tiers are sums of what is printed. */
#include "score/retention.h"

#include "score/money.h"

struct retention retention_of(const struct plan_offer *offer, double churn_prob,
                              int64_t clv_if_alive)
{
    struct retention out = {0};
    if (!offer->asked)
        return out;
    double cost = money_units(offer->offer_cost);
    double kept = churn_prob * (money_units(clv_if_alive) - cost);
    double take_rate = (double)offer->take_rate_millionths / (double)PLAN_MILLION;
    double spent = (1.0 - churn_prob) * take_rate * cost + money_units(offer->contact_cost);
    if (kept > 0) {
        out.break_even = spent / kept;
        out.has_break_even = out.break_even < 1e300;
    }
    if (offer->save_rate_millionths < 0)
        return out;
    double save_rate = (double)offer->save_rate_millionths / (double)PLAN_MILLION;
    out.has_gain = 1;
    out.gain = money_from_units(save_rate * kept - spent);
    out.worth = out.gain > 0;
    return out;
}

int64_t retention_profit(const struct plan *plan, int64_t spend_365d)
{
    int64_t out;
    if (money_scale(spend_365d, plan->margin_millionths, PLAN_MILLION, &out) != 0)
        return spend_365d < 0 ? INT64_MIN : INT64_MAX;
    if (money_add(&out, -plan->serve_cost) != 0)
        return INT64_MIN;
    return out;
}
