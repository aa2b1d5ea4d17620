/* SPDX-License-Identifier: Apache-2.0 */
/* docket.c decides which job is worked on, wicket.c speaks with clients; here is the job at hand. It is worked on
 * in this process, on the line that clients use, too: one endpoint, one set of keys, and all of it can be turned
 * by hand in a test. The alternative, a process a job, shields the queue from a fault in a job, but its workers
 * need an endpoint of their own; a fault costs a restart here, and who dies of a job for the sixth time gives it
 * up. The sink is told each second which job it is, so it may come, go and come back whenever it likes. */
#include "ventilator/steward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/figures.h"
#include "common/log.h"
#include "common/wire_hello.h"
#include "ventilator/archive.h"
#include "ventilator/premises.h"
#include "ventilator/staff.h"
#include "ventilator/wicket.h"

#define ARENA_LIMIT ((size_t)64 << 20)
#define OPEN_MS     1000
#define IDLE_LIMIT  4096
#define DOUBT_MS    10000 /* a sink that serves says OPENED sooner, if it is there */

struct steward {
    struct steward_settings settings;
    struct docket *docket;
    struct archive *archive;
    struct arena *arena;
    struct wicket wicket;
    struct peer *idle; /* workers who were welcomed while there was no job */
    size_t n_idle;
    /* The job at hand; ventilator is NULL where there is none, or the sink has not opened it yet. */
    struct ventilator *ventilator;
    struct role role;
    void *held; /* what its words say */
    char state[PREMISES_PATH];
    struct log_first first;
    int64_t open_ms;  /* when to tell the sink of it again */
    int64_t doubt_ms; /* when to say that it does not answer; INT64_MAX: it does, or that is said */
    uint64_t jobs;    /* that this process has begun */
};

/* ---- birth and death ---- */

static int make_parts(struct steward *s, struct store **store)
{
    s->arena = arena_new(ARENA_LIMIT);
    s->idle = calloc(IDLE_LIMIT, sizeof *s->idle);
    if (!s->arena || !s->idle)
        return log_fail(STATUS_BUG, "out of memory for the queue");
    int r = docket_new(s->settings.slice_ms, &s->docket);
    if (r == 0)
        r = archive_open(store, &s->archive);
    if (r == 0)
        r = archive_load(s->archive, s->docket, s->settings.role.now_ms());
    return r == 0 ? premises_make(s->settings.state) : r;
}

int steward_new(const struct steward_settings *settings, struct store **store, struct steward **out)
{
    struct steward *s = calloc(1, sizeof *s);
    if (!s)
        return log_fail(STATUS_BUG, "out of memory for the queue");
    s->settings = *settings;
    int r = make_parts(s, store);
    if (r < 0) {
        steward_destroy(&s);
        return r;
    }
    s->wicket = (struct wicket){.line = settings->role.line,
                                .sink = settings->role.sink,
                                .gate = settings->role.workers,
                                .docket = s->docket,
                                .archive = s->archive,
                                .arena = s->arena,
                                .check = settings->reading.check,
                                .wall_ms = settings->wall_ms,
                                .name = settings->role.name};
    premises_sweep(s->settings.state, s->docket);
    *out = s;
    return 0;
}

static void put_away(struct steward *s)
{
    ventilator_destroy(&s->ventilator);
    s->wicket.ventilator = NULL;
    log_keep(NULL);
    if (s->held)
        s->settings.reading.release(&s->held);
}

void steward_destroy(struct steward **steward)
{
    struct steward *s = *steward;
    if (!s)
        return;
    put_away(s);
    archive_close(&s->archive);
    docket_destroy(&s->docket);
    arena_destroy(&s->arena);
    free(s->idle);
    free(s);
    *steward = NULL;
}

/* ---- the sink ---- */

static int say(struct steward *s, struct peer to, const struct letter *letter)
{
    struct parcel parcel;
    int r = wire_letter_put(letter, &parcel);
    if (r == 0)
        r = line_post(s->settings.role.line, to, &parcel);
    return r < 0 ? r : 0;
}

static int say_open(struct steward *s, int64_t now_ms)
{
    const struct docket_job *job = docket_current(s->docket);
    size_t n = docket_size(s->docket);
    struct letter letter = {.kind = LETTER_OPEN};
    struct parcel parcel;
    arena_reset(s->arena);
    const char **kept = arena_take(s->arena, (n + 1) * sizeof *kept);
    struct opening opening = {job->id, job->name, kept, 0};
    for (size_t i = 0; kept && i < n; i++)
        if (docket_begun(docket_at(s->docket, i)))
            kept[opening.n_kept++] = docket_at(s->docket, i)->id;
    s->open_ms = now_ms + OPEN_MS;
    int r = kept ? wire_letter_put(&letter, &parcel) : log_fail(STATUS_BUG, "out of memory");
    if (r == 0)
        r = wire_opening_put(&opening, &parcel);
    if (r == 0)
        r = line_post(s->settings.role.line, s->settings.role.sink, &parcel);
    return r < 0 ? r : 0;
}

static int say_shut(struct steward *s, const struct docket_job *job, enum shut_code code)
{
    struct letter letter = {.kind = LETTER_SHUT, .code = (int32_t)code};
    snprintf(letter.text, sizeof letter.text, "%s", job->id);
    return say(s, s->settings.role.sink, &letter);
}

/* ---- the job at hand ---- */

static int keep(struct steward *s, const struct docket_job *job)
{
    int r = archive_save(s->archive, job);
    return r > 0 ? STATUS_IO : r;
}

static int forget_surplus(struct steward *s)
{
    struct docket_job *job;
    int r = 0;
    while (r == 0 && (job = docket_surplus(s->docket))) {
        r = archive_remove(s->archive, job);
        docket_forget(s->docket, job);
    }
    return r < 0 ? r : 0;
}

static int conclude(struct steward *s, const struct docket_end *how)
{
    struct docket_job *job = docket_current(s->docket);
    int dismissed =
        s->ventilator && how->state != ENTRY_DONE ? ventilator_dismiss(s->ventilator) : 0;
    docket_ended(s->docket, how, s->settings.wall_ms());
    put_away(s);
    int r = keep(s, job);
    if (r == 0)
        r = say_shut(s, job, *job->name ? SHUT_KEEP : SHUT_FORGET);
    figures_add(s->settings.role.figures, FIGURE_JOBS_DONE, job->state == ENTRY_DONE);
    figures_add(s->settings.role.figures, FIGURE_JOBS_FAILED, job->state == ENTRY_FAILED);
    if (job->state == ENTRY_DONE)
        log_say(LOG_INFO, "job %s is done", job->id);
    else
        log_say(LOG_WARN, "job %s has ended with %d: %s", job->id, (int)job->code, job->text);
    premises_sweep(s->settings.state, s->docket);
    r = r < 0 ? r : forget_surplus(s);
    return r < 0 ? r : dismissed;
}

static int fail(struct steward *s, int status)
{
    char words[WIRE_TEXT_LIMIT + 1];
    snprintf(words, sizeof words, "%s", log_kept(&s->first));
    struct docket_end how = {ENTRY_FAILED, status_exit_code(status), words};
    return conclude(s, &how);
}

static int succeed(struct steward *s)
{
    struct docket_end how = {ENTRY_DONE, 0, ""};
    return conclude(s, &how);
}

static int make_role(struct steward *s, const struct docket_job *job)
{
    struct ventilator_settings role = s->settings.role;
    const uint64_t seed[] = {role.redact_key.low, role.redact_key.high, ++s->jobs};
    int r = premises_of(s->settings.state, job, s->state);
    role.redact_key = digest_of(seed, sizeof seed);
    role.state = s->state;
    role.today = s->settings.today();
    role.stop = NULL;
    role.job_name = job->name;
    role.serves = 1;
    if (r == 0)
        r = s->settings.reading.read(job, &role, &s->held);
    if (r == 0)
        r = ventilator_new(&role, &s->ventilator);
    if (r == 0)
        s->role = ventilator_role(s->ventilator);
    return r;
}

/* Workers who wait are asked what they have in their caches. */
static int call_idle(struct steward *s)
{
    struct letter letter = {.kind = LETTER_REHELLO};
    int r = 0;
    for (size_t i = 0; r == 0 && i < s->n_idle; i++)
        r = say(s, s->idle[i], &letter);
    s->n_idle = 0;
    return r;
}

static int start(struct steward *s, struct docket_job *job, int64_t now_ms)
{
    const char *how = docket_begun(job) ? "goes on" : "begins";
    docket_began(s->docket, job, s->settings.wall_ms());
    int r = keep(s, job);
    if (r < 0)
        return r;
    memset(&s->first, 0, sizeof s->first);
    log_say(LOG_INFO, "job %s of %s %s", job->id, job->owner, how);
    s->doubt_ms = now_ms + DOUBT_MS;
    return say_open(s, now_ms);
}

static int give_up(struct steward *s, struct docket_job *job)
{
    char words[128];
    snprintf(words, sizeof words, "the ventilator has died of it %u times", job->starts);
    struct docket_end how = {ENTRY_FAILED, status_exit_code(STATUS_BUG), words};
    docket_began(s->docket, job, s->settings.wall_ms());
    return conclude(s, &how);
}

static int stop_job(struct steward *s)
{
    static const struct docket_end how = {ENTRY_CANCELLED, 75, "cancelled"};
    return conclude(s, &how);
}

static int rest(struct steward *s, int64_t now_ms)
{
    struct docket_job *job = docket_current(s->docket);
    int r = ventilator_dismiss(s->ventilator);
    put_away(s);
    docket_rested(s->docket, now_ms);
    log_say(LOG_INFO, "job %s rests, others have waited for long", job->id);
    if (r == 0)
        r = keep(s, job);
    return r == 0 ? say_shut(s, job, SHUT_KEEP) : r;
}

static int pause_job(struct steward *s)
{
    struct docket_job *job = docket_current(s->docket);
    int r = 0;
    if (job) {
        docket_paused(s->docket);
        r = keep(s, job);
        log_say(LOG_INFO, "job %s is gone on with by the next process", job->id);
    }
    put_away(s);
    return r < 0 ? r : ROLE_E_FINISHED;
}

/* ---- letters ---- */

/* What the ventilator answers to a letter or a tick is the job's. */
static int take_answer(struct steward *s, int r)
{
    if (r == ROLE_E_FINISHED)
        return succeed(s);
    return r < 0 ? fail(s, r) : 0;
}

static int to_ventilator(struct steward *s, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    return take_answer(s, s->role.letter(s->role.self, from, parcel, now_ms));
}

/* The sink is at it, too: now there is somebody to work for. */
static int take_opened(struct steward *s, const struct letter *letter)
{
    const struct docket_job *job = docket_current(s->docket);
    if (!job || strcmp(letter->text, job->id) != 0)
        return 0;
    s->doubt_ms = INT64_MAX;
    if (letter->code == OPENED_PUBLISHED)
        return succeed(s);
    if (s->ventilator)
        return 0;
    int r = make_role(s, job);
    if (r < 0)
        return fail(s, r);
    s->wicket.ventilator = s->ventilator;
    return call_idle(s);
}

/* Before the sink has opened the job: what it says of one before is of no interest any more. */
static int take_refusal(struct steward *s, const struct letter *letter)
{
    const struct docket_job *job = docket_current(s->docket);
    if (!job || letter->kind != LETTER_REFUSED ||
        !digest_same(letter->digest, digest_of(job->id, strlen(job->id))))
        return 0;
    return fail(s, log_fail(status_of_exit_code(letter->code), "the sink: %s", letter->text));
}

static int from_sink(struct steward *s, const struct letter *letter, struct peer from,
                     struct parcel *parcel, int64_t now_ms)
{
    if (letter->kind == LETTER_OPENED)
        return take_opened(s, letter);
    if (letter->kind == LETTER_PIECE || (letter->kind == LETTER_REFUSED && letter->boot != 0))
        return wicket_hand_back(&s->wicket, letter, parcel);
    if (!s->ventilator)
        return take_refusal(s, letter);
    int r = letter->kind == LETTER_REHELLO ? say_open(s, now_ms) : 0;
    return r < 0 ? r : to_ventilator(s, from, parcel, now_ms);
}

/* With the cache that he has. */
static int welcome(struct steward *s, struct peer to, const char *name)
{
    struct welcome terms = ventilator_timing_terms(&s->settings.role.timing);
    struct letter letter = {.kind = LETTER_WELCOME};
    struct parcel parcel;
    snprintf(letter.text, sizeof letter.text, "%s", name);
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_welcome_put(&terms, &parcel);
    if (r == 0)
        r = line_post(s->settings.role.line, to, &parcel);
    return r < 0 ? r : 0;
}

static int is_idle(const struct steward *s, struct peer peer)
{
    for (size_t i = 0; i < s->n_idle; i++)
        if (peer_same(s->idle[i], peer))
            return 1;
    return 0;
}

/* A worker while there is no job. */
static int take_idle(struct steward *s, struct peer from, const struct letter *letter)
{
    struct letter rehello = {.kind = LETTER_REHELLO};
    int known = is_idle(s, from);
    if (letter->kind == LETTER_BYE || (known && letter->kind != LETTER_HELLO))
        return 0;
    if (letter->kind != LETTER_HELLO)
        return say(s, from, &rehello);
    if (!known && s->n_idle == IDLE_LIMIT)
        return 0;
    if (!known)
        s->idle[s->n_idle++] = from;
    return welcome(s, from, letter->text);
}

/* What is said from here on, on whatever thread, is about the job at hand. */
static void listen(struct steward *s)
{
    log_keep(docket_current(s->docket) ? &s->first : NULL);
}

static int steward_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct steward *s = self;
    struct letter letter;
    listen(s);
    int is_sinks = peer_same(from, s->settings.role.sink);
    int r = wire_letter_read(parcel, &letter);
    if (r != 0 && s->ventilator)
        return to_ventilator(s, from, parcel, now_ms);
    if (r == WIRE_E_VERSION && !is_sinks)
        return staff_refuse_version(s->settings.role.line, from);
    if (r != 0) {
        figures_add(s->settings.role.figures, FIGURE_MALFORMED, 1);
        return 0;
    }
    if (is_sinks)
        return from_sink(s, &letter, from, parcel, now_ms);
    if (wicket_hears(letter.kind))
        return wicket_letter(&s->wicket, from, &letter, parcel, now_ms);
    return s->ventilator ? to_ventilator(s, from, parcel, now_ms) : take_idle(s, from, &letter);
}

/* ---- ticking ---- */

static int carry_out(struct steward *s, struct docket_action action, int64_t now_ms)
{
    switch (action.verb) {
    case DOCKET_START:
        return start(s, action.job, now_ms);
    case DOCKET_GIVE_UP:
        return give_up(s, action.job);
    case DOCKET_REST:
        return rest(s, now_ms);
    case DOCKET_STOP:
        return stop_job(s);
    case DOCKET_NOTHING:
        break;
    }
    return 0;
}

/* The sink may come later; one that is there without --serve never will. */
static void doubt(struct steward *s, int64_t now_ms)
{
    if (now_ms < s->doubt_ms)
        return;
    s->doubt_ms = INT64_MAX;
    log_say(LOG_WARN, "the sink does not answer; it must run, and with --serve");
}

static int tick_job(struct steward *s, int64_t now_ms, int64_t *deadline_ms)
{
    int r = now_ms >= s->open_ms ? say_open(s, now_ms) : 0;
    *deadline_ms = s->open_ms;
    doubt(s, now_ms);
    if (r < 0 || !s->ventilator)
        return r;
    r = take_answer(s, s->role.tick(s->role.self, now_ms, deadline_ms));
    if (!s->ventilator) /* over: the next one's turn */
        *deadline_ms = now_ms;
    else
        docket_dealing(s->docket, ventilator_dealing(s->ventilator), now_ms);
    if (s->ventilator && s->open_ms < *deadline_ms)
        *deadline_ms = s->open_ms;
    return r;
}

static int steward_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct steward *s = self;
    struct docket_action action;
    *deadline_ms = INT64_MAX;
    listen(s);
    if (s->settings.role.stop && *s->settings.role.stop)
        return pause_job(s);
    while ((action = docket_next(s->docket, now_ms)).verb != DOCKET_NOTHING) {
        int r = carry_out(s, action, now_ms);
        if (r < 0)
            return r;
    }
    figures_set(s->settings.role.figures, FIGURE_JOBS_WAITING, (int64_t)docket_waiting(s->docket));
    return docket_current(s->docket) ? tick_job(s, now_ms, deadline_ms) : 0;
}

struct role steward_role(struct steward *steward)
{
    struct role role = {steward, steward_letter, steward_tick};
    return role;
}
