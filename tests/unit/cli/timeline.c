/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/timeline.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "support/assert.h"
#include "support/said.h"
#include "support/scratch.h"

/* Names of the events of a file, each with a blank before it. */
static void names_in(const char *path, char names[512])
{
    json_error_t error;
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error), *event;
    size_t i, n = 0;
    if (!file)
        fail_msg("%s: %s at line %d", path, error.text, error.line);
    names[0] = '\0';
    json_array_foreach(json_object_get(file, "traceEvents"), i, event) n += (size_t)snprintf(
        names + n, 512 - n, " %s", json_string_value(json_object_get(event, "name")));
    json_decref(file);
}

static void parts_become_one_and_what_was_cut_short_is_left_out(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    char names[512];
    scratch_file(&scratch, "trace-sink-0-1",
                 TRACE_FILE_HEAD "\n{\"name\":\"a\"},\n{\"name\":\"b\"}\n" TRACE_FILE_END "\n");
    scratch_file(&scratch, "trace-worker-0-1",
                 TRACE_FILE_HEAD "\n{\"name\":\"c\"},\n{\"name\":\"d\",\"ar");
    scratch_file(&scratch, "trace-worker-1-1", "");
    scratch_file(&scratch, "ventilator", "{\"name\":\"no part\"}\n");
    timeline_join(scratch.path, scratch_at(&scratch, "whole.json"));
    names_in(scratch_at(&scratch, "whole.json"), names);
    assert_int_equal(strlen(names), strlen(" a b c"));
    assert_non_null(strstr(names, " a b"));
    assert_non_null(strstr(names, " c"));
    scratch_remove(&scratch);
}

static void no_parts_are_an_empty_trace(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    char names[512];
    timeline_join(scratch.path, scratch_at(&scratch, "whole.json"));
    names_in(scratch_at(&scratch, "whole.json"), names);
    assert_string_equal(names, "");
    scratch_remove(&scratch);
}

static void nothing_is_traced_where_no_file_is_named(void **state)
{
    (void)state;
    struct trace *trace = (struct trace *)1;
    const struct timeline_role role = {.name = "sink"};
    assert_int_equal(timeline_open(NULL, &trace), 0);
    assert_null(trace);
    timeline_close(&trace, &role, NULL);
}

static void a_file_that_cannot_be_written_is_refused_at_once(void **state)
{
    (void)state;
    struct trace *trace;
    struct said said;
    said_begin(&said);
    int r = timeline_open("/nowhere/trace.json", &trace);
    said_end(&said);
    assert_int_equal(r, STATUS_NO_OUTPUT);
    assert_null(trace);
    assert_non_null(strstr(said.text, "/nowhere/trace.json"));
}

static void a_role_that_was_started_again_says_so(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    char part[TIMELINE_PATH];
    struct trace *trace;
    json_error_t error;
    const struct timeline_role role = {"worker", 6, 2, 3};
    timeline_part(scratch.path, "worker", 2, 3, part);
    assert_int_equal(timeline_open(part, &trace), 0);
    timeline_close(&trace, &role, part);
    assert_null(trace);
    json_t *file = json_load_file(part, 0, &error);
    assert_non_null(file);
    json_t *first = json_array_get(json_object_get(file, "traceEvents"), 0);
    assert_string_equal(json_string_value(json_object_get(json_object_get(first, "args"), "name")),
                        "worker 2, start 3");
    json_decref(file);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_become_one_and_what_was_cut_short_is_left_out),
        cmocka_unit_test(no_parts_are_an_empty_trace),
        cmocka_unit_test(nothing_is_traced_where_no_file_is_named),
        cmocka_unit_test(a_file_that_cannot_be_written_is_refused_at_once),
        cmocka_unit_test(a_role_that_was_started_again_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
