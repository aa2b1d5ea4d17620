/* SPDX-License-Identifier: Apache-2.0 */
/* reception.c decides; here is what it takes to act on that. Results are gathered while letters last and
 * committed in one transaction at the next tick: the busier the line, the larger the group, without a
 * timer. An acknowledgement leaves only after the transaction has returned. */
#include "sink/sink.h"

#include <stdlib.h>

#include "common/crash.h"
#include "common/figures.h"
#include "common/log.h"
#include "common/trace.h"
#include "common/wire.h"
#include "common/wire_digest.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_lease.h"
#include "common/wire_scores.h"
#include "sink/batch.h"
#include "sink/commit.h"
#include "sink/crew.h"
#include "sink/errand.h"
#include "sink/outcome.h"
#include "sink/post.h"
#include "sink/provenance.h"
#include "sink/publish.h"
#include "sink/reception.h"
#include "sink/seal.h"

#define ARENA_LIMIT ((size_t)1 << 30)
struct sink {
    struct sink_settings settings;
    struct commit *commit;
    struct crew *crew;
    struct arena *arena; /* for one letter */
    struct post post;
    struct reception reception;
    struct errand errand;   /* open where there is a job */
    struct outcome outcome; /* made from RECEPTION_SCORING on */
    struct batch batch;
};

/* ---- birth and death ---- */

static int make_parts(struct sink *sink, struct store **store)
{
    size_t threads = sink->settings.threads;
    sink->arena = arena_new(ARENA_LIMIT);
    int r =
        sink->arena ? errand_new(&sink->errand) : log_fail(STATUS_BUG, "out of memory for a sink");
    if (r == 0)
        r = reception_new(&sink->reception);
    if (r == 0)
        r = crew_new(threads > 1 ? threads - 1 : 0, &sink->crew);
    if (r == 0)
        crew_trace(sink->crew, sink->settings.trace);
    return r == 0 ? commit_open(store, &sink->commit) : r;
}

int sink_new(const struct sink_settings *settings, struct store **store, struct sink **out)
{
    struct sink *sink = calloc(1, sizeof *sink);
    if (!sink)
        return log_fail(STATUS_BUG, "out of memory for a sink");
    sink->settings = *settings;
    sink->outcome = (struct outcome)OUTCOME_NONE;
    int r = make_parts(sink, store);
    if (r < 0) {
        sink_destroy(&sink);
        return r;
    }
    sink->post =
        (struct post){.line = settings->line, .commit = sink->commit, .boot = settings->boot};
    *out = sink;
    return 0;
}

static void job_forget(struct sink *sink)
{
    batch_clear(&sink->batch);
    errand_close(&sink->errand);
    outcome_free(&sink->outcome);
    reception_close(&sink->reception);
}

void sink_destroy(struct sink **sink)
{
    if (!*sink)
        return;
    batch_clear(&(*sink)->batch);
    errand_free(&(*sink)->errand);
    outcome_free(&(*sink)->outcome);
    commit_close(&(*sink)->commit);
    crew_destroy(&(*sink)->crew);
    reception_free(&(*sink)->reception);
    arena_destroy(&(*sink)->arena);
    free(*sink);
    *sink = NULL;
}

/* ---- the job ---- */

static int say_done_set(const struct sink *sink)
{
    return post_done_set(&sink->post, sink->reception.ventilator, sink->errand.roll,
                         sink->errand.job.work.shards);
}

static int refuse(const struct sink *sink, int status, const char *words)
{
    int r = post_refused(&sink->post, sink->reception.ventilator, status, words);
    return r < 0 ? r : 0;
}

/* What the store has of the job, or nothing. */
static int job_open(struct sink *sink, struct digest id, struct parcel *parcel, int from_store)
{
    struct errand *errand = &sink->errand;
    job_forget(sink);
    int r = errand_open(errand, id, parcel);
    if (r != 0)
        return r;
    sink->post.job = id;
    struct commit_job job = {
        .id = id, .shards = errand->job.work.shards, .gathered = provenance_gathered(&errand->job)};
    if (!from_store)
        r = commit_begin(sink->commit, &job, errand->job.restart, errand->letter);
    if (r == 0)
        r = commit_roll(sink->commit, errand->roll);
    if (r == 0)
        reception_open(&sink->reception, id, errand->job.work.shards, errand->roll);
    return r;
}

static struct reception_kept kept_of(const struct sink *sink)
{
    struct commit_job job = commit_job(sink->commit);
    return (struct reception_kept){job.id, job.phase == COMMIT_RUNNING, job.phase == COMMIT_SEALED};
}

static int answer_job(struct sink *sink, int r)
{
    if (r > 0)
        return refuse(sink, STATUS_BUG, "a job that cannot be read");
    if (r == STATUS_DATA)
        return refuse(sink, r, "the model of --model cannot be used");
    return r < 0 ? r : say_done_set(sink);
}

static int take_job(struct sink *sink, const struct letter *letter, struct parcel *parcel,
                    int64_t now_ms)
{
    struct job job;
    int r = 0;
    arena_reset(sink->arena);
    if (wire_job_read(parcel, 1, sink->arena, &job) != 0)
        return refuse(sink, STATUS_BUG, "a job that cannot be read");
    switch (reception_job(&sink->reception, letter->job, kept_of(sink), job.restart,
                          letter->code == JOB_SEALING)) {
    case RECEPTION_UNFINISHED:
        return refuse(
            sink, STATUS_CONFIG,
            "the state holds an unfinished job of other inputs or flags; run it to its end, "
            "name another --state, or give it up with --restart");
    case RECEPTION_KNOWN:
        return say_done_set(sink);
    case RECEPTION_BEGIN:
        return answer_job(sink, job_open(sink, letter->job, parcel, 0));
    case RECEPTION_GO_ON:
        return answer_job(sink, job_open(sink, letter->job, parcel, 1));
    case RECEPTION_WAS_SEALED:
        r = job_open(sink, letter->job, parcel, 1);
        if (r != 0)
            return answer_job(sink, r);
        reception_sealed(&sink->reception, now_ms);
        break;
    case RECEPTION_FINISHED:
        break;
    }
    return post_sealed(&sink->post, sink->reception.ventilator);
}

static int resync(struct sink *sink)
{
    if (sink->reception.phase == RECEPTION_NO_JOB)
        return post_rehello(&sink->post, sink->reception.ventilator);
    if (sink->reception.phase == RECEPTION_SEALED)
        return post_sealed(&sink->post, sink->reception.ventilator);
    int r = say_done_set(sink);
    if (r == 0 && sink->reception.phase == RECEPTION_SCORING)
        r = post_stage_result(&sink->post, sink->reception.ventilator, &sink->outcome);
    return r;
}

static int fit_model(struct sink *sink)
{
    int r = outcome_make(&sink->outcome, sink->commit, &sink->errand, sink->crew, sink->arena);
    if (r < 0)
        return r;
    crash_point("sink-fitted");
    reception_fitted(&sink->reception);
    r = commit_roll(sink->commit, sink->errand.roll);
    return r == 0 && sink->reception.has_ventilator ? resync(sink) : r;
}

/* ---- results ---- */

static int payload_readable(struct sink *sink, uint32_t stage, const struct parcel *parcel)
{
    for (size_t i = 2; i < parcel->n; i++) {
        struct slice part = {parcel->part[i].data, parcel->part[i].size};
        struct gathered gathered;
        arena_reset(sink->arena);
        if (stage == 1 ? wire_gathered_read(parcel, i, sink->arena, &gathered)
                       : wire_scores_check(part, sink->arena))
            return 0;
    }
    return parcel->n > 2;
}

static int refuse_result(struct sink *sink, struct peer from, const struct commit_result *result)
{
    log_say(LOG_ERROR, "a result of shard %u, stage %u, cannot be read; refused", result->shard,
            result->stage);
    figures_add(sink->settings.figures, FIGURE_UNREADABLE, 1);
    return post_ack(&sink->post, from, result, ACK_REFUSED);
}

static int commit_waiting(struct sink *sink, int64_t now_ms);

static int take_result(struct sink *sink, struct peer from, const struct letter *letter,
                       struct parcel *parcel, int64_t now_ms)
{
    struct commit_result result = {letter->stage,  letter->shard, letter->attempt,
                                   letter->digest, {0, 0, 0},     parcel};
    if (!reception_awaits(&sink->reception, letter->job, letter->stage, letter->shard))
        return 0;
    if (wire_work_read(parcel, 1, &result.work) != 0 ||
        !digest_same(wire_digest(parcel, 2), letter->digest) ||
        !payload_readable(sink, letter->stage, parcel))
        return refuse_result(sink, from, &result);
    if (batch_full(&sink->batch)) {
        int r = commit_waiting(sink, now_ms);
        if (r < 0 || batch_full(&sink->batch))
            return r; /* the disk is full: the worker will send it again */
    }
    switch (reception_result(&sink->reception, letter->stage, letter->shard, letter->digest)) {
    case RECEPTION_NEW:
        crash_point("sink-result-came");
        return batch_add(&sink->batch, from, &result, parcel, now_ms);
    case RECEPTION_DUPLICATE:
        figures_add(sink->settings.figures, FIGURE_DUPLICATES, 1);
        return post_ack(&sink->post, from, &result, ACK_DUPLICATE);
    case RECEPTION_CONFLICT:
        log_say(LOG_ERROR, "CONFLICT: shard %u of stage %u came twice with different results",
                letter->shard, letter->stage);
        figures_add(sink->settings.figures, FIGURE_CONFLICTS, 1);
        return post_ack(&sink->post, from, &result, ACK_CONFLICT);
    default:
        return 0;
    }
}

/* What a worker has sent and heard nothing of is acknowledged, or asked for where it has never come. */
static int take_probe(struct sink *sink, struct peer from, const struct letter *letter,
                      const struct parcel *parcel)
{
    struct beat beat;
    int lost = 0, r = 0;
    arena_reset(sink->arena);
    if (wire_beat_read(parcel, 1, sink->arena, &beat) != 0)
        return 0;
    for (size_t i = 0; r == 0 && i < beat.n; i++) {
        struct commit_result about = {
            .stage = beat.stages[i], .shard = beat.shards[i], .attempt = beat.attempts[i]};
        if (beat.states[i] != BEAT_SENT ||
            !reception_awaits(&sink->reception, letter->job, about.stage, about.shard))
            continue;
        enum reception_verdict verdict =
            reception_probe(&sink->reception, about.stage, about.shard);
        lost |= verdict == RECEPTION_ASK;
        if (verdict == RECEPTION_DUPLICATE)
            r = post_ack(&sink->post, from, &about, ACK_DUPLICATE);
    }
    return r < 0 || !lost ? r : post_rehello(&sink->post, from);
}

static int committed(struct sink *sink)
{
    struct batch *batch = &sink->batch;
    crash_point("sink-committed");
    int r = sink->reception.has_ventilator
                ? post_done(&sink->post, sink->reception.ventilator, batch)
                : 0;
    crash_point("sink-done-said");
    for (size_t i = 0; i < batch->n; i++) {
        const struct commit_result *result = &batch->entry[i]->result;
        reception_committed(&sink->reception, result->stage, result->shard);
        figures_add(sink->settings.figures,
                    result->stage == 1 ? FIGURE_COMMITTED_GATHERED : FIGURE_COMMITTED_SCORED, 1);
        if (r == 0)
            r = post_ack(&sink->post, batch->entry[i]->from, result, ACK_COMMITTED);
    }
    batch_clear(batch);
    return r;
}

static enum reception_due sink_due(const struct sink *sink, int64_t now_ms, int64_t *wake_ms)
{
    struct reception_waiting waiting = {sink->batch.n, sink->batch.since_ms};
    return reception_due(&sink->reception, waiting, now_ms, wake_ms);
}

static int commit_waiting(struct sink *sink, int64_t now_ms)
{
    int64_t wake_ms;
    if (sink_due(sink, now_ms, &wake_ms) != RECEPTION_COMMIT)
        return 0;
    int64_t began_ms = sink->settings.now_ms();
    struct span span = trace_begin(sink->settings.trace, TRACE_LOOP, "committing");
    span_note(&span, "results", (int64_t)sink->batch.n);
    int was_full = sink->reception.full, r = batch_commit(&sink->batch, sink->commit);
    trace_end(sink->settings.trace, &span);
    figures_set(sink->settings.figures, FIGURE_DISK_FULL, r == COMMIT_E_FULL);
    if (r < 0)
        return r;
    reception_disk(&sink->reception, r == COMMIT_E_FULL, now_ms);
    if (sink->reception.full && !was_full)
        log_say(LOG_ERROR,
                "the disk of the sink's state is full; waiting for space, nothing is lost");
    if (was_full && !sink->reception.full)
        log_say(LOG_INFO, "there is space again; going on");
    if (sink->reception.full)
        return 0;
    figures_commit(sink->settings.figures, sink->settings.now_ms() - began_ms);
    return committed(sink);
}

/* ---- sealing ---- */

static int take_seal(struct sink *sink, const struct letter *letter, const struct parcel *parcel,
                     int64_t now_ms)
{
    struct seal seal;
    struct slice csv[LINE_PARTS_LIMIT], raw[LINE_PARTS_LIMIT];
    if (!reception_is_at(&sink->reception, letter->job))
        return post_rehello(&sink->post, sink->reception.ventilator);
    if (sink->reception.phase == RECEPTION_SEALED)
        return post_sealed(&sink->post, sink->reception.ventilator);
    if (wire_seal_read(parcel, 1, &seal) != 0 || seal.csv_parts > LINE_PARTS_LIMIT ||
        seal.raw_parts > LINE_PARTS_LIMIT ||
        parcel->n != 3 + (size_t)seal.csv_parts + seal.raw_parts)
        return refuse(sink, STATUS_BUG, "a seal that cannot be read");
    if (!reception_may_seal(&sink->reception, letter->job, seal.refuse))
        return say_done_set(sink);
    for (size_t i = 0; i < seal.csv_parts; i++)
        csv[i] = parcel_part(parcel, 3 + i);
    for (size_t i = 0; i < seal.raw_parts; i++)
        raw[i] = parcel_part(parcel, 3 + seal.csv_parts + i);
    struct seal_order order = {
        .out = sink->settings.out,
        .version = sink->settings.version,
        .commit = sink->commit,
        .crew = sink->crew,
        .job = &sink->errand.job,
        .fitted = seal.refuse ? NULL : &sink->outcome.fitted,
        .model = sink->outcome.digest,
        .told = parcel_part(parcel, 2),
        .rejects_csv = csv,
        .n_csv = seal.csv_parts,
        .rejects_raw = raw,
        .n_raw = seal.raw_parts,
        .now_ms = sink->settings.now_ms,
    };
    struct span span = trace_begin(sink->settings.trace, TRACE_LOOP, "sealing");
    int r = seal.refuse ? seal_rejects(&order) : seal_results(&order);
    trace_end(sink->settings.trace, &span);
    crash_point("sink-published");
    if (r == 0)
        r = commit_seal(sink->commit);
    crash_point("sink-sealed");
    if (r < 0) {
        int said = refuse(sink, r, "the results could not be published");
        return said < 0 ? said : r;
    }
    reception_sealed(&sink->reception, now_ms);
    r = post_sealed(&sink->post, sink->reception.ventilator);
    publish_sweep(sink->settings.out);
    return r;
}

/* ---- letters ---- */

static int take_hello(struct sink *sink, struct peer from, const struct parcel *parcel)
{
    struct hello hello;
    arena_reset(sink->arena);
    if (wire_hello_read(parcel, 1, sink->arena, &hello) == 0)
        reception_hello(&sink->reception, from, hello.role == 1);
    return 0;
}

static int from_ventilator(struct sink *sink, const struct letter *letter, struct parcel *parcel,
                           int64_t now_ms)
{
    switch (letter->kind) {
    case LETTER_JOB:
        return take_job(sink, letter, parcel, now_ms);
    case LETTER_RESYNC:
        return resync(sink);
    case LETTER_SEAL:
        return take_seal(sink, letter, parcel, now_ms);
    case LETTER_BYE:
        reception_bye(&sink->reception, now_ms);
        return 0;
    default:
        return 0;
    }
}

/* Who speaks as a ventilator and is not the last that said HELLO was heard in the wrong order: what a dead
 * one had said may be heard after what the next one says. */
static int from_worker(struct sink *sink, struct peer from, const struct letter *letter,
                       struct parcel *parcel, int64_t now_ms)
{
    struct span span;
    int r;
    switch (letter->kind) {
    case LETTER_BEAT:
        return take_probe(sink, from, letter, parcel);
    case LETTER_RESULT:
        span = trace_begin(sink->settings.trace, TRACE_LOOP, "taking a result");
        r = take_result(sink, from, letter, parcel, now_ms);
        trace_end(sink->settings.trace, &span);
        return r;
    case LETTER_JOB:
    case LETTER_RESYNC:
    case LETTER_SEAL:
        return post_rehello(&sink->post, from);
    default:
        return 0;
    }
}

static int refuse_stranger(const struct sink *sink, struct peer from)
{
    int r = post_refused(&sink->post, from, STATUS_CONFIG, "another version of the protocol");
    return r < 0 ? r : 0;
}

static int sink_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct sink *sink = self;
    struct letter letter;
    int r = wire_letter_read(parcel, &letter);
    if (r == WIRE_E_VERSION)
        return refuse_stranger(sink, from);
    if (r != 0) {
        figures_add(sink->settings.figures, FIGURE_MALFORMED, 1);
        return 0;
    }
    if (letter.kind == LETTER_HELLO)
        return take_hello(sink, from, parcel);
    switch (reception_who(&sink->reception, from)) {
    case RECEPTION_STRANGER:
        return post_rehello(&sink->post, from);
    case RECEPTION_VENTILATOR:
        return from_ventilator(sink, &letter, parcel, now_ms);
    case RECEPTION_WORKER:
        break;
    }
    return from_worker(sink, from, &letter, parcel, now_ms);
}

static int sink_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct sink *sink = self;
    *deadline_ms = now_ms;
    if (sink->settings.stop && *sink->settings.stop)
        return ROLE_E_FINISHED;
    int r = commit_waiting(sink, now_ms);
    if (r < 0)
        return r;
    switch (sink_due(sink, now_ms, deadline_ms)) {
    case RECEPTION_FIT:
        r = fit_model(sink);
        sink_due(sink, now_ms, deadline_ms);
        return r;
    case RECEPTION_LEAVE:
        return ROLE_E_FINISHED;
    default:
        return 0;
    }
}

struct role sink_role(struct sink *sink)
{
    struct role role = {sink, sink_letter, sink_tick};
    return role;
}
