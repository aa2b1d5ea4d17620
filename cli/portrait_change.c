/* SPDX-License-Identifier: Apache-2.0 */
/* What would be made of the customer if he did something else, all cut points and the model staying
 * where they are: he is scored again with other features. */
#include "cli/portrait.h"

#include <inttypes.h>

#include "cli/grid.h"
#include "cli/recount.h"
#include "common/digits.h"
#include "score/money.h"

#define FURTHER_DAYS 30
#define LOOK_AHEAD   730 /* days */

struct other {
    struct plan plan;
    struct features seen;
    struct score_row row;
};

static void score_other(const struct dossier *d, struct other *other)
{
    struct row_maker maker = {.plan = &other->plan, .model = results_model(d->results)};
    const struct row_source source = {d->id.data, d->id.size, &other->seen, &d->attributes};
    row_make(&maker, &source, 1, &other->row);
}

static struct other as_he_is(const struct dossier *d)
{
    return (struct other){d->results->plan, d->seen, d->row};
}

/* His mean purchase day, with the ledger's decimals. */
static int64_t usual_amount(const struct dossier *d)
{
    static const int64_t step[] = {10000, 1000, 100, 10, 1};
    int64_t unit = step[d->results->plan.decimals];
    int64_t all = d->seen.monetary_total > 0 ? d->seen.monetary_total : 0;
    return money_divide(money_divide(all, d->seen.purchase_days), unit) * unit;
}

static struct other if_he_bought(const struct dossier *d, int64_t amount)
{
    struct other other = as_he_is(d);
    struct features *seen = &other.seen;
    int another_day = seen->last_day < other.plan.as_of;
    int counts = other.plan.rfm_frequency == RFM_ORDERS || another_day;
    seen->last_day = other.plan.as_of;
    seen->purchase_days += (uint32_t)another_day;
    seen->orders++;
    seen->rfm_frequency += (uint32_t)counts;
    if (seen->purchase_days > 1)
        seen->repeat_spend += amount;
    seen->monetary_total += amount;
    seen->gross += amount;
    seen->spend_365d += amount;
    seen->spend_window += amount;
    seen->rfm_monetary += amount;
    score_other(d, &other);
    return other;
}

/* He does nothing, and time goes on. What falls out of a window of days is not known. */
static struct other if_he_waited(const struct dossier *d, int32_t days)
{
    struct other other = as_he_is(d);
    other.plan.as_of += days;
    score_other(d, &other);
    return other;
}

static void put_score(struct grid *grid, const struct other *other, enum rfm_metric metric,
                      int known)
{
    if (known && other->row.score[metric] > 0)
        grid_put(grid, "%d", (int)other->row.score[metric]);
    else
        grid_put(grid, "-");
}

enum windows { WINDOWS_STAND, WINDOWS_MOVE };

static void put_other(struct grid *grid, const struct dossier *d, const struct other *other,
                      enum windows windows)
{
    enum model_value by = results_model(d->results)->value_by;
    int stands = windows == WINDOWS_STAND, all = other->plan.rfm_window_days == PLAN_DAYS_ALL;
    int forecast = by == VALUE_CLV || by == VALUE_EXPECTED_PURCHASES || by == VALUE_PURCHASE_DAYS;
    unsigned inputs = recount_needs(d, COLUMN_VALUE) | DOSSIER_REPEAT;
    char digits[DIGITS_ROOM];
    put_score(grid, other, RFM_RECENCY, 1);
    put_score(grid, other, RFM_FREQUENCY, (stands || all) && dossier_knows(d, DOSSIER_FREQUENCY));
    put_score(grid, other, RFM_MONETARY, (stands || all) && dossier_knows(d, DOSSIER_MONETARY));
    if (other->row.flags & ROW_MODEL) {
        grid_put(grid, "%.6g", other->row.p_alive);
        grid_put(grid, "%.6g", other->row.churn_prob);
    } else {
        grid_put(grid, "-");
        grid_put(grid, "-");
    }
    if (!dossier_knows(d, inputs) || !(stands || forecast)) {
        grid_end(grid);
        return;
    }
    *digits_money(digits, other->row.value, 4) = '\0';
    grid_put(grid, "%s", digits);
    int32_t tier = tier_of(&d->results->tiering.cutoffs, other->row.value);
    grid_put(grid, "%s",
             other->row.flags & ROW_INACTIVE ? "inactive" : d->results->plan.tiers[tier].name);
}

static void put_bought(struct grid *grid, const struct dossier *d)
{
    char money[PORTRAIT_MONEY];
    int64_t amount = usual_amount(d);
    struct other bought = if_he_bought(d, amount);
    if (d->results->plan.has_amount)
        grid_put(grid, "a purchase of %s on that day", portrait_money(d, amount, money));
    else
        grid_put(grid, "a purchase on that day");
    put_other(grid, d, &bought, WINDOWS_STAND);
}

/* When churn_prob passes the threshold of his tier, should he stay away. Looked for day by day: for a
 * regular buyer silence is good news at first, since his next purchase draws near. */
static void print_threshold(const struct dossier *d, FILE *out)
{
    const struct plan *plan = &d->results->plan;
    int32_t tier = d->standing.tier;
    double threshold = tier < plan->n_tiers ? d->results->tiering.churn_threshold[tier] : -1;
    if (!(d->row.flags & ROW_MODEL) || threshold < 0 || tier >= plan->n_tiers - 1 ||
        d->row.churn_prob > threshold || !dossier_can_make(d, COLUMN_CHURN_PROB))
        return;
    for (int32_t days = 1; days <= LOOK_AHEAD; days++) {
        if (if_he_waited(d, days).row.churn_prob <= threshold)
            continue;
        fprintf(
            out,
            "  after %d more day%s of silence churn_prob is over %.6g, the threshold of tier %s\n",
            (int)days, days == 1 ? "" : "s", threshold, plan->tiers[tier].name);
        return;
    }
}

int portrait_change_print(const struct dossier *d, FILE *out)
{
    static const char *const title[] = {"",        "r",          "f",     "m",
                                        "p_alive", "churn_prob", "value", "tier"};
    struct grid grid = grid_of(8, 0x7e);
    if (d->row.flags & ROW_REFUND_ONLY || !dossier_knows(d, DOSSIER_REPEAT))
        return 0;
    struct other now = as_he_is(d), later = if_he_waited(d, FURTHER_DAYS);
    fputs("\nWhat would change it, cut points and model standing still\n", out);
    for (size_t i = 0; i < sizeof title / sizeof title[0]; i++)
        grid_put(&grid, "%s", title[i]);
    grid_put(&grid, "as it is");
    put_other(&grid, d, &now, WINDOWS_STAND);
    if (!d->results->plan.summary &&
        (!d->results->plan.has_amount || dossier_knows(d, DOSSIER_TOTAL)))
        put_bought(&grid, d);
    grid_put(&grid, "%d more days of silence", FURTHER_DAYS);
    put_other(&grid, d, &later, WINDOWS_MOVE);
    int r = grid_print(&grid, out, PORTRAIT_MARGIN);
    print_threshold(d, out);
    return r;
}
