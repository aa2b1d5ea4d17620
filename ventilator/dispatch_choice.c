/* SPDX-License-Identifier: Apache-2.0 */
/* A shard goes to the worker whose cache holds most of it; one that nobody alive holds goes to whoever
 * has room. An idle worker may take a shard that another holds only where that other has a backlog,
 * because the rows must then travel again. Scans keep cursors that only fall back when a shard
 * becomes READY again, so a stage costs O(shards) a worker and not O(shards^2). */
#include "ventilator/dispatch_state.h"

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
    int64_t limit = 2 * pace_quantile(&d->pace, 50), oldest = INT64_MAX;
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

struct choice choice_for(struct dispatch *d, struct worker *w, int64_t now, int64_t *wake)
{
    struct choice choice = {own_shard(d, w), 0};
    if (choice.shard == DISPATCH_NOBODY)
        choice.shard = free_shard(d);
    if (choice.shard == DISPATCH_NOBODY)
        choice.shard = stolen_shard(d, w);
    if (choice.shard != DISPATCH_NOBODY)
        return choice;
    choice.shard = straggling_shard(d, w, now, wake);
    choice.is_copy = 1;
    if (choice.shard != DISPATCH_NOBODY && dispatch_lease_of(w, choice.shard))
        choice.shard = DISPATCH_NOBODY;
    return choice;
}
