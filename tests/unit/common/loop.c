/* SPDX-License-Identifier: Apache-2.0 */
#include "common/loop.h"

#include <string.h>

#include "doubles/line_memory.h"
#include "support/assert.h"

/* A role that notes what it is told and answers what the test has set. */
struct recorder {
    int64_t deadline_ms;  /* what tick asks for */
    int tick_answer;      /* what tick answers ... */
    int tick_answer_from; /* ... from this tick on, counted from 1; 0: always */
    int letter_answer;
    int keeps_parts; /* takes the first part out of each parcel */
    int ticks;
    int letters;
    int64_t ticked_ms;
    int64_t heard_ms;
    uint64_t heard[200]; /* the letters' numbers, in order */
    struct part kept;
};

static int recorder_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct recorder *recorder = self;
    (void)from;
    memcpy(&recorder->heard[recorder->letters++], parcel->part[0].data, sizeof(uint64_t));
    recorder->heard_ms = now_ms;
    if (recorder->keeps_parts) {
        recorder->kept = parcel->part[0];
        parcel->part[0] = (struct part){0};
    }
    return recorder->letter_answer;
}

static int recorder_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct recorder *recorder = self;
    recorder->ticked_ms = now_ms;
    *deadline_ms = recorder->deadline_ms;
    return ++recorder->ticks >= recorder->tick_answer_from ? recorder->tick_answer : 0;
}

/* A line that notes how long it is asked to wait, in front of the memory line, which never does. */
struct scene {
    struct line port;
    int64_t waited_ms; /* the longest wait of a turn, -1: none */
    int64_t last_ms;   /* the latest one */
    int woken;         /* waits that are still to end with a signal */
    struct line_memory *board;
    struct line *host;
    struct line *caller;
    struct recorder recorder;
    struct role role;
};

static int scene_wait(struct line *line, int64_t wait_ms, struct peer *from, struct parcel *given)
{
    struct scene *scene = (struct scene *)line;
    if (wait_ms > scene->waited_ms)
        scene->waited_ms = wait_ms;
    scene->last_ms = wait_ms;
    if (scene->woken > 0) {
        scene->woken--;
        return LINE_E_WOKEN;
    }
    return line_wait(scene->host, wait_ms, from, given);
}

static const struct line_ways scene_ways = {.wait = scene_wait};

static int begin(void **state)
{
    static struct scene scene;
    uint32_t gate;
    memset(&scene, 0, sizeof scene);
    scene.port.ways = &scene_ways;
    scene.waited_ms = -1;
    scene.role = (struct role){&scene.recorder, recorder_letter, recorder_tick};
    *state = &scene;
    return line_memory_new(&scene.board, 1000) || line_memory_open(scene.board, &scene.host) ||
           line_memory_open(scene.board, &scene.caller) ||
           line_bind(scene.host, "inproc://role", &gate) ||
           line_connect(scene.caller, "inproc://role", &gate);
}

static int end(void **state)
{
    struct scene *scene = *state;
    line_close(&scene->caller);
    line_close(&scene->host);
    line_memory_destroy(&scene->board);
    return 0;
}

static void post(struct scene *scene, uint64_t number)
{
    struct parcel parcel = {.n = 0};
    struct part part = part_new(sizeof number);
    memcpy(part.data, &number, sizeof number);
    assert_int_equal(parcel_add(&parcel, &part), 0);
    assert_int_equal(line_send(scene->caller, (struct peer){.gate = 0}, &parcel), 0);
}

static int turn(struct scene *scene, int64_t now_ms, int64_t limit_ms)
{
    scene->waited_ms = -1;
    return loop_turn(&scene->role, &scene->port, now_ms, limit_ms);
}

/* ---- */

static void a_turn_ticks_first_and_delivers_then(void **state)
{
    struct scene *scene = *state;
    post(scene, 7);
    assert_int_equal(turn(scene, 1000, -1), 0);
    assert_int_equal(scene->recorder.ticks, 1);
    assert_int_equal(scene->recorder.ticked_ms, 1000);
    assert_int_equal(scene->recorder.letters, 1);
    assert_int_equal(scene->recorder.heard[0], 7);
    assert_int_equal(scene->recorder.heard_ms, 1000);
}

static void the_wait_lasts_until_the_deadline_or_the_limit(void **state)
{
    struct scene *scene = *state;
    scene->recorder.deadline_ms = 1500;
    assert_int_equal(turn(scene, 1000, -1), 0);
    assert_int_equal(scene->waited_ms, 500);
    assert_int_equal(turn(scene, 1000, 200), 0);
    assert_int_equal(scene->waited_ms, 200);
    assert_int_equal(turn(scene, 1000, 0), 0);
    assert_int_equal(scene->waited_ms, 0);
}

static void a_deadline_that_is_now_or_past_still_looks_at_the_inbox(void **state)
{
    struct scene *scene = *state;
    post(scene, 1);
    scene->recorder.deadline_ms = 1000;
    assert_int_equal(turn(scene, 1000, -1), 0);
    assert_int_equal(scene->waited_ms, 0);
    assert_int_equal(scene->recorder.letters, 1);
    scene->recorder.deadline_ms = -5;
    assert_int_equal(turn(scene, 1000, -1), 0);
    assert_int_equal(scene->waited_ms, 0);
}

static void a_deadline_at_the_end_of_time_does_not_overflow(void **state)
{
    struct scene *scene = *state;
    scene->recorder.deadline_ms = INT64_MAX;
    assert_int_equal(turn(scene, -1000, -1), 0);
    assert_int_equal(scene->waited_ms, INT64_MAX);
    assert_int_equal(turn(scene, 1000, 50), 0);
    assert_int_equal(scene->waited_ms, 50);
}

static void a_turn_delivers_what_is_there_in_order_but_not_for_ever(void **state)
{
    struct scene *scene = *state;
    for (uint64_t i = 0; i < 2 * LOOP_LETTERS + 3; i++)
        post(scene, i);
    assert_int_equal(turn(scene, 0, -1), 0);
    assert_int_equal(scene->recorder.letters, LOOP_LETTERS);
    assert_int_equal(turn(scene, 0, -1), 0);
    assert_int_equal(turn(scene, 0, -1), 0);
    assert_int_equal(scene->recorder.letters, 2 * LOOP_LETTERS + 3);
    for (uint64_t i = 0; i < 2 * LOOP_LETTERS + 3; i++)
        assert_int_equal(scene->recorder.heard[i], i);
    assert_int_equal(scene->recorder.ticks, 3);
}

static void only_the_first_letter_is_waited_for(void **state)
{
    struct scene *scene = *state;
    scene->recorder.deadline_ms = 500;
    post(scene, 1);
    post(scene, 2);
    assert_int_equal(turn(scene, 0, -1), 0);
    assert_int_equal(scene->recorder.letters, 2);
    assert_int_equal(scene->waited_ms, 500);
    assert_int_equal(scene->last_ms, 0);
}

static void a_signal_ends_the_turn_so_that_the_role_can_look(void **state)
{
    struct scene *scene = *state;
    scene->woken = 1;
    post(scene, 1);
    assert_int_equal(turn(scene, 0, -1), 0);
    assert_int_equal(scene->recorder.letters, 0);
    assert_int_equal(turn(scene, 0, -1), 0);
    assert_int_equal(scene->recorder.ticks, 2);
    assert_int_equal(scene->recorder.letters, 1);
}

static void count_release(void *data, void *hint)
{
    (void)data;
    ++*(int *)hint;
}

static void what_the_role_leaves_is_released(void **state)
{
    struct scene *scene = *state;
    static uint64_t number;
    int released = 0;
    struct parcel parcel = {.n = 0};
    for (int i = 0; i < 3; i++) {
        struct part part = {&number, sizeof number, count_release, &released};
        assert_int_equal(parcel_add(&parcel, &part), 0);
    }
    assert_int_equal(line_send(scene->caller, (struct peer){.gate = 0}, &parcel), 0);
    scene->recorder.letter_answer = STATUS_IO; /* whatever it answers */
    assert_int_equal(turn(scene, 0, -1), STATUS_IO);
    assert_int_equal(released, 3);
}

static void a_part_that_the_role_takes_is_the_roles(void **state)
{
    struct scene *scene = *state;
    uint64_t number;
    scene->recorder.keeps_parts = 1;
    post(scene, 99);
    assert_int_equal(turn(scene, 0, -1), 0);
    memcpy(&number, scene->recorder.kept.data, sizeof number);
    assert_int_equal(number, 99);
    part_release(&scene->recorder.kept);
}

static void what_the_role_answers_ends_the_turn(void **state)
{
    struct scene *scene = *state;
    post(scene, 1);
    post(scene, 2);
    scene->recorder.letter_answer = STATUS_IO;
    assert_int_equal(turn(scene, 0, -1), STATUS_IO);
    assert_int_equal(scene->recorder.letters, 1);
    scene->recorder.letter_answer = ROLE_E_FINISHED;
    assert_int_equal(turn(scene, 0, -1), ROLE_E_FINISHED);
    assert_int_equal(scene->recorder.letters, 2);
    post(scene, 3);
    scene->recorder.tick_answer = ROLE_E_FINISHED;
    assert_int_equal(turn(scene, 0, -1), ROLE_E_FINISHED);
    assert_int_equal(scene->recorder.letters, 2); /* a finished role hears nothing more */
}

static void a_run_ends_with_success_when_the_role_has_finished(void **state)
{
    struct scene *scene = *state;
    scene->recorder.deadline_ms = INT64_MAX;
    scene->recorder.tick_answer = ROLE_E_FINISHED;
    scene->recorder.tick_answer_from = 3;
    post(scene, 1);
    assert_int_equal(loop_run(&scene->role, &scene->port), 0);
    assert_int_equal(scene->recorder.ticks, 3);
    assert_int_equal(scene->recorder.letters, 1);
    assert_true(scene->recorder.heard_ms > 0); /* the machine's clock */
    /* A signal just before the wait is not lost for long. */
    assert_in_range(scene->waited_ms, 1, 1000);
}

static void a_run_ends_with_the_roles_failure(void **state)
{
    struct scene *scene = *state;
    scene->recorder.tick_answer = STATUS_UNREACHABLE;
    scene->recorder.tick_answer_from = 2;
    assert_int_equal(loop_run(&scene->role, &scene->port), STATUS_UNREACHABLE);
    assert_int_equal(scene->recorder.ticks, 2);
}

static void two_roles_talk_in_the_time_of_the_test(void **state)
{
    struct scene *scene = *state;
    struct recorder other = {.deadline_ms = 0};
    struct role reader = {&other, recorder_letter, recorder_tick};
    /* The far end answers by hand; an hour passes without a second. */
    post(scene, 5);
    for (int64_t now_ms = 0; now_ms < 3600000; now_ms += 60000) {
        assert_int_equal(turn(scene, now_ms, 0), 0);
        assert_int_equal(loop_turn(&reader, scene->caller, now_ms, 0), 0);
    }
    assert_int_equal(scene->recorder.letters, 1);
    assert_int_equal(scene->recorder.ticked_ms, 3540000);
    assert_int_equal(other.ticks, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_turn_ticks_first_and_delivers_then, begin, end),
        cmocka_unit_test_setup_teardown(the_wait_lasts_until_the_deadline_or_the_limit, begin, end),
        cmocka_unit_test_setup_teardown(a_deadline_that_is_now_or_past_still_looks_at_the_inbox,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_deadline_at_the_end_of_time_does_not_overflow, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_turn_delivers_what_is_there_in_order_but_not_for_ever,
                                        begin, end),
        cmocka_unit_test_setup_teardown(only_the_first_letter_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(a_signal_ends_the_turn_so_that_the_role_can_look, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_the_role_leaves_is_released, begin, end),
        cmocka_unit_test_setup_teardown(a_part_that_the_role_takes_is_the_roles, begin, end),
        cmocka_unit_test_setup_teardown(what_the_role_answers_ends_the_turn, begin, end),
        cmocka_unit_test_setup_teardown(a_run_ends_with_success_when_the_role_has_finished, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_run_ends_with_the_roles_failure, begin, end),
        cmocka_unit_test_setup_teardown(two_roles_talk_in_the_time_of_the_test, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
