/* SPDX-License-Identifier: Apache-2.0 */
#include "score/stack.h"

#include <math.h>

#include "score/money.h"
#include "support/assert.h"
#include "support/chance.h"

#define MANY 3000

/* 4 purchase days over 63 days, the last one 112 days before the end: recency 16 weeks of 25, gaps of
 * 3 weeks, 10 a day. */
static void features_are_of_the_history(void **state)
{
    (void)state;
    const struct stack_customer customer = {{3, 63, 175}, 40 * MONEY_PER_UNIT};
    double feature[STACK_FEATURES];
    stack_features(&customer, feature);
    assert_close(feature[0], 4, 1);
    assert_close(feature[1], 16.0 / 25, 1);
    assert_close(feature[2], log(17.0 / 4), 2);
    assert_close(feature[3], log(4), 2);
    assert_close(feature[4], log(11), 2);
}

static void who_came_once_has_his_tenure_for_a_gap(void **state)
{
    (void)state;
    const struct stack_customer once = {{0, 0, 70}, -5 * MONEY_PER_UNIT};
    double feature[STACK_FEATURES];
    stack_features(&once, feature);
    assert_close(feature[1], 1, 1);
    assert_within(feature[2], 0, 1e-15);
    assert_within(feature[3], 0, 1e-15);
    assert_within(feature[4], 0, 0);
    const struct stack_customer today = {{0, 0, 0}, 0};
    stack_features(&today, feature);
    for (size_t i = 0; i < STACK_FEATURES; i++)
        assert_within(feature[i], 0, 1e-15);
}

static void far_log_odds_are_certain_not_broken(void **state)
{
    (void)state;
    assert_within(stack_share(1e6), 1, 0);
    assert_within(stack_share(-1e6), 0, 0);
    assert_within(stack_share(0), 0.5, 0);
    assert_close(stack_share(-2) + stack_share(2), 1, 1);
}

static double uniform(struct chance *chance)
{
    return (double)(chance_next(chance) >> 11) * 0x1p-53;
}

/* Cases whose log-odds are -1 + 2 f0 - f3; the last feature is the same for all. */
static void draw(struct stack_case *cases, size_t n, struct chance *chance)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < STACK_FEATURES; k++)
            cases[i].feature[k] = k + 1 == STACK_FEATURES ? 7 : 4 * uniform(chance) - 2;
        double log_odds = -1 + 2 * cases[i].feature[0] - cases[i].feature[3];
        cases[i].came = uniform(chance) < stack_share(log_odds);
    }
}

/* What the fit promises to have at its end: no slope, in scaled features, of the penalised ln L. */
static void the_fit_ends_where_nothing_slopes(void **state)
{
    (void)state;
    static struct stack_case cases[MANY];
    struct chance chance = {5};
    struct stack stack = {0};
    double total = 0;
    draw(cases, MANY, &chance);
    assert_int_equal(stack_fit(cases, MANY, &stack), 0);
    for (size_t i = 0; i < MANY; i++)
        total += stack_share(stack_log_odds(&stack, cases[i].feature)) - cases[i].came;
    assert_within(total, 0, 1e-8);
    for (size_t k = 0; k + 1 < STACK_FEATURES; k++) {
        double mean = 0, squares = 0, slope = 0;
        for (size_t i = 0; i < MANY; i++)
            mean += cases[i].feature[k] / MANY;
        for (size_t i = 0; i < MANY; i++) {
            double z = cases[i].feature[k] - mean;
            squares += z * z / MANY;
            slope += (stack_share(stack_log_odds(&stack, cases[i].feature)) - cases[i].came) * z;
        }
        assert_within(slope / sqrt(squares) + stack.weight[k] * sqrt(squares), 0, 1e-8);
    }
    assert_within(stack.weight[0], 2, 0.25);
    assert_within(stack.weight[1], 0, 0.25);
    assert_within(stack.weight[3], -1, 0.25);
    assert_within(stack.weight[STACK_FEATURES - 1], 0, 0);
}

/* Whoever has the feature comes: without the penalty its weight would run off. */
static void a_feature_that_separates_has_a_finite_weight(void **state)
{
    (void)state;
    struct stack_case cases[40] = {0};
    struct stack stack = {0};
    for (int i = 0; i < 40; i++) {
        cases[i].feature[1] = i - 19.5;
        cases[i].came = i >= 20;
    }
    assert_int_equal(stack_fit(cases, 40, &stack), 0);
    assert_true(stack.weight[1] > 0.05 && stack.weight[1] < 1);
    assert_within(stack.intercept, 0, 1e-9);
}

static void one_sided_cases_teach_nothing(void **state)
{
    (void)state;
    const struct stack_case all[2] = {{{1, 2, 3, 4, 5}, 1}, {{5, 4, 3, 2, 1}, 1}};
    const struct stack_case none[1] = {{{1, 2, 3, 4, 5}, 0}};
    struct stack stack;
    assert_int_equal(stack_fit(all, 2, &stack), STACK_E_ONE_SIDED);
    assert_int_equal(stack_fit(none, 1, &stack), STACK_E_ONE_SIDED);
    assert_int_equal(stack_fit(NULL, 0, &stack), STACK_E_ONE_SIDED);
}

static void the_level_is_the_mean_and_the_order_stays(void **state)
{
    (void)state;
    static struct stack_case cases[MANY];
    static double room[MANY];
    struct chance chance = {6};
    struct stack stack = {.intercept = 3, .weight = {1, -1, .5, 0, .1}};
    draw(cases, MANY, &chance);
    static const double levels[] = {1e-6, .03, .5, .999};
    for (size_t j = 0; j < sizeof levels / sizeof levels[0]; j++) {
        double sum = 0;
        stack_level(&stack, cases, MANY, levels[j], room);
        for (size_t i = 0; i < MANY; i++)
            sum += stack_share(stack_log_odds(&stack, cases[i].feature));
        assert_within(sum / MANY, levels[j], 1e-11);
        assert_within(stack.weight[0], 1, 0);
    }
}

static void quiet_and_coming_back_make_one(void **state)
{
    (void)state;
    const struct stack stack = {.horizon_days = 90, .intercept = -1, .weight = {-.5, 1, 0, .7, .1}};
    const struct stack_customer customer = {{3, 63, 175}, 40 * MONEY_PER_UNIT};
    double feature[STACK_FEATURES];
    stack_features(&customer, feature);
    assert_close(stack_quiet(&stack, &customer), 1 - stack_share(stack_log_odds(&stack, feature)),
                 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_of_the_history),
        cmocka_unit_test(who_came_once_has_his_tenure_for_a_gap),
        cmocka_unit_test(far_log_odds_are_certain_not_broken),
        cmocka_unit_test(the_fit_ends_where_nothing_slopes),
        cmocka_unit_test(a_feature_that_separates_has_a_finite_weight),
        cmocka_unit_test(one_sided_cases_teach_nothing),
        cmocka_unit_test(the_level_is_the_mean_and_the_order_stays),
        cmocka_unit_test(quiet_and_coming_back_make_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
