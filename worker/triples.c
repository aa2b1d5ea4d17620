/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/triples.h"

/* 22 bits hold the days of any calendar; 20 bits of x are a purchase every day for 2,870 years, and who
 * bought longer counts as that. */
#define AGE_SHIFT  22
#define X_SHIFT    44
#define DAYS_MASK  ((1u << 22) - 1)
#define X_GREATEST ((1u << 20) - 1)

uint64_t triples_key(const struct repeat *repeat)
{
    uint64_t x = repeat->x < X_GREATEST ? repeat->x : X_GREATEST;
    return x << X_SHIFT | (uint64_t)repeat->age_days << AGE_SHIFT | (uint64_t)repeat->span_days;
}

struct repeat triples_repeat(uint64_t key)
{
    return (struct repeat){.x = (uint32_t)(key >> X_SHIFT),
                           .age_days = (int32_t)(key >> AGE_SHIFT & DAYS_MASK),
                           .span_days = (int32_t)(key & DAYS_MASK)};
}

/* Sorted items to distinct keys (in place, at the front) with counts as values. */
static size_t count_equal(struct radix_item *items, struct radix_item *scratch, size_t n)
{
    size_t distinct = 0;
    radix_sort(items, scratch, n);
    for (size_t i = 0; i < n; i++) {
        if (distinct > 0 && items[distinct - 1].key == items[i].key)
            items[distinct - 1].value++;
        else
            items[distinct++] = (struct radix_item){items[i].key, 1};
    }
    return distinct;
}

/* The same keys with only so many bits a field as this shard needs, in their order: fewer bytes to sort. */
struct fields {
    int age_shift, x_shift;
};

static int bits_of(uint64_t value)
{
    return value ? 64 - __builtin_clzll(value) : 0;
}

static struct fields narrow_keys(struct radix_item *triple, size_t n)
{
    uint64_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= triple[i].key;
    struct fields narrow = {.age_shift = bits_of(any & DAYS_MASK)};
    narrow.x_shift = narrow.age_shift + bits_of(any >> AGE_SHIFT & DAYS_MASK);
    for (size_t i = 0; i < n; i++) {
        uint64_t key = triple[i].key;
        triple[i].key = key >> X_SHIFT << narrow.x_shift |
                        (key >> AGE_SHIFT & DAYS_MASK) << narrow.age_shift | (key & DAYS_MASK);
    }
    return narrow;
}

size_t triples_count(struct radix_item *items, struct radix_item *scratch, size_t n,
                     const struct triples_columns *columns)
{
    struct fields at = narrow_keys(items, n);
    size_t distinct = count_equal(items, scratch, n);
    uint64_t span = (UINT64_C(1) << at.age_shift) - 1, age = (UINT64_C(1) << at.x_shift) - 1;
    for (size_t i = 0; i < distinct; i++) {
        uint64_t key = items[i].key;
        columns->x[i] = (uint32_t)(key >> at.x_shift);
        columns->age[i] = (int32_t)((key & age) >> at.age_shift);
        columns->span[i] = (int32_t)(key & span);
        columns->n[i] = (uint32_t)items[i].value;
    }
    return distinct;
}
