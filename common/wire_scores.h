/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_SCORES_H
#define COMMON_WIRE_SCORES_H

#include "common/wire.h"
#include "score/row.h"

/* The rows of a shard as columns: the payload of a stage 2 RESULT and what the sink keeps. */

#define SCORES_PER_PART 8192

/* Rows that are made columns as they come, while they are at hand; zeros at first, and kept from shard to shard. */
struct score_table {
    size_t n, room;
    int64_t *values; /* drawn in wire_scores.c */
};

/* Empties it and makes room for n rows. */
int score_table_begin(struct score_table *table, size_t n) MUST_USE;
/* Appends n rows of customers whose ids have id_length[i] bytes each. */
void score_table_add(struct score_table *table, const struct score_row *rows,
                     const uint16_t *id_length, size_t n);
void score_table_free(struct score_table *table);

/* The rows of customers in the order of (hash, id), whose ids stand one after the other. */
int wire_scores_put(const struct score_table *table, const char *ids, struct arena *arena,
                    struct parcel *parcel) MUST_USE;

/* The same columns, unpacked; n entries each. */
struct score_columns {
    size_t n;
    const char *ids;
    const uint16_t *id_length;
    const uint8_t *flags;
    const int32_t *first_day, *last_day;
    const uint32_t *purchase_days, *orders;
    const int64_t *monetary_total, *spend_365d;
    const uint8_t *score[RFM_METRICS];
    const int64_t *repeat_spend;
    const double *p_alive, *churn_prob, *expected_purchases;
    const int64_t *expected_spend, *clv, *clv_if_alive;
    const double *spread;
    const uint8_t *wallet_basis;
    const uint32_t *wallet_group;
    const int64_t *wallet_size, *wallet_spend;
    const int64_t *value;
    const uint32_t *later_days;
    const int64_t *later_spend;
};

/* Reads one part; ids are the part's own. Probabilities outside [0, 1], expectations that are negative or not finite and days
 * that no calendar has are malformed. */
int wire_scores_read(struct slice part, struct arena *arena,
                     struct score_columns *columns) MUST_USE;

/* Whether wire_scores_read would read it, at a fifth of the cost. */
int wire_scores_check(struct slice part, struct arena *arena) MUST_USE;

/* The same, of a part that has been checked, for who needs no more than n, flags, value and churn_prob; the other columns are NULL. */
int wire_scores_read_worth(struct slice part, struct arena *arena,
                           struct score_columns *columns) MUST_USE;

#endif
