/* SPDX-License-Identifier: Apache-2.0 */
#include "score/spend.h"

#include "support/assert.h"

static const struct spend_model cdnow = {SPEND_GAMMA_GAMMA, 6.25, 3.74, 15.44, 35.219};

/* CDNOW's first customer, two repeat days of 22.35 on average: lifetimes documents 24.658619. */
static void cdnows_first_customer_comes_out(void **state)
{
    (void)state;
    assert_within(spend_expected(&cdnow, 2, 22.35), 24.657, 1e-2);
}

static void nothing_known_gives_the_populations_mean(void **state)
{
    (void)state;
    assert_true(spend_expected(&cdnow, 0, 10) == cdnow.mean);
    assert_true(spend_expected(&cdnow, 3, 0) == cdnow.mean);
}

static void much_known_gives_the_customers_own(void **state)
{
    (void)state;
    assert_within(spend_expected(&cdnow, 20000, 80), 80, 0.01);
    assert_true(spend_expected(&cdnow, 1, 80) < 80 && spend_expected(&cdnow, 1, 80) > cdnow.mean);
}

static void without_a_model_the_mean_stands_for_all(void **state)
{
    (void)state;
    struct spend_model mean = {.kind = SPEND_MEAN, .mean = 31.5}, none = {.kind = SPEND_NONE};
    assert_true(spend_expected(&mean, 7, 99) == 31.5);
    assert_true(spend_expected(&none, 7, 99) == 0);
}

static void who_sends_back_half_is_worth_half(void **state)
{
    (void)state;
    assert_true(spend_net_ratio(500, 1000) == 0.5);
    assert_true(spend_net_ratio(1000, 1000) == 1);
    assert_true(spend_net_ratio(-20, 1000) == 0);
    assert_true(spend_net_ratio(0, 0) == 1);
    assert_true(spend_net_ratio(-20, 0) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cdnows_first_customer_comes_out),
        cmocka_unit_test(nothing_known_gives_the_populations_mean),
        cmocka_unit_test(much_known_gives_the_customers_own),
        cmocka_unit_test(without_a_model_the_mean_stands_for_all),
        cmocka_unit_test(who_sends_back_half_is_worth_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
