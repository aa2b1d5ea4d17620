/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/block.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/shard.h"

static const struct digest segments[] = {{1, 2}, {3, 4}, {5, 6}};

static struct slice written(const struct histories *histories)
{
    struct slice bytes;
    assert_int_equal(block_write(histories, segments, 3, &bytes), 0);
    return bytes;
}

static struct slice a_block(size_t rows, int has_order, uint64_t seed)
{
    struct chance chance = {seed};
    struct shard shard = {.has_order = has_order};
    shard_fill(&shard, rows, &chance);
    struct histories histories = shard_histories(&shard);
    struct slice bytes = written(&histories);
    histories_free(&histories);
    shard_free(&shard);
    return bytes;
}

static void forget(struct slice *bytes)
{
    free((void *)(uintptr_t)bytes->data);
}

static uint64_t rows_of(const struct histories *h)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < h->n_lines; i++)
        rows += h->purchases[i] + (uint64_t)(h->has_refunds ? h->refunds[i] : 0);
    return rows;
}

static void blocks_go_round(void **state)
{
    (void)state;
    struct chance chance = {31};
    struct histories got = {0};
    for (int i = 0; i < 150; i++) {
        struct shard shard = {.has_order = i & 1};
        struct block_set set;
        shard_fill(&shard, chance_below(&chance, 250), &chance);
        struct histories want = shard_histories(&shard);
        struct slice bytes = written(&want);
        assert_int_equal(block_read(bytes, BLOCK_WITH_HASHES, &got), 0);
        shard_same(&got, &want);
        assert_int_equal(block_read_set(bytes, &set), 0);
        assert_int_equal(set.n, 3);
        assert_memory_equal(set.segments, segments, sizeof segments);
        assert_int_equal(set.rows, shard.n);
        assert_int_equal(set.rows, rows_of(&want));
        forget(&bytes);
        histories_free(&want);
        shard_free(&shard);
    }
    histories_free(&got);
}

static void a_block_without_segments_or_customers_goes_round(void **state)
{
    (void)state;
    struct histories nobody = {0}, got = {0};
    struct block_set set;
    struct slice bytes;
    assert_int_equal(histories_room(&nobody, 0, 0, 0), 0);
    assert_int_equal(block_write(&nobody, NULL, 0, &bytes), 0);
    assert_int_equal(block_read(bytes, BLOCK_WITH_HASHES, &got), 0);
    assert_int_equal(got.n + got.n_lines, 0);
    assert_int_equal(block_read_set(bytes, &set), 0);
    assert_int_equal(set.n + set.rows, 0);
    forget(&bytes);
    histories_free(&nobody);
    histories_free(&got);
}

static void a_block_of_many_segments_is_read_again(void **state)
{
    (void)state;
    enum { MANY = 30000 };
    struct digest *many = calloc(MANY, sizeof *many);
    struct histories nobody = {0};
    struct block_set set;
    struct slice bytes;
    for (uint64_t i = 0; i < MANY; i++)
        many[i].low = i;
    assert_int_equal(histories_room(&nobody, 0, 0, 0), 0);
    assert_int_equal(block_write(&nobody, many, MANY, &bytes), 0);
    assert_int_equal(block_read_set(bytes, &set), 0);
    assert_int_equal(set.n, MANY);
    assert_memory_equal(set.segments, many, MANY * sizeof *many);
    forget(&bytes);
    histories_free(&nobody);
    free(many);
}

static void equal_histories_are_equal_bytes(void **state)
{
    (void)state;
    struct slice first = a_block(300, 1, 5), second = a_block(300, 1, 5);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    forget(&first);
    forget(&second);
}

/* All of it may turn on a disk: the counts and the hash itself, too. */
static void a_bit_turned_anywhere_is_unreadable(void **state)
{
    (void)state;
    struct histories got = {0};
    for (int i = 0; i < 6; i++) {
        struct slice bytes = a_block(i == 0 ? 0 : i == 1 ? 1 : 40, i & 1, (uint64_t)i);
        unsigned char *data = (unsigned char *)(uintptr_t)bytes.data;
        for (size_t bit = 0; bit < 8 * bytes.size; bit++) {
            data[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_int_equal(block_read(bytes, BLOCK_WITHOUT_HASHES, &got), BLOCK_E_UNREADABLE);
            data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        assert_int_equal(block_read(bytes, BLOCK_WITHOUT_HASHES, &got), 0);
        forget(&bytes);
    }
    histories_free(&got);
}

static void a_block_cut_off_anywhere_is_unreadable(void **state)
{
    (void)state;
    struct histories got = {0};
    struct block_set set;
    struct slice bytes = a_block(60, 1, 1);
    for (size_t size = 0; size < bytes.size; size++) {
        void *part = malloc(size ? size : 1);
        memcpy(part, bytes.data, size);
        assert_int_equal(block_read((struct slice){part, size}, BLOCK_WITHOUT_HASHES, &got),
                         BLOCK_E_UNREADABLE);
        assert_int_equal(block_read_set((struct slice){part, size}, &set), BLOCK_E_UNREADABLE);
        free(part);
    }
    forget(&bytes);
    histories_free(&got);
}

static void a_block_with_bytes_behind_it_is_unreadable(void **state)
{
    (void)state;
    struct histories got = {0};
    struct slice bytes = a_block(20, 0, 1);
    char *longer = calloc(1, bytes.size + 8);
    memcpy(longer, bytes.data, bytes.size);
    assert_int_equal(block_read((struct slice){longer, bytes.size + 8}, BLOCK_WITHOUT_HASHES, &got),
                     BLOCK_E_UNREADABLE);
    free(longer);
    forget(&bytes);
    histories_free(&got);
}

static void a_block_of_another_version_is_unreadable(void **state)
{
    (void)state;
    struct block_set set;
    struct slice bytes = a_block(20, 0, 1);
    char *data = (char *)(uintptr_t)bytes.data;
    assert_memory_equal(data, "winnowB", 7);
    data[7]++;
    assert_int_equal(block_read_set(bytes, &set), BLOCK_E_UNREADABLE);
    forget(&bytes);
}

/* Bytes of chance in a block whose hash is then made good: what a stranger could write into a cache. */
static void a_forged_block_is_answered(void **state)
{
    (void)state;
    struct chance chance = {33};
    struct histories got = {0};
    struct slice whole[2] = {a_block(30, 0, 1), a_block(30, 1, 2)};
    for (int i = 0; i < 6000; i++) {
        struct slice bytes = {malloc(whole[i & 1].size), whole[i & 1].size};
        unsigned char *data = (unsigned char *)(uintptr_t)bytes.data;
        memcpy(data, whole[i & 1].data, bytes.size);
        for (int k = 0; k < 1 + i % 4; k++) {
            size_t at = 24 + chance_below(&chance, i % 2 ? bytes.size - 24 : 500);
            data[at] = (unsigned char)(chance_next(&chance) >> chance_below(&chance, 8));
        }
        uint64_t hash = hash_customer(data + 16, bytes.size - 16);
        memcpy(data + 8, &hash, sizeof hash);
        int r = block_read(bytes, BLOCK_WITH_HASHES, &got);
        assert_true(r == 0 || r == BLOCK_E_UNREADABLE);
        for (uint32_t c = 0; r == 0 && c < got.n; c++)
            assert_true(got.line_first[c] <= got.line_first[c + 1] &&
                        got.line_first[c + 1] <= got.n_lines);
        forget(&bytes);
    }
    forget(&whole[0]);
    forget(&whole[1]);
    histories_free(&got);
}

static void a_count_beyond_the_bytes_is_unreadable_before_any_room_is_made(void **state)
{
    (void)state;
    struct histories got = {0};
    static const size_t count_at[] = {36, 40, 44}; /* customers, lines, refund lines */
    for (size_t i = 0; i < 3; i++) {
        struct slice bytes = a_block(20, 0, 1);
        unsigned char *data = (unsigned char *)(uintptr_t)bytes.data;
        const uint32_t count = UINT32_MAX;
        memcpy(data + count_at[i], &count, sizeof count);
        uint64_t hash = hash_customer(data + 16, bytes.size - 16);
        memcpy(data + 8, &hash, sizeof hash);
        assert_int_equal(block_read(bytes, BLOCK_WITHOUT_HASHES, &got), BLOCK_E_UNREADABLE);
        assert_true(got.room_customers < 1000 && got.room_lines < 1000);
        forget(&bytes);
    }
    histories_free(&got);
}

/* Four thousand customers, ten purchases each, money of two decimals. */
static void a_shard_takes_few_bytes_a_line(void **state)
{
    (void)state;
    struct chance chance = {35};
    struct histories h = {0};
    assert_int_equal(histories_room(&h, 4000, 40000, 40000), 0);
    for (uint32_t c = 0; c < 4000; c++) {
        for (uint32_t i = 0; i < 10; i++) {
            int64_t cents = (int64_t)chance_below(&chance, 50000);
            const struct line_values values = {cents * 100, 0, 1, 0};
            histories_line(&h, (int32_t)(15000 + i * 70 + chance_below(&chance, 70)), 0, &values);
        }
        memset(h.ids + h.id_offset[c], 'i', 10);
        h.id_offset[c + 1] = h.id_offset[c] + 10;
        h.line_first[c + 1] = h.n_lines;
    }
    h.n = 4000;
    struct slice bytes = written(&h);
    /* two bytes of day, two of amount, none of the count; ids; and the head */
    assert_true(bytes.size <= 40000 * 4 + 40000 + 1000);
    forget(&bytes);
    histories_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_go_round),
        cmocka_unit_test(a_block_without_segments_or_customers_goes_round),
        cmocka_unit_test(a_block_of_many_segments_is_read_again),
        cmocka_unit_test(equal_histories_are_equal_bytes),
        cmocka_unit_test(a_bit_turned_anywhere_is_unreadable),
        cmocka_unit_test(a_block_cut_off_anywhere_is_unreadable),
        cmocka_unit_test(a_block_with_bytes_behind_it_is_unreadable),
        cmocka_unit_test(a_block_of_another_version_is_unreadable),
        cmocka_unit_test(a_forged_block_is_answered),
        cmocka_unit_test(a_count_beyond_the_bytes_is_unreadable_before_any_room_is_made),
        cmocka_unit_test(a_shard_takes_few_bytes_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
