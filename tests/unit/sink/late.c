/* SPDX-License-Identifier: Apache-2.0 */
/* Results that come when the job is sealed: copies of leases, and what was on its way. */
#include "support/assert.h"
#include "support/sink_scene.h"

static int begin(void **state)
{
    static struct sink_scene scene;
    sink_scene_open(&scene);
    sink_scene_announce(&scene);
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    sink_scene_close(*state);
    return 0;
}

static void play_to_the_seal(struct sink_scene *scene)
{
    for (uint32_t stage = 1; stage <= 2; stage++)
        for (uint32_t shard = 0; shard < SINK_SCENE_SHARDS; shard++)
            sink_scene_result(scene, stage, shard, NULL);
    sink_scene_seal(scene, 0);
    correspondent_rests(&scene->worker);
}

static void expect_ack(struct sink_scene *scene, uint32_t stage, enum ack_code code)
{
    struct letter letter;
    assert_int_equal(sink_scene_answer(scene, &letter), LETTER_ACK);
    assert_int_equal(letter.stage, stage);
    assert_int_equal(letter.code, code);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
}

static void a_copy_that_comes_after_the_seal_is_a_duplicate(void **state)
{
    struct sink_scene *scene = *state;
    play_to_the_seal(scene);
    sink_scene_result(scene, 2, 3, NULL);
    expect_ack(scene, 2, ACK_DUPLICATE);
    sink_scene_result(scene, 1, 0, NULL);
    expect_ack(scene, 1, ACK_DUPLICATE);
}

static void one_that_differs_is_a_conflict_even_then(void **state)
{
    struct sink_scene *scene = *state;
    const struct gathered other = {.refund_only = 1};
    play_to_the_seal(scene);
    sink_scene_result(scene, 1, 0, &other);
    expect_ack(scene, 1, ACK_CONFLICT);
}

static void a_worker_that_asks_after_the_seal_is_answered(void **state)
{
    struct sink_scene *scene = *state;
    play_to_the_seal(scene);
    sink_scene_probe(scene, sink_scene_job(), 2, BEAT_SENT);
    expect_ack(scene, 1, ACK_DUPLICATE);
}

static void nothing_is_taken_into_a_job_that_was_given_up(void **state)
{
    struct sink_scene *scene = *state;
    struct letter letter;
    sink_scene_seal(scene, 1);
    sink_scene_result(scene, 1, 0, NULL);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
    sink_scene_probe(scene, sink_scene_job(), 0, BEAT_SENT);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_that_comes_after_the_seal_is_a_duplicate, begin,
                                        end),
        cmocka_unit_test_setup_teardown(one_that_differs_is_a_conflict_even_then, begin, end),
        cmocka_unit_test_setup_teardown(a_worker_that_asks_after_the_seal_is_answered, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_taken_into_a_job_that_was_given_up, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
