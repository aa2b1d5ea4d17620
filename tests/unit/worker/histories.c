/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/histories.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/namesakes.h"
#include "support/shard.h"
#include "worker/block.h"

static struct histories merged(const struct histories *a, const struct histories *b)
{
    struct histories out = {0};
    uint32_t customer;
    assert_int_equal(histories_merge(a, b, &out, &customer), 0);
    return out;
}

/* To the last byte, as the cache would keep them. */
static void same_bytes(const struct histories *got, const struct histories *want)
{
    struct slice a, b;
    assert_int_equal(block_write(got, NULL, 0, &a), 0);
    assert_int_equal(block_write(want, NULL, 0, &b), 0);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, b.size);
    free((void *)(uintptr_t)a.data);
    free((void *)(uintptr_t)b.data);
}

/* The rows of a shard dealt to three, by chance. */
static void deal(const struct shard *shard, struct chance *chance, struct histories part[3])
{
    struct shard hand[3] = {{.has_order = shard->has_order},
                            {.has_order = shard->has_order},
                            {.has_order = shard->has_order}};
    for (size_t i = 0; i < shard->n; i++) {
        const struct shard_row *row = &shard->row[i];
        shard_add(&hand[chance_below(chance, 3)], row->id, row->id_length, *row);
    }
    for (int i = 0; i < 3; i++) {
        part[i] = shard_histories(&hand[i]);
        shard_free(&hand[i]);
    }
}

static void merging_parts_is_folding_all_whichever_comes_first(void **state)
{
    (void)state;
    struct chance chance = {21};
    static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int i = 0; i < 60; i++) {
        struct shard shard = {.has_order = i & 1};
        struct histories part[3];
        shard_fill(&shard, chance_below(&chance, 300), &chance);
        struct histories whole = shard_histories(&shard);
        deal(&shard, &chance, part);
        for (int k = 0; k < 6; k++) {
            struct histories two = merged(&part[order[k][0]], &part[order[k][1]]);
            struct histories left = merged(&two, &part[order[k][2]]);
            struct histories right = merged(&part[order[k][2]], &two);
            shard_same(&left, &whole);
            same_bytes(&left, &whole);
            same_bytes(&right, &whole);
            histories_free(&two);
            histories_free(&left);
            histories_free(&right);
        }
        for (int k = 0; k < 3; k++)
            histories_free(&part[k]);
        histories_free(&whole);
        shard_free(&shard);
    }
}

static void merging_with_nobody_changes_nothing(void **state)
{
    (void)state;
    struct chance chance = {22};
    struct shard shard = {.has_order = 1};
    shard_fill(&shard, 200, &chance);
    struct histories whole = shard_histories(&shard), nobody = {0};
    assert_int_equal(histories_room(&nobody, 0, 0, 0), 0);
    struct histories left = merged(&nobody, &whole), right = merged(&whole, &nobody);
    struct histories none = merged(&nobody, &nobody);
    shard_same(&left, &whole);
    shard_same(&right, &whole);
    assert_int_equal(none.n, 0);
    histories_free(&left);
    histories_free(&right);
    histories_free(&none);
    histories_free(&nobody);
    histories_free(&whole);
    shard_free(&shard);
}

/* One line of one customer called "b", after one of "a". */
static struct histories a_line(int32_t day, struct line_values values)
{
    struct histories out = {0};
    assert_int_equal(histories_room(&out, 2, 2, 2), 0);
    static const struct line_values one = {1, 0, 1, 0};
    for (uint32_t i = 0; i < 2; i++) {
        out.ids[i] = "ab"[i];
        out.hash[i] = 7 + i;
        out.id_offset[i + 1] = i + 1;
        histories_line(&out, day, 0, i ? &values : &one);
        out.line_first[i + 1] = i + 1;
    }
    out.n = 2;
    return out;
}

static int answer_to(struct line_values first, struct line_values second)
{
    struct histories a = a_line(5, first), b = a_line(5, second), out = {0};
    uint32_t customer = 9;
    int r = histories_merge(&a, &b, &out, &customer);
    if (r != 0)
        assert_int_equal(customer, 1);
    histories_free(&a);
    histories_free(&b);
    histories_free(&out);
    return r;
}

static void a_sum_that_does_not_fit_names_the_customer(void **state)
{
    (void)state;
    static const struct {
        struct line_values first, second;
        int answer;
    } cases[] = {
        {{INT64_MAX, INT64_MIN, UINT32_MAX, UINT32_MAX - 1}, {0, 0, 0, 1}, 0},
        {{INT64_MAX, 0, 1, 0}, {1, 0, 0, 0}, HISTORY_E_OVERFLOW},
        {{0, INT64_MIN, 0, 1}, {0, -1, 0, 1}, HISTORY_E_OVERFLOW},
        {{0, 0, UINT32_MAX, 0}, {0, 0, 1, 0}, HISTORY_E_OVERFLOW},
        {{0, 0, 0, UINT32_MAX}, {0, 0, 0, 1}, HISTORY_E_OVERFLOW},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(answer_to(cases[i].first, cases[i].second), cases[i].answer);
        assert_int_equal(answer_to(cases[i].second, cases[i].first), cases[i].answer);
    }
}

static void customers_are_compared_by_hash_first_and_bytes_then(void **state)
{
    (void)state;
    struct histories h = {0};
    assert_int_equal(histories_room(&h, 5, 0, 9), 0);
    static const char *const ids[] = {"ab", "a", "b", "ab", "\xff"};
    static const uint64_t hashes[] = {5, 5, 5, 4, UINT64_MAX};
    for (uint32_t i = 0; i < 5; i++) {
        memcpy(h.ids + h.id_offset[i], ids[i], strlen(ids[i]));
        h.id_offset[i + 1] = h.id_offset[i] + (uint32_t)strlen(ids[i]);
        h.hash[i] = hashes[i];
    }
    static const uint32_t rising[] = {3, 1, 0, 2, 4};
    for (uint32_t i = 0; i < 5; i++)
        for (uint32_t k = 0; k < 5; k++) {
            int order = histories_compare(&h, rising[i], &h, rising[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    histories_free(&h);
}

static void lines_lend_no_columns_that_mean_nothing(void **state)
{
    (void)state;
    struct histories h = a_line(5, (struct line_values){4, 0, 1, 0});
    struct lines lines = histories_lines(&h, 1);
    assert_int_equal(lines.n, 1);
    assert_int_equal(lines.readable, h.n_lines - h.line_first[1]);
    assert_int_equal(lines.day[0], 5);
    assert_int_equal(lines.bought[0], 4);
    assert_null(lines.returned);
    assert_null(lines.refunds);
    assert_null(lines.order);
    histories_free(&h);
    h = a_line(5, (struct line_values){4, -2, 1, 1});
    lines = histories_lines(&h, 1);
    assert_int_equal(lines.returned[0], -2);
    assert_int_equal(lines.refunds[0], 1);
    histories_free(&h);
}

static void room_grows_and_forgets_what_there_was(void **state)
{
    (void)state;
    struct histories h = {0};
    for (uint32_t n = 0; n < 3000; n = n * 2 + 1) {
        assert_int_equal(histories_room(&h, n, n * 3, n * 5), 0);
        assert_int_equal(h.n + h.n_lines + (uint32_t)h.has_refunds + (uint32_t)h.has_order, 0);
        assert_int_equal(h.id_offset[0] + h.line_first[0], 0);
        h.hash[n] = h.id_offset[n] = h.line_first[n] = 1; /* a sanitizer sees whether it is there */
        h.day[n * 3] = 1;
        h.bought[n * 3] = h.returned[n * 3] = 1;
        h.purchases[n * 3] = h.refunds[n * 3] = 1;
        h.order[n * 3] = 1;
        h.ids[n * 5] = 1;
        h.n = h.n_lines = 1;
        h.has_refunds = h.has_order = 1;
    }
    assert_int_equal(histories_room(&h, 1, 1, 1), 0);
    assert_int_equal(h.n, 0);
    histories_free(&h);
    histories_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merging_parts_is_folding_all_whichever_comes_first),
        cmocka_unit_test(merging_with_nobody_changes_nothing),
        cmocka_unit_test(a_sum_that_does_not_fit_names_the_customer),
        cmocka_unit_test(customers_are_compared_by_hash_first_and_bytes_then),
        cmocka_unit_test(lines_lend_no_columns_that_mean_nothing),
        cmocka_unit_test(room_grows_and_forgets_what_there_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
