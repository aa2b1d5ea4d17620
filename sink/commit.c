/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: "v" version; "j" the job; "l" + part its letter; "d" + stage + shard a done mark; "r" + stage +
 * shard + part what came. Numbers in keys are big-endian, so each family is in its order. A part is
 * kept as the bytes it came in: packing it again would only cost. */
#include "sink/commit.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define COMMIT_VERSION "winnow sink 1"

struct commit {
    struct store *store;
    struct commit_job job;
    uint64_t sequence;
    struct store_put *puts; /* reused */
    struct key *keys;
    size_t room;
};

struct key {
    unsigned char bytes[12];
    size_t size;
};

/* What "j" holds. */
struct job_record {
    struct digest id;
    uint64_t sequence;
    uint32_t shards;
    uint32_t phase;
    uint32_t letter_parts;
    uint32_t padding;
};

/* What a done mark holds. */
struct mark {
    struct digest digest;
    uint64_t rows_folded, rows_cached;
    uint32_t attempt, parts, cached;
    uint32_t padding;
};

static void key_number(struct key *key, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        key->bytes[key->size++] = (unsigned char)(number >> shift);
}

static struct key key_of(char family)
{
    struct key key = {{(unsigned char)family}, 1};
    return key;
}

static struct key key_shard(char family, uint32_t stage, uint32_t shard)
{
    struct key key = key_of(family);
    key.bytes[key.size++] = (unsigned char)stage;
    key_number(&key, shard);
    return key;
}

static struct key key_part(uint32_t stage, uint32_t shard, uint32_t part)
{
    struct key key = key_shard('r', stage, shard);
    key_number(&key, part);
    return key;
}

static struct key key_letter(uint32_t part)
{
    struct key key = key_of('l');
    key_number(&key, part);
    return key;
}

static struct slice key_slice(const struct key *key)
{
    return (struct slice){key->bytes, key->size};
}

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

static int version_check(struct commit *commit)
{
    struct slice value;
    struct key key = key_of('v');
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
    r = write_puts(commit, 1);
    return r > 0 ? log_fail(STATUS_IO, "no space for the sink's state; --state names another place")
                 : r;
}

static int job_read(struct commit *commit)
{
    struct slice value;
    struct job_record record;
    struct key key = key_of('j');
    int r = store_read(commit->store, key_slice(&key), &value);
    if (r == 0 && value.size == sizeof record) {
        memcpy(&record, value.data, sizeof record);
        commit->job =
            (struct commit_job){record.id, record.shards, (enum commit_phase)record.phase};
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

void commit_close(struct commit **commit)
{
    if (!*commit)
        return;
    store_close(&(*commit)->store);
    free((*commit)->puts);
    free((*commit)->keys);
    free(*commit);
    *commit = NULL;
}

struct commit_job commit_job(const struct commit *commit)
{
    return commit->job;
}

static struct job_record record_of(const struct commit *commit, uint32_t letter_parts)
{
    struct job_record record = {commit->job.id,     commit->sequence,
                                commit->job.shards, (uint32_t)commit->job.phase,
                                letter_parts,       0};
    return record;
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

static int sweep_family(struct commit *commit, const char *family)
{
    for (;;) {
        struct sweep sweep = {commit, 0};
        int r = store_each(commit->store, (struct slice){family, 1}, sweep_key, &sweep);
        store_release(commit->store);
        if (r < 0 || sweep.n == 0)
            return r < 0 ? r : 0;
        r = write_puts(commit, sweep.n);
        if (r != 0)
            return r < 0 ? r
                         : log_fail(STATUS_IO,
                                    "no space for the sink's state; --state names another place");
    }
}

int commit_begin(struct commit *commit, struct digest id, uint32_t shards,
                 const struct parcel *letter)
{
    static const char *const families[] = {"j", "l", "d", "r"};
    int r = puts_room(commit, SWEEP + LINE_PARTS_LIMIT);
    commit->job.phase = COMMIT_EMPTY;
    for (size_t i = 0; r == 0 && i < sizeof families / sizeof families[0]; i++)
        r = sweep_family(commit, families[i]);
    if (r < 0)
        return r;
    commit->job = (struct commit_job){id, shards, COMMIT_RUNNING};
    struct job_record record = record_of(commit, (uint32_t)letter->n - 1);
    put(commit, 0, key_of('j'), &record, sizeof record);
    for (uint32_t i = 1; i < letter->n; i++)
        put(commit, i, key_letter(i), letter->part[i].size ? letter->part[i].data : "",
            letter->part[i].size);
    r = write_puts(commit, letter->n);
    return r > 0 ? log_fail(STATUS_IO, "no space for the sink's state; --state names another place")
                 : r;
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

static int roll_mark(void *context, struct slice key, struct slice value)
{
    struct roll_call *roll = context;
    const unsigned char *bytes = key.data;
    struct mark mark;
    if (key.size != 6 || value.size != sizeof mark)
        return 0;
    memcpy(&mark, value.data, sizeof mark);
    uint32_t stage = bytes[1];
    uint32_t shard =
        (uint32_t)bytes[2] << 24 | (uint32_t)bytes[3] << 16 | (uint32_t)bytes[4] << 8 | bytes[5];
    roll_call_arrive(roll, stage, shard, mark.digest);
    roll_call_commit(roll, stage, shard);
    return 0;
}

int commit_roll(struct commit *commit, struct roll_call *roll)
{
    int r = store_each(commit->store, (struct slice){"d", 1}, roll_mark, roll);
    store_release(commit->store);
    return r;
}

int commit_seal(struct commit *commit)
{
    int r = puts_room(commit, 1);
    if (r < 0)
        return r;
    commit->job.phase = COMMIT_SEALED;
    struct job_record record = record_of(commit, 0);
    put(commit, 0, key_of('j'), &record, sizeof record);
    r = write_puts(commit, 1);
    return r > 0 ? log_fail(STATUS_IO, "no space for the sink's state; --state names another place")
                 : r;
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
    put(commit, i++, key_shard('d', result->stage, result->shard), mark, sizeof *mark);
    for (uint32_t part = 2; part < parcel->n; part++)
        put(commit, i++, key_part(result->stage, result->shard, part - 2),
            parcel->part[part].size ? parcel->part[part].data : "", parcel->part[part].size);
    return i;
}

int commit_results(struct commit *commit, const struct commit_result *results, size_t n)
{
    size_t total = 1, at = 0;
    for (size_t i = 0; i < n; i++)
        total += results[i].parcel->n;
    struct mark *marks = malloc(n * sizeof *marks + 1);
    int r =
        marks ? puts_room(commit, total) : log_fail(STATUS_BUG, "out of memory for %zu marks", n);
    if (r == 0) {
        for (size_t i = 0; i < n; i++)
            at = put_result(commit, at, &results[i], &marks[i]);
        commit->sequence++;
        struct job_record record = record_of(commit, 0);
        put(commit, at++, key_of('j'), &record, sizeof record);
        r = write_puts(commit, at);
        if (r != 0)
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
    struct key key = key_part(stage, shard, i);
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
    if (value.size != sizeof mark)
        return 0;
    memcpy(&mark, value.data, sizeof mark);
    work->shards++;
    work->shards_cached += mark.cached;
    work->rows_folded += mark.rows_folded;
    work->rows_cached += mark.rows_cached;
    return 0;
}

int commit_work(struct commit *commit, uint32_t stage, struct commit_work *work)
{
    const unsigned char prefix[] = {'d', (unsigned char)stage};
    *work = (struct commit_work){0};
    int r = store_each(commit->store, (struct slice){prefix, sizeof prefix}, work_mark, work);
    store_release(commit->store);
    return r;
}
