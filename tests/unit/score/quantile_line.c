/* SPDX-License-Identifier: Apache-2.0 */
#include "score/quantile_line.h"

#include <math.h>

#include "support/assert.h"
#include "support/chance.h"

#define MOST 24

static void keys_keep_the_order_and_come_back(void **state)
{
    (void)state;
    const double rising[] = {-1e300, -2, -1.5, -5e-324, 0, 5e-324, 1, 1.5, 1e300};
    for (size_t i = 0; i < sizeof rising / sizeof rising[0]; i++) {
        assert_true(quantile_line_value(quantile_line_key(rising[i])) == rising[i]);
        if (i > 0)
            assert_true(quantile_line_key(rising[i - 1]) < quantile_line_key(rising[i]));
    }
}

/* ceil(tau n) - 1 */
static void the_rank_is_that_of_a_vertex(void **state)
{
    (void)state;
    assert_int_equal(quantile_line_rank(10, 500000), 4);
    assert_int_equal(quantile_line_rank(11, 500000), 5);
    assert_int_equal(quantile_line_rank(1, 1), 0);
    assert_int_equal(quantile_line_rank(3000000, 999999), 2999996);
}

/* What a slope costs, by trying each point's own line in each group. */
static double cost(const struct quantile_line_points *points, double slope)
{
    double sum = 0, tau = (double)points->tau_millionths / 1e6;
    for (size_t g = 0; g < points->n_groups; g++) {
        double best = INFINITY;
        for (size_t k = points->first[g]; k < points->first[g + 1]; k++) {
            double here = 0;
            for (size_t i = points->first[g]; i < points->first[g + 1]; i++) {
                double rest = (points->y[i] - points->y[k]) - slope * (points->x[i] - points->x[k]);
                here += rest >= 0 ? tau * rest : (tau - 1) * rest;
            }
            best = here < best ? here : best;
        }
        sum += points->first[g] < points->first[g + 1] ? best : 0;
    }
    return sum;
}

/* A vertex of the linear program has two points of one group on its line: try them all. */
static double least_cost(const struct quantile_line_points *points)
{
    double least = INFINITY;
    for (size_t g = 0; g < points->n_groups; g++)
        for (size_t i = points->first[g]; i < points->first[g + 1]; i++)
            for (size_t k = points->first[g]; k < i; k++) {
                if (points->x[i] == points->x[k])
                    continue;
                double here =
                    cost(points, (points->y[i] - points->y[k]) / (points->x[i] - points->x[k]));
                least = here < least ? here : least;
            }
    return least;
}

static void no_vertex_costs_less(void **state)
{
    (void)state;
    struct chance chance = {7};
    for (int round = 0; round < 300; round++) {
        double x[MOST], y[MOST];
        int64_t scratch[MOST];
        size_t n = 3 + chance_below(&chance, MOST - 3), cut = chance_below(&chance, n);
        const size_t first[] = {0, cut, cut, n};
        for (size_t i = 0; i < n; i++) {
            x[i] = (double)chance_below(&chance, 7) / 3;
            y[i] = (double)chance_below(&chance, 1000) / 7 - 30;
        }
        struct quantile_line_points points = {3, first, x, y,
                                              1 + (int64_t)chance_below(&chance, 999999)};
        double least = least_cost(&points);
        if (least < INFINITY)
            assert_true(cost(&points, quantile_line_slope(&points, 0, scratch)) <=
                        least + 1e-9 * (1 + least));
    }
}

static void the_least_of_many_slopes_is_taken(void **state)
{
    (void)state;
    const double x[] = {0, 1}, y[] = {0, 3};
    int64_t scratch[2];
    const size_t first[] = {0, 2};
    struct quantile_line_points points = {1, first, x, y, 500000};
    assert_close(quantile_line_slope(&points, 0, scratch), 3, 4);
}

static void without_two_x_in_a_group_the_slope_is_one(void **state)
{
    (void)state;
    const double x[] = {2, 2, 5}, y[] = {0, 3, 9};
    int64_t scratch[3];
    const size_t first[] = {0, 2, 3};
    struct quantile_line_points points = {2, first, x, y, 500000};
    assert_true(quantile_line_slope(&points, 0, scratch) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_keep_the_order_and_come_back),
        cmocka_unit_test(the_rank_is_that_of_a_vertex),
        cmocka_unit_test(no_vertex_costs_less),
        cmocka_unit_test(the_least_of_many_slopes_is_taken),
        cmocka_unit_test(without_two_x_in_a_group_the_slope_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
