/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/desk.h"

#include <string.h>

#define HELLO_EVERY_MS  1000
#define BEAT_EVERY_MS   2000
#define RESEND_EVERY_MS 1000
#define HANDING_MS      10000 /* a lease's time: whoever waits longer for ACK is not needed any more */
#define LONG_AGO        (INT64_MIN / 4)

struct desk desk_new(void)
{
    struct desk desk = {
        .hello_ms = LONG_AGO,
        .beat_ms = LONG_AGO,
        .probe_ms = LONG_AGO,
        .beat_every_ms = BEAT_EVERY_MS,
        .resend_every_ms = RESEND_EVERY_MS,
        .hello_every_ms = HELLO_EVERY_MS,
    };
    return desk;
}

static int same_key(struct desk_key a, struct desk_key b)
{
    return a.stage == b.stage && a.shard == b.shard && a.attempt == b.attempt;
}

struct desk_lease *desk_find(struct desk *desk, struct desk_key key)
{
    for (uint32_t i = 0; i < desk->n; i++)
        if (same_key(desk->lease[i].key, key))
            return &desk->lease[i];
    return NULL;
}

struct desk_lease *desk_find_shard(struct desk *desk, uint32_t stage, uint32_t shard)
{
    for (uint32_t i = 0; i < desk->n; i++)
        if (desk->lease[i].key.stage == stage && desk->lease[i].key.shard == shard)
            return &desk->lease[i];
    return NULL;
}

static struct desk_lease *find_state(struct desk *desk, enum desk_state state)
{
    for (uint32_t i = 0; i < desk->n; i++)
        if (desk->lease[i].state == state)
            return &desk->lease[i];
    return NULL;
}

struct desk_lease *desk_running(struct desk *desk)
{
    return find_state(desk, DESK_RUNNING);
}

/* The others keep their order: leases are begun in the order in which they came. */
static void forget(struct desk *desk, struct desk_lease *lease)
{
    size_t after = (size_t)(desk->lease + desk->n - (lease + 1));
    memmove(lease, lease + 1, after * sizeof *lease);
    desk->n--;
}

void desk_welcome(struct desk *desk, int64_t beat_every_ms, int64_t resend_every_ms)
{
    desk->welcomed = 1;
    desk->beat_every_ms = beat_every_ms > 0 ? beat_every_ms : BEAT_EVERY_MS;
    desk->resend_every_ms = resend_every_ms > 0 ? resend_every_ms : RESEND_EVERY_MS;
    desk->beat_now = 1;
}

void desk_rehello_ventilator(struct desk *desk)
{
    if (desk->welcomed) /* otherwise a HELLO is on its way, and what this answers was said before it */
        desk->hello_ms = LONG_AGO;
    desk->welcomed = 0;
}

void desk_rehello_sink(struct desk *desk)
{
    desk->greeted = 0;
    for (uint32_t i = 0; i < desk->n; i++)
        if (desk->lease[i].state == DESK_SENT)
            desk->lease[i].must_send = 1;
}

int desk_lease(struct desk *desk, struct desk_key key)
{
    if (desk->n == DESK_LEASES_LIMIT || desk->draining ||
        desk_find_shard(desk, key.stage, key.shard))
        return 1;
    desk->lease[desk->n++] = (struct desk_lease){.key = key, .state = DESK_QUEUED};
    return 0;
}

void desk_progress(struct desk *desk, struct desk_key key, uint64_t progress)
{
    struct desk_lease *lease = desk_find(desk, key);
    if (lease && progress > lease->progress)
        lease->progress = progress;
}

void desk_finish(struct desk *desk, struct desk_key key)
{
    struct desk_lease *lease = desk_find(desk, key);
    if (!lease)
        return;
    lease->state = DESK_SENT;
    lease->must_send = 1;
}

int desk_ack(struct desk *desk, uint32_t stage, uint32_t shard)
{
    struct desk_lease *lease = desk_find_shard(desk, stage, shard);
    if (!lease)
        return 1;
    forget(desk, lease);
    return 0;
}

int desk_cancel(struct desk *desk, struct desk_key key)
{
    struct desk_lease *lease = desk_find(desk, key);
    if (!lease)
        return 1;
    forget(desk, lease);
    return 0;
}

void desk_drop_queued(struct desk *desk)
{
    struct desk_lease *queued;
    while ((queued = find_state(desk, DESK_QUEUED)))
        forget(desk, queued);
}

static int is_unfed(const struct desk_lease *lease, int hungry)
{
    return lease->state == DESK_QUEUED || (lease->state == DESK_RUNNING && hungry);
}

void desk_forget_unfed(struct desk *desk, int hungry)
{
    struct desk_lease *running = desk_running(desk);
    if (running && is_unfed(running, hungry))
        forget(desk, running);
    desk_drop_queued(desk);
}

int desk_gives_way(struct desk *desk, struct desk_key key, int hungry, struct desk_key *gone)
{
    struct desk_lease *here = desk_find_shard(desk, key.stage, key.shard);
    *gone = (struct desk_key){0, 0, 0};
    if (!here)
        return 1;
    if (here->key.attempt == key.attempt || !is_unfed(here, hungry))
        return 0;
    *gone = here->key;
    forget(desk, here);
    return 1;
}

void desk_clear(struct desk *desk)
{
    desk->n = 0;
}

void desk_drain(struct desk *desk)
{
    desk->draining = 1;
}

void desk_beat_soon(struct desk *desk)
{
    desk->beat_now = 1;
}

static struct desk_action act(enum desk_verb verb)
{
    struct desk_action action = {verb, {0, 0, 0}};
    return action;
}

static struct desk_action act_on(enum desk_verb verb, const struct desk_lease *lease)
{
    struct desk_action action = {verb, lease->key};
    return action;
}

/* Says whether every is due since then, and brings *wake forward to when it will be. */
static int due(int64_t then, int64_t every, int64_t now, int64_t *wake)
{
    if (now - then >= every)
        return 1;
    if (then + every < *wake)
        *wake = then + every;
    return 0;
}

static struct desk_action next_result(struct desk *desk)
{
    for (uint32_t i = 0; i < desk->n; i++) {
        struct desk_lease *lease = &desk->lease[i];
        if (lease->state != DESK_SENT || !lease->must_send)
            continue;
        lease->must_send = 0;
        return act_on(DESK_SEND_RESULT, lease);
    }
    return act(DESK_NOTHING);
}

/* Draining: queued leases go back at once, the running one is finished and acknowledged, then BYE. Where no
 * acknowledgement comes, the sink is gone or the job over: the ventilator gives the shard to somebody else. */
static struct desk_action next_drained(struct desk *desk, int64_t now_ms, int64_t *wake_ms)
{
    struct desk_lease *queued = find_state(desk, DESK_QUEUED);
    if (queued) {
        struct desk_action action = act_on(DESK_RELEASE, queued);
        forget(desk, queued);
        return action;
    }
    if (desk->handed_ms == 0 || desk_running(desk))
        desk->handed_ms = now_ms;
    if (desk->n > 0 && !due(desk->handed_ms, HANDING_MS, now_ms, wake_ms))
        return act(DESK_NOTHING);
    if (desk->said_bye || !desk->welcomed)
        return act(DESK_LEAVE);
    desk->said_bye = 1;
    return act(DESK_BYE);
}

struct desk_action desk_next(struct desk *desk, int64_t now_ms, int64_t *wake_ms)
{
    *wake_ms = INT64_MAX;
    if (!desk->welcomed && !desk->draining &&
        due(desk->hello_ms, desk->hello_every_ms, now_ms, wake_ms)) {
        desk->hello_ms = now_ms;
        return act(DESK_HELLO_VENTILATOR);
    }
    if (!desk->greeted) {
        desk->greeted = 1;
        return act(DESK_HELLO_SINK);
    }
    if (desk->welcomed &&
        (desk->beat_now || due(desk->beat_ms, desk->beat_every_ms, now_ms, wake_ms))) {
        desk->beat_now = 0;
        desk->beat_ms = now_ms;
        return act(DESK_BEAT);
    }
    struct desk_action action = next_result(desk);
    if (action.verb != DESK_NOTHING)
        return action;
    if (find_state(desk, DESK_SENT) &&
        due(desk->probe_ms, desk->resend_every_ms, now_ms, wake_ms)) {
        desk->probe_ms = now_ms;
        return act(DESK_PROBE_SINK);
    }
    if (desk->draining)
        return next_drained(desk, now_ms, wake_ms);
    struct desk_lease *queued = desk_running(desk) ? NULL : find_state(desk, DESK_QUEUED);
    if (queued) {
        queued->state = DESK_RUNNING;
        return act_on(DESK_START, queued);
    }
    return act(DESK_NOTHING);
}
