/* SPDX-License-Identifier: Apache-2.0 */
#include "score/day.h"

#include "support/assert.h"

static int32_t day_of(int32_t year, int32_t month, int32_t day)
{
    int32_t out = DAY_NONE;
    assert_int_equal(day_from_civil((struct civil){year, month, day}, &out), 0);
    return out;
}

static void the_epoch_is_day_zero(void **state)
{
    (void)state;
    assert_int_equal(day_of(1970, 1, 1), 0);
    assert_int_equal(day_of(1969, 12, 31), -1);
    assert_int_equal(day_of(2000, 3, 1), 11017);
}

static void the_29th_of_february_exists_in_leap_years_only(void **state)
{
    (void)state;
    int32_t day;
    assert_int_equal(day_from_civil((struct civil){2000, 2, 29}, &day), 0);
    assert_int_equal(day_from_civil((struct civil){1900, 2, 29}, &day), DAY_E_IMPOSSIBLE);
    assert_int_equal(day_from_civil((struct civil){2021, 2, 29}, &day), DAY_E_IMPOSSIBLE);
    assert_int_equal(day_from_civil((struct civil){2021, 2, 30}, &day), DAY_E_IMPOSSIBLE);
    assert_int_equal(day_from_civil((struct civil){0, 1, 1}, &day), DAY_E_IMPOSSIBLE);
    assert_int_equal(day_from_civil((struct civil){10000, 1, 1}, &day), DAY_E_IMPOSSIBLE);
}

static void every_day_of_every_year_goes_there_and_back(void **state)
{
    (void)state;
    int32_t first = day_of(1, 1, 1), last = day_of(9999, 12, 31);
    assert_int_equal(last - first + 1, 3652059);
    for (int32_t day = first; day <= last; day++) {
        int32_t back;
        assert_int_equal(day_from_civil(day_to_civil(day), &back), 0);
        assert_int_equal(back, day);
    }
}

static void a_day_prints_as_it_reads(void **state)
{
    (void)state;
    char text[11];
    int32_t day;
    day_print(day_of(1997, 9, 30), text);
    assert_string_equal(text, "1997-09-30");
    assert_int_equal(day_read(text, &day), 0);
    assert_int_equal(day, day_of(1997, 9, 30));
    assert_int_equal(day_read("1997-9-30", &day), DAY_E_IMPOSSIBLE);
    assert_int_equal(day_read("1997-09-301", &day), DAY_E_IMPOSSIBLE);
    assert_int_equal(day_read("", &day), DAY_E_IMPOSSIBLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_epoch_is_day_zero),
        cmocka_unit_test(the_29th_of_february_exists_in_leap_years_only),
        cmocka_unit_test(every_day_of_every_year_goes_there_and_back),
        cmocka_unit_test(a_day_prints_as_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
