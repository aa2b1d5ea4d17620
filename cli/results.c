/* SPDX-License-Identifier: Apache-2.0 */
/* model.json is complete for --model, which freezes estimates and takes as-of and horizons from the
 * run at hand. To explain a run that was, these are wanted too: its own are in model.json beside what
 * is frozen, and what belongs to the ledger or was said on the command line is in the manifest. */
#include "cli/results.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/decimal.h"
#include "cli/file.h"
#include "common/log.h"
#include "score/day.h"
#include "score/money.h"

int results_path(const struct results *results, const char *name, char path[RESULTS_PATH])
{
    int n = snprintf(path, RESULTS_PATH, "%s/%s", results->directory, name);
    return n < RESULTS_PATH ? 0 : log_fail(STATUS_NO_INPUT, "--run: the name is too long");
}

static int no_directory(const char *directory)
{
    struct stat info;
    if (stat(directory, &info) != 0)
        return log_fail(STATUS_NO_INPUT,
                        "%s: %s; --run names the DIR that winnow run --out has left", directory,
                        errno == ENOENT ? "no such directory" : strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return log_fail(STATUS_NO_INPUT,
                        "%s: not a directory; --run names the DIR that winnow run --out has left",
                        directory);
    return 0;
}

/* A file of the directory; one that is absent is an answer for --run. */
static int read_own(const struct results *results, const char *name, struct slice *bytes)
{
    char path[RESULTS_PATH];
    int r = results_path(results, name, path);
    if (r == 0)
        r = file_read(path, bytes);
    if (r == FILE_E_ABSENT)
        r = log_fail(STATUS_NO_INPUT,
                     "%s has no %s: no run of winnow has left it, or not yet; --run names the DIR "
                     "of winnow run --out",
                     results->directory, name);
    return r;
}

static int read_json(const struct results *results, const char *name, struct slice *bytes,
                     json_t **root)
{
    json_error_t error;
    int r = read_own(results, name, bytes);
    if (r < 0)
        return r;
    *root = json_loadb(bytes->data, bytes->size, 0, &error);
    return *root ? 0
                 : log_fail(STATUS_DATA, "%s/%s:%d:%d: %s", results->directory, name, error.line,
                            error.column, error.text);
}

/* What the manifest says where a member is as it should be. */
struct told {
    const char *version, *status, *run_id, *first_day;
    const char *digits, *redact, *unit, *serve_cost, *columns, *kind;
    int has_amount, has_order;
    json_int_t scored, active, decimals, refunds, cancelled;
};

static int unpack(const struct results *results, json_t *root, struct told *told)
{
    json_error_t error;
    if (json_unpack_ex(root, &error, 0, "{s:s,s:s,s:s}", "winnow", &told->version, "status",
                       &told->status, "run_id", &told->run_id) != 0)
        return log_fail(STATUS_NO_INPUT, "%s/manifest.json is not of a run of winnow: %s",
                        results->directory, error.text);
    if (strcmp(told->status, "complete") != 0)
        return log_fail(STATUS_NO_INPUT, "%s is of a run that was %s: it has no scores to explain",
                        results->directory, told->status);
    if (json_unpack_ex(root, &error, 0, "{s:{s:I,s:I},s:{s:I,s:I},s:{s:s,s:I,s:b,s:b}}",
                       "customers", "scored", &told->scored, "active", &told->active, "rows",
                       "refunds", &told->refunds, "cancelled", &told->cancelled, "ledger",
                       "first_day", &told->first_day, "decimals", &told->decimals, "has_amount",
                       &told->has_amount, "has_order_id", &told->has_order) != 0 ||
        json_unpack_ex(root, &error, 0, "{s:{s:{s:s},s:{s:s},s:{s:s},s:{s:s},s:{s:s},s:{s:s}}}",
                       "settings", "digits", "value", &told->digits, "redact", "value",
                       &told->redact, "time-unit", "value", &told->unit, "serve-cost", "value",
                       &told->serve_cost, "columns", "value", &told->columns, "input-kind", "value",
                       &told->kind) != 0)
        return log_fail(STATUS_DATA,
                        "%s/manifest.json: %s; another version of winnow wrote it (%s)",
                        results->directory, error.text, told->version);
    return 0;
}

static int take_manifest(struct results *results, const struct told *told)
{
    struct plan *plan = &results->plan;
    int64_t digits, serve_cost;
    if (decimal_read_within(told->digits, 0, 1, 17, &digits) != 0 ||
        decimal_read(told->serve_cost, strlen(told->serve_cost), 4, &serve_cost) != 0 ||
        told->decimals < 0 || told->decimals > 4 ||
        day_read(told->first_day, &plan->first_day) != 0)
        return log_fail(STATUS_DATA, "%s/manifest.json has settings that cannot be",
                        results->directory);
    snprintf(results->version, sizeof results->version, "%s", told->version);
    snprintf(results->run_id, sizeof results->run_id, "%s", told->run_id);
    snprintf(results->columns, sizeof results->columns, "%s", told->columns);
    results->digits = (int32_t)digits;
    results->unit_days = strcmp(told->unit, "day") == 0 ? 1 : 7;
    results->redacted = strcmp(told->redact, "no") != 0;
    results->took_back = told->refunds > 0 || told->cancelled > 0;
    results->customers = told->scored;
    results->active = told->active;
    plan->serve_cost = serve_cost;
    plan->summary = strcmp(told->kind, "summary") == 0 ? PLAN_SUMMARY_DATED : PLAN_LEDGER;
    plan->has_amount = told->has_amount;
    plan->has_order = told->has_order;
    plan->decimals = (int32_t)told->decimals;
    return 0;
}

static int read_manifest(struct results *results)
{
    struct slice bytes = {NULL, 0};
    struct told told;
    json_t *root = NULL;
    int r = read_json(results, "manifest.json", &bytes, &root);
    if (r == 0)
        r = unpack(results, root, &told);
    if (r == 0)
        r = take_manifest(results, &told);
    json_decref(root);
    free((void *)(uintptr_t)bytes.data);
    return r;
}

/* A rate as model.json has it. */
static int64_t millionths_of(const json_t *rate)
{
    return (int64_t)(json_number_value(rate) * (double)PLAN_MILLION + 0.5);
}

/* What offers cost and do, null where nothing was said of them. */
static void take_offer(const json_t *retention, struct plan_offer *offer)
{
    const json_t *save_rate = json_object_get(retention, "save_rate");
    *offer = (struct plan_offer){
        .asked = json_is_object(retention),
        .contact_cost =
            money_from_units(json_number_value(json_object_get(retention, "contact_cost"))),
        .offer_cost = money_from_units(json_number_value(json_object_get(retention, "offer_cost"))),
        .save_rate_millionths = save_rate ? millionths_of(save_rate) : -1,
        .take_rate_millionths = millionths_of(json_object_get(retention, "take_rate"))};
}

/* What model.json says beside what it freezes. */
static int take_model(struct results *results, json_t *root)
{
    struct plan *plan = &results->plan;
    const char *as_of = json_string_value(json_object_get(root, "as_of")), *reason;
    int horizon, churn_horizon;
    json_error_t error;
    if (json_unpack_ex(root, &error, 0, "{s:i,s:i,s:F,s:{s:s}}", "horizon_days", &horizon,
                       "churn_horizon_days", &churn_horizon, "discount_rate",
                       &plan->monthly_discount, "churn", "reason", &reason) != 0)
        return log_fail(STATUS_DATA, "%s/model.json: %s", results->directory, error.text);
    if (!as_of) { /* a summary counts its days back from whenever */
        plan->summary = PLAN_SUMMARY_UNDATED;
        as_of = "1970-01-01";
    }
    if (day_read(as_of, &plan->as_of) != 0 || horizon < 0 || churn_horizon < 0 ||
        !(plan->monthly_discount >= 0))
        return log_fail(STATUS_DATA, "%s/model.json has settings that cannot be",
                        results->directory);
    take_offer(json_object_get(root, "retention"), &plan->offer);
    plan->horizon_days = horizon;
    plan->churn_horizon_days = churn_horizon;
    snprintf(results->reason, sizeof results->reason, "%s", reason);
    return 0;
}

/* What is frozen is what that run used. */
static void take_frozen(struct results *results)
{
    const struct plan *from = &results->read.plan;
    struct fitted *fitted = &results->read.frozen.fitted;
    struct plan *plan = &results->plan;
    model_read_apply(&results->read, 0, plan);
    plan->margin_millionths = from->margin_millionths;
    plan->inactive_after_days = from->inactive_after_days;
    plan->churn_threshold = -1;
    results->tiering.cutoffs = fitted->cutoffs;
    results->tiering.active = (uint64_t)results->active;
    memcpy(results->tiering.churn_threshold, fitted->churn_threshold,
           sizeof fitted->churn_threshold);
    fitted->model.value_by = model_value_by(&fitted->model, plan);
}

static int read_model(struct results *results)
{
    struct slice model = {NULL, 0}, groups = {NULL, 0};
    char path[RESULTS_PATH];
    json_t *root = NULL;
    int r = read_json(results, "model.json", &model, &root);
    if (r == 0)
        r = take_model(results, root);
    if (r == 0)
        r = results_path(results, "groups.csv", path);
    if (r == 0)
        r = file_read(path, &groups);
    if (r == FILE_E_ABSENT)
        r = 0;
    if (r == 0)
        r = results_path(results, "model.json", path);
    if (r == 0)
        r = model_json_read(path, model, groups, &results->read);
    if (r == 0)
        take_frozen(results);
    json_decref(root);
    free((void *)(uintptr_t)model.data);
    free((void *)(uintptr_t)groups.data);
    return r;
}

int results_open(const char *directory, struct results *results)
{
    *results = (struct results){.directory = directory};
    int r = no_directory(directory);
    if (r == 0)
        r = read_manifest(results);
    return r < 0 ? r : read_model(results);
}

void results_close(struct results *results)
{
    model_read_free(&results->read);
}
