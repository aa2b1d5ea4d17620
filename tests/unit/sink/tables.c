/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/tables.h"

#include <stdlib.h>
#include <string.h>

#include "score/money.h"
#include "support/assert.h"

#define PERCENT   (PLAN_SHARE_WHOLE / 100)
#define UNIT      MONEY_PER_UNIT
#define HALF_UNIT (UINT64_C(1) << 51) /* .5 of a churn probability, in units of 2^-52 */

static const char head[] =
    "tier,customers,target_share,customer_share,revenue,revenue_share,clv,clv_share,"
    "mean_churn_prob,revenue_at_risk,wallet_customers,wallet_share,wallet_headroom,cutoff,"
    "retention_customers,retention_gain,unprofitable_customers,unprofitable_loss,wallet_zero,"
    "wallet_shared,wallet_exclusive\n";

/* The cells of what a tier yields where it yields nothing, with and without amounts. */
#define NOTHING ",0,,0,0.0000,0,0,0"
#define NOMONEY ",0,,0,,0,0,0"

static struct plan a_plan(void)
{
    return (struct plan){.n_tiers = 2,
                         .tiers = {{"best", 25 * PERCENT}, {"rest", 75 * PERCENT}},
                         .has_amount = 1,
                         .decimals = 2};
}

/* The rows of tiers.csv, the head checked and taken off; the caller's to free. */
static char *rows_of(const struct plan *plan, const struct tiering *tiering,
                     const struct tier_sums *sums)
{
    char *text;
    size_t size;
    assert_int_equal(tiers_csv_write(plan, tiering, sums, 6, &text, &size), 0);
    assert_true(size > strlen(head));
    assert_memory_equal(text, head, strlen(head));
    char *rows = strndup(text + strlen(head), size - strlen(head));
    free(text);
    return rows;
}

/* Four customers, 400 of revenue and 200 of clv in all. */
static void shares_are_of_the_whole(void **state)
{
    (void)state;
    const struct plan plan = a_plan();
    const struct tiering tiering = {.cutoffs = {2, {{1, 50 * UNIT}, {1, -1}}}};
    struct tier_sums sums[TIER_ROWS] = {{.customers = 1,
                                         .revenue = 300 * UNIT,
                                         .clv = 150 * UNIT,
                                         .revenue_at_risk = 75 * UNIT,
                                         .with_churn = 1,
                                         .churn_low = HALF_UNIT / 2},
                                        {.customers = 3,
                                         .revenue = 100 * UNIT,
                                         .clv = 50 * UNIT,
                                         .revenue_at_risk = 66666,
                                         .with_churn = 3,
                                         .churn_high = 1,
                                         .churn_low = HALF_UNIT}};
    char *rows = rows_of(&plan, &tiering, sums);
    assert_string_equal(
        rows, "best,1,0.25,0.25,300.00,0.75,150.0000,0.75,0.25,75.0000,0,,,50.0000" NOTHING "\n"
              "rest,3,0.75,0.75,100.00,0.25,50.0000,0.25,0.5,6.6666,0,,,-0.0001" NOTHING "\n");
    free(rows);
}

static void the_inactive_have_a_row_where_there_are_any(void **state)
{
    (void)state;
    const struct plan plan = a_plan();
    const struct tiering tiering = {.cutoffs = {2, {{1, UNIT}, {1, 0}}}};
    struct tier_sums sums[TIER_ROWS] = {
        {.customers = 1, .revenue = UNIT}, {.customers = 2, .revenue = UNIT}, {.customers = 1}};
    char *rows = rows_of(&plan, &tiering, sums);
    assert_string_equal(rows, "best,1,0.25,0.25,1.00,0.5,0.0000,,,0.0000,0,,,1.0000" NOTHING "\n"
                              "rest,2,0.75,0.5,1.00,0.5,0.0000,,,0.0000,0,,,0.0000" NOTHING "\n"
                              "inactive,1,,0.25,0.00,0,0.0000,,,0.0000,0,,," NOTHING "\n");
    free(rows);
}

static void shares_of_a_total_that_is_not_positive_are_empty(void **state)
{
    (void)state;
    const struct plan plan = a_plan();
    const struct tiering tiering = {.cutoffs = {2, {{1, 0}, {1, -2 * UNIT}}}};
    struct tier_sums sums[TIER_ROWS] = {{.customers = 1, .revenue = UNIT},
                                        {.customers = 1, .revenue = -UNIT}};
    char *rows = rows_of(&plan, &tiering, sums);
    assert_string_equal(rows, "best,1,0.25,0.5,1.00,,0.0000,,,0.0000,0,,,0.0000" NOTHING "\n"
                              "rest,1,0.75,0.5,-1.00,,0.0000,,,0.0000,0,,,-2.0000" NOTHING "\n");
    free(rows);
}

static void an_empty_tier_has_an_empty_cut_off_and_no_mean(void **state)
{
    (void)state;
    const struct plan plan = a_plan();
    const struct tiering tiering = {.cutoffs = {2, {{0, 0}, {1, UNIT}}}};
    struct tier_sums sums[TIER_ROWS] = {
        {0}, {.customers = 1, .revenue = 4 * UNIT, .with_churn = 1, .churn_low = HALF_UNIT}};
    char *rows = rows_of(&plan, &tiering, sums);
    assert_string_equal(rows, "best,0,0.25,0,0.00,0,0.0000,,,0.0000,0,,," NOTHING "\n"
                              "rest,1,0.75,1,4.00,1,0.0000,,0.5,0.0000,0,,,1.0000" NOTHING "\n");
    free(rows);
}

static void a_ledger_without_amounts_has_no_money(void **state)
{
    (void)state;
    struct plan plan = a_plan();
    const struct tiering tiering = {.cutoffs = {2, {{1, 25000}, {1, 0}}}};
    struct tier_sums sums[TIER_ROWS] = {{.customers = 2, .with_churn = 2, .churn_high = 1},
                                        {.customers = 2}};
    plan.has_amount = 0;
    char *rows = rows_of(&plan, &tiering, sums);
    assert_string_equal(rows, "best,2,0.25,0.5,,,,,0.5,,0,,,2.5000" NOMONEY "\n"
                              "rest,2,0.75,0.5,,,,,,,0,,,0.0000" NOMONEY "\n");
    free(rows);
}

static void wallets_are_of_those_who_have_one(void **state)
{
    (void)state;
    const struct plan plan = a_plan();
    const struct tiering tiering = {.cutoffs = {2, {{1, UNIT}, {1, 0}}}};
    struct tier_sums sums[TIER_ROWS] = {{.customers = 2,
                                         .revenue = UNIT,
                                         .wallet_customers = 1,
                                         .wallet_spend = UNIT,
                                         .wallet_whole = 3 * UNIT,
                                         .wallet_headroom = 2 * UNIT},
                                        {.customers = 2, .revenue = UNIT}};
    char *rows = rows_of(&plan, &tiering, sums);
    assert_string_equal(
        rows, "best,2,0.25,0.5,1.00,0.5,0.0000,,,0.0000,1,0.333333,2.0000,1.0000" NOTHING "\n"
              "rest,2,0.75,0.5,1.00,0.5,0.0000,,,0.0000,0,,,0.0000" NOTHING "\n");
    free(rows);
}

static void a_target_share_is_as_exact_as_it_was_asked_for(void **state)
{
    (void)state;
    struct plan plan = a_plan();
    const struct tiering tiering = {.cutoffs = {2, {{1, UNIT}, {1, 0}}}};
    struct tier_sums sums[TIER_ROWS] = {{.customers = 1}, {.customers = 2}};
    plan.tiers[0].share = 33333333;
    plan.tiers[1].share = PLAN_SHARE_WHOLE - 33333333;
    char *rows = rows_of(&plan, &tiering, sums);
    assert_non_null(strstr(rows, "best,1,0.33333333,0.333333,"));
    assert_non_null(strstr(rows, "rest,2,0.66666667,0.666667,"));
    free(rows);
}

static void as_many_tiers_as_there_can_be_have_a_row_each(void **state)
{
    (void)state;
    struct plan plan = {.n_tiers = PLAN_TIERS_LIMIT, .has_amount = 1, .decimals = 4};
    struct tiering tiering = {.cutoffs.n = PLAN_TIERS_LIMIT};
    struct tier_sums sums[TIER_ROWS];
    size_t lines = 0;
    for (int32_t i = 0; i <= PLAN_TIERS_LIMIT; i++) {
        sums[i] = (struct tier_sums){.customers = UINT64_MAX / 64,
                                     .revenue = INT64_MIN / 32,
                                     .clv = INT64_MIN / 32,
                                     .revenue_at_risk = INT64_MIN,
                                     .with_churn = 3,
                                     .churn_low = 1,
                                     .wallet_customers = UINT64_MAX / 2,
                                     .wallet_spend = 1,
                                     .wallet_whole = INT64_MAX,
                                     .wallet_headroom = INT64_MAX};
        if (i == PLAN_TIERS_LIMIT)
            break;
        memset(plan.tiers[i].name, 'a' + i, PLAN_TIER_NAME_LIMIT);
        plan.tiers[i].share = PLAN_SHARE_WHOLE / PLAN_TIERS_LIMIT - 1;
        tiering.cutoffs.cutoff[i].present = 1;
        tiering.cutoffs.cutoff[i].value = INT64_MIN;
    }
    char *rows = rows_of(&plan, &tiering, sums);
    for (const char *at = rows; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, PLAN_TIERS_LIMIT + 1);
    free(rows);
}

/* ---- schema.sql ---- */

static char *schema_of(const char *words)
{
    struct columns_chosen columns;
    char *text;
    size_t size;
    assert_int_equal(columns_choose(words, &columns, NULL, NULL), 0);
    assert_int_equal(schema_sql_write(&columns, &text, &size), 0);
    char *schema = strndup(text, size);
    free(text);
    return schema;
}

static void the_schema_has_the_chosen_columns_typed_and_a_key(void **state)
{
    (void)state;
    char *schema = schema_of("minimal");
    assert_non_null(strstr(schema, "CREATE TABLE scores (\n"
                                   "    \"customer_id\" TEXT NOT NULL,\n"
                                   "    \"value\" NUMERIC(20,4),\n"
                                   "    \"tier\" TEXT NOT NULL,\n"
                                   "    \"action\" TEXT NOT NULL,\n"
                                   "    PRIMARY KEY (customer_id)\n"
                                   ");\n"));
    free(schema);
}

static void a_warehouse_tells_runs_apart(void **state)
{
    (void)state;
    char *schema = schema_of("warehouse");
    assert_non_null(strstr(schema, "    \"run_id\" TEXT NOT NULL,\n    \"as_of\" DATE,\n"));
    assert_non_null(strstr(schema, "PRIMARY KEY (run_id, customer_id)"));
    free(schema);
}

static void without_the_customer_there_is_no_key(void **state)
{
    (void)state;
    char *schema = schema_of("value,tier");
    assert_non_null(strstr(schema, "    \"tier\" TEXT NOT NULL\n);"));
    free(schema);
}

static void the_table_of_tiers_has_the_columns_of_its_file(void **state)
{
    (void)state;
    char *schema = schema_of("all"), *at = strstr(schema, "CREATE TABLE tiers");
    assert_non_null(at);
    for (const char *name = head; *name;) {
        char line[64] = "\n    ";
        size_t size = strcspn(name, ",\n");
        strncat(line, name, size);
        strcat(line, " ");
        at = strstr(at + 1, line); /* each after the one before it */
        assert_non_null(at);
        name += size + 1;
    }
    free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_the_whole),
        cmocka_unit_test(the_inactive_have_a_row_where_there_are_any),
        cmocka_unit_test(shares_of_a_total_that_is_not_positive_are_empty),
        cmocka_unit_test(an_empty_tier_has_an_empty_cut_off_and_no_mean),
        cmocka_unit_test(a_ledger_without_amounts_has_no_money),
        cmocka_unit_test(wallets_are_of_those_who_have_one),
        cmocka_unit_test(a_target_share_is_as_exact_as_it_was_asked_for),
        cmocka_unit_test(as_many_tiers_as_there_can_be_have_a_row_each),
        cmocka_unit_test(the_schema_has_the_chosen_columns_typed_and_a_key),
        cmocka_unit_test(a_warehouse_tells_runs_apart),
        cmocka_unit_test(without_the_customer_there_is_no_key),
        cmocka_unit_test(the_table_of_tiers_has_the_columns_of_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
