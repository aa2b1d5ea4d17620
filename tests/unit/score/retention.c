/* SPDX-License-Identifier: Apache-2.0 */
#include "score/retention.h"

#include "score/money.h"
#include "support/assert.h"

#define UNIT MONEY_PER_UNIT

static const struct plan_offer offer = {1, 2 * UNIT, 10 * UNIT, 300000, 500000};

/* .4 leaves, .3 of those are kept: .12 (200 - 10) = 22.8; .6 stays, .5 of those take 10: 3; 2. */
static void gain_is_what_is_kept_less_what_is_given_away(void **state)
{
    (void)state;
    struct retention retention = retention_of(&offer, 0.4, 200 * UNIT);
    assert_true(retention.has_gain);
    assert_int_equal(retention.gain, 178000);
    assert_true(retention.worth);
}

/* (3 + 2) / (.4 * 190) */
static void at_the_break_even_rate_the_gain_is_nothing(void **state)
{
    (void)state;
    struct retention retention = retention_of(&offer, 0.4, 200 * UNIT);
    struct plan_offer even = offer;
    assert_true(retention.has_break_even);
    assert_close(retention.break_even, 5.0 / 76.0, 4);
    even.save_rate_millionths = 65789; /* 5/76 is .0657894736... */
    assert_false(retention_of(&even, 0.4, 200 * UNIT).worth);
    even.save_rate_millionths = 65791; /* 1/10,000 more */
    assert_true(retention_of(&even, 0.4, 200 * UNIT).worth);
}

static void who_is_worth_less_than_the_offer_has_no_break_even(void **state)
{
    (void)state;
    struct retention retention = retention_of(&offer, 0.4, 10 * UNIT);
    assert_false(retention.has_break_even);
    assert_true(retention.has_gain);
    assert_int_equal(retention.gain, -5 * UNIT);
    assert_false(retention.worth);
    assert_false(retention_of(&offer, 0, 200 * UNIT).has_break_even);
}

static void without_a_save_rate_there_is_the_break_even_alone(void **state)
{
    (void)state;
    struct plan_offer unknown = offer;
    unknown.save_rate_millionths = -1;
    struct retention retention = retention_of(&unknown, 0.4, 200 * UNIT);
    assert_false(retention.has_gain);
    assert_close(retention.break_even, 5.0 / 76.0, 4);
    unknown.asked = 0;
    assert_false(retention_of(&unknown, 0.4, 200 * UNIT).has_break_even);
}

static void a_rate_that_would_do_may_be_impossible(void **state)
{
    (void)state;
    assert_true(retention_of(&offer, 0.01, 20 * UNIT).break_even > 1);
}

static void profit_takes_the_cost_to_serve_off_the_margin(void **state)
{
    (void)state;
    const struct plan plan = {.margin_millionths = 250000, .serve_cost = 5 * UNIT};
    assert_int_equal(retention_profit(&plan, 40 * UNIT), 5 * UNIT);
    assert_int_equal(retention_profit(&plan, 0), -5 * UNIT);
    assert_int_equal(retention_profit(&plan, -40 * UNIT), -15 * UNIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gain_is_what_is_kept_less_what_is_given_away),
        cmocka_unit_test(at_the_break_even_rate_the_gain_is_nothing),
        cmocka_unit_test(who_is_worth_less_than_the_offer_has_no_break_even),
        cmocka_unit_test(without_a_save_rate_there_is_the_break_even_alone),
        cmocka_unit_test(a_rate_that_would_do_may_be_impossible),
        cmocka_unit_test(profit_takes_the_cost_to_serve_off_the_margin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
