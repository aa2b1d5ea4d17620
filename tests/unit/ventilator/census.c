/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/census.h"

#include <stdio.h>
#include <stdlib.h>

#include "score/money.h"
#include "support/assert.h"
#include "support/reading.h"

#define ROWS 4000

/* Reads the ledger and keeps nothing. */
static struct census census_of(struct reading *reading, uint32_t threads, int32_t until)
{
    struct census census = census_until(until);
    struct partition *partition = NULL;
    const struct partition_order order = {.survey = reading->survey,
                                          .until = until,
                                          .shards = 1,
                                          .threads = threads,
                                          .rejects_limit = -1};
    assert_int_equal(partition_start(&order, &partition), 0);
    assert_int_equal(partition_wait(partition), 0);
    assert_int_equal(partition_census(partition, &census), 0);
    partition_stop(&partition);
    return census;
}

static void begin(struct reading *reading, const char *text)
{
    reading_begin(reading);
    reading_text(reading, text);
    assert_int_equal(reading_survey(reading), 0);
}

static void customers_are_counted_once(void **state)
{
    (void)state;
    struct reading reading;
    begin(&reading, "customer_id,date,amount\n"
                    "a,2020-01-01,1.50\nb,2020-01-02,2\na,2020-01-03,-0.25\n"
                    ",2020-01-01,9\nc,never,1\n");
    struct census census = census_of(&reading, 0, INT32_MAX);
    assert_int_equal(census.customers.n, 2);
    assert_int_equal(census.purchases.rows, 2);
    assert_int_equal(census.purchases.amount, 35 * MONEY_PER_UNIT / 10);
    assert_int_equal(census.refunds.rows, 1);
    assert_int_equal(census.refunds.amount, -MONEY_PER_UNIT / 4);
    census_release(&census);
    reading_end(&reading);
}

static void who_comes_later_is_nobody_yet(void **state)
{
    (void)state;
    struct reading reading;
    begin(&reading, "customer_id,date,amount\n"
                    "a,2020-01-01,1\nb,2020-01-02,2\na,2020-01-03,-4\n");
    struct census census = census_of(&reading, 0, reading_day("2020-01-01"));
    assert_int_equal(census.customers.n, 1);
    assert_int_equal(census.purchases.rows, 1);
    assert_int_equal(census.refunds.rows, 0);
    assert_int_equal(census.later.rows, 2);
    assert_int_equal(census.later.amount, -2 * MONEY_PER_UNIT);
    census_release(&census);
    reading_end(&reading);
}

static void any_number_of_threads_counts_the_same(void **state)
{
    (void)state;
    struct reading reading;
    char *text = malloc(ROWS * 400), *at = text;
    at += sprintf(at, "customer_id,date,amount,note\n");
    for (int i = 0; i < ROWS; i++)
        at += sprintf(at, "c%d,2020-01-%02d,%d,%0300d\n", i % 977, i % 28 + 1, i % 7 ? i : -i,
                      0); /* wide enough for several chunks */
    begin(&reading, text);
    for (uint32_t threads = 0; threads < 4; threads++) {
        struct census census = census_of(&reading, threads, INT32_MAX);
        assert_int_equal(census.customers.n, 977);
        assert_int_equal(census.refunds.rows, (ROWS + 6) / 7 - 1); /* -0 is no refund */
        assert_int_equal(census.purchases.rows + census.refunds.rows, ROWS);
        assert_int_equal(census.purchases.amount - census.refunds.amount,
                         (int64_t)ROWS * (ROWS - 1) / 2 * MONEY_PER_UNIT);
        census_release(&census);
    }
    free(text);
    reading_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(customers_are_counted_once),
        cmocka_unit_test(who_comes_later_is_nobody_yet),
        cmocka_unit_test(any_number_of_threads_counts_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
