/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_HISTORIES_H
#define WORKER_HISTORIES_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "score/history.h"

/* The histories of one shard as columns: customers in the order of (hash, id), each with his lines
 * in the order of (day, order). Arrays grow and are kept for the next shard. */
struct histories {
    uint32_t n;
    uint64_t *hash;      /* n */
    uint32_t *id_offset; /* n + 1, into ids */
    char *ids;
    uint32_t *line_first; /* n + 1, into the lines */
    uint32_t n_lines;
    int32_t *day;
    int64_t *bought;
    uint32_t *purchases;
    int64_t *returned; /* of meaning only where has_refunds */
    uint32_t *refunds;
    uint64_t *order; /* of meaning only where has_order */
    int has_refunds;
    int has_order;
    /* how much the arrays hold */
    uint32_t room_customers;
    uint32_t room_lines;
    size_t room_ids;
};

/* Makes room for that many and forgets what there was. STATUS_BUG without memory. */
int histories_room(struct histories *histories, uint32_t customers, uint32_t lines,
                   size_t ids) MUST_USE;
void histories_free(struct histories *histories);
void histories_swap(struct histories *a, struct histories *b);

/* The lines of customer i; borrowed. */
struct lines histories_lines(const struct histories *histories, uint32_t i);

static inline const char *histories_id(const struct histories *histories, uint32_t i,
                                       size_t *length)
{
    *length = histories->id_offset[i + 1] - histories->id_offset[i];
    return histories->ids + histories->id_offset[i];
}

/* (hash, id) of one before the other's: < 0, 0, > 0. */
int histories_compare(const struct histories *a, uint32_t i, const struct histories *b, uint32_t j);

/* out = a and b, disjoint rows of one shard; neither is changed. HISTORY_E_OVERFLOW: a customer's sum
 * does not fit; *customer is then his index in a. */
int histories_merge(const struct histories *a, const struct histories *b, struct histories *out,
                    uint32_t *customer) MUST_USE;

/* Adds one line after those that are there; its customer is the last one begun. Room must be there, and
 * has_order be set before the first one. */
struct line_values {
    int64_t bought, returned;
    uint32_t purchases, refunds;
};
/* The columns of refunds begin with the first of them, what is before it is 0: most shards of most
 * ledgers never touch that memory. */
void histories_begin_refunds(struct histories *histories, uint32_t at);

static inline void histories_line(struct histories *h, int32_t day, uint64_t order,
                                  const struct line_values *values)
{
    uint32_t at = h->n_lines++;
    h->day[at] = day;
    h->bought[at] = values->bought;
    h->purchases[at] = values->purchases;
    if (h->has_order)
        h->order[at] = order;
    if (values->refunds != 0 && !h->has_refunds)
        histories_begin_refunds(h, at);
    if (!h->has_refunds)
        return;
    h->returned[at] = values->returned;
    h->refunds[at] = values->refunds;
}

#endif
