/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sink_scene.h"

#include <stdio.h>
#include <string.h>

#include "common/settings.h"
#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_job.h"
#include "common/wire_scores.h"
#include "support/assert.h"
#include "support/put_score_rows.h"

#define ACCOUNT                                                                                    \
    "{\"status\":\"done\",\"rows\":{\"rows_in\":0,\"anonymous\":0,\"excluded\":0,\"rejects\":0}}"

#define A_WHILE_MS 5 /* longer than a result waits for others */

static int64_t no_time(void)
{
    return 0;
}

struct digest sink_scene_job(void)
{
    return (struct digest){1, 2};
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

static void make_sink(struct sink_scene *scene)
{
    struct sink_settings settings = {
        .out = scene->out, .version = "0", .boot = 1, .threads = 1, .now_ms = no_time};
    struct store *store = NULL;
    uint32_t gate;
    assert_int_equal(line_memory_open(scene->board, &scene->line), 0);
    assert_int_equal(line_bind(scene->line, "inproc://sink", &gate), 0);
    assert_int_equal(store_memory_shelf_new(&scene->shelf), 0);
    assert_int_equal(store_memory_open(scene->shelf, &store), 0);
    settings.line = scene->line;
    assert_int_equal(sink_new(&settings, &store, &scene->sink), 0);
}

void sink_scene_open(struct sink_scene *scene)
{
    memset(scene, 0, sizeof *scene);
    scene->now_ms = 1000;
    scene->scratch = scratch_new();
    snprintf(scene->out, sizeof scene->out, "%s/out", scene->scratch.path);
    scene->arena = arena_new(1 << 20);
    assert_non_null(scene->arena);
    assert_int_equal(line_memory_new(&scene->board, 100), 0);
    make_sink(scene);
    connect_to(scene->board, &scene->ventilator);
    connect_to(scene->board, &scene->worker);
    say_hello(&scene->ventilator, 1);
    say_hello(&scene->worker, 2);
    sink_scene_turn(scene);
}

void sink_scene_close(struct sink_scene *scene)
{
    sink_destroy(&scene->sink);
    store_memory_shelf_destroy(&scene->shelf);
    line_close(&scene->line);
    line_close(&scene->ventilator.line);
    line_close(&scene->worker.line);
    line_memory_destroy(&scene->board);
    arena_destroy(&scene->arena);
    scratch_remove(&scene->scratch);
}

void sink_scene_hello(struct sink_scene *scene, struct correspondent *who, uint32_t role)
{
    say_hello(who, role);
    sink_scene_turn(scene);
}

void sink_scene_turn(struct sink_scene *scene)
{
    struct role role = sink_role(scene->sink);
    for (int i = 0; i < 3; i++, scene->now_ms += A_WHILE_MS)
        assert_int_equal(loop_turn(&role, scene->line, scene->now_ms, 0), 0);
}

void sink_scene_announce(struct sink_scene *scene)
{
    const struct letter letter = {.kind = LETTER_JOB, .job = sink_scene_job()};
    struct job about = {.work = {.plan = settings_default().scoring.plan},
                        .digits = 6,
                        .columns = "all",
                        .time_unit = "week",
                        .run_key = "{}"};
    struct letter heard;
    struct parcel parts = {.n = 0};
    about.work.shards = SINK_SCENE_SHARDS;
    about.work.plan.as_of = about.work.plan.first_day = 18000;
    about.work.plan.wallet_window_days = 1;
    assert_int_equal(wire_job_put(&about, &parts), 0);
    correspondent_says(&scene->ventilator, &letter, &parts);
    sink_scene_turn(scene);
    assert_true(correspondent_hears(&scene->ventilator, LETTER_DONESET, &heard, NULL));
}

void sink_scene_result(struct sink_scene *scene, uint32_t stage, uint32_t shard,
                       const struct gathered *gathered)
{
    static const struct gathered nobody;
    const struct work work = {0, 0, 0};
    struct letter letter = {
        .kind = LETTER_RESULT, .job = sink_scene_job(), .stage = stage, .shard = shard};
    struct parcel parts = {.n = 0};
    letter.attempt = 1;
    arena_reset(scene->arena);
    assert_int_equal(wire_work_put(&work, &parts), 0);
    if (stage == 1)
        assert_int_equal(wire_gathered_put(gathered ? gathered : &nobody, scene->arena, &parts), 0);
    else
        assert_int_equal(put_score_rows(NULL, "", NULL, 0, scene->arena, &parts), 0);
    letter.digest = wire_digest(&parts, 1);
    letter.digest.low += (uint64_t)scene->damages;
    correspondent_rests(&scene->worker);
    correspondent_says(&scene->worker, &letter, &parts);
    sink_scene_turn(scene);
}

void sink_scene_probe(struct sink_scene *scene, struct digest of, uint32_t shard,
                      enum beat_state state)
{
    const struct letter letter = {.kind = LETTER_BEAT, .job = of};
    const uint32_t stage = 1, attempt = 1, in_state = state;
    const uint64_t progress = 0;
    const struct beat beat = {1, &stage, &shard, &attempt, &in_state, &progress, 0, 0};
    struct parcel parts = {.n = 0};
    assert_int_equal(wire_beat_put(&beat, &parts), 0);
    correspondent_rests(&scene->worker);
    correspondent_says(&scene->worker, &letter, &parts);
    sink_scene_turn(scene);
}

void sink_scene_seal(struct sink_scene *scene, int refuse)
{
    const struct letter letter = {.kind = LETTER_SEAL, .job = sink_scene_job()};
    const struct seal seal = {.refuse = refuse};
    struct letter heard;
    struct parcel parts = {.n = 0};
    assert_int_equal(wire_seal_put(&seal, &parts), 0);
    assert_int_equal(wire_bytes_put((struct slice){ACCOUNT, sizeof ACCOUNT - 1}, &parts), 0);
    correspondent_says(&scene->ventilator, &letter, &parts);
    sink_scene_turn(scene);
    assert_true(correspondent_hears(&scene->ventilator, LETTER_SEALED, &heard, NULL));
}

int sink_scene_answer(struct sink_scene *scene, struct letter *letter)
{
    struct parcel parcel;
    struct peer from;
    if (line_wait(scene->worker.line, 0, &from, &parcel) != 0)
        return 0;
    assert_int_equal(wire_letter_read(&parcel, letter), 0);
    parcel_clear(&parcel);
    return (int)letter->kind;
}
