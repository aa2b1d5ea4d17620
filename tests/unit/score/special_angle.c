/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "score/special.h"
#include "support/assert.h"

static void angles_are_those_of_libm(void **state)
{
    (void)state;
    for (double x = 1e-300; x < 1e300; x *= 1.37) {
        assert_close(special_atan(x), atan(x), 4);
        assert_true(special_atan(-x) == -special_atan(x));
    }
    assert_true(special_atan(0) == 0);
}

static void points_are_those_of_libm(void **state)
{
    (void)state;
    for (double x = 1e-200; x < 1e6; x *= 1.0037) {
        struct special_point point = special_circle(x), mirrored = special_circle(-x);
        assert_within(point.cos, cos(x), 4e-16);
        assert_within(point.sin, sin(x), x < 1 ? 4e-16 * x : 4e-16);
        assert_true(mirrored.cos == point.cos && mirrored.sin == -point.sin);
    }
    assert_true(special_circle(0).cos == 1 && special_circle(0).sin == 0);
}

static void the_circle_is_never_left(void **state)
{
    (void)state;
    for (double x = 1e5; x < 1e15; x *= 1.13) {
        struct special_point point = special_circle(x);
        assert_within(hypot(point.cos, point.sin), 1, 1e-3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(angles_are_those_of_libm),
        cmocka_unit_test(points_are_those_of_libm),
        cmocka_unit_test(the_circle_is_never_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
