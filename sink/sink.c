/* SPDX-License-Identifier: Apache-2.0 */
/* Results are gathered while letters last and committed in one transaction at the next tick: the
 * busier the line, the larger the group, without a timer. An acknowledgement leaves only after the
 * transaction has returned. */
#include "sink/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/wire.h"
#include "common/wire_digest.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_job.h"
#include "common/wire_lease.h"
#include "common/wire_scores.h"
#include "sink/commit.h"
#include "sink/crew.h"
#include "sink/fitting.h"
#include "sink/model_json.h"
#include "sink/population.h"
#include "sink/roll_call.h"
#include "sink/seal.h"

#define ARENA_LIMIT ((size_t)1 << 30)
#define BATCH       64
#define PEERS_LIMIT 4096
#define IDLE_MS     1000
#define RETRY_MS    1000
#define LINGER_MS   3000

/* A result that has arrived and is not committed yet. */
struct waiting {
    struct peer from;
    struct commit_result result;
    struct parcel parcel;
};

enum phase { NO_JOB, GATHERING, SCORING, SEALED };

struct sink {
    struct sink_settings settings;
    struct commit *commit;
    struct crew *crew;
    struct arena *arena;
    struct roll_call *roll;
    enum phase phase;
    struct digest id;
    struct job job; /* borrows from letter_arena */
    struct arena *letter_arena;
    struct parcel *letter; /* the job's, parts as received */
    struct model_read model_read;
    int has_frozen;
    struct fitted fitted;
    struct digest model_digest;
    struct parcel *model; /* payload parts of STAGE_RESULT */

    struct peer ventilator;
    int has_ventilator;
    struct peer peers[PEERS_LIMIT]; /* connections that said HELLO */
    size_t n_peers, next_peer;
    struct waiting *waiting[BATCH];
    size_t n_waiting;
    int64_t retry_ms; /* the disk was full: not before this */
    int full;
    int64_t leave_ms; /* sealed: leave at this time, unless the ventilator says BYE first */
    uint64_t refused, conflicts, duplicates;
};

static void parcel_drop(struct parcel **parcel)
{
    if (!*parcel)
        return;
    parcel_clear(*parcel);
    free(*parcel);
    *parcel = NULL;
}

static struct parcel *parcel_taken(struct parcel *from)
{
    struct parcel *parcel = malloc(sizeof *parcel);
    if (!parcel)
        return NULL;
    *parcel = *from;
    from->n = 0;
    return parcel;
}

int sink_new(const struct sink_settings *settings, struct store **store, struct sink **out)
{
    struct sink *sink = calloc(1, sizeof *sink);
    if (!sink)
        return log_fail(STATUS_BUG, "out of memory for a sink");
    sink->settings = *settings;
    sink->fitted.chosen = -1;
    sink->arena = arena_new(ARENA_LIMIT);
    sink->letter_arena = arena_new(ARENA_LIMIT);
    int r =
        sink->arena && sink->letter_arena ? 0 : log_fail(STATUS_BUG, "out of memory for a sink");
    if (r == 0)
        r = crew_new(settings->threads > 1 ? settings->threads - 1 : 0, &sink->crew);
    if (r == 0)
        r = commit_open(store, &sink->commit);
    if (r < 0) {
        sink_destroy(&sink);
        return r;
    }
    *out = sink;
    return 0;
}

static void job_forget(struct sink *sink)
{
    for (size_t i = 0; i < sink->n_waiting; i++) {
        parcel_clear(&sink->waiting[i]->parcel);
        free(sink->waiting[i]);
    }
    sink->n_waiting = 0;
    roll_call_destroy(&sink->roll);
    parcel_drop(&sink->letter);
    parcel_drop(&sink->model);
    if (sink->has_frozen)
        model_read_free(&sink->model_read);
    sink->has_frozen = 0;
    fitted_free(&sink->fitted);
    arena_reset(sink->letter_arena);
    sink->phase = NO_JOB;
}

void sink_destroy(struct sink **sink)
{
    if (!*sink)
        return;
    if ((*sink)->letter_arena)
        job_forget(*sink);
    commit_close(&(*sink)->commit);
    crew_destroy(&(*sink)->crew);
    arena_destroy(&(*sink)->arena);
    arena_destroy(&(*sink)->letter_arena);
    free(*sink);
    *sink = NULL;
}

/* ---- saying ---- */

static int send_or_forget(struct sink *sink, struct peer to, struct parcel *parcel)
{
    int r = line_send(sink->settings.line, to, parcel);
    parcel_clear(parcel);
    return r < 0 ? r : 0;
}

static struct letter letter_of(const struct sink *sink, enum letter_kind kind)
{
    struct letter letter = {.kind = kind, .job = sink->id, .boot = sink->settings.boot};
    letter.sequence = commit_sequence(sink->commit);
    return letter;
}

static int say(struct sink *sink, struct peer to, const struct letter *letter)
{
    struct parcel parcel;
    int r = wire_letter_put(letter, &parcel);
    return r < 0 ? r : send_or_forget(sink, to, &parcel);
}

static int refuse(struct sink *sink, struct peer to, int status, const char *words)
{
    struct letter letter = letter_of(sink, LETTER_REFUSED);
    letter.code = status_exit_code(status);
    snprintf(letter.text, sizeof letter.text, "%s", words);
    return say(sink, to, &letter);
}

static int say_done_set(struct sink *sink)
{
    struct letter letter = letter_of(sink, LETTER_DONESET);
    struct done_set set = {sink->job.work.shards, roll_call_bits(sink->roll, 1),
                           roll_call_bits(sink->roll, 2)};
    struct parcel parcel;
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_done_set_put(&set, &parcel);
    return r < 0 ? r : send_or_forget(sink, sink->ventilator, &parcel);
}

static int copy_part(const struct part *part, struct parcel *to)
{
    return wire_bytes_put((struct slice){part->data, part->size}, to);
}

static int say_stage_result(struct sink *sink)
{
    struct letter letter = letter_of(sink, LETTER_STAGE_RESULT);
    struct parcel parcel;
    letter.digest = sink->model_digest;
    int r = wire_letter_put(&letter, &parcel);
    for (size_t i = 0; r == 0 && i < sink->model->n; i++)
        r = copy_part(&sink->model->part[i], &parcel);
    return r < 0 ? r : send_or_forget(sink, sink->ventilator, &parcel);
}

static int say_sealed(struct sink *sink)
{
    struct letter letter = letter_of(sink, LETTER_SEALED);
    return say(sink, sink->ventilator, &letter);
}

static int acknowledge(struct sink *sink, struct peer to, const struct commit_result *result,
                       enum ack_code code)
{
    struct letter letter = letter_of(sink, LETTER_ACK);
    letter.stage = result->stage;
    letter.shard = result->shard;
    letter.attempt = result->attempt;
    letter.code = (int32_t)code;
    return say(sink, to, &letter);
}

/* ---- fitting ---- */

static int add_shard(struct sink *sink, struct population *population, uint32_t shard)
{
    for (uint32_t i = 0;; i++) {
        struct slice bytes;
        struct gathered gathered;
        struct parcel parcel;
        int r = commit_part(sink->commit, 1, shard, i, &bytes);
        if (r != 0)
            return r == COMMIT_E_ABSENT ? 0 : r;
        parcel.n = 1;
        parcel.part[0] = (struct part){(void *)(uintptr_t)bytes.data, bytes.size, NULL, NULL};
        arena_reset(sink->arena);
        if (wire_gathered_read(&parcel, 0, sink->arena, &gathered) != 0)
            return log_fail(STATUS_BUG,
                            "the digest of shard %u that was committed cannot be read again",
                            shard);
        r = population_add(population, &gathered);
        if (r == POPULATION_E_OVERFLOW)
            return log_fail(STATUS_DATA, "the money of the whole ledger does not fit in 9.2e14");
        if (r < 0)
            return r;
    }
}

static int read_population(struct sink *sink, struct population **population)
{
    int r = population_new(population);
    for (uint32_t shard = 0; r == 0 && shard < sink->job.work.shards; shard++)
        r = add_shard(sink, *population, shard);
    commit_release(sink->commit);
    return r < 0 ? r : population_end(*population);
}

static void log_fit(const struct fitted *fitted)
{
    if (fitted->chosen < 0) {
        log_say(LOG_INFO, "no churn model: %s", fitted->reason);
        return;
    }
    const struct fit *fit = &fitted->tried[fitted->chosen];
    log_say(fit->stop == FIT_CONVERGED ? LOG_INFO : LOG_WARN,
            "churn model %s (%s), log-likelihood %.6f, stopped: %s", churn_name(fit->model.kind),
            fitted->reason, fit->log_likelihood, fit_stop_name(fit->stop));
}

static int pack_model(struct sink *sink)
{
    sink->model = calloc(1, sizeof *sink->model);
    if (!sink->model)
        return log_fail(STATUS_BUG, "out of memory for the model");
    arena_reset(sink->arena);
    int r = wire_model_put(&sink->fitted.model, sink->arena, sink->model);
    sink->model_digest = wire_digest(sink->model, 0);
    return r;
}

/* Everybody has answered: the model is made, and again after a restart, from the same digests to the
 * same bytes, so it need not be kept. */
static int fit_model(struct sink *sink)
{
    struct population *population = NULL;
    int r = read_population(sink, &population);
    if (r == 0)
        r = fitting_run(&sink->fitted, population, &sink->job,
                        sink->has_frozen ? &sink->model_read.frozen : NULL, sink->crew);
    population_destroy(&population);
    if (r == 0)
        r = pack_model(sink);
    if (r < 0)
        return r;
    log_fit(&sink->fitted);
    sink->phase = SCORING;
    return sink->has_ventilator ? say_stage_result(sink) : 0;
}

/* ---- the job ---- */

static struct slice letter_part(const struct sink *sink, size_t i)
{
    if (i >= sink->letter->n)
        return (struct slice){"", 0};
    return (struct slice){sink->letter->part[i].data, sink->letter->part[i].size};
}

/* Reads sink->letter; 1: it cannot be. */
static int job_open(struct sink *sink, struct digest id)
{
    sink->id = id;
    arena_reset(sink->letter_arena);
    if (wire_job_read(sink->letter, 1, sink->letter_arena, &sink->job) != 0)
        return 1;
    int r = roll_call_new(sink->job.work.shards, &sink->roll);
    if (r == 0 && sink->job.has_model) {
        r = model_json_read("model.json", letter_part(sink, 2), letter_part(sink, 3),
                            &sink->model_read);
        if (r == 0) {
            sink->has_frozen = 1;
            sink->model_read.frozen.refit = sink->job.refit;
        }
    }
    sink->phase = GATHERING;
    return r;
}

static int job_begin(struct sink *sink, const struct letter *letter, struct parcel *parcel)
{
    job_forget(sink);
    sink->letter = parcel_taken(parcel);
    if (!sink->letter)
        return log_fail(STATUS_BUG, "out of memory for a job");
    int r = job_open(sink, letter->job);
    if (r != 0)
        return r;
    struct commit_job kept = commit_job(sink->commit);
    if (kept.phase == COMMIT_RUNNING && digest_same(kept.id, letter->job))
        r = commit_roll(sink->commit, sink->roll);
    else
        r = commit_begin(sink->commit, letter->job, sink->job.work.shards, sink->letter);
    return r;
}

static int take_job(struct sink *sink, const struct letter *letter, struct parcel *parcel)
{
    struct commit_job kept = commit_job(sink->commit);
    struct job job;
    arena_reset(sink->arena);
    if (wire_job_read(parcel, 1, sink->arena, &job) != 0)
        return refuse(sink, sink->ventilator, STATUS_BUG, "a job that cannot be read");
    if (kept.phase == COMMIT_RUNNING && !digest_same(kept.id, letter->job) && !job.restart)
        return refuse(
            sink, sink->ventilator, STATUS_CONFIG,
            "the state holds an unfinished job of other inputs or flags; run it to its end, "
            "name another --state, or give it up with --restart");
    if (sink->phase == NO_JOB || !digest_same(sink->id, letter->job)) {
        int r = job_begin(sink, letter, parcel);
        if (r > 0)
            return refuse(sink, sink->ventilator, STATUS_BUG, "a job that cannot be read");
        if (r == STATUS_DATA)
            return refuse(sink, sink->ventilator, r, "the model of --model cannot be used");
        if (r < 0)
            return r;
    }
    return say_done_set(sink);
}

static int resync(struct sink *sink)
{
    if (sink->phase == NO_JOB) {
        struct letter letter = letter_of(sink, LETTER_REHELLO);
        return say(sink, sink->ventilator, &letter);
    }
    if (sink->phase == SEALED)
        return say_sealed(sink);
    int r = say_done_set(sink);
    if (r == 0 && sink->phase == SCORING)
        r = say_stage_result(sink);
    return r;
}

/* ---- results ---- */

static int payload_readable(struct sink *sink, uint32_t stage, const struct parcel *parcel)
{
    for (size_t i = 2; i < parcel->n; i++) {
        struct gathered gathered;
        struct score_columns columns;
        arena_reset(sink->arena);
        if (stage == 1
                ? wire_gathered_read(parcel, i, sink->arena, &gathered)
                : wire_scores_read((struct slice){parcel->part[i].data, parcel->part[i].size},
                                   sink->arena, &columns))
            return 0;
    }
    return parcel->n > 2;
}

static int take_new(struct sink *sink, struct peer from, const struct commit_result *result,
                    struct parcel *parcel)
{
    struct waiting *waiting = malloc(sizeof *waiting);
    if (!waiting)
        return log_fail(STATUS_BUG, "out of memory for a result");
    waiting->from = from;
    waiting->result = *result;
    waiting->parcel = *parcel;
    waiting->result.parcel = &waiting->parcel;
    parcel->n = 0;
    sink->waiting[sink->n_waiting++] = waiting;
    return 0;
}

static int refuse_result(struct sink *sink, struct peer from, const struct commit_result *result)
{
    sink->refused++;
    log_say(LOG_ERROR, "a result of shard %u, stage %u, cannot be read; refused", result->shard,
            result->stage);
    return acknowledge(sink, from, result, ACK_REFUSED);
}

static int commit_waiting(struct sink *sink, int64_t now_ms);

static int take_result(struct sink *sink, struct peer from, const struct letter *letter,
                       struct parcel *parcel, int64_t now_ms)
{
    struct commit_result result = {letter->stage,  letter->shard, letter->attempt,
                                   letter->digest, {0, 0, 0},     parcel};
    if ((sink->phase != GATHERING && sink->phase != SCORING) ||
        !digest_same(letter->job, sink->id) || letter->stage < 1 || letter->stage > 2 ||
        letter->shard >= sink->job.work.shards)
        return 0;
    if (wire_work_read(parcel, 1, &result.work) != 0 ||
        !digest_same(wire_digest(parcel, 2), letter->digest) ||
        !payload_readable(sink, letter->stage, parcel))
        return refuse_result(sink, from, &result);
    if (sink->n_waiting == BATCH) {
        int r = commit_waiting(sink, now_ms);
        if (r < 0 || sink->n_waiting == BATCH)
            return r; /* the disk is full: the worker will send it again */
    }
    switch (roll_call_arrive(sink->roll, letter->stage, letter->shard, letter->digest)) {
    case ROLL_NEW:
        return take_new(sink, from, &result, parcel);
    case ROLL_PENDING:
        return 0; /* its commit will be acknowledged to the first; a probe brings the rest */
    case ROLL_DUPLICATE:
        sink->duplicates++;
        return acknowledge(sink, from, &result, ACK_DUPLICATE);
    case ROLL_CONFLICT:
        sink->conflicts++;
        log_say(LOG_ERROR, "CONFLICT: shard %u of stage %u came twice with different results",
                letter->shard, letter->stage);
        return acknowledge(sink, from, &result, ACK_CONFLICT);
    }
    return 0;
}

/* What a worker has sent and heard nothing of: acknowledged if it is here, and asked for again if it
 * has never come. A result is lost with the sink or the connection it was sent to, or was refused at
 * the door while the disk was full. */
static int take_probe(struct sink *sink, struct peer from, const struct letter *letter,
                      const struct parcel *parcel)
{
    struct beat beat;
    int lost = 0, r = 0;
    arena_reset(sink->arena);
    if ((sink->phase != GATHERING && sink->phase != SCORING) || sink->full ||
        !digest_same(letter->job, sink->id) || wire_beat_read(parcel, 1, sink->arena, &beat) != 0)
        return 0;
    for (size_t i = 0; r == 0 && i < beat.n; i++) {
        struct commit_result about = {
            .stage = beat.stages[i], .shard = beat.shards[i], .attempt = beat.attempts[i]};
        if (beat.states[i] != BEAT_SENT || about.stage < 1 || about.stage > 2 ||
            about.shard >= sink->job.work.shards)
            continue;
        enum roll_answer here = roll_call_look(sink->roll, about.stage, about.shard);
        lost |= here == ROLL_NEW;
        if (here == ROLL_DUPLICATE)
            r = acknowledge(sink, from, &about, ACK_DUPLICATE);
    }
    if (r < 0 || !lost)
        return r;
    struct letter again = letter_of(sink, LETTER_REHELLO);
    return say(sink, from, &again);
}

static int say_done(struct sink *sink, size_t n)
{
    struct letter letter = letter_of(sink, LETTER_DONE);
    uint32_t stages[BATCH], shards[BATCH];
    struct parcel parcel;
    for (size_t i = 0; i < n; i++) {
        stages[i] = sink->waiting[i]->result.stage;
        shards[i] = sink->waiting[i]->result.shard;
    }
    struct shard_keys keys = {n, stages, shards};
    int r = wire_letter_put(&letter, &parcel);
    if (r == 0)
        r = wire_keys_put(&keys, &parcel);
    return r < 0 ? r : send_or_forget(sink, sink->ventilator, &parcel);
}

static int committed(struct sink *sink)
{
    int r = sink->has_ventilator ? say_done(sink, sink->n_waiting) : 0;
    for (size_t i = 0; i < sink->n_waiting; i++) {
        struct waiting *waiting = sink->waiting[i];
        roll_call_commit(sink->roll, waiting->result.stage, waiting->result.shard);
        if (r == 0)
            r = acknowledge(sink, waiting->from, &waiting->result, ACK_COMMITTED);
        parcel_clear(&waiting->parcel);
        free(waiting);
    }
    sink->n_waiting = 0;
    return r;
}

static int commit_waiting(struct sink *sink, int64_t now_ms)
{
    struct commit_result results[BATCH];
    if (sink->n_waiting == 0 || (sink->full && now_ms < sink->retry_ms))
        return 0;
    for (size_t i = 0; i < sink->n_waiting; i++)
        results[i] = sink->waiting[i]->result;
    int r = commit_results(sink->commit, results, sink->n_waiting);
    if (r == COMMIT_E_FULL) {
        if (!sink->full)
            log_say(LOG_ERROR,
                    "the disk of the sink's state is full; waiting for space, nothing is lost");
        sink->full = 1;
        sink->retry_ms = now_ms + RETRY_MS;
        return 0;
    }
    if (r < 0)
        return r;
    if (sink->full)
        log_say(LOG_INFO, "there is space again; going on");
    sink->full = 0;
    return committed(sink);
}

/* ---- sealing ---- */

static void slices_of(const struct parcel *parcel, size_t from, size_t n, struct slice *slices)
{
    for (size_t i = 0; i < n; i++)
        slices[i] = (struct slice){parcel->part[from + i].data, parcel->part[from + i].size};
}

static int take_seal(struct sink *sink, const struct letter *letter, const struct parcel *parcel,
                     int64_t now_ms)
{
    struct seal seal;
    struct slice csv[LINE_PARTS_LIMIT], raw[LINE_PARTS_LIMIT];
    if (sink->phase == SEALED && digest_same(letter->job, sink->id))
        return say_sealed(sink);
    if (wire_seal_read(parcel, 1, &seal) != 0 || seal.csv_parts > LINE_PARTS_LIMIT ||
        seal.raw_parts > LINE_PARTS_LIMIT ||
        parcel->n != 3 + (size_t)seal.csv_parts + seal.raw_parts)
        return refuse(sink, sink->ventilator, STATUS_BUG, "a seal that cannot be read");
    if (!seal.refuse && (sink->phase != SCORING || !roll_call_complete(sink->roll, 2)))
        return say_done_set(sink);
    slices_of(parcel, 3, seal.csv_parts, csv);
    slices_of(parcel, 3 + seal.csv_parts, seal.raw_parts, raw);
    struct seal_order order = {
        .out = sink->settings.out,
        .version = sink->settings.version,
        .commit = sink->commit,
        .crew = sink->crew,
        .job = &sink->job,
        .fitted = seal.refuse ? NULL : &sink->fitted,
        .model = sink->model_digest,
        .told = {parcel->part[2].data, parcel->part[2].size},
        .rejects_csv = csv,
        .n_csv = seal.csv_parts,
        .rejects_raw = raw,
        .n_raw = seal.raw_parts,
        .now_ms = sink->settings.now_ms,
    };
    int r = seal.refuse ? seal_rejects(&order) : seal_results(&order);
    if (r == 0)
        r = commit_seal(sink->commit);
    if (r < 0) {
        int said = refuse(sink, sink->ventilator, r, "the results could not be published");
        return said < 0 ? said : r;
    }
    sink->phase = SEALED;
    sink->leave_ms = now_ms + LINGER_MS;
    return say_sealed(sink);
}

/* ---- letters ---- */

static int is_known(const struct sink *sink, struct peer from)
{
    for (size_t i = 0; i < sink->n_peers; i++)
        if (peer_same(sink->peers[i], from))
            return 1;
    return 0;
}

static int take_hello(struct sink *sink, struct peer from, const struct parcel *parcel)
{
    struct hello hello;
    arena_reset(sink->arena);
    if (wire_hello_read(parcel, 1, sink->arena, &hello) != 0)
        return 0;
    if (hello.role == 1) {
        sink->ventilator = from;
        sink->has_ventilator = 1;
    }
    if (is_known(sink, from))
        return 0;
    sink->peers[sink->next_peer] = from;
    sink->next_peer = (sink->next_peer + 1) % PEERS_LIMIT;
    if (sink->n_peers < PEERS_LIMIT)
        sink->n_peers++;
    return 0;
}

static int from_ventilator(struct sink *sink, const struct letter *letter, struct parcel *parcel,
                           int64_t now_ms)
{
    switch (letter->kind) {
    case LETTER_JOB:
        return take_job(sink, letter, parcel);
    case LETTER_RESYNC:
        return resync(sink);
    case LETTER_SEAL:
        return take_seal(sink, letter, parcel, now_ms);
    case LETTER_BYE:
        if (sink->phase == SEALED)
            sink->leave_ms = now_ms;
        return 0;
    default:
        return 0;
    }
}

static int sink_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct sink *sink = self;
    struct letter letter;
    int r = wire_letter_read(parcel, &letter);
    if (r == WIRE_E_VERSION)
        return refuse(sink, from, STATUS_CONFIG, "another version of the protocol");
    if (r != 0) {
        sink->refused++;
        return 0;
    }
    if (letter.kind == LETTER_HELLO)
        return take_hello(sink, from, parcel);
    if (!is_known(sink, from)) {
        struct letter rehello = letter_of(sink, LETTER_REHELLO);
        return say(sink, from, &rehello);
    }
    if (sink->has_ventilator && peer_same(from, sink->ventilator))
        return from_ventilator(sink, &letter, parcel, now_ms);
    if (letter.kind == LETTER_BEAT)
        return take_probe(sink, from, &letter, parcel);
    return letter.kind == LETTER_RESULT ? take_result(sink, from, &letter, parcel, now_ms) : 0;
}

static int sink_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct sink *sink = self;
    *deadline_ms = now_ms + IDLE_MS;
    if (sink->settings.stop && *sink->settings.stop)
        return ROLE_E_FINISHED;
    if (sink->phase == SEALED) {
        *deadline_ms = sink->leave_ms;
        return now_ms >= sink->leave_ms ? ROLE_E_FINISHED : 0;
    }
    int r = commit_waiting(sink, now_ms);
    if (sink->full)
        *deadline_ms = sink->retry_ms;
    if (r == 0 && sink->phase == GATHERING && roll_call_complete(sink->roll, 1))
        r = fit_model(sink);
    return r;
}

struct role sink_role(struct sink *sink)
{
    struct role role = {sink, sink_letter, sink_tick};
    return role;
}
