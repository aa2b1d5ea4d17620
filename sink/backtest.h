/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_BACKTEST_H
#define SINK_BACKTEST_H

#include "score/verdict.h"
#include "sink/fitting.h"
#include "sink/tiering.h"

/* What was forecast as of a day, judged by what the ledger holds after it: docs/BACKTEST.md. */

/* Who forecasts: the churn model, the stack (of coming back only), and two who know one number of a
 * customer. */
enum forecaster { FORECAST_MODEL, FORECAST_STACK, FORECAST_RECENCY, FORECAST_SPEND, FORECASTERS };

struct backtest_forecast {
    int present;
    int has_p;  /* brier and deciles are there */
    double auc; /* < 0: all came back, or none */
    double brier;
    double mean_error; /* of expected purchases; < 0: it expects none */
    double captured; /* share of later money (purchases without amounts) that the first 20 % of its
                          ranking spent; < 0: there was none */
    struct verdict_decile decile[VERDICT_DECILES];
};

struct backtest {
    size_t customers; /* with a purchase up to as_of */
    size_t came_back;
    uint64_t later_days;
    int64_t later_spend;
    struct backtest_forecast by[FORECASTERS];
    struct verdict_frequency frequency[VERDICT_FREQUENCIES];
};

int backtest_run(struct backtest *backtest, struct committed *parts, const struct plan *plan,
                 const struct fitted *fitted) MUST_USE;

#endif
