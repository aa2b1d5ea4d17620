/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/model_json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/digits.h"
#include "common/json.h"
#include "common/log.h"
#include "score/day.h"
#include "score/money.h"
#include "sink/boundary.h"
#include "sink/calibration_json.h"
#include "sink/segments_json.h"
#include "sink/uncertainty_json.h"

static void put_number(struct json *json, const char *key, double value)
{
    json_put_key(json, key);
    json_put_double(json, value);
}

static void put_int(struct json *json, const char *key, int64_t value)
{
    json_put_key(json, key);
    json_put_int(json, value);
}

static void put_text(struct json *json, const char *key, const char *text)
{
    json_put_key(json, key);
    json_put_text(json, text);
}

/* Ids and names are bytes, JSON has only text: what is no UTF-8 (a ledger in Latin-1) is written in
 * hexadecimal, as {"hex": "c4"}, so that it comes back as it was. */
static void put_name(struct json *json, const char *name, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    json_t *text = json_stringn(name, size);
    if (text) {
        json_decref(text);
        json_put_bytes(json, name, size);
        return;
    }
    char *hex = malloc(2 * size + 1);
    for (size_t i = 0; hex && i < size; i++) {
        hex[2 * i] = digits[(unsigned char)name[i] >> 4];
        hex[2 * i + 1] = digits[name[i] & 15];
    }
    json_open_object(json);
    json_put_key(json, "hex");
    if (hex) /* a key without a value is said by json_take */
        json_put_bytes(json, hex, 2 * size);
    json_close(json);
    free(hex);
}

/* Days without a limit are null. */
static void put_days(struct json *json, const char *key, int32_t days)
{
    json_put_key(json, key);
    if (days == PLAN_DAYS_ALL)
        json_put_null(json);
    else
        json_put_int(json, days);
}

/* A decimal of millionths, exactly. */
static void put_millionths(struct json *json, const char *key, int64_t millionths)
{
    char digits[DIGITS_ROOM];
    char *end = digits_double(digits, (double)millionths / (double)PLAN_MILLION, 15);
    json_put_key(json, key);
    json_put_raw(json, digits, (size_t)(end - digits));
}

static void put_cuts(struct json *json, const struct rfm_cuts *cuts, enum rfm_metric metric,
                     const char *key, const char *ids_key)
{
    json_put_key(json, key);
    json_open_array(json);
    for (int32_t k = 0; k + 1 < cuts->bins; k++) {
        if (metric == RFM_MONETARY)
            json_put_money(json, cuts->cut[metric][k].value);
        else
            json_put_int(json, cuts->cut[metric][k].value);
    }
    json_close(json);
    if (cuts->ties != RFM_NTILE)
        return;
    json_put_key(json, ids_key);
    json_open_array(json);
    for (int32_t k = 0; k + 1 < cuts->bins; k++)
        put_name(json, cuts->cut[metric][k].id, cuts->cut[metric][k].id_length);
    json_close(json);
}

/* [from, customers] of each bucket from the first that anybody is in to the last. */
static void put_histogram(struct json *json, const struct histogram *histogram, const char *key,
                          int is_money)
{
    int32_t first = 0, last = HISTOGRAM_BUCKETS - 1;
    while (first < last && histogram->bucket[first] == 0)
        first++;
    while (last > first && histogram->bucket[last] == 0)
        last--;
    json_put_key(json, key);
    json_open_object(json);
    put_int(json, "negative", (int64_t)histogram->negative);
    put_int(json, "zero", (int64_t)histogram->zero);
    json_put_key(json, "from");
    json_open_array(json);
    for (int32_t i = first; i <= last; i++) {
        if (is_money)
            json_put_money(json, histogram_from(i));
        else
            json_put_int(json, histogram_from(i));
    }
    json_close(json);
    json_put_key(json, "customers");
    json_open_array(json);
    for (int32_t i = first; i <= last; i++)
        json_put_int(json, (int64_t)histogram->bucket[i]);
    json_close(json);
    json_close(json);
}

static void put_rfm(struct json *json, const struct fitted *fitted, const struct plan *plan)
{
    static const char *const name[] = {"recency", "frequency", "monetary"};
    const struct rfm_cuts *cuts = &fitted->model.rfm;
    json_put_key(json, "rfm");
    json_open_object(json);
    put_int(json, "bins", plan->rfm_bins);
    put_text(json, "ties", plan->rfm_ties == RFM_NTILE ? "ntile" : "together");
    put_text(json, "frequency", plan->rfm_frequency == RFM_ORDERS ? "orders" : "days");
    put_days(json, "window_days", plan->rfm_window_days);
    put_cuts(json, cuts, RFM_RECENCY, "recency_cuts", "recency_cut_ids");
    put_cuts(json, cuts, RFM_FREQUENCY, "frequency_cuts", "frequency_cut_ids");
    put_cuts(json, cuts, RFM_MONETARY, "monetary_cuts", "monetary_cut_ids");
    json_put_key(json, "cuts_given");
    json_open_array(json);
    for (int metric = 0; metric < RFM_METRICS; metric++)
        if (plan->rfm_cuts[metric].n > 0)
            json_put_text(json, name[metric]);
    json_close(json);
    segments_json_put(json, &plan->segments);
    json_put_key(json, "histograms");
    json_open_object(json);
    for (int metric = 0; metric < RFM_METRICS; metric++)
        put_histogram(json, &fitted->histogram[metric], name[metric], metric == RFM_MONETARY);
    json_close(json);
    json_close(json);
}

static void put_parameters(struct json *json, const struct fit *fit)
{
    enum churn_kind kind = fit->model.kind;
    json_put_key(json, "parameters");
    json_open_object(json);
    for (int32_t i = 0; i < churn_parameters(kind); i++)
        put_number(json, churn_parameter_name(kind, i), fit->model.parameter[i]);
    json_close(json);
}

static void put_errors(struct json *json, const struct fit *fit)
{
    enum churn_kind kind = fit->model.kind;
    json_put_key(json, "standard_errors");
    json_open_object(json);
    for (int32_t i = 0; i < churn_parameters(kind); i++) {
        json_put_key(json, churn_parameter_name(kind, i));
        if (fit->standard_error[i] >= 0)
            json_put_double(json, fit->standard_error[i]);
        else
            json_put_null(json);
    }
    json_close(json);
}

static void put_fit(struct json *json, const struct fit *fit)
{
    json_open_object(json);
    put_text(json, "name", churn_name(fit->model.kind));
    put_int(json, "regularity", fit->model.regularity > 0 ? fit->model.regularity : 1);
    put_parameters(json, fit);
    put_number(json, "log_likelihood", fit->log_likelihood);
    put_number(json, "bic", fit->bic);
    put_text(json, "stopped", fit_stop_name(fit->stop));
    if (fit->stop == FIT_BOUNDARY)
        put_text(json, "boundary", boundary_words(fit));
    put_number(json, "gradient_norm", fit->gradient_norm);
    put_errors(json, fit);
    put_int(json, "customers", (int64_t)fit->customers);
    json_close(json);
}

static void put_churn(struct json *json, const struct fitted *fitted)
{
    json_put_key(json, "churn");
    json_open_object(json);
    put_text(json, "chosen",
             fitted->chosen >= 0 ? churn_name(fitted->tried[fitted->chosen].model.kind) : "none");
    if (fitted->chosen >= 0)
        put_int(json, "chosen_regularity", fitted->tried[fitted->chosen].model.regularity);
    put_text(json, "reason", fitted->reason);
    json_put_key(json, "models");
    json_open_array(json);
    for (size_t i = 0; i < fitted->n_tried; i++)
        put_fit(json, &fitted->tried[i]);
    json_close(json);
    calibration_json_put(json, &fitted->calibration);
    json_close(json);
}

static const char *spend_name(enum spend_kind kind)
{
    return kind == SPEND_GAMMA_GAMMA ? "gamma_gamma" : kind == SPEND_MEAN ? "mean" : "none";
}

/* What it does that the model takes spend a purchase to be independent of their number. */
static const char *correlation_effect(const struct fit_spend *spend)
{
    if (spend->model.kind != SPEND_GAMMA_GAMMA)
        return "none: spend is the base's mean for everybody";
    if (spend->correlation > 0.1)
        return "who comes more often spends more a time: clv is too low for frequent customers and "
               "too high for rare ones";
    if (spend->correlation < -0.1)
        return "who comes more often spends less a time: clv is too high for frequent customers "
               "and too low for rare ones";
    return "small: the model's assumption of none does little harm";
}

static void put_spend(struct json *json, const struct fitted *fitted)
{
    const struct fit_spend *spend = &fitted->spend;
    json_put_key(json, "spend");
    json_open_object(json);
    put_text(json, "name", spend_name(spend->model.kind));
    json_put_key(json, "parameters");
    json_open_object(json);
    put_number(json, "p", spend->p);
    put_number(json, "q", spend->q);
    put_number(json, "v", spend->v);
    json_close(json);
    put_number(json, "mean", spend->model.mean);
    put_number(json, "log_likelihood", spend->log_likelihood);
    put_int(json, "customers", (int64_t)spend->customers);
    put_number(json, "correlation", spend->correlation);
    put_text(json, "correlation_effect", correlation_effect(spend));
    put_text(json, "stopped", fit_stop_name(spend->stop));
    if (spend->stop == FIT_BOUNDARY)
        put_text(json, "boundary", boundary_spend_words(spend));
    put_number(json, "gradient_norm", spend->gradient_norm);
    json_close(json);
}

static const char *wallet_name(enum wallet_method method)
{
    static const char *const name[] = {"none", "declared", "mean", "quantile", "regression", "war"};
    return name[method];
}

static void put_group(struct json *json, const struct peers *peers, uint32_t i)
{
    const char *name = peers->names + peers->offset[i], *end = peers->names + peers->offset[i + 1];
    json_open_object(json);
    json_put_key(json, "peers");
    json_open_array(json);
    while (name < end) {
        const char *stop = memchr(name, PEERS_END, (size_t)(end - name));
        put_name(json, name, (size_t)((stop ? stop : end) - name));
        name = stop ? stop + 1 : end;
    }
    json_close(json);
    put_int(json, "customers", (int64_t)peers->n[i]);
    json_put_key(json, "estimate");
    json_put_money(json, peers->estimate[i]);
    json_close(json);
}

/* Mean pinball loss on folds left out, of each method that could be used, and the best of them. */
static void put_contest(struct json *json, const struct peers *peers, const struct plan *plan)
{
    if (plan->wallet_method == WALLET_REGRESSION && peers->groups.n > 0)
        put_number(json, "slope", peers->groups.slope);
    if (!peers->has_losses)
        return;
    json_put_key(json, "losses");
    json_open_object(json);
    for (int method = WALLET_MEAN; method <= WALLET_REGRESSION; method++)
        put_number(json, wallet_name((enum wallet_method)method), peers->loss[method]);
    json_close(json);
    put_text(json, "best", wallet_name(peers_best(peers)));
}

static void put_wallet(struct json *json, const struct fitted *fitted, const struct plan *plan,
                       const struct model_text *text)
{
    const struct peers *peers = &fitted->peers;
    json_put_key(json, "wallet");
    json_open_object(json);
    put_text(json, "method", wallet_name(plan->wallet_method));
    put_millionths(json, "tau", plan->wallet_tau_millionths);
    put_int(json, "window_days", plan->wallet_window_days);
    put_contest(json, peers, plan);
    if (text->groups) {
        char digest[DIGEST_TEXT];
        digest_print(digest_of(text->groups, text->groups_size), digest);
        put_int(json, "groups", peers->groups.n);
        put_text(json, "groups_digest", digest);
    } else {
        json_put_key(json, "groups");
        json_open_array(json);
        for (uint32_t i = 0; i < peers->groups.n; i++)
            put_group(json, peers, i);
        json_close(json);
    }
    json_close(json);
}

static void put_tiers(struct json *json, const struct plan *plan, const struct tiering *tiering,
                      const uint64_t *customers)
{
    static const char *const by[] = {"clv", "revenue", "profit"};
    put_text(json, "tier_by", by[plan->tier_by]);
    json_put_key(json, "tiers");
    json_open_array(json);
    for (int32_t i = 0; i < plan->n_tiers; i++) {
        json_open_object(json);
        put_text(json, "name", plan->tiers[i].name);
        json_put_key(json, "cutoff");
        if (tiering->cutoffs.cutoff[i].present)
            json_put_money(json, tiering->cutoffs.cutoff[i].value);
        else
            json_put_null(json);
        put_int(json, "customers", (int64_t)customers[i]);
        put_millionths(json, "share_percent", plan->tiers[i].share);
        json_put_key(json, "churn_threshold");
        if (tiering->churn_threshold[i] >= 0)
            json_put_double(json, tiering->churn_threshold[i]);
        else
            json_put_null(json);
        json_close(json);
    }
    json_close(json);
}

static void put_money(struct json *json, const char *key, int64_t money)
{
    json_put_key(json, key);
    json_put_money(json, money);
}

/* What offers cost and do in this run; --model freezes none of it. */
static void put_offer(struct json *json, const struct plan *plan)
{
    const struct plan_offer *offer = &plan->offer;
    json_put_key(json, "retention");
    if (!offer->asked) {
        json_put_null(json);
        return;
    }
    json_open_object(json);
    put_money(json, "contact_cost", offer->contact_cost);
    put_money(json, "offer_cost", offer->offer_cost);
    if (offer->save_rate_millionths >= 0)
        put_millionths(json, "save_rate", offer->save_rate_millionths);
    put_millionths(json, "take_rate", offer->take_rate_millionths);
    json_close(json);
}

static void put_definitions(struct json *json)
{
    static const char *const words[][2] = {
        {"recency_days", "as_of minus the day of the last purchase"},
        {"frequency", "distinct days with a purchase within rfm.window_days (orders where "
                      "rfm.frequency is orders)"},
        {"monetary", "money net of refunds within rfm.window_days"},
        {"cuts", "together: floor of the type 7 quantile k/bins; score = 1 + cuts strictly below "
                 "the value, "
                 "counted from the other end for recency. ntile: last value and id of each tile "
                 "from the worst"},
        {"histograms", "customers of the base whose value is at least `from` and below the next; "
                       "days, purchases, money"},
        {"x", "purchase days after the first"},
        {"t_x", "weeks from first to last purchase"},
        {"T", "weeks from first purchase to as_of"},
        {"p_alive", "probability of still being a customer at as_of"},
        {"churn_prob", "probability of no purchase in the churn_horizon_days after as_of"},
        {"expected_purchases", "purchase days expected in the horizon_days after as_of"},
        {"clv", "expected spend by month, discounted, times margin; a month is 365.25/12 days"},
        {"retention_gain", "churn_prob * save_rate * (clv_if_alive - offer_cost) - (1 - "
                           "churn_prob) * take_rate * offer_cost - contact_cost"},
        {"cutoff", "members of a tier have at least this value and are in no better tier"},
        {"estimate",
         "spend per unit of the peers in window_days, thin groups shrunk to their parent; with "
         "regression the wallet is estimate * units^slope"},
        {"losses", "mean pinball loss at tau on five folds that were left out, a customer"},
    };
    json_put_key(json, "definitions");
    json_open_object(json);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        put_text(json, words[i][0], words[i][1]);
    json_close(json);
}

/* One line a group: its peer columns' values, ended by a stroke each, its customers, its estimate. */
static int groups_text(const struct peers *peers, struct model_text *text)
{
    size_t room = peers->groups.n * (size_t)(2 * DIGITS_ROOM) +
                  2 * (size_t)peers->offset[peers->groups.n] + 64;
    char *out = malloc(room), *at = out;
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for %u peer groups", peers->groups.n);
    at += sprintf(at, "peers,customers,estimate\n");
    for (uint32_t i = 0; i < peers->groups.n; i++) {
        *at++ = '"';
        for (uint32_t k = peers->offset[i]; k < peers->offset[i + 1]; k++) {
            if (peers->names[k] == '"')
                *at++ = '"';
            *at++ = peers->names[k];
        }
        *at++ = '"';
        *at++ = ',';
        at = digits_int(at, (int64_t)peers->n[i]);
        *at++ = ',';
        at = digits_money_exact(at, peers->estimate[i]);
        *at++ = '\n';
    }
    text->groups = out;
    text->groups_size = (size_t)(at - out);
    return 0;
}

int model_json_write(const struct fitted *fitted, const struct plan *plan,
                     const struct tiering *tiering, const uint64_t *customers, struct digest digest,
                     struct model_text *text)
{
    struct json json = {0};
    char as_of[11], digest_text[DIGEST_TEXT];
    *text = (struct model_text){0};
    if (fitted->peers.groups.n > MODEL_JSON_GROUPS) {
        int r = groups_text(&fitted->peers, text);
        if (r < 0)
            return r;
    }
    day_print(plan->as_of, as_of);
    digest_print(digest, digest_text);
    json_open_object(&json);
    put_int(&json, "schema_version", MODEL_JSON_VERSION);
    json_put_key(&json, "as_of");
    if (plan->summary == PLAN_SUMMARY_UNDATED)
        json_put_null(&json);
    else
        json_put_text(&json, as_of);
    put_int(&json, "customers", (int64_t)fitted->totals.customers);
    put_rfm(&json, fitted, plan);
    put_churn(&json, fitted);
    put_spend(&json, fitted);
    uncertainty_json_put(&json, &fitted->model.uncertainty);
    put_wallet(&json, fitted, plan, text);
    put_tiers(&json, plan, tiering, customers);
    put_int(&json, "horizon_days", plan->horizon_days);
    put_int(&json, "churn_horizon_days", plan->churn_horizon_days);
    put_number(&json, "discount_rate", plan->monthly_discount);
    put_text(&json, "discount_period", "month");
    put_millionths(&json, "margin", plan->margin_millionths);
    put_money(&json, "serve_cost", plan->serve_cost);
    put_offer(&json, plan);
    put_days(&json, "inactive_after_days", plan->inactive_after_days);
    put_text(&json, "time_unit", "week");
    put_definitions(&json);
    put_text(&json, "digest", digest_text);
    json_close(&json);
    int r = json_take(&json, &text->json, &text->json_size);
    if (r < 0)
        free(text->groups);
    return r;
}
