/* SPDX-License-Identifier: Apache-2.0 */
/* Letters become events of the desk (desk.c, which knows the rules) or food for the task (task.c, which
 * knows the work); a tick carries out what the desk wants and does one stretch of the running
 * task, so the loop looks at the inbox between stretches. */
#include "worker/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crash.h"
#include "common/figures.h"
#include "common/log.h"
#include "common/trace.h"
#include "common/wire.h"
#include "common/wire_hello.h"
#include "common/wire_lease.h"
#include "common/wire_order.h"
#include "worker/briefing.h"
#include "worker/desk.h"
#include "worker/letters.h"
#include "worker/outbox.h"
#include "worker/queue.h"
#include "worker/task.h"

#define ARENA_LIMIT ((size_t)64 << 20)
#define RETRY_MS    50

struct worker {
    struct worker_settings settings;
    struct desk desk;
    struct task *task;
    struct outbox *outbox;
    struct queue *queue;
    struct briefing briefing;
    struct arena *arena;
    uint64_t frames_taken; /* DATA letters worked through since HELLO */
    struct note died; /* of what the process before died, until it is told; busy: of something */
    int closed;
};

int worker_new(const struct worker_settings *settings, struct worker **out)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return log_fail(STATUS_BUG, "out of memory for a worker");
    worker->settings = *settings;
    (void)note_confesses(settings->note, &worker->died);
    worker->desk = desk_new();
    worker->arena = arena_new(ARENA_LIMIT);
    int r = worker->arena ? briefing_new(&worker->briefing)
                          : log_fail(STATUS_BUG, "out of memory for a worker");
    if (r == 0)
        r = task_new(settings->cache, &worker->task);
    if (r == 0)
        r = outbox_new(&worker->outbox);
    if (r == 0)
        r = queue_new(&worker->queue);
    if (r < 0) {
        worker_destroy(&worker);
        return r;
    }
    task_trace(worker->task, settings->trace);
    *out = worker;
    return 0;
}

void worker_destroy(struct worker **worker)
{
    if (!*worker)
        return;
    task_destroy(&(*worker)->task);
    outbox_destroy(&(*worker)->outbox);
    queue_destroy(&(*worker)->queue);
    briefing_free(&(*worker)->briefing);
    arena_destroy(&(*worker)->arena);
    free(*worker);
    *worker = NULL;
}

static int say_hello(struct worker *worker, struct peer to)
{
    struct parcel parcel;
    int r = letters_hello(&worker->settings, &parcel);
    return r < 0 ? r : letters_post(&worker->settings, to, &parcel);
}

/* The frames that were on their way are lost with the connection, and with them the leases that wait
 * for some. One that is being worked on goes on: beats tell the ventilator of it. */
static void forget_unfed(struct worker *worker)
{
    desk_forget_unfed(&worker->desk, task_hungry(worker->task));
    queue_clear(worker->queue);
}

static int hello_ventilator(struct worker *worker)
{
    forget_unfed(worker);
    worker->frames_taken = 0;
    return say_hello(worker, worker->settings.ventilator);
}

static int say_beat(struct worker *worker, struct peer to)
{
    struct parcel parcel;
    int r = letters_beat(&worker->desk, worker->briefing.job, worker->frames_taken, &parcel);
    return r < 0 ? r : letters_post(&worker->settings, to, &parcel);
}

static int send_result(struct worker *worker, struct desk_key key)
{
    struct parcel parcel;
    int r = outbox_copy(worker->outbox, key, &parcel);
    if (r != 0)
        return r < 0 ? r : 0;
    figures_add(worker->settings.figures, FIGURE_RESENT, 1);
    struct span span = trace_begin(worker->settings.trace, TRACE_LOOP, "sending");
    r = line_post(worker->settings.line, worker->settings.sink, &parcel);
    trace_end(worker->settings.trace, &span);
    crash_point("worker-sent");
    if (r == LINE_E_FULL || r == LINE_E_GONE) {
        struct desk_lease *lease = desk_find(&worker->desk, key);
        if (lease)
            lease->must_send = 1;
        return LINE_E_FULL;
    }
    return r;
}

/* Gives a lease back with the reason. */
static int release(struct worker *worker, struct desk_key key, enum release_reason reason)
{
    desk_cancel(&worker->desk, key);
    worker->frames_taken += queue_drop(worker->queue, key);
    desk_beat_soon(&worker->desk);
    return letters_release(&worker->settings, worker->briefing.job, key, reason);
}

static int fail(struct worker *worker, struct desk_key key, int status, const char *words)
{
    struct letter letter =
        letters_about(LETTER_FAIL, worker->briefing.job, key, status_exit_code(status));
    snprintf(letter.text, sizeof letter.text, "%s", words);
    desk_cancel(&worker->desk, key);
    return letters_say(&worker->settings, worker->settings.ventilator, &letter);
}

/* What a task answered: over to the desk. */
static int settle(struct worker *worker, struct desk_key key, int answer)
{
    switch (answer) {
    case TASK_E_MORE:
        return 0; /* the note stays */
    case TASK_E_NO_BLOCK:
        return release(worker, key, RELEASE_NO_BLOCK);
    case TASK_E_DATA:
        return fail(worker, key, STATUS_DATA, task_words(worker->task));
    case TASK_E_MALFORMED:
        return fail(worker, key, STATUS_BUG, "malformed frames");
    default:
        return answer;
    }
}

/* The frames that came before its turn. */
static int feed_queued(struct worker *worker, struct desk_key key)
{
    enum data_code code;
    const struct parcel *frame;
    int r = 0;
    for (uint32_t i = 0; r == 0 && (frame = queue_frame_at(worker->queue, key, i, &code)); i++)
        r = task_frame(worker->task, code, frame);
    worker->frames_taken += queue_drop(worker->queue, key);
    desk_progress(&worker->desk, key, task_progress(worker->task));
    desk_beat_soon(&worker->desk);
    return r;
}

static int start(struct worker *worker, struct desk_key key)
{
    const struct briefing *briefing = &worker->briefing;
    const struct lease_order *order = queue_order(worker->queue, key);
    if (!order)
        return release(worker, key, RELEASE_NO_BLOCK);
    if (!briefing->has_plan)
        return release(worker, key, RELEASE_NO_PLAN);
    if (key.stage == 2 && !digest_same(order->model, briefing->model_digest))
        return release(worker, key, RELEASE_NO_MODEL);
    struct task_order task = briefing_task(briefing, key, order);
    crash_point("worker-starts");
    if (order->frames == 0)
        figures_add(worker->settings.figures, FIGURE_CACHE_HITS, 1);
    note_begin(worker->settings.note, briefing->job, key);
    int r = task_begin(worker->task, &task);
    if (r == 0)
        r = feed_queued(worker, key);
    return r == 0 ? 0 : settle(worker, key, r);
}

static int finish(struct worker *worker, struct desk_key key, struct parcel *payload)
{
    struct parcel whole = {.n = 0};
    crash_point("worker-computed");
    int r = letters_result(worker->briefing.job, key, payload, &whole);
    if (r == 0)
        r = outbox_keep(worker->outbox, key, &whole);
    parcel_clear(&whole);
    if (r == 0) {
        note_end(worker->settings.note);
        desk_finish(&worker->desk, key);
        figures_add(worker->settings.figures, key.stage == 1 ? FIGURE_GATHERED : FIGURE_SCORED, 1);
    }
    return r;
}

/* A stretch of the running task, if there is one that can go on. */
static int work_on(struct worker *worker, int *busy)
{
    struct desk_lease *lease = desk_running(&worker->desk);
    struct parcel payload;
    *busy = 0;
    if (!lease || task_hungry(worker->task))
        return 0;
    struct desk_key key = lease->key;
    *busy = 1;
    payload.n = 0;
    int r = task_step(worker->task, &payload);
    desk_progress(&worker->desk, key, task_progress(worker->task));
    r = r == 0 ? finish(worker, key, &payload) : settle(worker, key, r);
    parcel_clear(&payload);
    return r;
}

static int carry_out(struct worker *worker, struct desk_action action)
{
    switch (action.verb) {
    case DESK_HELLO_VENTILATOR:
        return hello_ventilator(worker);
    case DESK_HELLO_SINK:
        return say_hello(worker, worker->settings.sink);
    case DESK_BEAT:
        return say_beat(worker, worker->settings.ventilator);
    case DESK_PROBE_SINK:
        return say_beat(worker, worker->settings.sink);
    case DESK_SEND_RESULT:
        return send_result(worker, action.key);
    case DESK_RELEASE:
        return release(worker, action.key, RELEASE_DRAINING);
    case DESK_START:
        return start(worker, action.key);
    case DESK_BYE: {
        struct letter letter = {.kind = LETTER_BYE, .job = worker->briefing.job};
        return letters_say(&worker->settings, worker->settings.ventilator, &letter);
    }
    case DESK_LEAVE:
        return ROLE_E_FINISHED;
    case DESK_NOTHING:
        break;
    }
    return 0;
}

static void tell(const struct worker *worker)
{
    struct figures *figures = worker->settings.figures;
    figures_set(figures, FIGURE_READY, worker->desk.welcomed && worker->desk.greeted);
    figures_set(figures, FIGURE_HELD, worker->desk.n);
    figures_set(figures, FIGURE_CREDIT, worker->settings.credit);
}

static int worker_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct worker *worker = self;
    int busy = 0, r = 0;
    if (worker->closed)
        return ROLE_E_FINISHED;
    if (worker->settings.stop && *worker->settings.stop)
        desk_drain(&worker->desk);
    for (;;) {
        struct desk_action action = desk_next(&worker->desk, now_ms, deadline_ms);
        if (action.verb == DESK_NOTHING)
            break;
        r = carry_out(worker, action);
        if (r == LINE_E_FULL) {
            *deadline_ms = now_ms + RETRY_MS;
            break;
        }
        if (r != 0)
            return r;
    }
    r = work_on(worker, &busy);
    tell(worker);
    if (busy)
        *deadline_ms = now_ms;
    return r;
}

/* Says once what the process before died of, that nobody else be given it for ever. */
static int confess(struct worker *worker)
{
    const struct note *died = &worker->died;
    if (!died->busy || !digest_same(died->job, worker->briefing.job))
        return 0;
    worker->died.busy = 0;
    return letters_release(&worker->settings, died->job, died->key, RELEASE_DIED);
}

/* Nothing of the job of before is held. */
static void let_go(struct worker *worker)
{
    desk_clear(&worker->desk);
    outbox_clear(worker->outbox);
    worker->frames_taken += queue_clear(worker->queue);
}

/* Where the job has a cache of its own, the next HELLO says what that holds. */
static int take_welcome(struct worker *worker, const struct letter *letter,
                        const struct parcel *parcel)
{
    const char *name = wire_name_sound(letter->text) ? letter->text : "";
    struct welcome welcome;
    if (wire_welcome_read(parcel, 1, &welcome) != 0)
        return 0;
    desk_welcome(&worker->desk, welcome.beat_ms, welcome.resend_ms);
    int r = cache_turn_to(worker->settings.cache, name);
    if (r != CACHE_E_TURNED)
        return r;
    let_go(worker);
    desk_rehello_ventilator(&worker->desk);
    return 0;
}

static int take_plan(struct worker *worker, const struct letter *letter,
                     const struct parcel *parcel)
{
    struct digest before = worker->briefing.job;
    arena_reset(worker->arena);
    if (briefing_plan(&worker->briefing, letter, parcel, worker->arena) != 0)
        return 0;
    if (!digest_same(before, letter->job))
        let_go(worker);
    int r = cache_shards(worker->settings.cache, worker->briefing.work.shards);
    return r < 0 ? r : confess(worker);
}

static int take_model(struct worker *worker, const struct letter *letter,
                      const struct parcel *parcel)
{
    const struct desk_lease *running = desk_running(&worker->desk);
    if (running && running->key.stage == 2)
        return 0; /* it borrows the model that is there, which is the same */
    int r = briefing_model(&worker->briefing, letter, parcel);
    return r < 0 ? r : 0;
}

/* One that finds no room is let pass: nobody beats for it, so it will be given again. */
static int take_lease(struct worker *worker, struct desk_key key, const struct parcel *parcel)
{
    struct lease_order order;
    struct desk_key gone;
    arena_reset(worker->arena);
    if ((key.stage != 1 && key.stage != 2) || key.shard >= worker->briefing.work.shards ||
        wire_lease_read(parcel, 1, worker->arena, &order) != 0 ||
        !desk_gives_way(&worker->desk, key, task_hungry(worker->task), &gone))
        return 0;
    worker->frames_taken += queue_drop(worker->queue, gone);
    if (worker->desk.draining)
        return release(worker, key, RELEASE_DRAINING);
    if (desk_lease(&worker->desk, key) != 0)
        return 0;
    int r = queue_add(worker->queue, key, &order);
    crash_point("worker-leased");
    if (r == QUEUE_E_FULL)
        desk_cancel(&worker->desk, key);
    return r < 0 ? r : 0;
}

/* A frame for the running task is folded at once; one for a queued lease waits, where it does not wait
 * with too many; one for a lease that is gone is done with. */
static int take_data(struct worker *worker, const struct letter *letter, struct parcel *parcel)
{
    struct desk_key key = {letter->stage, letter->shard, letter->attempt};
    struct desk_lease *running = desk_running(&worker->desk);
    enum data_code code = letter->code == DATA_ATTRIBUTES ? DATA_ATTRIBUTES : DATA_ROWS;
    int r = queue_frame(worker->queue, key, code, parcel);
    if (r <= 0)
        return r;
    worker->frames_taken++;
    desk_beat_soon(&worker->desk);
    if (r == QUEUE_E_FULL)
        return release(worker, key, RELEASE_BUSY);
    if (!running || memcmp(&running->key, &key, sizeof key) != 0)
        return 0;
    r = task_frame(worker->task, code, parcel);
    desk_progress(&worker->desk, key, task_progress(worker->task));
    return r == 0 ? 0 : settle(worker, key, r);
}

static void take_cancel(struct worker *worker, struct desk_key key)
{
    if (desk_cancel(&worker->desk, key) == 0) /* and not another attempt's result */
        outbox_forget(worker->outbox, key.stage, key.shard);
    worker->frames_taken += queue_drop(worker->queue, key);
}

/* The job is over. Where another may follow, what is held but the cache goes, and HELLO says who is here. */
static void close_job(struct worker *worker, enum close_code code)
{
    worker->closed = code != CLOSE_STAY && !worker->settings.stays;
    if (worker->closed)
        return;
    let_go(worker);
    desk_rehello_ventilator(&worker->desk);
    briefing_forget(&worker->briefing);
    note_end(worker->settings.note);
}

static int from_ventilator(struct worker *worker, const struct letter *letter,
                           struct parcel *parcel)
{
    struct desk_key key = {letter->stage, letter->shard, letter->attempt};
    int current = worker->briefing.has_plan && digest_same(letter->job, worker->briefing.job);
    switch (letter->kind) {
    case LETTER_WELCOME:
        return take_welcome(worker, letter, parcel);
    case LETTER_PLAN:
        return take_plan(worker, letter, parcel);
    case LETTER_LEASE:
        if (!current)
            return letters_release(&worker->settings, letter->job, key, RELEASE_NO_PLAN);
        return take_lease(worker, key, parcel);
    case LETTER_DATA:
        if (!current)
            worker->frames_taken++;
        return current ? take_data(worker, letter, parcel) : 0;
    case LETTER_MODEL:
        return current ? take_model(worker, letter, parcel) : 0;
    case LETTER_CANCEL:
        if (current)
            take_cancel(worker, key);
        return 0;
    case LETTER_REHELLO:
        forget_unfed(worker); /* at once: one that drains says no HELLO any more */
        desk_rehello_ventilator(&worker->desk);
        return 0;
    case LETTER_CLOSE:
        close_job(worker, (enum close_code)letter->code);
        return 0;
    default:
        return 0; /* PROBE, and kinds of a later version */
    }
}

static int from_sink(struct worker *worker, const struct letter *letter)
{
    if (letter->kind == LETTER_REHELLO)
        desk_rehello_sink(&worker->desk);
    if (letter->kind != LETTER_ACK || !digest_same(letter->job, worker->briefing.job))
        return 0;
    if (letter->code == ACK_REFUSED)
        return log_fail(STATUS_BUG, "the sink refuses the result of shard %u, stage %u: %s",
                        letter->shard, letter->stage, letter->text);
    crash_point("worker-acknowledged");
    desk_ack(&worker->desk, letter->stage, letter->shard);
    outbox_forget(worker->outbox, letter->stage, letter->shard);
    worker->frames_taken += queue_drop_shard(worker->queue, letter->stage, letter->shard);
    return 0;
}

static int worker_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct worker *worker = self;
    struct letter letter;
    int r = wire_letter_read(parcel, &letter);
    (void)now_ms;
    if (r == WIRE_E_VERSION)
        return log_fail(STATUS_CONFIG, "a peer speaks another version of the protocol than %d",
                        WIRE_PROTOCOL);
    if (r != 0) {
        figures_add(worker->settings.figures, FIGURE_MALFORMED, 1);
        return 0;
    }
    int ventilator = peer_same(from, worker->settings.ventilator);
    if (letter.kind == LETTER_REFUSED)
        return log_fail(status_of_exit_code(letter.code), "the %s refuses this worker: %s",
                        ventilator ? "ventilator" : "sink", letter.text);
    return ventilator ? from_ventilator(worker, &letter, parcel) : from_sink(worker, &letter);
}

struct role worker_role(struct worker *worker)
{
    return (struct role){worker, worker_letter, worker_tick};
}
