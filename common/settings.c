/* SPDX-License-Identifier: Apache-2.0 */
#include "common/settings.h"

#include <stdio.h>

#include "score/day.h"

static struct plan plan_default(void)
{
    struct plan plan = {
        .as_of = DAY_NONE,
        .first_day = DAY_NONE,
        .inactive_after_days = 730,
        .rfm_window_days = PLAN_DAYS_ALL,
        .horizon_days = 365,
        .churn_horizon_days = 90,
        .monthly_discount = 0.01,
        .margin_millionths = PLAN_MILLION,
        .offer = {.save_rate_millionths = -1, .take_rate_millionths = PLAN_MILLION},
        .churn_threshold = -1,
        .rfm_bins = 5,
        .wallet_tau_millionths = 800000,
        .n_tiers = 3,
    };
    static const char *const name[] = {"top", "middle", "bottom"};
    static const int64_t percent[] = {20, 60, 20};
    for (int i = 0; i < 3; i++) {
        snprintf(plan.tiers[i].name, sizeof plan.tiers[i].name, "%s", name[i]);
        plan.tiers[i].share = percent[i] * (PLAN_SHARE_WHOLE / 100);
    }
    return plan;
}

struct settings settings_default(void)
{
    struct settings settings = {
        .reading = {.as_of = DAY_NONE,
                    .sample_millionths = PLAN_MILLION,
                    .max_rejects = -1,
                    .max_rejects_millionths = PLAN_MILLION / 100},
        .scoring = {.plan = plan_default(), .time_unit = "week", .digits = 6, .split = DAY_NONE},
        .running = {.out = "winnow-out"},
    };
    return settings;
}
