/* SPDX-License-Identifier: Apache-2.0 */
/* One walk over a customer's lines, which are sorted by day, so that everything after as_of is a
 * tail and a new purchase day is a day unlike the last. Orders need a walk by order first: an
 * order's rows may stand on any days, and what it nets to decides whether it was a purchase; the
 * orders are then sorted by day and walked between the lines that belong to none. Overflow is
 * judged first, over all bought and all returned rows apart: where both fit, so does every
 * difference of parts of them, and the walk need not look. */
#include "score/history.h"

#include "score/day.h"
#include "score/history_plain.h"
#include "score/money.h"
#include "score/summary.h"

#define FEW 12 /* sorted by insertion */

/* What happened on one day: a line, or an order. */
struct visit {
    int32_t day;
    uint32_t orders; /* purchases; 0: refunds only */
    int64_t bought;
    int64_t returned;
};

/* Running sums over visits in rising order of days. */
struct sums {
    int64_t gross;
    int64_t net;
    uint32_t orders;
    uint32_t days; /* with a purchase */
};

/* What counts "in the last n days" is all sums less what they were when the first visit after a
 * day came: the gate of that day opens then, and remembers. */
struct gate {
    int64_t after; /* 64 bits, because as_of - PLAN_DAYS_ALL is no int32_t */
    int open;
    struct sums before;
};

enum { GATE_YEAR, GATE_WINDOW, GATE_RFM, GATES };

struct walk {
    struct sums sums;
    int32_t first_day;
    int32_t last_day;
    int64_t first_spend; /* gross when the second purchase day began */
    int64_t next;        /* no gate opens up to this day */
    int32_t *gaps;       /* between purchase days; NULL: not wanted */
    struct gate gate[GATES];
};

static int64_t wrapping(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t wrapping_less(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* What a gate remembers is set when it opens, which all do in the end: to clear it for each customer
 * costs as much as a short walk. */
static void walk_begin(struct walk *walk, const struct plan *plan, int32_t *gaps)
{
    int64_t as_of = plan->as_of;
    walk->sums = (struct sums){0};
    walk->first_day = walk->last_day = DAY_NONE;
    walk->first_spend = 0;
    walk->next = INT64_MIN;
    walk->gaps = gaps;
    for (int i = 0; i < GATES; i++)
        walk->gate[i].open = 0;
    walk->gate[GATE_YEAR].after = as_of - 365;
    walk->gate[GATE_WINDOW].after = as_of - plan->wallet_window_days;
    walk->gate[GATE_RFM].after = as_of - plan->rfm_window_days;
}

static void walk_gates(struct walk *walk, int64_t day)
{
    walk->next = INT64_MAX;
    for (int i = 0; i < GATES; i++) {
        struct gate *gate = &walk->gate[i];
        if (gate->open)
            continue;
        gate->open = day > gate->after;
        if (gate->open)
            gate->before = walk->sums;
        else if (gate->after < walk->next)
            walk->next = gate->after;
    }
}

static void walk_day(struct walk *walk, int32_t day)
{
    if (walk->sums.days == 0)
        walk->first_day = day;
    if (walk->sums.days == 1)
        walk->first_spend = walk->sums.gross;
    if (walk->gaps && walk->sums.days > 0)
        walk->gaps[walk->sums.days - 1] = day - walk->last_day;
    walk->sums.days++;
    walk->last_day = day;
}

/* Visits come in rising order of days. */
static inline void walk_visit(struct walk *walk, struct visit visit)
{
    if (visit.day > walk->next)
        walk_gates(walk, visit.day);
    if (visit.orders != 0 && visit.day != walk->last_day)
        walk_day(walk, visit.day);
    walk->sums.gross = wrapping(walk->sums.gross, visit.bought);
    walk->sums.net = wrapping(walk->sums.net, wrapping(visit.bought, visit.returned));
    walk->sums.orders += visit.orders;
}

static int64_t net_since(const struct walk *walk, int gate)
{
    return wrapping_less(walk->sums.net, walk->gate[gate].before.net);
}

static struct features walk_end(struct walk *walk, const struct plan *plan)
{
    walk_gates(walk, INT64_MAX);
    const struct sums *sums = &walk->sums, *before = &walk->gate[GATE_RFM].before;
    struct features seen = {.first_day = walk->first_day,
                            .last_day = walk->last_day,
                            .purchase_days = sums->days,
                            .orders = sums->orders,
                            .monetary_total = sums->net,
                            .gross = sums->gross,
                            .spend_365d = net_since(walk, GATE_YEAR),
                            .spend_window = net_since(walk, GATE_WINDOW),
                            .rfm_monetary = net_since(walk, GATE_RFM)};
    seen.rfm_frequency = plan->rfm_frequency == RFM_ORDERS ? sums->orders - before->orders
                                                           : sums->days - before->days;
    if (sums->days > 1)
        seen.repeat_spend = wrapping_less(sums->gross, walk->first_spend);
    return seen;
}

/* Sums of rows and money over some lines. */
struct books {
    int64_t purchase_rows;
    int64_t refund_rows;
    int64_t bought;
    int64_t returned;
    int overflow;
};

static struct books books_of(const struct lines *lines, size_t from, size_t to)
{
    struct books books = {0};
    for (size_t i = from; i < to; i++) {
        books.purchase_rows += lines->purchases[i];
        books.overflow |= __builtin_add_overflow(books.bought, lines->bought[i], &books.bought);
    }
    for (size_t i = from; lines->refunds && i < to; i++)
        books.refund_rows += lines->refunds[i];
    for (size_t i = from; lines->returned && i < to; i++)
        books.overflow |=
            __builtin_add_overflow(books.returned, lines->returned[i], &books.returned);
    return books;
}

static struct visit visit_of_line(const struct lines *lines, size_t i)
{
    struct visit visit = {lines->day[i], lines->purchases[i], lines->bought[i],
                          lines->returned ? lines->returned[i] : 0};
    return visit;
}

static int by_order(const struct order_line *a, const struct order_line *b)
{
    return a->order < b->order || (a->order == b->order && a->day < b->day);
}

static int by_day(const struct order_line *a, const struct order_line *b)
{
    return a->day < b->day;
}

static void sift(struct order_line *heap, size_t n, size_t at,
                 int (*first)(const struct order_line *, const struct order_line *))
{
    struct order_line sinking = heap[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && first(&heap[child], &heap[child + 1]))
            child++;
        if (!first(&sinking, &heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = sinking;
}

static void sort(struct order_line *orders, size_t n,
                 int (*first)(const struct order_line *, const struct order_line *))
{
    for (size_t i = n / 2; n > FEW && i-- > 0;)
        sift(orders, n, i, first);
    for (; n > FEW; sift(orders, n, 0, first)) {
        struct order_line last = orders[0];
        orders[0] = orders[--n];
        orders[n] = last;
    }
    for (size_t i = 1; i < n; i++) {
        struct order_line line = orders[i];
        size_t j = i;
        for (; j > 0 && first(&line, &orders[j - 1]); j--)
            orders[j] = orders[j - 1];
        orders[j] = line;
    }
}

static size_t collect(const struct lines *lines, size_t n, struct order_line *orders)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        if (lines->order[i] == 0)
            continue;
        struct visit visit = visit_of_line(lines, i);
        uint32_t negative = lines->refunds ? lines->refunds[i] : 0;
        struct order_line line = {.order = lines->order[i],
                                  .net = wrapping(visit.bought, visit.returned),
                                  .returned = visit.returned,
                                  .day = visit.day,
                                  .rows = lines->purchases[i] + negative,
                                  .negative_rows = negative};
        orders[found++] = line;
    }
    return found;
}

/* Lines of the same order become one, on the earliest day. */
static size_t join(struct order_line *orders, size_t n)
{
    size_t joined = 0;
    for (size_t i = 0; i < n; i++) {
        if (joined > 0 && orders[joined - 1].order == orders[i].order) {
            struct order_line *last = &orders[joined - 1];
            last->net = wrapping(last->net, orders[i].net);
            last->returned = wrapping(last->returned, orders[i].returned);
            last->rows += orders[i].rows;
            last->negative_rows += orders[i].negative_rows;
        } else {
            orders[joined++] = orders[i];
        }
    }
    return joined;
}

static int cancelled(const struct order_line *order)
{
    return order->negative_rows > 0 && order->net <= 0;
}

static struct visit visit_of_order(const struct order_line *order)
{
    int bought = !cancelled(order);
    struct visit visit = {order->day, (uint32_t)bought, bought ? order->net : 0,
                          bought ? 0 : order->net};
    return visit;
}

/* Lines without an order and orders, both by day, in one row of days. */
static void walk_orders(const struct lines *lines, size_t n, const struct order_line *orders,
                        size_t n_orders, struct walk *walk)
{
    size_t next = 0;
    for (size_t i = 0; i < n; i++) {
        if (lines->order[i] != 0)
            continue;
        for (; next < n_orders && orders[next].day <= lines->day[i]; next++)
            walk_visit(walk, visit_of_order(&orders[next]));
        walk_visit(walk, visit_of_line(lines, i));
    }
    for (; next < n_orders; next++)
        walk_visit(walk, visit_of_order(&orders[next]));
}

/* Moves the rows of cancelled orders from one side of the books to the other. */
static struct tally tally_cancelled(const struct order_line *orders, size_t n, struct books *books)
{
    struct tally tally = {0};
    for (size_t i = 0; i < n; i++) {
        if (!cancelled(&orders[i]))
            continue;
        tally.rows += orders[i].rows;
        tally.amount = wrapping(tally.amount, orders[i].net);
        books->purchase_rows -= orders[i].rows - orders[i].negative_rows;
        books->refund_rows -= orders[i].negative_rows;
        books->bought = wrapping(books->bought, orders[i].returned - orders[i].net);
        books->returned -= orders[i].returned;
    }
    return tally;
}

static int tally_add(struct tally *tally, int64_t rows, int64_t amount)
{
    tally->rows += rows;
    return money_add(&tally->amount, amount);
}

static int settle(const struct books *upto, const struct books *after, struct tally cancelled_rows,
                  struct tallies *tallies)
{
    struct tallies sum = *tallies;
    if (tally_add(&sum.purchases, upto->purchase_rows, upto->bought) ||
        tally_add(&sum.refunds, upto->refund_rows, upto->returned) ||
        tally_add(&sum.cancelled, cancelled_rows.rows, cancelled_rows.amount) ||
        tally_add(&sum.after_as_of, after->purchase_rows + after->refund_rows,
                  after->bought + after->returned))
        return HISTORY_E_OVERFLOW;
    *tallies = sum;
    return 0;
}

static size_t lines_up_to(const struct lines *lines, int32_t as_of)
{
    size_t n = lines->n;
    while (n > 0 && lines->day[n - 1] > as_of)
        n--;
    return n;
}

/* Orders, netted and by day, into room for lines->n; returns how many. */
static size_t orders_of(const struct lines *lines, size_t n, struct order_line *orders)
{
    size_t n_orders = collect(lines, n, orders);
    sort(orders, n_orders, by_order);
    n_orders = join(orders, n_orders);
    sort(orders, n_orders, by_day);
    return n_orders;
}

int history_features_gaps(const struct lines *lines, const struct plan *plan,
                          const struct history_room *room, struct features *out,
                          struct tallies *tallies)
{
    if (plan->summary)
        return summary_features(lines, plan, out, tallies);
    if (history_plain(lines, plan, room->gaps, out, &tallies->purchases))
        return 0;
    struct walk walk;
    walk_begin(&walk, plan, room->gaps);
    struct tally cancelled_rows = {0};
    size_t n = lines_up_to(lines, plan->as_of);
    struct books upto = books_of(lines, 0, n), after = books_of(lines, n, lines->n);
    if (upto.overflow || after.overflow)
        return HISTORY_E_OVERFLOW;
    if (lines->order) {
        size_t n_orders = orders_of(lines, n, room->orders);
        walk_orders(lines, n, room->orders, n_orders, &walk);
        cancelled_rows = tally_cancelled(room->orders, n_orders, &upto);
    } else {
        for (size_t i = 0; i < n; i++)
            walk_visit(&walk, visit_of_line(lines, i));
    }
    *out = walk_end(&walk, plan);
    out->seen = n > 0;
    return settle(&upto, &after, cancelled_rows, tallies);
}

int history_features(const struct lines *lines, const struct plan *plan, struct order_line *scratch,
                     struct features *out, struct tallies *tallies)
{
    const struct history_room room = {.orders = scratch};
    return history_features_gaps(lines, plan, &room, out, tallies);
}

size_t history_gaps(const struct lines *lines, const struct plan *plan, struct order_line *scratch,
                    int32_t *gaps)
{
    struct walk walk;
    size_t n = plan->summary ? 0 : lines_up_to(lines, plan->as_of);
    walk_begin(&walk, plan, gaps);
    if (lines->order)
        walk_orders(lines, n, scratch, orders_of(lines, n, scratch), &walk);
    else
        for (size_t i = 0; i < n; i++)
            walk_visit(&walk, visit_of_line(lines, i));
    return walk.sums.days > 0 ? walk.sums.days - 1 : 0;
}

int32_t features_recency_days(const struct features *seen, int32_t as_of)
{
    return as_of - seen->last_day;
}
