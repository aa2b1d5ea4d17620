/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/csv_twins.h"
#include "ventilator/mask.h"
#include "ventilator/separators.h"

static int is_flawed(const struct csv_rows *rows, size_t row)
{
    for (size_t i = 0; i < rows->n_flawed; i++)
        if (rows->flawed[i] == row)
            return 1;
    return 0;
}

/* Writes a row as [field][field], or ! where it has a flaw. */
static void print_row(const struct csv_rows *rows, const struct csv_text *text, size_t row,
                      char *out)
{
    char scratch[256];
    if (is_flawed(rows, row)) {
        strcpy(out, "!");
        return;
    }
    for (size_t i = 0; i < csv_fields(rows, row); i++) {
        struct slice value = csv_value(csv_raw(rows, text, row, i), scratch);
        out += sprintf(out, "[%.*s]", (int)value.size, (const char *)value.data);
    }
}

/* Splits text; its rows stand in out with | between them. */
static void split(const char *text, char *out)
{
    struct csv_rows rows = {0};
    size_t size = strlen(text);
    char *bytes = calloc(1, size + MASK_BYTES);
    memcpy(bytes, text, size);
    struct csv_text csv = {bytes, size, ',', strchr(text, '"') != NULL};
    assert_int_equal(csv_reserve(&rows, size), 0);
    csv_split(&rows, &csv);
    out[0] = '\0';
    for (size_t row = 0; row < rows.n; row++) {
        strcat(out, row ? "|" : "");
        print_row(&rows, &csv, row, out + strlen(out));
    }
    csv_release(&rows);
    free(bytes);
}

static void assert_split(const char *text, const char *want)
{
    char got[1024];
    split(text, got);
    assert_string_equal(got, want);
}

static void fields_end_at_delimiters_and_rows_at_line_ends(void **state)
{
    (void)state;
    assert_split("a,b,c\n1,,3\n", "[a][b][c]|[1][][3]");
    assert_split(",\n", "[][]");
    assert_split("\n\na\n", "[]|[]|[a]");
}

static void a_cr_before_the_line_end_belongs_to_it(void **state)
{
    (void)state;
    assert_split("a,b\r\nc,d\r\n", "[a][b]|[c][d]");
    assert_split("a\rb,c\n", "[a\rb][c]");
    assert_split("\"a\",\"b\"\r\n", "[a][b]");
}

static void quotes_hide_delimiters_line_ends_and_doubled_quotes(void **state)
{
    (void)state;
    assert_split("\"a,b\",\"c\nd\",\"e\"\"f\"\ng,h,i\n", "[a,b][c\nd][e\"f]|[g][h][i]");
    assert_split("\"\",\"\"\"\"\n", "[][\"]");
}

static void a_quote_inside_a_field_is_an_ordinary_byte(void **state)
{
    (void)state;
    assert_split("5\" pipe,\"x\"\n a \"b\",c\n", "[5\" pipe][x]|[ a \"b\"][c]");
}

static void text_behind_a_closing_quote_is_a_flaw_of_its_row(void **state)
{
    (void)state;
    assert_split("\"a\"b,c\nd,e\n\"f\" ,g\n", "!|[d][e]|!");
    assert_split("\"a\"\r,b\n", "!");
    assert_split("a,\"b\"\r\n", "[a][b]");
}

static void both_ways_of_making_masks_agree(void **state)
{
    (void)state;
    char block[MASK_BYTES];
    srand(1);
    for (int i = 0; i < 20000; i++) {
        for (int j = 0; j < MASK_BYTES; j++)
            block[j] = (char)(rand() % 4 ? rand() : ',' + rand() % 3 - 1);
        char wanted = (char)(i % 3 ? ',' : rand());
        assert_int_equal(mask_equal(block, wanted), mask_equal_by_word(block, wanted));
        assert_int_equal(mask_count_block(block, wanted),
                         __builtin_popcountll(mask_equal_by_word(block, wanted)));
    }
}

/* Of any length, with some of the bytes that are asked for, and others behind it. */
static void a_look_sees_what_is_there(void **state)
{
    (void)state;
    enum { MOST = 20000 };
    static const char asked[] = {'"', 0, '\r', '\n', (char)0x80, 'a', 'a', 'a'};
    static char text[MOST + MASK_BYTES];
    srand(3);
    for (int i = 0; i < 3000; i++) {
        size_t size = (size_t)rand() % (i % 100 ? 200 : MOST);
        memset(text, 'x', size);
        memset(text + size, asked[i % 8], MASK_BYTES);
        for (size_t some = i % 3 ? (size_t)rand() % 3 : size; some > 0 && size > 0; some--)
            text[(size_t)rand() % size] = asked[rand() % 8];
        struct mask_look look = mask_look(text, size);
        int high = 0;
        for (size_t k = 0; k < size; k++)
            high |= text[k] & 0x80;
        assert_int_equal(look.lines, mask_count(text, size, '\n'));
        assert_int_equal(look.quotes, memchr(text, '"', size) != NULL);
        assert_int_equal(look.nuls, memchr(text, 0, size) != NULL);
        assert_int_equal(look.bare, memchr(text, '\r', size) == NULL);
        assert_int_equal(look.ascii, !high);
    }
}

/* Texts as dense with separators as can be, and as thin, of any length. */
static void both_ways_of_finding_separators_agree(void **state)
{
    (void)state;
    enum { MOST = 700 };
    if (!separators_can_wide())
        skip();
    struct csv_rows by_block = {0}, wide = {0};
    char *bytes = calloc(1, MOST + MASK_BYTES);
    assert_int_equal(csv_reserve(&by_block, MOST) | csv_reserve(&wide, MOST), 0);
    srand(7);
    for (int i = 0; i < 20000; i++) {
        struct csv_text text = {bytes, 1 + (size_t)rand() % MOST, i % 2 ? ',' : '\t', 0};
        int thin = 1 << (i % 7);
        for (size_t k = 0; k < text.size; k++)
            bytes[k] = (char)(rand() % thin  ? rand() % 3 + '0'
                              : (rand() & 1) ? '\n'
                                             : text.delimiter);
        bytes[text.size - 1] = '\n';
        separators_find_anywhere(&by_block, &text);
        separators_find_wide(&wide, &text);
        assert_int_equal(wide.n, by_block.n);
        assert_memory_equal(wide.last, by_block.last, wide.n * sizeof *wide.last);
        assert_memory_equal(wide.separator, by_block.separator,
                            (wide.last[wide.n - 1] + 1) * sizeof *wide.separator);
    }
    csv_release(&by_block);
    csv_release(&wide);
    free(bytes);
}

static size_t random_text(char *text, size_t most)
{
    static const char alphabet[] = "ab,,\"\"\n\n\r;x";
    size_t size = (size_t)rand() % most;
    for (size_t i = 0; i < size; i++)
        text[i] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
    return size;
}

static void random_texts_are_read_as_the_slow_reader_reads_them(void **state)
{
    (void)state;
    char text[400];
    srand(2);
    for (int i = 0; i < 60000; i++) {
        const struct csv_twins twins = {.text = text,
                                        .size = random_text(text, i % 2 ? 40 : sizeof text),
                                        .delimiter = i % 5 ? ',' : ';',
                                        .limit = i % 3 ? 20 + (size_t)rand() % 100 : 1000,
                                        .chunk_size = 1 + (size_t)rand() % 80};
        if (!csv_twins_agree(&twins)) {
            print_error("seed 2, text %d: %.*s\n", i, (int)twins.size, text);
            fail();
        }
    }
}

static void how_the_text_is_cut_into_chunks_changes_nothing(void **state)
{
    (void)state;
    static const char text[] = "id,words\n1,\"one\ntwo\"\n2,three\n3,\"never closed\n4,x\n5,y\n";
    for (size_t size = 1; size < sizeof text; size++) {
        const struct csv_twins twins = {text, sizeof text - 1, ',', 24, size};
        assert_true(csv_twins_agree(&twins));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_end_at_delimiters_and_rows_at_line_ends),
        cmocka_unit_test(a_cr_before_the_line_end_belongs_to_it),
        cmocka_unit_test(quotes_hide_delimiters_line_ends_and_doubled_quotes),
        cmocka_unit_test(a_quote_inside_a_field_is_an_ordinary_byte),
        cmocka_unit_test(text_behind_a_closing_quote_is_a_flaw_of_its_row),
        cmocka_unit_test(both_ways_of_making_masks_agree),
        cmocka_unit_test(a_look_sees_what_is_there),
        cmocka_unit_test(both_ways_of_finding_separators_agree),
        cmocka_unit_test(random_texts_are_read_as_the_slow_reader_reads_them),
        cmocka_unit_test(how_the_text_is_cut_into_chunks_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
