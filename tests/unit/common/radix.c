/* SPDX-License-Identifier: Apache-2.0 */
#include "common/radix.h"

#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

#define MOST 3000

static struct radix_item items[MOST], scratch[MOST], plain[MOST], other[MOST], third[MOST];

/* Equal keys may stand in any order: what went with each key must be there once. */
static void assert_sorted(const struct radix_item *got, size_t n)
{
    static unsigned char seen[MOST];
    memset(seen, 0, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(got[i].key == plain[i].key);
        assert_false(seen[got[i].value]++);
    }
}

/* Items with these keys, their places as values, sorted four ways. Insertion is stable. */
static void sorts(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        items[i].value = i;
        size_t at = i;
        for (; at > 0 && plain[at - 1].key > items[i].key; at--)
            plain[at] = plain[at - 1];
        plain[at] = items[i];
    }
    memcpy(other, items, n * sizeof *items);
    memcpy(third, items, n * sizeof *items);
    radix_sort(items, scratch, n);
    assert_memory_equal(items, plain, n * sizeof *items);
    radix_sort_even(third, scratch, n);
    assert_memory_equal(third, plain, n * sizeof *third);
    radix_sort_in_place(other, n);
    assert_sorted(other, n);
}

static void keys_are_sorted_and_equal_ones_keep_their_order(void **state)
{
    (void)state;
    struct chance chance = {3};
    for (size_t n = 0; n < 300; n++) {
        uint64_t kinds = 1 + chance_below(&chance, 2 * n + 1);
        for (size_t i = 0; i < n; i++)
            items[i].key = chance_below(&chance, kinds) * UINT64_C(0x9e3779b97f4a7c15);
        sorts(n);
    }
}

static void every_byte_of_a_key_counts(void **state)
{
    (void)state;
    struct chance chance = {4};
    for (int shift = 0; shift < 64; shift += 8) {
        for (size_t i = 0; i < 500; i++)
            items[i].key = UINT64_C(0x0123456789abcdef) ^ chance_below(&chance, 256) << shift;
        sorts(500);
    }
}

static void long_lists_of_wide_keys_are_sorted(void **state)
{
    (void)state;
    struct chance chance = {5};
    for (size_t i = 0; i < MOST; i++)
        items[i].key = chance_next(&chance);
    sorts(MOST);
}

/* Two far apart, and all others in one place: whatever tells evenly spread keys apart does not tell these. */
static void keys_that_are_not_spread_at_all_are_sorted_too(void **state)
{
    (void)state;
    struct chance chance = {6};
    for (size_t i = 0; i < MOST; i++)
        items[i].key = i == 7 ? UINT64_C(1) << 63 : chance_below(&chance, 2000);
    sorts(MOST);
}

static void a_list_of_one_key_stays_as_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < 100; i++)
        items[i].key = UINT64_MAX;
    sorts(100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_sorted_and_equal_ones_keep_their_order),
        cmocka_unit_test(every_byte_of_a_key_counts),
        cmocka_unit_test(long_lists_of_wide_keys_are_sorted),
        cmocka_unit_test(keys_that_are_not_spread_at_all_are_sorted_too),
        cmocka_unit_test(a_list_of_one_key_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
