/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_PLAN_H
#define SCORE_PLAN_H

#include <stdint.h>

/* What a run was asked to compute, settled before the first shard is dealt: numbers only, the
 * same for every worker. It travels from the ventilator to the workers and the sink. */

#define PLAN_DAYS_ALL        INT32_MAX /* no limit */
#define PLAN_TIERS_LIMIT     16
#define PLAN_TIER_NAME_LIMIT 31
#define PLAN_SHARE_WHOLE     INT64_C(100000000) /* 100 %, shares are in millionths of a percent */
#define PLAN_CUTS_LIMIT      8
#define PLAN_MILLION         INT64_C(1000000)

enum rfm_ties { RFM_TOGETHER, RFM_NTILE };
enum rfm_frequency { RFM_DAYS, RFM_ORDERS };
enum wallet_method {
    WALLET_NONE,
    WALLET_DECLARED,
    WALLET_MEAN,
    WALLET_QUANTILE,
    WALLET_REGRESSION,
    WALLET_WAR
};
enum tier_by { TIER_BY_CLV, TIER_BY_REVENUE, TIER_BY_PROFIT };

/* A table of histories summed up elsewhere: purchases, orders and spend as such are not known; dates
 * are where the as-of was said. */
enum plan_summary { PLAN_LEDGER, PLAN_SUMMARY_UNDATED, PLAN_SUMMARY_DATED };

struct plan_tier {
    char name[PLAN_TIER_NAME_LIMIT + 1];
    int64_t share; /* of the customers, PLAN_SHARE_WHOLE = all */
};

/* Cut points of a user's own, rising; n = 0: quantiles. */
struct plan_cuts {
    int32_t n; /* 0, or bins - 1 */
    int64_t value[PLAN_CUTS_LIMIT];
};

/* A rule of rfm_segment: scores from..to by enum rfm_metric; to = 0: any. */
#define PLAN_SEGMENTS_LIMIT     64
#define PLAN_SEGMENT_NAME_LIMIT 31
struct plan_segment {
    char name[PLAN_SEGMENT_NAME_LIMIT + 1];
    int8_t from[3], to[3];
};

/* Rules of a user's own, the first that matches counts; n = 0: those of winnow, for 5 bins. */
struct plan_segments {
    int32_t n;
    struct plan_segment rule[PLAN_SEGMENTS_LIMIT];
};

/* What a retention offer costs and does, as the user expects it. */
struct plan_offer {
    int32_t asked;                /* 0: nothing was said about offers */
    int64_t contact_cost;         /* money, of reaching a customer */
    int64_t offer_cost;           /* money, of an offer that is taken */
    int64_t save_rate_millionths; /* of those who would leave; < 0: not said */
    int64_t take_rate_millionths; /* of those who would have stayed */
};

struct plan {
    int32_t as_of;               /* day; later rows do not exist */
    int32_t first_day;           /* of an accepted row up to as_of; the ledger's span starts here */
    int32_t inactive_after_days; /* recency beyond it is tier inactive; PLAN_DAYS_ALL: never */
    int32_t rfm_window_days;     /* F and M look back this far; PLAN_DAYS_ALL: everything */
    int32_t horizon_days;        /* expected purchases, spend, clv */
    int32_t churn_horizon_days;  /* churn_prob */
    int32_t holdout_days;        /* backtest: days of the ledger after as_of; 0: no backtest */
    int32_t trial_days;         /* so long, and twice, before as_of a sample is looked at; 0: not */
    int32_t wallet_window_days; /* S is the spend of that many days up to as_of */
    double monthly_discount;    /* d, a month being 365.25 / 12 days */
    int64_t margin_millionths;  /* of revenue; 1,000,000 = all of it */
    int64_t serve_cost;         /* money, a customer-year */
    struct plan_offer offer;
    double churn_threshold;       /* < 0: the .8 quantile of each tier */
    int32_t rfm_bins;             /* 2..9 */
    struct plan_cuts rfm_cuts[3]; /* by enum rfm_metric: days, purchases, money */
    struct plan_segments segments;
    enum rfm_ties rfm_ties;
    enum rfm_frequency rfm_frequency;
    enum wallet_method wallet_method;
    int64_t wallet_tau_millionths;
    enum tier_by tier_by;
    int32_t n_tiers;                          /* 1..PLAN_TIERS_LIMIT */
    struct plan_tier tiers[PLAN_TIERS_LIMIT]; /* best first, shares sum to PLAN_SHARE_WHOLE */
    int32_t has_amount;                       /* 0: money columns, m_score and clv are empty */
    int32_t has_order;                        /* rows carry order keys */
    int32_t decimals;                         /* the ledger's own, 0..4 */
    enum plan_summary summary;                /* what stands in for a ledger */
};

/* Whether spend by time is known: a table of summed-up histories has means only. */
static inline int plan_knows_spend(const struct plan *plan)
{
    return plan->has_amount && plan->summary == PLAN_LEDGER;
}

#endif
