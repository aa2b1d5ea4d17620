/* SPDX-License-Identifier: Apache-2.0 */
#include "common/packed.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

#define MOST 1700 /* three blocks of the codec and a rest */

__extension__ typedef __int128 wide;

static const size_t size_of[] = {8, 4, 4, 2, 1};
static const int64_t least_of[] = {INT64_MIN, INT32_MIN, 0, 0, 0};
static const int64_t greatest_of[] = {INT64_MAX, INT32_MAX, UINT32_MAX, UINT16_MAX, UINT8_MAX};
static const enum packed_of types[] = {PACKED_I64, PACKED_I32, PACKED_U32, PACKED_U16, PACKED_U8};
#define TYPES (sizeof types / sizeof types[0])

/* What packed_read answers, and packed_check. */
static int looked_at(const struct packed *column, enum packed_of type, size_t n, void *values)
{
    int r = packed_read(column, type, n, values);
    assert_int_equal(packed_check(column, type, n), r);
    return r;
}

static void put(enum packed_of type, void *array, size_t i, int64_t value)
{
    /* the low bytes of a little-endian number are the number where it fits */
    memcpy((char *)array + i * size_of[type], &value, size_of[type]);
}

static struct packed pack(enum packed_of type, const void *values, size_t n)
{
    struct packed column = packed_fit(type, values, n);
    assert_null(column.data.data);
    void *out = malloc(column.data.size + 1); /* no larger, so that writing past it is seen */
    assert_non_null(out);
    ((char *)out)[column.data.size] = 0x5a;
    packed_write(&column, type, values, n, out);
    assert_int_equal(((char *)out)[column.data.size], 0x5a);
    column.data.data = out;
    return column;
}

static void forget(struct packed *column)
{
    free((void *)(uintptr_t)column->data.data);
}

/* The columns's words, the plain way. */
static struct packed slow_fit(const int64_t *values, size_t n)
{
    struct packed column = {.step = 1};
    static const uint64_t steps[] = {10000, 100, 1};
    wide least = 0, greatest = 0;
    for (size_t i = 0; i < n; i++) {
        least = i == 0 || values[i] < least ? values[i] : least;
        greatest = i == 0 || values[i] > greatest ? values[i] : greatest;
    }
    for (size_t k = 3; n > 0 && k-- > 0;) {
        int divides = 1;
        for (size_t i = 0; i < n; i++)
            divides &= values[i] % (int64_t)steps[k] == 0;
        if (divides)
            column.step = steps[k];
    }
    wide word = (greatest - least) / (wide)column.step;
    column.least = (int64_t)least;
    column.width = word >> 32 ? 8 : word >> 16 ? 4 : word >> 8 ? 2 : word ? 1 : 0;
    column.data.size = n * column.width;
    return column;
}

/* Packs, compares with the plain way, reads back. */
static void goes_round(enum packed_of type, const int64_t *values, size_t n)
{
    uint64_t array[MOST], again[MOST + 1];
    for (size_t i = 0; i < n; i++)
        put(type, array, i, values[i]);
    struct packed column = pack(type, array, n), want = slow_fit(values, n);
    assert_int_equal(column.least, want.least);
    assert_int_equal(column.step, want.step);
    assert_int_equal(column.width, want.width);
    assert_int_equal(column.data.size, want.data.size);
    for (size_t i = 0; i < n; i++) {
        uint64_t word = 0;
        memcpy(&word, (const char *)column.data.data + i * column.width, column.width);
        assert_true((wide)column.least + (wide)column.step * word == values[i]);
    }
    memset(again, 0xcc, sizeof again);
    assert_int_equal(looked_at(&column, type, n, again), 0);
    assert_memory_equal(again, array, n * size_of[type]);
    assert_int_equal(((unsigned char *)again)[n * size_of[type]], 0xcc);
    forget(&column);
}

static void a_column_of_nothing_is_nothing(void **state)
{
    (void)state;
    for (size_t t = 0; t < TYPES; t++)
        goes_round(types[t], NULL, 0);
}

static void one_value_many_times_takes_no_bytes(void **state)
{
    (void)state;
    int64_t values[MOST];
    for (size_t t = 0; t < TYPES; t++) {
        for (size_t i = 0; i < MOST; i++)
            values[i] = greatest_of[t];
        struct packed column = slow_fit(values, MOST);
        assert_int_equal(column.width, 0);
        goes_round(types[t], values, MOST);
    }
}

static void a_column_without_bytes_needs_no_address(void **state)
{
    (void)state;
    int64_t same[600], got[600];
    int32_t days[600];
    for (size_t i = 0; i < 600; i++)
        same[i] = 7;
    struct packed column = packed_fit(PACKED_I64, same, 600);
    assert_null(column.data.data);
    packed_write(&column, PACKED_I64, same, 600, NULL);
    assert_int_equal(looked_at(&column, PACKED_I64, 600, got), 0);
    assert_memory_equal(got, same, sizeof same);
    assert_int_equal(looked_at(&column, PACKED_I32, 600, days), 0);
    assert_int_equal(days[599], 7);
    const struct packed none = {.step = 1, .width = 8};
    assert_int_equal(looked_at(&none, PACKED_I64, 0, NULL), 0);
}

static void the_ends_of_every_type_go_round(void **state)
{
    (void)state;
    for (size_t t = 0; t < TYPES; t++) {
        const int64_t values[] = {greatest_of[t], least_of[t], 0, greatest_of[t] - 1,
                                  least_of[t] + 1};
        goes_round(types[t], values, sizeof values / sizeof values[0]);
    }
}

static void a_width_is_left_at_its_greatest_word_and_no_earlier(void **state)
{
    (void)state;
    static const struct {
        uint64_t span;
        uint32_t width;
    } cases[] = {{0, 0},         {1, 1},     {255, 1},        {256, 2},
                 {65535, 2},     {65536, 4}, {UINT32_MAX, 4}, {(uint64_t)UINT32_MAX + 1, 8},
                 {UINT64_MAX, 8}};
    static const uint64_t steps[] = {1, 100, 10000};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            uint64_t span = cases[i].span;
            /* 7 breaks the larger steps, 700 the largest: both values have the step, no larger */
            int64_t least = steps[k] == 1 ? -7 : steps[k] == 100 ? -700 : -70000;
            if (span == UINT64_MAX && steps[k] != 1)
                continue;
            if (span == UINT64_MAX)
                least = INT64_MIN;
            int64_t values[] = {least, (int64_t)((uint64_t)least + span * steps[k])};
            struct packed column = packed_fit(PACKED_I64, values, 2);
            assert_int_equal(column.width, cases[i].width);
            assert_int_equal(column.step, steps[k]);
            goes_round(PACKED_I64, values, 2);
        }
}

static void a_step_divides_every_value_not_only_the_differences(void **state)
{
    (void)state;
    const int64_t shifted[] = {10001, 20001, 30001}, whole[] = {-20000, 0, 30000};
    assert_int_equal(packed_fit(PACKED_I64, shifted, 3).step, 1);
    assert_int_equal(packed_fit(PACKED_I64, whole, 3).step, 10000);
    assert_int_equal(packed_fit(PACKED_I64, whole, 3).width, 1);
}

/* One value that is no multiple, wherever it stands, in every type, near the others and far. */
static void one_value_decides_the_step(void **state)
{
    (void)state;
    int64_t values[MOST];
    for (size_t t = 0; t < TYPES; t++)
        for (size_t at = 0; at < MOST; at += 13) {
            for (size_t i = 0; i < MOST; i++)
                values[i] =
                    types[t] == PACKED_U8 ? (int64_t)(i & 1) * 100 : (int64_t)(i & 3) * 10000;
            if (types[t] == PACKED_I64 && at % 2)
                values[(at + 1) % MOST] = INT64_C(10000) << 34;
            goes_round(types[t], values, MOST);
            values[at] = types[t] == PACKED_U8 ? 50 : at % 3 ? 100 : 75;
            goes_round(types[t], values, MOST);
        }
}

/* Values of one of several kinds: wide, money of cents or units, small around a place. */
static int64_t any_value(struct chance *chance, size_t type, int kind)
{
    uint64_t span = (uint64_t)greatest_of[type] - (uint64_t)least_of[type];
    uint64_t some = chance_next(chance) >> chance_below(chance, 64);
    uint64_t step = kind == 1 ? 100 : kind == 2 ? 10000 : 1;
    if (kind == 3)
        some = chance_below(chance, 300);
    if (span != UINT64_MAX)
        some %= span + 1;
    int64_t value = (int64_t)((uint64_t)least_of[type] + some);
    if (type == 0 && kind != 0)
        value = (int64_t)some / 2;
    value -= value % (int64_t)step;
    return value < least_of[type] ? 0 : value;
}

static void random_columns_go_round_and_are_canonical(void **state)
{
    (void)state;
    struct chance chance = {7};
    int64_t values[MOST];
    for (int round = 0; round < 1200; round++) {
        size_t type = chance_below(&chance, TYPES);
        size_t n = chance_below(&chance, round % 10 ? 40 : MOST);
        int kind = (int)chance_below(&chance, 4);
        for (size_t i = 0; i < n; i++)
            values[i] = any_value(&chance, type, kind);
        goes_round(types[type], values, n);
    }
}

static void the_same_values_are_the_same_bytes_in_every_type_that_holds_them(void **state)
{
    (void)state;
    struct chance chance = {8};
    int64_t values[MOST];
    uint64_t array[MOST];
    for (size_t i = 0; i < MOST; i++)
        values[i] = (int64_t)chance_below(&chance, 200);
    struct packed first = pack(PACKED_I64, values, MOST);
    for (size_t t = 1; t < TYPES; t++) {
        for (size_t i = 0; i < MOST; i++)
            put(types[t], array, i, values[i]);
        struct packed column = pack(types[t], array, MOST);
        assert_int_equal(column.data.size, first.data.size);
        assert_memory_equal(column.data.data, first.data.data, first.data.size);
        forget(&column);
    }
    forget(&first);
}

static int reads(struct packed column, enum packed_of type, size_t n)
{
    uint64_t out[16];
    return looked_at(&column, type, n, out);
}

static void a_column_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const char bytes[64];
    const struct packed good = {0, 1, 2, {bytes, 8}};
    assert_int_equal(reads(good, PACKED_I64, 4), 0);
    for (uint32_t width = 0; width < 70; width++) {
        struct packed column = good;
        column.width = width;
        column.data.size = 4 * (size_t)width;
        int possible = width == 0 || width == 1 || width == 2 || width == 4 || width == 8;
        if (column.data.size <= sizeof bytes || !possible)
            assert_int_equal(reads(column, PACKED_I64, 4), possible ? 0 : PACKED_E_MALFORMED);
    }
    static const uint64_t steps[] = {0, 2, 10, 99, 101, 1000, 9999, 10001, 1000000, UINT64_MAX};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct packed column = good;
        column.step = steps[i];
        assert_int_equal(reads(column, PACKED_I64, 4), PACKED_E_MALFORMED);
    }
    for (size_t n = 0; n < 9; n++)
        assert_int_equal(reads(good, PACKED_I64, n), n == 4 ? 0 : PACKED_E_MALFORMED);
}

static void a_number_of_values_that_overflows_the_size_is_refused(void **state)
{
    (void)state;
    static const char bytes[16];
    struct packed column = {0, 1, 8, {bytes, 8}};
    assert_int_equal(reads(column, PACKED_I64, ((size_t)1 << 61) + 1), PACKED_E_MALFORMED);
}

static void a_value_that_the_array_cannot_hold_is_refused(void **state)
{
    (void)state;
    for (size_t t = 1; t < TYPES; t++) {
        struct packed column = {greatest_of[t], 1, 0, {NULL, 0}};
        assert_int_equal(reads(column, types[t], 3), 0);
        column.least = greatest_of[t] + 1;
        assert_int_equal(reads(column, types[t], 3), PACKED_E_MALFORMED);
        column.least = least_of[t] - 1;
        assert_int_equal(reads(column, types[t], 3), PACKED_E_MALFORMED);
    }
}

static void the_last_value_of_many_is_looked_at_too(void **state)
{
    (void)state;
    unsigned char words[MOST] = {0}, out[MOST];
    struct packed column = {250, 1, 1, {words, MOST}};
    assert_int_equal(looked_at(&column, PACKED_U8, MOST, out), 0);
    words[MOST - 1] = 6;
    assert_int_equal(looked_at(&column, PACKED_U8, MOST, out), PACKED_E_MALFORMED);
}

static void a_stranger_s_sum_wraps_and_nothing_worse(void **state)
{
    (void)state;
    const uint64_t word = UINT64_MAX;
    int64_t value;
    struct packed column = {INT64_MAX, 10000, 8, {&word, sizeof word}};
    assert_int_equal(looked_at(&column, PACKED_I64, 1, &value), 0);
    assert_int_equal(value, (int64_t)((uint64_t)INT64_MAX - 10000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_of_nothing_is_nothing),
        cmocka_unit_test(one_value_many_times_takes_no_bytes),
        cmocka_unit_test(a_column_without_bytes_needs_no_address),
        cmocka_unit_test(the_ends_of_every_type_go_round),
        cmocka_unit_test(a_width_is_left_at_its_greatest_word_and_no_earlier),
        cmocka_unit_test(a_step_divides_every_value_not_only_the_differences),
        cmocka_unit_test(one_value_decides_the_step),
        cmocka_unit_test(random_columns_go_round_and_are_canonical),
        cmocka_unit_test(the_same_values_are_the_same_bytes_in_every_type_that_holds_them),
        cmocka_unit_test(a_column_that_cannot_be_is_refused),
        cmocka_unit_test(a_number_of_values_that_overflows_the_size_is_refused),
        cmocka_unit_test(a_value_that_the_array_cannot_hold_is_refused),
        cmocka_unit_test(the_last_value_of_many_is_looked_at_too),
        cmocka_unit_test(a_stranger_s_sum_wraps_and_nothing_worse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
