/* SPDX-License-Identifier: Apache-2.0 */
/* A shard that kills whoever works on it: the job stops with words and a file that shows it again. The sink and
 * the workers are played by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replay.h"
#include "common/settings.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_lease.h"
#include "doubles/line_memory.h"
#include "support/assert.h"
#include "support/correspondent.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/stage_ledger.h"
#include "ventilator/ventilator.h"

#define SHARDS 2

struct scene {
    struct line_memory *board;
    struct line *line;
    struct correspondent sink, worker[2];
    struct scratch scratch;
    struct stage_ledger ledger;
    const char *path;
    struct settings settings;
    struct ventilator *ventilator;
    int status; /* the role's last answer */
};

static int64_t clock_ms = 1000;

static int64_t hand_clock(void)
{
    return clock_ms;
}

static void turn(struct scene *scene)
{
    struct role role = ventilator_role(scene->ventilator);
    for (int i = 0; scene->status == 0 && i < 10; i++)
        scene->status = loop_turn(&role, scene->line, clock_ms, 0);
}

static void make_ventilator(struct scene *scene)
{
    uint32_t gate;
    struct ventilator_settings settings = {.line = scene->line,
                                           .settings = &scene->settings,
                                           .state = scene->scratch.path,
                                           .today = 20000,
                                           .name = {1, 1},
                                           .version = "0",
                                           .timing = ventilator_timing_default(),
                                           .now_ms = hand_clock};
    assert_int_equal(line_bind(scene->line, "inproc://ventilator", &settings.workers), 0);
    assert_int_equal(line_connect(scene->line, "inproc://sink", &gate), 0);
    settings.sink = (struct peer){.gate = gate};
    assert_int_equal(ventilator_new(&settings, &scene->ventilator), 0);
}

/* A job is announced, and the sink has nothing of it. */
static void begin_job(struct scene *scene)
{
    static const uint8_t nothing[1] = {0};
    const struct done_set set = {SHARDS, nothing, nothing};
    struct letter job, answer = {.kind = LETTER_DONESET};
    struct parcel parts = {.n = 0};
    turn(scene);
    assert_true(correspondent_hears(&scene->sink, LETTER_JOB, &job, NULL));
    answer.job = job.job;
    assert_int_equal(wire_done_set_put(&set, &parts), 0);
    correspondent_says(&scene->sink, &answer, &parts);
    turn(scene);
}

static int begin(void **state)
{
    static struct scene scene;
    uint32_t gate;
    memset(&scene, 0, sizeof scene);
    scene.scratch = scratch_new();
    scene.ledger = stage_ledger_make(60, 1, 0);
    scene.path = scene.ledger.path[0];
    scene.settings = settings_default();
    scene.settings.reading.ledgers = &scene.path;
    scene.settings.reading.n_ledgers = 1;
    scene.settings.running.shards = SHARDS;
    scene.settings.running.out = "nowhere";
    assert_int_equal(line_memory_new(&scene.board, 100), 0);
    assert_int_equal(line_memory_open(scene.board, &scene.line), 0);
    assert_int_equal(line_memory_open(scene.board, &scene.sink.line), 0);
    assert_int_equal(line_bind(scene.sink.line, "inproc://sink", &gate), 0);
    make_ventilator(&scene);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(line_memory_open(scene.board, &scene.worker[i].line), 0);
        assert_int_equal(line_connect(scene.worker[i].line, "inproc://ventilator", &gate), 0);
        scene.worker[i].peer = (struct peer){.gate = gate};
    }
    *state = &scene;
    begin_job(&scene);
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    ventilator_destroy(&scene->ventilator);
    line_close(&scene->line);
    line_close(&scene->sink.line);
    for (int i = 0; i < 2; i++)
        line_close(&scene->worker[i].line);
    line_memory_destroy(&scene->board);
    stage_ledger_remove(&scene->ledger);
    scratch_remove(&scene->scratch);
    return 0;
}

/* A worker comes, is given a lease, and what he says of it is heard. */
static void says_of_a_lease(struct scene *scene, int who, enum release_reason reason)
{
    const struct letter hello = {.kind = LETTER_HELLO};
    const struct hello about = {
        .role = 2, .name = {7, (uint64_t)who}, .version = "0", .host = "", .credit = 1};
    struct letter lease;
    struct parcel parts = {.n = 0};
    assert_int_equal(wire_hello_put(&about, &parts), 0);
    correspondent_says(&scene->worker[who], &hello, &parts);
    turn(scene);
    assert_true(correspondent_hears(&scene->worker[who], LETTER_LEASE, &lease, NULL));
    struct letter letter = {.kind = LETTER_RELEASE,
                            .job = lease.job,
                            .stage = 1,
                            .shard = 0,
                            .attempt = lease.attempt,
                            .code = (int32_t)reason};
    correspondent_says(&scene->worker[who], &letter, NULL);
    turn(scene);
}

static void a_shard_that_kills_two_workers_stops_the_job_with_a_file(void **state)
{
    struct scene *scene = *state;
    struct said said;
    said_begin(&said);
    says_of_a_lease(scene, 0, RELEASE_DIED);
    assert_int_equal(scene->status, 0);
    says_of_a_lease(scene, 1, RELEASE_DIED);
    said_end(&said);
    assert_int_equal(scene->status, STATUS_BUG);
    assert_non_null(strstr(said.text, "shard 0 of stage 1: 2 workers died of it"));
    assert_non_null(strstr(said.text, "winnow worker --replay "));
    assert_true(scratch_has(&scene->scratch, "poison-1-0"));
}

static void the_file_is_worked_on_by_a_worker_alone(void **state)
{
    struct scene *scene = *state;
    struct said said;
    says_of_a_lease(scene, 0, RELEASE_DIED);
    says_of_a_lease(scene, 1, RELEASE_DIED);
    said_begin(&said);
    int r = replay_file(scratch_at(&scene->scratch, "poison-1-0"));
    said_end(&said);
    assert_int_equal(r, 0);
    assert_non_null(strstr(said.text, "shard 0, stage 1 does this worker no harm"));
}

static void one_death_is_no_poison(void **state)
{
    struct scene *scene = *state;
    says_of_a_lease(scene, 0, RELEASE_DIED);
    says_of_a_lease(scene, 1, RELEASE_NO_BLOCK);
    assert_int_equal(scene->status, 0);
    assert_false(scratch_has(&scene->scratch, "poison-1-0"));
}

static void a_file_that_is_none_of_these_is_refused(void **state)
{
    struct scene *scene = *state;
    scratch_file(&scene->scratch, "other", "customer_id,date\n");
    scratch_file(&scene->scratch, "cut", "winnow evidence 1\n\x02");
    scratch_file(&scene->scratch, "empty", "winnow evidence 1\n");
    assert_int_equal(replay_file(scratch_at(&scene->scratch, "other")), STATUS_DATA);
    assert_int_equal(replay_file(scratch_at(&scene->scratch, "cut")), STATUS_DATA);
    assert_int_equal(replay_file(scratch_at(&scene->scratch, "empty")), STATUS_DATA);
    assert_int_equal(replay_file(scratch_at(&scene->scratch, "absent")), STATUS_NO_INPUT);
}

#define in_a_scene(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(a_shard_that_kills_two_workers_stops_the_job_with_a_file),
        in_a_scene(the_file_is_worked_on_by_a_worker_alone),
        in_a_scene(one_death_is_no_poison),
        in_a_scene(a_file_that_is_none_of_these_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
