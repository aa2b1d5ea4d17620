/* SPDX-License-Identifier: Apache-2.0 */
#include "score/money.h"

#include <math.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

__extension__ typedef __int128 wide;

static void a_sum_that_does_not_fit_is_left_as_it_was(void **state)
{
    (void)state;
    int64_t sum = INT64_MAX - 5;
    assert_int_equal(money_add(&sum, 5), 0);
    assert_int_equal(sum, INT64_MAX);
    assert_int_equal(money_add(&sum, 1), MONEY_E_OVERFLOW);
    assert_int_equal(sum, INT64_MAX);
    sum = INT64_MIN + 5;
    assert_int_equal(money_add(&sum, -5), 0);
    assert_int_equal(money_add(&sum, -1), MONEY_E_OVERFLOW);
    assert_int_equal(sum, INT64_MIN);
    assert_int_equal(money_add(&sum, INT64_MAX), 0);
    assert_int_equal(sum, -1);
}

static void a_half_goes_to_the_even_neighbour(void **state)
{
    (void)state;
    static const int64_t quarters_of[][2] = {
        {0, 0},  {1, 0},  {2, 0},  {3, 1},   {4, 1},   {5, 1},   {6, 2},   {7, 2},    {10, 2},
        {14, 4}, {-1, 0}, {-2, 0}, {-3, -1}, {-5, -1}, {-6, -2}, {-7, -2}, {-10, -2}, {-14, -4}};
    for (size_t i = 0; i < sizeof quarters_of / sizeof quarters_of[0]; i++)
        assert_int_equal(money_divide(quarters_of[i][0], 4), quarters_of[i][1]);
    assert_int_equal(money_divide(INT64_MIN, 1), INT64_MIN);
    assert_int_equal(money_divide(INT64_MIN, INT64_MAX), -1);
    assert_int_equal(money_divide(INT64_MAX, 2), INT64_MAX / 2 + 1);
}

/* Rounds down first, then asks which neighbour is nearer: another way than money.c's. */
static wide divided_slowly(wide numerator, wide denominator)
{
    wide below = numerator / denominator - (numerator % denominator < 0);
    wide past = numerator - below * denominator, short_of = denominator - past;
    if (past != short_of)
        return past < short_of ? below : below + 1;
    return below % 2 == 0 ? below : below + 1;
}

static void division_agrees_with_the_nearer_neighbour(void **state)
{
    (void)state;
    struct chance chance = {7};
    for (int i = 0; i < 300000; i++) {
        int64_t numerator = (int64_t)(chance_next(&chance) >> chance_below(&chance, 64));
        int64_t denominator =
            1 + (int64_t)(chance_next(&chance) >> (1 + chance_below(&chance, 63)));
        if (denominator < 1)
            denominator = INT64_MAX;
        if (i % 2)
            numerator = -(numerator / 2);
        assert_true(money_divide(numerator, denominator) ==
                    (int64_t)divided_slowly(numerator, denominator));
    }
}

static void scaling_is_exact_in_between_and_says_when_it_does_not_fit(void **state)
{
    (void)state;
    int64_t out = 77;
    assert_int_equal(money_scale(INT64_MAX, INT64_MAX, INT64_MAX, &out), 0);
    assert_int_equal(out, INT64_MAX);
    assert_int_equal(money_scale(INT64_MIN, INT64_MAX, INT64_MAX, &out), 0);
    assert_int_equal(out, INT64_MIN);
    out = 77;
    assert_int_equal(money_scale(INT64_MAX, 3, 2, &out), MONEY_E_OVERFLOW);
    assert_int_equal(out, 77);
    assert_int_equal(money_scale(15, 1, 10, &out), 0);
    assert_int_equal(out, 2);
    assert_int_equal(money_scale(25, 1, 10, &out), 0);
    assert_int_equal(out, 2);
    assert_int_equal(money_scale(25, -1, 10, &out), 0);
    assert_int_equal(out, -2);
    assert_int_equal(money_scale(25000001, 1, 10000000, &out), 0);
    assert_int_equal(out, 3);
}

static void units_become_the_nearest_money(void **state)
{
    (void)state;
    assert_int_equal(money_from_units(12.34), 123400);
    assert_int_equal(money_from_units(-12.34), -123400);
    assert_int_equal(money_from_units(0.0), 0);
    assert_int_equal(money_from_units(-0.0), 0);
    assert_int_equal(money_from_units(5e-324), 0);
    /* 1/32 is 312.5 exactly: a tie. 3/32 is 937.5. */
    assert_int_equal(money_from_units(0.03125), 312);
    assert_int_equal(money_from_units(0.09375), 938);
    assert_int_equal(money_from_units(-0.03125), -312);
    assert_int_equal(money_from_units(-0.09375), -938);
}

/* The double 0.00005 lies just above 1/20,000 although its product with 10,000 prints as 0.5. */
static void units_are_rounded_as_they_are_not_as_their_product_rounds(void **state)
{
    (void)state;
    assert_int_equal(money_from_units(0.00005), 1);
    assert_int_equal(money_from_units(-0.00005), -1);
    assert_int_equal(money_from_units(0.00015), 1); /* just below */
    assert_int_equal(money_from_units(0.00025), 3); /* just above */
}

static void units_beyond_the_grid_saturate(void **state)
{
    (void)state;
    assert_int_equal(money_from_units(1e30), INT64_MAX);
    assert_int_equal(money_from_units(-1e30), -INT64_MAX);
    assert_int_equal(money_from_units(HUGE_VAL), INT64_MAX);
    assert_int_equal(money_from_units(-HUGE_VAL), -INT64_MAX);
    assert_int_equal(money_from_units(9.3e14), INT64_MAX);
    assert_int_equal(money_from_units(9.2e14), INT64_C(9200000000000000000));
}

/* mantissa * 2^-down * 10,000 in integers. */
static int64_t money_of_bits(int64_t mantissa, int down)
{
    return (int64_t)divided_slowly((wide)mantissa * MONEY_PER_UNIT, (wide)1 << down);
}

static void every_double_is_rounded_exactly(void **state)
{
    (void)state;
    struct chance chance = {11};
    for (int i = 0; i < 400000; i++) {
        int64_t mantissa = (int64_t)(chance_next(&chance) >> (11 + chance_below(&chance, 50)));
        int down = (int)chance_below(&chance, 90);
        while (down < 4 && mantissa >= INT64_C(1) << 49) /* 2^53 * 10,000 does not fit */
            down++;
        if (i % 2)
            mantissa = -mantissa;
        int64_t got = money_from_units(ldexp((double)mantissa, -down));
        assert_true(got == money_of_bits(mantissa, down));
    }
}

static void doubles_next_to_a_tie_are_rounded_exactly(void **state)
{
    (void)state;
    struct chance chance = {17};
    for (int i = 0; i < 100000; i++) {
        int64_t half = (int64_t)(chance_next(&chance) >> (20 + chance_below(&chance, 40)));
        double units = ((double)half + 0.5) / (double)MONEY_PER_UNIT;
        for (int step = 0; step < 3; step++, units = nextafter(units, HUGE_VAL)) {
            int exponent;
            int64_t mantissa = (int64_t)ldexp(frexp(units, &exponent), 53);
            assert_int_equal(money_from_units(units), money_of_bits(mantissa, 53 - exponent));
        }
    }
}

static void money_goes_to_units_and_back(void **state)
{
    (void)state;
    struct chance chance = {13};
    for (int i = 0; i < 100000; i++) {
        int64_t money = (int64_t)(chance_next(&chance) >> (14 + chance_below(&chance, 40)));
        assert_int_equal(money_from_units(money_units(money)), money);
        assert_int_equal(money_from_units(money_units(-money)), -money);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_that_does_not_fit_is_left_as_it_was),
        cmocka_unit_test(a_half_goes_to_the_even_neighbour),
        cmocka_unit_test(division_agrees_with_the_nearer_neighbour),
        cmocka_unit_test(scaling_is_exact_in_between_and_says_when_it_does_not_fit),
        cmocka_unit_test(units_become_the_nearest_money),
        cmocka_unit_test(units_are_rounded_as_they_are_not_as_their_product_rounds),
        cmocka_unit_test(units_beyond_the_grid_saturate),
        cmocka_unit_test(every_double_is_rounded_exactly),
        cmocka_unit_test(doubles_next_to_a_tie_are_rounded_exactly),
        cmocka_unit_test(money_goes_to_units_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
