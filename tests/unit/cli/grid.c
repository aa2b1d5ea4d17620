/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/grid.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"

/* What a grid prints; the caller frees it. */
static char *printed(struct grid *grid, int margin)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(grid_print(grid, out, margin), 0);
    fclose(out);
    return text;
}

static void assert_prints(struct grid *grid, int margin, const char *want)
{
    char *text = printed(grid, margin);
    assert_string_equal(text, want);
    free(text);
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    (void)state;
    struct grid grid = grid_of(3, 1U << 1);
    grid_put(&grid, "purchases");
    grid_put(&grid, "%d", 7);
    grid_put(&grid, "x");
    grid_put(&grid, "all");
    grid_put(&grid, "%d", 1234);
    grid_put(&grid, "yz");
    assert_prints(&grid, 2, "  purchases     7  x\n  all        1234  yz\n");
}

static void a_row_ends_with_its_last_word(void **state)
{
    (void)state;
    struct grid grid = grid_of(3, 0);
    grid_put(&grid, "a");
    grid_end(&grid);
    grid_put(&grid, "b");
    grid_put(&grid, "%s", "");
    grid_put(&grid, "c");
    assert_prints(&grid, 0, "a\nb    c\n");
}

static void a_printed_grid_is_empty(void **state)
{
    (void)state;
    struct grid grid = grid_of(1, 0);
    grid_put(&grid, "once");
    assert_prints(&grid, 0, "once\n");
    assert_prints(&grid, 0, "");
}

static void characters_count_not_bytes(void **state)
{
    (void)state;
    struct grid grid = grid_of(2, 0);
    grid_put(&grid, "%s",
             "Stra\xc3\x9f"
             "e");
    grid_put(&grid, "1");
    grid_put(&grid, "%s", "street");
    grid_put(&grid, "2");
    assert_prints(&grid, 0,
                  "Stra\xc3\x9f"
                  "e  1\nstreet  2\n");
}

static void a_stranger_cannot_move_the_cursor(void **state)
{
    (void)state;
    struct grid grid = grid_of(1, 0);
    grid_put_bytes(&grid, (struct slice){"\x1b[2J\n\0\x7f", 7});
    assert_prints(&grid, 0, "\\x1b[2J\\x0a\\x00\\x7f\n");
}

static void any_number_of_rows_is_printed(void **state)
{
    (void)state;
    struct grid grid = grid_of(1, 0);
    for (int i = 0; i < 1000; i++)
        grid_put(&grid, "%d", i);
    char *text = printed(&grid, 0);
    assert_int_equal(strlen(text), 10 * 2 + 90 * 3 + 900 * 4);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(a_row_ends_with_its_last_word),
        cmocka_unit_test(a_printed_grid_is_empty),
        cmocka_unit_test(characters_count_not_bytes),
        cmocka_unit_test(a_stranger_cannot_move_the_cursor),
        cmocka_unit_test(any_number_of_rows_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
