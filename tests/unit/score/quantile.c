/* SPDX-License-Identifier: Apache-2.0 */
#include "score/quantile.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

#define MOST 20000

__extension__ typedef __int128 wide;

static int rising(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int rising_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Type 7 as the papers write it, sorted and in 128 bits. */
static int64_t slow_quantile(const int64_t *sorted, size_t n, struct quantile p)
{
    wide h = (wide)(n - 1) * p.numerator;
    size_t lo = (size_t)(h / p.denominator), hi = lo + (lo + 1 < n);
    wide over = ((wide)sorted[hi] - sorted[lo]) * (h % p.denominator);
    return (int64_t)(sorted[lo] + over / p.denominator);
}

static int64_t shaped(struct chance *chance, int shape)
{
    uint64_t any = chance_next(chance);
    switch (shape) {
    case 0:
        return (int64_t)any; /* the whole range */
    case 1:
        return (int64_t)(any % 3); /* ties */
    case 2:
        return 42;
    case 3: /* skewed: most in the lowest millionth of the range */
        return (int64_t)(any >> (1 + chance_below(chance, 62)));
    case 4:
        return any % 100 ? (int64_t)(any % 1000) : any % 200 ? INT64_MIN : INT64_MAX;
    default: /* money, with refunds */
        return (int64_t)(any % 5000000) - 200000;
    }
}

#define SHAPES 6

static size_t sized(struct chance *chance, int round)
{
    return round % 50 == 0 ? 1 + chance_below(chance, MOST) : 1 + chance_below(chance, 300);
}

static struct quantile any_quantile(struct chance *chance)
{
    int64_t denominator = 1 + (int64_t)chance_below(chance, chance_next(chance) % 3 ? 12 : 1000000);
    struct quantile p = {(int64_t)chance_below(chance, (uint64_t)denominator + 1), denominator};
    return p;
}

struct values {
    int64_t given[MOST];
    int64_t sorted[MOST];
    int64_t work[MOST];
    size_t n;
};

static void draw(struct values *values, struct chance *chance, int round)
{
    values->n = sized(chance, round);
    for (size_t i = 0; i < values->n; i++)
        values->given[i] = shaped(chance, round % SHAPES);
    memcpy(values->sorted, values->given, values->n * sizeof(int64_t));
    qsort(values->sorted, values->n, sizeof(int64_t), rising);
    memcpy(values->work, values->given, values->n * sizeof(int64_t));
}

static int make_values(void **state)
{
    *state = malloc(sizeof(struct values));
    return *state == NULL;
}

static int free_values(void **state)
{
    free(*state);
    return 0;
}

static void quantiles_of_a_handful_are_those_worked_by_hand(void **state)
{
    (void)state;
    const int64_t values[] = {1, 2, 4, 8};
    /* h = 3 p: p = 1/2 lies halfway between 2 and 4; p = 1/5 at 0.6, between 1 and 2. */
    assert_int_equal(quantile_sorted(values, 4, (struct quantile){1, 2}), 3);
    assert_int_equal(quantile_sorted(values, 4, (struct quantile){1, 5}), 1);
    assert_int_equal(quantile_sorted(values, 4, (struct quantile){4, 5}), 5); /* 5.6 */
    assert_int_equal(quantile_sorted(values, 4, (struct quantile){0, 5}), 1);
    assert_int_equal(quantile_sorted(values, 4, (struct quantile){5, 5}), 8);
    assert_int_equal(quantile_sorted(values, 1, (struct quantile){1, 5}), 1);
    const int64_t debts[] = {-3, -2};
    assert_int_equal(quantile_sorted(debts, 2, (struct quantile){1, 2}), -3); /* floor of -2.5 */
}

static void a_position_is_exact_for_any_number_of_values(void **state)
{
    (void)state;
    struct chance chance = {3};
    for (int round = 0; round < 100000; round++) {
        size_t n = (size_t)(1 + (chance_next(&chance) >> (1 + chance_below(&chance, 62))));
        struct quantile p = any_quantile(&chance);
        int64_t j;
        size_t lo = quantile_position(n, p, &j);
        assert_true((wide)lo * p.denominator + j == (wide)(n - 1) * p.numerator);
        assert_true(j >= 0 && j < p.denominator);
    }
}

static void the_floor_between_two_neighbours_never_overflows(void **state)
{
    (void)state;
    struct chance chance = {5};
    assert_int_equal(quantile_between(INT64_MIN, INT64_MAX, 999999, 1000000),
                     (int64_t)(INT64_MIN + (wide)UINT64_MAX * 999999 / 1000000));
    for (int round = 0; round < 100000; round++) {
        int64_t a = shaped(&chance, round % SHAPES), b = shaped(&chance, round % 4);
        int64_t lo = a < b ? a : b, hi = a < b ? b : a;
        int64_t n = 1 + (int64_t)chance_below(&chance, 1000000);
        int64_t j = (int64_t)chance_below(&chance, (uint64_t)n);
        assert_true(quantile_between(lo, hi, j, n) ==
                    (int64_t)(lo + ((wide)hi - (wide)lo) * j / n));
    }
}

static void selection_agrees_with_sorting(void **state)
{
    struct values *values = *state;
    struct chance chance = {17};
    for (int round = 0; round < 3000; round++) {
        draw(values, &chance, round);
        struct quantile p[20];
        int64_t got[20];
        size_t m = 1 + chance_below(&chance, 20);
        for (size_t i = 0; i < m; i++)
            p[i] = (struct quantile){(int64_t)i * 977 % 1000, 1000};
        for (size_t i = 1; i < m; i++) /* ascending, with repeats */
            p[i].numerator = p[i - 1].numerator + (int64_t)chance_below(&chance, 50);
        quantile_of(values->work, values->n, p, m, got);
        for (size_t i = 0; i < m; i++)
            assert_int_equal(got[i], slow_quantile(values->sorted, values->n, p[i]));
        qsort(values->work, values->n, sizeof(int64_t), rising);
        assert_memory_equal(values->work, values->sorted, values->n * sizeof(int64_t));
    }
}

static void sorted_and_counted_values_have_the_same_quantiles(void **state)
{
    struct values *values = *state;
    struct chance chance = {19};
    uint64_t *counts = malloc(2 * MOST * sizeof *counts);
    int64_t *distinct = malloc(2 * MOST * sizeof *distinct);
    assert_true(counts != NULL && distinct != NULL);
    for (int round = 0; round < 3000; round++) {
        draw(values, &chance, round);
        size_t d = 0;
        for (size_t i = 0; i < values->n; i++) {
            if (i == 0 || values->sorted[i] != values->sorted[i - 1]) {
                counts[d] = 0;
                distinct[d++] = values->sorted[i];
            }
            counts[d - 1]++;
            if (values->sorted[i] < INT64_MAX - 1 && round % 3 == 0 &&
                (i + 1 == values->n || values->sorted[i + 1] > values->sorted[i] + 1)) {
                counts[d] = 0; /* a value that nobody has */
                distinct[d++] = values->sorted[i] + 1;
            }
        }
        struct quantile p = any_quantile(&chance);
        int64_t want = slow_quantile(values->sorted, values->n, p);
        assert_int_equal(quantile_sorted(values->sorted, values->n, p), want);
        assert_int_equal(quantile_counted(distinct, counts, d, p), want);
    }
    free(counts);
    free(distinct);
}

static void select_puts_smaller_before_and_others_after(void **state)
{
    struct values *values = *state;
    struct chance chance = {23};
    for (int round = 0; round < 3000; round++) {
        draw(values, &chance, round);
        size_t k = chance_below(&chance, values->n);
        quantile_select(values->work, values->n, k);
        assert_int_equal(values->work[k], values->sorted[k]);
        for (size_t i = 0; i < values->n; i++)
            assert_true(i < k ? values->work[i] <= values->work[k]
                              : values->work[i] >= values->work[k]);
        qsort(values->work, values->n, sizeof(int64_t), rising);
        assert_memory_equal(values->work, values->sorted, values->n * sizeof(int64_t));
    }
}

static void every_rank_is_found_when_all_are_asked_for(void **state)
{
    struct values *values = *state;
    struct chance chance = {29};
    static size_t rank[MOST];
    static int64_t out[MOST];
    for (int round = 0; round < 300; round++) {
        draw(values, &chance, round);
        for (size_t i = 0; i < values->n; i++)
            rank[i] = i;
        quantile_ranked(values->work, values->n, rank, values->n, out);
        assert_memory_equal(out, values->sorted, values->n * sizeof(int64_t));
    }
}

static void a_repeated_rank_is_answered_each_time(void **state)
{
    (void)state;
    int64_t values[] = {5, 1, 9}, out[4] = {0};
    const size_t rank[] = {1, 1, 2, 2};
    quantile_ranked(values, 3, rank, 4, out);
    assert_int_equal(out[0], 5);
    assert_int_equal(out[1], 5);
    assert_int_equal(out[2], 9);
    assert_int_equal(out[3], 9);
    quantile_ranked(values, 3, rank, 0, out);
}

static void shares_interpolate_between_their_neighbours(void **state)
{
    (void)state;
    struct chance chance = {31};
    double given[3000], sorted[3000];
    for (int round = 0; round < 2000; round++) {
        size_t n = 1 + chance_below(&chance, round % 20 ? 40 : 3000);
        for (size_t i = 0; i < n; i++) {
            given[i] = (double)(chance_next(&chance) >> 11) * 0x1p-53;
            if (chance_below(&chance, 4) == 0)
                given[i] = (double)chance_below(&chance, 3) / 2;
            if (given[i] == 0 && chance_below(&chance, 2))
                given[i] = -0.0;
        }
        memcpy(sorted, given, sizeof sorted);
        qsort(sorted, n, sizeof(double), rising_doubles);
        struct quantile p = any_quantile(&chance);
        int64_t j;
        size_t lo = quantile_position(n, p, &j);
        double part = (double)j / (double)p.denominator;
        double want = sorted[lo] * (1 - part) + sorted[lo + (j != 0)] * part;
        assert_within(quantile_of_shares(given, n, p), want, 4e-16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_of_a_handful_are_those_worked_by_hand),
        cmocka_unit_test(a_position_is_exact_for_any_number_of_values),
        cmocka_unit_test(the_floor_between_two_neighbours_never_overflows),
        cmocka_unit_test(selection_agrees_with_sorting),
        cmocka_unit_test(sorted_and_counted_values_have_the_same_quantiles),
        cmocka_unit_test(select_puts_smaller_before_and_others_after),
        cmocka_unit_test(every_rank_is_found_when_all_are_asked_for),
        cmocka_unit_test(a_repeated_rank_is_answered_each_time),
        cmocka_unit_test(shares_interpolate_between_their_neighbours),
    };
    return cmocka_run_group_tests(tests, make_values, free_values);
}
