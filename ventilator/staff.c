/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch.c decides who works on what; here is what it takes to act on that. A worker who cannot be
 * reached is given up at once: he says HELLO again when he is back. */
#include "ventilator/staff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crash.h"
#include "common/log.h"
#include "common/wire_hello.h"
#include "common/wire_lease.h"
#include "ventilator/evidence.h"
#include "ventilator/feed.h"

#define ARENA_LIMIT   ((size_t)64 << 20)
#define POISON_DEATHS 2

struct staff {
    struct line *line;
    struct ventilator_timing timing;
    uint32_t shards;
    const char *name; /* of the caches that workers are to turn to; "": the one that jobs share */
    struct muster *muster;
    struct dispatch *dispatch;
    struct feed *feed;
    struct arena *arena;
    int working; /* a job is known: workers are let in */
    struct staff_job job;
    const struct parcel *model;
    struct digest model_digest;
    uint64_t rows_sent, rows_sent_again;
    int64_t probe_ms;
};

int staff_new(struct line *line, uint32_t shards, const struct ventilator_timing *timing,
              const char *name, struct staff **out)
{
    struct dispatch_settings dispatch = {shards, timing->lease_ms, timing->stall_ms,
                                         timing->straggler_ms};
    struct staff *staff = calloc(1, sizeof *staff);
    if (!staff)
        return log_fail(STATUS_BUG, "out of memory for the workers");
    staff->line = line;
    staff->timing = *timing;
    staff->shards = shards;
    staff->name = name ? name : "";
    staff->arena = arena_new(ARENA_LIMIT);
    int r = staff->arena ? muster_new(shards, &staff->muster)
                         : log_fail(STATUS_BUG, "out of memory for the workers");
    if (r == 0)
        r = dispatch_new(&dispatch, &staff->dispatch);
    if (r == 0)
        r = feed_new(line, timing->frame_window, &staff->feed);
    if (r < 0) {
        staff_destroy(&staff);
        return r;
    }
    *out = staff;
    return 0;
}

void staff_trace(struct staff *staff, struct trace *trace)
{
    feed_trace(staff->feed, trace);
}

void staff_destroy(struct staff **staff)
{
    if (!*staff)
        return;
    feed_destroy(&(*staff)->feed);
    dispatch_destroy(&(*staff)->dispatch);
    muster_destroy(&(*staff)->muster);
    arena_destroy(&(*staff)->arena);
    free(*staff);
    *staff = NULL;
}

static struct letter letter_of(const struct staff *staff, enum letter_kind kind)
{
    struct letter letter = {.kind = kind, .job = staff->job.id};
    return letter;
}

static int say(struct staff *staff, struct peer to, const struct letter *letter)
{
    struct parcel parcel;
    int r = wire_letter_put(letter, &parcel);
    if (r == 0)
        r = line_post(staff->line, to, &parcel);
    return r < 0 ? r : 0;
}

/* ---- coming and going ---- */

static int give_up(struct staff *staff, uint32_t place)
{
    dispatch_lost(staff->dispatch, place);
    feed_forget(staff->feed, place);
    muster_leave(staff->muster, place);
    return 0;
}

/* Sends, and gives a worker up who is not there any more. */
static int to_worker(struct staff *staff, uint32_t place, struct parcel *parcel)
{
    int r = line_post(staff->line, muster_at(staff->muster, place)->peer, parcel);
    return r == LINE_E_GONE ? give_up(staff, place) : r < 0 ? r : 0;
}

static int welcome(struct staff *staff, uint32_t place)
{
    struct letter letter = letter_of(staff, LETTER_WELCOME);
    struct welcome terms = ventilator_timing_terms(&staff->timing);
    struct parcel parcel;
    snprintf(letter.text, sizeof letter.text, "%s", staff->name);
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_welcome_put(&terms, &parcel);
    return r < 0 ? r : to_worker(staff, place, &parcel);
}

/* What the worker's cache holds, for dispatch. */
static void tell_holdings(struct staff *staff, uint32_t place)
{
    for (uint32_t shard = 0; shard < staff->shards; shard++) {
        size_t n;
        const struct digest *have = muster_have(staff->muster, place, shard, &n);
        enum holding holding = muster_compare(have, n, staff->job.want, staff->job.n_want);
        if (holding == HOLDING_NONE && n > 0)
            muster_holds(staff->muster, place, shard, NULL, 0);
        dispatch_holds(staff->dispatch, place, shard, holding);
    }
}

static int let_in(struct staff *staff, uint32_t place)
{
    uint32_t credit = muster_at(staff->muster, place)->credit;
    if (muster_at(staff->muster, place)->turns)
        return 0;
    int r = dispatch_joined(staff->dispatch, place,
                            credit < staff->timing.credit ? credit : staff->timing.credit);
    if (r == 0)
        tell_holdings(staff, place);
    return r;
}

/* One who will turn to another cache is not reckoned with until he has said what that holds. */
static int take_hello(struct staff *staff, struct peer from, const struct letter *letter,
                      const struct parcel *parcel)
{
    struct hello hello;
    uint32_t place, replaced;
    arena_reset(staff->arena);
    if (wire_hello_read(parcel, 1, staff->arena, &hello) != 0 || hello.role != 2)
        return 0;
    place = muster_find(staff->muster, from);
    if (place != MUSTER_NOBODY) {
        dispatch_lost(staff->dispatch, place);
        feed_forget(staff->feed, place);
    }
    int r = muster_join(staff->muster, from, &hello, &place, &replaced);
    if (r == 0 && replaced != MUSTER_NOBODY)
        r = give_up(staff, replaced);
    if (r == 0)
        muster_at(staff->muster, place)->turns = hello.turns && strcmp(letter->text, staff->name);
    if (r == 0 && staff->working)
        r = let_in(staff, place);
    return r < 0 ? r : welcome(staff, place);
}

static int take_beat(struct staff *staff, uint32_t place, const struct letter *letter,
                     const struct parcel *parcel, int64_t now_ms)
{
    struct mustered *worker = muster_at(staff->muster, place);
    struct beat beat;
    arena_reset(staff->arena);
    if (wire_beat_read(parcel, 1, staff->arena, &beat) != 0)
        return 0;
    worker->frames_taken =
        beat.frames_taken < worker->frames_sent ? beat.frames_taken : worker->frames_sent;
    worker->resident_kib = beat.resident_kib;
    for (size_t i = 0; digest_same(letter->job, staff->job.id) && i < beat.n; i++) {
        struct dispatch_beat one = {place,          beat.stages[i],
                                    beat.shards[i], beat.attempts[i],
                                    beat.states[i], beat.progress[i]};
        dispatch_beat(staff->dispatch, &one, now_ms);
    }
    return 0;
}

/* No user's code runs in a worker, so what kills two is a bug of ours, and would kill them all. */
static int take_death(struct staff *staff, const struct letter *letter)
{
    char path[EVIDENCE_PATH];
    struct evidence evidence = {&staff->job, letter->stage == 2 ? staff->model : NULL,
                                staff->model_digest, letter->stage, letter->shard};
    uint32_t deaths = dispatch_died(staff->dispatch, letter->stage, letter->shard);
    if (deaths > 0)
        log_say(LOG_WARN, "a worker died of shard %u, stage %u", letter->shard, letter->stage);
    if (deaths < POISON_DEATHS)
        return 0;
    int r = evidence_keep(&evidence, path);
    return r < 0 ? r
                 : log_fail(STATUS_BUG,
                            "shard %u of stage %u killed %u workers; what it is made of is in %s, "
                            "winnow worker --replay %s shows it again",
                            letter->shard, letter->stage, deaths, path, path);
}

/* A lease comes back; where the cache was not what it seemed, it will be sent whole. */
static int take_release(struct staff *staff, uint32_t place, const struct letter *letter)
{
    struct mustered *worker = muster_at(staff->muster, place);
    if (!digest_same(letter->job, staff->job.id) || letter->shard >= staff->shards)
        return 0;
    if (letter->code == RELEASE_DIED)
        return take_death(staff, letter);
    if (letter->code == RELEASE_NO_BLOCK) {
        muster_holds(staff->muster, place, letter->shard, NULL, 0);
        muster_forget_attributes(staff->muster, place, letter->shard);
        dispatch_holds(staff->dispatch, place, letter->shard, HOLDING_NONE);
    }
    if (letter->code == RELEASE_NO_PLAN)
        worker->has_plan = 0;
    if (letter->code == RELEASE_NO_MODEL)
        worker->has_model = 0;
    if (letter->code == RELEASE_DRAINING)
        dispatch_draining(staff->dispatch, place);
    feed_cancel(staff->feed, place, letter->stage, letter->shard);
    dispatch_released(staff->dispatch, place, letter->shard, letter->attempt);
    return 0;
}

int staff_refuse_version(struct line *line, struct peer to)
{
    struct letter refused = {.kind = LETTER_REFUSED, .code = status_exit_code(STATUS_CONFIG)};
    struct parcel parcel;
    snprintf(refused.text, sizeof refused.text, "another version of the protocol than %d",
             WIRE_PROTOCOL);
    int r = wire_letter_put(&refused, &parcel);
    if (r == 0)
        r = line_post(line, to, &parcel);
    return r < 0 ? r : 0;
}

int staff_letter(struct staff *staff, struct peer from, const struct letter *letter,
                 const struct parcel *parcel, int64_t now_ms)
{
    if (letter->kind == LETTER_HELLO)
        return take_hello(staff, from, letter, parcel);
    uint32_t place = muster_find(staff->muster, from);
    if (place == MUSTER_NOBODY) {
        struct letter rehello = letter_of(staff, LETTER_REHELLO);
        return say(staff, from, &rehello);
    }
    switch (letter->kind) {
    case LETTER_BEAT:
        return take_beat(staff, place, letter, parcel, now_ms);
    case LETTER_RELEASE:
        return take_release(staff, place, letter);
    case LETTER_FAIL:
        if (!digest_same(letter->job, staff->job.id))
            return 0;
        return log_fail(status_of_exit_code(letter->code), "shard %u: %s", letter->shard,
                        letter->text);
    case LETTER_BYE:
        return give_up(staff, place);
    default:
        return 0;
    }
}

/* ---- leases ---- */

static int say_plan(struct staff *staff, uint32_t place)
{
    struct letter letter = letter_of(staff, LETTER_PLAN);
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_plan_put(staff->job.work, &parcel);
    muster_at(staff->muster, place)->has_plan = 1;
    return r < 0 ? r : to_worker(staff, place, &parcel);
}

static int say_model(struct staff *staff, uint32_t place)
{
    struct letter letter = letter_of(staff, LETTER_MODEL);
    struct parcel parcel;
    letter.digest = staff->model_digest;
    int r = wire_letter_put(&letter, &parcel);
    for (size_t i = 0; r == 0 && i < staff->model->n; i++)
        r = wire_bytes_put((struct slice){staff->model->part[i].data, staff->model->part[i].size},
                           &parcel);
    muster_at(staff->muster, place)->has_model = 1;
    return r < 0 ? r : to_worker(staff, place, &parcel);
}

static void count_rows(struct staff *staff, const struct dispatch_action *action,
                       struct spool_segment *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t rows = spool_segment_rows(list[i], action->shard);
        staff->rows_sent += rows;
        if (action->again || action->stage == 2)
            staff->rows_sent_again += rows;
    }
}

static int say_lease(struct staff *staff, const struct dispatch_action *action,
                     const struct lease_order *order)
{
    struct letter letter = letter_of(staff, LETTER_LEASE);
    struct parcel parcel;
    letter.stage = action->stage;
    letter.shard = action->shard;
    letter.attempt = action->attempt;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_lease_put(order, &parcel);
    return r < 0 ? r : to_worker(staff, action->worker, &parcel);
}

static int lease(struct staff *staff, const struct dispatch_action *action)
{
    struct mustered *worker = muster_at(staff->muster, action->worker);
    struct lease_order order = {
        .want = staff->job.want, .n_want = staff->job.n_want, .model = staff->model_digest};
    size_t n;
    int r = worker->has_plan ? 0 : say_plan(staff, action->worker);
    if (r == 0 && action->stage == 2 && worker->here && !worker->has_model)
        r = say_model(staff, action->worker);
    if (r < 0 || !worker->here)
        return r;
    order.have = muster_have(staff->muster, action->worker, action->shard, &order.n_have);
    struct spool_segment **list =
        feed_lacking(staff->job.segments, staff->job.n_want, order.have, order.n_have, &n);
    if (!list)
        return log_fail(STATUS_BUG, "out of memory for a lease");
    struct feed_order meal = {staff->job.id, action->stage, action->shard, action->attempt, list, n,
                              NULL};
    if (staff->job.attributes) {
        order.attributes = spool_segment_id(staff->job.attributes);
        order.attributes_follow =
            muster_tell_attributes(staff->muster, action->worker, action->shard);
        meal.attributes = order.attributes_follow ? staff->job.attributes : NULL;
    }
    order.frames = feed_frames(&meal);
    r = say_lease(staff, action, &order);
    crash_point("ventilator-leased");
    if (r < 0 || order.frames == 0 || !worker->here) {
        free(list);
        return r;
    }
    count_rows(staff, action, list, n);
    return feed_add(staff->feed, action->worker, &meal);
}

static int cancel(struct staff *staff, const struct dispatch_action *action)
{
    struct letter letter = letter_of(staff, LETTER_CANCEL);
    struct parcel parcel;
    letter.stage = action->stage;
    letter.shard = action->shard;
    letter.attempt = action->attempt;
    if (!muster_at(staff->muster, action->worker)->here)
        return 0;
    feed_cancel(staff->feed, action->worker, action->stage, action->shard);
    int r = wire_letter_put(&letter, &parcel);
    return r < 0 ? r : to_worker(staff, action->worker, &parcel);
}

static int act(struct staff *staff, int64_t now_ms, int64_t *wake_ms)
{
    for (;;) {
        int64_t wake;
        struct dispatch_action action = dispatch_next(staff->dispatch, now_ms, &wake);
        if (action.verb == DISPATCH_NOTHING) {
            *wake_ms = wake < *wake_ms ? wake : *wake_ms;
            return 0;
        }
        int r = action.verb == DISPATCH_LEASE ? lease(staff, &action) : cancel(staff, &action);
        if (r < 0)
            return r;
    }
}

int staff_deal(struct staff *staff, int64_t now_ms, int64_t *wake_ms)
{
    int r = act(staff, now_ms, wake_ms);
    return r < 0 ? r : feed_some(staff->feed, staff->muster, now_ms, wake_ms);
}

/* ---- stages ---- */

int staff_gather(struct staff *staff, const struct staff_job *job, const uint8_t *done)
{
    int r = 0;
    staff->job = *job;
    staff->working = 1;
    dispatch_stage(staff->dispatch, 1, done);
    for (uint32_t i = 0; r == 0 && i < muster_places(staff->muster); i++)
        if (muster_at(staff->muster, i)->here)
            r = let_in(staff, i);
    return r;
}

int staff_score(struct staff *staff, const struct parcel *model, struct digest digest,
                const uint8_t *done)
{
    staff->model = model;
    staff->model_digest = digest;
    dispatch_stage(staff->dispatch, 2, done);
    return 0;
}

void staff_done(struct staff *staff, uint32_t stage, uint32_t shard, int64_t now_ms)
{
    uint32_t winner = dispatch_done(staff->dispatch, stage, shard, now_ms);
    if (winner == DISPATCH_NOBODY)
        return;
    muster_holds(staff->muster, winner, shard, staff->job.want, staff->job.n_want);
    muster_at(staff->muster, winner)->shards_done[stage]++;
    for (uint32_t i = 0; i < muster_places(staff->muster); i++)
        feed_cancel(staff->feed, i, stage, shard);
}

int staff_probe(struct staff *staff, int64_t now_ms, int64_t *wake_ms)
{
    if (now_ms >= staff->probe_ms) {
        staff->probe_ms = now_ms + staff->timing.probe_ms;
        for (uint32_t i = 0; i < muster_places(staff->muster); i++) {
            struct letter letter = letter_of(staff, LETTER_PROBE);
            struct parcel parcel;
            if (!muster_at(staff->muster, i)->here)
                continue;
            int r = wire_letter_put(&letter, &parcel);
            if (r == 0)
                r = to_worker(staff, i, &parcel);
            if (r < 0)
                return r;
        }
    }
    if (staff->probe_ms < *wake_ms)
        *wake_ms = staff->probe_ms;
    return 0;
}

int staff_close(struct staff *staff, enum close_code code)
{
    for (uint32_t i = 0; i < muster_places(staff->muster); i++) {
        struct letter letter = letter_of(staff, LETTER_CLOSE);
        letter.code = (int32_t)code;
        const struct mustered *worker = muster_at(staff->muster, i);
        int r = worker->here ? say(staff, worker->peer, &letter) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int staff_complete(const struct staff *staff)
{
    return dispatch_complete(staff->dispatch);
}

uint32_t staff_n_done(const struct staff *staff)
{
    return dispatch_n_done(staff->dispatch);
}

uint32_t staff_n_leased(const struct staff *staff)
{
    return dispatch_n_leased(staff->dispatch);
}

uint32_t staff_n_workers(const struct staff *staff)
{
    return muster_here(staff->muster);
}

struct staff_counts staff_counts(const struct staff *staff)
{
    return (struct staff_counts){dispatch_counts(staff->dispatch), staff->rows_sent,
                                 staff->rows_sent_again, feed_bytes(staff->feed)};
}

struct muster *staff_muster(struct staff *staff)
{
    return staff->muster;
}
