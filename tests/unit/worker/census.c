/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/census.h"

#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

#define MOST 500

/* Adds, and compares with counting each by looking at all. */
static void counts(struct census *census, const uint32_t *numbers, size_t n)
{
    static struct radix_item scratch[MOST];
    uint32_t number[MOST], count[MOST];
    assert_int_equal(census_begin(census, n), 0);
    for (size_t i = 0; i < n; i++)
        census_add(census, numbers[i]);
    size_t distinct = census_end(census, scratch, number, count), all = 0;
    for (size_t i = 0; i < distinct; i++) {
        uint32_t times = 0;
        for (size_t k = 0; k < n; k++)
            times += numbers[k] == number[i];
        assert_int_equal(count[i], times);
        assert_true(times > 0 && (i == 0 || number[i - 1] < number[i]));
        all += times;
    }
    assert_int_equal(all, n);
}

static void nothing_is_counted_of_nobody(void **state)
{
    (void)state;
    static struct census census;
    counts(&census, NULL, 0);
    census_free(&census);
}

static void numbers_next_to_the_last_counter_are_counted(void **state)
{
    (void)state;
    static struct census census;
    const uint32_t numbers[] = {CENSUS_NEAR, CENSUS_NEAR - 1, 0,
                                UINT32_MAX,  CENSUS_NEAR,     CENSUS_NEAR - 1,
                                UINT32_MAX,  UINT32_MAX,      0};
    counts(&census, numbers, sizeof numbers / sizeof numbers[0]);
    census_free(&census);
}

static void each_shard_is_counted_by_itself(void **state)
{
    (void)state;
    static struct census census;
    struct chance chance = {1};
    uint32_t numbers[MOST];
    for (int round = 0; round < 200; round++) {
        size_t n = chance_below(&chance, MOST);
        uint64_t most = round % 2 ? 2 * CENSUS_NEAR : UINT32_MAX;
        for (size_t i = 0; i < n; i++)
            numbers[i] = (uint32_t)(chance_below(&chance, most) >> chance_below(&chance, 32));
        counts(&census, numbers, n);
    }
    census_free(&census);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_counted_of_nobody),
        cmocka_unit_test(numbers_next_to_the_last_counter_are_counted),
        cmocka_unit_test(each_shard_is_counted_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
