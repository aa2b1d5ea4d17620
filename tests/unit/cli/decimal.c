/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decimal.h"

#include <string.h>

#include "support/assert.h"

static int64_t read(const char *text, int places)
{
    int64_t value = 0;
    if (decimal_read(text, strlen(text), places, &value))
        print_error("'%s' was not read\n", text);
    assert_int_equal(decimal_read(text, strlen(text), places, &value), 0);
    return value;
}

static int answer(const char *text, int places)
{
    int64_t value = 4711;
    int result = decimal_read(text, strlen(text), places, &value);
    assert_int_equal(value, 4711);
    return result;
}

static void digits_are_kept_exactly(void **state)
{
    (void)state;
    assert_int_equal(read("0", 0), 0);
    assert_int_equal(read("33.4", 6), 33400000);
    assert_int_equal(read("0.1", 1), 1);
    assert_int_equal(read("-12.3456", 4), -123456);
    assert_int_equal(read("+7", 2), 700);
    assert_int_equal(read("007.10", 1), 71);
    assert_int_equal(read("1.5000000000000000000000", 1), 15);
    assert_int_equal(read("9223372036854775807", 0), INT64_MAX);
    assert_int_equal(read("9.223372036854775807", 18), INT64_MAX);
}

static void what_is_no_number_is_no_number(void **state)
{
    (void)state;
    static const char *const words[] = {
        "",   "-",   "+",     ".",   ".5",  "5.",  "1e3",  "0x1", " 1",
        "1 ", "1,5", "1.2.3", "inf", "nan", "--1", "1.-2", "1_0", "99999999999999999999x"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_int_equal(answer(words[i], 3), DECIMAL_E_WORD);
}

static void a_digit_too_many_is_not_rounded_away(void **state)
{
    (void)state;
    assert_int_equal(answer("0.1234567", 6), DECIMAL_E_PLACES);
    assert_int_equal(answer("1.5", 0), DECIMAL_E_PLACES);
    assert_int_equal(answer("1.00000001", 2), DECIMAL_E_PLACES);
}

static void what_does_not_fit_is_out_of_range(void **state)
{
    (void)state;
    assert_int_equal(answer("9223372036854775808", 0), DECIMAL_E_RANGE);
    assert_int_equal(answer("10", 18), DECIMAL_E_RANGE);
    assert_int_equal(answer("99999999999999999999.5", 1), DECIMAL_E_RANGE);
}

static void a_limit_belongs_to_its_range(void **state)
{
    (void)state;
    int64_t value;
    assert_int_equal(decimal_read_within("1", 0, 1, 9, &value), 0);
    assert_int_equal(decimal_read_within("9", 0, 1, 9, &value), 0);
    assert_int_equal(decimal_read_within("0", 0, 1, 9, &value), DECIMAL_E_RANGE);
    assert_int_equal(decimal_read_within("10", 0, 1, 9, &value), DECIMAL_E_RANGE);
    assert_int_equal(value, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_kept_exactly),
        cmocka_unit_test(what_is_no_number_is_no_number),
        cmocka_unit_test(a_digit_too_many_is_not_rounded_away),
        cmocka_unit_test(what_does_not_fit_is_out_of_range),
        cmocka_unit_test(a_limit_belongs_to_its_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
