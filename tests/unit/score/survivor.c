/* SPDX-License-Identifier: Apache-2.0 */
#include "score/survivor.h"

#include <math.h>

#include "support/assert.h"

static double expected(double rho, double a, double b, double tau)
{
    struct survivor who = {rho, a, b};
    struct survivor_lanes lanes = {.n = 1, .tau = {tau}};
    double value;
    survivor_expected(&who, &lanes, &value);
    return value;
}

static double by_quadrature(double rho, double a, double b, double tau)
{
    struct survivor who = {rho, a, b};
    double value;
    survivor_by_quadrature(&who, &tau, 1, &value);
    return value;
}

static void who_never_leaves_buys_in_proportion_to_time(void **state)
{
    (void)state;
    assert_within(expected(2.5, 1e-13, 3, 0.7), 2.5 * 0.7, 1e-12);
    assert_within(by_quadrature(2.5, 1e-13, 3, 0.7), 2.5 * 0.7, 1e-12);
}

static void who_leaves_at_once_buys_at_most_once(void **state)
{
    (void)state;
    double once = 1 - pow(1.7, -2.5);
    assert_within(expected(2.5, 1e9, 1e-4, 0.7), once, 1e-11);
    assert_within(by_quadrature(2.5, 1e9, 1e-4, 0.7), once, 1e-11);
}

/* With tiny a and b p is 0 or 1, by b to a: purchases for ever, or at most one. */
static void who_leaves_at_once_or_never_is_one_of_both(void **state)
{
    (void)state;
    double once = 1 - pow(1.7, -2.5), ever = 2.5 * 0.7;
    for (double size = 1e-9; size > 1e-14; size /= 10) {
        double want = (once + 3 * ever) / 4;
        assert_within(expected(2.5, size, 3 * size, 0.7), want, 20 * size);
        want = (1 - pow(1.7, -0.5) + 3 * 0.35) / 4;
        assert_within(expected(0.5, size, 3 * size, 0.7), want, 20 * size);
    }
}

/* With a = b = 1 the integral over p of (1 - 1 / (1 + p tau)) / p is ln(1 + tau), for rho = 1. */
static void a_uniform_coin_gives_a_logarithm(void **state)
{
    (void)state;
    for (double tau = 1e-6; tau < 1e6; tau *= 7) {
        assert_close(expected(1, 1, 1, tau), log1p(tau), 50);
        assert_close(by_quadrature(1, 1, 1, tau), log1p(tau), 500);
    }
}

static void check_agreement(double rho, double a, double b)
{
    for (int i = -3; i <= 3; i++) {
        double tau = pow(19, i), want = by_quadrature(rho, a, b, tau);
        assert_within(expected(rho, a, b, tau), want, 1e-11 * want);
    }
}

static void series_and_quadrature_agree(void **state)
{
    (void)state;
    for (int i = -6; i <= 6; i++)
        for (int j = -3; j <= 5; j++)
            for (int k = -2; k <= 4; k++)
                check_agreement(pow(13, k), pow(6.3, i), pow(17, j));
}

static struct survivor_lanes fifteen_hundredths(void)
{
    struct survivor_lanes lanes = {.n = SURVIVOR_LANES};
    for (int i = 0; i < SURVIVOR_LANES; i++)
        lanes.tau[i] = 0.15 * (i + 1);
    return lanes;
}

static void lanes_do_not_know_of_each_other(void **state)
{
    (void)state;
    struct survivor who = {1.24, 0.8, 3.4};
    struct survivor_lanes lanes = fifteen_hundredths();
    double together[SURVIVOR_LANES];
    survivor_expected(&who, &lanes, together);
    for (int i = 0; i < SURVIVOR_LANES; i++)
        assert_close(together[i], expected(1.24, 0.8, 3.4, lanes.tau[i]), 20);
}

/* Another rho or b, another a, and back again: what is kept of the horizons changes no bit. */
static void horizons_serve_customers_who_differ(void **state)
{
    (void)state;
    static const struct survivor who[] = {
        {1.24, 0.8, 3.4}, {1.24, 0.8, 9.1}, {7.5, 0.8, 9.1}, {7.5, 1.3, 9.1}, {1.24, 0.8, 3.4}};
    struct survivor_lanes shared = fifteen_hundredths();
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        struct survivor_lanes own = fifteen_hundredths();
        double one[SURVIVOR_LANES], other[SURVIVOR_LANES];
        survivor_expected(&who[i], &shared, one);
        survivor_expected(&who[i], &own, other);
        assert_memory_equal(one, other, sizeof one);
    }
}

static void no_time_is_no_purchases(void **state)
{
    (void)state;
    assert_true(expected(1.24, 0.8, 3.4, 0) == 0);
    assert_true(by_quadrature(1.24, 0.8, 3.4, 0) == 0);
}

static void no_horizons_are_no_work(void **state)
{
    (void)state;
    struct survivor who = {1.24, 0.8, 3.4};
    struct survivor_lanes none = {.n = 0};
    double untouched = 7;
    survivor_expected(&who, &none, &untouched);
    assert_true(untouched == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_never_leaves_buys_in_proportion_to_time),
        cmocka_unit_test(who_leaves_at_once_buys_at_most_once),
        cmocka_unit_test(who_leaves_at_once_or_never_is_one_of_both),
        cmocka_unit_test(a_uniform_coin_gives_a_logarithm),
        cmocka_unit_test(series_and_quadrature_agree),
        cmocka_unit_test(lanes_do_not_know_of_each_other),
        cmocka_unit_test(horizons_serve_customers_who_differ),
        cmocka_unit_test(no_time_is_no_purchases),
        cmocka_unit_test(no_horizons_are_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
