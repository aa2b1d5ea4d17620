/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_LINES_H
#define SUPPORT_LINES_H

#include "score/history.h"

/* One customer's rows, and the lines they make by the plainest way there is: sort, then add
 * neighbours of the same (day, order). */

struct ledger_row {
    int32_t day;
    int64_t amount; /* money */
    uint64_t order; /* 0: an order of its own */
};

struct folded {
    struct lines lines; /* the columns below */
    int32_t *day;
    int64_t *bought;
    int64_t *returned;
    uint32_t *purchases;
    uint32_t *refunds;
    uint64_t *order;
    struct order_line *scratch; /* lines.n entries */
};

enum fold_orders { FOLD_WITHOUT_ORDERS, FOLD_BY_ORDER };

/* The lines of n rows, which stay as they are. A test's memory: failure aborts. */
struct folded folded_of(const struct ledger_row *rows, size_t n, enum fold_orders orders);
/* The lines of both, made from lines alone. */
struct folded folded_merge(const struct folded *a, const struct folded *b);
void folded_free(struct folded *folded);

#endif
