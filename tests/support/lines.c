/* SPDX-License-Identifier: Apache-2.0 */
#include "support/lines.h"

#include <stdlib.h>

#include "support/assert.h"

/* Room for some lines more, as a shard has behind all but its last customers. */
#define BEHIND 16

static void *room(size_t n, size_t size)
{
    void *memory = calloc(n + BEHIND, size);
    assert_non_null(memory);
    return memory;
}

static struct folded folded_new(size_t n, enum fold_orders orders)
{
    struct folded new = {.day = room(n, sizeof *new.day),
                         .bought = room(n, sizeof *new.bought),
                         .returned = room(n, sizeof *new.returned),
                         .purchases = room(n, sizeof *new.purchases),
                         .refunds = room(n, sizeof *new.refunds),
                         .scratch = room(n, sizeof *new.scratch)};
    if (orders == FOLD_BY_ORDER)
        new.order = room(n, sizeof *new.order);
    struct lines lines = {0,           new.day,   new.bought, new.returned, new.purchases,
                          new.refunds, new.order, n + BEHIND};
    new.lines = lines;
    return new;
}

void folded_free(struct folded *folded)
{
    free(folded->day);
    free(folded->bought);
    free(folded->returned);
    free(folded->purchases);
    free(folded->refunds);
    free(folded->order);
    free(folded->scratch);
}

/* A line of its own, or added to the last one. Lines come in order. */
static void append(struct folded *to, const struct folded *from, size_t i)
{
    size_t n = to->lines.n;
    if (n == 0 || to->day[n - 1] != from->day[i] ||
        (to->order && to->order[n - 1] != from->order[i])) {
        to->lines.n++;
        to->day[n] = from->day[i];
        if (to->order)
            to->order[n] = from->order[i];
    } else {
        n--;
    }
    to->bought[n] += from->bought[i];
    to->returned[n] += from->returned[i];
    to->purchases[n] += from->purchases[i];
    to->refunds[n] += from->refunds[i];
}

static int earlier(const struct folded *a, size_t i, const struct folded *b, size_t j)
{
    if (a->day[i] != b->day[j])
        return a->day[i] < b->day[j];
    return a->order && a->order[i] < b->order[j];
}

struct folded folded_merge(const struct folded *a, const struct folded *b)
{
    struct folded both =
        folded_new(a->lines.n + b->lines.n, a->order ? FOLD_BY_ORDER : FOLD_WITHOUT_ORDERS);
    size_t i = 0, j = 0;
    while (i < a->lines.n || j < b->lines.n)
        if (j == b->lines.n || (i < a->lines.n && !earlier(b, j, a, i)))
            append(&both, a, i++);
        else
            append(&both, b, j++);
    return both;
}

static int by_day_and_order(const void *left, const void *right)
{
    const struct ledger_row *a = left, *b = right;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

struct folded folded_of(const struct ledger_row *rows, size_t n, enum fold_orders orders)
{
    struct ledger_row *sorted = room(n, sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = rows[i];
    qsort(sorted, n, sizeof *sorted, by_day_and_order);
    struct folded all = folded_new(n, orders), one = folded_new(1, orders);
    for (size_t i = 0; i < n; i++) {
        int bought = sorted[i].amount >= 0;
        one.day[0] = sorted[i].day;
        one.bought[0] = bought ? sorted[i].amount : 0;
        one.returned[0] = bought ? 0 : sorted[i].amount;
        one.purchases[0] = (uint32_t)bought;
        one.refunds[0] = (uint32_t)!bought;
        if (one.order)
            one.order[0] = sorted[i].order;
        append(&all, &one, 0);
    }
    folded_free(&one);
    free(sorted);
    return all;
}
