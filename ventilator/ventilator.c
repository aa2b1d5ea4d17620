/* SPDX-License-Identifier: Apache-2.0 */
/* The phases of a job, one after another; in each, a tick does what is due and letters move it on.
 *
 *   READING     inputs into the spool; workers may join meanwhile
 *   ANNOUNCING  JOB to the sink, until it says what it has of it (DONESET)
 *   GATHERING   stage 1, until the sink has every digest; then it fits, and sends the model
 *   SCORING     stage 2, until the sink has every row
 *   SEALING     SEAL to the sink, until it says SEALED
 *   CLOSED      workers are told; the role is finished
 *
 * dispatch.c decides who works on what; here is only what it takes to act on that. */
#include "ventilator/ventilator.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/log.h"
#include "common/wire.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_job.h"
#include "common/wire_lease.h"
#include "score/day.h"
#include "ventilator/account.h"
#include "ventilator/dispatch.h"
#include "ventilator/feed.h"
#include "ventilator/intake.h"
#include "ventilator/muster.h"
#include "ventilator/planning.h"
#include "ventilator/progress.h"

#define ARENA_LIMIT  ((size_t)512 << 20)
#define READ_LOOK_MS 2 /* between looks at the partition */
#define SEAL_AGAIN_MS 30000

enum phase { READING, ANNOUNCING, GATHERING, SCORING, SEALING, CLOSED };

struct ventilator {
    struct ventilator_settings settings;
    struct survey *survey;
    struct intake *intake;
    struct muster *muster;
    struct dispatch *dispatch;
    struct feed *feed;
    struct progress *progress;
    struct arena *arena;
    struct account account;
    enum phase phase;
    int64_t phase_ms; /* when it began */
    int refuse;       /* only the rejects are to be published */
    int result;       /* the job's status, once SEALED */
    int stage_started;
    struct work_plan work;
    struct digest job;
    char *run_key;
    struct digest *want; /* ids of the job's segments, sorted */
    size_t n_want;
    struct parcel *model; /* payload parts of STAGE_RESULT */
    struct digest model_digest;
    uint64_t sink_boot, sink_sequence;
    int sink_known;
    int64_t resync_ms, probe_ms, announce_ms;
};

struct ventilator_timing ventilator_timing_default(void)
{
    struct ventilator_timing timing = {
        .lease_ms = 10000,
        .stall_ms = 30000,
        .straggler_ms = 2000,
        .beat_ms = 2000,
        .resend_ms = 1000,
        .resync_ms = 5000,
        .probe_ms = 500,
        .credit = 4,
        .frame_window = 8,
    };
    return timing;
}

/* ---- birth and death ---- */

static int make_state(const char *directory)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return log_fail(STATUS_NO_OUTPUT, "cannot make the state directory %s: %s", directory, strerror(errno));
    return 0;
}

static int survey_inputs_of(struct ventilator *v)
{
    const struct settings *settings = v->settings.settings;
    struct survey_order order = {&settings->reading, v->settings.today, v->settings.redact_key};
    int r = survey_open(&order, &v->survey);
    if (r == 0)
        r = make_state(v->settings.state);
    if (r < 0)
        return r;
    struct intake_order intake = {
        .survey = v->survey,
        .state = v->settings.state,
        .shards = settings->running.shards,
        .threads = v->settings.threads,
        .as_of = settings->reading.as_of,
        .today = v->settings.today,
        .rejects_limit = settings->reading.max_rejects,
    };
    return intake_start(&intake, &v->intake);
}

static int make_parts(struct ventilator *v)
{
    uint32_t shards = intake_shards(v->intake);
    const struct ventilator_timing *timing = &v->settings.timing;
    struct dispatch_settings dispatch = {shards, timing->lease_ms, timing->stall_ms, timing->straggler_ms};
    v->arena = arena_new(ARENA_LIMIT);
    v->progress = progress_new(v->settings.terminal);
    if (!v->arena || !v->progress)
        return log_fail(STATUS_BUG, "out of memory for the ventilator");
    int r = muster_new(shards, &v->muster);
    if (r == 0)
        r = dispatch_new(&dispatch, &v->dispatch);
    if (r == 0)
        r = feed_new(v->settings.line, timing->frame_window, &v->feed);
    return r;
}

int ventilator_new(const struct ventilator_settings *settings, struct ventilator **out)
{
    struct ventilator *v = calloc(1, sizeof *v);
    if (!v)
        return log_fail(STATUS_BUG, "out of memory for the ventilator");
    v->settings = *settings;
    int r = survey_inputs_of(v);
    if (r == 0)
        r = make_parts(v);
    if (r < 0) {
        ventilator_destroy(&v);
        return r;
    }
    v->work.shards = intake_shards(v->intake);
    v->account = (struct account){.settings = settings->settings,
                                  .survey = v->survey,
                                  .intake = v->intake,
                                  .work = &v->work,
                                  .muster = v->muster};
    if (settings->model.size > 0)
        v->account.model = digest_of(settings->model.data, settings->model.size);
    v->phase_ms = settings->now_ms();
    *out = v;
    return 0;
}

void ventilator_destroy(struct ventilator **ventilator)
{
    struct ventilator *v = *ventilator;
    if (!v)
        return;
    progress_destroy(&v->progress);
    feed_destroy(&v->feed);
    dispatch_destroy(&v->dispatch);
    muster_destroy(&v->muster);
    intake_stop(&v->intake);
    survey_close(&v->survey);
    arena_destroy(&v->arena);
    free(v->run_key);
    free(v->want);
    if (v->model) {
        parcel_clear(v->model);
        free(v->model);
    }
    free(v);
    *ventilator = NULL;
}

/* ---- saying ---- */

static int send_or_forget(struct ventilator *v, struct peer to, struct parcel *parcel)
{
    int r = line_send(v->settings.line, to, parcel);
    parcel_clear(parcel);
    return r;
}

static struct letter letter_of(const struct ventilator *v, enum letter_kind kind)
{
    struct letter letter = {.kind = kind, .job = v->job};
    return letter;
}

/* Answers LINE_E_GONE, LINE_E_FULL or 0; what is lost is asked for again. */
static int say(struct ventilator *v, struct peer to, const struct letter *letter)
{
    struct parcel parcel;
    int r = wire_letter_put(letter, &parcel);
    return r < 0 ? r : send_or_forget(v, to, &parcel);
}

static int to_sink(struct ventilator *v, enum letter_kind kind)
{
    struct letter letter = letter_of(v, kind);
    int r = say(v, v->settings.sink, &letter);
    return r < 0 ? r : 0;
}

static int hello_sink(struct ventilator *v)
{
    struct letter letter = letter_of(v, LETTER_HELLO);
    struct hello hello = {.role = 1, .name = v->settings.name, .version = v->settings.version, .host = ""};
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_hello_put(&hello, &parcel);
    if (r == 0)
        r = send_or_forget(v, v->settings.sink, &parcel);
    return r < 0 ? r : 0;
}

/* ---- announcing ---- */

static const char *columns_of(const struct settings_scoring *scoring)
{
    return scoring->columns ? scoring->columns : "all";
}

static int say_job(struct ventilator *v)
{
    const struct settings *settings = v->settings.settings;
    struct letter letter = letter_of(v, LETTER_JOB);
    struct parcel parcel;
    struct job job = {
        .work = v->work,
        .churn_choice = settings->scoring.churn_choice,
        .churn_kind = settings->scoring.churn_kind,
        .regularity = settings->scoring.regularity,
        .refit = settings->scoring.refit,
        .digits = settings->scoring.digits,
        .columns = columns_of(&settings->scoring),
        .time_unit = settings->scoring.time_unit,
        .has_model = v->settings.model.size > 0,
        .restart = settings->running.restart,
        .redact = settings->reading.redact,
        .run_key = v->run_key,
    };
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_job_put(&job, &parcel);
    if (r == 0)
        r = wire_bytes_put((struct slice){"", 0}, &parcel);
    if (r == 0)
        r = wire_bytes_put(v->settings.model, &parcel);
    if (r == 0)
        r = wire_bytes_put(v->settings.groups, &parcel);
    if (r == 0)
        r = send_or_forget(v, v->settings.sink, &parcel);
    return r < 0 ? r : 0;
}

static int announce(struct ventilator *v, int64_t now_ms)
{
    v->announce_ms = now_ms + v->settings.timing.resync_ms / 5;
    int r = hello_sink(v);
    return r < 0 ? r : say_job(v);
}

static int list_segments(struct ventilator *v)
{
    struct spool_segment *const *segments = intake_segments(v->intake, &v->n_want);
    v->want = malloc(v->n_want * sizeof *v->want + 1);
    if (!v->want)
        return log_fail(STATUS_BUG, "out of memory for %zu segments", v->n_want);
    for (size_t i = 0; i < v->n_want; i++)
        v->want[i] = spool_segment_id(segments[i]);
    return 0;
}

static void enter(struct ventilator *v, enum phase phase)
{
    static const enum account_stage stage[] = {[READING] = ACCOUNT_PARTITION, [GATHERING] = ACCOUNT_GATHER,
                                               [SCORING] = ACCOUNT_SCORE};
    int64_t now_ms = v->settings.now_ms();
    if (v->phase == READING || v->phase == GATHERING || v->phase == SCORING)
        v->account.stage_ms[stage[v->phase]] += now_ms - v->phase_ms;
    v->phase = phase;
    v->phase_ms = now_ms;
}

/* Too many rejects, or two currencies: nothing but the rejects will be published. */
static int refuse_ledger(struct ventilator *v)
{
    const struct facts *facts = intake_facts(v->intake);
    const struct settings_reading *reading = &v->settings.settings->reading;
    uint64_t rejects = facts_rejects(facts);
    progress_clear(v->progress);
    v->refuse = 1;
    v->result = facts_check(facts, reading);
    if (v->result < 0)
        return 0;
    account_log_rejects(&v->account);
    v->result = log_fail(STATUS_DATA,
                         "%llu of %llu rows are rejects, more than --max-rejects allows; nothing is published but "
                         "the rejects",
                         (unsigned long long)rejects, (unsigned long long)facts->rows_in);
    return 0;
}

/* The ledger has been read: what is to be computed, and under which name. */
static int make_job(struct ventilator *v, int refused)
{
    const struct facts *facts = intake_facts(v->intake);
    const struct settings *settings = v->settings.settings;
    int r = 0, planned;
    if (refused || facts_check(facts, &settings->reading) < 0 ||
        planning_too_many(&settings->reading, facts->rows_in, facts_rejects(facts)))
        r = refuse_ledger(v);
    if (r < 0)
        return r;
    if (v->refuse) {
        v->work.plan = settings->scoring.plan;
        v->work.shards = intake_shards(v->intake);
        planned = 0;
    } else {
        planned = planning_work(settings, facts, intake_shards(v->intake), &v->work);
    }
    if (planned < 0)
        return planned;
    if (!v->refuse)
        planning_log(facts, &v->work.plan);
    r = list_segments(v);
    if (r == 0)
        r = account_run_key(&v->account, &v->run_key);
    if (r < 0)
        return r;
    struct digest name[2] = {digest_of(v->run_key, strlen(v->run_key)), {v->work.shards, 0}};
    v->job = digest_of(name, sizeof name);
    enter(v, ANNOUNCING);
    return 0;
}

/* ---- workers ---- */

static int give_up(struct ventilator *v, uint32_t place)
{
    dispatch_lost(v->dispatch, place);
    feed_forget(v->feed, place);
    muster_leave(v->muster, place);
    return 0;
}

/* Sends, and gives a worker up who is not there any more. */
static int to_worker(struct ventilator *v, uint32_t place, struct parcel *parcel)
{
    int r = send_or_forget(v, muster_at(v->muster, place)->peer, parcel);
    return r == LINE_E_GONE ? give_up(v, place) : r < 0 ? r : 0;
}

static int welcome(struct ventilator *v, uint32_t place)
{
    struct letter letter = letter_of(v, LETTER_WELCOME);
    const struct ventilator_timing *timing = &v->settings.timing;
    struct welcome terms = {(uint32_t)timing->beat_ms, (uint32_t)timing->resend_ms, timing->frame_window,
                            timing->credit};
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_welcome_put(&terms, &parcel);
    return r < 0 ? r : to_worker(v, place, &parcel);
}

/* What the worker's cache holds, for dispatch. */
static void tell_holdings(struct ventilator *v, uint32_t place)
{
    for (uint32_t shard = 0; shard < v->work.shards; shard++) {
        size_t n;
        const struct digest *have = muster_have(v->muster, place, shard, &n);
        enum holding holding = muster_compare(have, n, v->want, v->n_want);
        if (holding == HOLDING_NONE && n > 0)
            muster_holds(v->muster, place, shard, NULL, 0);
        dispatch_holds(v->dispatch, place, shard, holding);
    }
}

static int let_in(struct ventilator *v, uint32_t place)
{
    uint32_t credit = muster_at(v->muster, place)->credit;
    if (credit > v->settings.timing.credit)
        credit = v->settings.timing.credit;
    int r = dispatch_joined(v->dispatch, place, credit);
    if (r == 0)
        tell_holdings(v, place);
    return r;
}

static int take_hello(struct ventilator *v, struct peer from, const struct parcel *parcel)
{
    struct hello hello;
    uint32_t place, replaced;
    arena_reset(v->arena);
    if (wire_hello_read(parcel, 1, v->arena, &hello) != 0 || hello.role != 2)
        return 0;
    place = muster_find(v->muster, from);
    if (place != MUSTER_NOBODY) {
        dispatch_lost(v->dispatch, place);
        feed_forget(v->feed, place);
    }
    int r = muster_join(v->muster, from, &hello, &place, &replaced);
    if (r == 0 && replaced != MUSTER_NOBODY)
        r = give_up(v, replaced);
    if (r == 0 && v->phase >= GATHERING)
        r = let_in(v, place);
    return r < 0 ? r : welcome(v, place);
}

static int take_beat(struct ventilator *v, uint32_t place, const struct letter *letter, const struct parcel *parcel,
                     int64_t now_ms)
{
    struct mustered *worker = muster_at(v->muster, place);
    struct beat beat;
    arena_reset(v->arena);
    if (wire_beat_read(parcel, 1, v->arena, &beat) != 0)
        return 0;
    worker->frames_taken = beat.frames_taken < worker->frames_sent ? beat.frames_taken : worker->frames_sent;
    worker->resident_kib = beat.resident_kib;
    for (size_t i = 0; digest_same(letter->job, v->job) && i < beat.n; i++) {
        struct dispatch_beat one = {place,         beat.stages[i], beat.shards[i], beat.attempts[i],
                                    beat.states[i], beat.progress[i]};
        dispatch_beat(v->dispatch, &one, now_ms);
    }
    return 0;
}

/* A lease comes back; where the cache was not what it seemed, it will be sent whole. */
static int take_release(struct ventilator *v, uint32_t place, const struct letter *letter)
{
    struct mustered *worker = muster_at(v->muster, place);
    if (!digest_same(letter->job, v->job) || letter->shard >= v->work.shards)
        return 0;
    if (letter->code == RELEASE_NO_BLOCK) {
        muster_holds(v->muster, place, letter->shard, NULL, 0);
        dispatch_holds(v->dispatch, place, letter->shard, HOLDING_NONE);
    }
    if (letter->code == RELEASE_NO_PLAN)
        worker->has_plan = 0;
    if (letter->code == RELEASE_NO_MODEL)
        worker->has_model = 0;
    if (letter->code == RELEASE_DRAINING)
        dispatch_draining(v->dispatch, place);
    feed_cancel(v->feed, place, letter->stage, letter->shard);
    dispatch_released(v->dispatch, place, letter->shard, letter->attempt);
    return 0;
}

static int from_worker(struct ventilator *v, struct peer from, const struct letter *letter, struct parcel *parcel,
                       int64_t now_ms)
{
    if (letter->kind == LETTER_HELLO)
        return take_hello(v, from, parcel);
    uint32_t place = muster_find(v->muster, from);
    if (place == MUSTER_NOBODY) {
        struct letter rehello = letter_of(v, LETTER_REHELLO);
        int r = say(v, from, &rehello);
        return r < 0 ? r : 0;
    }
    switch (letter->kind) {
    case LETTER_BEAT:
        return take_beat(v, place, letter, parcel, now_ms);
    case LETTER_RELEASE:
        return take_release(v, place, letter);
    case LETTER_FAIL:
        if (!digest_same(letter->job, v->job))
            return 0;
        return log_fail(status_of_exit_code(letter->code), "shard %u: %s", letter->shard, letter->text);
    case LETTER_BYE:
        return give_up(v, place);
    default:
        return 0;
    }
}

/* ---- leasing ---- */

static int say_plan(struct ventilator *v, uint32_t place)
{
    struct letter letter = letter_of(v, LETTER_PLAN);
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_plan_put(&v->work, &parcel);
    muster_at(v->muster, place)->has_plan = 1;
    return r < 0 ? r : to_worker(v, place, &parcel);
}

static int say_model(struct ventilator *v, uint32_t place)
{
    struct letter letter = letter_of(v, LETTER_MODEL);
    struct parcel parcel;
    letter.digest = v->model_digest;
    int r = wire_letter_put(&letter, &parcel);
    for (size_t i = 0; r == 0 && i < v->model->n; i++)
        r = wire_bytes_put((struct slice){v->model->part[i].data, v->model->part[i].size}, &parcel);
    muster_at(v->muster, place)->has_model = 1;
    return r < 0 ? r : to_worker(v, place, &parcel);
}

/* The segments that a holding lacks, as a list of their own; the caller frees it. */
static struct spool_segment **lacking(const struct ventilator *v, const struct digest *have, size_t n_have,
                                      size_t *n)
{
    size_t all;
    struct spool_segment *const *segments = intake_segments(v->intake, &all);
    struct spool_segment **list = malloc((all + 1) * sizeof(*list));
    *n = 0;
    for (size_t i = 0; list && i < all; i++) {
        struct digest id = spool_segment_id(segments[i]);
        int held = 0;
        for (size_t k = 0; k < n_have; k++)
            held |= digest_same(have[k], id);
        if (!held)
            list[(*n)++] = segments[i];
    }
    return list;
}

static void count_rows(struct ventilator *v, const struct dispatch_action *action,
                       struct spool_segment *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t rows = spool_segment_rows(list[i], action->shard);
        v->account.rows_sent += rows;
        if (action->again || action->stage == 2)
            v->account.rows_sent_again += rows;
    }
}

static int say_lease(struct ventilator *v, const struct dispatch_action *action, const struct lease_order *order)
{
    struct letter letter = letter_of(v, LETTER_LEASE);
    struct parcel parcel;
    letter.stage = action->stage;
    letter.shard = action->shard;
    letter.attempt = action->attempt;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_lease_put(order, &parcel);
    return r < 0 ? r : to_worker(v, action->worker, &parcel);
}

static int lease(struct ventilator *v, const struct dispatch_action *action)
{
    struct mustered *worker = muster_at(v->muster, action->worker);
    struct lease_order order = {.want = v->want, .n_want = v->n_want, .model = v->model_digest};
    size_t n;
    int r = worker->has_plan ? 0 : say_plan(v, action->worker);
    if (r == 0 && action->stage == 2 && worker->here && !worker->has_model)
        r = say_model(v, action->worker);
    if (r < 0 || !worker->here)
        return r;
    order.have = muster_have(v->muster, action->worker, action->shard, &order.n_have);
    struct spool_segment **list = lacking(v, order.have, order.n_have, &n);
    if (!list)
        return log_fail(STATUS_BUG, "out of memory for a lease");
    struct feed_order meal = {v->job, action->stage, action->shard, action->attempt, list, n, NULL};
    order.frames = feed_frames(&meal);
    r = say_lease(v, action, &order);
    if (r < 0 || order.frames == 0 || !worker->here) {
        free(list);
        return r;
    }
    count_rows(v, action, list, n);
    return feed_add(v->feed, action->worker, &meal);
}

static int cancel(struct ventilator *v, const struct dispatch_action *action)
{
    struct letter letter = letter_of(v, LETTER_CANCEL);
    struct parcel parcel;
    letter.stage = action->stage;
    letter.shard = action->shard;
    letter.attempt = action->attempt;
    if (!muster_at(v->muster, action->worker)->here)
        return 0;
    feed_cancel(v->feed, action->worker, action->stage, action->shard);
    int r = wire_letter_put(&letter, &parcel);
    return r < 0 ? r : to_worker(v, action->worker, &parcel);
}

static int deal(struct ventilator *v, int64_t now_ms, int64_t *wake_ms)
{
    for (;;) {
        int64_t wake;
        struct dispatch_action action = dispatch_next(v->dispatch, now_ms, &wake);
        if (action.verb == DISPATCH_NOTHING) {
            *wake_ms = wake < *wake_ms ? wake : *wake_ms;
            return 0;
        }
        int r = action.verb == DISPATCH_LEASE ? lease(v, &action) : cancel(v, &action);
        if (r < 0)
            return r;
    }
}

/* ---- stages ---- */

static int begin_stage(struct ventilator *v, uint32_t stage, const uint8_t *done)
{
    int r = 0;
    dispatch_stage(v->dispatch, stage, done);
    if (stage == 1)
        for (uint32_t i = 0; r == 0 && i < muster_places(v->muster); i++)
            if (muster_at(v->muster, i)->here)
                r = let_in(v, i);
    enter(v, stage == 1 ? GATHERING : SCORING);
    v->stage_started = 1;
    return r;
}

static void shard_done(struct ventilator *v, uint32_t stage, uint32_t shard, int64_t now_ms)
{
    uint32_t winner = dispatch_done(v->dispatch, stage, shard, now_ms);
    if (winner == DISPATCH_NOBODY)
        return;
    muster_holds(v->muster, winner, shard, v->want, v->n_want);
    muster_at(v->muster, winner)->shards_done[stage]++;
    for (uint32_t i = 0; i < muster_places(v->muster); i++)
        feed_cancel(v->feed, i, stage, shard);
}

static int bit(const uint8_t *bits, uint32_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

static void note_sink(struct ventilator *v, const struct letter *letter)
{
    v->sink_known = 1;
    v->sink_boot = letter->boot;
    v->sink_sequence = letter->sequence;
}

static int take_done_set(struct ventilator *v, const struct letter *letter, const struct parcel *parcel,
                         int64_t now_ms)
{
    struct done_set set;
    arena_reset(v->arena);
    if (!digest_same(letter->job, v->job) || wire_done_set_read(parcel, 1, v->arena, &set) != 0 ||
        set.shards != v->work.shards)
        return 0;
    note_sink(v, letter);
    if (v->phase == ANNOUNCING && v->refuse) {
        enter(v, SEALING);
        return 0;
    }
    if (v->phase == ANNOUNCING)
        return begin_stage(v, 1, set.gathered);
    for (uint32_t s = 0; s < set.shards; s++) {
        if (v->phase == GATHERING && bit(set.gathered, s))
            shard_done(v, 1, s, now_ms);
        if (v->phase == SCORING && bit(set.scored, s))
            shard_done(v, 2, s, now_ms);
    }
    return 0;
}

static int take_done(struct ventilator *v, const struct letter *letter, const struct parcel *parcel, int64_t now_ms)
{
    struct shard_keys keys;
    arena_reset(v->arena);
    if (!digest_same(letter->job, v->job) || wire_keys_read(parcel, 1, v->arena, &keys) != 0)
        return 0;
    int gap = !v->sink_known || letter->boot != v->sink_boot || letter->sequence != v->sink_sequence + 1;
    note_sink(v, letter);
    for (size_t i = 0; i < keys.n; i++)
        shard_done(v, keys.stages[i], keys.shards[i], now_ms);
    if (gap)
        v->resync_ms = now_ms;
    return 0;
}

static int take_stage_result(struct ventilator *v, const struct letter *letter, struct parcel *parcel)
{
    if (v->phase != GATHERING || !digest_same(letter->job, v->job) || v->model)
        return 0;
    v->model = calloc(1, sizeof *v->model);
    if (!v->model)
        return log_fail(STATUS_BUG, "out of memory for the model");
    for (size_t i = 1; i < parcel->n; i++) {
        v->model->part[v->model->n++] = parcel->part[i];
        parcel->part[i] = (struct part){0};
    }
    v->model_digest = letter->digest;
    if (dispatch_complete(v->dispatch))
        v->account.stage_ms[ACCOUNT_FIT] = v->settings.now_ms() - v->account.stage_ms[ACCOUNT_FIT];
    return begin_stage(v, 2, NULL);
}

/* ---- sealing ---- */

static uint64_t resident_kib(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss : 0;
}

static int put_account(struct ventilator *v, struct parcel *parcel)
{
    char *text;
    size_t size;
    v->account.counts = dispatch_counts(v->dispatch);
    v->account.bytes_sent = feed_bytes(v->feed);
    v->account.resident_kib = resident_kib();
    int r = account_write(&v->account, &text, &size);
    if (r < 0)
        return r;
    r = wire_bytes_put((struct slice){text, size}, parcel);
    free(text);
    return r;
}

static int say_seal(struct ventilator *v)
{
    struct letter letter = letter_of(v, LETTER_SEAL);
    struct parcel parcel, rejects;
    struct seal seal = {.refuse = v->refuse};
    rejects.n = 0;
    int r = account_rejects_csv(&v->account, &rejects, &seal.csv_parts);
    if (r == 0 && !v->settings.settings->reading.redact)
        r = account_rejects_raw(&v->account, &rejects, &seal.raw_parts);
    if (r == 0)
        r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_seal_put(&seal, &parcel);
    if (r == 0)
        r = put_account(v, &parcel);
    for (size_t i = 0; r == 0 && i < rejects.n; i++)
        r = parcel_add(&parcel, &rejects.part[i]);
    parcel_clear(&rejects);
    if (r == 0)
        r = send_or_forget(v, v->settings.sink, &parcel);
    return r < 0 ? r : 0;
}

static int close_workers(struct ventilator *v)
{
    for (uint32_t i = 0; i < muster_places(v->muster); i++) {
        struct letter letter = letter_of(v, LETTER_CLOSE);
        if (!muster_at(v->muster, i)->here)
            continue;
        int r = say(v, muster_at(v->muster, i)->peer, &letter);
        if (r < 0)
            return r;
    }
    return 0;
}

static int take_sealed(struct ventilator *v)
{
    if (v->phase != SEALING)
        return 0;
    enter(v, CLOSED);
    int r = close_workers(v);
    return r < 0 ? r : to_sink(v, LETTER_BYE);
}

/* ---- letters ---- */

static int from_sink(struct ventilator *v, const struct letter *letter, struct parcel *parcel, int64_t now_ms)
{
    switch (letter->kind) {
    case LETTER_DONESET:
        return take_done_set(v, letter, parcel, now_ms);
    case LETTER_DONE:
        return take_done(v, letter, parcel, now_ms);
    case LETTER_STAGE_RESULT:
        return take_stage_result(v, letter, parcel);
    case LETTER_SEALED:
        return take_sealed(v);
    case LETTER_REHELLO:
        return v->phase >= ANNOUNCING ? announce(v, now_ms) : hello_sink(v);
    case LETTER_REFUSED:
        progress_clear(v->progress);
        return log_fail(status_of_exit_code(letter->code), "the sink: %s", letter->text);
    default:
        return 0;
    }
}

static int ventilator_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct ventilator *v = self;
    struct letter letter;
    int r = wire_letter_read(parcel, &letter);
    if (peer_same(from, v->settings.sink)) {
        if (r == WIRE_E_VERSION)
            return log_fail(STATUS_CONFIG, "the sink speaks another version of the protocol than %d", WIRE_PROTOCOL);
        return r != 0 ? 0 : from_sink(v, &letter, parcel, now_ms);
    }
    if (r == WIRE_E_VERSION) {
        struct letter refused = letter_of(v, LETTER_REFUSED);
        refused.code = status_exit_code(STATUS_CONFIG);
        snprintf(refused.text, sizeof refused.text, "another version of the protocol than %d", WIRE_PROTOCOL);
        r = say(v, from, &refused);
        return r < 0 ? r : 0;
    }
    return r != 0 ? 0 : from_worker(v, from, &letter, parcel, now_ms);
}

/* ---- ticking ---- */

static int tick_reading(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    int r = intake_poll(v->intake);
    if (r == INTAKE_E_BUSY) {
        *deadline_ms = now_ms + (v->settings.threads > 0 ? READ_LOOK_MS : 0);
        return 0;
    }
    return r < 0 ? r : make_job(v, r == INTAKE_E_REFUSED);
}

/* A letter to every worker tells which connections are gone. */
static int probe(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    if (now_ms >= v->probe_ms) {
        v->probe_ms = now_ms + v->settings.timing.probe_ms;
        for (uint32_t i = 0; i < muster_places(v->muster); i++) {
            struct letter letter = letter_of(v, LETTER_PROBE);
            struct parcel parcel;
            if (!muster_at(v->muster, i)->here)
                continue;
            int r = wire_letter_put(&letter, &parcel);
            if (r == 0)
                r = to_worker(v, i, &parcel);
            if (r < 0)
                return r;
        }
    }
    if (v->probe_ms < *deadline_ms)
        *deadline_ms = v->probe_ms;
    return 0;
}

static int resync(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    int r = 0;
    if (now_ms >= v->resync_ms) {
        v->resync_ms = now_ms + v->settings.timing.resync_ms;
        r = to_sink(v, LETTER_RESYNC);
    }
    if (v->resync_ms < *deadline_ms)
        *deadline_ms = v->resync_ms;
    return r;
}

static int tick_dealing(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    int r = deal(v, now_ms, deadline_ms);
    if (r == 0)
        r = feed_some(v->feed, v->muster, now_ms, deadline_ms);
    if (r == 0 && v->phase == SCORING && dispatch_complete(v->dispatch))
        enter(v, SEALING);
    if (v->phase == SEALING)
        *deadline_ms = now_ms;
    return r;
}

/* SEAL is said at once, and again when nothing has come of it for long: sealing takes its time. */
static int tick_sealing(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    int r = 0;
    if (now_ms >= v->announce_ms) {
        v->announce_ms = now_ms + SEAL_AGAIN_MS;
        r = say_seal(v);
    }
    if (v->announce_ms < *deadline_ms)
        *deadline_ms = v->announce_ms;
    return r;
}

static void show(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    struct progress_state state = {.workers = dispatch_n_workers(v->dispatch), .share = -1};
    state.stage = v->phase <= ANNOUNCING ? 1 : v->phase == GATHERING ? 2 : v->phase == SCORING ? 3 : 4;
    if (v->phase == READING) {
        struct partition_progress read = intake_progress(v->intake);
        uint64_t whole = intake_bytes(v->intake);
        state.rows = read.rows;
        state.bytes = read.raw_bytes;
        state.rejects = read.rejects;
        state.share = whole > 0 ? (double)read.raw_bytes / (double)whole : -1;
        state.workers = muster_places(v->muster);
    } else if (v->phase == GATHERING || v->phase == SCORING) {
        state.share = (double)dispatch_n_done(v->dispatch) / v->work.shards;
        state.rejects = facts_rejects(intake_facts(v->intake));
    }
    progress_show(v->progress, &state, now_ms, deadline_ms);
}

static int tick_phase(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    switch (v->phase) {
    case READING:
        return tick_reading(v, now_ms, deadline_ms);
    case ANNOUNCING:
        if (now_ms >= v->announce_ms) {
            int r = announce(v, now_ms);
            if (r < 0)
                return r;
        }
        *deadline_ms = v->announce_ms;
        return 0;
    case GATHERING:
    case SCORING:
        return tick_dealing(v, now_ms, deadline_ms);
    case SEALING:
        return tick_sealing(v, now_ms, deadline_ms);
    case CLOSED:
        break;
    }
    return v->result < 0 ? v->result : ROLE_E_FINISHED;
}

static int ventilator_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct ventilator *v = self;
    enum phase before = v->phase;
    *deadline_ms = INT64_MAX;
    if (v->settings.stop && *v->settings.stop)
        return STATUS_STOPPED;
    int r = tick_phase(v, now_ms, deadline_ms);
    if (r == 0 && v->phase != before) {
        *deadline_ms = now_ms;
        v->announce_ms = now_ms;
    }
    if (r == 0 && (v->phase == GATHERING || v->phase == SCORING || v->phase == SEALING))
        r = resync(v, now_ms, deadline_ms);
    if (r == 0 && v->phase != CLOSED)
        r = probe(v, now_ms, deadline_ms);
    if (r == 0)
        show(v, now_ms, deadline_ms);
    if (r != 0)
        progress_clear(v->progress);
    return r;
}

struct role ventilator_role(struct ventilator *ventilator)
{
    struct role role = {ventilator, ventilator_letter, ventilator_tick};
    return role;
}
