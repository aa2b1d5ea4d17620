/* SPDX-License-Identifier: Apache-2.0 */
/* What a sink answers to a worker who has sent a result and heard nothing of it. */
#include "support/assert.h"
#include "support/sink_scene.h"

static const struct digest other_job = {3, 4};

static int begin(void **state)
{
    static struct sink_scene scene;
    sink_scene_open(&scene);
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    sink_scene_close(*state);
    return 0;
}

static void a_result_that_never_came_is_asked_for(void **state)
{
    struct sink_scene *scene = *state;
    struct letter letter;
    sink_scene_announce(scene);
    sink_scene_probe(scene, sink_scene_job(), 2, BEAT_SENT);
    assert_int_equal(sink_scene_answer(scene, &letter), LETTER_REHELLO);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
}

static void a_result_that_is_here_is_acknowledged_again(void **state)
{
    struct sink_scene *scene = *state;
    struct letter letter;
    sink_scene_announce(scene);
    sink_scene_result(scene, 1, 2, NULL);
    assert_int_equal(sink_scene_answer(scene, &letter), LETTER_ACK);
    assert_int_equal(letter.code, ACK_COMMITTED);
    sink_scene_probe(scene, sink_scene_job(), 2, BEAT_SENT);
    assert_int_equal(sink_scene_answer(scene, &letter), LETTER_ACK);
    assert_int_equal(letter.code, ACK_DUPLICATE);
    assert_int_equal(letter.shard, 2);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
}

static void what_is_not_sent_yet_is_not_missed(void **state)
{
    struct sink_scene *scene = *state;
    struct letter letter;
    sink_scene_announce(scene);
    sink_scene_probe(scene, sink_scene_job(), 2, BEAT_RUNNING);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
    sink_scene_probe(scene, sink_scene_job(), 2, BEAT_QUEUED);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
}

static void nothing_is_asked_for_before_there_is_a_job(void **state)
{
    struct sink_scene *scene = *state;
    struct letter letter;
    sink_scene_probe(scene, sink_scene_job(), 2, BEAT_SENT);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
    sink_scene_announce(scene);
    sink_scene_probe(scene, other_job, 2, BEAT_SENT);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
}

static void a_shard_that_cannot_be_is_passed_over(void **state)
{
    struct sink_scene *scene = *state;
    struct letter letter;
    sink_scene_announce(scene);
    sink_scene_probe(scene, sink_scene_job(), SINK_SCENE_SHARDS, BEAT_SENT);
    assert_int_equal(sink_scene_answer(scene, &letter), 0);
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
