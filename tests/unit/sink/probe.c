/* SPDX-License-Identifier: Apache-2.0 */
/* What a sink answers to a worker who has sent a result and heard nothing of it. */
#include <string.h>

#include "common/settings.h"
#include "common/wire_digest.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_job.h"
#include "common/wire_lease.h"
#include "doubles/line_memory.h"
#include "doubles/store_memory.h"
#include "sink/sink.h"
#include "support/assert.h"
#include "support/correspondent.h"

#define SHARDS 4

static const struct digest job = {1, 2}, other_job = {3, 4};

struct scene {
    struct line_memory *board;
    struct line *line;
    struct correspondent ventilator, worker;
    struct shelf *shelf;
    struct sink *sink;
    struct arena *arena;
};

static int64_t no_time(void)
{
    return 0;
}

static void turn(struct scene *scene)
{
    struct role role = sink_role(scene->sink);
    for (int i = 0; i < 3; i++)
        assert_int_equal(loop_turn(&role, scene->line, 1000, 0), 0);
}

static void connect_to(struct line_memory *board, struct correspondent *who)
{
    uint32_t gate;
    assert_int_equal(line_memory_open(board, &who->line), 0);
    assert_int_equal(line_connect(who->line, "inproc://sink", &gate), 0);
    who->peer = (struct peer){.gate = gate};
}

static void say_hello(struct correspondent *who, uint32_t role)
{
    const struct letter letter = {.kind = LETTER_HELLO};
    const struct hello hello = {.role = role, .name = {9, role}, .version = "0", .host = ""};
    struct parcel parts = {.n = 0};
    assert_int_equal(wire_hello_put(&hello, &parts), 0);
    correspondent_says(who, &letter, &parts);
}

static int begin(void **state)
{
    static struct scene scene;
    struct sink_settings settings = {
        .out = "nowhere", .version = "0", .boot = 1, .threads = 1, .now_ms = no_time};
    struct store *store = NULL;
    uint32_t gate;
    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new(1 << 20);
    assert_non_null(scene.arena);
    assert_int_equal(line_memory_new(&scene.board, 100), 0);
    assert_int_equal(line_memory_open(scene.board, &scene.line), 0);
    assert_int_equal(line_bind(scene.line, "inproc://sink", &gate), 0);
    connect_to(scene.board, &scene.ventilator);
    connect_to(scene.board, &scene.worker);
    assert_int_equal(store_memory_shelf_new(&scene.shelf), 0);
    assert_int_equal(store_memory_open(scene.shelf, &store), 0);
    settings.line = scene.line;
    assert_int_equal(sink_new(&settings, &store, &scene.sink), 0);
    say_hello(&scene.ventilator, 1);
    say_hello(&scene.worker, 2);
    turn(&scene);
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    sink_destroy(&scene->sink);
    store_memory_shelf_destroy(&scene->shelf);
    line_close(&scene->line);
    line_close(&scene->ventilator.line);
    line_close(&scene->worker.line);
    line_memory_destroy(&scene->board);
    arena_destroy(&scene->arena);
    return 0;
}

static void announce(struct scene *scene)
{
    const struct letter letter = {.kind = LETTER_JOB, .job = job};
    struct job about = {.work = {.plan = settings_default().scoring.plan, .shards = SHARDS},
                        .digits = 6,
                        .columns = "all",
                        .time_unit = "week",
                        .run_key = "key"};
    struct letter heard;
    struct parcel parts = {.n = 0};
    about.work.plan.as_of = about.work.plan.first_day = 18000;
    about.work.plan.wallet_window_days = 1;
    assert_int_equal(wire_job_put(&about, &parts), 0);
    correspondent_says(&scene->ventilator, &letter, &parts);
    turn(scene);
    assert_true(correspondent_hears(&scene->ventilator, LETTER_DONESET, &heard, NULL));
}

/* The result of a shard in which nobody is. */
static void send_result(struct scene *scene, uint32_t shard)
{
    static const struct gathered nobody;
    static const struct work work;
    struct letter letter = {.kind = LETTER_RESULT, .job = job, .stage = 1, .shard = shard};
    struct parcel parts = {.n = 0};
    letter.attempt = 1;
    assert_int_equal(wire_work_put(&work, &parts), 0);
    assert_int_equal(wire_gathered_put(&nobody, scene->arena, &parts), 0);
    letter.digest = wire_digest(&parts, 1);
    correspondent_says(&scene->worker, &letter, &parts);
    turn(scene);
}

static void probe(struct scene *scene, struct digest of, uint32_t shard, enum beat_state state)
{
    const struct letter letter = {.kind = LETTER_BEAT, .job = of};
    const uint32_t stage = 1, attempt = 1, in_state = state;
    const uint64_t progress = 0;
    const struct beat beat = {1, &stage, &shard, &attempt, &in_state, &progress, 0, 0};
    struct parcel parts = {.n = 0};
    assert_int_equal(wire_beat_put(&beat, &parts), 0);
    correspondent_rests(&scene->worker);
    correspondent_says(&scene->worker, &letter, &parts);
    turn(scene);
}

/* What the worker hears next: REHELLO, ACK, or nothing (0). */
static int answer(struct scene *scene, struct letter *letter)
{
    struct parcel parcel;
    struct peer from;
    if (line_wait(scene->worker.line, 0, &from, &parcel) != 0)
        return 0;
    assert_int_equal(wire_letter_read(&parcel, letter), 0);
    parcel_clear(&parcel);
    return (int)letter->kind;
}

static void a_result_that_never_came_is_asked_for(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    announce(scene);
    probe(scene, job, 2, BEAT_SENT);
    assert_int_equal(answer(scene, &letter), LETTER_REHELLO);
    assert_int_equal(answer(scene, &letter), 0);
}

static void a_result_that_is_here_is_acknowledged_again(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    announce(scene);
    send_result(scene, 2);
    assert_int_equal(answer(scene, &letter), LETTER_ACK);
    assert_int_equal(letter.code, ACK_COMMITTED);
    probe(scene, job, 2, BEAT_SENT);
    assert_int_equal(answer(scene, &letter), LETTER_ACK);
    assert_int_equal(letter.code, ACK_DUPLICATE);
    assert_int_equal(letter.shard, 2);
    assert_int_equal(answer(scene, &letter), 0);
}

static void what_is_not_sent_yet_is_not_missed(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    announce(scene);
    probe(scene, job, 2, BEAT_RUNNING);
    assert_int_equal(answer(scene, &letter), 0);
    probe(scene, job, 2, BEAT_QUEUED);
    assert_int_equal(answer(scene, &letter), 0);
}

static void nothing_is_asked_for_before_there_is_a_job(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    probe(scene, job, 2, BEAT_SENT);
    assert_int_equal(answer(scene, &letter), 0);
    announce(scene);
    probe(scene, other_job, 2, BEAT_SENT);
    assert_int_equal(answer(scene, &letter), 0);
}

static void a_shard_that_cannot_be_is_passed_over(void **state)
{
    struct scene *scene = *state;
    struct letter letter;
    announce(scene);
    probe(scene, job, SHARDS, BEAT_SENT);
    assert_int_equal(answer(scene, &letter), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_result_that_never_came_is_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(a_result_that_is_here_is_acknowledged_again, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_sent_yet_is_not_missed, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_asked_for_before_there_is_a_job, begin, end),
        cmocka_unit_test_setup_teardown(a_shard_that_cannot_be_is_passed_over, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
