/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_MODEL_H
#define SCORE_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "score/churn.h"
#include "score/rfm.h"
#include "score/spend.h"
#include "score/spread.h"
#include "score/stack.h"

/* What is a fact about the whole base and no shard can know: made once by the sink from the
 * merged digests, applied by every worker to every customer. Borrowed pointers belong to whoever
 * made the model. */

/* What tiers are cut by. The last two stand in where there is nothing better: no amounts, or too
 * few customers for a churn model. */
enum model_value {
    VALUE_CLV,
    VALUE_REVENUE, /* spend_365d */
    VALUE_PROFIT,  /* margin * spend_365d - serve cost */
    VALUE_EXPECTED_PURCHASES,
    VALUE_PURCHASE_DAYS
};

/* Peer groups, sorted by name bytewise; name i is the bytes offset[i] .. offset[i + 1]. */
struct model_groups {
    uint32_t n;
    const char *names;
    const uint32_t *offset;  /* n + 1 entries */
    const int64_t *estimate; /* money a unit, or of one unit where spend goes by units^slope */
    double slope;            /* 1 but for WALLET_REGRESSION; of no meaning where n is 0 */
};

struct model {
    struct rfm_cuts rfm;
    struct churn_model churn;
    struct stack stack; /* where it has a horizon, churn_prob is its */
    struct spend_model spend;
    struct uncertainty uncertainty;
    enum model_value value_by;
    struct model_groups groups;
};

/* What tiers are cut by, from what was asked for and what there is. */
enum model_value model_value_by(const struct model *model, const struct plan *plan);

#define MODEL_NO_GROUP UINT32_MAX

/* Index of a group by name, or MODEL_NO_GROUP. */
uint32_t model_group(const struct model_groups *groups, const char *name, size_t length);

#endif
