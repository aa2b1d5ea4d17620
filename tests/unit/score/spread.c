/* SPDX-License-Identifier: Apache-2.0 */
#include "score/spread.h"

#include <math.h>

#include "score/money.h"
#include "score/special.h"
#include "support/assert.h"

#define UNIT MONEY_PER_UNIT

/* By R's pnorm, to 16 digits. */
static void the_normal_distribution_is_the_published_one(void **state)
{
    (void)state;
    assert_true(spread_normal(0) == 0.5);
    assert_true(fabs(spread_normal(1) - 0.8413447460685429) < 1e-14);
    assert_true(fabs(spread_normal(-1.6448536269514722) - 0.05) < 1e-14);
    assert_true(fabs(spread_normal(3.5) - 0.9997673709209645) < 1e-14);
    assert_true(fabs(spread_normal(-6) / 9.865876450376981e-10 - 1) < 1e-12);
    assert_true(spread_normal(-40) == 0 && spread_normal(40) == 1);
}

static void the_interval_holds_ninety_percent(void **state)
{
    (void)state;
    int64_t clv = 100 * UNIT, low = spread_low(clv, 0.1), high = spread_high(clv, 0.1);
    assert_in_range(low, 848314, 848334); /* 100 e^-.16449 = 84.8325 */
    assert_true(fabs(spread_within(clv, 0.1, low, high) - 0.9) < 1e-5);
    assert_int_equal(spread_low(clv, 0), clv);
    assert_int_equal(spread_high(clv, 0), clv);
    assert_int_equal(spread_high(0, 5), 0);
}

static void intervals_side_by_side_are_those_of_each(void **state)
{
    (void)state;
    int64_t clv[SPECIAL_LANES], low[SPECIAL_LANES], high[SPECIAL_LANES];
    double spread[SPECIAL_LANES];
    for (int i = 0; i < SPECIAL_LANES; i++) {
        clv[i] = i % 5 == 0 ? 0 : (int64_t)i * i * 77777;
        spread[i] = i % 7 == 0 ? 0 : i == 13 ? SPREAD_MOST : 0.013 * i * i;
    }
    for (size_t n = 1; n <= SPECIAL_LANES; n++) {
        spread_ends(clv, spread, n, low, high);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(low[i], spread_low(clv[i], spread[i]));
            assert_int_equal(high[i], spread_high(clv[i], spread[i]));
        }
    }
}

static void tiers_share_out_all_there_is(void **state)
{
    (void)state;
    int64_t clv = 20 * UNIT, first = 15 * UNIT, second = 25 * UNIT;
    double sum = spread_within(clv, 0.4, INT64_MIN, first) +
                 spread_within(clv, 0.4, first, second) +
                 spread_within(clv, 0.4, second, INT64_MAX);
    assert_true(fabs(sum - 1) < 1e-14);
    assert_true(spread_within(clv, 0, first, second) == 1);
    assert_true(spread_within(clv, 0, second, INT64_MAX) == 0);
    assert_true(spread_within(0, 0.4, INT64_MIN, first) == 1);
}

/* Of one customer, in a lane of many. */
static double spread_at(const double *moved, int32_t n, double discounted, double spend, int lane)
{
    double lanes[CHURN_PARAMETERS][SPECIAL_LANES] = {{0}};
    double of[SPECIAL_LANES] = {0}, spread[SPECIAL_LANES] = {0};
    for (int32_t j = 0; j < n; j++)
        lanes[j][lane] = moved[j];
    of[lane] = discounted;
    spread[lane] = spend;
    spread_of((const double(*)[SPECIAL_LANES])lanes, n, of, spread);
    for (int i = 0; i < SPECIAL_LANES; i++)
        assert_true(i == lane || spread[i] == 0);
    return spread[lane];
}

/* The short way for who is far from both ends, beside the long one. */
static void who_is_surely_within_has_exactly_what_the_tails_leave(void **state)
{
    (void)state;
    int64_t clv = 1000 * UNIT;
    for (int part = 1; part <= 400; part++) {
        double spread = part / 1000.0;
        for (int64_t by = 1; by < 1000; by += 7) {
            int64_t low = clv - by * UNIT, high = clv + by * UNIT;
            double below_high =
                spread_normal(special_log(money_units(high) / money_units(clv)) / spread);
            double below_low =
                spread_normal(special_log(money_units(low) / money_units(clv)) / spread);
            assert_true(spread_within(clv, spread, low, high) == below_high - below_low);
            assert_true(spread_within(clv, spread, INT64_MIN, high) == below_high);
            assert_true(spread_within(clv, spread, low, INT64_MAX) == 1 - below_low);
        }
    }
}

/* Where clv is one parameter itself its log has the parameter's error. */
static void an_axis_is_one_standard_error(void **state)
{
    (void)state;
    const struct churn_model model = {.kind = CHURN_NBD, .parameter = {2, 5}};
    const struct uncertainty uncertainty = {.churn = {{0.09, 0.03}, {0.03, 0.05}}};
    struct spread_axes axes = spread_axes_of(&model, &uncertainty);
    double moved[2];
    assert_int_equal(axes.n, 2);
    for (int i = 0; i < 2; i++)
        moved[i] = axes.moved[i].parameter[0];
    assert_close(spread_at(moved, 2, 2, 0, 0), 0.3, 64);
    for (int i = 0; i < 2; i++)
        moved[i] = axes.moved[i].parameter[1];
    assert_close(spread_at(moved, 2, 5, 0, 3), sqrt(0.05), 64);
    assert_close(spread_at(moved, 2, 5, 0.4, SPECIAL_LANES - 1), sqrt(0.05 + 0.16), 64);
}

/* Where a and b have run off nothing is said of them, and r and alpha have one error between them. */
static void what_ran_off_has_no_axis(void **state)
{
    (void)state;
    const struct churn_model model = {.kind = CHURN_BGNBD, .parameter = {2, 5, 1e-9, 3}};
    const struct uncertainty uncertainty = {.churn = {{0.09, 0.06}, {0.06, 0.04}}};
    struct spread_axes axes = spread_axes_of(&model, &uncertainty);
    assert_int_equal(axes.n, 1);
    assert_close(spread_at(&axes.moved[0].parameter[0], 1, 2, 0, 0), 0.3, 64);
    assert_close(spread_at(&axes.moved[0].parameter[1], 1, 5, 0, 0), 0.2, 64);
    assert_true(axes.moved[0].parameter[2] == 1e-9 && axes.moved[0].parameter[3] == 3);
    const struct uncertainty none = {.churn = {{0.09, 0.07}, {0.07, 0.04}}};
    assert_int_equal(spread_axes_of(&model, &none).n, 0);
}

static void what_is_unknown_has_no_axes(void **state)
{
    (void)state;
    const struct churn_model model = {.kind = CHURN_NBD, .parameter = {2, 5}};
    const struct uncertainty none = {{{0}}, {{0}}}, odd = {.churn = {{1, 2}, {2, 1}}};
    assert_int_equal(spread_axes_of(&model, &none).n, 0);
    assert_int_equal(spread_axes_of(&model, &odd).n, 0);
}

/* No growth without purchases, and no end without a limit. */
static void odd_customers_have_a_spread(void **state)
{
    (void)state;
    const double none = 0, tiny = 5e-324, huge = 1e300;
    assert_true(spread_at(&none, 1, 3, 0.25, 5) == 0.25);
    assert_true(spread_at(&huge, 1, 0, 0.25, 5) == 0.25);
    assert_true(spread_at(&huge, 1, tiny, 0, 5) == SPREAD_MOST);
    assert_true(spread_at(&tiny, 1, tiny, 0, 5) == 0);
    assert_true(spread_at(&tiny, 0, tiny, 1e200, 5) == SPREAD_MOST);
}

/* d ln E[M], by a small step of each log parameter. */
static void spend_s_slopes_are_its_derivatives(void **state)
{
    (void)state;
    const struct spend_model model = {SPEND_GAMMA_GAMMA, 6, 4, 15, 30};
    for (int i = 0; i < 3; i++)
        for (uint32_t x = 0; x < 3; x++) {
            struct uncertainty one = {.spend = {{0}}};
            struct spend_model up = model;
            double *parameter = i == 0 ? &up.p : i == 1 ? &up.q : &up.v;
            *parameter *= 1 + 1e-7;
            up.mean = up.p * up.v / (up.q - 1);
            one.spend[i][i] = 1;
            double change = log(spend_expected(&up, x, 20) / spend_expected(&model, x, 20)) / 1e-7;
            double xs[SPECIAL_LANES] = {x}, m[SPECIAL_LANES] = {20}, spread[SPECIAL_LANES];
            spread_of_spend(&model, &one, xs, m, spread);
            assert_true(fabs(spread[0] - fabs(change)) < 1e-5);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_normal_distribution_is_the_published_one),
        cmocka_unit_test(the_interval_holds_ninety_percent),
        cmocka_unit_test(intervals_side_by_side_are_those_of_each),
        cmocka_unit_test(tiers_share_out_all_there_is),
        cmocka_unit_test(who_is_surely_within_has_exactly_what_the_tails_leave),
        cmocka_unit_test(an_axis_is_one_standard_error),
        cmocka_unit_test(what_ran_off_has_no_axis),
        cmocka_unit_test(what_is_unknown_has_no_axes),
        cmocka_unit_test(odd_customers_have_a_spread),
        cmocka_unit_test(spend_s_slopes_are_its_derivatives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
