/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of --input-kind summary, seen through a whole reading. */
#include "ventilator/summary.h"

#include <stdlib.h>
#include <string.h>

#include "score/history.h"
#include "score/summary.h"
#include "support/assert.h"
#include "support/reading.h"

#define HEAD "customer_id,frequency,recency,T,monetary_value\n"

static void run(struct reading *reading, int32_t days, const char *text)
{
    reading_begin(reading);
    reading->settings.summary_days = days;
    reading_text(reading, text);
    if (reading_run(reading))
        fail_msg("said: %s", reading->words.text);
}

static const struct spooled_row *only_row(struct reading *reading)
{
    size_t n;
    const struct spooled_row *rows = spool_memory_rows(reading->segment, &n);
    assert_int_equal(n, 1);
    return rows;
}

/* 10 days of 3 weeks, 4 days of them; 33.333... times 3 */
static void weeks_and_means_come_back_whole(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, 7, HEAD "a,3,1.42857142857143,3.00000000000000,33.3333333333333\n");
    assert_int_equal(only_row(&reading)->day, -21);
    assert_int_equal(only_row(&reading)->amount, 1000000);
    assert_int_equal(only_row(&reading)->order, summary_key(3, 10));
    assert_int_equal(reading.facts->has_amount, 1);
    reading_end(&reading);
}

static void columns_are_found_by_name_in_any_order(void **state)
{
    (void)state;
    struct reading reading;
    run(&reading, 1, "T;id;recency;frequency\n30.0;a;20.0;2.0\n");
    assert_int_equal(only_row(&reading)->day, -30);
    assert_int_equal(only_row(&reading)->order, summary_key(2, 20));
    assert_int_equal(reading.facts->has_amount, 0);
    reading_end(&reading);
}

static void a_column_may_be_named(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading.settings.summary_days = 1;
    reading.settings.map = "customer_id=k,frequency=n,recency=r,T=age,monetary_value=m";
    reading_text(&reading, "k,n,r,age,m\na,1,20,30,2.5\n");
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(only_row(&reading)->amount, 25000);
    reading_end(&reading);
}

static void an_impossible_history_is_a_reject(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a,1.5,2,3,1", "a,2,1,3,1", "a,1,4,3,1", "a,0,1,3,0",   "a,-1,0,3,0", "a,1,2,-3,1",
        "a,x,2,3,1",   "a,1,,3,1",  "a,1,2,,1",  "a,1,2,inf,1", "a,1,2,3,-1", "a,1,2,3,xx",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct reading reading;
        char text[200] = HEAD;
        strcat(text, bad[i]);
        strcat(text, "\n");
        run(&reading, 1, text);
        assert_int_equal(facts_rejects(reading.facts), 1);
        assert_int_equal(reading.facts->rejected[i < 10 ? REJECT_BAD_HISTORY : REJECT_BAD_AMOUNT],
                         1);
        reading_end(&reading);
    }
}

static void a_missing_column_is_asked_for_by_its_name(void **state)
{
    (void)state;
    struct reading reading;
    reading_begin(&reading);
    reading.settings.summary_days = 1;
    reading_text(&reading, "customer_id,frequency,T\na,0,3\n");
    assert_int_not_equal(reading_run(&reading), 0);
    assert_non_null(strstr(reading.words.text, "which column is recency? say --map recency="));
    reading_end(&reading);
}

/* ---- what becomes of it ---- */

static const struct plan as_of_1000 = {.as_of = 1000, .summary = PLAN_SUMMARY_DATED};

static void the_history_is_the_one_that_was_summed_up(void **state)
{
    (void)state;
    const int32_t day[] = {-21};
    const int64_t bought[] = {1000000};
    const uint32_t purchases[] = {1};
    const uint64_t order[] = {summary_key(3, 10)};
    const struct lines lines = {1, day, bought, NULL, purchases, NULL, order, 0};
    struct features seen;
    struct tallies tallies = {0};
    assert_int_equal(history_features(&lines, &as_of_1000, NULL, &seen, &tallies), 0);
    assert_int_equal(seen.first_day, 979);
    assert_int_equal(features_recency_days(&seen, 1000), 11);
    assert_int_equal(seen.purchase_days, 4);
    assert_int_equal(seen.repeat_spend, 1000000);
    assert_int_equal(seen.rfm_monetary, 333333);
    assert_int_equal(tallies.purchases.rows, 1);
}

static void a_customer_who_stands_there_twice_is_noticed(void **state)
{
    (void)state;
    const int32_t day[] = {-21, -20};
    const int64_t bought[] = {0, 0};
    const uint32_t purchases[] = {1, 1}, both[] = {2};
    const uint64_t order[] = {summary_key(0, 0), summary_key(0, 0)};
    const struct lines two = {2, day, bought, NULL, purchases, NULL, order, 0};
    const struct lines merged = {1, day, bought, NULL, both, NULL, order, 0};
    struct features seen;
    struct tallies tallies = {0};
    assert_int_equal(history_features(&two, &as_of_1000, NULL, &seen, &tallies), HISTORY_E_DOUBLED);
    assert_int_equal(history_features(&merged, &as_of_1000, NULL, &seen, &tallies),
                     HISTORY_E_DOUBLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weeks_and_means_come_back_whole),
        cmocka_unit_test(columns_are_found_by_name_in_any_order),
        cmocka_unit_test(a_column_may_be_named),
        cmocka_unit_test(an_impossible_history_is_a_reject),
        cmocka_unit_test(a_missing_column_is_asked_for_by_its_name),
        cmocka_unit_test(the_history_is_the_one_that_was_summed_up),
        cmocka_unit_test(a_customer_who_stands_there_twice_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
