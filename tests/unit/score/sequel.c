/* SPDX-License-Identifier: Apache-2.0 */
#include "score/sequel.h"

#include "support/assert.h"
#include "support/lines.h"

static const struct plan plan = {.as_of = 100, .horizon_days = 30, .churn_horizon_days = 10};

static struct sequel sequel_of_rows(const struct ledger_row *rows, size_t n,
                                    enum fold_orders orders)
{
    struct sequel got;
    struct folded folded = folded_of(rows, n, orders);
    assert_int_equal(sequel_of(&folded.lines, &plan, folded.scratch, &got), 0);
    folded_free(&folded);
    return got;
}

#define ROWS(...)                                                                                  \
    (const struct ledger_row[]){__VA_ARGS__},                                                      \
        sizeof((struct ledger_row[]){__VA_ARGS__}) / sizeof(struct ledger_row)

static void the_split_itself_is_past(void **state)
{
    (void)state;
    struct sequel got = sequel_of_rows(ROWS({90, 5, 0}, {100, 7, 0}), FOLD_WITHOUT_ORDERS);
    assert_int_equal(got.came_back, 0);
    assert_int_equal(got.days, 0);
    assert_int_equal(got.spend, 0);
}

static void each_horizon_ends_with_its_last_day(void **state)
{
    (void)state;
    struct sequel got = sequel_of_rows(ROWS({90, 5, 0}, {110, 7, 0}, {130, 8, 0}, {131, 9, 0}),
                                       FOLD_WITHOUT_ORDERS);
    assert_int_equal(got.came_back, 1);
    assert_int_equal(got.days, 2);
    assert_int_equal(got.spend, 15);
    got = sequel_of_rows(ROWS({90, 5, 0}, {111, 7, 0}, {111, 1, 0}), FOLD_WITHOUT_ORDERS);
    assert_int_equal(got.came_back, 0);
    assert_int_equal(got.days, 1);
}

static void a_refund_is_no_visit_but_counts_in_money(void **state)
{
    (void)state;
    struct sequel got = sequel_of_rows(ROWS({90, 5, 0}, {105, -3, 0}), FOLD_WITHOUT_ORDERS);
    assert_int_equal(got.came_back, 0);
    assert_int_equal(got.days, 0);
    assert_int_equal(got.spend, -3);
}

static void the_return_of_an_old_order_hides_no_new_one(void **state)
{
    (void)state;
    struct sequel got =
        sequel_of_rows(ROWS({90, 50, 1}, {104, -50, 1}, {106, 20, 2}), FOLD_BY_ORDER);
    assert_int_equal(got.came_back, 1);
    assert_int_equal(got.days, 1);
    assert_int_equal(got.spend, -30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_split_itself_is_past),
        cmocka_unit_test(each_horizon_ends_with_its_last_day),
        cmocka_unit_test(a_refund_is_no_visit_but_counts_in_money),
        cmocka_unit_test(the_return_of_an_old_order_hides_no_new_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
