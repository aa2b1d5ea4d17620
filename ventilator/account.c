/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/log.h"
#include "common/wire.h"
#include "score/day.h"
#include "ventilator/planning.h"

#define PART_BYTES ((size_t)1 << 20)

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

static void put_day(struct json *json, const char *key, int32_t day)
{
    char text[11];
    json_put_key(json, key);
    if (day == DAY_NONE) {
        json_put_null(json);
        return;
    }
    day_print(day, text);
    json_put_text(json, text);
}

static void put_settings(struct json *json, const struct settings *settings)
{
    static const char *const source[] = {"default", "environment", "flag"};
    json_put_key(json, "argv");
    json_open_array(json);
    for (int i = 0; i < settings->argc; i++)
        json_put_text(json, settings->argv[i]);
    json_close(json);
    json_put_key(json, "settings");
    json_open_object(json);
    for (size_t i = 0; i < settings->n_entries; i++) {
        const struct settings_entry *entry = &settings->entries[i];
        json_put_key(json, entry->name);
        json_open_object(json);
        put_text(json, "value", entry->value);
        put_text(json, "source", source[entry->source]);
        json_close(json);
    }
    json_close(json);
}

static void put_inputs(struct json *json, const struct intake *intake)
{
    json_put_key(json, "inputs");
    json_open_array(json);
    for (size_t i = 0; i < intake_inputs(intake); i++) {
        struct intake_input input = intake_input(intake, i);
        char digest[DIGEST_TEXT + 5] = "xxh3:";
        digest_print(input.digest, digest + 5);
        json_open_object(json);
        put_text(json, "path", input.path);
        put_int(json, "bytes", input.bytes);
        put_int(json, "rows", input.rows);
        put_int(json, "accepted", input.accepted);
        put_int(json, "rejects", input.rejects);
        put_int(json, "rows_read", input.rows_read);
        put_text(json, "digest", digest);
        json_close(json);
    }
    json_close(json);
}

static void put_formats(struct json *json, const struct survey *survey)
{
    char words[SURVEY_WORDS];
    json_put_key(json, "formats");
    json_open_object(json);
    for (int field = 0; field < FIELDS; field++) {
        if ((field == FIELD_FACTOR && !survey_settings(survey)->summary_days) ||
            !survey_has(survey, (enum field)field))
            continue;
        put_text(json, survey_field_name(survey, (enum field)field),
                 survey_words(survey, (enum field)field, words));
    }
    json_close(json);
}

static int64_t sum_amounts(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? INT64_MIN : INT64_MAX) : sum;
}

static struct facts_sum excluded_of(const struct facts *facts)
{
    struct facts_sum sum = {0, 0};
    for (int i = 0; i < LEFT_OUT_REASONS; i++) {
        sum.rows += facts->left_out[i].rows;
        sum.amount = sum_amounts(sum.amount, facts->left_out[i].amount);
    }
    return sum;
}

static void put_rows(struct json *json, const struct facts *facts)
{
    struct facts_sum excluded = excluded_of(facts);
    json_put_key(json, "rows");
    json_open_object(json);
    put_int(json, "rows_in", facts->rows_in);
    put_int(json, "anonymous", facts->anonymous.rows);
    put_int(json, "excluded", excluded.rows);
    put_int(json, "rejects", facts_rejects(facts));
    json_close(json);
    json_put_key(json, "amounts");
    json_open_object(json);
    json_put_key(json, "anonymous");
    json_put_money(json, facts->anonymous.amount);
    json_put_key(json, "excluded");
    json_put_money(json, excluded.amount);
    json_close(json);
}

static void put_reasons(struct json *json, const struct facts *facts)
{
    json_put_key(json, "excluded_by");
    json_open_object(json);
    for (int i = 0; i < LEFT_OUT_REASONS; i++)
        put_int(json, facts_left_out_name((enum left_out)i), facts->left_out[i].rows);
    json_close(json);
    json_put_key(json, "rejects_by_code");
    json_open_object(json);
    for (int i = 0; i < REJECT_CODES; i++)
        if (facts->rejected[i] > 0)
            put_int(json, reject_name((enum reject_code)i), facts->rejected[i]);
    json_close(json);
    put_int(json,
            crowd_full(&facts->reject_customers) ? "customers_with_rejects_at_least"
                                                 : "customers_with_rejects",
            facts->reject_customers.n);
    put_int(json, "rows_rounded", facts->rounded);
}

static void put_ledger(struct json *json, const struct facts *facts)
{
    json_put_key(json, "ledger");
    json_open_object(json);
    put_day(json, "first_day", facts_first_day(facts, DAY_NONE));
    put_day(json, "last_day", facts_last_day(facts, DAY_NONE));
    put_int(json, "decimals", facts->decimals);
    json_put_key(json, "has_amount");
    json_put_bool(json, facts->has_amount != 0);
    json_put_key(json, "has_order_id");
    json_put_bool(json, facts->has_order != 0);
    json_close(json);
}

static void put_workers(struct json *json, struct muster *muster)
{
    json_put_key(json, "workers");
    json_open_array(json);
    for (uint32_t i = 0; muster && i < muster_places(muster); i++) {
        const struct mustered *worker = muster_at(muster, i);
        if (!worker->here)
            continue;
        json_open_object(json);
        put_text(json, "host", worker->host);
        put_int(json, "shards_gathered", worker->shards_done[1]);
        put_int(json, "shards_scored", worker->shards_done[2]);
        put_int(json, "resident_kib", worker->resident_kib);
        json_close(json);
    }
    json_close(json);
}

static void put_customers(struct json *json, const struct account *account)
{
    const struct facts *facts = account->customers;
    if (!facts)
        return;
    json_put_key(json, "customers_file");
    json_open_object(json);
    put_text(json, "path", account->settings->reading.customers);
    put_int(json, "rows", facts->rows_in);
    put_int(json, "accepted", facts->accepted);
    put_int(json, "rejects", facts_rejects(facts));
    json_close(json);
}

static void put_dispatch(struct json *json, const struct account *account)
{
    const struct dispatch_counts *counts = &account->counts.dispatch;
    put_int(json, "shards", account->work->shards);
    json_put_key(json, "dispatch");
    json_open_object(json);
    put_int(json, "leases", counts->leases);
    put_int(json, "copies", counts->copies);
    put_int(json, "expired", counts->expired);
    put_int(json, "released", counts->released);
    put_int(json, "workers_lost", counts->lost);
    put_int(json, "rows_sent", account->counts.rows_sent);
    put_int(json, "rows_sent_again", account->counts.rows_sent_again);
    put_int(json, "bytes_sent", account->counts.bytes_sent);
    json_close(json);
}

static void put_timings(struct json *json, const struct account *account)
{
    static const char *const name[] = {"partition", "gather", "fit", "score"};
    json_put_key(json, "timings_ms");
    json_open_object(json);
    for (int i = 0; i < ACCOUNT_STAGES; i++)
        put_int(json, name[i], (uint64_t)account->stage_ms[i]);
    json_close(json);
    put_int(json, "ventilator_resident_kib", account->resident_kib);
}

int account_write(const struct account *account, char **text, size_t *size)
{
    struct json json = {0};
    const struct facts *facts = intake_facts(account->intake);
    json_open_object(&json);
    put_settings(&json, account->settings);
    put_inputs(&json, account->intake);
    put_formats(&json, account->survey);
    put_ledger(&json, facts);
    put_rows(&json, facts);
    put_reasons(&json, facts);
    if (account->settings->reading.sample_millionths < PLAN_MILLION) {
        json_put_key(&json, "sample_percent");
        json_put_double(&json, (double)account->settings->reading.sample_millionths / 10000);
    }
    put_customers(&json, account);
    put_dispatch(&json, account);
    put_workers(&json, account->muster);
    put_timings(&json, account);
    json_close(&json);
    return json_take(&json, text, size);
}

/* Bytes gathered into parts of about PART_BYTES. */
struct pieces {
    struct parcel *parcel;
    uint32_t n;
    char *text;
    size_t size, room;
    int status;
};

static void pieces_flush(struct pieces *pieces)
{
    if (pieces->status == 0 && pieces->size > 0) {
        pieces->status = wire_bytes_put((struct slice){pieces->text, pieces->size}, pieces->parcel);
        pieces->n++;
    }
    pieces->size = 0;
}

static void pieces_add(struct pieces *pieces, const void *data, size_t size)
{
    if (pieces->size + size > pieces->room) {
        size_t room = (pieces->size + size) * 2 + 65536;
        char *more = realloc(pieces->text, room);
        if (!more) {
            pieces->status = log_fail(STATUS_BUG, "out of memory for the rejects");
            return;
        }
        pieces->text = more;
        pieces->room = room;
    }
    if (size > 0)
        memcpy(pieces->text + pieces->size, data, size);
    pieces->size += size;
}

static void add_words(struct pieces *pieces, const char *words)
{
    pieces_add(pieces, words, strlen(words));
}

/* A csv field, always quoted: it holds what could not be read. */
static void add_quoted(struct pieces *pieces, const char *text, size_t size)
{
    add_words(pieces, "\"");
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            add_words(pieces, "\"");
        pieces_add(pieces, text + i, 1);
    }
    add_words(pieces, "\"");
}

/* The input that a reject stands in; behind the last one it is --customers. */
static const char *file_of(const struct account *account, const struct reject *reject)
{
    if (reject->input >= survey_inputs(account->survey))
        return account->settings->reading.customers;
    return survey_sheet(account->survey, reject->input)->name;
}

static void add_reject(struct pieces *pieces, const struct account *account,
                       const struct reject *reject)
{
    char words[1024], number[64];
    const char *file = file_of(account, reject);
    add_quoted(pieces, file, strlen(file));
    snprintf(number, sizeof number, ",%" PRIu64 ",%" PRIu64 ",", reject->line, reject->offset);
    add_words(pieces, number);
    add_quoted(pieces, reject->column.data, reject->column.size);
    add_words(pieces, ",");
    add_words(pieces, reject_name(reject->code));
    add_words(pieces, ",");
    add_quoted(pieces, reject->value.data, reject->value.size);
    add_words(pieces, ",");
    reject_words(reject, words, sizeof words);
    add_quoted(pieces, words, strlen(words));
    add_words(pieces, "\n");
}

static void add_rejects(struct pieces *pieces, const struct account *account,
                        const struct rejects *rejects)
{
    for (size_t i = 0; pieces->status == 0 && i < rejects_size(rejects); i++) {
        struct reject reject = rejects_at(rejects, i);
        add_reject(pieces, account, &reject);
        if (pieces->size > PART_BYTES)
            pieces_flush(pieces);
    }
}

static int pieces_end(struct pieces *pieces, uint32_t *parts)
{
    pieces_flush(pieces);
    free(pieces->text);
    *parts = pieces->n;
    return pieces->status;
}

int account_rejects_csv(const struct account *account, struct parcel *parcel, uint32_t *parts)
{
    struct pieces pieces = {.parcel = parcel};
    add_words(&pieces, "file,line,byte_offset,column,code,value,message\n");
    add_rejects(&pieces, account, intake_facts(account->intake)->rejects);
    if (account->customers)
        add_rejects(&pieces, account, account->customers->rejects);
    return pieces_end(&pieces, parts);
}

static void add_raw(struct pieces *pieces, const struct rejects *rejects)
{
    for (size_t i = 0; pieces->status == 0 && i < rejects_size(rejects); i++) {
        struct reject reject = rejects_at(rejects, i);
        if (reject.raw.size == 0)
            continue;
        pieces_add(pieces, reject.raw.data, reject.raw.size);
        add_words(pieces, "\n");
        if (pieces->size > PART_BYTES)
            pieces_flush(pieces);
    }
}

int account_rejects_raw(const struct account *account, struct parcel *parcel, uint32_t *parts)
{
    struct pieces pieces = {.parcel = parcel};
    add_raw(&pieces, intake_facts(account->intake)->rejects);
    if (account->customers)
        add_raw(&pieces, account->customers->rejects);
    return pieces_end(&pieces, parts);
}

static void log_rejects(const struct account *account, const struct rejects *rejects)
{
    for (size_t i = 0; i < rejects_size(rejects) && i < 5; i++) {
        struct reject reject = rejects_at(rejects, i);
        char words[512];
        reject_words(&reject, words, sizeof words);
        log_say(LOG_ERROR, "%s:%" PRIu64 ": %s%s%.*s%s%.*s%s: %s", file_of(account, &reject),
                reject.line, reject_name(reject.code), reject.column.size ? ", column " : "",
                (int)reject.column.size, (const char *)reject.column.data,
                reject.value.size ? " '" : "",
                (int)(reject.value.size < 60 ? reject.value.size : 60),
                (const char *)reject.value.data, reject.value.size ? "'" : "", words);
    }
}

void account_log_rejects(const struct account *account)
{
    log_rejects(account, intake_facts(account->intake)->rejects);
}

int account_take_attributes(struct account *account, const struct facts *facts)
{
    account->customers = facts;
    if (!planning_too_many(&account->settings->reading, facts->rows_in, facts_rejects(facts)))
        return 0;
    log_rejects(account, facts->rejects);
    return log_fail(STATUS_DATA,
                    "%" PRIu64 " of %" PRIu64
                    " rows of %s are rejects, more than --max-rejects allows",
                    facts_rejects(facts), facts->rows_in, account->settings->reading.customers);
}

static int by_bytes(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct digest));
}

/* Digests of the inputs and of how each was read, in an order that does not depend on their names. */
static int key_inputs(const struct account *account, FILE *out)
{
    size_t n = intake_inputs(account->intake);
    struct {
        struct digest bytes, how;
    } *list = malloc(n * sizeof *list);
    if (!list)
        return log_fail(STATUS_BUG, "out of memory for %zu inputs", n);
    for (size_t i = 0; i < n; i++) {
        list[i].bytes = intake_input(account->intake, i).digest;
        list[i].how = survey_digest(account->survey, i);
    }
    qsort(list, n, sizeof *list, by_bytes);
    for (size_t i = 0; i < n; i++) {
        char bytes[DIGEST_TEXT], how[DIGEST_TEXT];
        digest_print(list[i].bytes, bytes);
        digest_print(list[i].how, how);
        fprintf(out, "input %s %s\n", bytes, how);
    }
    free(list);
    return 0;
}

/* Settings of how the work is done, not of what comes out. */
static int is_of_the_way(const char *name)
{
    static const char *const names[] = {"workers",         "shards",    "state",   "out",
                                        "log-format",      "bind",      "sink",    "restart",
                                        "segments",        "insecure",  "columns", "digits",
                                        "max-rejects",     "time-unit", "keys",    "metrics",
                                        "connect-timeout", "trace",     "serve",   "slice"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

/* The rules, not the name of their file. */
static void key_segments(const struct plan_segments *segments, FILE *out)
{
    for (int32_t i = 0; i < segments->n; i++) {
        const struct plan_segment *rule = &segments->rule[i];
        fprintf(out, "segment %s %d-%d %d-%d %d-%d\n", rule->name, rule->from[0], rule->to[0],
                rule->from[1], rule->to[1], rule->from[2], rule->to[2]);
    }
}

int account_run_key(const struct account *account, char **text)
{
    size_t size;
    char as_of[11] = "none", digest[DIGEST_TEXT];
    FILE *out = open_memstream(text, &size);
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for the name of the run");
    int r = key_inputs(account, out);
    if (account->work->plan.as_of != DAY_NONE)
        day_print(account->work->plan.as_of, as_of);
    fprintf(out, "as_of %s\n", as_of);
    digest_print(account->attributes, digest);
    fprintf(out, "attributes %s\n", digest);
    digest_print(account->model, digest);
    fprintf(out, "model %s\n", digest);
    for (size_t i = 0; i < account->settings->n_entries; i++) {
        const struct settings_entry *entry = &account->settings->entries[i];
        if (!is_of_the_way(entry->name))
            fprintf(out, "%s %s\n", entry->name, entry->value);
    }
    key_segments(&account->settings->scoring.plan.segments, out);
    if (fclose(out) != 0 && r == 0)
        r = log_fail(STATUS_BUG, "out of memory for the name of the run");
    return r;
}
