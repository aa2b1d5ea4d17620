/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_HISTORY_H
#define SCORE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "score/plan.h"

/* What is kept of one customer's rows: lines, at most one for each day (each day of each order
 * where orders are mapped), sorted by (day, order). A row with amount >= 0 adds to bought and
 * purchases, one below 0 to returned and refunds, so lines of disjoint rows merge by adding, in
 * any order, to the same bytes. Nothing here knows an as-of date. Columns are borrowed. */
struct lines {
    size_t n;
    const int32_t *day;
    const int64_t *bought;     /* money, >= 0 */
    const int64_t *returned;   /* money, <= 0; NULL: all 0 */
    const uint32_t *purchases; /* rows */
    const uint32_t *refunds;   /* rows; NULL: all 0 */
    const uint64_t *order;     /* NULL: orders are not mapped */
    size_t readable; /* lines in the columns from here on, others' behind his; 0: not said */
};

/* Rows and their money by what became of them, for the books that must balance. */
struct tally {
    int64_t rows;
    int64_t amount; /* money */
};

struct tallies {
    struct tally purchases;
    struct tally refunds;
    struct tally cancelled; /* every row of an order that holds a negative row and nets to <= 0 */
    struct tally after_as_of;
};

/* One customer as of plan->as_of, SCORING section 1. Days inclusive: "in the last N days" is
 * day > as_of - N. */
struct features {
    int32_t first_day; /* of a purchase; DAY_NONE: refunds only, or nothing up to as_of */
    int32_t last_day;  /* of a purchase; DAY_NONE likewise */
    int32_t seen;      /* 0: no row up to as_of at all; such a customer has no score row */
    uint32_t purchase_days;
    uint32_t orders;
    int64_t monetary_total; /* purchases plus refunds */
    int64_t gross;          /* purchases only */
    int64_t spend_365d;     /* net, in the 365 days to as_of */
    int64_t spend_window;   /* net, in wallet_window_days to as_of (may be < 0) */
    uint32_t rfm_frequency; /* purchase days or orders within rfm_window_days */
    int64_t rfm_monetary;   /* net money within rfm_window_days */
    int64_t repeat_spend; /* of the purchase days after the first; m = this / (purchase_days - 1) */
};

enum {
    HISTORY_E_OVERFLOW = 1,
    HISTORY_E_DOUBLED /* a summed-up history stands there twice */
};

/* Room for the netting of one customer's orders; n_lines entries. */
struct order_line {
    uint64_t order;
    int64_t net;
    int64_t returned; /* of net, the negative rows */
    int32_t day;
    uint32_t rows;
    uint32_t negative_rows;
};

/* Features of one customer; adds his rows to *tallies. scratch holds lines->n entries and is
 * used only where lines->order is not NULL. HISTORY_E_OVERFLOW when a sum of his money does not
 * fit, or a tally's with his; *tallies is then as it was. Rows of an order count up to as_of only,
 * which is applied before anything is netted. Without orders each purchase row is an order. The
 * net of a cancelled order is no purchase but counts in the net sums, on the order's day. */
int history_features(const struct lines *lines, const struct plan *plan, struct order_line *scratch,
                     struct features *out, struct tallies *tallies);

/* The same, and his gaps as history_gaps has them: purchase_days - 1 of them, none of a summary. */
struct history_room {
    struct order_line *orders; /* scratch, as above */
    int32_t *gaps;             /* lines->n entries */
};
int history_features_gaps(const struct lines *lines, const struct plan *plan,
                          const struct history_room *room, struct features *out,
                          struct tallies *tallies);

/* Days between neighbouring purchase days up to as_of, in their order, into room for lines->n of
 * them; scratch as for history_features. Returns how many: purchase_days - 1, but 0 without a
 * purchase, and of a summary, which has no days. */
size_t history_gaps(const struct lines *lines, const struct plan *plan, struct order_line *scratch,
                    int32_t *gaps);

/* recency_days = as_of - last_day; only where last_day is not DAY_NONE. */
int32_t features_recency_days(const struct features *seen, int32_t as_of);

#endif
