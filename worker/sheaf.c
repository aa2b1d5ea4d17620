/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are counted as they come, and one counting pass at the end puts each customer's side by side, in the
 * order in which customers leave, where a few rows at a time are added up to lines. A row is one word, day
 * above amount, so that a shard's rows and their sorted copy fit the L2 cache together. Nearly all ledgers
 * come in the order of their days, and threads that read one in turns leave chunks that each are in order, and
 * overlap: so rows go in runs of one day, some dozens long, and it is the runs that are sorted. Where they are
 * too short for that, each customer's rows are sorted by themselves, which takes branches nobody foresees.
 *
 * A word has the day since DAY_LEAST in its upper 22 bits and below them the amount, 0 of it in the
 * middle of 41 bits: some 110 million units of money. What is more stands aside, and its place there in
 * the word, marked. */
#include "worker/sheaf.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "score/money.h"

#define DAY_LEAST    (-719162) /* 0001-01-01 */
#define DAY_GREATEST 2932896   /* 9999-12-31 */

#define MOVES     16 /* a row: more are dearer than sorting a few bytes of days */
#define RUN_LEAST 4  /* rows: with less in the mean, runs are not worth to be sorted */

#define DAY_SHIFT   42
#define ASIDE       (UINT64_C(1) << 41)
#define ZERO_SHIFT  40
#define AMOUNT_ZERO (INT64_C(1) << ZERO_SHIFT)
#define AMOUNT_MASK (ASIDE - 1)

void sheaf_free(struct sheaf *sheaf)
{
    free(sheaf->customer);
    free(sheaf->rows);
    free(sheaf->sorted);
    free(sheaf->orders);
    free(sheaf->sorted_orders);
    free(sheaf->aside);
    free(sheaf->runs);
    free(sheaf->tally);
    free(sheaf->end);
    free(sheaf->items);
    *sheaf = (struct sheaf){0};
}

void sheaf_forget(struct sheaf *sheaf)
{
    sheaf->n = 0;
    sheaf->n_aside = 0;
    sheaf->n_runs = 0;
    sheaf->by_day = 1;
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

static int orders_room(struct sheaf *sheaf)
{
    int r = grow(&sheaf->orders, sheaf->room, sizeof *sheaf->orders);
    if (r == 0)
        r = grow(&sheaf->sorted_orders, sheaf->room, sizeof *sheaf->sorted_orders);
    if (r == 0)
        sheaf->room_orders = sheaf->room;
    return r;
}

int sheaf_room(struct sheaf *sheaf, size_t more)
{
    size_t want = sheaf->n + more, room = sheaf->room ? sheaf->room : 65536;
    int r = 0;
    while (room < want)
        room *= 2;
    if (room != sheaf->room) {
        r = grow(&sheaf->customer, room, sizeof *sheaf->customer);
        if (r == 0)
            r = grow(&sheaf->rows, room, sizeof *sheaf->rows);
        if (r == 0)
            r = grow(&sheaf->sorted, room, sizeof *sheaf->sorted);
        if (r == 0)
            sheaf->room = room;
    }
    return r == 0 && sheaf->has_order && sheaf->room_orders != room ? orders_room(sheaf) : r;
}

/* Marks the customers of those amounts of rows to be appended that are below 0 or do not fit their words,
 * and puts the latter aside. */
static int put_odd(struct sheaf *sheaf, const struct purchase_rows *rows)
{
    const uint32_t *customer = sheaf->customer + sheaf->n;
    uint64_t *word = sheaf->rows + sheaf->n;
    if (sheaf->n_aside + rows->n > sheaf->room_aside) {
        size_t room = (sheaf->n_aside + rows->n) * 2;
        int r = grow(&sheaf->aside, room, sizeof *sheaf->aside);
        if (r < 0)
            return r;
        sheaf->room_aside = room;
    }
    for (size_t i = 0; i < rows->n; i++) {
        if ((uint64_t)rows->amount[i] < AMOUNT_ZERO)
            continue;
        sheaf->tally[customer[i]] |= SHEAF_ODD;
        if ((uint64_t)rows->amount[i] + AMOUNT_ZERO <= AMOUNT_MASK)
            continue;
        if ((uint64_t)rows->amount[i] + MONEY_ROW_LIMIT > 2 * (uint64_t)MONEY_ROW_LIMIT)
            return SHEAF_E_IMPOSSIBLE;
        word[i] = (word[i] & ~AMOUNT_MASK) | ASIDE | sheaf->n_aside;
        sheaf->aside[sheaf->n_aside++] = rows->amount[i];
    }
    return 0;
}

static int runs_room(struct sheaf *sheaf, size_t n)
{
    int r = n > sheaf->room_runs ? grow(&sheaf->runs, n * 2, sizeof *sheaf->runs) : 0;
    sheaf->room_runs = r == 0 && n > sheaf->room_runs ? n * 2 : sheaf->room_runs;
    return r;
}

/* Where days change in rows to be appended, unless it is too often. No branch: when a day ends is not foreseen. */
static int runs_add(struct sheaf *sheaf, const struct purchase_rows *rows)
{
    size_t n = sheaf->n_runs, most = (sheaf->n + rows->n) / RUN_LEAST + 1;
    int r = sheaf->by_day ? runs_room(sheaf, most * 2 + rows->n) : 0;
    if (r < 0)
        return r;
    for (size_t i = 0; sheaf->by_day && i < rows->n; i++) {
        uint32_t day = (uint32_t)rows->day[i] - (uint32_t)DAY_LEAST;
        sheaf->runs[n] = (struct radix_item){day, sheaf->n + i};
        n += i == 0 || rows->day[i] != rows->day[i - 1];
    }
    sheaf->by_day &= n <= most;
    sheaf->n_runs = n;
    return 0;
}

/* Room to count the rows of so many customers, and zeros for those who are new. */
static int tally_room(struct sheaf *sheaf, uint32_t known, uint32_t customers)
{
    if (customers > sheaf->room_tally) {
        size_t room = (size_t)customers * 2;
        int r = grow(&sheaf->tally, room, sizeof *sheaf->tally);
        if (r == 0)
            r = grow(&sheaf->end, room, sizeof *sheaf->end);
        if (r < 0)
            return r;
        sheaf->room_tally = room;
    }
    memset(sheaf->tally + known, 0, (customers - known) * sizeof *sheaf->tally);
    return 0;
}

static int lengths_possible(const struct purchase_rows *rows)
{
    int beyond = 0;
    for (size_t i = 0; i < rows->n; i++)
        beyond |= (uint16_t)(rows->id_length[i] - 1) >= CUSTOMER_ID_LIMIT;
    return !beyond;
}

/* Words of rows to be appended; *any has all bits of their amounts. Answers whether a day is impossible. */
static int words_make(const struct purchase_rows *rows, uint64_t *restrict word, uint64_t *any)
{
    uint64_t bits = 0;
    int impossible = 0;
    for (size_t i = 0; i < rows->n; i++) {
        uint32_t day = (uint32_t)rows->day[i] - (uint32_t)DAY_LEAST;
        uint64_t amount = (uint64_t)rows->amount[i];
        word[i] = (uint64_t)day << DAY_SHIFT | ((amount + AMOUNT_ZERO) & AMOUNT_MASK);
        bits |= amount;
        impossible |= day > DAY_GREATEST - DAY_LEAST;
    }
    *any = bits;
    return impossible;
}

int sheaf_add(struct sheaf *sheaf, const struct purchase_rows *rows, uint32_t known,
              uint32_t customers)
{
    const uint32_t *customer = sheaf->customer + sheaf->n;
    uint64_t any;
    int r = tally_room(sheaf, known, customers);
    if (r == 0)
        r = runs_add(sheaf, rows);
    if (r < 0)
        return r;
    if (words_make(rows, sheaf->rows + sheaf->n, &any) || !lengths_possible(rows))
        return SHEAF_E_IMPOSSIBLE;
    for (size_t i = 0; i < rows->n; i++)
        sheaf->tally[customer[i]]++;
    if (any >= AMOUNT_ZERO)
        r = put_odd(sheaf, rows);
    if (sheaf->has_order)
        memcpy(sheaf->orders + sheaf->n, rows->order, rows->n * sizeof *rows->order);
    sheaf->n += rows->n;
    return r;
}

/* Where each one's rows begin, in the order of ranks; each that is put there moves it on, to where they end. */
static void places(struct sheaf *sheaf, const struct radix_item *ranked, uint32_t n)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        sheaf->end[ranked[i].value] = at;
        at += sheaf->tally[ranked[i].value] & (SHEAF_ROWS_LIMIT - 1);
    }
}

/* Puts each of the rows from..to behind its customer's before. */
static void scatter(struct sheaf *sheaf, size_t from, size_t to)
{
    const uint32_t *customer = sheaf->customer;
    const uint64_t *row = sheaf->rows, *order = sheaf->orders;
    uint64_t *sorted = sheaf->sorted, *sorted_orders = sheaf->sorted_orders;
    uint32_t *place = sheaf->end;
    for (size_t i = from; !sheaf->has_order && i < to; i++)
        sorted[place[customer[i]]++] = row[i];
    for (size_t i = from; sheaf->has_order && i < to; i++) {
        uint32_t home = place[customer[i]]++;
        sorted[home] = row[i];
        sorted_orders[home] = order[i];
    }
}

/* By runs in the order of their days. An item's value is where its run begins, and then with that above it
 * where it ends. */
static void scatter_runs(struct sheaf *sheaf)
{
    struct radix_item *run = sheaf->runs;
    size_t n = sheaf->n_runs;
    for (size_t i = 0; i < n; i++)
        run[i].value = run[i].value << 32 | (i + 1 < n ? run[i + 1].value : sheaf->n);
    radix_sort(run, run + n, n);
    for (size_t i = 0; i < n; i++)
        scatter(sheaf, run[i].value >> 32, (uint32_t)run[i].value);
}

void sheaf_sort(struct sheaf *sheaf, const struct radix_item *ranked, uint32_t n)
{
    places(sheaf, ranked, n);
    if (sheaf->n == 0) /* there may be no arrays yet */
        return;
    if (sheaf->by_day)
        scatter_runs(sheaf);
    else
        scatter(sheaf, 0, sheaf->n);
}

static inline uint64_t day_of(uint64_t word)
{
    return word >> DAY_SHIFT;
}

static inline int64_t amount_of(const struct sheaf *sheaf, uint64_t word)
{
    return word & ASIDE ? sheaf->aside[word & AMOUNT_MASK]
                        : (int64_t)(word & AMOUNT_MASK) - AMOUNT_ZERO;
}

/* By insertion: those that fall are few, where threads took turns at a ledger in the order of its days.
 * Answers whether that was cheap; if not, they are as sorted as they were, or more. */
static int insertion(struct sheaf *sheaf, size_t from, size_t to)
{
    uint64_t *word = sheaf->sorted, *order = sheaf->sorted_orders;
    size_t moves = 0, limit = (to - from) * MOVES;
    for (size_t i = from + 1; i < to && moves <= limit; i++) {
        uint64_t moved = word[i];
        size_t at = i;
        for (; at > from && day_of(word[at - 1]) > day_of(moved); at--)
            word[at] = word[at - 1];
        word[at] = moved;
        moves += i - at;
        if (!sheaf->has_order || at == i)
            continue;
        moved = order[i];
        memmove(order + at + 1, order + at, (i - at) * sizeof *order);
        order[at] = moved;
    }
    return moves <= limit;
}

/* Rows and orders by a byte of their words, stable. */
struct columns {
    uint64_t *rows, *orders;
};

static void by_byte(struct columns from, struct columns to, size_t n, int shift, int has_order)
{
    size_t place[256] = {0}, at = 0;
    for (size_t i = 0; i < n; i++)
        place[from.rows[i] >> shift & 255]++;
    for (size_t b = 0; b < 256; b++) {
        size_t here = place[b];
        place[b] = at;
        at += here;
    }
    for (size_t i = 0; i < n; i++) {
        size_t home = place[from.rows[i] >> shift & 255]++;
        to.rows[home] = from.rows[i];
        if (has_order)
            to.orders[home] = from.orders[i];
    }
}

/* To and fro with the columns that rows came in, which are needed no more. */
static void by_bytes(struct sheaf *sheaf, size_t from, size_t to)
{
    size_t n = to - from, orders = sheaf->has_order ? from : 0;
    struct columns here = {sheaf->sorted + from, sheaf->sorted_orders},
                   there = {sheaf->rows, sheaf->orders};
    uint64_t *home = here.rows, *home_orders = here.orders = here.orders + orders, differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= home[i] ^ home[0];
    for (int shift = DAY_SHIFT; shift < 64; shift += 8) {
        struct columns swap = here;
        if ((differ >> shift & 255) == 0)
            continue;
        by_byte(here, there, n, shift, sheaf->has_order);
        here = there;
        there = swap;
    }
    if (here.rows == home)
        return;
    memcpy(home, here.rows, n * sizeof *home);
    if (sheaf->has_order)
        memcpy(home_orders, here.orders, n * sizeof *home_orders);
}

/* Twice n items, for a sort of n. */
static int items_room(struct sheaf *sheaf, size_t n)
{
    int r = n * 2 > sheaf->room_items ? grow(&sheaf->items, n * 4, sizeof *sheaf->items) : 0;
    sheaf->room_items = r == 0 && n * 2 > sheaf->room_items ? n * 4 : sheaf->room_items;
    return r;
}

/* The sorted rows from..to, of one customer and day, by order key. */
static int sort_by_order(struct sheaf *sheaf, size_t from, size_t to)
{
    size_t n = to - from;
    int r = items_room(sheaf, n);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++)
        sheaf->items[i] =
            (struct radix_item){sheaf->sorted_orders[from + i], sheaf->sorted[from + i]};
    radix_sort(sheaf->items, sheaf->items + n, n);
    for (size_t i = 0; i < n; i++) {
        sheaf->sorted_orders[from + i] = sheaf->items[i].key;
        sheaf->sorted[from + i] = sheaf->items[i].value;
    }
    return 0;
}

static int sort_orders(struct sheaf *sheaf, size_t from, size_t to)
{
    const uint64_t *word = sheaf->sorted;
    for (size_t i = from + 1; i <= to; i++) {
        if (i < to && day_of(word[i]) == day_of(word[from]))
            continue;
        int r = i - from > 1 ? sort_by_order(sheaf, from, i) : 0;
        if (r < 0)
            return r;
        from = i;
    }
    return 0;
}

/* Whether a sum has overflowed. */
static inline int add_row(struct line_values *values, int64_t amount)
{
    if (amount < 0) {
        values->refunds++;
        return __builtin_add_overflow(values->returned, amount, &values->returned);
    }
    values->purchases++;
    return __builtin_add_overflow(values->bought, amount, &values->bought);
}

/* Of the sorted rows from..to of one customer those of the first day and order as one line; answers where
 * the next begins. */
static inline size_t line_of(const struct sheaf *sheaf, size_t from, size_t to,
                             struct histories *out, int *overflow)
{
    const uint64_t *word = sheaf->sorted;
    uint64_t day = day_of(word[from]), order = sheaf->has_order ? sheaf->sorted_orders[from] : 0;
    struct line_values values = {0, 0, 0, 0};
    size_t i = from;
    do
        *overflow |= add_row(&values, amount_of(sheaf, word[i++]));
    while (i < to && day_of(word[i]) == day &&
           (!sheaf->has_order || sheaf->sorted_orders[i] == order));
    histories_line(out, (int32_t)day + DAY_LEAST, order, &values);
    return i;
}

/* The same of rows that have no orders, and amounts in their words, none below 0: they cannot
 * overflow, as SHEAF_ROWS_LIMIT of the largest do not, and need no branch. */
static void plain_lines(const struct sheaf *sheaf, size_t from, size_t to, struct histories *out)
{
    const uint64_t *word = sheaf->sorted;
    uint32_t at = out->n_lines, *restrict purchases = out->purchases, rows = 0;
    int32_t *restrict days = out->day;
    int64_t *restrict bought = out->bought, sum = 0;
    uint64_t day = day_of(word[from]);
    for (size_t i = from; i < to; i++) {
        uint64_t today = day_of(word[i]);
        int64_t before = today == day ? sum : 0;
        at += today != day;
        rows = today == day ? rows + 1 : 1;
        sum = before + (int64_t)(word[i] & AMOUNT_MASK) - AMOUNT_ZERO;
        day = today;
        days[at] = (int32_t)today + DAY_LEAST;
        bought[at] = sum;
        purchases[at] = rows;
    }
    for (uint32_t line = out->n_lines; out->has_refunds && line <= at; line++) {
        out->returned[line] = 0;
        out->refunds[line] = 0;
    }
    out->n_lines = at + 1;
}

int sheaf_lines(struct sheaf *sheaf, uint32_t number, size_t from, struct histories *out,
                size_t *end)
{
    size_t to = *end = sheaf->end[number];
    int overflow = 0;
    if (!sheaf->by_day && !insertion(sheaf, from, to))
        by_bytes(sheaf, from, to);
    if (!sheaf->has_order && !(sheaf->tally[number] & SHEAF_ODD)) {
        plain_lines(sheaf, from, to, out);
        return 0;
    }
    int r = sheaf->has_order ? sort_orders(sheaf, from, to) : 0;
    while (r == 0 && from < to)
        from = line_of(sheaf, from, to, out, &overflow);
    return overflow ? HISTORY_E_OVERFLOW : r;
}
