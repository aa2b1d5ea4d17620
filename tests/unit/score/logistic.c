/* SPDX-License-Identifier: Apache-2.0 */
#include "score/logistic.h"

#include <math.h>

#include "score/special.h"
#include "support/assert.h"

static void it_agrees_with_the_special_functions(void **state)
{
    (void)state;
    for (double d = -40; d < 40; d += 0.0137) {
        struct logistic got;
        logistic_of(&d, 1, &got);
        double e = special_exp(-fabs(d)), soft = (d > 0 ? d : 0) + special_log1p(e);
        assert_within(got.soft[0], soft, 4e-16 * (soft > 1 ? soft : 1));
        assert_within(got.share[0], 1 / (1 + special_exp(-d)), 4e-16);
        assert_within(got.both[0], e / ((1 + e) * (1 + e)), 4e-16);
    }
}

static void it_goes_to_its_limits_without_trouble(void **state)
{
    (void)state;
    const double d[] = {0, -1e300, 1e300, -701, 701};
    struct logistic got;
    logistic_of(d, 5, &got);
    assert_true(got.share[0] == 0.5 && got.both[0] == 0.25);
    assert_within(got.share[1], 0, 1e-300);
    assert_true(got.share[2] == 1 && got.soft[2] == 1e300);
    assert_within(got.soft[3], 0, 1e-300);
    assert_true(got.soft[4] == 701);
}

static void decay_is_exp_of_minus(void **state)
{
    (void)state;
    for (double fall = 0; fall < 699; fall += 0.137) {
        double got;
        logistic_decay(&fall, 1, &got);
        assert_close(got, special_exp(-fall), 3);
    }
    const double far[] = {701, 1e300};
    double got[2];
    logistic_decay(far, 2, got);
    assert_true(got[0] < 1e-300 && got[0] == got[1]);
}

static void what_stands_beside_changes_no_bit(void **state)
{
    (void)state;
    double d[LOGISTIC_MOST];
    for (int i = 0; i < LOGISTIC_MOST; i++)
        d[i] = 13 * sin(i);
    struct logistic together, alone;
    logistic_of(d, LOGISTIC_MOST, &together);
    for (int i = 0; i < LOGISTIC_MOST; i++) {
        logistic_of(d + i, 1, &alone);
        assert_true(together.soft[i] == alone.soft[0]);
        assert_true(together.share[i] == alone.share[0]);
        assert_true(together.both[i] == alone.both[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_the_special_functions),
        cmocka_unit_test(it_goes_to_its_limits_without_trouble),
        cmocka_unit_test(decay_is_exp_of_minus),
        cmocka_unit_test(what_stands_beside_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
