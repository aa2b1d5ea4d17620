/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/portrait.h"

#include <inttypes.h>
#include <string.h>

#include "cli/grid.h"
#include "common/digits.h"
#include "score/money.h"
#include "score/wallet.h"

static void put_number(struct grid *grid, const char *name, double value)
{
    grid_put(grid, "%s", name);
    grid_put(grid, "%.6g", value);
}

static void put_cell(struct grid *grid, const struct dossier *d, enum column column)
{
    grid_put(grid, "%s", columns_row(column)->name);
    grid_put(grid, "%s", portrait_cell(d, column));
}

/* E[M], and how much of it is his own doing. */
static void put_mean(struct grid *grid, const struct dossier *d, struct repeat seen)
{
    const struct spend_model *spend = &results_model(d->results)->spend;
    double m = row_mean_repeat_spend(d->seen.repeat_spend, seen.x);
    double weight = spend->p * seen.x / (spend->p * seen.x + spend->q - 1);
    put_number(grid, "E[M]", spend_expected(spend, seen.x, m));
    if (spend->kind == SPEND_MEAN)
        grid_put(grid, "a purchase day: the mean of all customers, as no gamma-gamma model fits");
    else if (seen.x == 0 || m <= 0)
        grid_put(grid, "a purchase day: the mean of all customers, as he has none of his own");
    else
        grid_put(grid,
                 "a purchase day: p (v + x m) / (p x + q - 1) with p %.6g, q %.6g, v %.6g: %.3g %% "
                 "his own mean %.6g, the rest the %.6g of all customers",
                 spend->p, spend->q, spend->v, 100 * weight, m, spend->mean);
}

static void put_ratio(struct grid *grid, const struct dossier *d)
{
    put_number(grid, "net ratio", spend_net_ratio(d->seen.monetary_total, d->seen.gross));
    grid_put(grid, d->ratio_implied ? "of what he buys stays bought; found from what it led to"
                                    : "of what he buys stays bought");
}

static void put_forecast(struct grid *grid, const struct dossier *d, struct repeat seen)
{
    const struct plan *plan = &d->results->plan;
    const struct churn_horizon horizon = {plan->horizon_days, plan->churn_horizon_days,
                                          plan->monthly_discount};
    struct churn_outlook outlook = churn_outlook(&results_model(d->results)->churn, seen, &horizon);
    put_number(grid, "discounted", outlook.discounted);
    grid_put(grid, "the same purchases, each month's at %.6g a month", plan->monthly_discount);
    put_cell(grid, d, COLUMN_CLV);
    grid_put(grid, "discounted x E[M] x net ratio x margin %.6g",
             (double)plan->margin_millionths / (double)PLAN_MILLION);
    put_cell(grid, d, COLUMN_CLV_IF_ALIVE);
    grid_put(grid, "clv / p_alive: what keeping him would keep");
}

/* How sure that is. */
static void put_interval(struct grid *grid, const struct dossier *d)
{
    if (!(d->row.flags & ROW_SPREAD))
        return;
    put_cell(grid, d, COLUMN_CLV_LOW);
    grid_put(grid,
             "clv x exp(-1.645 s): s %.6g, what the errors of the parameters leave to log clv",
             d->row.spread);
    put_cell(grid, d, COLUMN_CLV_HIGH);
    grid_put(grid, "clv x exp(1.645 s): with its pair an interval of 90 %%");
}

static void put_offer(struct grid *grid, const struct dossier *d)
{
    const struct plan_offer *offer = &d->results->plan.offer;
    char contact[PORTRAIT_MONEY], cost[PORTRAIT_MONEY];
    if (!offer->asked)
        return;
    put_cell(grid, d, COLUMN_BREAK_EVEN_SAVE_RATE);
    grid_put(grid, "of those who would leave an offer must keep, to pay: it costs %s, a contact %s",
             portrait_money(d, offer->offer_cost, cost),
             portrait_money(d, offer->contact_cost, contact));
    if (offer->save_rate_millionths < 0)
        return;
    put_cell(grid, d, COLUMN_RETENTION_GAIN);
    grid_put(
        grid,
        "churn_prob x %.6g x (clv_if_alive - offer) - (1 - churn_prob) x %.6g x offer - contact",
        (double)offer->save_rate_millionths / (double)PLAN_MILLION,
        (double)offer->take_rate_millionths / (double)PLAN_MILLION);
    put_cell(grid, d, COLUMN_RETENTION_WORTH);
    grid_put(grid, "1: the gain is above 0");
}

static int print_forecast(const struct dossier *d, FILE *out)
{
    const struct plan *plan = &d->results->plan;
    struct grid grid = grid_of(3, 1U << 1);
    fputs("\nWhat the customer is worth\n", out);
    put_cell(&grid, d, COLUMN_EXPECTED_PURCHASES);
    grid_put(&grid, "in %d days: p_alive x %.6g of somebody who is still a customer",
             (int)plan->horizon_days,
             d->row.p_alive > 0 ? d->row.expected_purchases / d->row.p_alive : 0);
    if (d->row.flags & ROW_SPEND && dossier_knows(d, DOSSIER_MEAN | DOSSIER_RATIO)) {
        struct repeat seen = features_repeat(&d->seen, plan->as_of);
        put_mean(&grid, d, seen);
        put_ratio(&grid, d);
        put_cell(&grid, d, COLUMN_EXPECTED_SPEND);
        grid_put(&grid, "expected_purchases x E[M] x net ratio");
        put_forecast(&grid, d, seen);
        put_interval(&grid, d);
        put_offer(&grid, d);
    }
    return grid_print(&grid, out, PORTRAIT_MARGIN);
}

static int print_wallet(const struct dossier *d, FILE *out)
{
    const struct model *model = results_model(d->results);
    struct grid grid = grid_of(3, 1U << 1);
    char money[PORTRAIT_MONEY];
    fputs("\nShare of wallet\n", out);
    put_cell(&grid, d, COLUMN_WALLET_BASIS);
    grid_end(&grid);
    if (dossier_knows(d, DOSSIER_WALLET) && d->row.wallet_basis == WALLET_BASIS_GROUP &&
        d->row.wallet_group < model->groups.n) {
        grid_put(&grid, "estimate");
        grid_put(&grid, "%s",
                 portrait_money(d, model->groups.estimate[d->row.wallet_group], money));
        grid_put(&grid, "a unit in %d days, by his peers",
                 (int)d->results->plan.wallet_window_days);
        put_number(&grid, "units", money_units(d->attributes.units));
        grid_put(&grid, "found from what they led to");
    }
    if (d->row.wallet_basis == WALLET_BASIS_RANK) {
        put_number(&grid, "share", wallet_rank_share(d->attributes.rank));
        grid_put(&grid, "(1 - rank / (brands + 1)) x 2 / brands, the Wallet Allocation Rule");
    }
    if (portrait_cell(d, COLUMN_WALLET_SIZE)[0] != '-') {
        put_cell(&grid, d, COLUMN_WALLET_SIZE);
        grid_end(&grid);
        put_cell(&grid, d, COLUMN_WALLET_HEADROOM);
        grid_put(&grid, "wallet less S, the spend of %d days, 0 at least",
                 (int)d->results->plan.wallet_window_days);
        put_cell(&grid, d, COLUMN_WALLET_SHARE);
        grid_put(&grid, "S / the larger of wallet and S");
        put_cell(&grid, d, COLUMN_WALLET_CAPPED);
        grid_put(&grid, "1: S reaches the wallet");
    }
    return grid_print(&grid, out, PORTRAIT_MARGIN);
}

int portrait_value_print(const struct dossier *d, FILE *out)
{
    int r = 0;
    if (d->row.flags & ROW_MODEL && dossier_knows(d, DOSSIER_REPEAT))
        r = print_forecast(d, out);
    if (r == 0 && d->results->plan.wallet_method != WALLET_NONE)
        r = print_wallet(d, out);
    return r;
}
