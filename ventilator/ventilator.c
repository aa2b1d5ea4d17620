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
 * staff.c has everything about workers; here is what leads the job, and what is said to the sink. */
#include "ventilator/ventilator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crash.h"
#include "common/log.h"
#include "common/resident.h"
#include "common/wire.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_job.h"
#include "ventilator/account.h"
#include "ventilator/assignment.h"
#include "ventilator/bulletin.h"
#include "ventilator/courier.h"
#include "ventilator/sources.h"
#include "ventilator/staff.h"

#define ARENA_LIMIT   ((size_t)512 << 20)
#define READ_LOOK_MS  2 /* between looks at the partition */
#define SEAL_AGAIN_MS 30000

enum phase { READING, ANNOUNCING, GATHERING, SCORING, SEALING, CLOSED };

struct ventilator {
    struct ventilator_settings settings;
    struct sources sources;
    struct staff *staff;
    struct courier courier;
    struct progress *progress;
    struct bulletin bulletin;
    struct arena *arena;
    struct account account;
    enum phase phase;
    int64_t phase_ms;    /* when it began */
    int64_t gathered_ms; /* when the last digest was in; 0: not yet */
    struct assignment assignment;
    struct parcel *model; /* payload parts of STAGE_RESULT */
    struct digest model_digest;
    uint8_t scored[SHARDS_LIMIT / 8]; /* what the sink has of stage 2, before it begins */
    uint64_t sink_boot, sink_sequence;
    int sink_known;
    int64_t resync_ms, probe_ms, announce_ms;
};

/* ---- birth and death ---- */

static int make_parts(struct ventilator *v)
{
    v->arena = arena_new(ARENA_LIMIT);
    v->progress = progress_new(v->settings.terminal);
    if (!v->arena || !v->progress)
        return log_fail(STATUS_BUG, "out of memory for the ventilator");
    return staff_new(v->settings.line, intake_shards(v->sources.intake), &v->settings.timing,
                     &v->staff);
}

int ventilator_new(const struct ventilator_settings *settings, struct ventilator **out)
{
    struct ventilator *v = calloc(1, sizeof *v);
    if (!v)
        return log_fail(STATUS_BUG, "out of memory for the ventilator");
    v->settings = *settings;
    v->bulletin.figures = settings->figures;
    struct sources_order order = {settings->settings, settings->state, settings->today,
                                  settings->redact_key, settings->threads};
    int r = sources_open(&order, &v->sources);
    if (r == 0)
        r = make_parts(v);
    if (r < 0) {
        ventilator_destroy(&v);
        return r;
    }
    v->courier = (struct courier){settings->line,    settings->sink,  settings->name,
                                  settings->version, settings->model, settings->groups};
    v->assignment.work.shards = intake_shards(v->sources.intake);
    v->account = (struct account){.settings = settings->settings,
                                  .survey = v->sources.survey,
                                  .intake = v->sources.intake,
                                  .work = &v->assignment.work,
                                  .muster = staff_muster(v->staff)};
    if (settings->model.size > 0)
        v->account.model = digest_of(settings->model.data, settings->model.size);
    v->phase_ms = settings->now_ms();
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

/* ---- saying ---- */

static struct letter letter_of(const struct ventilator *v, enum letter_kind kind)
{
    struct letter letter = {.kind = kind, .job = v->assignment.id};
    return letter;
}

/* Answers LINE_E_GONE, LINE_E_FULL or 0; what is lost is asked for again. */
static int say(struct ventilator *v, struct peer to, const struct letter *letter)
{
    struct parcel parcel;
    int r = wire_letter_put(letter, &parcel);
    return r < 0 ? r : line_post(v->settings.line, to, &parcel);
}

/* ---- announcing ---- */

static int announce(struct ventilator *v, int64_t now_ms)
{
    v->announce_ms = now_ms + v->settings.timing.resync_ms;
    int r = courier_hello(&v->courier);
    return r < 0 ? r : courier_job(&v->courier, &v->assignment, &v->account);
}

static void enter(struct ventilator *v, enum phase phase)
{
    int64_t now_ms = v->settings.now_ms(), *stage_ms = v->account.stage_ms;
    if (v->phase == READING)
        stage_ms[ACCOUNT_PARTITION] = now_ms - v->phase_ms;
    if (v->phase == GATHERING) {
        int64_t gathered_ms = v->gathered_ms ? v->gathered_ms : now_ms;
        stage_ms[ACCOUNT_GATHER] = gathered_ms - v->phase_ms;
        stage_ms[ACCOUNT_FIT] = now_ms - gathered_ms;
    }
    if (v->phase == SCORING)
        stage_ms[ACCOUNT_SCORE] = now_ms - v->phase_ms;
    v->phase = phase;
    v->phase_ms = now_ms;
}

/* ---- stages ---- */

static int begin_gathering(struct ventilator *v, const uint8_t *done)
{
    struct staff_job job = {.id = v->assignment.id,
                            .work = &v->assignment.work,
                            .want = v->assignment.want,
                            .n_want = v->assignment.n_want};
    job.segments = intake_segments(v->sources.intake, &job.n_want);
    job.attributes = v->sources.attributes ? attributes_segment(v->sources.attributes) : NULL;
    enter(v, GATHERING);
    v->gathered_ms = 0;
    return staff_gather(v->staff, &job, done);
}

static int bit(const uint8_t *bits, uint32_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

static uint32_t count(const uint8_t *bits, uint32_t n)
{
    uint32_t set = 0;
    for (uint32_t i = 0; i < n; i++)
        set += (uint32_t)bit(bits, i);
    return set;
}

/* Whether the sink has less than it had: its store is gone, or it died between sealing and saying so and
 * has begun the job anew. Only its word counts, so there is work to be done again. */
static int has_forgotten(const struct ventilator *v, const struct done_set *set)
{
    uint32_t done = staff_n_done(v->staff), gathered = count(set->gathered, set->shards);
    if (v->phase == GATHERING)
        return gathered < done;
    return (v->phase == SCORING || v->phase == SEALING) && !v->assignment.refuse &&
           (gathered < set->shards || count(set->scored, set->shards) < done);
}

static void note_sink(struct ventilator *v, const struct letter *letter)
{
    v->sink_known = 1;
    v->sink_boot = letter->boot;
    v->sink_sequence = letter->sequence;
}

/* The last shard of stage 1 is in: from here on the sink fits. */
static void note_gathered(struct ventilator *v)
{
    if (v->phase == GATHERING && v->gathered_ms == 0 && staff_complete(v->staff))
        v->gathered_ms = v->settings.now_ms();
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
    note_sink(v, letter);
    memcpy(v->scored, set.scored, (set.shards + 7) / 8);
    if (v->phase == ANNOUNCING && v->assignment.refuse) {
        enter(v, SEALING);
        return 0;
    }
    if (v->phase == ANNOUNCING)
        return begin_gathering(v, set.gathered);
    if (has_forgotten(v, &set)) {
        log_say(LOG_WARN, "the sink has lost results that it had; they are made again");
        forget_model(v);
        return begin_gathering(v, set.gathered);
    }
    for (uint32_t s = 0; s < set.shards; s++) {
        if (v->phase == GATHERING && bit(set.gathered, s))
            staff_done(v->staff, 1, s, now_ms);
        if (v->phase == SCORING && bit(set.scored, s))
            staff_done(v->staff, 2, s, now_ms);
    }
    note_gathered(v);
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
    int gap =
        !v->sink_known || letter->boot != v->sink_boot || letter->sequence != v->sink_sequence + 1;
    note_sink(v, letter);
    for (size_t i = 0; i < keys.n; i++)
        staff_done(v->staff, keys.stages[i], keys.shards[i], now_ms);
    note_gathered(v);
    if (gap)
        v->resync_ms = now_ms;
    return 0;
}

static int take_stage_result(struct ventilator *v, const struct letter *letter,
                             struct parcel *parcel)
{
    if (v->phase != GATHERING || !digest_same(letter->job, v->assignment.id) || v->model)
        return 0;
    v->model = calloc(1, sizeof *v->model);
    if (!v->model)
        return log_fail(STATUS_BUG, "out of memory for the model");
    for (size_t i = 1; i < parcel->n; i++) {
        v->model->part[v->model->n++] = parcel->part[i];
        parcel->part[i] = (struct part){0};
    }
    v->model_digest = letter->digest;
    crash_point("ventilator-model-came");
    enter(v, SCORING);
    return staff_score(v->staff, v->model, v->model_digest, v->scored);
}

/* ---- sealing ---- */

static int say_seal(struct ventilator *v)
{
    v->account.counts = staff_counts(v->staff);
    v->account.resident_kib = resident_peak_kib();
    return courier_seal(&v->courier, &v->assignment, &v->account);
}

/* In any phase: a ventilator that died before it heard of it begins with ANNOUNCING. */
static int take_sealed(struct ventilator *v, const struct letter *letter)
{
    if (v->phase == READING || v->phase == CLOSED || !digest_same(letter->job, v->assignment.id))
        return 0;
    crash_point("ventilator-sealed");
    enter(v, CLOSED);
    int r = staff_close(v->staff);
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
        return v->phase >= ANNOUNCING ? announce(v, now_ms) : courier_hello(&v->courier);
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
            return log_fail(STATUS_CONFIG,
                            "the sink speaks another version of the protocol than %d",
                            WIRE_PROTOCOL);
        return r != 0 ? 0 : from_sink(v, &letter, parcel, now_ms);
    }
    if (r == WIRE_E_VERSION) {
        struct letter refused = letter_of(v, LETTER_REFUSED);
        refused.code = status_exit_code(STATUS_CONFIG);
        snprintf(refused.text, sizeof refused.text, "another version of the protocol than %d",
                 WIRE_PROTOCOL);
        r = say(v, from, &refused);
        return r < 0 ? r : 0;
    }
    return r != 0 ? 0 : staff_letter(v->staff, from, &letter, parcel, now_ms);
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
    int r = intake_poll(v->sources.intake);
    if (r == INTAKE_E_BUSY) {
        *deadline_ms = now_ms + (v->settings.threads > 0 ? READ_LOOK_MS : 0);
        return 0;
    }
    progress_clear(v->progress);
    r = r < 0 ? r : assignment_make(&v->assignment, &v->account, r == INTAKE_E_REFUSED);
    if (r == 0)
        enter(v, ANNOUNCING);
    return r;
}

static int resync(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    int r = 0;
    if (now_ms >= v->resync_ms) {
        v->resync_ms = now_ms + v->settings.timing.resync_ms;
        r = courier_word(&v->courier, LETTER_RESYNC, v->assignment.id);
    }
    if (v->resync_ms < *deadline_ms)
        *deadline_ms = v->resync_ms;
    return r;
}

static int tick_dealing(struct ventilator *v, int64_t now_ms, int64_t *deadline_ms)
{
    int r = staff_deal(v->staff, now_ms, deadline_ms);
    if (r == 0 && v->phase == SCORING && staff_complete(v->staff))
        enter(v, SEALING);
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
    struct progress_state read = {.share = -1};
    struct progress_state state = {.workers = staff_n_workers(v->staff), .share = -1};
    state.stage = v->phase <= ANNOUNCING  ? 1
                  : v->phase == GATHERING ? 2
                  : v->phase == SCORING   ? 3
                                          : 4;
    if (v->phase == READING) {
        sources_progress(&v->sources, &state);
    } else if (v->phase == GATHERING || v->phase == SCORING) {
        state.share = (double)staff_n_done(v->staff) / v->assignment.work.shards;
        state.rejects = facts_rejects(intake_facts(v->sources.intake));
    }
    progress_show(v->progress, &state, now_ms, deadline_ms);
    sources_progress(&v->sources, &read);
    struct bulletin_news news = {&state, &read, v->staff, v->assignment.work.shards,
                                 staff_n_leased(v->staff)};
    bulletin_put(&v->bulletin, &news, now_ms);
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
    return v->assignment.result < 0 ? v->assignment.result : ROLE_E_FINISHED;
}

static int ventilator_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct ventilator *v = self;
    enum phase before = v->phase;
    *deadline_ms = INT64_MAX;
    if (v->settings.stop && *v->settings.stop && v->phase != CLOSED)
        return STATUS_STOPPED;
    int r = tick_phase(v, now_ms, deadline_ms);
    if (r == 0 && v->phase != before) {
        *deadline_ms = now_ms;
        v->announce_ms = now_ms;
    }
    if (r == 0 && (v->phase == GATHERING || v->phase == SCORING || v->phase == SEALING))
        r = resync(v, now_ms, deadline_ms);
    if (r == 0 && v->phase != CLOSED)
        r = staff_probe(v->staff, now_ms, deadline_ms);
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
