/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/feed.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/trace.h"
#include "common/wire.h"

#define RETRY_MS 20
#define AT_ONCE  16 /* frames a call, so that the inbox is looked at in between */

struct meal {
    struct meal *next;
    struct feed_order order;
    struct spool_reading rows, attributes;
    struct part frame; /* read, not sent yet: the peer was full */
    enum data_code code;
    int64_t began_us; /* where somebody traces; 0: not yet */
};

struct place {
    struct meal *first, **last;
    uint32_t lane; /* 0: none yet */
};

struct feed {
    struct trace *trace;
    struct line *line;
    uint32_t window;
    struct place *place;
    uint32_t n, turn;
    uint64_t bytes;
};

int feed_new(struct line *line, uint32_t window, struct feed **out)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return log_fail(STATUS_BUG, "out of memory for the feed");
    feed->line = line;
    feed->window = window;
    *out = feed;
    return 0;
}

void feed_trace(struct feed *feed, struct trace *trace)
{
    feed->trace = trace;
}

static void meal_free(struct meal *meal)
{
    part_release(&meal->frame);
    free(meal->order.rows);
    free(meal);
}

void feed_forget(struct feed *feed, uint32_t place)
{
    if (place >= feed->n)
        return;
    while (feed->place[place].first) {
        struct meal *meal = feed->place[place].first;
        feed->place[place].first = meal->next;
        meal_free(meal);
    }
    feed->place[place].last = &feed->place[place].first;
}

void feed_destroy(struct feed **feed)
{
    if (!*feed)
        return;
    for (uint32_t i = 0; i < (*feed)->n; i++)
        feed_forget(*feed, i);
    free((*feed)->place);
    free(*feed);
    *feed = NULL;
}

static struct spool_reading reading_of(struct spool_segment *const *segments, size_t n,
                                       uint32_t shard)
{
    struct spool_reading reading = {segments, n, shard, 0, 0};
    return reading;
}

uint32_t feed_frames(const struct feed_order *order)
{
    struct spool_reading rows = reading_of(order->rows, order->n_rows, order->shard);
    struct spool_reading attributes =
        reading_of(&order->attributes, order->attributes != NULL, order->shard);
    return spool_frames(&rows) + spool_frames(&attributes);
}

/* Places are lists with a pointer into themselves, so each is its own when the array moves. */
static int places_room(struct feed *feed, uint32_t place)
{
    if (place < feed->n)
        return 0;
    struct place *more = calloc(place + 16, sizeof *more);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %u workers", place);
    for (uint32_t i = 0; i < place + 16; i++) {
        more[i].last = &more[i].first;
        more[i].lane = i < feed->n ? feed->place[i].lane : 0;
        if (i >= feed->n || !feed->place[i].first)
            continue;
        more[i].first = feed->place[i].first;
        more[i].last = feed->place[i].last;
    }
    free(feed->place);
    feed->place = more;
    feed->n = place + 16;
    return 0;
}

int feed_add(struct feed *feed, uint32_t place, const struct feed_order *order)
{
    int r = places_room(feed, place);
    struct meal *meal = r < 0 ? NULL : calloc(1, sizeof *meal);
    if (!meal)
        return r < 0 ? r : log_fail(STATUS_BUG, "out of memory for a lease");
    meal->order = *order;
    meal->rows = reading_of(order->rows, order->n_rows, order->shard);
    meal->attributes = reading_of(&meal->order.attributes, order->attributes != NULL, order->shard);
    *feed->place[place].last = meal;
    feed->place[place].last = &meal->next;
    return 0;
}

void feed_cancel(struct feed *feed, uint32_t place, uint32_t stage, uint32_t shard)
{
    if (place >= feed->n)
        return;
    for (struct meal **link = &feed->place[place].first; *link; link = &(*link)->next) {
        struct meal *meal = *link;
        if (meal->order.stage != stage || meal->order.shard != shard)
            continue;
        *link = meal->next;
        if (!meal->next)
            feed->place[place].last = link;
        meal_free(meal);
        return;
    }
}

/* The next frame of a meal into it; SPOOL_E_ABSENT when it is finished. */
static int meal_read(struct meal *meal)
{
    if (meal->frame.data)
        return 0;
    meal->code = DATA_ROWS;
    int r = spool_read_frame(&meal->rows, &meal->frame);
    if (r != SPOOL_E_ABSENT)
        return r;
    meal->code = DATA_ATTRIBUTES;
    return spool_read_frame(&meal->attributes, &meal->frame);
}

static int meal_send(struct feed *feed, struct meal *meal, struct peer to)
{
    struct letter letter = {.kind = LETTER_DATA,
                            .job = meal->order.job,
                            .stage = meal->order.stage,
                            .shard = meal->order.shard,
                            .attempt = meal->order.attempt,
                            .code = (int32_t)meal->code};
    struct parcel parcel;
    size_t size = meal->frame.size;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = parcel_add(&parcel, &meal->frame);
    if (r == 0)
        r = line_send(feed->line, to, &parcel);
    if (r == LINE_E_FULL && parcel.n == 2) {
        meal->frame = parcel.part[1];
        parcel.part[1] = (struct part){0};
    }
    parcel_clear(&parcel);
    if (r == 0)
        feed->bytes += size;
    return r;
}

/* From a lease's first frame to its last; the worker reads no faster than it folds. */
static void trace_meal(struct feed *feed, uint32_t place, const struct meal *meal)
{
    struct place *p = &feed->place[place];
    if (!feed->trace || meal->began_us == 0)
        return;
    if (p->lane == 0)
        p->lane = trace_lane(feed->trace, "feeding", place + 1);
    trace_between(feed->trace, p->lane,
                  meal->order.stage == 1 ? "lease to gather" : "lease to score", meal->began_us,
                  trace_now(feed->trace));
}

/* One frame to a place; FEED answers: 0 sent, 1 nothing to do, LINE_E_FULL. */
#define NOTHING 100

static int feed_place(struct feed *feed, uint32_t place, struct mustered *worker)
{
    struct place *p = &feed->place[place];
    while (p->first && worker->frames_sent - worker->frames_taken < feed->window) {
        struct meal *meal = p->first;
        if (meal->began_us == 0)
            meal->began_us = trace_now(feed->trace);
        int r = meal_read(meal);
        if (r == SPOOL_E_ABSENT) {
            trace_meal(feed, place, meal);
            p->first = meal->next;
            if (!p->first)
                p->last = &p->first;
            meal_free(meal);
            continue;
        }
        if (r == 0)
            r = meal_send(feed, meal, worker->peer);
        if (r == 0)
            worker->frames_sent++;
        if (r == LINE_E_GONE)
            feed_forget(feed, place);
        return r == LINE_E_GONE ? NOTHING : r;
    }
    return NOTHING;
}

int feed_some(struct feed *feed, struct muster *muster, int64_t now_ms, int64_t *wake_ms)
{
    uint32_t n = muster_places(muster), idle = 0, sent = 0;
    n = n < feed->n ? n : feed->n;
    while (n > 0 && idle < n) {
        uint32_t place = feed->turn++ % n;
        struct mustered *worker = muster_at(muster, place);
        int r = worker->here ? feed_place(feed, place, worker) : NOTHING;
        if (r < 0)
            return r;
        if (r == LINE_E_FULL && now_ms + RETRY_MS < *wake_ms)
            *wake_ms = now_ms + RETRY_MS;
        idle = r == 0 ? 0 : idle + 1;
        if (r == 0 && ++sent == AT_ONCE) {
            *wake_ms = now_ms;
            return 0;
        }
    }
    return 0;
}

uint64_t feed_bytes(const struct feed *feed)
{
    return feed->bytes;
}

struct spool_segment **feed_lacking(struct spool_segment *const *segments, size_t n_segments,
                                    const struct digest *have, size_t n_have, size_t *n)
{
    struct spool_segment **list = malloc((n_segments + 1) * sizeof(*list));
    *n = 0;
    for (size_t i = 0; list && i < n_segments; i++) {
        struct digest id = spool_segment_id(segments[i]);
        int held = 0;
        for (size_t k = 0; k < n_have; k++)
            held |= digest_same(have[k], id);
        if (!held)
            list[(*n)++] = segments[i];
    }
    return list;
}
