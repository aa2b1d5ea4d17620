/* SPDX-License-Identifier: Apache-2.0 */
/* A customer's arithmetic is a few hundred nanoseconds; to wait for what is remembered of his (x, T)
 * would cost as much again. So customers go by handfuls: what each will look up is asked for while
 * the others' features are made, and the memory lies on large pages. Sorting a shard by (x, T) was
 * refused: rows leave in the order of the ids. */
#include "worker/scores.h"

#include <stdlib.h>
#include <string.h>

#include "common/large.h"
#include "common/log.h"
#include "score/sequel.h"

struct handful {
    uint32_t n;
    uint32_t customer[ROW_HANDFUL];
    struct features seen[ROW_HANDFUL];
    struct row_source source[ROW_HANDFUL];
};

struct scores {
    struct scores_task task;
    struct row_maker maker;
    struct order_line *orders;
    size_t room_orders;
    struct score_table table;
    char *ids;
    size_t ids_size, room_ids;
    uint32_t culprit;
};

#define SLOTS_BYTES   (CHURN_MEMORY_SLOTS * sizeof(struct churn_memory_slot))
#define SHELVES_BYTES (CHURN_MEMORY_SHELVES * sizeof(struct churn_memory_shelf))

static int memory_room(struct churn_memory *memory)
{
    if (!memory->slot)
        memory->slot = large_new(SLOTS_BYTES);
    if (!memory->shelf)
        memory->shelf = large_new(SHELVES_BYTES);
    if (!memory->slot || !memory->shelf)
        return log_fail(STATUS_BUG, "out of memory for what is remembered of a model");
    memory->n = CHURN_MEMORY_SLOTS;
    memory->shelves = CHURN_MEMORY_SHELVES;
    return 0;
}

static void memory_clear(struct churn_memory *memory)
{
    if (memory->n == 0)
        return;
    memset(memory->slot, 0, SLOTS_BYTES);
    memset(memory->shelf, 0, SHELVES_BYTES);
}

int scores_new(struct scores **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? 0 : log_fail(STATUS_BUG, "out of memory for scores");
}

void scores_destroy(struct scores **scores)
{
    if (!*scores)
        return;
    large_free((*scores)->maker.memory.slot, SLOTS_BYTES);
    large_free((*scores)->maker.memory.shelf, SHELVES_BYTES);
    free((*scores)->orders);
    score_table_free(&(*scores)->table);
    free((*scores)->ids);
    free(*scores);
    *scores = NULL;
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

static int room_for_orders(struct scores *scores, const struct histories *h)
{
    size_t most = 1;
    for (uint32_t i = 0; h->has_order && i < h->n; i++)
        if (h->line_first[i + 1] - h->line_first[i] > most)
            most = h->line_first[i + 1] - h->line_first[i];
    if (most <= scores->room_orders)
        return 0;
    int r = grow(&scores->orders, most, sizeof *scores->orders);
    if (r == 0)
        scores->room_orders = most;
    return r;
}

static int room_for_rows(struct scores *scores, const struct histories *h)
{
    size_t ids = (size_t)h->id_offset[h->n] + 1;
    int r = score_table_begin(&scores->table, h->n);
    if (r == 0 && ids > scores->room_ids) {
        r = grow(&scores->ids, ids, 1);
        if (r == 0)
            scores->room_ids = ids;
    }
    return r;
}

int scores_begin(struct scores *scores, const struct scores_task *task)
{
    if (scores->task.model_number != task->model_number)
        memory_clear(&scores->maker.memory);
    scores->task = *task;
    scores->maker.plan = &task->work->plan;
    scores->maker.model = task->model;
    scores->maker.axes = spread_axes_of(&task->model->churn, &task->model->uncertainty);
    scores->ids_size = 0;
    int r = memory_room(&scores->maker.memory);
    if (r == 0)
        r = room_for_orders(scores, task->histories);
    return r < 0 ? r : room_for_rows(scores, task->histories);
}

/* What came after as_of, where a backtest wants to know. */
static int put_sequel(struct scores *scores, uint32_t customer, struct score_row *row)
{
    struct sequel sequel;
    struct lines lines = histories_lines(scores->task.histories, customer);
    int r = sequel_of(&lines, &scores->task.work->plan, scores->orders, &sequel);
    scores->culprit = customer;
    if (r != 0)
        return r;
    row->flags |= sequel.came_back ? ROW_CAME_BACK : 0;
    row->later_days = sequel.days;
    row->later_spend = sequel.spend;
    return 0;
}

/* Ids lie one behind the other, but for those of customers who have not been seen. */
static void keep_ids(struct scores *scores, const struct handful *handful, uint16_t *length)
{
    const struct row_source *source = handful->source;
    for (uint32_t from = 0, to = 0; from < handful->n; from = to) {
        const char *end = source[from].id;
        for (; to < handful->n && source[to].id == end; to++) {
            end += source[to].id_length;
            length[to] = (uint16_t)source[to].id_length;
        }
        size_t size = (size_t)(end - source[from].id);
        memcpy(scores->ids + scores->ids_size, source[from].id, size);
        scores->ids_size += size;
    }
}

/* Who has been seen, n at most. */
static int read_handful(struct scores *scores, uint32_t from, uint32_t n, struct handful *out)
{
    struct tallies tallies = {0};
    out->n = 0;
    for (uint32_t i = from; i < from + n; i++) {
        struct lines lines = histories_lines(scores->task.histories, i);
        struct features *seen = &out->seen[out->n];
        scores->culprit = i;
        if (history_features(&lines, &scores->task.work->plan, scores->orders, seen, &tallies) != 0)
            return SCORES_E_OVERFLOW;
        if (!seen->seen)
            continue;
        row_expect(&scores->maker, seen);
        struct row_source *source = &out->source[out->n];
        *source = (struct row_source){.seen = seen, .attributes = &scores->task.attributes->of[i]};
        source->id = histories_id(scores->task.histories, i, &source->id_length);
        out->customer[out->n++] = i;
    }
    return 0;
}

static int score_handful(struct scores *scores, uint32_t from, uint32_t n)
{
    struct handful handful;
    struct score_row row[ROW_HANDFUL];
    uint16_t id_length[ROW_HANDFUL];
    int r = read_handful(scores, from, n, &handful);
    if (r != 0)
        return r;
    row_make(&scores->maker, handful.source, handful.n, row);
    keep_ids(scores, &handful, id_length);
    for (uint32_t i = 0; scores->task.work->plan.holdout_days > 0 && i < handful.n; i++)
        if (put_sequel(scores, handful.customer[i], &row[i]) != 0)
            return SCORES_E_OVERFLOW;
    score_table_add(&scores->table, row, id_length, handful.n);
    return 0;
}

int scores_some(struct scores *scores, uint32_t from, uint32_t to)
{
    int r = 0;
    for (uint32_t at = from; r == 0 && at < to; at += ROW_HANDFUL)
        r = score_handful(scores, at, to - at < ROW_HANDFUL ? to - at : ROW_HANDFUL);
    return r;
}

struct scored scores_end(const struct scores *scores)
{
    return (struct scored){&scores->table, scores->ids};
}

uint32_t scores_culprit(const struct scores *scores)
{
    return scores->culprit;
}
