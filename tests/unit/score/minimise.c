/* SPDX-License-Identifier: Apache-2.0 */
#include "score/minimise.h"

#include <math.h>

#include "support/assert.h"

/* (x - 3)^2 + 2 (y + 1)^2 + (x - 3)(y + 1) */
static void bowl(void *context, const double *at, struct minimise_slope *out)
{
    (void)context;
    double x = at[0] - 3, y = at[1] + 1;
    *out = (struct minimise_slope){.value = x * x + 2 * y * y + x * y,
                                   .gradient = {2 * x + y, 4 * y + x},
                                   .hessian = {{{2, 1}, {1, 4}}}};
}

/* Rosenbrock's banana: a bent valley, indefinite above it. */
static void banana(void *context, const double *at, struct minimise_slope *out)
{
    (void)context;
    double x = at[0], y = at[1], off = y - x * x;
    *out = (struct minimise_slope){
        .value = 100 * off * off + (1 - x) * (1 - x),
        .gradient = {-400 * x * off - 2 * (1 - x), 200 * off},
        .hessian = {{{1200 * x * x - 400 * y + 2, -400 * x}, {-400 * x, 200}}}};
}

/* Falls for ever, ever more slowly, in x; a minimum in y. */
static void slide(void *context, const double *at, struct minimise_slope *out)
{
    (void)context;
    double e = 1e-3 * exp(-at[0]);
    *out = (struct minimise_slope){
        .value = e + at[1] * at[1], .gradient = {-e, 2 * at[1]}, .hessian = {{{e, 0}, {0, 2}}}};
}

/* The same valley seen from x + y and x - y: nothing but the difference matters. */
static void ridge(void *context, const double *at, struct minimise_slope *out)
{
    (void)context;
    double e = exp(at[0] - at[1]);
    *out =
        (struct minimise_slope){.value = e, .gradient = {e, -e}, .hessian = {{{e, -e}, {-e, e}}}};
}

/* Its gradient lies: no step falls. */
static void liar(void *context, const double *at, struct minimise_slope *out)
{
    (void)context;
    *out = (struct minimise_slope){
        .value = fabs(at[0]), .gradient = {at[0] < 0 ? 1.0 : -1.0}, .hessian = {{{1}}}};
}

/* A slope that claims this curvature. */
static void plane(void *context, const double *at, struct minimise_slope *out)
{
    double curvature = *(const double *)context;
    *out = (struct minimise_slope){.value = at[0], .gradient = {1}, .hessian = {{{curvature}}}};
}

/* A bottom so level that the value no longer shows it; context is its curvature. */
static void bottom(void *context, const double *at, struct minimise_slope *out)
{
    (void)at;
    double curvature = *(const double *)context;
    *out = (struct minimise_slope){.gradient = {5e-9}, .hessian = {{{curvature}}}};
}

static enum minimise_stop stopped(void (*evaluate)(void *, const double *, struct minimise_slope *),
                                  double curvature)
{
    struct minimise_problem problem = {.n = 1,
                                       .evaluate = evaluate,
                                       &curvature,
                                       .gradient_small = 1e-8,
                                       .lowest = {-14},
                                       .highest = {14}};
    struct minimise_end end;
    minimise_from(&problem, (double[]){0}, &end);
    return end.stop;
}

static struct minimise_end walked(void (*evaluate)(void *, const double *, struct minimise_slope *),
                                  int32_t n, double x, double y)
{
    struct minimise_problem problem = {.n = n,
                                       .evaluate = evaluate,
                                       .gradient_small = 1e-8,
                                       .lowest = {-14, -14},
                                       .highest = {14, 14}};
    struct minimise_end end;
    minimise_from(&problem, (double[]){x, y}, &end);
    return end;
}

static void a_bowl_takes_as_many_steps_as_it_is_wide(void **state)
{
    (void)state;
    struct minimise_end end = walked(bowl, 2, 4, 0);
    assert_int_equal(end.stop, MINIMISE_CONVERGED);
    assert_int_equal(end.evaluations, 2);
    assert_close(end.at[0], 3, 4);
    assert_close(end.at[1], -1, 4);
}

static void a_bent_valley_is_followed_to_its_end(void **state)
{
    (void)state;
    struct minimise_end end = walked(banana, 2, -1.2, 1);
    assert_int_equal(end.stop, MINIMISE_CONVERGED);
    assert_within(end.at[0], 1, 1e-9);
    assert_within(end.at[1], 1, 1e-9);
    end = walked(banana, 2, 0, 5);
    assert_int_equal(end.stop, MINIMISE_CONVERGED);
    assert_within(end.at[0], 1, 1e-9);
}

static void a_small_gradient_alone_is_no_minimum(void **state)
{
    (void)state;
    struct minimise_end end = walked(slide, 2, 0, 1);
    assert_int_equal(end.stop, MINIMISE_RAN_OFF);
    assert_true(end.at[0] == 14);
}

static void a_level_direction_is_a_run_off(void **state)
{
    (void)state;
    assert_int_equal(walked(ridge, 2, 0, 0).stop, MINIMISE_RAN_OFF);
}

static void where_nothing_improves_it_says_flat(void **state)
{
    (void)state;
    struct minimise_end end = walked(liar, 1, 1e-3, 0);
    assert_int_equal(end.stop, MINIMISE_FLAT);
    assert_true(end.at[0] == 1e-3);
}

static void a_slope_without_end_is_followed_to_the_bound(void **state)
{
    (void)state;
    assert_int_equal(stopped(plane, 0), MINIMISE_RAN_OFF);
}

static void a_slope_that_takes_too_long_says_flat(void **state)
{
    (void)state;
    assert_int_equal(stopped(plane, 1e3), MINIMISE_FLAT);
}

/* The lowest point within the bounds, where x wants to be 3 and may be 1: y = -1 - (x - 3) / 4. */
static void at_a_bound_the_others_go_on(void **state)
{
    (void)state;
    struct minimise_problem problem = {
        .n = 2, .evaluate = bowl, .gradient_small = 1e-8, .lowest = {-14, -14}, .highest = {1, 14}};
    struct minimise_end end;
    minimise_from(&problem, (double[]){-3, 9}, &end);
    assert_int_equal(end.stop, MINIMISE_RAN_OFF);
    assert_true(end.at[0] == 1);
    assert_close(end.at[1], -0.5, 4);
    problem.highest[0] = 3.5;
    minimise_from(&problem, (double[]){3.5, 9}, &end);
    assert_int_equal(end.stop, MINIMISE_CONVERGED);
    assert_close(end.at[0], 3, 4);
}

/* Falls like 1 / x: no step of a fixed length comes far. */
static void slow(void *context, const double *at, struct minimise_slope *out)
{
    (void)context;
    double x = at[0];
    *out = (struct minimise_slope){
        .value = 1 / x, .gradient = {-1 / (x * x)}, .hessian = {{{2 / (x * x * x)}}}};
}

static void a_long_way_down_is_gone_in_long_steps(void **state)
{
    (void)state;
    struct minimise_problem problem = {
        .n = 1, .evaluate = slow, .gradient_small = 1e-8, .lowest = {1}, .highest = {700}};
    struct minimise_end end;
    minimise_from(&problem, (double[]){20}, &end);
    assert_int_equal(end.stop, MINIMISE_RAN_OFF);
    assert_true(end.at[0] == 700);
    assert_true(end.evaluations < 20);
}

/* Nothing depends on y. */
static void trough(void *context, const double *at, struct minimise_slope *out)
{
    (void)context;
    *out = (struct minimise_slope){
        .value = at[0] * at[0], .gradient = {2 * at[0]}, .hessian = {{{2, 0}, {0, 0}}}};
}

static void what_does_not_matter_stops_nobody(void **state)
{
    (void)state;
    struct minimise_end end = walked(trough, 2, 9, 4);
    assert_int_equal(end.stop, MINIMISE_RAN_OFF);
    assert_within(end.at[0], 0, 1e-8);
    assert_true(end.at[1] == 4);
}

static void where_rounding_hides_the_bottom_the_step_decides(void **state)
{
    (void)state;
    assert_int_equal(stopped(bottom, 1e-3), MINIMISE_CONVERGED);
    assert_int_equal(stopped(bottom, 1e-9), MINIMISE_RAN_OFF);
}

static void an_inverse_times_its_matrix_is_one(void **state)
{
    (void)state;
    const struct minimise_matrix matrix = {
        {{4, 1, 0.5, 0}, {1, 3, 0, 0.2}, {0.5, 0, 2, 0.1}, {0, 0.2, 0.1, 1}}};
    struct minimise_matrix inverse;
    assert_int_equal(minimise_invert(&matrix, 4, &inverse), 0);
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            double sum = 0;
            for (int k = 0; k < 4; k++)
                sum += matrix.row[i][k] * inverse.row[k][j];
            assert_within(sum, i == j, 1e-14);
        }
    }
    const struct minimise_matrix saddle = {{{1, 2}, {2, 1}}};
    assert_int_equal(minimise_invert(&saddle, 2, &inverse), MINIMISE_E_INDEFINITE);
}

static void an_inverse_of_what_is_steep_leaves_the_level_out(void **state)
{
    (void)state;
    struct minimise_matrix inverse;
    /* 4 along (1, 1), nothing along (1, -1); 9 by itself */
    const struct minimise_matrix valley = {{{2, 2, 0}, {2, 2, 0}, {0, 0, 9}}};
    const struct minimise_matrix want = {{{0.125, 0.125, 0}, {0.125, 0.125, 0}, {0, 0, 1.0 / 9}}};
    assert_int_equal(minimise_invert_steep(&valley, 3, 1e-6, &inverse), 0);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            assert_within(inverse.row[i][j], want.row[i][j], 1e-15);
    const struct minimise_matrix plain = {{{1e-9, 0}, {0, 1e-9}}}, saddle = {{{1, 2}, {2, 1}}};
    assert_int_equal(minimise_invert_steep(&plain, 2, 1e-6, &inverse), MINIMISE_E_INDEFINITE);
    assert_int_equal(minimise_invert_steep(&saddle, 2, 1e-6, &inverse), MINIMISE_E_INDEFINITE);
    const struct minimise_matrix whole = {
        {{4, 1, 0.5, 0}, {1, 3, 0, 0.2}, {0.5, 0, 2, 0.1}, {0, 0.2, 0.1, 1}}};
    struct minimise_matrix as_such;
    assert_int_equal(minimise_invert(&whole, 4, &as_such), 0);
    assert_int_equal(minimise_invert_steep(&whole, 4, 1e-6, &inverse), 0);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            assert_within(inverse.row[i][j], as_such.row[i][j], 1e-14);
}

static struct minimise_end joining(const double *start, const struct minimise_end *known)
{
    struct minimise_problem problem = {.n = 2,
                                       .evaluate = banana,
                                       .gradient_small = 1e-8,
                                       .lowest = {-14, -14},
                                       .highest = {14, 14},
                                       .known = known};
    struct minimise_end end;
    minimise_from(&problem, start, &end);
    return end;
}

static void a_walk_is_over_where_another_has_ended(void **state)
{
    (void)state;
    const double here[] = {-1.2, 1}, there[] = {3, -2};
    struct minimise_end first = joining(here, NULL), whole = joining(there, NULL);
    struct minimise_end joined = joining(there, &first);
    assert_true(first.stop == MINIMISE_CONVERGED && whole.stop == MINIMISE_CONVERGED);
    assert_int_equal(joined.stop, MINIMISE_JOINED);
    assert_true(joined.evaluations < whole.evaluations);
    assert_true(joined.slope.value >= first.slope.value);
}

static void a_walk_may_begin_in_its_own_end(void **state)
{
    (void)state;
    const double there[] = {3, -2};
    struct minimise_problem problem = {.n = 2,
                                       .evaluate = banana,
                                       .gradient_small = 1e-8,
                                       .lowest = {-14, -14},
                                       .highest = {14, 14}};
    struct minimise_end end = {.at = {3, -2}}, whole = joining(there, NULL);
    minimise_from(&problem, end.at, &end);
    assert_int_equal(end.evaluations, whole.evaluations);
    assert_memory_equal(end.at, whole.at, sizeof end.at);
}

/* An end that is no minimum is nothing to join. */
static void a_walk_goes_on_past_what_is_no_minimum(void **state)
{
    (void)state;
    const double here[] = {-1.2, 1}, there[] = {3, -2};
    struct minimise_end first = joining(here, NULL);
    first.stop = MINIMISE_RAN_OFF;
    assert_int_equal(joining(there, &first).stop, MINIMISE_CONVERGED);
    first.stop = MINIMISE_CONVERGED;
    first.slope.value = 1e9; /* far above: the walk gets below it */
    assert_int_equal(joining(there, &first).stop, MINIMISE_CONVERGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bowl_takes_as_many_steps_as_it_is_wide),
        cmocka_unit_test(a_bent_valley_is_followed_to_its_end),
        cmocka_unit_test(a_small_gradient_alone_is_no_minimum),
        cmocka_unit_test(a_level_direction_is_a_run_off),
        cmocka_unit_test(where_nothing_improves_it_says_flat),
        cmocka_unit_test(a_slope_without_end_is_followed_to_the_bound),
        cmocka_unit_test(a_slope_that_takes_too_long_says_flat),
        cmocka_unit_test(at_a_bound_the_others_go_on),
        cmocka_unit_test(a_long_way_down_is_gone_in_long_steps),
        cmocka_unit_test(what_does_not_matter_stops_nobody),
        cmocka_unit_test(where_rounding_hides_the_bottom_the_step_decides),
        cmocka_unit_test(a_walk_is_over_where_another_has_ended),
        cmocka_unit_test(a_walk_may_begin_in_its_own_end),
        cmocka_unit_test(a_walk_goes_on_past_what_is_no_minimum),
        cmocka_unit_test(an_inverse_times_its_matrix_is_one),
        cmocka_unit_test(an_inverse_of_what_is_steep_leaves_the_level_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
