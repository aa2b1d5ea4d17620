/* SPDX-License-Identifier: Apache-2.0 */
/* Every case of tests/golden/rfm, scored by score/, against the expected.csv that rfm.py made with
 * pandas and SQLite. One test a case; what a case is for stands in its why.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/day.h"
#include "score/tier.h"
#include "support/assert.h"
#include "support/ledger.h"

#define LINE 512

static const struct plan_tier usual[] = {{"top", PLAN_SHARE_WHOLE / 5},
                                         {"middle", PLAN_SHARE_WHOLE / 5 * 3},
                                         {"bottom", PLAN_SHARE_WHOLE / 5}};

static FILE *open_part(const char *name, const char *part)
{
    char path[LINE];
    snprintf(path, sizeof path, "%s/tests/golden/rfm/%s/%s", SOURCE_ROOT, name, part);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static struct plan plan_of(const char *name)
{
    struct plan plan = {.wallet_window_days = 365};
    char as_of[16], window[16], frequency[16];
    FILE *file = open_part(name, "settings.txt");
    assert_int_equal(fscanf(file, "as_of %15s bins %d window %15s frequency %15s", as_of,
                            &plan.rfm_bins, window, frequency),
                     4);
    fclose(file);
    assert_int_equal(day_read(as_of, &plan.as_of), 0);
    plan.rfm_window_days = strcmp(window, "all") == 0 ? PLAN_DAYS_ALL : atoi(window);
    plan.rfm_frequency = strcmp(frequency, "days") == 0 ? RFM_DAYS : RFM_ORDERS;
    return plan;
}

static struct ledger scored(const char *name, struct plan plan, enum rfm_ties ties)
{
    char path[LINE];
    snprintf(path, sizeof path, "%s/tests/golden/rfm/%s/ledger.csv", SOURCE_ROOT, name);
    struct ledger ledger = ledger_read(path);
    plan.rfm_ties = ties;
    ledger_features(&ledger, &plan);
    ledger_score(&ledger, &plan);
    return ledger;
}

static struct tier_cutoffs cut(const struct ledger *ledger)
{
    int64_t *values = calloc(ledger->n + 1, sizeof *values);
    assert_non_null(values);
    size_t n = 0, n_last = 0;
    for (size_t i = 0; i < ledger->n; i++) {
        const struct features *seen = &ledger->customer[i].seen;
        if (seen->last_day != DAY_NONE)
            values[n++] = seen->spend_365d;
        else
            n_last += seen->seen != 0;
    }
    struct tier_cutoffs cutoffs;
    tier_cut(usual, 3, values, n, n_last, &cutoffs);
    free(values);
    return cutoffs;
}

static void print_day(char *cell, int32_t day)
{
    if (day == DAY_NONE)
        cell[0] = '\0';
    else
        day_print(day, cell);
}

static void print_score(char *cell, size_t room, int32_t score)
{
    cell[0] = '\0';
    if (score != 0)
        snprintf(cell, room, "%d", score);
}

/* A line of expected.csv as score/ has it. */
static void print_row(char *line, const struct plan *plan, const struct ledger_customer *together,
                      const struct ledger_customer *ntile, int32_t tier)
{
    const struct features *seen = &together->seen;
    char first[16], last[16], recency[16] = "", score[2 * RFM_METRICS][8];
    print_day(first, seen->first_day);
    print_day(last, seen->last_day);
    if (seen->last_day != DAY_NONE)
        snprintf(recency, sizeof recency, "%d", features_recency_days(seen, plan->as_of));
    for (int metric = 0; metric < RFM_METRICS; metric++) {
        print_score(score[2 * metric], sizeof score[0], together->rfm[metric]);
        print_score(score[2 * metric + 1], sizeof score[0], ntile->rfm[metric]);
    }
    snprintf(line, LINE, "%s,%s,%s,%s,%u,%u,%lld,%lld,%lld,%u,%lld,%s,%s,%s,%s,%s,%s,%d\n",
             together->id, first, last, recency, seen->purchase_days, seen->orders,
             (long long)seen->monetary_total, (long long)seen->spend_365d,
             (long long)seen->repeat_spend, seen->rfm_frequency, (long long)seen->rfm_monetary,
             score[0], score[1], score[2], score[3], score[4], score[5], tier);
}

static void a_case(void **state)
{
    const char *name = *state;
    struct plan plan = plan_of(name);
    struct ledger together = scored(name, plan, RFM_TOGETHER);
    struct ledger ntile = scored(name, plan, RFM_NTILE);
    struct tier_cutoffs cutoffs = cut(&together);
    FILE *expected = open_part(name, "expected.csv");
    char want[LINE], got[LINE];
    assert_non_null(fgets(want, sizeof want, expected)); /* the header */
    for (size_t i = 0; i < together.n; i++) {
        const struct features *seen = &together.customer[i].seen;
        if (!seen->seen)
            continue;
        int32_t tier = seen->last_day == DAY_NONE ? 2 : tier_of(&cutoffs, seen->spend_365d);
        print_row(got, &plan, &together.customer[i], &ntile.customer[i], tier);
        assert_non_null(fgets(want, sizeof want, expected));
        assert_string_equal(got, want);
    }
    assert_null(fgets(want, sizeof want, expected));
    fclose(expected);
    ledger_free(&together);
    ledger_free(&ntile);
}

#define CASE(words, folder)                                                                        \
    {                                                                                              \
        words, a_case, NULL, NULL, folder                                                          \
    }

int main(void)
{
    static char distinct_edges[] = "distinct_edges", ties[] = "ties", one[] = "one_customer",
                few[] = "fewer_than_bins", refunds[] = "refunds_only", orders[] = "orders",
                window[] = "window", ids[] = "bytewise_ids", nobody[] = "nobody";
    const struct CMUnitTest tests[] = {
        CASE("distinct_edges_score_as_pandas_qcut", distinct_edges),
        CASE("ties_stay_together_or_are_dealt_by_id", ties),
        CASE("one_customer_is_a_base", one),
        CASE("fewer_customers_than_bins_fill_the_first_tiles", few),
        CASE("customers_with_refunds_only_have_no_scores", refunds),
        CASE("orders_are_netted_before_anything_counts", orders),
        CASE("a_window_looks_back_from_as_of", window),
        CASE("ids_are_compared_byte_by_byte", ids),
        CASE("no_base_gives_no_scores", nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
