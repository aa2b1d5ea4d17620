/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are appended to columns with the number of their customer, found in a table keyed by his hash;
 * at the end two counting passes (by day, then by customer) put equal (customer, day) side by side and
 * one pass adds them up. A sort a customer costs 36 ns a row where this costs 15, and both tables and
 * columns of a shard fit the L2 cache. When enough rows have gathered they are made histories and
 * merged into those before, so a shard of one tireless customer stays small. */
#include "worker/fold.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/log.h"
#include "common/radix.h"
#include "common/roster.h"
#include "score/money.h"

#define DAY_LEAST    (-719162) /* 0001-01-01 */
#define DAY_GREATEST 2932896   /* 9999-12-31 */

/* Threads read a ledger in turns, so a sorted one falls back where their frames meet; a pass over all
 * rows would cost more than mending those. */
#define FALLS_RARE 64 /* rows a fall */
#define FEW        32 /* sorted by insertion */
#define NAMED      16 /* rows at once */

struct row {
    uint32_t customer;
    int32_t day;
    int64_t amount;
};

struct fold {
    size_t pending; /* rows that may wait to be made histories */
    struct roster *roster;
    struct row *rows, *sorted;
    uint64_t *orders, *sorted_orders; /* side by side with rows; used where has_order */
    size_t n_rows, room_rows;
    int has_rows; /* since fold_begin, so that has_order is known */
    int has_order;
    int32_t day_least, day_greatest;
    size_t falls; /* rows of an earlier day than the row before them */

    uint32_t *count; /* of days or customers */
    size_t room_count;
    struct radix_item *items; /* for the orders of a busy day */
    size_t room_items;

    struct histories part, before, merged;
    int has_before;
    struct slice culprit;
};

int fold_new(size_t pending, struct fold **out)
{
    struct fold *fold = calloc(1, sizeof *fold);
    if (!fold)
        return log_fail(STATUS_BUG, "out of memory for a fold");
    fold->pending = pending;
    int r = roster_new(&fold->roster);
    if (r < 0) {
        free(fold);
        return r;
    }
    fold_begin(fold);
    *out = fold;
    return 0;
}

void fold_destroy(struct fold **fold)
{
    if (!*fold)
        return;
    roster_destroy(&(*fold)->roster);
    free((*fold)->rows);
    free((*fold)->sorted);
    free((*fold)->orders);
    free((*fold)->sorted_orders);
    free((*fold)->count);
    free((*fold)->items);
    histories_free(&(*fold)->part);
    histories_free(&(*fold)->before);
    histories_free(&(*fold)->merged);
    free(*fold);
    *fold = NULL;
}

static void rows_forget(struct fold *fold)
{
    roster_forget(fold->roster);
    fold->n_rows = 0;
    fold->day_least = INT32_MAX;
    fold->day_greatest = INT32_MIN;
    fold->falls = 0;
}

void fold_begin(struct fold *fold)
{
    rows_forget(fold);
    fold->has_rows = 0;
    fold->has_order = 0;
    fold->has_before = 0;
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

static int rows_room(struct fold *fold, size_t more)
{
    size_t want = fold->n_rows + more, room = fold->room_rows ? fold->room_rows : 65536;
    if (want <= fold->room_rows)
        return 0;
    while (room < want)
        room *= 2;
    int r = grow(&fold->rows, room, sizeof *fold->rows);
    if (r == 0)
        r = grow(&fold->sorted, room, sizeof *fold->sorted);
    if (r == 0)
        r = grow(&fold->orders, room, sizeof *fold->orders);
    if (r == 0)
        r = grow(&fold->sorted_orders, room, sizeof *fold->sorted_orders);
    if (r == 0)
        fold->room_rows = room;
    return r;
}

static int row_possible(const struct purchase_rows *rows, size_t i)
{
    int64_t amount = rows->amount[i];
    return rows->id_length[i] > 0 && rows->id_length[i] <= CUSTOMER_ID_LIMIT &&
           rows->day[i] >= DAY_LEAST && rows->day[i] <= DAY_GREATEST && amount <= MONEY_ROW_LIMIT &&
           amount >= -MONEY_ROW_LIMIT;
}

/* Rows from..to: their customers' numbers, whom the roster looks for all at once. */
static int name_rows(struct fold *fold, const struct purchase_rows *rows, size_t from, size_t to,
                     const char **id)
{
    uint64_t hash[NAMED];
    const char *at = *id;
    for (size_t i = from; i < to; i++) {
        if (!row_possible(rows, i))
            return FOLD_E_MALFORMED;
        hash[i - from] = hash_customer(at, rows->id_length[i]);
        roster_expect(fold->roster, hash[i - from]);
        at += rows->id_length[i];
    }
    for (size_t i = from; i < to; i++) {
        int r = roster_number_hashed(fold->roster, *id, rows->id_length[i], hash[i - from],
                                     &fold->rows[fold->n_rows + i].customer);
        if (r < 0)
            return r;
        *id += rows->id_length[i];
    }
    return 0;
}

static int rows_append(struct fold *fold, const struct purchase_rows *rows)
{
    const char *id = rows->ids;
    int32_t least = fold->day_least, greatest = fold->day_greatest;
    int32_t last = fold->n_rows ? fold->rows[fold->n_rows - 1].day : INT32_MIN;
    for (size_t from = 0; from < rows->n; from += NAMED) {
        int r = name_rows(fold, rows, from, rows->n - from < NAMED ? rows->n : from + NAMED, &id);
        if (r != 0)
            return r;
    }
    for (size_t i = 0; i < rows->n; i++) {
        struct row *row = &fold->rows[fold->n_rows + i];
        row->day = rows->day[i];
        row->amount = rows->amount[i];
        fold->falls += row->day < last;
        last = row->day;
        least = row->day < least ? row->day : least;
        greatest = row->day > greatest ? row->day : greatest;
    }
    if (fold->has_order)
        memcpy(fold->orders + fold->n_rows, rows->order, rows->n * sizeof *rows->order);
    fold->day_least = least;
    fold->day_greatest = greatest;
    fold->n_rows += rows->n;
    return 0;
}

static int settle(struct fold *fold);

int fold_rows(struct fold *fold, const struct purchase_rows *rows)
{
    if (rows->n == 0)
        return 0;
    if (fold->has_rows && (rows->order != NULL) != fold->has_order)
        return FOLD_E_MALFORMED; /* rows of a ledger all have order keys, or none has */
    fold->has_rows = 1;
    fold->has_order = rows->order != NULL;
    if (fold->n_rows > 0 && fold->n_rows + rows->n > fold->pending) {
        int r = settle(fold);
        if (r != 0)
            return r;
    }
    int r = rows_room(fold, rows->n);
    return r < 0 ? r : rows_append(fold, rows);
}

static int count_room(struct fold *fold, size_t n)
{
    if (n > fold->room_count) {
        int r = grow(&fold->count, n, sizeof *fold->count);
        if (r < 0)
            return r;
        fold->room_count = n;
    }
    if (n > 0)
        memset(fold->count, 0, n * sizeof *fold->count);
    return 0;
}

/* Counts to first places. */
static void places(uint32_t *count, size_t n)
{
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t here = count[i];
        count[i] = at;
        at += here;
    }
}

static void swap_rows(struct fold *fold)
{
    struct row *rows = fold->rows;
    uint64_t *orders = fold->orders;
    fold->rows = fold->sorted;
    fold->sorted = rows;
    fold->orders = fold->sorted_orders;
    fold->sorted_orders = orders;
}

static void row_move(struct fold *fold, size_t from, uint32_t to)
{
    fold->sorted[to] = fold->rows[from];
    if (fold->has_order)
        fold->sorted_orders[to] = fold->orders[from];
}

/* Twice n items, for a sort of n. */
static int items_room(struct fold *fold, size_t n)
{
    int r = n * 2 > fold->room_items ? grow(&fold->items, n * 4, sizeof *fold->items) : 0;
    fold->room_items = r == 0 && n * 2 > fold->room_items ? n * 4 : fold->room_items;
    return r;
}

static int sort_by_day(struct fold *fold)
{
    if (fold->falls <= fold->n_rows / FALLS_RARE)
        return 0;
    size_t range = (size_t)(fold->day_greatest - fold->day_least) + 1;
    int r = count_room(fold, range);
    if (r < 0)
        return r;
    for (size_t i = 0; i < fold->n_rows; i++)
        fold->count[fold->rows[i].day - fold->day_least]++;
    places(fold->count, range);
    for (size_t i = 0; i < fold->n_rows; i++)
        row_move(fold, i, fold->count[fold->rows[i].day - fold->day_least]++);
    swap_rows(fold);
    return 0;
}

/* One order from its place down to another; those between move up. */
static void order_move(uint64_t *orders, size_t from, size_t to)
{
    uint64_t order = orders[from];
    memmove(orders + to + 1, orders + to, (from - to) * sizeof *orders);
    orders[to] = order;
}

/* Rows from..from + n, of one customer, by day; few of them fall, or they are few. */
static int sort_days(struct fold *fold, size_t from, size_t n)
{
    for (size_t i = from + 1; n <= FEW && i < from + n; i++) {
        struct row row = fold->rows[i];
        size_t at = i;
        for (; at > from && fold->rows[at - 1].day > row.day; at--)
            fold->rows[at] = fold->rows[at - 1];
        fold->rows[at] = row;
        if (fold->has_order)
            order_move(fold->orders, i, at);
    }
    if (n <= FEW)
        return 0;
    int r = items_room(fold, n);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++)
        fold->items[i] =
            (struct radix_item){(uint64_t)(fold->rows[from + i].day - fold->day_least), i};
    radix_sort(fold->items, fold->items + n, n);
    for (size_t i = 0; i < n; i++)
        row_move(fold, from + fold->items[i].value, (uint32_t)i);
    memcpy(fold->rows + from, fold->sorted, n * sizeof *fold->rows);
    if (fold->has_order)
        memcpy(fold->orders + from, fold->sorted_orders, n * sizeof *fold->orders);
    return 0;
}

/* What sort_by_day has left undone because days fell rarely: customer by customer, where one's do. */
static int mend_falls(struct fold *fold)
{
    size_t from = 0;
    int fallen = 0, r = 0;
    int rare = fold->falls > 0 && fold->falls <= fold->n_rows / FALLS_RARE;
    for (size_t i = 1; rare && r == 0 && i <= fold->n_rows; i++) {
        if (i < fold->n_rows && fold->rows[i].customer == fold->rows[from].customer) {
            fallen |= fold->rows[i].day < fold->rows[i - 1].day;
            continue;
        }
        r = fallen ? sort_days(fold, from, i - from) : 0;
        from = i;
        fallen = 0;
    }
    return r;
}

/* Rows by the rank of their customer, stable; each row's customer becomes his rank. */
static int sort_by_customer(struct fold *fold, const struct radix_item *ranked)
{
    uint32_t n = roster_size(fold->roster), *rank;
    int r = count_room(fold, (size_t)n * 2);
    if (r < 0 || n == 0)
        return r;
    rank = fold->count + n;
    for (uint32_t i = 0; i < n; i++)
        rank[ranked[i].value] = i;
    for (size_t i = 0; i < fold->n_rows; i++) {
        fold->rows[i].customer = rank[fold->rows[i].customer];
        fold->count[fold->rows[i].customer]++;
    }
    places(fold->count, n);
    for (size_t i = 0; i < fold->n_rows; i++)
        row_move(fold, i, fold->count[fold->rows[i].customer]++);
    swap_rows(fold);
    return 0;
}

/* Rows from..from + n, of one customer and day, by order key. */
static int sort_by_order(struct fold *fold, size_t from, size_t n)
{
    int r = items_room(fold, n);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++)
        fold->items[i] = (struct radix_item){fold->orders[from + i], i};
    radix_sort(fold->items, fold->items + n, n);
    for (size_t i = 0; i < n; i++)
        fold->sorted[i] = fold->rows[from + fold->items[i].value];
    for (size_t i = 0; i < n; i++) {
        fold->rows[from + i] = fold->sorted[i];
        fold->orders[from + i] = fold->items[i].key;
    }
    return 0;
}

static int sort_orders(struct fold *fold)
{
    size_t from = 0;
    for (size_t i = 1; i <= fold->n_rows; i++) {
        if (i < fold->n_rows && fold->rows[i].customer == fold->rows[from].customer &&
            fold->rows[i].day == fold->rows[from].day)
            continue;
        int r = i - from > 1 ? sort_by_order(fold, from, i - from) : 0;
        if (r < 0)
            return r;
        from = i;
    }
    return 0;
}

/* Whether a sum has overflowed. */
static int add_row(struct line_values *values, int64_t amount)
{
    if (amount < 0) {
        values->refunds++;
        return __builtin_add_overflow(values->returned, amount, &values->returned);
    }
    values->purchases++;
    return __builtin_add_overflow(values->bought, amount, &values->bought);
}

/* Rows from..n of one customer, day and order as one line; answers where the next begins. */
static size_t line_of(const struct fold *fold, size_t from, struct histories *out, int *overflow)
{
    const struct row *rows = fold->rows;
    uint64_t order = fold->has_order ? fold->orders[from] : 0;
    struct line_values values = {0, 0, 0, 0};
    size_t i = from;
    for (; i < fold->n_rows && rows[i].customer == rows[from].customer &&
           rows[i].day == rows[from].day && (!fold->has_order || fold->orders[i] == order);
         i++)
        *overflow |= add_row(&values, rows[i].amount);
    histories_line(out, rows[from].day, order, &values);
    return i;
}

static void customers_copy(const struct roster *roster, const struct radix_item *ranked,
                           struct histories *out)
{
    for (uint32_t i = 0; i < roster_size(roster); i++) {
        size_t length;
        const char *id = roster_id(roster, (uint32_t)ranked[i].value, &length);
        memcpy(out->ids + out->id_offset[i], id, length);
        out->id_offset[i + 1] = out->id_offset[i] + (uint32_t)length;
        out->hash[i] = ranked[i].key;
    }
    out->n = roster_size(roster);
}

/* The sorted rows to fold->part. */
static int lines_make(struct fold *fold, const struct radix_item *ranked)
{
    struct histories *out = &fold->part;
    int overflow = 0;
    int r = histories_room(out, roster_size(fold->roster), (uint32_t)fold->n_rows,
                           roster_ids_size(fold->roster));
    if (r < 0)
        return r;
    out->has_order = fold->has_order;
    customers_copy(fold->roster, ranked, out);
    for (size_t i = 0; i < fold->n_rows;) {
        uint32_t customer = fold->rows[i].customer;
        i = line_of(fold, i, out, &overflow);
        if (overflow) {
            fold->culprit = (struct slice){out->ids + out->id_offset[customer],
                                           out->id_offset[customer + 1] - out->id_offset[customer]};
            return FOLD_E_OVERFLOW;
        }
        out->line_first[customer + 1] = out->n_lines;
    }
    return 0;
}

static int merge_before(struct fold *fold)
{
    uint32_t culprit;
    if (!fold->has_before) {
        histories_swap(&fold->part, &fold->before);
        fold->has_before = 1;
        return 0;
    }
    int r = histories_merge(&fold->before, &fold->part, &fold->merged, &culprit);
    if (r == HISTORY_E_OVERFLOW) {
        size_t length;
        const char *id = histories_id(&fold->before, culprit, &length);
        fold->culprit = (struct slice){id, length};
        return FOLD_E_OVERFLOW;
    }
    if (r == 0)
        histories_swap(&fold->before, &fold->merged);
    return r;
}

/* Pending rows to fold->before. */
static int settle(struct fold *fold)
{
    const struct radix_item *ranked;
    int r = roster_ranked(fold->roster, &ranked);
    if (r == 0)
        r = sort_by_day(fold);
    if (r == 0)
        r = sort_by_customer(fold, ranked);
    if (r == 0)
        r = mend_falls(fold);
    if (r == 0 && fold->has_order)
        r = sort_orders(fold);
    if (r == 0)
        r = lines_make(fold, ranked);
    if (r == 0)
        r = merge_before(fold);
    rows_forget(fold);
    return r;
}

int fold_end(struct fold *fold, const struct histories **histories)
{
    int r = settle(fold);
    *histories = &fold->before;
    return r;
}

struct slice fold_culprit(const struct fold *fold)
{
    return fold->culprit;
}
