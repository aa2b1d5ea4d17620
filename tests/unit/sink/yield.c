/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/yield.h"

#include <stdlib.h>

#include "score/money.h"
#include "support/assert.h"
#include "support/scored.h"

#define UNIT        MONEY_PER_UNIT
#define ARENA_LIMIT ((size_t)64 << 20)

static const struct plan plan = {.has_amount = 1,
                                 .margin_millionths = PLAN_MILLION,
                                 .serve_cost = 3 * UNIT,
                                 .offer = {1, UNIT, 10 * UNIT, 500000, 500000}};

static struct scored_customer customer(double churn_prob, int64_t clv_if_alive, int64_t spend)
{
    struct scored_customer of = scored_churner("a", UNIT, churn_prob);
    of.row.flags |= ROW_SPEND;
    of.row.clv_if_alive = clv_if_alive;
    of.row.spend_365d = spend;
    return of;
}

static struct scored_customer with_wallet(int64_t size, int64_t spend)
{
    struct scored_customer of = scored_buyer("b", UNIT);
    of.row.flags |= ROW_WALLET;
    of.row.wallet_size = size;
    of.row.wallet_spend = spend;
    of.row.spend_365d = 3 * UNIT;
    return of;
}

static struct yield yield_of(const struct plan *asked, const struct scored_customer *customers,
                             size_t n)
{
    struct scored scored;
    struct yield yield = {0};
    struct arena *arena = arena_new(ARENA_LIMIT);
    scored_of(&scored, customers, n);
    struct score_columns columns = scored_columns(&scored, 0, arena);
    for (size_t i = 0; i < n; i++) {
        struct retention retention =
            retention_of(&asked->offer, columns.churn_prob[i], columns.clv_if_alive[i]);
        assert_int_equal(yield_add(&yield, asked, &retention, &columns, i), 0);
    }
    scored_free(&scored);
    arena_destroy(&arena);
    return yield;
}

/* .5 * .5 * 90 - .5 * .5 * 10 - 1 = 19; the second one's offer would cost money. */
static void only_offers_that_pay_are_counted(void **state)
{
    (void)state;
    const struct scored_customer of[] = {customer(0.5, 100 * UNIT, 5 * UNIT),
                                         customer(0.1, 11 * UNIT, 5 * UNIT)};
    struct yield yield = yield_of(&plan, of, 2);
    assert_int_equal(yield.retention_customers, 1);
    assert_int_equal(yield.retention_gain, 19 * UNIT);
}

static void who_costs_more_than_he_brings_is_counted(void **state)
{
    (void)state;
    const struct scored_customer of[] = {customer(0, 0, 2 * UNIT), customer(0, 0, 3 * UNIT),
                                         customer(0, 0, -UNIT)};
    struct yield yield = yield_of(&plan, of, 3);
    assert_int_equal(yield.unprofitable_customers, 2);
    assert_int_equal(yield.unprofitable_loss, 5 * UNIT);
}

static void wallets_are_zero_shared_or_exclusive(void **state)
{
    (void)state;
    const struct scored_customer of[] = {with_wallet(5, 0), with_wallet(5, 4), with_wallet(5, 5),
                                         with_wallet(5, 9), scored_buyer("c", UNIT)};
    struct yield yield = yield_of(&plan, of, 5);
    assert_int_equal(yield.wallet_zero, 1);
    assert_int_equal(yield.wallet_shared, 1);
    assert_int_equal(yield.wallet_exclusive, 2);
}

static void merging_adds(void **state)
{
    (void)state;
    const struct scored_customer of[] = {customer(0.5, 100 * UNIT, 0), with_wallet(5, 4)};
    struct yield both = yield_of(&plan, of, 2), first = yield_of(&plan, of, 1),
                 second = yield_of(&plan, of + 1, 1);
    assert_int_equal(yield_merge(&first, &second), 0);
    assert_memory_equal(&first, &both, sizeof both);
    second.retention_gain = INT64_MAX;
    assert_int_not_equal(yield_merge(&first, &second), 0);
}

static void cells_that_nobody_asked_for_are_empty(void **state)
{
    (void)state;
    struct plan silent = plan;
    struct yield yield = {1, 2 * UNIT, 3, 4 * UNIT, 5, 6, 7};
    char out[YIELD_ROOM];
    *yield_put(out, &silent, &yield) = '\0';
    assert_string_equal(out, "1,2.0000,3,4.0000,5,6,7");
    silent.offer.asked = 0;
    *yield_put(out, &silent, &yield) = '\0';
    assert_string_equal(out, "1,,3,4.0000,5,6,7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_offers_that_pay_are_counted),
        cmocka_unit_test(who_costs_more_than_he_brings_is_counted),
        cmocka_unit_test(wallets_are_zero_shared_or_exclusive),
        cmocka_unit_test(merging_adds),
        cmocka_unit_test(cells_that_nobody_asked_for_are_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
