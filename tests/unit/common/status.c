/* SPDX-License-Identifier: Apache-2.0 */
#include "common/status.h"

#include <limits.h>

#include "support/assert.h"

static void every_status_has_the_exit_code_that_users_are_told(void **state)
{
    (void)state;
    static const struct {
        int status, code;
    } table[] = {{STATUS_DONE, 0},       {STATUS_BUG, 70},      {STATUS_USAGE, 2},
                 {STATUS_DATA, 65},      {STATUS_NO_INPUT, 66}, {STATUS_UNREACHABLE, 69},
                 {STATUS_NO_OUTPUT, 73}, {STATUS_IO, 74},       {STATUS_STOPPED, 75},
                 {STATUS_DENIED, 77},    {STATUS_CONFIG, 78}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(status_exit_code(table[i].status), table[i].code);
        assert_int_equal(status_of_exit_code(table[i].code), table[i].status);
    }
}

static void a_number_that_is_no_status_is_a_bug(void **state)
{
    (void)state;
    static const int strange[] = {1, 2, 70, INT_MAX, STATUS_CONFIG - 1, -70, INT_MIN};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        assert_int_equal(status_exit_code(strange[i]), 70);
}

static void an_exit_code_that_nothing_ends_with_is_a_bug(void **state)
{
    (void)state;
    static const int strange[] = {1, 3, 64, 71, 130, 137, 255, -1, INT_MIN, INT_MAX};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        assert_int_equal(status_of_exit_code(strange[i]), STATUS_BUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_the_exit_code_that_users_are_told),
        cmocka_unit_test(a_number_that_is_no_status_is_a_bug),
        cmocka_unit_test(an_exit_code_that_nothing_ends_with_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
