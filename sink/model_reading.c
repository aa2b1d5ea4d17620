/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what model_json.c wrote. A reader fails once and remembers where, so that each field is one
 * line and the first wrong one is named. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/wire.h"
#include "common/wire_job.h"
#include "score/money.h"
#include "score/purchase.h"
#include "sink/calibration_json.h"
#include "sink/model_json.h"
#include "sink/segments_json.h"
#include "sink/uncertainty_json.h"

struct reader {
    const char *name; /* of the file */
    int failed;
};

static void fail(struct reader *reader, const char *key, const char *what)
{
    if (!reader->failed)
        log_say(LOG_ERROR, "%s: %s %s; it is not a model.json of this version of winnow",
                reader->name, key, what);
    reader->failed = 1;
}

static json_t *member(struct reader *reader, const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!value)
        fail(reader, key, "is missing");
    return value;
}

static const char *text_of(struct reader *reader, const json_t *object, const char *key)
{
    json_t *value = member(reader, object, key);
    if (json_is_string(value))
        return json_string_value(value);
    fail(reader, key, "is no text");
    return "";
}

static double number_of(struct reader *reader, const json_t *object, const char *key)
{
    json_t *value = member(reader, object, key);
    if (json_is_number(value))
        return json_number_value(value);
    fail(reader, key, "is no number");
    return 0;
}

static int64_t integer_of(struct reader *reader, const json_t *object, const char *key,
                          int64_t least, int64_t most)
{
    json_t *value = member(reader, object, key);
    if (json_is_integer(value) && json_integer_value(value) >= least &&
        json_integer_value(value) <= most)
        return json_integer_value(value);
    fail(reader, key, "is no whole number, or out of range");
    return least;
}

/* An exact decimal of at most 4 places. jansson reads a double, which tells two of them apart up to
 * 2^39 units, 5 x 10^11; beyond, the last place may be off by one. */
static int64_t money_of(struct reader *reader, const json_t *value, const char *key)
{
    if (json_is_number(value))
        return money_from_units(json_number_value(value));
    fail(reader, key, "is no amount");
    return 0;
}

static int nibble_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Text as it is, or {"hex": ...}, to bytes; SIZE_MAX (said) where it is neither or there is no room. */
static size_t name_of(struct reader *reader, const json_t *value, const char *key, char *out,
                      size_t room)
{
    const json_t *hex = json_object_get(value, "hex");
    const char *text = json_string_value(hex ? hex : value);
    size_t size = json_string_length(hex ? hex : value) / (hex ? 2 : 1);
    int whole = text && size <= room && (!hex || json_string_length(hex) == 2 * size);
    if (whole && !hex)
        memcpy(out, text, size);
    for (size_t i = 0; whole && hex && i < size; i++) {
        int high = nibble_of(text[2 * i]), low = nibble_of(text[2 * i + 1]);
        whole = high >= 0 && low >= 0;
        out[i] = (char)(16 * high + low);
    }
    if (whole)
        return size;
    fail(reader, key, "has an entry that is no name, or is too long");
    return SIZE_MAX;
}

static int32_t days_of(struct reader *reader, const json_t *object, const char *key)
{
    if (json_is_null(json_object_get(object, key)))
        return PLAN_DAYS_ALL;
    return (int32_t)integer_of(reader, object, key, 0, INT32_MAX);
}

static int64_t millionths_of(struct reader *reader, const json_t *object, const char *key)
{
    double value = number_of(reader, object, key) * (double)PLAN_MILLION;
    if (!(value > -9e15 && value < 9e15)) {
        fail(reader, key, "is out of range");
        return 0;
    }
    return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}

/* Index of a word in a list. */
static int word_of(struct reader *reader, const json_t *object, const char *key,
                   const char *const *words, int n)
{
    const char *text = text_of(reader, object, key);
    for (int i = 0; i < n; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    fail(reader, key, "is a word that is not known");
    return 0;
}

static void read_cuts(struct reader *reader, const json_t *rfm, enum rfm_metric metric,
                      const char *key, struct rfm_cuts *cuts)
{
    json_t *list = member(reader, rfm, key);
    size_t n = json_array_size(list), want = cuts->bins > 0 ? (size_t)cuts->bins - 1 : 0;
    if (!json_is_array(list) || n != want) {
        fail(reader, key, "has not bins - 1 entries");
        return;
    }
    for (size_t k = 0; k < n; k++) {
        json_t *value = json_array_get(list, k);
        cuts->cut[metric][k].value = metric == RFM_MONETARY ? money_of(reader, value, key)
                                     : json_is_integer(value)
                                         ? json_integer_value(value)
                                         : (fail(reader, key, "is no whole number"), 0);
    }
}

static void read_cut_ids(struct reader *reader, const json_t *rfm, enum rfm_metric metric,
                         const char *key, struct fitted *fitted, size_t *used)
{
    struct rfm_cuts *cuts = &fitted->model.rfm;
    json_t *list = member(reader, rfm, key);
    for (int32_t k = 0; k + 1 < cuts->bins; k++) {
        size_t length = name_of(reader, json_array_get(list, (size_t)k), key,
                                fitted->cut_ids + *used, CUSTOMER_ID_LIMIT);
        if (length == SIZE_MAX)
            return;
        cuts->cut[metric][k].id = fitted->cut_ids + *used;
        cuts->cut[metric][k].id_length = length;
        *used += length;
    }
}

static void read_rfm(struct reader *reader, const json_t *root, struct model_read *out)
{
    static const char *const ties[] = {"together", "ntile"};
    static const char *const frequency[] = {"days", "orders"};
    struct fitted *fitted = &out->frozen.fitted;
    struct rfm_cuts *cuts = &fitted->model.rfm;
    const json_t *rfm = member(reader, root, "rfm");
    out->plan.rfm_bins = cuts->bins = (int32_t)integer_of(reader, rfm, "bins", 2, RFM_BINS_LIMIT);
    out->plan.rfm_ties = cuts->ties = (enum rfm_ties)word_of(reader, rfm, "ties", ties, 2);
    out->plan.rfm_frequency = (enum rfm_frequency)word_of(reader, rfm, "frequency", frequency, 2);
    out->plan.rfm_window_days = days_of(reader, rfm, "window_days");
    if (segments_json_read(json_object_get(rfm, "segments"), out->plan.rfm_bins,
                           &out->plan.segments) != 0)
        fail(reader, "segments", "has a rule that is none");
    if (json_array_size(member(reader, rfm, "recency_cuts")) == 0)
        cuts->bins = 0; /* there was no base to cut */
    read_cuts(reader, rfm, RFM_RECENCY, "recency_cuts", cuts);
    read_cuts(reader, rfm, RFM_FREQUENCY, "frequency_cuts", cuts);
    read_cuts(reader, rfm, RFM_MONETARY, "monetary_cuts", cuts);
    if (cuts->ties != RFM_NTILE || reader->failed)
        return;
    size_t used = 0;
    fitted->cut_ids = malloc((size_t)RFM_METRICS * RFM_BINS_LIMIT * CUSTOMER_ID_LIMIT);
    if (!fitted->cut_ids) {
        fail(reader, "rfm", "needs more memory than there is");
        return;
    }
    read_cut_ids(reader, rfm, RFM_RECENCY, "recency_cut_ids", fitted, &used);
    read_cut_ids(reader, rfm, RFM_FREQUENCY, "frequency_cut_ids", fitted, &used);
    read_cut_ids(reader, rfm, RFM_MONETARY, "monetary_cut_ids", fitted, &used);
}

static enum fit_stop stop_of(struct reader *reader, const json_t *object)
{
    static const char *const words[] = {"converged", "boundary", "too_few", "flat", "skipped"};
    static const enum fit_stop stop[] = {FIT_CONVERGED, FIT_BOUNDARY, FIT_TOO_FEW, FIT_FLAT,
                                         FIT_SKIPPED};
    return stop[word_of(reader, object, "stopped", words, 5)];
}

static void read_fit(struct reader *reader, const json_t *object, struct fit *fit)
{
    const json_t *parameters = member(reader, object, "parameters");
    const json_t *errors = member(reader, object, "standard_errors");
    fit->model.kind = churn_kind_named(text_of(reader, object, "name"));
    if (fit->model.kind == CHURN_NONE)
        fail(reader, "name", "is a churn model that is not known");
    fit->model.regularity =
        (int32_t)integer_of(reader, object, "regularity", 1, CHURN_REGULARITY_MOST);
    for (int32_t i = 0; !reader->failed && i < churn_parameters(fit->model.kind); i++) {
        const char *name = churn_parameter_name(fit->model.kind, i);
        const json_t *error = json_object_get(errors, name);
        fit->model.parameter[i] = number_of(reader, parameters, name);
        if (!(fit->model.parameter[i] >= 0))
            fail(reader, name, "is negative");
        fit->standard_error[i] = json_is_number(error) ? json_number_value(error) : -1;
    }
    fit->log_likelihood = number_of(reader, object, "log_likelihood");
    fit->bic = number_of(reader, object, "bic");
    fit->stop = stop_of(reader, object);
    fit->gradient_norm = number_of(reader, object, "gradient_norm");
    fit->customers = (uint64_t)integer_of(reader, object, "customers", 0, INT64_MAX);
}

/* A model that was not fitted has zeros; one that scores must not. */
static void check_chosen(struct reader *reader, const struct churn_model *model)
{
    for (int32_t i = 0; i < churn_parameters(model->kind); i++)
        if (!(model->parameter[i] > 0))
            fail(reader, churn_parameter_name(model->kind, i), "is 0 in the chosen model");
}

static void read_churn(struct reader *reader, const json_t *root, struct fitted *fitted)
{
    const json_t *churn = member(reader, root, "churn");
    const json_t *models = member(reader, churn, "models");
    const char *chosen = text_of(reader, churn, "chosen");
    const json_t *regularity = json_object_get(churn, "chosen_regularity");
    size_t n = json_array_size(models);
    fitted->chosen = -1;
    if (n > FITTING_MODELS) {
        fail(reader, "models", "has more entries than there are models");
        return;
    }
    for (size_t i = 0; !reader->failed && i < n; i++) {
        read_fit(reader, json_array_get(models, i), &fitted->tried[i]);
        const struct churn_model *model = &fitted->tried[i].model;
        int is_it = !reader->failed && strcmp(churn_name(model->kind), chosen) == 0 &&
                    (!regularity || json_integer_value(regularity) == model->regularity);
        if (is_it && fitted->chosen >= 0)
            fail(reader, "chosen", "is the name of several models, chosen_regularity of one");
        else if (is_it)
            fitted->chosen = (int32_t)i;
        fitted->n_tried = i + 1;
    }
    if (calibration_json_read(json_object_get(churn, "calibration"), fitted) != 0)
        fail(reader, "calibration", "is not whole");
    if (fitted->chosen >= 0)
        fitted->model.churn = fitted->tried[fitted->chosen].model;
    else if (strcmp(chosen, "none") != 0)
        fail(reader, "chosen", "is none of the models");
    check_chosen(reader, &fitted->model.churn);
}

static void read_spend(struct reader *reader, const json_t *root, struct fitted *fitted)
{
    static const char *const names[] = {"none", "gamma_gamma", "mean"};
    const json_t *object = member(reader, root, "spend");
    const json_t *parameters = member(reader, object, "parameters");
    struct fit_spend *spend = &fitted->spend;
    spend->model.kind = (enum spend_kind)word_of(reader, object, "name", names, 3);
    spend->model.p = spend->p = number_of(reader, parameters, "p");
    spend->model.q = spend->q = number_of(reader, parameters, "q");
    spend->model.v = spend->v = number_of(reader, parameters, "v");
    spend->model.mean = number_of(reader, object, "mean");
    spend->log_likelihood = number_of(reader, object, "log_likelihood");
    spend->customers = (uint64_t)integer_of(reader, object, "customers", 0, INT64_MAX);
    spend->correlation = number_of(reader, object, "correlation");
    spend->stop = stop_of(reader, object);
    spend->gradient_norm = number_of(reader, object, "gradient_norm");
    fitted->model.spend = spend->model;
}

/* What stands for a group in the model; rising names, as they are searched. */
static void add_group(struct reader *reader, struct fitted *fitted, const char *name, size_t length,
                      int64_t n, int64_t estimate)
{
    const struct peers *peers = &fitted->peers;
    uint32_t at = peers->groups.n;
    if (at > 0) {
        size_t last = peers->offset[at] - peers->offset[at - 1];
        int order =
            memcmp(peers->names + peers->offset[at - 1], name, last < length ? last : length);
        if (order > 0 || (order == 0 && last >= length))
            fail(reader, "groups", "are not in the order of their names");
    }
    if (!reader->failed && peers_add(&fitted->peers, name, length, (uint64_t)n, estimate) < 0)
        fail(reader, "groups", "need more memory than there is");
}

static void read_group(struct reader *reader, const json_t *object, struct fitted *fitted)
{
    const json_t *peers = member(reader, object, "peers");
    char name[65536];
    size_t length = 0;
    for (size_t i = 0; i < json_array_size(peers); i++) {
        size_t room = sizeof name - length, size = SIZE_MAX;
        if (room > 0)
            size = name_of(reader, json_array_get(peers, i), "peers", name + length, room - 1);
        else
            fail(reader, "peers", "are too long");
        if (size == SIZE_MAX)
            return;
        length += size;
        name[length++] = PEERS_END;
    }
    int64_t n = integer_of(reader, object, "customers", 0, INT64_MAX);
    add_group(reader, fitted, name, length, n,
              money_of(reader, member(reader, object, "estimate"), "estimate"));
}

/* One line of groups.csv, as model_json.c writes them; answers the start of the next, or NULL. */
static const char *read_group_line(struct reader *reader, const char *line, const char *end,
                                   struct fitted *fitted)
{
    char name[65536], *stop;
    size_t length = 0;
    if (line == end || *line++ != '"')
        return NULL;
    for (; line < end && length < sizeof name; line++) {
        if (*line == '"' && (line + 1 == end || line[1] != '"'))
            break;
        line += *line == '"';
        name[length++] = *line;
    }
    if (line + 2 >= end || line[1] != ',' || line[2] < '0' || line[2] > '9')
        return NULL;
    long long n = strtoll(line + 2, &stop, 10);
    if (*stop != ',' || ((stop[1] < '0' || stop[1] > '9') && stop[1] != '-'))
        return NULL;
    double estimate = strtod(stop + 1, &stop);
    if (*stop != '\n')
        return NULL;
    add_group(reader, fitted, name, length, n, money_from_units(estimate));
    return stop + 1;
}

static void read_groups_csv(struct reader *reader, const json_t *wallet, struct slice groups,
                            struct fitted *fitted)
{
    char digest[DIGEST_TEXT];
    const char *line = groups.data, *end = line + groups.size;
    digest_print(digest_of(groups.data, groups.size), digest);
    if (groups.size == 0 || line[groups.size - 1] != '\n' ||
        strcmp(digest, text_of(reader, wallet, "groups_digest")) != 0) {
        fail(reader, "groups", "are in groups.csv beside it, which is missing or was changed");
        return;
    }
    line = memchr(line, '\n', groups.size);
    line = line ? line + 1 : NULL;
    while (line && line < end && !reader->failed)
        line = read_group_line(reader, line, end, fitted);
    if (!line)
        fail(reader, "groups.csv", "has a line that cannot be read");
}

static void read_wallet(struct reader *reader, const json_t *root, struct slice groups,
                        struct model_read *out)
{
    static const char *const methods[] = {"none",     "declared",   "mean",
                                          "quantile", "regression", "war"};
    const json_t *wallet = member(reader, root, "wallet");
    const json_t *list = member(reader, wallet, "groups");
    struct fitted *fitted = &out->frozen.fitted;
    out->plan.wallet_method = (enum wallet_method)word_of(reader, wallet, "method", methods, 6);
    out->plan.wallet_tau_millionths = millionths_of(reader, wallet, "tau");
    fitted->peers.groups.slope = json_is_number(json_object_get(wallet, "slope"))
                                     ? json_number_value(json_object_get(wallet, "slope"))
                                     : 1;
    out->plan.wallet_window_days = (int32_t)integer_of(reader, wallet, "window_days", 0, INT32_MAX);
    if (json_is_integer(list)) {
        read_groups_csv(reader, wallet, groups, fitted);
        return;
    }
    if (!json_is_array(list))
        fail(reader, "groups", "is no list");
    for (size_t i = 0; i < json_array_size(list) && !reader->failed; i++)
        read_group(reader, json_array_get(list, i), fitted);
}

static void read_tier(struct reader *reader, const json_t *object, int32_t i,
                      struct model_read *out)
{
    struct fitted *fitted = &out->frozen.fitted;
    const char *name = text_of(reader, object, "name");
    const json_t *cutoff = member(reader, object, "cutoff");
    const json_t *threshold = json_object_get(object, "churn_threshold");
    if (strlen(name) > PLAN_TIER_NAME_LIMIT || strpbrk(name, ",\"\r\n")) {
        fail(reader, "name", "of a tier is too long, or no word");
        return;
    }
    strcpy(out->plan.tiers[i].name, name);
    out->plan.tiers[i].share = millionths_of(reader, object, "share_percent");
    fitted->cutoffs.cutoff[i].present = !json_is_null(cutoff);
    if (fitted->cutoffs.cutoff[i].present)
        fitted->cutoffs.cutoff[i].value = money_of(reader, cutoff, "cutoff");
    fitted->churn_threshold[i] = json_is_number(threshold) ? json_number_value(threshold) : -1;
}

static void read_tiers(struct reader *reader, const json_t *root, struct model_read *out)
{
    static const char *const by[] = {"clv", "revenue", "profit"};
    const json_t *tiers = member(reader, root, "tiers");
    size_t n = json_array_size(tiers);
    out->plan.tier_by = (enum tier_by)word_of(reader, root, "tier_by", by, 3);
    out->plan.margin_millionths = millionths_of(reader, root, "margin");
    out->plan.inactive_after_days = days_of(reader, root, "inactive_after_days");
    if (n < 1 || n > PLAN_TIERS_LIMIT) {
        fail(reader, "tiers", "has no entries, or too many");
        return;
    }
    out->plan.n_tiers = out->frozen.fitted.cutoffs.n = (int32_t)n;
    for (size_t i = 0; i < n && !reader->failed; i++)
        read_tier(reader, json_array_get(tiers, i), (int32_t)i, out);
    out->frozen.fitted.has_cutoffs = out->frozen.fitted.has_thresholds = 1;
}

static void read_root(struct reader *reader, const json_t *root, struct slice groups,
                      struct model_read *out)
{
    struct fitted *fitted = &out->frozen.fitted;
    if (integer_of(reader, root, "schema_version", 1, INT32_MAX) != MODEL_JSON_VERSION)
        fail(reader, "schema_version", "is of another version");
    if (reader->failed)
        return;
    read_rfm(reader, root, out);
    read_churn(reader, root, fitted);
    read_spend(reader, root, fitted);
    if (uncertainty_json_read(json_object_get(root, "uncertainty"), &fitted->model.uncertainty))
        fail(reader, "uncertainty", "is not whole");
    read_wallet(reader, root, groups, out);
    read_tiers(reader, root, out);
    fitted->model.groups = fitted->peers.groups;
}

int model_json_read(const char *name, struct slice json, struct slice groups,
                    struct model_read *read)
{
    struct reader reader = {name, 0};
    json_error_t error;
    json_t *root = json_loadb(json.data, json.size, JSON_REJECT_DUPLICATES, &error);
    *read = (struct model_read){0};
    if (!root)
        return log_fail(STATUS_DATA, "%s:%d:%d: %s; --model wants a model.json that winnow wrote",
                        name, error.line, error.column, error.text);
    read_root(&reader, root, groups, read);
    json_decref(root);
    if (reader.failed)
        model_read_free(read);
    return reader.failed ? STATUS_DATA : 0;
}

void model_read_free(struct model_read *read)
{
    fitted_free(&read->frozen.fitted);
}

void model_read_apply(const struct model_read *read, unsigned refit, struct plan *plan)
{
    const struct plan *from = &read->plan;
    if (!(refit & REFIT_RFM)) {
        plan->rfm_bins = from->rfm_bins;
        plan->rfm_ties = from->rfm_ties;
        plan->rfm_frequency = from->rfm_frequency;
        plan->rfm_window_days = from->rfm_window_days;
        plan->segments = from->segments;
    }
    if (!(refit & REFIT_WALLET)) {
        plan->wallet_method = from->wallet_method;
        plan->wallet_tau_millionths = from->wallet_tau_millionths;
        plan->wallet_window_days = from->wallet_window_days;
    }
    if (!(refit & REFIT_TIERS)) {
        plan->n_tiers = from->n_tiers;
        memcpy(plan->tiers, from->tiers, sizeof plan->tiers);
        plan->tier_by = from->tier_by;
    }
}
