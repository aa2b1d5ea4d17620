/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/segments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "score/rfm.h"
#include "tests/support/said.h"
#include "tests/support/scratch.h"

/* What is answered to a file of these bytes, and what is said. */
struct reading {
    struct settings settings;
    struct said said;
    int answer;
};

static void read_rules(struct reading *reading, int32_t bins, const char *text)
{
    struct scratch scratch = scratch_new();
    scratch_file(&scratch, "rules", text);
    reading->settings = settings_default();
    reading->settings.scoring.plan.rfm_bins = bins;
    reading->settings.scoring.segments = scratch_at(&scratch, "rules");
    said_begin(&reading->said);
    reading->answer = segments_read(&reading->settings);
    said_end(&reading->said);
    scratch_remove(&scratch);
}

static const struct plan_segments *rules_of(const struct reading *reading)
{
    return &reading->settings.scoring.plan.segments;
}

static void what_help_prints_reads_as_what_winnow_has(void **state)
{
    (void)state;
    struct reading reading;
    size_t size, n;
    char *text;
    FILE *out = open_memstream(&text, &size);
    segments_print(out);
    assert_int_equal(fclose(out), 0);
    read_rules(&reading, RFM_SEGMENT_BINS, text);
    free(text);
    const struct rfm_segment_rule *rules = rfm_segment_rules(&n);
    assert_int_equal(reading.answer, 0);
    assert_string_equal(reading.said.text, "");
    assert_int_equal(rules_of(&reading)->n, n);
    for (size_t i = 0; i < n; i++) {
        const struct plan_segment *got = &rules_of(&reading)->rule[i], *want = &rules[i].rule;
        assert_string_equal(got->name, want->name);
        assert_memory_equal(got->from, want->from, sizeof want->from);
        assert_memory_equal(got->to, want->to, sizeof want->to);
    }
}

static void blanks_comments_and_other_peoples_lines_are_understood(void **state)
{
    (void)state;
    struct reading reading;
    read_rules(
        &reading, 3,
        "\xef\xbb\xbf# ours\r\n\r\n  top-1 :r=3,f=2-3 ,m=3 # the few\r\n\tothers:\trest \r\n");
    assert_int_equal(reading.answer, 0);
    assert_int_equal(rules_of(&reading)->n, 2);
    assert_string_equal(rules_of(&reading)->rule[0].name, "top-1");
    assert_memory_equal(rules_of(&reading)->rule[0].from, ((int8_t[]){3, 2, 3}), 3);
    assert_memory_equal(rules_of(&reading)->rule[0].to, ((int8_t[]){3, 3, 3}), 3);
    assert_string_equal(rules_of(&reading)->rule[1].name, "others");
    assert_memory_equal(rules_of(&reading)->rule[1].to, ((int8_t[]){0, 0, 0}), 3);
}

static void the_last_line_needs_no_end(void **state)
{
    (void)state;
    struct reading reading;
    read_rules(&reading, 2, "a: r=1\nb: r=2");
    assert_int_equal(reading.answer, 0);
    assert_int_equal(rules_of(&reading)->n, 2);
}

static void cells_without_a_rule_are_counted_and_said(void **state)
{
    (void)state;
    struct reading reading;
    read_rules(&reading, 3, "a: r=3\nb: r=1-2 f=1\n");
    assert_int_equal(reading.answer, 0);
    assert_non_null(
        strstr(reading.said.text, "4 of 9 cells have no rule, the best of them r=2 f=3"));
    read_rules(&reading, 3, "a: r=3\nb: r=1-2 m=1\n");
    assert_non_null(strstr(reading.said.text, "12 of 27 cells have no rule"));
}

static void a_mistake_is_named_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "holds no rule"},
        {"# nothing\n", "holds no rule"},
        {"a: r=1\n b c: r=2\n", "rules:2:4: wants a colon after the name"},
        {"9a: r=1\n", "rules:1:1: '9a' is no name of a segment"},
        {"a,b: r=1\n", "rules:1:2: wants a colon after the name"},
        {": r=1\n", "rules:1:1: ':' is no name"},
        {"abcdefghijklmnopqrstuvwxyzabcdef: r=1\n", "at most 31"},
        {"a: r=1\nb: r=2\na: r=3\n", "rules:3:1: 'a' is the name of line 1, too"},
        {"a: r=1 x=2\n", "rules:1:8: 'x=2' is no range of scores"},
        {"a: recency=5\n", "rules:1:4: 'recency=5' is no range"},
        {"a: r=1- f=2\n", "rules:1:4: 'r=1-' is no range"},
        {"a: r=1-2-3\n", "rules:1:4: 'r=1-2-3' is no range"},
        {"a: r=\n", "is no range"},
        {"a: r=10\n", "is no range"},
        {"a: r=1 r=2\n", "rules:1:8: r stands there twice"},
        {"a: r=6\n", "rules:1:4: 'r=6': scores run from 1 to 5"},
        {"a: f=0-2\n", "scores run from 1 to 5"},
        {"a: m=4-2\n", "the lower one first"},
        {"a:\n", "rules:1:3: says no score; 'a: rest'"},
        {"a: rest r=1\n", "'rest' is no range"},
        {"a: r=1 rest\n", "'rest' is no range"},
        {"a: rest\nb: r=1\n", "rules:2:1: stands behind the rest of line 1"},
        {"a: r=1-5\nb: rest\n", "rules:2:1: 'b' is never reached: the rules above leave no rest"},
        {"a: r=1-3\nb: r=4-5\nc: f=5\n", "rules:3:1: 'c' is never reached: all its cells are those "
                                         "of rules above it, r=3 f=5 of 'a' in line 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading reading;
        read_rules(&reading, 5, cases[i].text);
        assert_int_equal(reading.answer, STATUS_DATA);
        if (!strstr(reading.said.text, cases[i].words))
            fail_msg("'%s' says: %s", cases[i].text, reading.said.text);
    }
}

static void wants(const struct reading *reading, const char *words)
{
    if (!strstr(reading->said.text, words))
        fail_msg("not said: %s; but: %s", words, reading->said.text);
}

static void every_overlap_is_said_and_the_upper_rule_counts(void **state)
{
    (void)state;
    struct reading reading;
    read_rules(&reading, 5, "a: r=5\n\nb: r=4-5 f=5\nc: f=4-5\nd: rest\n");
    assert_int_equal(reading.answer, 0);
    wants(&reading, "rules:3:1: 'b' overlaps 'a' of line 1 in 1 cell, r=5 f=5 for one; there 'a' "
                    "counts");
    wants(&reading, "rules:4:1: 'c' overlaps 'a' of line 1 in 2 cells, r=5 f=5 for one");
    wants(&reading, "rules:4:1: 'c' overlaps 'b' of line 3 in 2 cells, r=5 f=5 for one");
    assert_null(strstr(reading.said.text, "'d'"));
    const struct plan_segments *rules = rules_of(&reading);
    assert_string_equal(rfm_segment(rules, 5, (int32_t[]){5, 5, 1}), "a");
    assert_string_equal(rfm_segment(rules, 5, (int32_t[]){4, 5, 1}), "b");
    assert_string_equal(rfm_segment(rules, 5, (int32_t[]){4, 4, 1}), "c");
    assert_string_equal(rfm_segment(rules, 5, (int32_t[]){4, 3, 1}), "d");
    read_rules(&reading, 5, "a: r=5 m=1\nb: f=2 m=1-2\nc: rest");
    assert_int_equal(reading.answer, 0);
    wants(&reading, "rules:2:1: 'b' overlaps 'a' of line 1 in 1 cell, r=5 f=2 m=1 for one");
}

static void every_rule_that_is_never_reached_is_said(void **state)
{
    (void)state;
    struct reading reading;
    read_rules(&reading, 3, "a: r=1-2\nb: r=2-3\nc: f=1\nd: r=3 f=2\ne: rest\n");
    assert_int_equal(reading.answer, STATUS_DATA);
    wants(&reading, "rules:2:1: 'b' overlaps 'a' of line 1 in 3 cells, r=2 f=3 for one");
    wants(&reading, "rules:3:1: 'c' is never reached: all its cells are those of rules above it, "
                    "r=2 f=1 of 'a' in line 1");
    wants(&reading, "rules:4:1: 'd' is never reached");
    wants(&reading, "rules:5:1: 'e' is never reached: the rules above leave no rest of the 9");
}

static void what_rules_cover_is_told(void **state)
{
    (void)state;
    struct reading reading;
    char *text;
    size_t size;
    read_rules(&reading, 3, "a: r=3\nb: r=2-3 f=1\n");
    reading.settings.scoring.segments = "rules";
    FILE *out = open_memstream(&text, &size);
    segments_tell(&reading.settings, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "rules: 2 rules for 9 cells\n"
                              "  a                               3\n"
                              "  b                               1\n"
                              "  (none)                          5\n");
    free(text);
}

static void more_rules_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    struct reading reading;
    char text[2048];
    size_t n = 0;
    for (int i = 0; i < PLAN_SEGMENTS_LIMIT; i++)
        n += (size_t)sprintf(text + n, "s%d: r=%d f=%d\n", i, 1 + i / 9, 1 + i % 9);
    read_rules(&reading, 9, text);
    assert_int_equal(reading.answer, 0);
    assert_int_equal(rules_of(&reading)->n, PLAN_SEGMENTS_LIMIT);
    sprintf(text + n, "others: rest\n");
    read_rules(&reading, 9, text);
    assert_int_equal(reading.answer, STATUS_DATA);
    assert_non_null(strstr(reading.said.text, "rules:65:1: there are more than 64 rules"));
}

static void a_file_that_is_not_there_is_no_input(void **state)
{
    (void)state;
    struct said said;
    struct settings settings = settings_default();
    settings.scoring.segments = "/nowhere/rules";
    said_begin(&said);
    int answer = segments_read(&settings);
    said_end(&said);
    assert_int_equal(answer, STATUS_NO_INPUT);
    assert_non_null(strstr(said.text, "no such file: /nowhere/rules"));
}

static void without_the_flag_nothing_is_read(void **state)
{
    (void)state;
    struct settings settings = settings_default();
    assert_int_equal(segments_read(&settings), 0);
    assert_int_equal(settings.scoring.plan.segments.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_help_prints_reads_as_what_winnow_has),
        cmocka_unit_test(blanks_comments_and_other_peoples_lines_are_understood),
        cmocka_unit_test(the_last_line_needs_no_end),
        cmocka_unit_test(cells_without_a_rule_are_counted_and_said),
        cmocka_unit_test(a_mistake_is_named_with_its_place),
        cmocka_unit_test(every_overlap_is_said_and_the_upper_rule_counts),
        cmocka_unit_test(every_rule_that_is_never_reached_is_said),
        cmocka_unit_test(what_rules_cover_is_told),
        cmocka_unit_test(more_rules_than_there_is_room_for_are_refused),
        cmocka_unit_test(a_file_that_is_not_there_is_no_input),
        cmocka_unit_test(without_the_flag_nothing_is_read),
    };
    return cmocka_run_group_tests_name("cli/segments", tests, NULL, NULL);
}
