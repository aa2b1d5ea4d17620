/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_GAPS_H
#define WORKER_GAPS_H

#include <stddef.h>

#include "common/wire_digest.h"
#include "score/history.h"

/* Days between neighbouring purchase days of a shard's customers: how often each number of days
 * occurs. Starts as zeros, is used for one shard after the other. */
struct gaps {
    int32_t *own; /* of the customer at hand */
    size_t room;  /* of own, lines of a history */
    uint32_t *count;
    size_t days; /* that count has room for */
    int32_t *day;
    uint32_t *n;
    double *log; /* ln of so many days */
};

/* Forgets the shard before; histories have at most so many lines. */
int gaps_begin(struct gaps *gaps, size_t lines) MUST_USE;

/* Counts a customer's gaps, the first n of own. */
int gaps_add(struct gaps *gaps, size_t n) MUST_USE;

/* The sum of the logarithms of a customer's gaps; scratch as for history_gaps, and own is used. */
double gaps_log_days(struct gaps *gaps, const struct lines *lines, const struct plan *plan,
                     struct order_line *scratch);

/* Fills the gaps of a digest, borrowed. */
void gaps_end(struct gaps *gaps, struct gathered *out);
void gaps_free(struct gaps *gaps);

#endif
