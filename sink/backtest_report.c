/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/backtest_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/digits.h"
#include "common/json.h"
#include "common/log.h"
#include "score/day.h"

#define PAGE_BYTES 16384 /* some 60 lines of at most 100 bytes */

struct page {
    char *text;
    size_t size;
};

static void put(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct page *page, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(page->text + page->size, PAGE_BYTES - page->size, format, list);
    va_end(list);
    page->size += n > 0 ? (size_t)n : 0;
    if (page->size >= PAGE_BYTES)
        page->size = PAGE_BYTES - 1;
}

static const char *name_of(enum forecaster who, const struct plan *plan,
                           const struct fitted *fitted)
{
    switch (who) {
    case FORECAST_MODEL:
        return churn_name(fitted->model.churn.kind);
    case FORECAST_STACK:
        return "stack";
    case FORECAST_RECENCY:
        return "recency alone";
    case FORECAST_SPEND:
        return plan->has_amount ? "past spend" : "past purchases";
    case FORECASTERS:
        break;
    }
    return "";
}

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

static void put_head(struct page *page, const struct backtest *b, const struct plan *plan)
{
    char split[11], until[11], digits[DIGITS_ROOM];
    day_print(plan->as_of, split);
    day_print(plan->as_of + plan->churn_horizon_days, until);
    put(page, "Backtest: %zu customers as of %s\n", b->customers, split);
    put(page, "  came back           %zu  %.1f%%, within %d days, to %s\n", b->came_back,
        share(b->came_back, b->customers), (int)plan->churn_horizon_days, until);
    day_print(plan->as_of + plan->horizon_days, until);
    put(page, "  purchase days       %" PRIu64 "  within %d days, to %s\n", b->later_days,
        (int)plan->horizon_days, until);
    if (!plan->has_amount)
        return;
    *digits_money(digits, b->later_spend, (int)plan->decimals) = '\0';
    put(page, "  revenue             %s  net of refunds, likewise\n", digits);
}

/* A number in eight columns, or a dash where there is none (< 0). */
static void put_number(struct page *page, double value, int places)
{
    if (value < 0)
        put(page, "  %8s", "-");
    else
        put(page, "  %8.*f", places, value);
}

static void put_forecasts(struct page *page, const struct backtest *b, const struct plan *plan,
                          const struct fitted *fitted)
{
    put(page, "\nForecast             AUC     Brier       MAE  top 20%% took\n");
    for (int who = 0; who < FORECASTERS; who++) {
        const struct backtest_forecast *by = &b->by[who];
        if (!by->present)
            continue;
        put(page, "  %-14s", name_of((enum forecaster)who, plan, fitted));
        put_number(page, by->auc, 4);
        put_number(page, by->has_p ? by->brier : -1, 4);
        put_number(page, by->mean_error, 4);
        if (by->captured < 0)
            put(page, "           -\n");
        else
            put(page, "       %4.1f%%\n", 100.0 * by->captured);
    }
    put(page,
        "AUC and Brier are of coming back, MAE of purchase days; the top 20%% are those it "
        "thinks will spend most,\nand took so much of the %s.\n",
        plan->has_amount ? "revenue" : "purchase days");
}

static void put_calibration(struct page *page, const struct calibration *c)
{
    if (!c->tried || c->asked == CALIBRATION_OFF)
        return;
    put(page, "\nchurn_prob is the %s's: %s", c->published ? "stack" : "model", c->reason);
    if (c->has_brier)
        put(page,
            "\n(%d days before the split: Brier stack %.4f, model %.4f, standard error %.4f; log "
            "loss %.4f, %.4f)",
            (int)c->trial_days, c->contest.brier[1], c->contest.brier[0], c->contest.standard_error,
            c->contest.log_loss[1], c->contest.log_loss[0]);
    put(page, "\n");
}

static void put_frequencies(struct page *page, const struct backtest *b)
{
    put(page, "\nRepeat purchases  customers  bought again   expected\n");
    for (int j = 0; j < VERDICT_FREQUENCIES; j++) {
        const struct verdict_frequency *group = &b->frequency[j];
        put(page, "  %d%-14s  %9zu  %12.4f  %9.4f\n", j,
            j + 1 == VERDICT_FREQUENCIES ? " or more" : "", group->customers, group->actual,
            group->expected);
    }
}

static void put_deciles(struct page *page, const struct backtest_forecast *by, const char *name)
{
    put(page, "\nReliability, %s\n  decile  customers  predicted  observed\n", name);
    for (int j = 0; j < VERDICT_DECILES; j++)
        put(page, "  %6d  %9zu  %9.4f  %8.4f\n", j + 1, by->decile[j].customers,
            by->decile[j].predicted, by->decile[j].observed);
}

int backtest_text(const struct backtest *backtest, const struct plan *plan,
                  const struct fitted *fitted, char **text, size_t *size)
{
    struct page page = {malloc(PAGE_BYTES), 0};
    if (!page.text)
        return log_fail(STATUS_BUG, "out of memory for a report");
    put_head(&page, backtest, plan);
    put_forecasts(&page, backtest, plan, fitted);
    put_calibration(&page, &fitted->calibration);
    if (backtest->by[FORECAST_MODEL].present)
        put_frequencies(&page, backtest);
    for (int who = 0; who < FORECASTERS; who++)
        if (backtest->by[who].has_p)
            put_deciles(&page, &backtest->by[who], name_of((enum forecaster)who, plan, fitted));
    *text = page.text;
    *size = page.size;
    return 0;
}

/* ---- json ---- */

/* null where there is none (< 0) */
static void put_double(struct json *json, const char *key, double value)
{
    json_put_key(json, key);
    if (value < 0)
        json_put_null(json);
    else
        json_put_double(json, value);
}

static void put_int(struct json *json, const char *key, int64_t value)
{
    json_put_key(json, key);
    json_put_int(json, value);
}

static void put_day(struct json *json, const char *key, int32_t day)
{
    char text[11];
    day_print(day, text);
    json_put_key(json, key);
    json_put_text(json, text);
}

static void json_deciles(struct json *json, const struct backtest_forecast *by)
{
    json_put_key(json, "deciles");
    json_open_array(json);
    for (int j = 0; by->has_p && j < VERDICT_DECILES; j++) {
        json_open_object(json);
        put_int(json, "customers", (int64_t)by->decile[j].customers);
        put_double(json, "predicted", by->decile[j].predicted);
        put_double(json, "observed", by->decile[j].observed);
        json_close(json);
    }
    json_close(json);
}

static void json_forecasts(struct json *json, const struct backtest *b, const struct fitted *fitted)
{
    static const char *const kind[] = {"model", "stack", "recency", "spend"};
    json_put_key(json, "forecasts");
    json_open_object(json);
    for (int who = 0; who < FORECASTERS; who++) {
        const struct backtest_forecast *by = &b->by[who];
        if (!by->present)
            continue;
        json_put_key(json, kind[who]);
        json_open_object(json);
        if (who == FORECAST_MODEL) {
            json_put_key(json, "name");
            json_put_text(json, churn_name(fitted->model.churn.kind));
        }
        put_double(json, "auc", by->auc);
        put_double(json, "brier", by->has_p ? by->brier : -1);
        put_double(json, "mean_absolute_error", by->mean_error);
        put_double(json, "captured_by_top_20_percent", by->captured);
        json_deciles(json, by);
        json_close(json);
    }
    json_close(json);
}

static void json_frequencies(struct json *json, const struct backtest *b)
{
    json_put_key(json, "by_repeat_purchases");
    json_open_array(json);
    for (int j = 0; b->by[FORECAST_MODEL].present && j < VERDICT_FREQUENCIES; j++) {
        json_open_object(json);
        put_int(json, "repeat_purchases", j);
        put_int(json, "customers", (int64_t)b->frequency[j].customers);
        put_double(json, "actual", b->frequency[j].actual);
        put_double(json, "expected", b->frequency[j].expected);
        json_close(json);
    }
    json_close(json);
}

int backtest_json(const struct backtest *backtest, const struct plan *plan,
                  const struct fitted *fitted, char **text, size_t *size)
{
    struct json json = {0};
    json_open_object(&json);
    put_day(&json, "split", plan->as_of);
    put_day(&json, "last_day", plan->as_of + plan->holdout_days);
    put_int(&json, "horizon_days", plan->horizon_days);
    put_int(&json, "churn_horizon_days", plan->churn_horizon_days);
    put_int(&json, "customers", (int64_t)backtest->customers);
    put_int(&json, "came_back", (int64_t)backtest->came_back);
    put_int(&json, "purchase_days", (int64_t)backtest->later_days);
    json_put_key(&json, "revenue");
    if (plan->has_amount)
        json_put_money(&json, backtest->later_spend);
    else
        json_put_null(&json);
    json_put_key(&json, "churn_prob_by");
    if (fitted->model.churn.kind == CHURN_NONE)
        json_put_null(&json);
    else
        json_put_text(&json, fitted->model.stack.horizon_days > 0 ? "stack" : "model");
    json_forecasts(&json, backtest, fitted);
    json_frequencies(&json, backtest);
    json_close(&json);
    return json_take(&json, text, size);
}
