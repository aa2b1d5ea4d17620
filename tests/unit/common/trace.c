/* SPDX-License-Identifier: Apache-2.0 */
#include "common/trace.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/scratch.h"

/* Clocks of the test's own: each reading is a millisecond after the one before, half of it worked. */
static int64_t now_us, cpu_us;

static int64_t told_now(void)
{
    return now_us += 1000;
}

static int64_t told_cpu(void)
{
    return cpu_us += 500;
}

static struct trace *fresh(void)
{
    struct trace *trace;
    now_us = cpu_us = 0;
    assert_int_equal(trace_new((struct trace_clock){told_now, told_cpu}, &trace), 0);
    return trace;
}

/* Saves it, ends it, and answers its events. */
static json_t *events_of(struct trace *trace)
{
    struct scratch scratch = scratch_new();
    const char *path = scratch_at(&scratch, "trace.json");
    struct trace_owner owner = {"worker 3", 7, 4711, 1234, 5678};
    json_error_t error;
    assert_int_equal(trace_save(trace, &owner, path), 0);
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!file)
        fail_msg("%s at line %d", error.text, error.line);
    json_t *events = json_incref(json_object_get(file, "traceEvents"));
    json_decref(file);
    scratch_remove(&scratch);
    trace_destroy(&trace);
    return events;
}

static json_t *event_named(json_t *events, const char *name, size_t nth)
{
    size_t i;
    json_t *event;
    json_array_foreach(events, i,
                       event) if (strcmp(json_string_value(json_object_get(event, "name")), name) ==
                                      0 &&
                                  nth-- == 0) return event;
    return NULL;
}

static int64_t number(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void without_a_trace_nothing_is_done(void **state)
{
    (void)state;
    now_us = 0;
    struct span span = trace_begin(NULL, TRACE_LOOP, "folding");
    span_note(&span, "shard", 3);
    trace_end(NULL, &span);
    trace_end_if_long(NULL, &span);
    trace_between(NULL, TRACE_LOOP, "waiting", 1, 2);
    assert_int_equal(span.n_facts, 0);
    assert_int_equal(trace_now(NULL), 0);
    assert_int_equal(trace_lane(NULL, "reader", 1), TRACE_LOOP);
    assert_null(trace_lanes(NULL, "reader", 2).trace);
    assert_int_equal(trace_of_loop(NULL), 0);
    assert_string_equal(trace_doing(NULL), "");
    assert_int_equal(now_us, 0);
}

static void a_span_is_written_with_its_times_and_facts(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    struct span span = trace_begin(trace, TRACE_LOOP, "folding");
    span_note(&span, "stage", 1);
    span_note(&span, "shard", 12);
    span_note(&span, "third", 1);
    trace_end(trace, &span);
    json_t *events = events_of(trace), *event = event_named(events, "folding", 0);
    assert_string_equal(json_string_value(json_object_get(event, "ph")), "X");
    assert_int_equal(number(event, "pid"), 4711);
    assert_int_equal(number(event, "tid"), TRACE_LOOP);
    assert_int_equal(number(event, "ts"), 1000);
    assert_int_equal(number(event, "dur"), 1000);
    assert_int_equal(number(event, "tdur"), 500);
    json_t *facts = json_object_get(event, "args");
    assert_int_equal(json_object_size(facts), TRACE_FACTS);
    assert_int_equal(number(facts, "stage"), 1);
    assert_int_equal(number(facts, "shard"), 12);
    json_decref(events);
}

static void the_owner_and_the_lanes_have_names(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    struct trace_lanes lanes = trace_lanes(trace, "reader", 2);
    assert_int_equal(trace_lane(trace, "writer", 0), lanes.first + 2);
    json_t *events = events_of(trace);
    json_t *owner = json_object_get(event_named(events, "process_name", 0), "args");
    assert_string_equal(json_string_value(json_object_get(owner, "name")), "worker 3");
    json_t *books = json_object_get(event_named(events, "winnow_role", 0), "args");
    assert_int_equal(number(books, "cpu_us"), 1234);
    assert_int_equal(number(books, "resident_kib"), 5678);
    static const char *const names[] = {"loop", "reader 1", "reader 2", "writer"};
    for (size_t i = 0; i < 4; i++) {
        json_t *lane = event_named(events, "thread_name", i);
        assert_int_equal(number(lane, "tid"), i);
        assert_string_equal(
            json_string_value(json_object_get(json_object_get(lane, "args"), "name")), names[i]);
    }
    json_decref(events);
}

static void what_the_loop_is_at_is_told_to_its_helpers(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    uint32_t lane = trace_lane(trace, "helper", 1);
    struct span outer = trace_begin(trace, TRACE_LOOP, "sealing");
    struct span inner = trace_begin(trace, TRACE_LOOP, "formatting");
    struct span help = trace_begin(trace, lane, trace_doing(trace));
    assert_string_equal(help.name, "formatting");
    assert_string_equal(trace_doing(trace), "formatting");
    trace_end(trace, &help);
    trace_end(trace, &inner);
    assert_string_equal(trace_doing(trace), "sealing");
    assert_int_equal(trace_of_loop(trace), 1);
    trace_end(trace, &outer);
    assert_string_equal(trace_doing(trace), "");
    assert_int_equal(trace_of_loop(trace), 2);
    trace_destroy(&trace);
}

static void a_moment_is_not_kept_where_only_long_ones_are(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    struct span span = trace_begin(trace, TRACE_LOOP, "long");
    trace_end_if_long(trace, &span); /* 1,000 us */
    span = trace_begin(trace, TRACE_LOOP, "brief");
    now_us -= 1000;
    trace_end_if_long(trace, &span);
    assert_string_equal(trace_doing(trace), "");
    json_t *events = events_of(trace);
    assert_non_null(event_named(events, "long", 0));
    assert_null(event_named(events, "brief", 0));
    json_decref(events);
}

static void time_between_calls_is_nobodys_processor_time(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    trace_between(trace, TRACE_LOOP, "waiting", 5, 905);
    json_t *events = events_of(trace), *event = event_named(events, "waiting", 0);
    assert_int_equal(number(event, "ts"), 5);
    assert_int_equal(number(event, "dur"), 900);
    assert_null(json_object_get(event, "tdur"));
    assert_null(json_object_get(event, "args"));
    json_decref(events);
}

static void spans_are_written_by_lane_and_time_and_the_outer_one_first(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    uint32_t lane = trace_lane(trace, "reader", 1);
    trace_between(trace, lane, "d", 1, 2);
    trace_between(trace, TRACE_LOOP, "c", 20, 30);
    trace_between(trace, TRACE_LOOP, "b", 10, 15);
    trace_between(trace, TRACE_LOOP, "a", 10, 18);
    json_t *events = events_of(trace);
    size_t n = json_array_size(events);
    for (size_t i = 0; i < 4; i++) {
        json_t *name = json_object_get(json_array_get(events, n - 4 + i), "name");
        assert_int_equal(json_string_value(name)[0], 'a' + (int)i);
    }
    json_decref(events);
}

static void spans_past_the_limit_are_counted(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    for (int i = 0; i < TRACE_SPANS + 3; i++)
        trace_between(trace, TRACE_LOOP, "turn", i, i + 1);
    json_t *events = events_of(trace);
    json_t *label = json_object_get(event_named(events, "process_labels", 0), "args");
    assert_string_equal(json_string_value(json_object_get(label, "labels")),
                        "3 later spans were not kept");
    assert_null(event_named(events, "turn", TRACE_SPANS));
    assert_non_null(event_named(events, "turn", TRACE_SPANS - 1));
    json_decref(events);
}

static void past_the_last_lane_nothing_is_kept(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    trace_lanes(trace, "reader", TRACE_LANES + 5);
    uint32_t lane = trace_lane(trace, "feeding", 1);
    trace_between(trace, lane, "lost", 1, 2);
    json_t *events = events_of(trace);
    assert_null(event_named(events, "lost", 0));
    assert_null(event_named(events, "thread_name", TRACE_LANES));
    json_decref(events);
}

static void a_trace_that_cannot_be_written_is_said(void **state)
{
    (void)state;
    struct trace *trace = fresh();
    struct trace_owner owner = {"sink", 0, 1, 0, 0};
    assert_int_equal(trace_save(trace, &owner, "/nowhere/at/all"), STATUS_NO_OUTPUT);
    trace_destroy(&trace);
    trace_destroy(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_trace_nothing_is_done),
        cmocka_unit_test(a_span_is_written_with_its_times_and_facts),
        cmocka_unit_test(the_owner_and_the_lanes_have_names),
        cmocka_unit_test(what_the_loop_is_at_is_told_to_its_helpers),
        cmocka_unit_test(a_moment_is_not_kept_where_only_long_ones_are),
        cmocka_unit_test(time_between_calls_is_nobodys_processor_time),
        cmocka_unit_test(spans_are_written_by_lane_and_time_and_the_outer_one_first),
        cmocka_unit_test(spans_past_the_limit_are_counted),
        cmocka_unit_test(past_the_last_lane_nothing_is_kept),
        cmocka_unit_test(a_trace_that_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
