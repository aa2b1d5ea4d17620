/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crash.h"
#include "common/log.h"
#include "common/trace.h"
#include "common/wire_digest.h"
#include "common/wire_lease.h"
#include "common/wire_rows.h"
#include "common/wire_scores.h"
#include "score/day.h"
#include "worker/attributes.h"
#include "worker/block.h"
#include "worker/fold.h"
#include "worker/gather.h"
#include "worker/scores.h"

#define SLICE          8192
#define ARENA_LIMIT    ((size_t)1 << 30)
#define ID_WORDS_LIMIT 80

enum phase { IDLE, FEEDING, WALKING, ENDING };

struct task {
    struct trace *trace;
    struct cache *cache;
    struct arena *arena;
    struct fold *fold;
    struct gather *gather;
    struct scores *scores;
    struct attribute_table attributes;
    struct histories block, merged;
    char *attribute_bytes; /* frames of attributes, one after the other */
    size_t attributes_size, room_attributes;

    enum phase phase;
    uint32_t stage, shard;
    const struct work_plan *work;
    const struct model *model;
    uint64_t model_number;
    struct digest *want;
    size_t n_want, room_want;
    uint32_t frames_left;
    struct digest attributes_digest;
    int attributes_follow;
    int folding;                       /* frames came or are to come */
    const struct histories *histories; /* complete: what is walked over */
    uint32_t at;
    struct work done;
    uint64_t progress;
    char words[WIRE_TEXT_LIMIT + 1];
};

int task_new(struct cache *cache, struct task **out)
{
    struct task *task = calloc(1, sizeof *task);
    if (!task)
        return log_fail(STATUS_BUG, "out of memory for a task");
    task->cache = cache;
    task->arena = arena_new(ARENA_LIMIT);
    int r = task->arena ? 0 : log_fail(STATUS_BUG, "out of memory for a task");
    if (r == 0)
        r = fold_new(FOLD_PENDING, &task->fold);
    if (r == 0)
        r = gather_new(&task->gather);
    if (r == 0)
        r = scores_new(&task->scores);
    if (r == 0)
        r = attributes_new(&task->attributes);
    if (r < 0) {
        task_destroy(&task);
        return r;
    }
    *out = task;
    return 0;
}

void task_destroy(struct task **task)
{
    if (!*task)
        return;
    arena_destroy(&(*task)->arena);
    fold_destroy(&(*task)->fold);
    gather_destroy(&(*task)->gather);
    scores_destroy(&(*task)->scores);
    attributes_free(&(*task)->attributes);
    histories_free(&(*task)->block);
    histories_free(&(*task)->merged);
    free((*task)->attribute_bytes);
    free((*task)->want);
    free(*task);
    *task = NULL;
}

void task_trace(struct task *task, struct trace *trace)
{
    task->trace = trace;
}

static struct span begin_span(const struct task *task, const char *name)
{
    struct span span = trace_begin(task->trace, TRACE_LOOP, name);
    span_note(&span, "stage", task->stage);
    span_note(&span, "shard", task->shard);
    return span;
}

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG,
                        "out of memory for %zu entries of a shard; --shards makes them smaller", n);
    *at = more;
    return 0;
}

/* An id as words: printable, cut. */
static void put_words(struct task *task, const char *before, struct slice id, const char *after)
{
    char name[ID_WORDS_LIMIT + 1];
    size_t n = id.size < ID_WORDS_LIMIT ? id.size : ID_WORDS_LIMIT;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = ((const unsigned char *)id.data)[i];
        name[i] = (char)(c < 0x20 || c == 0x7f ? '?' : c);
    }
    name[n] = '\0';
    snprintf(task->words, sizeof task->words, "%s '%s'%s", before, name, after);
}

static int overflow(struct task *task, struct slice id)
{
    put_words(task, "the amounts of customer", id,
              " add up to more than 9.2e14; --exclude-customers FILE leaves a customer out");
    return TASK_E_DATA;
}

static int doubled(struct task *task, struct slice id)
{
    put_words(task, "customer", id, " has more than one row; a summary has one a customer");
    return TASK_E_DATA;
}

static int same_set(const struct block_set *set, const struct digest *list, size_t n)
{
    return set->n == n && memcmp(set->segments, list, n * sizeof *list) == 0;
}

static int keep_want(struct task *task, const struct task_order *order)
{
    if (order->n_want > task->room_want || !task->want) {
        int r = grow(&task->want, order->n_want + 1, sizeof *task->want);
        if (r < 0)
            return r;
        task->room_want = order->n_want;
    }
    if (order->n_want > 0)
        memcpy(task->want, order->want, order->n_want * sizeof *task->want);
    task->n_want = order->n_want;
    return 0;
}

/* Whether the block belongs to the shard it was kept under: all of its customers do, or none. A block's
 * own hash says nothing of its key. */
static int is_of_shard(const struct task *task)
{
    size_t length;
    const char *id = histories_id(&task->block, 0, &length);
    return hash_shard(hash_customer(id, length), task->work->shards) == task->shard;
}

/* Reads the block that the order counts on, which must hold exactly order->have. */
static int load_block(struct task *task, const struct task_order *order)
{
    struct slice bytes;
    struct block_set set;
    int r = cache_block(task->cache, task->shard, &bytes);
    if (r == 0 && (block_read_set(bytes, &set) != 0 || !same_set(&set, order->have, order->n_have)))
        r = CACHE_E_ABSENT;
    if (r != 0) {
        cache_release(task->cache);
        return TASK_E_NO_BLOCK;
    }
    task->done.rows_cached = set.rows;
    task->done.cached = 1; /* until rows are folded into it */
    r = block_read(bytes, task->folding ? BLOCK_WITH_HASHES : BLOCK_WITHOUT_HASHES, &task->block);
    cache_release(task->cache);
    if (r == 0 && task->block.n > 0 && !is_of_shard(task))
        r = BLOCK_E_UNREADABLE;
    if (r == BLOCK_E_UNREADABLE) {
        r = cache_set_aside(task->cache, "has a damaged block");
        if (r == 0)
            r = cache_shards(task->cache, task->work->shards);
        return r < 0 ? r : TASK_E_NO_BLOCK;
    }
    return r;
}

int task_begin(struct task *task, const struct task_order *order)
{
    task->stage = order->stage;
    task->shard = order->shard;
    task->work = order->work;
    task->model_number = order->model_number;
    task->model = order->model;
    task->frames_left = order->frames;
    task->attributes_digest = order->attributes;
    task->attributes_follow = order->attributes_follow;
    task->attributes_size = 0;
    task->folding = order->n_want != order->n_have;
    task->done = (struct work){0, 0, 0};
    task->at = 0;
    task->phase = FEEDING;
    task->histories = NULL;
    fold_begin(task->fold);
    int r = histories_room(&task->block, 0, 0, 0);
    if (r == 0)
        r = keep_want(task, order);
    if (r == 0 && (order->n_have > 0 || !task->folding)) {
        struct span span = begin_span(task, "cache get");
        r = load_block(task, order);
        trace_end(task->trace, &span);
    }
    return r;
}

static int feed_rows(struct task *task, const struct parcel *parcel)
{
    const struct purchase_rows *chunks;
    size_t n;
    arena_reset(task->arena);
    if (wire_rows_read(parcel, 1, task->arena, &chunks, &n) != 0)
        return TASK_E_MALFORMED;
    for (size_t i = 0; i < n; i++) {
        int r = fold_rows(task->fold, &chunks[i]);
        if (r == FOLD_E_OVERFLOW)
            return overflow(task, fold_culprit(task->fold));
        if (r != 0)
            return r < 0 ? r : TASK_E_MALFORMED;
        task->done.rows_folded += chunks[i].n;
        task->progress += chunks[i].n;
    }
    return 0;
}

static int feed_attributes(struct task *task, const struct parcel *parcel)
{
    size_t size = parcel->n > 1 ? parcel->part[1].size : 0;
    if (task->attributes_size + size > task->room_attributes) {
        size_t room = (task->attributes_size + size) * 2;
        int r = grow(&task->attribute_bytes, room, 1);
        if (r < 0)
            return r;
        task->room_attributes = room;
    }
    if (size > 0)
        memcpy(task->attribute_bytes + task->attributes_size, parcel->part[1].data, size);
    task->attributes_size += size;
    task->progress++;
    return 0;
}

int task_frame(struct task *task, enum data_code code, const struct parcel *parcel)
{
    if (task->frames_left == 0)
        return TASK_E_MALFORMED;
    task->frames_left--;
    struct span span = begin_span(task, code == DATA_ROWS ? "folding" : "attributes");
    int r = code == DATA_ROWS ? feed_rows(task, parcel) : feed_attributes(task, parcel);
    trace_end(task->trace, &span);
    return r;
}

int task_hungry(const struct task *task)
{
    return task->phase == FEEDING && task->frames_left > 0;
}

/* What was folded onto the block that was there, and into the cache. */
static int complete_histories(struct task *task)
{
    const struct histories *fresh;
    uint32_t culprit;
    struct slice bytes;
    if (!task->folding) {
        task->histories = &task->block;
        return 0;
    }
    int r = fold_end(task->fold, &fresh);
    if (r == FOLD_E_OVERFLOW)
        return overflow(task, fold_culprit(task->fold));
    task->histories = fresh;
    if (r == 0 && task->block.n > 0) {
        r = histories_merge(&task->block, fresh, &task->merged, &culprit);
        task->histories = &task->merged;
        if (r == HISTORY_E_OVERFLOW) {
            size_t length;
            const char *id = histories_id(&task->block, culprit, &length);
            return overflow(task, (struct slice){id, length});
        }
    }
    if (r == 0)
        r = block_write(task->histories, task->want, task->n_want, &bytes);
    if (r < 0)
        return r;
    struct span span = begin_span(task, "cache put");
    r = cache_put_block(task->cache, task->shard, bytes);
    trace_end(task->trace, &span);
    crash_point("worker-cached");
    free((void *)(uintptr_t)bytes.data);
    return r;
}

/* This shard's serialised attributes: those that came, or those that are kept. */
static int find_attributes(struct task *task, struct slice *bytes)
{
    *bytes = (struct slice){task->attribute_bytes, task->attributes_size};
    if (digest_none(task->attributes_digest))
        bytes->size = 0;
    else if (task->attributes_follow)
        return cache_put_attributes(task->cache, task->shard, task->attributes_digest, *bytes);
    else if (cache_attributes(task->cache, task->shard, task->attributes_digest, bytes) != 0)
        return TASK_E_NO_BLOCK;
    return 0;
}

static int join_attributes(struct task *task, struct slice bytes)
{
    arena_reset(task->arena);
    int r = attributes_join(&task->attributes, bytes, task->histories, task->arena);
    if (r == ATTRIBUTES_E_DOUBLED) {
        put_words(task, "customer", task->attributes.culprit,
                  " has more than one row in the file of --customers");
        return TASK_E_DATA;
    }
    return r == ATTRIBUTES_E_MALFORMED ? TASK_E_MALFORMED : r;
}

static int complete_attributes(struct task *task)
{
    struct slice bytes;
    int r = find_attributes(task, &bytes);
    if (r == 0)
        r = join_attributes(task, bytes);
    cache_release(task->cache);
    return r;
}

static int begin_walk(struct task *task)
{
    struct span span = begin_span(task, "folding to the end");
    int r = complete_histories(task);
    trace_end(task->trace, &span);
    if (r == 0)
        r = complete_attributes(task);
    if (r != 0)
        return r;
    task->phase = WALKING;
    if (task->stage == 1)
        return gather_begin(task->gather, task->work, task->histories, &task->attributes);
    const struct scores_task scored = {.work = task->work,
                                       .model = task->model,
                                       .model_number = task->model_number,
                                       .histories = task->histories,
                                       .attributes = &task->attributes};
    r = scores_begin(task->scores, &scored);
    return r < 0 ? r
                 : attributes_regroup(&task->attributes, task->histories->n, &task->model->groups);
}

static int gather_slice(struct task *task, uint32_t to)
{
    int r = gather_some(task->gather, task->at, to);
    if (r != GATHER_E_OVERFLOW && r != GATHER_E_DOUBLED)
        return r;
    size_t length;
    const char *id = histories_id(task->histories, gather_culprit(task->gather), &length);
    if (r == GATHER_E_DOUBLED)
        return doubled(task, (struct slice){id, length});
    return overflow(task, (struct slice){id, length});
}

static int score_slice(struct task *task, uint32_t to)
{
    int r = scores_some(task->scores, task->at, to);
    if (r != SCORES_E_OVERFLOW)
        return r;
    size_t length;
    const char *id = histories_id(task->histories, scores_culprit(task->scores), &length);
    return overflow(task, (struct slice){id, length});
}

static int walk(struct task *task)
{
    uint32_t n = task->histories->n;
    uint32_t to = n - task->at > SLICE ? task->at + SLICE : n;
    struct span span = begin_span(task, task->stage == 1 ? "gathering" : "scoring");
    int r = task->stage == 1 ? gather_slice(task, to) : score_slice(task, to);
    trace_end(task->trace, &span);
    if (r != 0)
        return r;
    task->progress += to - task->at + 1;
    task->at = to;
    if (to == n)
        task->phase = ENDING;
    return TASK_E_MORE;
}

static int end(struct task *task, struct parcel *parcel)
{
    struct gathered gathered;
    task->phase = IDLE;
    task->done.cached &= task->done.rows_folded == 0;
    int r = wire_work_put(&task->done, parcel);
    if (r < 0)
        return r;
    if (task->stage != 1) {
        struct scored scored = scores_end(task->scores);
        return wire_scores_put(scored.table, scored.ids, task->arena, parcel);
    }
    r = gather_end(task->gather, &gathered);
    return r < 0 ? r : wire_gathered_put(&gathered, task->arena, parcel);
}

int task_step(struct task *task, struct parcel *parcel)
{
    int r;
    struct span span;
    switch (task->phase) {
    case FEEDING:
        if (task->frames_left > 0)
            return TASK_E_MORE;
        r = begin_walk(task);
        return r == 0 ? TASK_E_MORE : r;
    case WALKING:
        return walk(task);
    case ENDING:
        span = begin_span(task, "packing");
        r = end(task, parcel);
        trace_end(task->trace, &span);
        return r;
    case IDLE:
        break;
    }
    return log_fail(STATUS_BUG, "a step of a task that was not begun");
}

uint64_t task_progress(const struct task *task)
{
    return task->progress;
}

const char *task_words(const struct task *task)
{
    return task->words;
}
