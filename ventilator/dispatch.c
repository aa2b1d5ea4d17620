/* SPDX-License-Identifier: Apache-2.0 */
/* The books: what state each shard is in, which leases are out, and when they end. Which shard a worker
 * is given is dispatch_choice.c's. */
#include "ventilator/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/dispatch_state.h"

int dispatch_new(const struct dispatch_settings *settings, struct dispatch **out)
{
    struct dispatch *dispatch = calloc(1, sizeof *dispatch);
    if (dispatch) {
        dispatch->settings = *settings;
        dispatch->shard = calloc(settings->shards, sizeof *dispatch->shard);
    }
    if (!dispatch || !dispatch->shard) {
        dispatch_destroy(&dispatch);
        return log_fail(STATUS_BUG, "out of memory for %u shards", settings->shards);
    }
    *out = dispatch;
    return 0;
}

void dispatch_destroy(struct dispatch **dispatch)
{
    if (!*dispatch)
        return;
    for (uint32_t w = 0; w < (*dispatch)->n_places; w++)
        free((*dispatch)->worker[w].holding);
    free((*dispatch)->worker);
    free((*dispatch)->shard);
    free(*dispatch);
    *dispatch = NULL;
}

static int bit(const uint8_t *bits, uint32_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

/* A shard is READY (again): every cursor that is past it falls back. */
static void becomes_ready(struct dispatch *d, uint32_t shard)
{
    d->shard[shard].state = READY;
    d->n_ready++;
    if (shard < d->free_from)
        d->free_from = shard;
    for (uint32_t w = 0; w < d->n_places; w++)
        if (shard < d->worker[w].own_from)
            d->worker[w].own_from = shard;
}

void dispatch_stage(struct dispatch *dispatch, uint32_t stage, const uint8_t *done)
{
    dispatch->stage = stage;
    dispatch->n_done = dispatch->n_ready = 0;
    dispatch->n_cancels = 0;
    dispatch->pace = (struct pace){0};
    for (uint32_t w = 0; w < dispatch->n_places; w++)
        dispatch->worker[w].n = 0;
    for (uint32_t s = 0; s < dispatch->settings.shards; s++) {
        struct shard *shard = &dispatch->shard[s];
        shard->leases = shard->given = shard->deaths = 0;
        shard->attempt = 0;
        if (done && bit(done, s)) {
            shard->state = DONE;
            dispatch->n_done++;
        } else {
            becomes_ready(dispatch, s);
        }
    }
}

void dispatch_pause(struct dispatch *dispatch, int paused)
{
    dispatch->paused = paused;
}

static int places_room(struct dispatch *d, uint32_t worker)
{
    if (worker < d->n_places)
        return 0;
    if (worker >= WORKERS_LIMIT)
        return log_fail(STATUS_BUG, "more than %d workers", WORKERS_LIMIT);
    uint32_t n = worker + 16;
    struct worker *more = realloc(d->worker, n * sizeof *more);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %u workers", n);
    memset(more + d->n_places, 0, (n - d->n_places) * sizeof *more);
    d->worker = more;
    d->n_places = n;
    return 0;
}

int dispatch_joined(struct dispatch *dispatch, uint32_t worker, uint32_t credit)
{
    int r = places_room(dispatch, worker);
    if (r < 0)
        return r;
    if (dispatch->worker[worker].here)
        dispatch_lost(dispatch, worker);
    struct worker *w = &dispatch->worker[worker];
    if (!w->holding)
        w->holding = calloc(dispatch->settings.shards, 1);
    if (!w->holding)
        return log_fail(STATUS_BUG, "out of memory for a worker's %u shards",
                        dispatch->settings.shards);
    w->here = 1;
    w->draining = 0;
    w->credit = credit < 1 ? 1 : credit > DISPATCH_LEASES_LIMIT ? DISPATCH_LEASES_LIMIT : credit;
    w->n = 0;
    w->own_from = 0;
    w->n_held = 0;
    dispatch->n_workers++;
    return 0;
}

void dispatch_holds(struct dispatch *dispatch, uint32_t worker, uint32_t shard,
                    enum holding holding)
{
    if (worker >= dispatch->n_places || !dispatch->worker[worker].here ||
        shard >= dispatch->settings.shards)
        return;
    struct worker *w = &dispatch->worker[worker];
    int before = w->holding[shard] != HOLDING_NONE, after = holding != HOLDING_NONE;
    w->holding[shard] = (uint8_t)holding;
    if (before == after)
        return;
    dispatch->shard[shard].holders = (uint16_t)(dispatch->shard[shard].holders + (after ? 1 : -1));
    w->n_held += after ? 1u : -1u;
    if (dispatch->shard[shard].holders == 0 && shard < dispatch->free_from)
        dispatch->free_from = shard;
    if (shard < w->own_from)
        w->own_from = shard;
}

/* A lease ends without its work being done here. */
static void lease_drop(struct dispatch *d, struct worker *w, uint32_t i)
{
    uint32_t shard = w->lease[i].shard;
    w->lease[i] = w->lease[--w->n];
    if (--d->shard[shard].leases == 0 && d->shard[shard].state == LEASED)
        becomes_ready(d, shard);
}

void dispatch_lost(struct dispatch *dispatch, uint32_t worker)
{
    if (worker >= dispatch->n_places || !dispatch->worker[worker].here)
        return;
    struct worker *w = &dispatch->worker[worker];
    if (w->n > 0)
        dispatch->counts.lost++;
    while (w->n > 0)
        lease_drop(dispatch, w, w->n - 1);
    for (uint32_t s = 0; s < dispatch->settings.shards; s++)
        dispatch_holds(dispatch, worker, s, HOLDING_NONE);
    w->here = 0;
    dispatch->n_workers--;
}

struct lease *dispatch_lease_of(struct worker *w, uint32_t shard)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (w->lease[i].shard == shard)
            return &w->lease[i];
    return NULL;
}

static struct lease *lease_add(struct dispatch *d, struct worker *w, uint32_t shard, int64_t now)
{
    struct shard *s = &d->shard[shard];
    struct lease *lease = &w->lease[w->n++];
    if (s->state == READY)
        d->n_ready--;
    s->state = LEASED;
    s->leases++;
    *lease = (struct lease){shard, s->attempt, now, now, now, 0, 0, 0, ++d->numbered};
    return lease;
}

static void cancel(struct dispatch *d, struct dispatch_action about)
{
    about.verb = DISPATCH_CANCEL;
    if (d->n_cancels < sizeof d->cancel / sizeof d->cancel[0])
        d->cancel[d->n_cancels++] = about;
}

static void cancel_lease(struct dispatch *d, uint32_t worker, const struct lease *lease)
{
    cancel(d, (struct dispatch_action){.worker = worker,
                                       .stage = d->stage,
                                       .shard = lease->shard,
                                       .attempt = lease->attempt});
}

/* A result that was sent is left alone: the sink acknowledges it. */
static void cancel_beat(struct dispatch *d, const struct dispatch_beat *beat)
{
    if (beat->state != LIVE_STATE_SENT)
        cancel(d, (struct dispatch_action){.worker = beat->worker,
                                           .stage = beat->stage,
                                           .shard = beat->shard,
                                           .attempt = beat->attempt});
}

/* The lease that a beat is about, adopted where it is not known; NULL: there is none to be had. */
static struct lease *lease_meant(struct dispatch *d, const struct dispatch_beat *beat, int64_t now)
{
    struct worker *w = &d->worker[beat->worker];
    struct shard *shard = &d->shard[beat->shard];
    struct lease *lease = dispatch_lease_of(w, beat->shard);
    if (lease || shard->state == DONE || shard->leases > 1 || w->n == DISPATCH_LEASES_LIMIT)
        return lease;
    lease = lease_add(d, w, beat->shard, now);
    lease->attempt = beat->attempt;
    if (beat->attempt > shard->attempt)
        shard->attempt = beat->attempt;
    return lease;
}

void dispatch_beat(struct dispatch *dispatch, const struct dispatch_beat *beat, int64_t now_ms)
{
    if (beat->worker >= dispatch->n_places || !dispatch->worker[beat->worker].here ||
        beat->stage > dispatch->stage || beat->shard >= dispatch->settings.shards)
        return;
    struct lease *lease =
        beat->stage == dispatch->stage ? lease_meant(dispatch, beat, now_ms) : NULL;
    if (!lease) {
        cancel_beat(dispatch, beat);
        return;
    }
    lease->renewed_ms = now_ms;
    if (beat->state != LIVE_STATE_RUN || beat->progress > lease->progress)
        lease->progress_ms = now_ms;
    lease->progress = beat->progress;
    lease->state = beat->state;
}

void dispatch_released(struct dispatch *dispatch, uint32_t worker, uint32_t shard, uint32_t attempt)
{
    if (worker >= dispatch->n_places || !dispatch->worker[worker].here)
        return;
    struct worker *w = &dispatch->worker[worker];
    struct lease *lease = dispatch_lease_of(w, shard);
    if (!lease || lease->attempt != attempt)
        return;
    dispatch->counts.released++;
    lease_drop(dispatch, w, (uint32_t)(lease - w->lease));
}

uint32_t dispatch_died(struct dispatch *dispatch, uint32_t stage, uint32_t shard)
{
    if (stage != dispatch->stage || shard >= dispatch->settings.shards ||
        dispatch->shard[shard].state == DONE)
        return 0;
    return ++dispatch->shard[shard].deaths;
}

uint32_t dispatch_running(const struct dispatch *dispatch, uint32_t worker)
{
    const struct worker *w = worker < dispatch->n_places ? &dispatch->worker[worker] : NULL;
    const struct lease *first = NULL;
    for (uint32_t i = 0; w && w->here && i < w->n; i++) {
        const struct lease *lease = &w->lease[i];
        if (lease->state == LIVE_STATE_RUN)
            return lease->shard;
        if (lease->state != LIVE_STATE_SENT && (!first || lease->number < first->number))
            first = lease;
    }
    return first ? first->shard : DISPATCH_NOBODY;
}

void dispatch_draining(struct dispatch *dispatch, uint32_t worker)
{
    if (worker < dispatch->n_places)
        dispatch->worker[worker].draining = 1;
}

/* The lease whose result the sink has is the one that shows most progress; the others were copies. */
static uint32_t finisher(const struct dispatch *d, uint32_t shard)
{
    uint32_t best = DISPATCH_NOBODY;
    uint64_t most = 0;
    for (uint32_t w = 0; w < d->n_places; w++) {
        const struct lease *lease = dispatch_lease_of(&d->worker[w], shard);
        if (lease && (best == DISPATCH_NOBODY || lease->progress > most)) {
            best = w;
            most = lease->progress;
        }
    }
    return best;
}

uint32_t dispatch_done(struct dispatch *dispatch, uint32_t stage, uint32_t shard, int64_t now_ms)
{
    if (stage != dispatch->stage || shard >= dispatch->settings.shards ||
        dispatch->shard[shard].state == DONE)
        return DISPATCH_NOBODY;
    uint32_t winner = finisher(dispatch, shard);
    if (dispatch->shard[shard].state == READY)
        dispatch->n_ready--;
    dispatch->shard[shard].state = DONE;
    dispatch->n_done++;
    for (uint32_t w = 0; w < dispatch->n_places; w++) {
        struct lease *lease = dispatch_lease_of(&dispatch->worker[w], shard);
        if (!lease)
            continue;
        if (w == winner)
            pace_add(&dispatch->pace, now_ms - lease->since_ms);
        else
            cancel_lease(dispatch, w, lease);
        lease_drop(dispatch, &dispatch->worker[w], (uint32_t)(lease - dispatch->worker[w].lease));
    }
    if (winner != DISPATCH_NOBODY)
        dispatch_holds(dispatch, winner, shard, HOLDING_ALL);
    return winner;
}

static int64_t stall_limit(const struct dispatch *d)
{
    int64_t usual = 10 * pace_quantile(&d->pace, 95);
    return usual > d->settings.stall_ms ? usual : d->settings.stall_ms;
}

/* Leases that show no life, or no progress, end; brings *wake forward to when the next one may. */
static void expire(struct dispatch *d, int64_t now, int64_t *wake)
{
    int64_t stall = d->n_workers > 0 ? stall_limit(d) : 0;
    for (uint32_t w = 0; w < d->n_places; w++)
        for (uint32_t i = d->worker[w].n; i-- > 0;) {
            const struct lease *lease = &d->worker[w].lease[i];
            int64_t end = lease->renewed_ms + d->settings.lease_ms;
            if (lease->progress_ms + stall < end)
                end = lease->progress_ms + stall;
            if (end > now) {
                *wake = end < *wake ? end : *wake;
                continue;
            }
            d->counts.expired++;
            cancel_lease(d, w, lease);
            lease_drop(d, &d->worker[w], i);
        }
}

/* Work enough for the time that the sink's disk takes, as long as there is plenty; the last shards are shared
 * out. */
static int has_room(const struct dispatch *d, const struct worker *w)
{
    uint32_t plenty = DISPATCH_PLENTY * d->n_workers, most = w->credit;
    if (most > DISPATCH_FEW && d->n_ready < plenty)
        most = DISPATCH_FEW;
    return w->here && !w->draining && w->n < most;
}

static struct dispatch_action lease_to(struct dispatch *d, uint32_t worker, uint32_t shard,
                                       int is_copy, int64_t now)
{
    struct worker *w = &d->worker[worker];
    int again = d->shard[shard].given;
    d->shard[shard].attempt++;
    d->shard[shard].given = 1;
    struct lease *lease = lease_add(d, w, shard, now);
    lease->is_copy = is_copy;
    d->counts.leases++;
    d->counts.copies += is_copy != 0;
    return (struct dispatch_action){DISPATCH_LEASE, worker,         d->stage,
                                    shard,          lease->attempt, (enum holding)w->holding[shard],
                                    again};
}

/* Something for this worker, or nothing. */
static struct dispatch_action serve(struct dispatch *d, uint32_t worker, int64_t now, int64_t *wake)
{
    struct choice choice = choice_for(d, &d->worker[worker], now, wake);
    if (choice.shard == DISPATCH_NOBODY)
        return (struct dispatch_action){DISPATCH_NOTHING, 0, 0, 0, 0, HOLDING_NONE, 0};
    return lease_to(d, worker, choice.shard, choice.is_copy, now);
}

/* The worker with room that has least, ties in turn. */
static uint32_t emptiest(struct dispatch *d, const uint8_t *passed)
{
    uint32_t best = DISPATCH_NOBODY;
    for (uint32_t i = 0; i < d->n_places; i++) {
        uint32_t w = (d->turn + i) % d->n_places;
        if (has_room(d, &d->worker[w]) && !passed[w] &&
            (best == DISPATCH_NOBODY || d->worker[w].n < d->worker[best].n))
            best = w;
    }
    return best;
}

struct dispatch_action dispatch_next(struct dispatch *dispatch, int64_t now_ms, int64_t *wake_ms)
{
    uint8_t passed[WORKERS_LIMIT + 16] = {0};
    struct dispatch_action action = {DISPATCH_NOTHING, 0, 0, 0, 0, HOLDING_NONE, 0};
    *wake_ms = INT64_MAX;
    expire(dispatch, now_ms, wake_ms);
    if (dispatch->n_cancels > 0)
        return dispatch->cancel[--dispatch->n_cancels];
    if (dispatch->paused || dispatch->n_done == dispatch->settings.shards)
        return action;
    for (;;) {
        uint32_t worker = emptiest(dispatch, passed);
        if (worker == DISPATCH_NOBODY)
            return action;
        action = serve(dispatch, worker, now_ms, wake_ms);
        if (action.verb != DISPATCH_NOTHING) {
            dispatch->turn = worker + 1;
            return action;
        }
        passed[worker] = 1;
    }
}

int dispatch_complete(const struct dispatch *dispatch)
{
    return dispatch->n_done == dispatch->settings.shards;
}

uint32_t dispatch_n_done(const struct dispatch *dispatch)
{
    return dispatch->n_done;
}

uint32_t dispatch_n_leased(const struct dispatch *dispatch)
{
    return dispatch->settings.shards - dispatch->n_done - dispatch->n_ready;
}

uint32_t dispatch_n_workers(const struct dispatch *dispatch)
{
    return dispatch->n_workers;
}

struct dispatch_counts dispatch_counts(const struct dispatch *dispatch)
{
    return dispatch->counts;
}
