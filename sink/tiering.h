/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_TIERING_H
#define SINK_TIERING_H

#include "common/wire_scores.h"
#include "score/tier.h"
#include "sink/committed.h"
#include "sink/crew.h"
#include "sink/fitting.h"
#include "sink/yield.h"

/* Tiers over all scored customers: cut-offs, thresholds of action, and the sums of tiers.csv. Sums are
 * integers (money, and probabilities in units of 2^-52), so the order of customers does not
 * matter to them. */

/* One row of tiers.csv; the last is `inactive`. */
struct tier_sums {
    uint64_t customers;
    int64_t revenue; /* spend_365d */
    int64_t clv;
    int64_t revenue_at_risk; /* sum of spend_365d * churn_prob, each rounded to money */
    uint64_t with_churn;
    uint64_t churn_high, churn_low; /* sum of churn_prob * 2^52: high * 2^52 + low */
    uint64_t wallet_customers;
    int64_t wallet_spend, wallet_whole; /* S and max(wallet, S) of those with a wallet */
    int64_t wallet_headroom;
    struct yield yield;
};

#define TIER_ROWS (PLAN_TIERS_LIMIT + 1)

struct tiering {
    struct tier_cutoffs cutoffs;
    double churn_threshold[PLAN_TIERS_LIMIT]; /* < 0: none */
    uint64_t active;                          /* customers that tiers are cut over */
};

/* Walks over all parts. */
int tiering_run(struct tiering *tiering, struct committed *parts, const struct plan *plan,
                const struct fitted *fitted, struct crew *crew) MUST_USE;

/* Where customer i of some columns stands: his tier (plan->n_tiers: inactive), and his action. */
struct standing_of {
    int32_t tier;
    enum action action;
};
struct standing_of tiering_stand(const struct tiering *tiering, const struct plan *plan,
                                 const struct score_columns *columns, size_t i);

/* Between which values a tier is cut, low <= value < high; INT64_MIN or INT64_MAX where there is no cut. */
struct tier_ends {
    int64_t low, high;
};
struct tier_ends tiering_ends(const struct tiering *tiering, int32_t tier);

/* Adds customer i to the sums of his tier. STATUS_DATA is not said here: 1 when money does not fit. */
int tier_sums_add(struct tier_sums *sums, const struct score_columns *columns, size_t i);
int tier_sums_merge(struct tier_sums *into, const struct tier_sums *from);
double tier_sums_mean_churn(const struct tier_sums *sums);

#endif
