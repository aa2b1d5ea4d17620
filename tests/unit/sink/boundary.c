/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/boundary.h"

#include "support/assert.h"

static const char *words_of(enum churn_kind kind, double first, double second)
{
    struct fit fit = {.stop = FIT_BOUNDARY,
                      .model = {.kind = kind, .parameter = {0.8, 9.0, first, second}}};
    return boundary_words(&fit);
}

static void who_never_leaves_is_nbds_customer(void **state)
{
    (void)state;
    const char *nbd = "nobody is seen to leave: it is NBD, and p_alive says nothing";
    assert_string_equal(words_of(CHURN_BGNBD, 1e-7, 0.3), nbd);
    assert_string_equal(words_of(CHURN_MBGCNBD, 0.02, 1e8), nbd);
    assert_string_equal(words_of(CHURN_PNBD, 1e-9, 0.3), nbd);
    assert_string_equal(words_of(CHURN_PNBD, 0.1, 1e9), nbd);
}

/* With beta^s = 0.95, or as much of the coins, 5 % are gone at once, however small s is. */
static void who_leaves_at_once_is_seen_to_leave(void **state)
{
    (void)state;
    assert_string_equal(words_of(CHURN_PNBD, 7.7e-5, 1e-290),
                        "customers leave at once or never: as good as nobody leaves later");
    assert_string_equal(words_of(CHURN_MBGNBD, 5e-9, 95e-9),
                        "customers leave after their first purchase or never: nobody leaves later");
    assert_string_equal(
        words_of(CHURN_BGCNBD, 5e-9, 95e-9),
        "customers leave after their second purchase or never: nobody leaves later");
}

static void one_rate_for_all_is_said(void **state)
{
    (void)state;
    assert_string_equal(words_of(CHURN_PNBD, 3e8, 1e9), "everybody leaves at the same rate");
    assert_string_equal(words_of(CHURN_BGNBD, 3e8, 1e9),
                        "everybody leaves with the same probability after a purchase");
    struct fit fit = {.stop = FIT_BOUNDARY, .model = {CHURN_NBD, 1, {1e9, 4e9}}};
    assert_string_equal(boundary_words(&fit), "everybody buys at the same rate");
}

static void inside_there_are_no_words(void **state)
{
    (void)state;
    struct fit fit = {.stop = FIT_CONVERGED, .model = {CHURN_PNBD, 1, {0.8, 9.0, 1e-9, 1.0}}};
    assert_null(boundary_words(&fit));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_never_leaves_is_nbds_customer),
        cmocka_unit_test(who_leaves_at_once_is_seen_to_leave),
        cmocka_unit_test(one_rate_for_all_is_said),
        cmocka_unit_test(inside_there_are_no_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
