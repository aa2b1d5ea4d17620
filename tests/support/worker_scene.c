/* SPDX-License-Identifier: Apache-2.0 */
#include "support/worker_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/store.h"
#include "support/assert.h"

static const struct digest segment = {1, 1};
static struct arena *beats;

static int open_lmdb(const char *directory, struct store **store)
{
    return store_lmdb_open(directory, STORE_CACHE, store);
}

static int join_lines(struct worker_scene *scene)
{
    uint32_t gate;
    return line_memory_new(&scene->board, 200) || line_memory_open(scene->board, &scene->line) ||
           line_memory_open(scene->board, &scene->ventilator) ||
           line_memory_open(scene->board, &scene->sink) ||
           line_bind(scene->ventilator, "inproc://ventilator", &gate) ||
           line_bind(scene->sink, "inproc://sink", &gate) ||
           line_connect(scene->line, "inproc://ventilator", &gate) ||
           line_connect(scene->line, "inproc://sink", &gate);
}

static int make_worker(struct worker_scene *scene)
{
    const struct worker_settings settings = {.line = scene->line,
                                             .ventilator = {.gate = 0},
                                             .sink = {.gate = 1},
                                             .cache = scene->cache,
                                             .name = {3, 4},
                                             .version = "0.1.0",
                                             .host = "test",
                                             .credit = 2,
                                             .note = &scene->note,
                                             .figures = scene->figures,
                                             .stop = &scene->stop};
    int r = worker_new(&settings, &scene->worker);
    scene->role = worker_role(scene->worker);
    return r;
}

void worker_scene_dies(struct worker_scene *scene, uint32_t signal)
{
    worker_destroy(&scene->worker);
    scene->note.died = signal;
    assert_int_equal(make_worker(scene), 0);
}

int worker_scene_begin(void **state)
{
    static struct worker_scene scene;
    char path[96];
    memset(&scene, 0, sizeof scene);
    contract_scratch_make(&scene.scratch);
    snprintf(path, sizeof path, "%s/cache", scene.scratch.path);
    scene.now = 5000000;
    scene.job = (struct digest){10, 20};
    scene.work = small_job_plan(8);
    scene.model = small_job_model();
    scene.chance.state = 71;
    beats = arena_new(1 << 20);
    *state = &scene;
    if (figures_new(FIGURES_WORKER, &scene.figures) || join_lines(&scene) ||
        cache_open(path, open_lmdb, &scene.cache))
        return -1;
    return make_worker(&scene);
}

int worker_scene_end(void **state)
{
    struct worker_scene *scene = *state;
    worker_destroy(&scene->worker);
    worker_destroy(&scene->worker);
    figures_destroy(&scene->figures);
    cache_close(&scene->cache);
    line_close(&scene->line);
    line_close(&scene->ventilator);
    line_close(&scene->sink);
    line_memory_destroy(&scene->board);
    parcel_clear(&scene->heard.parcel);
    shard_free(&scene->rows);
    arena_destroy(&beats);
    contract_scratch_remove(&scene->scratch);
    return 0;
}

int worker_scene_turns(struct worker_scene *scene, int turns)
{
    int r = 0;
    for (int i = 0; r == 0 && i < turns; i++)
        r = loop_turn(&scene->role, scene->line, scene->now, 0);
    return r;
}

int worker_scene_hears(struct worker_scene *scene, struct line *at, enum letter_kind kind)
{
    for (int quiet = 0; quiet < 30;) {
        struct peer from;
        parcel_clear(&scene->heard.parcel);
        if (line_wait(at, 0, &from, &scene->heard.parcel) != 0) {
            quiet++;
            int r = worker_scene_turns(scene, 1);
            assert_true(r == 0 || r == ROLE_E_FINISHED);
            continue;
        }
        *(at == scene->sink ? &scene->at_sink : &scene->at_ventilator) = from;
        assert_int_equal(wire_letter_read(&scene->heard.parcel, &scene->heard.letter), 0);
        if (scene->heard.letter.kind == kind)
            return 0;
    }
    return 1;
}

struct beat worker_scene_beat(struct worker_scene *scene)
{
    struct beat beat = {.n = 0};
    int found = 0;
    assert_int_equal(worker_scene_turns(scene, 5), 0); /* what has been said is heard first */
    scene->now += 100;
    assert_int_equal(worker_scene_turns(scene, 10), 0);
    arena_reset(beats);
    parcel_clear(&scene->heard.parcel);
    for (struct peer from; line_wait(scene->ventilator, 0, &from, &scene->heard.parcel) == 0;
         parcel_clear(&scene->heard.parcel)) {
        assert_int_equal(wire_letter_read(&scene->heard.parcel, &scene->heard.letter), 0);
        if (scene->heard.letter.kind != LETTER_BEAT)
            continue;
        assert_int_equal(wire_beat_read(&scene->heard.parcel, 1, beats, &beat), 0);
        found = 1;
    }
    assert_true(found);
    return beat;
}

void worker_scene_say(struct worker_scene *scene, struct line *from, const struct letter *letter,
                      struct parcel *payload)
{
    struct parcel parcel;
    assert_int_equal(wire_letter_put(letter, &parcel), 0);
    for (size_t i = 1; payload && i < payload->n; i++)
        assert_int_equal(parcel_add(&parcel, &payload->part[i]), 0);
    struct peer to = from == scene->sink ? scene->at_sink : scene->at_ventilator;
    assert_int_equal(line_send(from, to, &parcel), 0);
}

void worker_scene_welcome(struct worker_scene *scene)
{
    struct parcel payload = {.n = 1};
    assert_int_equal(wire_welcome_put(&(struct welcome){100, 300, 8, 2}, &payload), 0);
    worker_scene_say(scene, scene->ventilator,
                     &(struct letter){.kind = LETTER_WELCOME, .job = scene->job}, &payload);
}

void worker_scene_plan(struct worker_scene *scene)
{
    struct parcel payload = {.n = 1};
    assert_int_equal(wire_plan_put(&scene->work, &payload), 0);
    worker_scene_say(scene, scene->ventilator,
                     &(struct letter){.kind = LETTER_PLAN, .job = scene->job}, &payload);
}

void worker_scene_model(struct worker_scene *scene, struct digest digest)
{
    struct arena *arena = arena_new(1 << 20);
    struct parcel payload = {.n = 1};
    assert_int_equal(wire_model_put(&scene->model, arena, &payload), 0);
    worker_scene_say(scene, scene->ventilator,
                     &(struct letter){.kind = LETTER_MODEL, .job = scene->job, .digest = digest},
                     &payload);
    arena_destroy(&arena);
}

void worker_scene_ack(struct worker_scene *scene, uint32_t stage, uint32_t shard,
                      enum ack_code code)
{
    struct letter letter =
        worker_scene_about(scene, LETTER_ACK, (struct desk_key){stage, shard, 0});
    letter.code = (int32_t)code;
    worker_scene_say(scene, scene->sink, &letter, NULL);
}

struct letter worker_scene_about(const struct worker_scene *scene, enum letter_kind kind,
                                 struct desk_key key)
{
    return (struct letter){.kind = kind,
                           .job = scene->job,
                           .stage = key.stage,
                           .shard = key.shard,
                           .attempt = key.attempt};
}

void worker_scene_lease(struct worker_scene *scene, struct desk_key key, int have, uint32_t frames)
{
    struct parcel payload = {.n = 1};
    struct letter letter = worker_scene_about(scene, LETTER_LEASE, key);
    const struct lease_order order = {.want = &segment,
                                      .n_want = 1,
                                      .have = &segment,
                                      .n_have = (size_t)have,
                                      .frames = frames,
                                      .model = {key.stage == 2 ? 9 : 0, 0}};
    assert_int_equal(wire_lease_put(&order, &payload), 0);
    worker_scene_say(scene, scene->ventilator, &letter, &payload);
}

void worker_scene_rows(struct worker_scene *scene, struct desk_key key, size_t from, size_t n)
{
    struct parcel payload = {.n = 1};
    struct letter letter = worker_scene_about(scene, LETTER_DATA, key);
    struct part part = small_job_frame(&scene->rows, from, n);
    letter.code = DATA_ROWS;
    assert_int_equal(parcel_add(&payload, &part), 0);
    worker_scene_say(scene, scene->ventilator, &letter, &payload);
}

void worker_scene_joins(struct worker_scene *scene)
{
    assert_int_equal(worker_scene_hears(scene, scene->ventilator, LETTER_HELLO), 0);
    assert_int_equal(worker_scene_hears(scene, scene->sink, LETTER_HELLO), 0);
    worker_scene_welcome(scene);
    worker_scene_plan(scene);
    assert_int_equal(worker_scene_turns(scene, 3), 0);
}

void worker_scene_result_is_right(struct worker_scene *scene, uint32_t stage)
{
    const struct parcel *got = &scene->heard.parcel;
    struct parcel want = {.n = 0};
    if (stage == 1)
        small_job_digest(&scene->rows, (struct slice){NULL, 0}, &scene->work, &want);
    else
        small_job_scores(&scene->rows, (struct slice){NULL, 0}, &scene->work, &scene->model, &want);
    assert_int_equal(got->n, want.n + 2); /* the envelope and Work */
    for (size_t i = 0; i < want.n; i++) {
        assert_int_equal(got->part[i + 2].size, want.part[i].size);
        assert_memory_equal(got->part[i + 2].data, want.part[i].data, want.part[i].size);
    }
    assert_int_equal(scene->heard.letter.stage, stage);
    assert_true(digest_same(scene->heard.letter.digest, wire_digest(&want, 0)));
    assert_true(digest_same(scene->heard.letter.job, scene->job));
    parcel_clear(&want);
}
