/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/portrait.h"

#include <inttypes.h>
#include <string.h>

#include "cli/grid.h"
#include "cli/nudge.h"
#include "common/digits.h"
#include "score/day.h"
#include "score/money.h"

static const char *value_words(enum model_value by)
{
    static const char *const words[] = {[VALUE_CLV] = "clv",
                                        [VALUE_REVENUE] = "spend_365d",
                                        [VALUE_PROFIT] =
                                            "profit: margin x spend_365d less the cost to serve",
                                        [VALUE_EXPECTED_PURCHASES] = "expected_purchases",
                                        [VALUE_PURCHASE_DAYS] = "purchase_days"};
    return words[by];
}

/* What the value moves by. */
static int64_t step_of(const struct dossier *d)
{
    static const int64_t step[] = {10000, 1000, 100, 10, 1};
    enum model_value by = results_model(d->results)->value_by;
    return by == VALUE_REVENUE         ? step[d->results->plan.decimals]
           : by == VALUE_PURCHASE_DAYS ? MONEY_PER_UNIT
                                       : 1;
}

static void put_value(struct grid *grid, int64_t value)
{
    char digits[DIGITS_ROOM];
    *digits_money_exact(digits, value) = '\0';
    grid_put(grid, "%s", digits);
}

static void put_nudge(struct grid *grid, const struct dossier *d, int32_t tier)
{
    const struct nudge_scale scale = {d->row.value, step_of(d), INT64_MIN};
    const struct tier_cutoffs *cutoffs = &d->results->tiering.cutoffs;
    struct nudge up = nudge_tier(cutoffs, &scale, NUDGE_BETTER);
    struct nudge down = nudge_tier(cutoffs, &scale, NUDGE_WORSE);
    int64_t by = up.found && up.to == tier ? up.value - scale.value : scale.value - down.value;
    char digits[DIGITS_ROOM];
    if (!(up.found && up.to == tier) && !(down.found && down.to == tier)) {
        grid_put(grid, "%s", "");
        return;
    }
    *digits_money_exact(digits, by) = '\0';
    grid_put(grid, "%s %s would move him here", digits,
             up.found && up.to == tier ? "more" : "less");
}

/* -1: not known. */
static int32_t tier_named(const struct plan *plan, const char *name)
{
    for (int32_t i = 0; i < plan->n_tiers; i++)
        if (strcmp(plan->tiers[i].name, name) == 0)
            return i;
    return -1;
}

static int print_cutoffs(const struct dossier *d, int has_value, FILE *out)
{
    const struct plan *plan = &d->results->plan;
    const struct tier_cutoffs *cutoffs = &d->results->tiering.cutoffs;
    int32_t his = has_value ? tier_of(cutoffs, d->row.value)
                            : tier_named(plan, portrait_cell(d, COLUMN_TIER));
    struct grid grid = grid_of(4, 1U << 2);
    for (int32_t i = 0; i < plan->n_tiers; i++) {
        grid_put(&grid, i == his ? ">" : " ");
        grid_put(&grid, "%s", plan->tiers[i].name);
        if (cutoffs->cutoff[i].present)
            put_value(&grid, cutoffs->cutoff[i].value);
        else
            grid_put(&grid, "empty");
        if (has_value && i != his)
            put_nudge(&grid, d, i);
        else
            grid_end(&grid);
    }
    return grid_print(&grid, out, PORTRAIT_MARGIN);
}

/* The rules in their order, up to the one that holds. */
static int print_action(const struct dossier *d, FILE *out)
{
    const struct plan *plan = &d->results->plan;
    int32_t tier = d->standing.tier;
    int32_t age = d->seen.first_day == DAY_NONE ? 0 : plan->as_of - d->seen.first_day;
    double threshold = tier < plan->n_tiers ? d->results->tiering.churn_threshold[tier] : -1;
    struct grid grid = grid_of(3, 0);
    enum action action = d->standing.action;
    int n = action == ACTION_NONE ? 1 : (int)action + 1;
    static const char *const rule[] = {
        "inactive: silent for more than",
        "one purchase day, less than 90 days ago",
        "not the last tier, and churn_prob is over the threshold of the tier",
        "the first tier",
        "the last tier",
        "everybody else"};
    fprintf(out, "  action %s, the first of these that holds\n", tier_action_name(action));
    for (int i = 0; i < n; i++) {
        grid_put(&grid, "%s", tier_action_name((enum action)i));
        grid_put(&grid, (enum action)i == action ? "yes" : "no");
        if (i == ACTION_NONE && plan->inactive_after_days == PLAN_DAYS_ALL)
            grid_put(&grid, "inactive: nobody, with --inactive-after off");
        else if (i == ACTION_NONE)
            grid_put(&grid, "%s %d days", rule[i], (int)plan->inactive_after_days);
        else if (i == ACTION_WELCOME && !(d->row.flags & ROW_REFUND_ONLY))
            grid_put(&grid, "%s: %u, %d days ago", rule[i], (unsigned)d->seen.purchase_days,
                     (int)age);
        else if (i == ACTION_WIN_BACK && d->row.flags & ROW_MODEL && threshold >= 0)
            grid_put(&grid, "%s: %.6g, %.6g", rule[i], d->row.churn_prob, threshold);
        else
            grid_put(&grid, "%s", rule[i]);
    }
    return grid_print(&grid, out, 2 * PORTRAIT_MARGIN);
}

int portrait_tier_print(const struct dossier *d, FILE *out)
{
    const struct model *model = results_model(d->results);
    int has_value = d->row.flags & ROW_VALUE && dossier_knows(d, DOSSIER_VALUE);
    fprintf(out, "\nTier %s, by %s\n", portrait_cell(d, COLUMN_TIER), value_words(model->value_by));
    if (d->row.flags & ROW_INACTIVE && dossier_knows(d, DOSSIER_LAST))
        fprintf(out, "  inactive, whatever the value: silent for %d days, more than %d\n",
                (int)features_recency_days(&d->seen, d->results->plan.as_of),
                (int)d->results->plan.inactive_after_days);
    if (d->row.flags & ROW_REFUND_ONLY)
        fputs("  no value, as there is no purchase: the last tier\n", out);
    else
        fprintf(out, "  value %s\n", portrait_cell(d, COLUMN_VALUE));
    int r = print_cutoffs(d, has_value, out);
    if (portrait_cell(d, COLUMN_TIER_HOLD_PROB)[0] != '-')
        fprintf(out,
                "  tier_hold_prob %s, that clv lies between these cut-offs (log clv is normal)\n",
                portrait_cell(d, COLUMN_TIER_HOLD_PROB));
    if (r == 0 && dossier_can_make(d, COLUMN_ACTION))
        return print_action(d, out);
    if (r == 0)
        fprintf(out, "  action %s\n", portrait_cell(d, COLUMN_ACTION));
    return r;
}
