/* SPDX-License-Identifier: Apache-2.0 */
#include "score/race.h"

#include <math.h>

#include "support/assert.h"

static double left_first(double rho, double alpha, double s, double beta, double age)
{
    struct race race = {rho, alpha, s, beta, age};
    return race_left_first(&race);
}

static void equal_clocks_are_a_matter_of_shapes(void **state)
{
    (void)state;
    assert_close(left_first(3, 7, 1, 7, 0), 0.25, 2);
    assert_close(left_first(3, 7, 1, 7, 500), 0.25, 2);
    assert_close(left_first(1e-9, 2, 3e-9, 2, 1), 0.75, 2);
}

/* With s = rho = 1 and q = (beta + age) / (alpha + age) it is the integral of 1 / (z^2 (1 - q + q z))
 * over z > 1. */
static void for_exponential_shapes_it_is_elementary(void **state)
{
    (void)state;
    for (double q = 1e-9; q < 1e9; q *= 3.7)
        if (fabs(log(q)) > 0.5)
            assert_within(left_first(1, 1, 1, q, 0), 1 / (1 - q) + q * log(q) / (1 - q) / (1 - q),
                          4e-15);
}

/* By parts, from one purchase more to one less: with q as above and K the probability,
 *   (s + rho) K(rho) = s + rho (1 - q) K(rho + 1),
 * whichever way each of the two is worked out. */
static void check_parts(double rho, double s, double q)
{
    double now = (s + rho) * left_first(rho, 1, s, q, 0);
    double more = rho * (1 - q) * left_first(rho + 1, 1, s, q, 0);
    assert_within(now - more, s, 1e-14 * (now + fabs(more) + s));
}

static void one_purchase_more_is_integration_by_parts(void **state)
{
    (void)state;
    for (int i = -8; i <= 8; i++)
        for (int j = -8; j <= 8; j++)
            for (int k = -11; k <= 11; k++)
                check_parts(pow(4.3, i), pow(4.1, j), pow(5.7, k));
}

static void it_is_a_probability_that_falls_with_s_and_rises_with_beta(void **state)
{
    (void)state;
    double before = 0;
    for (double s = 1e-30; s < 1e30; s *= 100) {
        double p = left_first(0.7, 3, s, 5, 10);
        assert_true(p >= before && p <= 1);
        before = p;
    }
    for (double beta = 1e-30; beta < 1e30; beta *= 100) {
        double p = left_first(0.7, 3, 0.9, beta, 0);
        assert_true(p <= before && p >= 0);
        before = p;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_clocks_are_a_matter_of_shapes),
        cmocka_unit_test(for_exponential_shapes_it_is_elementary),
        cmocka_unit_test(one_purchase_more_is_integration_by_parts),
        cmocka_unit_test(it_is_a_probability_that_falls_with_s_and_rises_with_beta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
