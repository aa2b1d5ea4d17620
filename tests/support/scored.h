/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SCORED_H
#define SUPPORT_SCORED_H

#include "common/wire_scores.h"
#include "sink/tiering.h"

/* Scored customers as the sink has them: rows and ids in, the parts of a shard's result out. */

struct scored_customer {
    const char *id; /* up to its NUL */
    struct score_row row;
};

struct scored {
    struct parcel parcel; /* parts of at most SCORES_PER_PART customers */
    struct slice slice[LINE_PARTS_LIMIT];
    struct committed parts; /* of the parcel; borrowed */
};

/* A test's memory: failure aborts. */
void scored_of(struct scored *scored, const struct scored_customer *customers, size_t n);
void scored_free(struct scored *scored);

/* A customer with purchases, one day of them unless said otherwise: ROW_VALUE is set. */
struct scored_customer scored_buyer(const char *id, int64_t value);
/* The same with a churn probability. */
struct scored_customer scored_churner(const char *id, int64_t value, double churn_prob);
struct scored_customer scored_returner(const char *id);

/* The columns of a part, in the arena. */
struct score_columns scored_columns(const struct scored *scored, size_t part, struct arena *arena);

#endif
