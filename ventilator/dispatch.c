/* SPDX-License-Identifier: Apache-2.0 */
/* A shard goes to the worker whose cache holds most of it; one that nobody alive holds goes to whoever
 * has room. An idle worker may take a shard that another holds only where that other has a backlog,
 * because the rows must then travel again. Scans keep cursors that only fall back when a shard
 * becomes READY again, so a stage costs O(shards) a worker and not O(shards^2). */
#include "ventilator/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define WORKERS_LIMIT    4096
#define DURATIONS        64
#define BACKLOG          8 /* shards that must be waiting for their holder before another takes one */
#define COPIES_SLOTS_PER 10
#define LIVE_STATE_SENT  2
#define LIVE_STATE_RUN   1

enum shard_state { READY, LEASED, DONE };

struct lease {
    uint32_t shard, attempt;
    int64_t since_ms, renewed_ms, progress_ms;
    uint64_t progress;
    int is_copy;
};

struct worker {
    int here, draining;
    uint32_t credit;
    struct lease lease[DISPATCH_LEASES_LIMIT];
    uint32_t n;
    uint8_t *holding;  /* a shard each */
    uint32_t own_from; /* no READY shard that it holds lies before this */
    uint32_t
        n_held; /* shards it holds whole or in part that are READY or LEASED, roughly: for backlog */
};

struct shard {
    uint8_t state;
    uint8_t leases;
    uint8_t given; /* was leased in this stage before */
    uint16_t holders;
    uint32_t attempt;
};

struct dispatch {
    struct dispatch_settings settings;
    uint32_t stage;
    int paused;
    struct shard *shard;
    uint32_t n_done, n_ready;
    uint32_t free_from; /* no READY shard without a holder lies before this */
    struct worker *worker;
    uint32_t n_places, n_workers;
    uint32_t turn; /* whose turn it is to be given something */
    int64_t durations[DURATIONS];
    uint32_t n_durations;
    struct dispatch_action cancel[DISPATCH_LEASES_LIMIT * 4];
    uint32_t n_cancels;
    struct dispatch_counts counts;
};

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
    dispatch->n_durations = 0;
    for (uint32_t w = 0; w < dispatch->n_places; w++)
        dispatch->worker[w].n = 0;
    for (uint32_t s = 0; s < dispatch->settings.shards; s++) {
        struct shard *shard = &dispatch->shard[s];
        shard->leases = shard->given = 0;
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

static struct lease *lease_find(struct worker *w, uint32_t shard)
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
    *lease = (struct lease){shard, s->attempt, now, now, now, 0, 0};
    return lease;
}

void dispatch_beat(struct dispatch *dispatch, const struct dispatch_beat *beat, int64_t now_ms)
{
    if (beat->worker >= dispatch->n_places || !dispatch->worker[beat->worker].here ||
        beat->stage != dispatch->stage || beat->shard >= dispatch->settings.shards)
        return;
    struct worker *w = &dispatch->worker[beat->worker];
    struct shard *shard = &dispatch->shard[beat->shard];
    struct lease *lease = lease_find(w, beat->shard);
    if (!lease) {
        if (shard->state == DONE || shard->leases > 1 || w->n == DISPATCH_LEASES_LIMIT)
            return;
        lease = lease_add(dispatch, w, beat->shard, now_ms);
        lease->attempt = beat->attempt;
        if (beat->attempt > shard->attempt)
            shard->attempt = beat->attempt;
    }
    lease->renewed_ms = now_ms;
    if (beat->state != LIVE_STATE_RUN || beat->progress > lease->progress)
        lease->progress_ms = now_ms;
    lease->progress = beat->progress;
}

void dispatch_released(struct dispatch *dispatch, uint32_t worker, uint32_t shard, uint32_t attempt)
{
    if (worker >= dispatch->n_places || !dispatch->worker[worker].here)
        return;
    struct worker *w = &dispatch->worker[worker];
    struct lease *lease = lease_find(w, shard);
    if (!lease || lease->attempt != attempt)
        return;
    dispatch->counts.released++;
    lease_drop(dispatch, w, (uint32_t)(lease - w->lease));
}

void dispatch_draining(struct dispatch *dispatch, uint32_t worker)
{
    if (worker < dispatch->n_places)
        dispatch->worker[worker].draining = 1;
}

static void cancel(struct dispatch *d, uint32_t worker, const struct lease *lease)
{
    if (d->n_cancels < sizeof d->cancel / sizeof d->cancel[0])
        d->cancel[d->n_cancels++] = (struct dispatch_action){
            DISPATCH_CANCEL, worker, d->stage, lease->shard, lease->attempt, HOLDING_NONE, 0};
}

/* The lease whose result the sink has is the one that shows most progress; the others were copies. */
static uint32_t finisher(const struct dispatch *d, uint32_t shard)
{
    uint32_t best = DISPATCH_NOBODY;
    uint64_t most = 0;
    for (uint32_t w = 0; w < d->n_places; w++) {
        const struct lease *lease = lease_find(&d->worker[w], shard);
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
        struct lease *lease = lease_find(&dispatch->worker[w], shard);
        if (!lease)
            continue;
        if (w == winner)
            dispatch->durations[dispatch->n_durations++ % DURATIONS] = now_ms - lease->since_ms;
        else
            cancel(dispatch, w, lease);
        lease_drop(dispatch, &dispatch->worker[w], (uint32_t)(lease - dispatch->worker[w].lease));
    }
    if (winner != DISPATCH_NOBODY)
        dispatch_holds(dispatch, winner, shard, HOLDING_ALL);
    return winner;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The share (0..100) of the durations seen, 0 when there are none. */
static int64_t duration_quantile(const struct dispatch *d, uint32_t percent)
{
    int64_t sorted[DURATIONS];
    uint32_t n = d->n_durations < DURATIONS ? d->n_durations : DURATIONS;
    if (n == 0)
        return 0;
    memcpy(sorted, d->durations, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    return sorted[(n - 1) * percent / 100];
}

static int64_t stall_limit(const struct dispatch *d)
{
    int64_t usual = 10 * duration_quantile(d, 95);
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
            cancel(d, w, lease);
            lease_drop(d, &d->worker[w], i);
        }
}

static int has_room(const struct worker *w)
{
    return w->here && !w->draining && w->n < w->credit;
}

/* A READY shard of which the worker's cache holds something, the whole ones first as they come. */
static uint32_t own_shard(struct dispatch *d, struct worker *w)
{
    uint32_t some = DISPATCH_NOBODY;
    if (w->n_held == 0)
        return some;
    for (uint32_t s = w->own_from; s < d->settings.shards; s++) {
        if (d->shard[s].state != READY || w->holding[s] == HOLDING_NONE) {
            if (some == DISPATCH_NOBODY)
                w->own_from = s + 1;
            continue;
        }
        if (w->holding[s] == HOLDING_ALL)
            return s;
        if (some == DISPATCH_NOBODY)
            some = s;
        if (s - some > 64)
            break;
    }
    return some;
}

static uint32_t free_shard(struct dispatch *d)
{
    for (uint32_t s = d->free_from; s < d->settings.shards; s++) {
        if (d->shard[s].state == READY && d->shard[s].holders == 0) {
            d->free_from = s;
            return s;
        }
    }
    d->free_from = d->settings.shards;
    return DISPATCH_NOBODY;
}

/* READY shards that worker h holds. */
static uint32_t backlog(const struct dispatch *d, const struct worker *h, uint32_t *last)
{
    uint32_t n = 0;
    for (uint32_t s = 0; h->here && s < d->settings.shards; s++)
        if (d->shard[s].state == READY && h->holding[s] != HOLDING_NONE) {
            *last = s;
            n++;
        }
    return n;
}

/* For a worker with nothing at all to do: the last shard of the longest backlog. */
static uint32_t stolen_shard(const struct dispatch *d, const struct worker *thief)
{
    uint32_t longest = BACKLOG, shard = DISPATCH_NOBODY;
    if (thief->n > 0 || d->n_ready == 0)
        return shard;
    for (uint32_t w = 0; w < d->n_places; w++) {
        uint32_t last = 0, n = backlog(d, &d->worker[w], &last);
        if (n > longest) {
            longest = n;
            shard = last;
        }
    }
    return shard;
}

static uint32_t copies_out(const struct dispatch *d, uint32_t *slots)
{
    uint32_t copies = 0;
    *slots = 0;
    for (uint32_t w = 0; w < d->n_places; w++) {
        if (d->worker[w].here)
            *slots += d->worker[w].credit;
        for (uint32_t i = 0; i < d->worker[w].n; i++)
            copies += d->worker[w].lease[i].is_copy != 0;
    }
    return copies;
}

/* When nothing is READY: the oldest lease of another worker that is past the usual, once a shard. */
static uint32_t straggling_shard(const struct dispatch *d, const struct worker *w, int64_t now,
                                 int64_t *wake)
{
    uint32_t slots, copies = copies_out(d, &slots), shard = DISPATCH_NOBODY;
    int64_t limit = 2 * duration_quantile(d, 50), oldest = INT64_MAX;
    if (d->n_ready > 0 || copies * COPIES_SLOTS_PER >= slots + COPIES_SLOTS_PER - 1)
        return shard;
    if (limit < d->settings.straggler_ms)
        limit = d->settings.straggler_ms;
    for (uint32_t o = 0; o < d->n_places; o++)
        for (uint32_t i = 0; i < d->worker[o].n; i++) {
            const struct lease *lease = &d->worker[o].lease[i];
            if (&d->worker[o] == w || d->shard[lease->shard].leases > 1 ||
                lease->since_ms >= oldest)
                continue;
            if (lease->since_ms + limit > now) {
                *wake = lease->since_ms + limit < *wake ? lease->since_ms + limit : *wake;
                continue;
            }
            oldest = lease->since_ms;
            shard = lease->shard;
        }
    return shard;
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
    struct worker *w = &d->worker[worker];
    uint32_t shard = own_shard(d, w);
    if (shard == DISPATCH_NOBODY)
        shard = free_shard(d);
    if (shard == DISPATCH_NOBODY)
        shard = stolen_shard(d, w);
    if (shard != DISPATCH_NOBODY)
        return lease_to(d, worker, shard, 0, now);
    shard = straggling_shard(d, w, now, wake);
    if (shard != DISPATCH_NOBODY && !lease_find(w, shard))
        return lease_to(d, worker, shard, 1, now);
    return (struct dispatch_action){DISPATCH_NOTHING, 0, 0, 0, 0, HOLDING_NONE, 0};
}

/* The worker with room that has least, ties in turn. */
static uint32_t emptiest(struct dispatch *d, const uint8_t *passed)
{
    uint32_t best = DISPATCH_NOBODY;
    for (uint32_t i = 0; i < d->n_places; i++) {
        uint32_t w = (d->turn + i) % d->n_places;
        if (has_room(&d->worker[w]) && !passed[w] &&
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

uint32_t dispatch_n_workers(const struct dispatch *dispatch)
{
    return dispatch->n_workers;
}

struct dispatch_counts dispatch_counts(const struct dispatch *dispatch)
{
    return dispatch->counts;
}
