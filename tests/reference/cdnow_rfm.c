/* SPDX-License-Identifier: Apache-2.0 */
/* RFM of a real ledger, the CDNOW 1/10 sample (6,919 purchases of 2,357 customers): what
 * docs/SCORING.md claims of it, and every score against pandas, where pandas is installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/day.h"
#include "score/quantile.h"
#include "support/assert.h"
#include "support/ledger.h"

#define BINS 5

static char path[512];

static struct plan plan_as_of(const char *date, enum rfm_ties ties)
{
    struct plan plan = {.rfm_bins = BINS,
                        .rfm_ties = ties,
                        .rfm_window_days = PLAN_DAYS_ALL,
                        .wallet_window_days = 365};
    assert_int_equal(day_read(date, &plan.as_of), 0);
    return plan;
}

static struct ledger scored(const char *date, enum rfm_ties ties)
{
    struct ledger ledger = ledger_read(path);
    struct plan plan = plan_as_of(date, ties);
    ledger_features(&ledger, &plan);
    ledger_score(&ledger, &plan);
    return ledger;
}

static void the_sample_is_the_one_that_was_published(void **state)
{
    (void)state;
    struct ledger ledger = scored("1998-06-30", RFM_TOGETHER);
    assert_int_equal(ledger.n, 2357);
    assert_int_equal(ledger.tallies.purchases.rows, 6919);
    assert_int_equal(ledger.tallies.after_as_of.rows, 0);
    ledger_free(&ledger);
    ledger = scored("1997-09-30", RFM_TOGETHER);
    assert_int_equal(ledger.tallies.purchases.rows, 4960);
    assert_int_equal(ledger.tallies.after_as_of.rows, 1959);
    size_t repeaters = 0; /* 946 by Fader & Hardie 2013 */
    for (size_t i = 0; i < ledger.n; i++)
        repeaters += ledger.customer[i].seen.purchase_days > 1;
    assert_int_equal(repeaters, 946);
    ledger_free(&ledger);
}

static void half_the_base_bought_once_so_frequency_scores_skip_two(void **state)
{
    (void)state;
    struct ledger ledger = scored("1998-06-30", RFM_TOGETHER);
    size_t once = 0, count[BINS + 1] = {0};
    for (size_t i = 0; i < ledger.n; i++) {
        once += ledger.customer[i].seen.purchase_days == 1;
        count[ledger.customer[i].rfm[RFM_FREQUENCY]]++;
    }
    assert_int_equal(once, 1218);
    assert_int_equal(count[1], once);
    assert_int_equal(count[2], 0);
    assert_true(count[3] > 0 && count[4] > 0 && count[5] > 0);
    ledger_free(&ledger);
}

static void negating_recency_first_would_move_customers(void **state)
{
    (void)state;
    struct ledger ledger = scored("1998-06-30", RFM_TOGETHER);
    struct plan plan = plan_as_of("1998-06-30", RFM_TOGETHER);
    struct rfm_cuts cuts = {.ties = RFM_TOGETHER, .bins = BINS};
    int64_t *negated = calloc(ledger.n, sizeof *negated);
    assert_non_null(negated);
    for (size_t i = 0; i < ledger.n; i++)
        negated[i] = -ledger_metric(&ledger.customer[i], RFM_RECENCY, plan.as_of);
    for (int32_t k = 1; k < BINS; k++) {
        struct quantile p = {k, BINS};
        quantile_of(negated, ledger.n, &p, 1, &cuts.cut[RFM_FREQUENCY][k - 1].value);
    }
    size_t moved = 0;
    for (size_t i = 0; i < ledger.n; i++) {
        int64_t value = -ledger_metric(&ledger.customer[i], RFM_RECENCY, plan.as_of);
        moved +=
            rfm_score(&cuts, RFM_FREQUENCY, value, "", 0) != ledger.customer[i].rfm[RFM_RECENCY];
    }
    assert_int_equal(moved, 46); /* of the full base, 392 of 23,570 */
    free(negated);
    ledger_free(&ledger);
}

/* Whether another order of equal rows could have given the customer another tile. */
static int order_decides(const struct ledger *ledger, const struct ledger_customer *customer)
{
    for (size_t i = 0; i < ledger->n; i++)
        if (ledger->customer[i].seen.purchase_days == customer->seen.purchase_days &&
            ledger->customer[i].rfm[RFM_FREQUENCY] != customer->rfm[RFM_FREQUENCY])
            return 1;
    return 0;
}

static void tiles_of_frequency_depend_on_the_order_of_rows(void **state)
{
    (void)state;
    struct ledger ledger = scored("1997-09-30", RFM_NTILE);
    size_t decided = 0;
    for (size_t i = 0; i < ledger.n; i++)
        decided += (size_t)order_decides(&ledger, &ledger.customer[i]);
    assert_int_equal(decided, 2064); /* 87.6 % */
    ledger_free(&ledger);
}

static void scores_do_not_change_with_the_currency(void **state)
{
    (void)state;
    struct ledger ledger = scored("1998-06-30", RFM_TOGETHER),
                  cents = scored("1998-06-30", RFM_TOGETHER);
    struct plan plan = plan_as_of("1998-06-30", RFM_TOGETHER);
    for (size_t i = 0; i < cents.n; i++)
        for (size_t j = 0; j < cents.customer[i].n; j++)
            cents.customer[i].rows[j].amount *= 100;
    ledger_features(&cents, &plan);
    ledger_score(&cents, &plan);
    for (size_t i = 0; i < ledger.n; i++)
        assert_memory_equal(ledger.customer[i].rfm, cents.customer[i].rfm,
                            sizeof cents.customer[i].rfm);
    ledger_free(&ledger);
    ledger_free(&cents);
}

static void every_customer_scores_as_with_pandas(void **state)
{
    (void)state;
    struct ledger ledger = scored("1998-06-30", RFM_TOGETHER);
    char command[1400], id[32];
    int32_t r, f, m;
    if (system("/usr/bin/python3 -c 'import pandas' 2>/dev/null") != 0) {
        printf("skipped: no pandas\n");
        ledger_free(&ledger);
        skip();
    }
    snprintf(command, sizeof command, "/usr/bin/python3 '%s/tests/reference/cdnow_rfm.py' '%s'",
             SOURCE_ROOT, path);
    FILE *pandas = popen(command, "r");
    assert_non_null(pandas);
    for (size_t i = 0; i < ledger.n; i++) {
        const struct ledger_customer *customer = &ledger.customer[i];
        assert_int_equal(fscanf(pandas, "%31s %d %d %d", id, &r, &f, &m), 4);
        assert_string_equal(customer->id, id);
        assert_int_equal(customer->rfm[RFM_RECENCY], r);
        assert_int_equal(customer->rfm[RFM_FREQUENCY], f);
        assert_int_equal(customer->rfm[RFM_MONETARY], m);
    }
    assert_int_equal(pclose(pandas), 0);
    ledger_free(&ledger);
}

int main(void)
{
    if (ledger_data("cdnow_sample.tx.csv.gz", path, sizeof path)) {
        printf("skipped: no %s\n", path);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_is_the_one_that_was_published),
        cmocka_unit_test(half_the_base_bought_once_so_frequency_scores_skip_two),
        cmocka_unit_test(negating_recency_first_would_move_customers),
        cmocka_unit_test(tiles_of_frequency_depend_on_the_order_of_rows),
        cmocka_unit_test(scores_do_not_change_with_the_currency),
        cmocka_unit_test(every_customer_scores_as_with_pandas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
