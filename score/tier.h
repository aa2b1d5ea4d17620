/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_TIER_H
#define SCORE_TIER_H

#include <stddef.h>
#include <stdint.h>

#include "score/plan.h"

/* Value tiers, SCORING section 4: customers in falling order of value, a tier's cut-off is the
 * value at rank floor(share n + 1/2) of the cumulative share; equal value, equal (better) tier. */

struct tier_cutoffs {
    int32_t n;
    struct {
        int32_t present; /* 0: rank 0, an empty tier without a cut-off */
        int64_t value;   /* members have value >= this (and are in no better tier) */
    } cutoff[PLAN_TIERS_LIMIT];
};

/* Ranks (1-based, counted from the best) of the cut-offs of n customers; 0: an empty tier. The
 * last rank is n when n > 0. Exact integers. */
void tier_ranks(const struct plan_tier *tiers, int32_t n_tiers, size_t n, size_t *rank);

/* Cut-offs over n values (customers with a value); rearranges values. Ranks count also the n_last
 * customers that have no value and come after all of them; a rank among those cuts at the lowest
 * value there is, since everybody who has one stands before it. n = 0: no cut-off at all. */
void tier_cut(const struct plan_tier *tiers, int32_t n_tiers, int64_t *values, size_t n,
              size_t n_last, struct tier_cutoffs *out);

/* Tier (0-based, best first) of a value; the last tier when it is below every cut-off. */
int32_t tier_of(const struct tier_cutoffs *cutoffs, int64_t value);

enum action {
    ACTION_NONE,
    ACTION_WELCOME,
    ACTION_WIN_BACK,
    ACTION_KEEP,
    ACTION_LOW_COST,
    ACTION_GROW
};

struct standing {
    int32_t inactive; /* 1: silent longer than inactive_after_days */
    int32_t tier;     /* 0-based */
    int32_t n_tiers;
    uint32_t purchase_days;
    int32_t tenure_days;
    double churn_prob;      /* < 0: there is none */
    double churn_threshold; /* of the tier; < 0: there is none */
};

/* First that matches: none (inactive), welcome (one purchase day, tenure < 90 days), win_back
 * (not the last tier, churn_prob over the threshold), keep (first tier), low_cost (last), grow. */
enum action tier_action(const struct standing *standing);
const char *tier_action_name(enum action action);

#endif
