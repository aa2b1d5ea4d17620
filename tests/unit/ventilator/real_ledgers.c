/* SPDX-License-Identifier: Apache-2.0 */
/* Ledgers that others made, where they are at hand: WINNOW_DATA names the directory, "../shared/data"
 * beside the source is looked at otherwise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/assert.h"
#include "support/reading.h"

/* Reads a ledger of the directory; skips the test where it is absent. */
static void read_ledger(struct reading *reading, const char *name)
{
    const char *directory = getenv("WINNOW_DATA");
    reading_begin(reading);
    snprintf(reading->path[0], sizeof reading->path[0], "%s/%s",
             directory ? directory : SOURCE_DIRECTORY "/../shared/data", name);
    reading->ledgers[0] = reading->path[0];
    reading->settings.n_ledgers = 1;
    if (access(reading->path[0], R_OK) != 0) {
        reading->path[0][0] = '\0';
        reading_end(reading);
        skip();
    }
    if (reading_run(reading))
        fail_msg("said: %s", reading->words.text);
    reading->path[0][0] = '\0'; /* not ours to remove */
}

static size_t customers_of(struct reading *reading, size_t *n)
{
    const struct spooled_row *rows = spool_memory_rows(reading->segment, n);
    size_t customers = 0;
    for (size_t i = 0; i < *n; i++)
        customers += i == 0 || strcmp(rows[i].id, rows[i - 1].id) != 0;
    return customers;
}

static void cdnow_has_6919_purchases_of_2357_customers(void **state)
{
    (void)state;
    struct reading reading;
    size_t n, zeros = 0;
    read_ledger(&reading, "cdnow_sample.tx.csv.gz");
    assert_int_equal(customers_of(&reading, &n), 2357);
    assert_int_equal(n, 6919);
    const struct spooled_row *rows = spool_memory_rows(reading.segment, &n);
    for (size_t i = 0; i < n; i++)
        zeros += rows[i].amount == 0;
    assert_int_equal(zeros, 8);
    assert_int_equal(facts_first_day(reading.facts, DAY_NONE), reading_day("1997-01-01"));
    assert_int_equal(facts_last_day(reading.facts, DAY_NONE), reading_day("1998-06-30"));
    assert_int_equal(reading.facts->decimals, 2);
    assert_int_equal(facts_rejects(reading.facts), 0);
    reading_end(&reading);
}

static void the_grocer_has_dates_and_no_amounts(void **state)
{
    (void)state;
    struct reading reading;
    size_t n;
    read_ledger(&reading, "grocery_elog.tx.csv.gz");
    assert_int_equal(customers_of(&reading, &n), 1525);
    assert_int_equal(n, 10483);
    assert_int_equal(reading.facts->has_amount, 0);
    reading_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cdnow_has_6919_purchases_of_2357_customers),
        cmocka_unit_test(the_grocer_has_dates_and_no_amounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
