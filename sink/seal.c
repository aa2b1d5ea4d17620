/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/columns.h"
#include "common/log.h"
#include "common/resident.h"
#include "common/trace.h"
#include "sink/backtest.h"
#include "sink/backtest_report.h"
#include "sink/manifest.h"
#include "sink/model_json.h"
#include "sink/outfile.h"
#include "sink/publish.h"
#include "sink/scores_file.h"
#include "sink/tables.h"
#include "sink/tiering.h"

/* A seal in progress. */
struct sealing {
    const struct seal_order *order;
    struct publish *publish;
    struct committed parts;
    struct tiering tiering;
    struct columns_chosen columns;
    struct scores_file scores;
    struct manifest manifest;
    char run_id[DIGEST_TEXT];
    struct trace *trace;
    uint32_t lane; /* of who hashes a file; the next is of who writes it */
};

static int end_output(struct sealing *s, struct outfile **file, uint64_t rows)
{
    struct outfile_sum *sum = &s->manifest.output[s->manifest.n_outputs++];
    struct span span = trace_begin(s->trace, TRACE_LOOP, "syncing");
    int r = outfile_close(file, sum);
    trace_end(s->trace, &span);
    sum->rows = rows;
    return r;
}

/* A whole text as an output; takes it. */
static int write_text(struct sealing *s, const char *name, char *text, size_t size, uint64_t rows)
{
    struct outfile *file;
    int r = outfile_open(publish_aside(s->publish), name, &file);
    if (r < 0) {
        free(text);
        return r;
    }
    r = outfile_give(file, text, size);
    if (r < 0) {
        outfile_abandon(&file);
        return r;
    }
    return end_output(s, &file, rows);
}

static int write_scores(struct sealing *s)
{
    const struct job *job = s->order->job;
    struct outfile *file = NULL;
    struct scores_csv csv = {
        .columns = s->columns,
        .plan = &job->work.plan,
        .fitted = s->order->fitted,
        .tiering = &s->tiering,
        .digits = job->digits,
        .unit_days = strcmp(job->time_unit, "day") == 0 ? 1 : 7,
    };
    snprintf(csv.run_id, sizeof csv.run_id, "%s", s->run_id);
    int r = scores_csv_prepare(&csv);
    if (r == 0)
        r = outfile_open(publish_aside(s->publish), "scores.csv", &file);
    if (r == 0)
        outfile_trace(file, s->trace, s->lane);
    if (r == 0)
        r = scores_file_write(&csv, &s->parts, s->order->crew, file, &s->scores);
    scores_csv_free(&csv);
    if (r < 0) {
        outfile_abandon(&file);
        return r;
    }
    return end_output(s, &file, s->scores.rows);
}

static int write_backtest(struct sealing *s)
{
    const struct plan *plan = &s->order->job->work.plan;
    struct backtest backtest;
    char *text;
    size_t size;
    if (plan->holdout_days == 0)
        return 0;
    int r = backtest_run(&backtest, &s->parts, plan, s->order->fitted);
    if (r == 0)
        r = backtest_text(&backtest, plan, s->order->fitted, &text, &size);
    if (r == 0)
        r = write_text(s, "backtest.txt", text, size, 0);
    if (r == 0)
        r = backtest_json(&backtest, plan, s->order->fitted, &text, &size);
    return r < 0 ? r : write_text(s, "backtest.json", text, size, 0);
}

static int write_tables(struct sealing *s)
{
    const struct job *job = s->order->job;
    const struct plan *plan = &job->work.plan;
    char *text;
    size_t size;
    int r = tiers_csv_write(plan, &s->tiering, s->scores.sums, job->digits, &text, &size);
    if (r == 0)
        r = write_text(s, "tiers.csv", text, size,
                       (uint64_t)plan->n_tiers + (s->scores.sums[plan->n_tiers].customers > 0));
    if (r == 0)
        r = schema_sql_write(&s->columns, &text, &size);
    return r < 0 ? r : write_text(s, "schema.sql", text, size, 0);
}

static int write_model(struct sealing *s)
{
    const struct job *job = s->order->job;
    uint64_t customers[PLAN_TIERS_LIMIT];
    struct model_text text;
    for (int32_t i = 0; i < job->work.plan.n_tiers; i++)
        customers[i] = s->scores.sums[i].customers;
    int r = model_json_write(s->order->fitted, &job->work.plan, &s->tiering, customers,
                             s->order->model, &text);
    if (r < 0)
        return r;
    r = write_text(s, "model.json", text.json, text.json_size, 0);
    if (r == 0 && text.groups)
        return write_text(s, "groups.csv", text.groups, text.groups_size,
                          s->order->fitted->peers.groups.n);
    free(text.groups);
    return r;
}

static int write_slices(struct sealing *s, const char *name, const struct slice *slices, size_t n,
                        uint64_t rows)
{
    struct outfile *file;
    int r = outfile_open(publish_aside(s->publish), name, &file);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = outfile_write(file, slices[i].data, slices[i].size);
    if (r < 0) {
        outfile_abandon(&file);
        return r;
    }
    return end_output(s, &file, rows);
}

static uint64_t lines_in(const struct slice *slices, size_t n)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < n; i++) {
        const char *at = slices[i].data, *end = at + slices[i].size;
        while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
            lines++;
            at++;
        }
    }
    return lines;
}

static int write_rejects(struct sealing *s)
{
    const struct seal_order *order = s->order;
    uint64_t lines = lines_in(order->rejects_csv, order->n_csv);
    int r =
        write_slices(s, "rejects.csv", order->rejects_csv, order->n_csv, lines > 0 ? lines - 1 : 0);
    if (r == 0 && order->n_raw > 0)
        r = write_slices(s, "rejects.raw", order->rejects_raw, order->n_raw, 0);
    return r;
}

/* The manifest is the last file written: it has the sums of the others, and none of its own. */
static int write_manifest(struct sealing *s, const char *status, int64_t since_ms)
{
    const struct seal_order *order = s->order;
    struct manifest *m = &s->manifest;
    char *text;
    size_t size, n = m->n_outputs;
    m->version = order->version;
    m->run_id = s->run_id;
    m->status = status;
    m->told = order->told;
    m->plan = &order->job->work.plan;
    m->totals = order->fitted ? &order->fitted->totals : NULL;
    m->resident_kib = resident_peak_kib();
    m->seal_ms = order->now_ms() - since_ms;
    int r = manifest_write(m, &text, &size);
    if (r == 0)
        r = write_text(s, "manifest.json", text, size, 0);
    m->n_outputs = n;
    return r;
}

/* From the digests of what was read and set, and of the model that was applied. */
static void name_run(struct sealing *s)
{
    const struct seal_order *order = s->order;
    struct digest part[2] = {digest_of(order->job->run_key, strlen(order->job->run_key)),
                             order->model};
    digest_print(digest_of(part, sizeof part), s->run_id);
}

static int choose_columns(struct sealing *s)
{
    const char *word;
    size_t size;
    const char *words = s->order->job->columns;
    if (columns_choose(words && *words ? words : "all", &s->columns, &word, &size) != 0)
        return log_fail(STATUS_USAGE, "--columns '%s' names no columns", words);
    return 0;
}

static int write_results(struct sealing *s, int64_t since_ms)
{
    const struct seal_order *order = s->order;
    uint32_t shards = order->job->work.shards;
    committed_open(&s->parts, order->commit, 2, shards);
    struct span span = trace_begin(s->trace, TRACE_LOOP, "tiering");
    int r = tiering_run(&s->tiering, &s->parts, &order->job->work.plan, order->fitted, order->crew);
    trace_end(s->trace, &span);
    if (r == 0)
        r = write_scores(s);
    if (r == 0)
        r = write_backtest(s);
    committed_close(&s->parts);
    if (r == 0)
        r = write_tables(s);
    if (r == 0)
        r = write_model(s);
    if (r == 0)
        r = write_rejects(s);
    if (r == 0)
        r = commit_work(order->commit, 1, &s->manifest.gathered);
    if (r == 0)
        r = commit_work(order->commit, 2, &s->manifest.scored);
    return r < 0 ? r : write_manifest(s, "complete", since_ms);
}

int seal_results(const struct seal_order *order)
{
    struct sealing *s = calloc(1, sizeof *s);
    int64_t since_ms = order->now_ms();
    if (!s)
        return log_fail(STATUS_BUG, "out of memory to seal");
    s->order = order;
    s->trace = crew_timeline(order->crew);
    s->lane = trace_lane(s->trace, "writer", 0);
    (void)trace_lane(s->trace, "disk", 0); /* the next one */
    name_run(s);
    int r = choose_columns(s);
    if (r == 0)
        r = publish_begin(order->out, "", &s->publish);
    if (r == 0)
        r = write_results(s, since_ms);
    struct span span = trace_begin(s->trace, TRACE_LOOP, "publishing");
    if (r == 0)
        r = publish_commit(&s->publish, PUBLISH_SUCCESS);
    trace_end(s->trace, &span);
    publish_abandon(&s->publish);
    free(s);
    return r;
}

int seal_rejects(const struct seal_order *order)
{
    struct sealing *s = calloc(1, sizeof *s);
    int64_t since_ms = order->now_ms();
    if (!s)
        return log_fail(STATUS_BUG, "out of memory to seal");
    s->order = order;
    name_run(s);
    int r = publish_begin(order->out, ".rejects", &s->publish);
    if (r == 0)
        r = write_rejects(s);
    if (r == 0)
        r = write_manifest(s, "refused", since_ms);
    if (r == 0)
        r = publish_commit(&s->publish, PUBLISH_REFUSED);
    publish_abandon(&s->publish);
    free(s);
    return r;
}
