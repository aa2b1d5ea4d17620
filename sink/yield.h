/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_YIELD_H
#define SINK_YIELD_H

#include "common/digits.h"
#include "common/wire_scores.h"
#include "score/retention.h"

/* What the customers of a tier would bring: the last columns of tiers.csv. Sums of what is printed
 * for each customer, so that anybody can add them up again. */

struct yield {
    uint64_t retention_customers;    /* whose offer pays: retention_worth is 1 */
    int64_t retention_gain;          /* of those */
    uint64_t unprofitable_customers; /* margin * spend_365d - serve cost is below 0 */
    int64_t unprofitable_loss;       /* of those, above 0 */
    uint64_t wallet_zero;            /* with a wallet, and nothing of it spent here */
    uint64_t wallet_shared;          /* a part of it */
    uint64_t wallet_exclusive;       /* all of it */
};

/* Customer i of some columns; what an offer to him brings is looked at where he has ROW_SPEND. 1 when
 * money does not fit. */
int yield_add(struct yield *yield, const struct plan *plan, const struct retention *retention,
              const struct score_columns *columns, size_t i);
int yield_merge(struct yield *into, const struct yield *from);

#define YIELD_HEAD                                                                                 \
    "retention_customers,retention_gain,unprofitable_customers,unprofitable_loss,wallet_zero,"     \
    "wallet_shared,wallet_exclusive"
#define YIELD_SCHEMA                                                                               \
    "    retention_customers BIGINT NOT NULL,\n"                                                   \
    "    retention_gain NUMERIC(20,4),\n"                                                          \
    "    unprofitable_customers BIGINT NOT NULL,\n"                                                \
    "    unprofitable_loss NUMERIC(20,4),\n"                                                       \
    "    wallet_zero BIGINT NOT NULL,\n"                                                           \
    "    wallet_shared BIGINT NOT NULL,\n"                                                         \
    "    wallet_exclusive BIGINT NOT NULL\n"
#define YIELD_ROOM (7 * (DIGITS_ROOM + 1))

/* The cells of YIELD_HEAD; money is empty where nobody asked (retention) or there is none. */
char *yield_put(char *out, const struct plan *plan, const struct yield *yield);

#endif
