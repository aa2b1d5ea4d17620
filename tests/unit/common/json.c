/* SPDX-License-Identifier: Apache-2.0 */
#include "common/json.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

#define FFFD "\xef\xbf\xbd"

static json_t *parsed(const char *text, size_t size)
{
    json_error_t error;
    json_t *tree =
        json_loadb(text, size, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (!tree)
        fail_msg("%s at line %d of:\n%s", error.text, error.line, text);
    return tree;
}

static json_t *taken(struct json *json)
{
    char *text;
    size_t size;
    assert_int_equal(json_take(json, &text, &size), STATUS_DONE);
    assert_int_equal(strlen(text), size);
    json_t *tree = parsed(text, size);
    free(text);
    return tree;
}

static void assert_written(struct json *json, const char *want)
{
    char *text;
    size_t size;
    assert_int_equal(json_take(json, &text, &size), STATUS_DONE);
    assert_string_equal(text, want);
    assert_int_equal(size, strlen(want));
    json_decref(parsed(text, size));
    free(text);
}

static void assert_mistake(struct json *json)
{
    char *text = NULL;
    size_t size = 77;
    assert_int_equal(json_take(json, &text, &size), STATUS_BUG);
    assert_null(text);
    assert_null(json->text);
    json_put_int(json, 1); /* as new */
    assert_written(json, "1\n");
}

static void members_stand_on_lines_of_their_own_indented_by_two(void **state)
{
    (void)state;
    struct json json = {0};
    json_open_object(&json);
    json_put_key(&json, "bins");
    json_put_int(&json, 5);
    json_put_key(&json, "cuts");
    json_open_array(&json);
    json_put_money(&json, 123400);
    json_put_money(&json, -5);
    json_close(&json);
    json_put_key(&json, "empty");
    json_open_array(&json);
    json_close(&json);
    json_put_key(&json, "none");
    json_open_object(&json);
    json_close(&json);
    json_put_key(&json, "ok");
    json_put_bool(&json, 1);
    json_put_key(&json, "raw");
    json_put_raw(&json, "[1, 2]", 6);
    json_close(&json);
    assert_written(&json, "{\n"
                          "  \"bins\": 5,\n"
                          "  \"cuts\": [\n"
                          "    12.34,\n"
                          "    -0.0005\n"
                          "  ],\n"
                          "  \"empty\": [],\n"
                          "  \"none\": {},\n"
                          "  \"ok\": true,\n"
                          "  \"raw\": [1, 2]\n"
                          "}\n");
}

static void a_value_alone_is_a_document(void **state)
{
    (void)state;
    struct json json = {0};
    json_put_null(&json);
    assert_written(&json, "null\n");
    json_put_text(&json, NULL);
    assert_written(&json, "null\n");
    json_put_bool(&json, 0);
    assert_written(&json, "false\n");
    json_put_int(&json, INT64_MIN);
    assert_written(&json, "-9223372036854775808\n");
    json_put_money(&json, INT64_MIN);
    assert_written(&json, "-922337203685477.5808\n");
    json_put_text(&json, "");
    assert_written(&json, "\"\"\n");
}

static void strings_are_escaped_as_json_asks(void **state)
{
    (void)state;
    struct json json = {0};
    json_put_text(&json, "a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f");
    assert_written(&json, "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"\n");
    json_put_bytes(&json, "nul\0here", 8);
    json_t *tree = taken(&json);
    assert_int_equal(json_string_length(tree), 8);
    assert_memory_equal(json_string_value(tree), "nul\0here", 8);
    json_decref(tree);
    json_open_object(&json);
    json_put_key(&json, "a \"key\"\n");
    json_put_int(&json, 1);
    json_close(&json);
    tree = taken(&json);
    assert_non_null(json_object_get(tree, "a \"key\"\n"));
    json_decref(tree);
}

static void assert_string(const char *bytes, const char *want)
{
    struct json json = {0};
    json_put_text(&json, bytes);
    json_t *tree = taken(&json);
    assert_string_equal(json_string_value(tree), want);
    json_decref(tree);
}

static void utf_8_passes_as_it_is(void **state)
{
    (void)state;
    static const char *const texts[] = {"M\xc3\xbcller",    "\xc2\x80",
                                        "\xdf\xbf",         "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",     "\xee\x80\x80",
                                        "\xef\xbf\xbf",     "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf", "\xe2\x80\xa8 \xf0\x9f\x9b\x92"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_string(texts[i], texts[i]);
}

/* The examples of The Unicode Standard 15, tables 3-8 to 3-11, and ends that come too soon. */
static void what_is_not_utf_8_is_replaced_part_by_part(void **state)
{
    (void)state;
    assert_string("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82"
                  "A",
                  FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
    assert_string("\xed\xa0\x80\xed\xbf\xbf\xed\xaf"
                  "A",
                  FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
    assert_string("\xf4\x91\x92\x93\xff"
                  "A\x80\xbf"
                  "B",
                  FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B");
    assert_string("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
                  "A",
                  FFFD FFFD FFFD FFFD "A");
    assert_string("x\xe2\x82", "x" FFFD);
    assert_string("x\xf0\x9f\x9b", "x" FFFD);
    assert_string("x\xc3", "x" FFFD);
    assert_string("\xf5\x80\x80\x80", FFFD FFFD FFFD FFFD);
}

/* jansson refuses what is not UTF-8, so parsing is the proof. */
static void any_bytes_make_a_string_that_parses(void **state)
{
    (void)state;
    struct chance chance = {131};
    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[40];
        size_t n = chance_below(&chance, sizeof bytes);
        for (size_t i = 0; i < n; i++) {
            uint64_t any = chance_next(&chance);
            bytes[i] = (unsigned char)(any % 3 ? 0x80 | any >> 8 : any >> 8);
        }
        struct json json = {0};
        json_put_bytes(&json, bytes, n);
        json_decref(taken(&json));
    }
}

static void doubles_read_back_as_they_were(void **state)
{
    (void)state;
    static const double values[] = {
        0.1,        1e22,           -1.5, DBL_MIN, DBL_MAX, 5e-324, 0.30000000000000004,
        12345678.9, -9582.429206674};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct json json = {0};
        json_put_double(&json, values[i]);
        json_t *tree = taken(&json);
        assert_true(json_number_value(tree) == values[i]);
        json_decref(tree);
    }
}

static void what_is_not_finite_is_null(void **state)
{
    (void)state;
    struct json json = {0};
    json_open_array(&json);
    json_put_double(&json, HUGE_VAL);
    json_put_double(&json, -HUGE_VAL);
    json_put_double(&json, nan(""));
    json_close(&json);
    assert_written(&json, "[\n  null,\n  null,\n  null\n]\n");
}

/* Writes a value of any shape, and builds the same with jansson. */
static json_t *write_any(struct json *json, struct chance *chance, int depth);

static json_t *write_array(struct json *json, struct chance *chance, int depth)
{
    json_t *tree = json_array();
    json_open_array(json);
    for (uint64_t n = chance_below(chance, 4); n > 0; n--)
        json_array_append_new(tree, write_any(json, chance, depth - 1));
    json_close(json);
    return tree;
}

static json_t *write_object(struct json *json, struct chance *chance, int depth)
{
    static const char *const keys[] = {"a", "b\"", "\xc3\xa9"};
    json_t *tree = json_object();
    json_open_object(json);
    for (uint64_t n = chance_below(chance, 4); n > 0; n--) {
        json_put_key(json, keys[n - 1]);
        json_object_set_new(tree, keys[n - 1], write_any(json, chance, depth - 1));
    }
    json_close(json);
    return tree;
}

static json_t *write_any(struct json *json, struct chance *chance, int depth)
{
    int64_t any = (int64_t)chance_next(chance);
    switch (chance_below(chance, depth > 0 ? 7 : 5)) {
    case 0:
        json_put_int(json, any);
        return json_integer(any);
    case 1:
        json_put_text(json, "q\"\\\x02\xc3\xa9");
        return json_string("q\"\\\x02\xc3\xa9");
    case 2:
        json_put_bool(json, any % 2 != 0);
        return json_boolean(any % 2 != 0);
    case 3:
        json_put_double(json, (double)(any % 1000) + 0.5);
        return json_real((double)(any % 1000) + 0.5);
    case 4:
        json_put_money(json, any / 10000 * 10000);
        return json_integer(any / 10000);
    case 5:
        return write_array(json, chance, depth);
    default:
        return write_object(json, chance, depth);
    }
}

static void any_nesting_reads_back_as_it_was_written(void **state)
{
    (void)state;
    struct chance chance = {137};
    for (int round = 0; round < 5000; round++) {
        struct json json = {0};
        json_t *want = write_any(&json, &chance, 6), *got = taken(&json);
        assert_true(json_equal(got, want));
        json_decref(want);
        json_decref(got);
    }
}

static void the_buffer_grows_with_what_is_written(void **state)
{
    (void)state;
    struct json json = {0};
    static char large[100000];
    memset(large, 'x', sizeof large);
    json_open_array(&json);
    for (int64_t i = 0; i < 10000; i++)
        json_put_int(&json, i);
    json_put_bytes(&json, large, sizeof large);
    json_close(&json);
    json_t *tree = taken(&json);
    assert_int_equal(json_array_size(tree), 10001);
    assert_int_equal(json_integer_value(json_array_get(tree, 9999)), 9999);
    assert_int_equal(json_string_length(json_array_get(tree, 10000)), sizeof large);
    json_decref(tree);
}

static void the_first_mistake_is_answered_at_the_end(void **state)
{
    (void)state;
    struct json json = {0};
    json_open_object(&json);
    json_put_int(&json, 1); /* no key */
    json_put_key(&json, "a");
    json_put_int(&json, 1);
    json_close(&json);
    assert_mistake(&json);
    json_open_array(&json);
    json_put_key(&json, "a"); /* not in an object */
    json_close(&json);
    assert_mistake(&json);
    json_open_object(&json);
    json_put_key(&json, "a");
    json_put_key(&json, "b"); /* a has no value */
    assert_mistake(&json);
    json_open_object(&json);
    json_put_key(&json, "a");
    json_close(&json);
    assert_mistake(&json);
    json_close(&json); /* nothing is open */
    assert_mistake(&json);
    json_put_int(&json, 1);
    json_put_int(&json, 2); /* a second document */
    assert_mistake(&json);
}

static void what_is_not_complete_is_not_given_away(void **state)
{
    (void)state;
    struct json json = {0};
    assert_mistake(&json);
    json_open_array(&json);
    assert_mistake(&json);
    json_open_object(&json);
    json_put_key(&json, "a");
    assert_mistake(&json);
}

static void nesting_has_a_limit_that_is_noticed(void **state)
{
    (void)state;
    struct json json = {0};
    for (int i = 0; i < JSON_DEPTH_LIMIT; i++)
        json_open_array(&json);
    for (int i = 0; i < JSON_DEPTH_LIMIT; i++)
        json_close(&json);
    json_decref(taken(&json));
    for (int i = 0; i <= JSON_DEPTH_LIMIT; i++)
        json_open_array(&json);
    for (int i = 0; i <= JSON_DEPTH_LIMIT; i++)
        json_close(&json);
    assert_mistake(&json);
}

static void what_was_written_may_be_dropped(void **state)
{
    (void)state;
    struct json json = {0};
    json_drop(&json);
    json_open_array(&json);
    json_drop(&json);
    json_drop(&json);
    json_put_int(&json, 3);
    assert_written(&json, "3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_stand_on_lines_of_their_own_indented_by_two),
        cmocka_unit_test(a_value_alone_is_a_document),
        cmocka_unit_test(strings_are_escaped_as_json_asks),
        cmocka_unit_test(utf_8_passes_as_it_is),
        cmocka_unit_test(what_is_not_utf_8_is_replaced_part_by_part),
        cmocka_unit_test(any_bytes_make_a_string_that_parses),
        cmocka_unit_test(doubles_read_back_as_they_were),
        cmocka_unit_test(what_is_not_finite_is_null),
        cmocka_unit_test(any_nesting_reads_back_as_it_was_written),
        cmocka_unit_test(the_buffer_grows_with_what_is_written),
        cmocka_unit_test(the_first_mistake_is_answered_at_the_end),
        cmocka_unit_test(what_is_not_complete_is_not_given_away),
        cmocka_unit_test(nesting_has_a_limit_that_is_noticed),
        cmocka_unit_test(what_was_written_may_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
