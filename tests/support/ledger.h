/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_LEDGER_H
#define SUPPORT_LEDGER_H

#include "score/plan.h"
#include "score/rfm.h"
#include "support/lines.h"

/* A small ledger and its base, scored by score/ alone in one thread: sort, fold, cut, score. It
 * reads customer_id,date,amount[,order_id,...] without quotes, plain or gzip; other columns are
 * passed over. Not the product's reader, so that a test of arithmetic cannot fail for want of one. */

struct ledger_customer {
    char id[32];
    struct ledger_row *rows;
    size_t n;
    struct features seen;
    int32_t rfm[RFM_METRICS]; /* 0: no purchase, no score */
};

struct ledger {
    struct ledger_customer *customer; /* by id, bytewise */
    size_t n;
    int has_order;
    struct tallies tallies;
};

/* The path of a file of the real ledgers: $WINNOW_DATA or ../shared/data beside the source tree.
 * 0, or 1 where it is absent. */
int ledger_data(const char *file, char *path, size_t room);

/* A ledger that cannot be read fails the test. */
struct ledger ledger_read(const char *path);

/* Fills seen and tallies. */
void ledger_features(struct ledger *ledger, const struct plan *plan);

/* What a metric is cut by; only for customers with a purchase. */
int64_t ledger_metric(const struct ledger_customer *customer, enum rfm_metric metric,
                      int32_t as_of);

/* Cuts over the customers with a purchase, and every score. */
struct rfm_cuts ledger_score(struct ledger *ledger, const struct plan *plan);

void ledger_free(struct ledger *ledger);

#endif
