/* SPDX-License-Identifier: Apache-2.0 */
/* A worker of a ventilator that serves: a job ends, and he stays; and each name of jobs has a cache of its own. */
#include <string.h>

#include "support/assert.h"
#include "support/worker_scene.h"

static const struct desk_key first = {1, 0, 1};

static void hears(struct worker_scene *scene, struct line *at, enum letter_kind kind)
{
    assert_int_equal(worker_scene_hears(scene, at, kind), 0);
}

static void close_job(struct worker_scene *scene, enum close_code code)
{
    struct letter letter = {.kind = LETTER_CLOSE, .code = (int32_t)code};
    worker_scene_say(scene, scene->ventilator, &letter, NULL);
}

static void welcome_to(struct worker_scene *scene, const char *name)
{
    struct letter letter = {.kind = LETTER_WELCOME};
    struct welcome terms = {100, 100, 8, 2};
    struct parcel payload = {.n = 1};
    strcpy(letter.text, name);
    assert_int_equal(wire_welcome_put(&terms, &payload), 0);
    worker_scene_say(scene, scene->ventilator, &letter, &payload);
}

/* Of the last HELLO. */
static uint32_t shards_told(struct worker_scene *scene)
{
    struct arena *arena = arena_new(1 << 20);
    struct hello hello;
    assert_int_equal(wire_hello_read(&scene->heard.parcel, 1, arena, &hello), 0);
    uint32_t n = (uint32_t)hello.n_cached;
    assert_true(hello.turns);
    arena_destroy(&arena);
    return n;
}

/* A shard is gathered, acknowledged, and in the cache. */
static void work_once(struct worker_scene *scene)
{
    worker_scene_lease(scene, first, 0, 1);
    worker_scene_rows(scene, first, 0, scene->rows.n);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_ack(scene, first.stage, first.shard, ACK_COMMITTED);
    assert_int_equal(worker_scene_turns(scene, 3), 0);
}

static void a_worker_who_is_to_stay_lets_go_of_the_job_and_says_hello(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 1); /* its frame never comes */
    assert_int_equal(worker_scene_turns(scene, 3), 0);
    close_job(scene, CLOSE_STAY);
    hears(scene, scene->ventilator, LETTER_HELLO);
    worker_scene_welcome(scene);
    assert_int_equal(worker_scene_beat(scene).n, 0);
}

static void the_same_job_again_is_done_again(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    scene->work = small_job_plan(1); /* all customers are of this shard: the cache looks */
    worker_scene_joins(scene);
    work_once(scene);
    close_job(scene, CLOSE_STAY);
    hears(scene, scene->ventilator, LETTER_HELLO);
    assert_int_equal(shards_told(scene), 1);
    worker_scene_welcome(scene);
    worker_scene_plan(scene);
    worker_scene_lease(scene, first, 1, 0); /* from the cache */
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
}

static void a_lease_of_the_job_that_is_closed_is_given_back(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    close_job(scene, CLOSE_STAY);
    hears(scene, scene->ventilator, LETTER_HELLO);
    worker_scene_lease(scene, first, 0, 1);
    hears(scene, scene->ventilator, LETTER_RELEASE);
    assert_int_equal(scene->heard.letter.code, RELEASE_NO_PLAN);
}

static void a_closed_job_ends_a_worker_whom_nobody_asks_to_stay(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    close_job(scene, CLOSE_LEAVE);
    assert_int_equal(worker_scene_turns(scene, 3), ROLE_E_FINISHED);
}

static void who_is_welcome_to_a_name_tells_what_he_has_of_it(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    work_once(scene);
    close_job(scene, CLOSE_STAY);
    hears(scene, scene->ventilator, LETTER_HELLO);
    assert_string_equal(scene->heard.letter.text, "");
    assert_int_equal(shards_told(scene), 1);
    welcome_to(scene, "nightly");
    hears(scene, scene->ventilator, LETTER_HELLO);
    assert_string_equal(scene->heard.letter.text, "nightly");
    assert_int_equal(shards_told(scene), 0);
    welcome_to(scene, "nightly");
    hears(scene, scene->ventilator, LETTER_BEAT);
    assert_int_equal(worker_scene_hears(scene, scene->ventilator, LETTER_HELLO), 1);
    welcome_to(scene, "");
    hears(scene, scene->ventilator, LETTER_HELLO);
    assert_string_equal(scene->heard.letter.text, "");
    assert_int_equal(shards_told(scene), 1);
}

static void a_name_that_is_a_way_out_is_none(void **state)
{
    struct worker_scene *scene = *state;
    hears(scene, scene->ventilator, LETTER_HELLO);
    welcome_to(scene, "../elsewhere");
    hears(scene, scene->ventilator, LETTER_BEAT);
    assert_string_equal(cache_name(scene->cache), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, worker_scene_begin, worker_scene_end)
    const struct CMUnitTest tests[] = {
        TEST(a_worker_who_is_to_stay_lets_go_of_the_job_and_says_hello),
        TEST(the_same_job_again_is_done_again),
        TEST(a_lease_of_the_job_that_is_closed_is_given_back),
        TEST(a_closed_job_ends_a_worker_whom_nobody_asks_to_stay),
        TEST(who_is_welcome_to_a_name_tells_what_he_has_of_it),
        TEST(a_name_that_is_a_way_out_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
