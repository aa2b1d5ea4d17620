/* SPDX-License-Identifier: Apache-2.0 */
/* A part is kept as the bytes it came in: packing it again would only cost. */
#include "sink/commit.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "sink/kept.h"
#include "sink/record.h"

#define COMMIT_VERSION "winnow sink 2"

struct commit {
    struct store *store;
    struct commit_job job;
    struct digest scored; /* provenance of what is kept of stage 2 */
    int scoring;          /* whether that is this job's */
    uint64_t sequence;
    struct store_put *puts; /* reused */
    struct key *keys;
    size_t room;
    struct digest fitted; /* of a model that is not written yet */
    struct slice model;   /* its bytes, owned; size 0: there is none */
};

static int puts_room(struct commit *commit, size_t n)
{
    if (n <= commit->room)
        return 0;
    free(commit->puts);
    free(commit->keys);
    commit->puts = malloc(n * sizeof *commit->puts);
    commit->keys = malloc(n * sizeof *commit->keys);
    commit->room = commit->puts && commit->keys ? n : 0;
    return commit->room ? 0
                        : log_fail(STATUS_BUG, "out of memory for a transaction of %zu values", n);
}

static void put(struct commit *commit, size_t i, struct key key, const void *data, size_t size)
{
    commit->keys[i] = key;
    commit->puts[i].key = key_slice(&commit->keys[i]);
    commit->puts[i].part[0] = (struct slice){data, size};
    commit->puts[i].n_parts = data ? 1 : 0;
}

static int write_puts(struct commit *commit, size_t n)
{
    int r = store_write(commit->store, commit->puts, n);
    return r == STORE_E_FULL ? COMMIT_E_FULL : r;
}

static int no_space(int r)
{
    return r > 0 ? log_fail(STATUS_IO, "no space for the sink's state; --state names another place")
                 : r;
}

static int version_check(struct commit *commit)
{
    struct slice value;
    struct key key = key_of(KEY_VERSION);
    int r = store_read(commit->store, key_slice(&key), &value);
    if (r == 0 && (value.size != sizeof COMMIT_VERSION ||
                   memcmp(value.data, COMMIT_VERSION, value.size) != 0))
        r = log_fail(STATUS_CONFIG, "the sink's state was made by another version of winnow; "
                                    "name another --state, or remove it");
    store_release(commit->store);
    if (r != STORE_E_ABSENT)
        return r;
    r = puts_room(commit, 1);
    if (r < 0)
        return r;
    put(commit, 0, key, COMMIT_VERSION, sizeof COMMIT_VERSION);
    return no_space(write_puts(commit, 1));
}

static int job_read(struct commit *commit)
{
    struct slice value;
    struct job_record record;
    struct key key = key_of(KEY_JOB);
    int r = store_read(commit->store, key_slice(&key), &value);
    if (r == 0 && value.size == sizeof record) {
        memcpy(&record, value.data, sizeof record);
        commit->job = (struct commit_job){record.id, record.shards, (enum commit_phase)record.phase,
                                          record.gathered};
        commit->scored = record.scored;
        commit->scoring = record.scoring != 0;
        commit->sequence = record.sequence;
    }
    store_release(commit->store);
    return r < 0 ? r : 0;
}

int commit_open(struct store **store, struct commit **out)
{
    struct commit *commit = calloc(1, sizeof *commit);
    if (!commit)
        return log_fail(STATUS_BUG, "out of memory for the sink's state");
    commit->store = *store;
    int r = version_check(commit);
    if (r == 0)
        r = job_read(commit);
    if (r < 0) {
        free(commit->puts);
        free(commit->keys);
        free(commit);
        return r;
    }
    *store = NULL;
    *out = commit;
    return 0;
}

static void model_forget(struct commit *commit)
{
    free((void *)(uintptr_t)commit->model.data);
    commit->model = (struct slice){NULL, 0};
}

void commit_close(struct commit **commit)
{
    if (!*commit)
        return;
    store_close(&(*commit)->store);
    model_forget(*commit);
    free((*commit)->puts);
    free((*commit)->keys);
    free(*commit);
    *commit = NULL;
}

struct commit_job commit_job(const struct commit *commit)
{
    return commit->job;
}

static struct job_record record_of(const struct commit *commit)
{
    return (struct job_record){.id = commit->job.id,
                               .sequence = commit->sequence,
                               .shards = commit->job.shards,
                               .phase = (uint32_t)commit->job.phase,
                               .gathered = commit->job.gathered,
                               .scored = commit->scored,
                               .scoring = commit->scoring != 0};
}

/* Collects keys to delete, some at a time: a transaction that deletes a million keys is no better. */
#define SWEEP 4096

struct sweep {
    struct commit *commit;
    size_t n;
};

static int sweep_key(void *context, struct slice key, struct slice value)
{
    struct sweep *sweep = context;
    (void)value;
    struct key copy = {{0}, key.size};
    if (key.size > sizeof copy.bytes)
        return 0;
    memcpy(copy.bytes, key.data, key.size);
    put(sweep->commit, sweep->n++, copy, NULL, 0);
    return sweep->n == SWEEP;
}

static int sweep_keys(struct commit *commit, struct key prefix)
{
    int r = puts_room(commit, SWEEP);
    while (r == 0) {
        struct sweep sweep = {commit, 0};
        r = store_each(commit->store, key_slice(&prefix), sweep_key, &sweep);
        store_release(commit->store);
        if (r < 0 || sweep.n == 0)
            return r < 0 ? r : 0;
        r = no_space(write_puts(commit, sweep.n));
    }
    return r;
}

/* The job first, so that nothing is taken for its own when only half of it is gone; then marks, then what
 * they are marks of. */
static int sweep_all(struct commit *commit)
{
    static const enum key_family families[] = {KEY_JOB, KEY_MODEL, KEY_DONE, KEY_RESULT};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof families / sizeof families[0]; i++)
        r = sweep_keys(commit, key_of(families[i]));
    commit->scored = (struct digest){0};
    return r;
}

static int begins_kept(const struct commit *commit, const struct commit_job *job)
{
    return !digest_none(job->gathered) && digest_same(job->gathered, commit->job.gathered) &&
           job->shards == commit->job.shards && commit->job.phase == COMMIT_SEALED;
}

int commit_begin(struct commit *commit, const struct commit_job *job, int anew,
                 const struct parcel *letter)
{
    int kept = !anew && begins_kept(commit, job);
    commit->job.phase = COMMIT_EMPTY;
    int r = kept ? no_space(kept_adopt(commit->store, 1)) : sweep_all(commit);
    if (r == 0)
        r = sweep_keys(commit, key_of(KEY_LETTER));
    if (r == 0)
        r = puts_room(commit, LINE_PARTS_LIMIT);
    if (r < 0)
        return r;
    commit->job = *job;
    commit->job.phase = COMMIT_RUNNING;
    commit->scoring = 0;
    struct job_record record = record_of(commit);
    put(commit, 0, key_of(KEY_JOB), &record, sizeof record);
    for (uint32_t i = 1; i < letter->n; i++)
        put(commit, i, key_letter(i), letter->part[i].size ? letter->part[i].data : "",
            letter->part[i].size);
    return no_space(write_puts(commit, letter->n));
}

int commit_scoring(struct commit *commit, struct digest scored)
{
    int r = 0;
    if (commit->scoring)
        return 0;
    if (!digest_none(scored) && digest_same(scored, commit->scored))
        r = no_space(kept_adopt(commit->store, 2));
    else
        r = sweep_keys(commit, key_stage(KEY_DONE, 2));
    if (r == 0 && !digest_same(scored, commit->scored))
        r = sweep_keys(commit, key_stage(KEY_RESULT, 2));
    if (r < 0)
        return r;
    commit->scored = scored;
    commit->scoring = 1;
    return 0;
}

int commit_letter(struct commit *commit, struct parcel *letter)
{
    int r = 0;
    letter->n = 0;
    for (uint32_t i = 0; r == 0 && i < LINE_PARTS_LIMIT; i++) {
        struct slice value = {"", 0};
        struct key key = key_letter(i);
        if (i > 0)
            r = store_read(commit->store, key_slice(&key), &value);
        if (r == 0)
            r = wire_bytes_put(value, letter);
    }
    store_release(commit->store);
    return r < 0 ? r : 0;
}

struct rolling {
    const struct commit *commit;
    struct roll_call *roll;
    uint32_t stage;
};

static int roll_mark(void *context, struct slice key, struct slice value)
{
    const struct rolling *rolling = context;
    uint32_t shard = key_shard(key);
    struct mark mark;
    if (shard >= rolling->commit->job.shards || mark_read(value, &mark) != 0)
        return 0;
    if (roll_call_arrive(rolling->roll, rolling->stage, shard, mark.digest) == ROLL_NEW)
        roll_call_commit(rolling->roll, rolling->stage, shard);
    return 0;
}

int commit_roll(struct commit *commit, struct roll_call *roll)
{
    struct rolling rolling = {commit, roll, 1};
    int r = 0;
    for (; r == 0 && rolling.stage <= (commit->scoring ? 2u : 1u); rolling.stage++) {
        struct key prefix = key_stage(KEY_DONE, rolling.stage);
        r = store_each(commit->store, key_slice(&prefix), roll_mark, &rolling);
    }
    store_release(commit->store);
    return r;
}

/* ---- the model ---- */

void commit_put_model(struct commit *commit, struct digest fitted, void *bytes, size_t size)
{
    model_forget(commit);
    commit->fitted = fitted;
    commit->model = (struct slice){bytes, size};
}

/* Place i on, where there is one to write; answers the next place. */
static size_t put_model(struct commit *commit, size_t i)
{
    if (commit->model.size == 0)
        return i;
    put(commit, i, key_of(KEY_MODEL), &commit->fitted, sizeof commit->fitted);
    commit->puts[i].part[1] = commit->model;
    commit->puts[i].n_parts = 2;
    return i + 1;
}

int commit_model(struct commit *commit, struct digest fitted, struct slice *bytes)
{
    struct key key = key_of(KEY_MODEL);
    struct digest of;
    int r =
        digest_none(fitted) ? STORE_E_ABSENT : store_read(commit->store, key_slice(&key), bytes);
    if (r != 0)
        return r == STORE_E_ABSENT ? COMMIT_E_ABSENT : r;
    if (bytes->size < sizeof of)
        return COMMIT_E_ABSENT;
    memcpy(&of, bytes->data, sizeof of);
    *bytes = (struct slice){(const char *)bytes->data + sizeof of, bytes->size - sizeof of};
    return digest_same(of, fitted) ? 0 : COMMIT_E_ABSENT;
}

/* ---- results ---- */

int commit_seal(struct commit *commit)
{
    int r = puts_room(commit, 2);
    if (r < 0)
        return r;
    commit->job.phase = COMMIT_SEALED;
    struct job_record record = record_of(commit);
    put(commit, 0, key_of(KEY_JOB), &record, sizeof record);
    r = no_space(write_puts(commit, put_model(commit, 1)));
    if (r == 0)
        model_forget(commit);
    return r;
}

/* The puts of one result from place i on; answers the next place. */
static size_t put_result(struct commit *commit, size_t i, const struct commit_result *result,
                         struct mark *mark)
{
    const struct parcel *parcel = result->parcel;
    *mark = (struct mark){.digest = result->digest,
                          .rows_folded = result->work.rows_folded,
                          .rows_cached = result->work.rows_cached,
                          .attempt = result->attempt,
                          .parts = (uint32_t)(parcel->n - 2),
                          .cached = result->work.cached != 0};
    put(commit, i++, key_done(result->stage, result->shard), mark, sizeof *mark);
    for (uint32_t part = 2; part < parcel->n; part++)
        put(commit, i++, key_result(result->stage, result->shard, part - 2),
            parcel->part[part].size ? parcel->part[part].data : "", parcel->part[part].size);
    return i;
}

int commit_results(struct commit *commit, const struct commit_result *results, size_t n)
{
    size_t total = 2, at = 0; /* the job and a model, and */
    for (size_t i = 0; i < n; i++)
        total += results[i].parcel->n;
    struct mark *marks = malloc(n * sizeof *marks + 1);
    int r =
        marks ? puts_room(commit, total) : log_fail(STATUS_BUG, "out of memory for %zu marks", n);
    if (r == 0) {
        for (size_t i = 0; i < n; i++)
            at = put_result(commit, at, &results[i], &marks[i]);
        commit->sequence++;
        struct job_record record = record_of(commit);
        put(commit, at++, key_of(KEY_JOB), &record, sizeof record);
        r = write_puts(commit, put_model(commit, at));
        if (r == 0)
            model_forget(commit);
        else
            commit->sequence--;
    }
    free(marks);
    return r;
}

uint64_t commit_sequence(const struct commit *commit)
{
    return commit->sequence;
}

int commit_part(struct commit *commit, uint32_t stage, uint32_t shard, uint32_t i,
                struct slice *part)
{
    struct key key = key_result(stage, shard, i);
    int r = store_read(commit->store, key_slice(&key), part);
    return r == STORE_E_ABSENT ? COMMIT_E_ABSENT : r;
}

void commit_release(struct commit *commit)
{
    store_release(commit->store);
}

static int work_mark(void *context, struct slice key, struct slice value)
{
    struct commit_work *work = context;
    struct mark mark;
    (void)key;
    if (mark_read(value, &mark) != 0)
        return 0;
    work->shards++;
    work->shards_cached += mark.cached;
    work->shards_kept += mark.kept;
    work->rows_folded += mark.rows_folded;
    work->rows_cached += mark.rows_cached;
    return 0;
}

int commit_work(struct commit *commit, uint32_t stage, struct commit_work *work)
{
    struct key prefix = key_stage(KEY_DONE, stage);
    *work = (struct commit_work){0};
    int r = store_each(commit->store, key_slice(&prefix), work_mark, work);
    store_release(commit->store);
    return r;
}
