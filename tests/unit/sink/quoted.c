/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/quoted.h"

#include <stdlib.h>

#include "support/assert.h"
#include "support/chance.h"

#define LONGEST 70

/* As RFC 4180 says it, a byte at a time. */
static size_t quoted_slowly(char *out, const char *text, size_t size)
{
    size_t n = 0;
    int quote = 0;
    for (size_t i = 0; i < size; i++)
        quote |= strchr(",\"\n\r", text[i]) != NULL && text[i] != '\0';
    if (quote)
        out[n++] = '"';
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            out[n++] = '"';
        out[n++] = text[i];
    }
    if (quote)
        out[n++] = '"';
    return n;
}

/* In memory of exactly `room` bytes, so that a sanitizer sees who reads beyond. */
static void assert_quoted(const char *text, size_t size, const char *behind, size_t room)
{
    char want[QUOTED_ROOM(LONGEST)], out[QUOTED_ROOM(LONGEST) + QUOTED_AT_ONCE];
    char *lent = malloc(room + (room == 0));
    assert_non_null(lent);
    memcpy(lent, text, size);
    memcpy(lent + size, behind, room - size);
    size_t n = quoted_slowly(want, text, size);
    assert_int_equal(quoted_put_within(out, lent, size, room) - out, n);
    assert_memory_equal(out, want, n);
    assert_int_equal(quoted_put(out, lent, size) - out, n);
    assert_memory_equal(out, want, n);
    free(lent);
}

static void assert_quoted_with_all_behind(const char *text, size_t size)
{
    static const char behind[] =
        ",\"\n\r,\"\n\r,\"\n\r,\"\n\r,\"\n\r,\"\n\r,\"\n\r,\"\n\r,\"\n\r,\"\n\r";
    for (size_t more = 0; more < sizeof behind; more += more < 9 ? 1 : 8)
        assert_quoted(text, size, behind, size + more);
}

/* Also those next to them in the table of signs, and what is beyond ASCII. */
static void every_sign_at_every_place_is_quoted_where_it_must_be(void **state)
{
    (void)state;
    static const char signs[] = {',', '"', '\n', '\r',   ' ',    '!',    '#',    '+',   '-',
                                 '.', 'x', '\0', '\x7f', '\x80', '\xac', '\xa2', '\xff'};
    char text[LONGEST];
    for (size_t size = 0; size <= LONGEST; size++)
        for (size_t at = 0; at < size || at == 0; at++)
            for (size_t s = 0; s < sizeof signs; s++) {
                memset(text, '7', sizeof text);
                text[at] = signs[s];
                assert_quoted_with_all_behind(text, size);
            }
}

static void any_bytes_are_quoted_as_the_slow_way_does(void **state)
{
    (void)state;
    struct chance chance = {211};
    char text[LONGEST];
    for (int i = 0; i < 100000; i++) {
        size_t size = (size_t)chance_below(&chance, LONGEST + 1);
        for (size_t k = 0; k < size; k++) {
            text[k] = (char)chance_next(&chance);
            if (i % 3)
                text[k] = (char)((text[k] & 0x7f) | 0x20);
        }
        assert_quoted_with_all_behind(text, size);
    }
}

static void a_text_made_once_is_put_again(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "top",
                                        "a,b",
                                        "a name of thirty-one characters",
                                        "\"",
                                        "\"thirty-one of them, and quotes\"",
                                        "a text that is longer than what is copied at once"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct quoted quoted = {0};
        char want[256], out[256];
        size_t n = quoted_slowly(want, texts[i], strlen(texts[i]));
        assert_int_equal(quoted_make(&quoted, texts[i], strlen(texts[i])), 0);
        assert_int_equal(quoted_again(out, &quoted) - out, n);
        assert_memory_equal(out, want, n);
        quoted_free(&quoted);
        assert_int_equal(quoted_again(out, &quoted) - out, 0);
        quoted_free(&quoted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sign_at_every_place_is_quoted_where_it_must_be),
        cmocka_unit_test(any_bytes_are_quoted_as_the_slow_way_does),
        cmocka_unit_test(a_text_made_once_is_put_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
