/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_ROW_H
#define SCORE_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "score/churn_memory.h"
#include "score/history.h"
#include "score/model.h"
#include "score/plan.h"
#include "score/wallet.h"

/* One customer scored: everything of his row in scores.csv but what is known only when all rows
 * are (tier, action). Money is int64_t 1/10,000, rounded half-even where it comes from a model. */

enum row_flag {
    ROW_INACTIVE = 1,    /* silent longer than inactive_after_days */
    ROW_REFUND_ONLY = 2, /* no purchase up to as_of: no dates, scores or model columns, last tier */
    ROW_MODEL = 4,       /* p_alive, churn_prob, expected_purchases are there */
    ROW_SPEND = 8,       /* expected_spend, clv, clv_if_alive are there */
    ROW_WALLET = 16,     /* wallet size, headroom, capped are there */
    ROW_VALUE = 32,      /* value is there (it is not for refund-only customers) */
    ROW_SPREAD = 128,    /* spread is there */
    ROW_CAME_BACK = 64   /* backtest: a purchase within the churn horizon after as_of */
};

struct score_row {
    uint32_t flags;
    int32_t first_day, last_day; /* 0 where ROW_REFUND_ONLY */
    uint32_t purchase_days, orders;
    int64_t monetary_total, spend_365d;
    int32_t score[RFM_METRICS]; /* 0: empty */
    int64_t repeat_spend;
    double p_alive, churn_prob, expected_purchases;
    int64_t expected_spend, clv, clv_if_alive;
    double spread;         /* standard error of log clv */
    uint32_t wallet_basis; /* enum wallet_basis */
    uint32_t wallet_group; /* index into the model's groups, or by wallet_rank; else 0 */
    int64_t wallet_size, wallet_spend;
    int64_t value;
    uint32_t later_days; /* backtest: with a purchase, within the horizon after as_of */
    int64_t later_spend; /* likewise, net */
};

/* What a row is made of, lent for the call. */
struct row_source {
    const char *id;
    size_t id_length;
    const struct features *seen;
    const struct attributes *attributes; /* group is an index into the model's groups */
};

struct row_maker {
    const struct plan *plan;
    const struct model *model;
    struct churn_memory memory; /* may be empty; its models are the axes, row_make sees to that */
    struct spread_axes axes;    /* n = 0: rows have no spread */
};

/* Lets the processor fetch what row_make will look up: for the next handful. */
void row_expect(const struct row_maker *maker, const struct features *seen);

/* n rows of as many customers, ROW_HANDFUL at most. One alone costs what a handful does. */
#define ROW_HANDFUL CHURN_HANDFUL
void row_make(struct row_maker *maker, const struct row_source *source, size_t n,
              struct score_row *row);

/* The repeat-buying view of a customer with purchases. */
struct repeat features_repeat(const struct features *seen, int32_t as_of);

/* Whether a customer counts in the base of RFM edges and tier shares: has purchases, not inactive. */
int features_active(const struct features *seen, const struct plan *plan);

/* m in currency units: mean spend of the purchase days after the first, 0 when there is none. */
double row_mean_repeat_spend(int64_t repeat_spend, uint32_t x);

#endif
