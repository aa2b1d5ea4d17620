/* SPDX-License-Identifier: Apache-2.0 */
#include "common/arena.h"

#include <stdint.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

static int aligned(const void *piece)
{
    return ((uintptr_t)piece & 15) == 0;
}

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    enum { PIECES = 400 };
    struct arena *arena = arena_new((size_t)64 << 20);
    struct chance chance = {1};
    struct {
        unsigned char *at;
        size_t size;
    } piece[PIECES];
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < PIECES; i++) {
            piece[i].size = chance_below(&chance, i % 50 ? 300 : 600000);
            piece[i].at = arena_take(arena, piece[i].size);
            assert_non_null(piece[i].at);
            assert_true(aligned(piece[i].at));
            memset(piece[i].at, i & 255, piece[i].size);
        }
        for (int i = 0; i < PIECES; i++)
            for (size_t k = 0; k < piece[i].size; k += 97)
                assert_int_equal(piece[i].at[k], i & 255);
        arena_reset(arena);
    }
    arena_destroy(&arena);
}

static void more_than_the_limit_is_not_given(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    assert_null(arena_take(arena, 1025));
    assert_null(arena_take(arena, SIZE_MAX));
    assert_null(arena_take(arena, SIZE_MAX - 15));
    assert_non_null(arena_take(arena, 1024));
    assert_null(arena_take(arena, 1));
    arena_destroy(&arena);
}

/* A stranger's message of small pieces must not take sixteen times the limit. */
static void the_limit_counts_what_pieces_take_with_their_alignment(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 17; size++) {
        struct arena *arena = arena_new(1 << 16);
        size_t n = 0;
        while (arena_take(arena, size))
            assert_true(++n <= 1 << 16);
        assert_int_equal(n, (1 << 16) / (size <= 16 ? 16 : 32));
        arena_destroy(&arena);
    }
}

static void a_reset_gives_all_of_the_limit_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (int round = 0; round < 100; round++) {
        char *piece = arena_take(arena, 1 << 20);
        assert_non_null(piece);
        memset(piece, round, 1 << 20);
        assert_null(arena_take(arena, 1));
        arena_reset(arena);
        assert_non_null(arena_take(arena, 1000));
        arena_reset(arena);
    }
    arena_destroy(&arena);
}

static void memory_is_kept_for_the_next_message(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    const void *first = arena_take(arena, 100);
    arena_reset(arena);
    assert_ptr_equal(arena_take(arena, 100), first);
    arena_destroy(&arena);
}

static void a_destroyed_arena_is_null_and_may_be_destroyed_again(void **state)
{
    (void)state;
    struct arena *arena = arena_new(10);
    arena_destroy(&arena);
    assert_null(arena);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
        cmocka_unit_test(more_than_the_limit_is_not_given),
        cmocka_unit_test(the_limit_counts_what_pieces_take_with_their_alignment),
        cmocka_unit_test(a_reset_gives_all_of_the_limit_back),
        cmocka_unit_test(memory_is_kept_for_the_next_message),
        cmocka_unit_test(a_destroyed_arena_is_null_and_may_be_destroyed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
