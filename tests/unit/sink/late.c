/* SPDX-License-Identifier: Apache-2.0 */
/* What comes late: results of a job that is sealed, and the words of the dead. */
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

/* A ventilator that died may be heard last: the living one is asked to say HELLO again, and obeyed. */
static void a_ventilator_that_is_not_the_last_to_say_hello_is_asked_again(void **state)
{
    struct sink_scene *scene = *state;
    const struct letter resync = {.kind = LETTER_RESYNC, .job = sink_scene_job()};
    struct letter heard;
    sink_scene_hello(scene, &scene->worker, 1); /* the other connection now is the ventilator's */
    correspondent_says(&scene->ventilator, &resync, NULL);
    sink_scene_turn(scene);
    assert_true(correspondent_hears(&scene->ventilator, LETTER_REHELLO, &heard, NULL));
    sink_scene_hello(scene, &scene->ventilator, 1);
    correspondent_says(&scene->ventilator, &resync, NULL);
    sink_scene_turn(scene);
    assert_true(correspondent_hears(&scene->ventilator, LETTER_DONESET, &heard, NULL));
}

/* Its bytes are not those that its digest is of. */
static void a_result_that_was_damaged_on_its_way_is_refused(void **state)
{
    struct sink_scene *scene = *state;
    scene->damages = 1;
    sink_scene_result(scene, 1, 0, NULL);
    expect_ack(scene, 1, ACK_REFUSED);
    scene->damages = 0;
    sink_scene_result(scene, 1, 0, NULL);
    expect_ack(scene, 1, ACK_COMMITTED);
}

static void a_worker_of_another_version_is_refused_with_words(void **state)
{
    struct sink_scene *scene = *state;
    const struct letter hello = {.kind = LETTER_HELLO};
    struct letter refused;
    struct parcel parcel;
    assert_int_equal(wire_letter_put(&hello, &parcel), 0);
    ((char *)parcel.part[0].data)[1] = 2; /* the protocol, which is its first field */
    assert_int_equal(line_send(scene->worker.line, scene->worker.peer, &parcel), 0);
    sink_scene_turn(scene);
    assert_int_equal(sink_scene_answer(scene, &refused), LETTER_REFUSED);
    assert_int_equal(refused.code, 78);
    assert_string_equal(refused.text, "another version of the protocol");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_that_comes_after_the_seal_is_a_duplicate, begin,
                                        end),
        cmocka_unit_test_setup_teardown(one_that_differs_is_a_conflict_even_then, begin, end),
        cmocka_unit_test_setup_teardown(a_worker_that_asks_after_the_seal_is_answered, begin, end),
        cmocka_unit_test_setup_teardown(
            a_ventilator_that_is_not_the_last_to_say_hello_is_asked_again, begin, end),
        cmocka_unit_test_setup_teardown(a_result_that_was_damaged_on_its_way_is_refused, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_worker_of_another_version_is_refused_with_words, begin,
                                        end),
        cmocka_unit_test_setup_teardown(nothing_is_taken_into_a_job_that_was_given_up, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
