/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/digits.h"
#include "common/log.h"
#include "score/money.h"

static const char tiers_head[] =
    "tier,customers,target_share,customer_share,revenue,revenue_share,clv,clv_share,mean_churn_"
    "prob,"
    "revenue_at_risk,wallet_customers,wallet_share,wallet_headroom,cutoff," YIELD_HEAD "\n";

#define TIER_ROW_ROOM (PLAN_TIER_NAME_LIMIT + 16 * (DIGITS_ROOM + 1) + YIELD_ROOM)

/* Totals over all tiers, for shares. */
struct totals {
    uint64_t customers;
    double revenue, clv;
};

static struct totals totals_of(const struct tier_sums *sums, int32_t rows)
{
    struct totals totals = {0, 0, 0};
    for (int32_t i = 0; i < rows; i++) {
        totals.customers += sums[i].customers;
        totals.revenue += money_units(sums[i].revenue);
        totals.clv += money_units(sums[i].clv);
    }
    return totals;
}

/* part / whole, empty where the whole is not positive. */
static char *put_share(char *out, double part, double whole, int32_t digits)
{
    return whole > 0 ? digits_double(out, part / whole, digits) : out;
}

static char *put_revenue(char *out, const struct plan *plan, int64_t money, int decimals)
{
    return plan_knows_spend(plan) ? digits_money(out, money, decimals) : out;
}

static char *put_tier(char *out, const struct plan *plan, const struct tiering *tiering,
                      const struct tier_sums *sums, int32_t tier, const struct totals *totals,
                      int32_t digits)
{
    int inactive = tier == plan->n_tiers;
    out += sprintf(out, "%s,", inactive ? "inactive" : plan->tiers[tier].name);
    out = digits_int(out, (int64_t)sums->customers);
    *out++ = ',';
    if (!inactive)
        out = digits_double(out, (double)plan->tiers[tier].share / (double)PLAN_SHARE_WHOLE, 15);
    *out++ = ',';
    out = put_share(out, (double)sums->customers, (double)totals->customers, digits);
    *out++ = ',';
    out = put_revenue(out, plan, sums->revenue, plan->decimals);
    *out++ = ',';
    out = put_share(out, money_units(sums->revenue), totals->revenue, digits);
    *out++ = ',';
    out = plan->has_amount ? digits_money(out, sums->clv, 4) : out;
    *out++ = ',';
    out = put_share(out, money_units(sums->clv), totals->clv, digits);
    *out++ = ',';
    out = sums->with_churn ? digits_double(out, tier_sums_mean_churn(sums), digits) : out;
    *out++ = ',';
    out = put_revenue(out, plan, sums->revenue_at_risk, 4);
    *out++ = ',';
    out = digits_int(out, (int64_t)sums->wallet_customers);
    *out++ = ',';
    out = put_share(out, money_units(sums->wallet_spend), money_units(sums->wallet_whole), digits);
    *out++ = ',';
    out = sums->wallet_customers ? digits_money(out, sums->wallet_headroom, 4) : out;
    *out++ = ',';
    if (!inactive && tiering->cutoffs.cutoff[tier].present)
        out = digits_money(out, tiering->cutoffs.cutoff[tier].value, 4);
    *out++ = ',';
    out = yield_put(out, plan, &sums->yield);
    *out++ = '\n';
    return out;
}

int tiers_csv_write(const struct plan *plan, const struct tiering *tiering,
                    const struct tier_sums *sums, int32_t digits, char **text, size_t *size)
{
    int32_t rows = plan->n_tiers + (sums[plan->n_tiers].customers > 0);
    struct totals totals = totals_of(sums, plan->n_tiers + 1);
    char *out = malloc(sizeof tiers_head + (size_t)rows * TIER_ROW_ROOM), *at = out;
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for tiers.csv");
    at += sprintf(at, "%s", tiers_head);
    for (int32_t tier = 0; tier < rows; tier++)
        at = put_tier(at, plan, tiering, &sums[tier], tier, &totals, digits);
    *text = out;
    *size = (size_t)(at - out);
    return 0;
}

static const char *sql_type(enum column_type type)
{
    static const char *const types[] = {
        [COLUMN_TEXT] = "TEXT",           [COLUMN_DATE] = "DATE",
        [COLUMN_COUNT] = "BIGINT",        [COLUMN_SCORE] = "SMALLINT",
        [COLUMN_YES] = "SMALLINT",        [COLUMN_LEDGER_MONEY] = "NUMERIC(20,4)",
        [COLUMN_MONEY] = "NUMERIC(20,4)", [COLUMN_REAL] = "DOUBLE PRECISION",
    };
    return types[type];
}

static const char schema_tiers[] = "CREATE TABLE tiers (\n"
                                   "    tier TEXT NOT NULL PRIMARY KEY,\n"
                                   "    customers BIGINT NOT NULL,\n"
                                   "    target_share DOUBLE PRECISION,\n"
                                   "    customer_share DOUBLE PRECISION,\n"
                                   "    revenue NUMERIC(20,4),\n"
                                   "    revenue_share DOUBLE PRECISION,\n"
                                   "    clv NUMERIC(20,4),\n"
                                   "    clv_share DOUBLE PRECISION,\n"
                                   "    mean_churn_prob DOUBLE PRECISION,\n"
                                   "    revenue_at_risk NUMERIC(20,4),\n"
                                   "    wallet_customers BIGINT NOT NULL,\n"
                                   "    wallet_share DOUBLE PRECISION,\n"
                                   "    wallet_headroom NUMERIC(20,4),\n"
                                   "    cutoff NUMERIC(20,4),\n" YIELD_SCHEMA ");\n";

static int has_column(const struct columns_chosen *columns, enum column column)
{
    for (size_t i = 0; i < columns->n; i++)
        if (columns->column[i] == column)
            return 1;
    return 0;
}

/* The key of scores: the customer, of a run where runs are told apart. */
static const char *scores_key(const struct columns_chosen *columns)
{
    if (!has_column(columns, COLUMN_CUSTOMER_ID))
        return "";
    return has_column(columns, COLUMN_RUN_ID) ? ",\n    PRIMARY KEY (run_id, customer_id)"
                                              : ",\n    PRIMARY KEY (customer_id)";
}

int schema_sql_write(const struct columns_chosen *columns, char **text, size_t *size)
{
    size_t room = columns->n * 256 + sizeof schema_tiers + 256;
    char *out = malloc(room), *at = out;
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for schema.sql");
    at += sprintf(at, "CREATE TABLE scores (\n");
    for (size_t i = 0; i < columns->n; i++) {
        const struct column_row *row = columns_row(columns->column[i]);
        at += sprintf(at, "%s    \"%s\" %s%s", i > 0 ? ",\n" : "", row->name, sql_type(row->type),
                      row->filling == COLUMN_ALWAYS ? " NOT NULL" : "");
    }
    at += sprintf(at, "%s\n);\n\n%s", scores_key(columns), schema_tiers);
    *text = out;
    *size = (size_t)(at - out);
    return 0;
}
