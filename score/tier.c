/* SPDX-License-Identifier: Apache-2.0 */
/* A tier ends at the value of the customer at its rank, so that equal values share a tier and a
 * customer is placed by his value alone, also a customer of tomorrow. Cutting by position would
 * need a tie-break and would split equals. */
#include "score/tier.h"

#include <string.h>

#include "score/quantile.h"

#define NEW_DAYS 90 /* "welcome" ends here, docs: what a run leaves in DIR */

__extension__ typedef __int128 wide;

void tier_ranks(const struct plan_tier *tiers, int32_t n_tiers, size_t n, size_t *rank)
{
    wide share = 0, whole = PLAN_SHARE_WHOLE;
    for (int32_t i = 0; i < n_tiers; i++) {
        share += tiers[i].share;
        rank[i] = (size_t)((2 * share * (wide)n + whole) / (2 * whole));
    }
}

void tier_cut(const struct plan_tier *tiers, int32_t n_tiers, int64_t *values, size_t n,
              size_t n_last, struct tier_cutoffs *out)
{
    size_t rank[PLAN_TIERS_LIMIT], from_worst[PLAN_TIERS_LIMIT], m = 0;
    int64_t value[PLAN_TIERS_LIMIT];
    memset(out, 0, sizeof *out);
    out->n = n_tiers;
    if (n == 0)
        return;
    tier_ranks(tiers, n_tiers, n + n_last, rank);
    for (int32_t i = n_tiers; i-- > 0 && rank[i] > 0;) /* ranks rise: zeros come first */
        from_worst[m++] = rank[i] < n ? n - rank[i] : 0;
    quantile_ranked(values, n, from_worst, m, value);
    for (size_t i = 0; i < m; i++) {
        size_t tier = (size_t)n_tiers - 1 - i;
        out->cutoff[tier].present = 1;
        out->cutoff[tier].value = value[i];
    }
}

int32_t tier_of(const struct tier_cutoffs *cutoffs, int64_t value)
{
    for (int32_t i = 0; i < cutoffs->n; i++)
        if (cutoffs->cutoff[i].present && value >= cutoffs->cutoff[i].value)
            return i;
    return cutoffs->n - 1;
}

enum action tier_action(const struct standing *standing)
{
    int is_last = standing->tier == standing->n_tiers - 1;
    if (standing->inactive)
        return ACTION_NONE;
    if (standing->purchase_days == 1 && standing->tenure_days < NEW_DAYS)
        return ACTION_WELCOME;
    if (!is_last && standing->churn_prob >= 0 && standing->churn_threshold >= 0 &&
        standing->churn_prob > standing->churn_threshold)
        return ACTION_WIN_BACK;
    if (standing->tier == 0)
        return ACTION_KEEP;
    return is_last ? ACTION_LOW_COST : ACTION_GROW;
}

const char *tier_action_name(enum action action)
{
    static const char *const name[] = {"none", "welcome", "win_back", "keep", "low_cost", "grow"};
    return name[action];
}
