/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/manifest.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/log.h"
#include "common/version.h"
#include "score/day.h"
#include "score/money.h"

static void put_int(struct json *json, const char *key, uint64_t value)
{
    json_put_key(json, key);
    json_put_int(json, (int64_t)value);
}

static void put_text(struct json *json, const char *key, const char *text)
{
    json_put_key(json, key);
    json_put_text(json, text);
}

/* What the ventilator tells has at most four decimals (amounts, percents): such a number is written as
 * the decimal it is, which 17 digits of a double are not. */
static void put_real(struct json *json, double value)
{
    int64_t money = money_from_units(value);
    if (money_units(money) == value)
        json_put_money(json, money);
    else
        json_put_double(json, value);
}

static void put_told(struct json *json, const json_t *value);

/* Members of an object, into the one that is open. */
static void put_members_told(struct json *json, const json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        json_put_key(json, key);
        put_told(json, value);
    }
}

static void put_list_told(struct json *json, const json_t *list)
{
    json_open_array(json);
    for (size_t i = 0; i < json_array_size(list); i++)
        put_told(json, json_array_get(list, i));
    json_close(json);
}

static void put_told(struct json *json, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        json_open_object(json);
        put_members_told(json, value);
        json_close(json);
        break;
    case JSON_ARRAY:
        put_list_told(json, value);
        break;
    case JSON_STRING:
        json_put_bytes(json, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        json_put_int(json, json_integer_value(value));
        break;
    case JSON_REAL:
        put_real(json, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        json_put_bool(json, json_is_true(value));
        break;
    case JSON_NULL:
        json_put_null(json);
    }
}

/* The sums that the ventilator cannot know, beside those that it told. */
static const struct {
    const char *name;
    size_t tally; /* in struct tallies */
} kinds[] = {
    {"purchases", offsetof(struct tallies, purchases)},
    {"refunds", offsetof(struct tallies, refunds)},
    {"cancelled", offsetof(struct tallies, cancelled)},
    {"after_as_of", offsetof(struct tallies, after_as_of)},
};

#define N_KINDS (sizeof kinds / sizeof kinds[0])

static const struct tally *tally_of(const struct population_totals *totals, size_t kind)
{
    return (const struct tally *)(const void *)((const char *)&totals->tallies + kinds[kind].tally);
}

/* rows_in = purchases + refunds + cancelled + anonymous + excluded + after_as_of + rejects. */
static int rows_add_up(const json_t *rows, const struct population_totals *totals)
{
    static const char *const told[] = {"anonymous", "excluded", "rejects"};
    int64_t in = json_integer_value(json_object_get(rows, "rows_in")), sum = 0;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        sum += json_integer_value(json_object_get(rows, told[i]));
    for (size_t i = 0; i < N_KINDS; i++)
        sum += tally_of(totals, i)->rows;
    if (sum == in)
        return 0;
    return log_fail(STATUS_BUG, "%" PRId64 " rows came in, %" PRId64 " are accounted for", in, sum);
}

static int put_rows(struct json *json, const json_t *root, const struct population_totals *totals)
{
    const json_t *rows = json_object_get(root, "rows");
    if (totals && rows_add_up(rows, totals) != 0)
        return STATUS_BUG;
    json_put_key(json, "rows");
    json_open_object(json);
    put_members_told(json, rows);
    for (size_t i = 0; totals && i < N_KINDS; i++)
        put_int(json, kinds[i].name, (uint64_t)tally_of(totals, i)->rows);
    json_close(json);
    json_put_key(json, "amounts");
    json_open_object(json);
    put_members_told(json, json_object_get(root, "amounts"));
    for (size_t i = 0; totals && i < N_KINDS; i++) {
        json_put_key(json, kinds[i].name);
        json_put_money(json, tally_of(totals, i)->amount);
    }
    json_close(json);
    return 0;
}

static void put_stage(struct json *json, const char *key, const struct commit_work *work)
{
    json_put_key(json, key);
    json_open_object(json);
    put_int(json, "shards", work->shards);
    put_int(json, "shards_from_cache", work->shards_cached);
    put_int(json, "rows_folded", work->rows_folded);
    put_int(json, "rows_from_cache", work->rows_cached);
    put_int(json, "shards_kept", work->shards_kept);
    json_close(json);
}

static void put_outputs(struct json *json, const struct manifest *manifest)
{
    json_put_key(json, "outputs");
    json_open_array(json);
    for (size_t i = 0; i < manifest->n_outputs; i++) {
        const struct outfile_sum *sum = &manifest->output[i];
        json_open_object(json);
        put_text(json, "name", sum->name);
        put_int(json, "rows", sum->rows);
        put_int(json, "bytes", sum->bytes);
        put_text(json, "sha256", sum->sha256);
        json_close(json);
    }
    json_close(json);
}

static void put_customers(struct json *json, const struct population_totals *totals)
{
    json_put_key(json, "customers");
    json_open_object(json);
    put_int(json, "scored", totals->customers);
    put_int(json, "refunds_only", totals->refund_only);
    put_int(json, "active", totals->base);
    put_int(json, "attributes_without_customer", totals->unmatched);
    json_close(json);
}

/* What was told, but for the rows and amounts that stand above. */
static void put_rest(struct json *json, const json_t *root)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)root, key, value)
    {
        if (strcmp(key, "rows") == 0 || strcmp(key, "amounts") == 0)
            continue;
        json_put_key(json, key);
        put_told(json, value);
    }
}

static int put_members(struct json *json, const struct manifest *manifest, const json_t *root)
{
    char as_of[11];
    put_text(json, "winnow", manifest->version);
    put_text(json, "code", version_code());
    put_text(json, "status", manifest->status);
    put_text(json, "run_id", manifest->run_id);
    if (manifest->totals) {
        day_print(manifest->plan->as_of, as_of);
        if (manifest->plan->summary != PLAN_SUMMARY_UNDATED)
            put_text(json, "as_of", as_of);
        put_customers(json, manifest->totals);
    }
    int r = put_rows(json, root, manifest->totals);
    if (r < 0)
        return r;
    put_rest(json, root);
    if (manifest->totals) {
        put_stage(json, "gather", &manifest->gathered);
        put_stage(json, "score", &manifest->scored);
    }
    put_int(json, "seal_ms", (uint64_t)manifest->seal_ms);
    put_int(json, "sink_resident_kib", manifest->resident_kib);
    put_outputs(json, manifest);
    return 0;
}

int manifest_write(const struct manifest *manifest, char **text, size_t *size)
{
    struct json json = {0};
    json_error_t error;
    json_t *root = json_loadb(manifest->told.data, manifest->told.size, 0, &error);
    if (!json_is_object(root)) {
        json_decref(root);
        return log_fail(STATUS_BUG, "the ventilator's part of the manifest is no JSON: %s",
                        error.text);
    }
    json_open_object(&json);
    int r = put_members(&json, manifest, root);
    json_close(&json);
    json_decref(root);
    if (r < 0) {
        json_drop(&json);
        return r;
    }
    return json_take(&json, text, size);
}
