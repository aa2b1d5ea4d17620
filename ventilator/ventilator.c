/* SPDX-License-Identifier: Apache-2.0 */
/* course.c knows the phases of a job and what is said to the sink, staff.c everything about workers; here
 * letters become events of theirs, and a tick carries out what they want. */
#include "ventilator/ventilator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crash.h"
#include "common/log.h"
#include "common/resident.h"
#include "common/trace.h"
#include "common/wire.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_job.h"
#include "ventilator/account.h"
#include "ventilator/assignment.h"
#include "ventilator/bulletin.h"
#include "ventilator/courier.h"
#include "ventilator/course.h"
#include "ventilator/sources.h"
#include "ventilator/staff.h"

#define ARENA_LIMIT  ((size_t)512 << 20)
#define READ_LOOK_MS 2 /* between looks at the partition */
struct ventilator {
    struct ventilator_settings settings;
    struct sources sources;
    struct staff *staff;
    struct courier courier;
    struct progress *progress;
    struct bulletin bulletin;
    struct arena *arena;
    struct account account;
    struct course course;
    int64_t phase_ms, phase_us; /* when the present phase began; the latter where somebody traces */
    uint32_t lane;              /* of phases */
    int64_t gathered_ms;        /* when the last digest was in; 0: not yet */
    struct assignment assignment;
    struct parcel *model; /* payload parts of STAGE_RESULT */
    struct digest model_digest;
    uint8_t scored[SHARDS_LIMIT / 8]; /* what the sink has of stage 2, before it begins */
};

/* ---- birth and death ---- */

static int make_parts(struct ventilator *v)
{
    v->arena = arena_new(ARENA_LIMIT);
    v->progress = progress_new(v->settings.terminal);
    if (!v->arena || !v->progress)
        return log_fail(STATUS_BUG, "out of memory for the ventilator");
    return staff_new(v->settings.line, intake_shards(v->sources.intake), &v->settings.timing,
                     v->settings.job_name, &v->staff);
}

int ventilator_new(const struct ventilator_settings *settings, struct ventilator **out)
{
    struct ventilator *v = calloc(1, sizeof *v);
    if (!v)
        return log_fail(STATUS_BUG, "out of memory for the ventilator");
    v->settings = *settings;
    v->bulletin.figures = settings->figures;
    struct sources_order order = {.settings = settings->settings,
                                  .state = settings->state,
                                  .today = settings->today,
                                  .wall_ms = settings->wall_ms,
                                  .redact_key = settings->redact_key,
                                  .threads = settings->threads,
                                  .trace = settings->trace};
    v->lane = trace_lane(settings->trace, "the job", 0);
    v->phase_us = trace_now(settings->trace);
    struct span span = trace_begin(settings->trace, TRACE_LOOP, "survey");
    int r = sources_open(&order, &v->sources);
    trace_end(settings->trace, &span);
    if (r == 0)
        r = make_parts(v);
    if (r < 0) {
        ventilator_destroy(&v);
        return r;
    }
    v->courier = (struct courier){settings->line,    settings->sink,  settings->name,
                                  settings->version, settings->model, settings->groups};
    v->course = course_new(settings->timing.resync_ms);
    v->assignment.work.shards = intake_shards(v->sources.intake);
    v->account = (struct account){.settings = settings->settings,
                                  .survey = v->sources.survey,
                                  .intake = v->sources.intake,
                                  .work = &v->assignment.work,
                                  .muster = staff_muster(v->staff)};
    if (settings->model.size > 0)
        v->account.model = digest_of(settings->model.data, settings->model.size);
    v->phase_ms = settings->now_ms();
    staff_trace(v->staff, settings->trace);
    *out = v;
    return 0;
}

static void forget_model(struct ventilator *v)
{
    if (!v->model)
        return;
    parcel_clear(v->model);
    free(v->model);
    v->model = NULL;
}

void ventilator_destroy(struct ventilator **ventilator)
{
    struct ventilator *v = *ventilator;
    if (!v)
        return;
    progress_destroy(&v->progress);
    staff_destroy(&v->staff);
    sources_close(&v->sources);
    arena_destroy(&v->arena);
    assignment_free(&v->assignment);
    forget_model(v);
    free(v);
    *ventilator = NULL;
}

/* ---- phases ---- */

static void trace_phase(struct ventilator *v, enum course_phase before)
{
    static const char *const names[] = {
        [COURSE_READING] = "1 partition",        [COURSE_ANNOUNCING] = "2 announcing",
        [COURSE_GATHERING] = "3 gather and fit", [COURSE_SCORING] = "4 score",
        [COURSE_SEALING] = "5 tier and seal",    [COURSE_CLOSED] = "6 closed"};
    int64_t now_us = trace_now(v->settings.trace);
    trace_between(v->settings.trace, v->lane, names[before], v->phase_us, now_us);
    v->phase_us = now_us;
}

/* The books of a phase that is over. */
static void note_phase(struct ventilator *v, enum course_phase before)
{
    int64_t now_ms = v->settings.now_ms(), *stage_ms = v->account.stage_ms;
    if (v->course.phase == before)
        return;
    trace_phase(v, before);
    if (before == COURSE_READING)
        stage_ms[ACCOUNT_PARTITION] = now_ms - v->phase_ms;
    if (before == COURSE_GATHERING) {
        int64_t gathered_ms = v->gathered_ms ? v->gathered_ms : now_ms;
        stage_ms[ACCOUNT_GATHER] = gathered_ms - v->phase_ms;
        stage_ms[ACCOUNT_FIT] = now_ms - gathered_ms;
    }
    if (before == COURSE_SCORING)
        stage_ms[ACCOUNT_SCORE] = now_ms - v->phase_ms;
    v->phase_ms = now_ms;
}

/* ---- stages ---- */

static int begin_gathering(struct ventilator *v, const uint8_t *done)
{
    struct staff_job job = {.id = v->assignment.id,
                            .state = v->settings.state,
                            .poison = v->settings.poison,
                            .work = &v->assignment.work,
                            .want = v->assignment.want,
                            .n_want = v->assignment.n_want};
    job.segments = intake_segments(v->sources.intake, &job.n_want);
    job.attributes = v->sources.attributes ? attributes_segment(v->sources.attributes) : NULL;
    v->gathered_ms = 0;
    return staff_gather(v->staff, &job, done);
}

static int bit(const uint8_t *bits, uint32_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

/* The last shard of stage 1 is in: from here on the sink fits. */
static void note_gathered(struct ventilator *v)
{
    if (v->course.phase == COURSE_GATHERING && v->gathered_ms == 0 &&
        dispatch_complete(staff_dispatch(v->staff)))
        v->gathered_ms = v->settings.now_ms();
}

static void take_set(struct ventilator *v, const struct done_set *set, int64_t now_ms)
{
    for (uint32_t s = 0; s < set->shards; s++) {
        if (v->course.phase == COURSE_GATHERING && bit(set->gathered, s))
            staff_done(v->staff, 1, s, now_ms);
        if (v->course.phase == COURSE_SCORING && bit(set->scored, s))
            staff_done(v->staff, 2, s, now_ms);
    }
    note_gathered(v);
}

static int take_done_set(struct ventilator *v, const struct letter *letter,
                         const struct parcel *parcel, int64_t now_ms)
{
    struct done_set set;
    arena_reset(v->arena);
    if (!digest_same(letter->job, v->assignment.id) ||
        wire_done_set_read(parcel, 1, v->arena, &set) != 0 ||
        set.shards != v->assignment.work.shards)
        return 0;
    memcpy(v->scored, set.scored, (set.shards + 7) / 8);
    enum course_phase before = v->course.phase;
    switch (course_done_set(&v->course, &set, letter->boot, letter->sequence,
                            dispatch_n_done(staff_dispatch(v->staff)))) {
    case COURSE_FORGOT:
        log_say(LOG_WARN, "the sink has lost results that it had; they are made again");
        forget_model(v);
        note_phase(v, before);
        return begin_gathering(v, set.gathered);
    case COURSE_BEGINS:
        note_phase(v, before);
        return begin_gathering(v, set.gathered);
    case COURSE_ADVANCES:
        take_set(v, &set, now_ms);
        break;
    case COURSE_NO_NEWS:
        break;
    }
    note_phase(v, before);
    return 0;
}

static int take_done(struct ventilator *v, const struct letter *letter, const struct parcel *parcel,
                     int64_t now_ms)
{
    struct shard_keys keys;
    arena_reset(v->arena);
    if (!digest_same(letter->job, v->assignment.id) ||
        wire_keys_read(parcel, 1, v->arena, &keys) != 0)
        return 0;
    course_done(&v->course, letter->boot, letter->sequence, now_ms);
    for (size_t i = 0; i < keys.n; i++)
        staff_done(v->staff, keys.stages[i], keys.shards[i], now_ms);
    note_gathered(v);
    return 0;
}

static int take_stage_result(struct ventilator *v, const struct letter *letter,
                             struct parcel *parcel)
{
    enum course_phase before = v->course.phase;
    if (!digest_same(letter->job, v->assignment.id) || !course_model(&v->course))
        return 0;
    note_phase(v, before);
    forget_model(v);
    v->model = calloc(1, sizeof *v->model);
    if (!v->model)
        return log_fail(STATUS_BUG, "out of memory for the model");
    for (size_t i = 1; i < parcel->n; i++) {
        v->model->part[v->model->n++] = parcel->part[i];
        parcel->part[i] = (struct part){0};
    }
    v->model_digest = letter->digest;
    crash_point("ventilator-model-came");
    return staff_score(v->staff, v->model, v->model_digest, v->scored);
}

/* ---- sealing ---- */

static int say_seal(struct ventilator *v)
{
    v->account.counts = staff_counts(v->staff);
    v->account.resident_kib = resident_peak_kib();
    return courier_seal(&v->courier, &v->assignment, &v->account);
}

static int take_sealed(struct ventilator *v, const struct letter *letter)
{
    enum course_phase before = v->course.phase;
    if (!digest_same(letter->job, v->assignment.id) || !course_sealed(&v->course))
        return 0;
    crash_point("ventilator-sealed");
    note_phase(v, before);
    int r = staff_close(v->staff, v->settings.serves ? CLOSE_STAY : CLOSE_LEAVE);
    if (r == 0)
        r = intake_prune(v->sources.intake);
    return r < 0 ? r : courier_word(&v->courier, LETTER_BYE, v->assignment.id);
}

/* ---- letters ---- */

static int from_sink(struct ventilator *v, const struct letter *letter, struct parcel *parcel,
                     int64_t now_ms)
{
    switch (letter->kind) {
    case LETTER_DONESET:
        return take_done_set(v, letter, parcel, now_ms);
    case LETTER_DONE:
        return take_done(v, letter, parcel, now_ms);
    case LETTER_STAGE_RESULT:
        return take_stage_result(v, letter, parcel);
    case LETTER_SEALED:
        return take_sealed(v, letter);
    case LETTER_REHELLO:
        course_rehello(&v->course, now_ms);
        return 0;
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
    if (r != 0 && r != WIRE_E_VERSION) {
        figures_add(v->settings.figures, FIGURE_MALFORMED, 1);
        return 0;
    }
    if (peer_same(from, v->settings.sink)) {
        if (r == WIRE_E_VERSION)
            return log_fail(STATUS_CONFIG,
                            "the sink speaks another version of the protocol than %d",
                            WIRE_PROTOCOL);
        return from_sink(v, &letter, parcel, now_ms);
    }
    if (r == WIRE_E_VERSION)
        return staff_refuse_version(v->settings.line, from);
    return staff_letter(v->staff, from, &letter, parcel, now_ms);
}

/* ---- ticking ---- */

/* --customers first: it is small, and what is wrong with it is then said early. */
static int tick_attributes(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    int r = attributes_poll(v->sources.attributes);
    *deadline_ms = now_ms;
    if (r == ATTRIBUTES_E_BUSY)
        return 0;
    if (r == 0)
        r = account_take_attributes(&v->account, attributes_facts(v->sources.attributes));
    if (r == 0)
        v->account.attributes = spool_segment_id(attributes_segment(v->sources.attributes));
    return r;
}

static int tick_reading(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    if (v->sources.attributes && digest_none(v->account.attributes))
        return tick_attributes(v, now_ms, deadline_ms);
    struct span span = trace_begin(v->settings.trace, TRACE_LOOP, "opening or closing an input");
    int r = intake_poll(v->sources.intake);
    trace_end_if_long(v->settings.trace, &span);
    if (r == INTAKE_E_BUSY) {
        *deadline_ms = now_ms + (v->settings.threads > 0 ? READ_LOOK_MS : 0);
        return 0;
    }
    progress_clear(v->progress);
    r = r < 0 ? r : assignment_make(&v->assignment, &v->account, r == INTAKE_E_REFUSED);
    if (r == 0)
        course_read(&v->course, v->assignment.refuse, now_ms);
    *deadline_ms = now_ms;
    return r;
}

static int tick_dealing(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    struct span span = trace_begin(v->settings.trace, TRACE_LOOP, "dealing");
    int r = staff_deal(v->staff, now_ms, deadline_ms);
    trace_end_if_long(v->settings.trace, &span);
    if (r == 0 && dispatch_complete(staff_dispatch(v->staff)))
        course_complete(&v->course, now_ms);
    return r;
}

static int carry_out(struct ventilator *v, enum course_action action)
{
    int r;
    switch (action) {
    case COURSE_HELLO:
        return courier_hello(&v->courier);
    case COURSE_ANNOUNCE:
        v->assignment.sealing = v->course.sealing;
        r = courier_hello(&v->courier);
        return r < 0 ? r : courier_job(&v->courier, &v->assignment, &v->account);
    case COURSE_RESYNC:
        return courier_word(&v->courier, LETTER_RESYNC, v->assignment.id);
    case COURSE_SEAL:
        return say_seal(v);
    case COURSE_LEAVE:
        return v->assignment.result < 0 ? v->assignment.result : ROLE_E_FINISHED;
    case COURSE_NOTHING:
        break;
    }
    return 0;
}

static int is_dealing(const struct ventilator *v)
{
    return v->course.phase == COURSE_GATHERING || v->course.phase == COURSE_SCORING;
}

static void show(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    struct progress_state read = {.share = -1};
    struct progress_state state = {.workers = staff_n_workers(v->staff), .share = -1};
    state.stage = v->course.phase <= COURSE_ANNOUNCING  ? 1
                  : v->course.phase == COURSE_GATHERING ? 2
                  : v->course.phase == COURSE_SCORING   ? 3
                                                        : 4;
    if (v->course.phase == COURSE_READING) {
        sources_progress(&v->sources, &state);
    } else if (is_dealing(v)) {
        state.share = (double)dispatch_n_done(staff_dispatch(v->staff)) / v->assignment.work.shards;
        state.rejects = facts_rejects(intake_facts(v->sources.intake));
    }
    progress_show(v->progress, &state, now_ms, deadline_ms);
    sources_progress(&v->sources, &read);
    struct bulletin_news news = {&state, &read, v->staff, v->assignment.work.shards,
                                 dispatch_n_leased(staff_dispatch(v->staff))};
    bulletin_put(&v->bulletin, &news, now_ms);
}

static int tick_course(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    for (;;) {
        enum course_action action = course_next(&v->course, now_ms, deadline_ms);
        int r = action == COURSE_NOTHING ? 0 : carry_out(v, action);
        if (r != 0 || action == COURSE_NOTHING)
            return r;
    }
}

static int ventilator_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct ventilator *v = self;
    enum course_phase before = v->course.phase;
    int r = 0;
    *deadline_ms = INT64_MAX;
    if (v->settings.stop && *v->settings.stop && v->course.phase != COURSE_CLOSED)
        return STATUS_STOPPED;
    if (before == COURSE_READING)
        r = tick_reading(v, now_ms, deadline_ms);
    else if (is_dealing(v))
        r = tick_dealing(v, now_ms, deadline_ms);
    note_phase(v, before);
    if (r == 0)
        r = tick_course(v, now_ms, deadline_ms);
    if (r == 0)
        r = staff_probe(v->staff, now_ms, deadline_ms);
    if (r == 0)
        show(v, now_ms, deadline_ms);
    if (r != 0)
        progress_clear(v->progress);
    return r;
}

int ventilator_dismiss(struct ventilator *v)
{
    progress_clear(v->progress);
    return staff_close(v->staff, CLOSE_STAY);
}

int ventilator_dealing(const struct ventilator *v)
{
    return is_dealing(v) && !dispatch_complete(staff_dispatch(v->staff));
}

void ventilator_tell(const struct ventilator *v, char *text, size_t size)
{
    static const char *const phases[] = {
        [COURSE_READING] = "reading the ledger",    [COURSE_ANNOUNCING] = "waiting for the sink",
        [COURSE_GATHERING] = "gathering histories", [COURSE_SCORING] = "scoring",
        [COURSE_SEALING] = "writing the results",   [COURSE_CLOSED] = "done",
    };
    snprintf(text, size, "%s", phases[v->course.phase]);
    if (is_dealing(v))
        snprintf(text, size, "%s, %u of %u shards, %u workers", phases[v->course.phase],
                 dispatch_n_done(staff_dispatch(v->staff)), v->assignment.work.shards,
                 staff_n_workers(v->staff));
}

struct role ventilator_role(struct ventilator *ventilator)
{
    return (struct role){ventilator, ventilator_letter, ventilator_tick};
}
