/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_SHEAF_H
#define WORKER_SHEAF_H

#include "common/radix.h"
#include "common/status.h"
#include "score/purchase.h"
#include "worker/histories.h"

/* Rows of one shard that wait to be made lines, each with the number of its customer. Used by fold.c
 * alone. Begins as zeros; arrays grow and are kept for the next shard. */

#define SHEAF_ROWS_LIMIT (UINT32_C(1) << 23)
#define SHEAF_ODD        (UINT32_C(1) << 30) /* an amount is below 0, or too large for its word */

struct sheaf {
    uint32_t *customer;               /* of each row, his number */
    uint64_t *rows, *sorted;          /* words, drawn in sheaf.c */
    uint64_t *orders, *sorted_orders; /* side by side with those; used where has_order */
    int has_order;
    size_t n, room, room_orders;
    int64_t *aside; /* amounts that do not fit a word */
    size_t n_aside, room_aside;
    struct radix_item *runs; /* of rows of one day: the day, where they begin; twice as much room */
    size_t n_runs, room_runs;
    int by_day;      /* runs are kept, so that each one's days will rise */
    uint32_t *tally; /* by number: rows, below SHEAF_ROWS_LIMIT, and above it SHEAF_ODD */
    uint32_t *end;   /* likewise: of his rows, once they are sorted */
    size_t room_tally;
    struct radix_item *items; /* for the orders of a busy day */
    size_t room_items;
};

void sheaf_free(struct sheaf *sheaf);
void sheaf_forget(struct sheaf *sheaf);

/* Room for so many rows more than there are; has_order is set before. */
int sheaf_room(struct sheaf *sheaf, size_t more) MUST_USE;

/* Appends rows for which there is room, and whose customers stand in sheaf->customer already, from n
 * on; customers are now as many, of whom `known` were there before. SHEAF_E_IMPOSSIBLE: an id, a day or an
 * amount that no ventilator sends; then nothing can be done but to forget all. */
enum { SHEAF_E_IMPOSSIBLE = 1 };
int sheaf_add(struct sheaf *sheaf, const struct purchase_rows *rows, uint32_t known,
              uint32_t customers) MUST_USE;

/* Puts the rows of each customer side by side, customers in this order, n of them. */
void sheaf_sort(struct sheaf *sheaf, const struct radix_item *ranked, uint32_t n);

/* Then: the rows from `from` on of the customer with this number as lines of out; *end is where the next
 * one's begin. HISTORY_E_OVERFLOW: a sum does not fit. */
int sheaf_lines(struct sheaf *sheaf, uint32_t number, size_t from, struct histories *out,
                size_t *end) MUST_USE;

#endif
