/* SPDX-License-Identifier: Apache-2.0 */
#include "common/digits.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/day.h"
#include "support/assert.h"
#include "support/chance.h"

#define GUARD '\x7f'

/* A buffer that notices what is written beyond DIGITS_ROOM. */
struct page {
    char text[DIGITS_ROOM];
    char guard[8];
};

static struct page blank(void)
{
    struct page page;
    memset(&page, GUARD, sizeof page);
    return page;
}

static void assert_text(struct page *page, const char *end, const char *want, int most)
{
    size_t n = (size_t)(end - page->text);
    assert_true(n <= (size_t)most);
    for (size_t i = 0; i < sizeof page->guard; i++)
        assert_int_equal(page->guard[i], GUARD);
    if (n != strlen(want) || memcmp(page->text, want, n) != 0)
        fail_msg("printed '%.*s', wanted '%s'", (int)n, page->text, want);
}

static void assert_int(int64_t value)
{
    char want[32];
    struct page page = blank();
    snprintf(want, sizeof want, "%" PRId64, value);
    assert_text(&page, digits_int(page.text, value), want, DIGITS_INT);
}

static void assert_double(double value, int significant)
{
    char want[64];
    struct page page = blank();
    snprintf(want, sizeof want, "%.*g", significant, value);
    assert_text(&page, digits_double(page.text, value, significant), want, DIGITS_DOUBLE);
}

static void assert_doubles(double value)
{
    for (int significant = 1; significant <= 17; significant++) {
        assert_double(value, significant);
        assert_double(-value, significant);
    }
}

static void integers_print_as_printf_prints_them(void **state)
{
    (void)state;
    struct chance chance = {101};
    assert_int(0);
    assert_int(INT64_MAX);
    assert_int(INT64_MIN);
    int64_t power = 1;
    for (int i = 0; i < 19; i++, power = i < 19 ? power * 10 : power)
        for (int64_t near = -2; near <= 2; near++) {
            assert_int(power + near);
            assert_int(-power + near);
        }
    for (int64_t value = -20000; value < 20000; value++)
        assert_int(value);
    for (int i = 0; i < 200000; i++)
        assert_int((int64_t)(chance_next(&chance) >> chance_below(&chance, 64)) * (i % 2 ? 1 : -1));
}

static void assert_money(int64_t money, int decimals, const char *want)
{
    struct page page = blank();
    assert_text(&page, digits_money(page.text, money, decimals), want, DIGITS_MONEY);
}

static void money_is_rounded_half_even_where_decimals_are_dropped(void **state)
{
    (void)state;
    assert_money(0, 0, "0");
    assert_money(0, 2, "0.00");
    assert_money(123456, 4, "12.3456");
    assert_money(123456, 3, "12.346");
    assert_money(123456, 2, "12.35");
    assert_money(123456, 1, "12.3");
    assert_money(123456, 0, "12");
    assert_money(50, 2, "0.00"); /* half a cent, to even */
    assert_money(150, 2, "0.02");
    assert_money(250, 2, "0.02");
    assert_money(251, 2, "0.03");
    assert_money(-150, 2, "-0.02");
    assert_money(5000, 0, "0");
    assert_money(15000, 0, "2");
    assert_money(999950, 2, "100.00"); /* 99.995, to even */
    assert_money(INT64_MAX, 4, "922337203685477.5807");
    assert_money(INT64_MIN, 4, "-922337203685477.5808");
    assert_money(INT64_MIN, 0, "-922337203685478");
    assert_money(99999999, 4, "9999.9999"); /* the last in eight digits, and the first beyond */
    assert_money(100000000, 4, "10000.0000");
    assert_money(9999999949, 2, "999999.99");
    assert_money(9999999951, 2, "1000000.00");
}

static void what_is_rounded_to_nothing_has_no_sign(void **state)
{
    (void)state;
    assert_money(-50, 2, "0.00");
    assert_money(-49, 2, "0.00");
    assert_money(-51, 2, "-0.01");
    assert_money(-1, 0, "0");
    assert_money(-1, 4, "-0.0001");
}

static void money_of_any_size_keeps_its_decimals(void **state)
{
    (void)state;
    struct chance chance = {103};
    for (int i = 0; i < 200000; i++) {
        int64_t money = (int64_t)(chance_next(&chance) >> (1 + chance_below(&chance, 62)));
        int decimals = (int)chance_below(&chance, 5);
        int64_t unit = 1;
        for (int d = decimals; d < 4; d++)
            unit *= 10;
        int64_t kept = money / unit * unit; /* nothing to round */
        char want[40], all[40];
        int n = snprintf(all, sizeof all, "%" PRId64 ".%04" PRId64, kept / 10000, kept % 10000);
        snprintf(want, sizeof want, "%.*s", decimals ? n - 4 + decimals : n - 5, all);
        assert_money(kept, decimals, want);
    }
}

static void exact_money_has_no_zeros_at_its_end(void **state)
{
    (void)state;
    static const struct {
        int64_t money;
        const char *want;
    } cases[] = {{0, "0"},         {50000, "5"},
                 {123000, "12.3"}, {123400, "12.34"},
                 {1, "0.0001"},    {-1, "-0.0001"},
                 {-10, "-0.001"},  {-100000, "-10"},
                 {1000000, "100"}, {INT64_MIN, "-922337203685477.5808"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct page page = blank();
        assert_text(&page, digits_money_exact(page.text, cases[i].money), cases[i].want,
                    DIGITS_MONEY);
    }
}

static void powers_of_ten_and_their_neighbours_print_as_printf_prints_them(void **state)
{
    (void)state;
    for (int power = -330; power <= 308; power++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", power);
        double value = strtod(text, NULL);
        assert_doubles(value);
        assert_doubles(nextafter(value, 0));
        assert_doubles(nextafter(value, HUGE_VAL));
        assert_doubles(value * 9.9999995);
        assert_doubles(value * 9.99999949999);
        assert_doubles(value * 9.5);
    }
}

static void powers_of_two_and_their_neighbours_print_as_printf_prints_them(void **state)
{
    (void)state;
    for (int power = -1074; power <= 1023; power++) {
        double value = ldexp(1, power);
        assert_doubles(value);
        assert_doubles(nextafter(value, 0));
        assert_doubles(nextafter(value, HUGE_VAL));
    }
    assert_doubles(DBL_MIN);
    assert_doubles(DBL_MAX);
    assert_doubles(nextafter(DBL_MIN, 0));
}

/* Numbers that end in a half of the last digit kept, exactly: ties go to the even digit. */
static void exact_halves_go_to_the_even_digit(void **state)
{
    (void)state;
    struct chance chance = {107};
    for (int i = 0; i < 30000; i++) {
        uint64_t any = chance_next(&chance) >> (12 + chance_below(&chance, 52));
        double half = (double)(2 * any + 1);
        for (int down = 0; down < 20; down++)
            assert_double(half * 0.5 * ldexp(1, -down), 1 + (int)chance_below(&chance, 17));
        assert_double((double)any * 10 + 5, 1 + (int)chance_below(&chance, 17));
    }
}

/* Decimal fractions that end in a 5, which no double is exactly, and the doubles around them. */
static void what_is_next_to_a_half_is_rounded_by_the_exact_value(void **state)
{
    (void)state;
    struct chance chance = {108};
    for (int i = 0; i < 30000; i++) {
        int significant = 1;
        uint64_t digits = 1 + chance_below(&chance, 9);
        for (uint64_t more = chance_below(&chance, 9); more > 0; more--, significant++)
            digits = digits * 10 + chance_below(&chance, 10);
        char half[64];
        snprintf(half, sizeof half, "%" PRIu64 "5e-%d", digits, (int)chance_below(&chance, 30));
        double value = strtod(half, NULL);
        assert_double(value, significant);
        assert_double(nextafter(value, 0), significant);
        assert_double(nextafter(value, HUGE_VAL), significant);
    }
}

static void zero_and_one_keep_their_sign_as_with_printf(void **state)
{
    (void)state;
    assert_doubles(0.0);
    assert_doubles(1.0);
    assert_doubles(nextafter(1.0, 0));
}

static void what_is_not_finite_is_printed_as_printf_does(void **state)
{
    (void)state;
    assert_doubles(HUGE_VAL);
    assert_doubles(nan(""));
}

static double any_double(struct chance *chance)
{
    uint64_t bits;
    double value;
    do {
        bits = chance_next(chance);
        memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value));
    return value;
}

/* e^x is what probabilities and expectations look like: every size equally likely. */
static double any_usual(struct chance *chance)
{
    double unit = (double)(chance_next(chance) >> 11) * 0x1p-53;
    return pow(10, -8 + 16 * unit);
}

static void a_million_doubles_print_as_printf_prints_them(void **state)
{
    (void)state;
    struct chance chance = {109};
    for (int i = 0; i < 250000; i++) {
        assert_double(any_double(&chance), 1 + (int)chance_below(&chance, 17));
        assert_double(any_usual(&chance), 6);
        assert_double(any_usual(&chance), 17);
        assert_double(-any_usual(&chance), 1 + (int)chance_below(&chance, 17));
    }
}

static void short_decimals_print_as_they_were_written(void **state)
{
    (void)state;
    struct chance chance = {113};
    for (int i = 0; i < 200000; i++) {
        char text[32];
        snprintf(text, sizeof text, "%u.%0*u", (unsigned)chance_below(&chance, 1000),
                 1 + (int)chance_below(&chance, 6), (unsigned)chance_below(&chance, 10));
        assert_double(strtod(text, NULL), 1 + (int)chance_below(&chance, 17));
    }
}

static void seventeen_digits_read_back_as_the_same_double(void **state)
{
    (void)state;
    struct chance chance = {127};
    for (int i = 0; i < 100000; i++) {
        double value = i % 2 ? any_double(&chance) : any_usual(&chance);
        char text[DIGITS_ROOM];
        *digits_double(text, value, 17) = '\0';
        assert_true(strtod(text, NULL) == value);
    }
}

static void a_day_is_ten_characters(void **state)
{
    (void)state;
    for (int32_t day = -719162; day <= 2932896; day += 997) {
        char want[11];
        struct page page = blank();
        day_print(day, want);
        assert_text(&page, digits_day(page.text, day), want, DIGITS_DAY);
    }
    struct page page = blank();
    assert_text(&page, digits_day(page.text, 11016), "2000-02-29", DIGITS_DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_print_as_printf_prints_them),
        cmocka_unit_test(money_is_rounded_half_even_where_decimals_are_dropped),
        cmocka_unit_test(what_is_rounded_to_nothing_has_no_sign),
        cmocka_unit_test(money_of_any_size_keeps_its_decimals),
        cmocka_unit_test(exact_money_has_no_zeros_at_its_end),
        cmocka_unit_test(powers_of_ten_and_their_neighbours_print_as_printf_prints_them),
        cmocka_unit_test(powers_of_two_and_their_neighbours_print_as_printf_prints_them),
        cmocka_unit_test(exact_halves_go_to_the_even_digit),
        cmocka_unit_test(what_is_next_to_a_half_is_rounded_by_the_exact_value),
        cmocka_unit_test(zero_and_one_keep_their_sign_as_with_printf),
        cmocka_unit_test(what_is_not_finite_is_printed_as_printf_does),
        cmocka_unit_test(a_million_doubles_print_as_printf_prints_them),
        cmocka_unit_test(short_decimals_print_as_they_were_written),
        cmocka_unit_test(seventeen_digits_read_back_as_the_same_double),
        cmocka_unit_test(a_day_is_ten_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
