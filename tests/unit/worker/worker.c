/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/worker.h"

#include <string.h>

#include "support/assert.h"
#include "support/worker_scene.h"

static const struct desk_key first = {1, 3, 1}, second = {1, 5, 1}, scoring = {2, 3, 1};
static const struct digest model_digest = {9, 0};

/* Rows of chance, leased as key in one frame. */
static void leases(struct worker_scene *scene, struct desk_key key)
{
    worker_scene_lease(scene, key, 0, 1);
    worker_scene_rows(scene, key, 0, scene->rows.n);
}

static void is_quiet(struct worker_scene *scene, struct line *at, enum letter_kind kind)
{
    assert_int_equal(worker_scene_hears(scene, at, kind), 1);
}

static void hears(struct worker_scene *scene, struct line *at, enum letter_kind kind)
{
    assert_int_equal(worker_scene_hears(scene, at, kind), 0);
}

/* The ventilator hears this lease given back. */
static void hears_release(struct worker_scene *scene, struct desk_key key,
                          enum release_reason reason)
{
    hears(scene, scene->ventilator, LETTER_RELEASE);
    assert_int_equal(scene->heard.letter.stage, key.stage);
    assert_int_equal(scene->heard.letter.shard, key.shard);
    assert_int_equal(scene->heard.letter.attempt, key.attempt);
    assert_int_equal(scene->heard.letter.code, reason);
}

static void a_worker_says_who_it_is_to_both(void **state)
{
    struct worker_scene *scene = *state;
    struct arena *arena = arena_new(1 << 20);
    struct line *servers[] = {scene->ventilator, scene->sink};
    for (int i = 0; i < 2; i++) {
        struct hello hello;
        hears(scene, servers[i], LETTER_HELLO);
        assert_int_equal(wire_hello_read(&scene->heard.parcel, 1, arena, &hello), 0);
        assert_int_equal(hello.role, 2);
        assert_int_equal(hello.name.low, 3);
        assert_string_equal(hello.version, "0.1.0");
        assert_string_equal(hello.host, "test");
        assert_int_equal(hello.credit, 2);
        assert_int_equal(hello.shards, 0);
        assert_int_equal(hello.n_cached, 0);
    }
    arena_destroy(&arena);
}

static void a_worker_s_hello_names_what_it_keeps(void **state)
{
    struct worker_scene *scene = *state;
    struct arena *arena = arena_new(1 << 20);
    struct hello hello;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_say(scene, scene->ventilator, &(struct letter){.kind = LETTER_REHELLO}, NULL);
    hears(scene, scene->ventilator, LETTER_HELLO);
    assert_int_equal(wire_hello_read(&scene->heard.parcel, 1, arena, &hello), 0);
    assert_int_equal(hello.shards, 8);
    assert_int_equal(hello.n_sets, 1);
    assert_int_equal(hello.set_sizes[0], 1);
    assert_int_equal(hello.sets[0].low, 1);
    assert_int_equal(hello.n_cached, 1);
    assert_int_equal(hello.cached_shards[0], first.shard);
    arena_destroy(&arena);
}

static void a_worker_says_hello_again_until_it_is_welcome(void **state)
{
    struct worker_scene *scene = *state;
    hears(scene, scene->ventilator, LETTER_HELLO);
    is_quiet(scene, scene->ventilator, LETTER_HELLO);
    scene->now += 1000;
    hears(scene, scene->ventilator, LETTER_HELLO);
    worker_scene_welcome(scene);
    hears(scene, scene->ventilator, LETTER_BEAT);
    scene->now += 5000;
    is_quiet(scene, scene->ventilator, LETTER_HELLO);
}

static void beats_come_as_often_as_the_welcome_says(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    hears(scene, scene->ventilator, LETTER_BEAT);
    for (int i = 0; i < 5; i++) {
        scene->now += 99;
        is_quiet(scene, scene->ventilator, LETTER_BEAT);
        scene->now += 1;
        hears(scene, scene->ventilator, LETTER_BEAT);
    }
}

static void stage_one_goes_to_the_sink_and_an_ack_ends_it(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 200, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
    assert_int_equal(scene->heard.letter.shard, first.shard);
    assert_int_equal(scene->heard.letter.attempt, first.attempt);
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, 1);
    assert_int_equal(beat.states[0], BEAT_SENT);
    worker_scene_ack(scene, 1, first.shard, ACK_COMMITTED);
    assert_int_equal(worker_scene_beat(scene).n, 0);
}

static void every_verdict_but_refused_ends_a_lease(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 20, &scene->chance);
    worker_scene_joins(scene);
    for (int code = ACK_COMMITTED; code <= ACK_CONFLICT; code++) {
        leases(scene, first);
        hears(scene, scene->sink, LETTER_RESULT);
        worker_scene_ack(scene, 1, first.shard, (enum ack_code)code);
        assert_int_equal(worker_scene_beat(scene).n, 0);
    }
}

static void an_ack_of_another_job_ends_nothing(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 20, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    scene->job.low++;
    worker_scene_ack(scene, 1, first.shard, ACK_COMMITTED);
    assert_int_equal(worker_scene_beat(scene).n, 1);
}

static void stage_two_scores_with_the_model_from_the_cache(void **state)
{
    struct worker_scene *scene = *state;
    const struct desk_key whole = {1, 0, 1}, from_cache = {2, 0, 1};
    shard_fill(&scene->rows, 200, &scene->chance);
    scene->work = small_job_plan(1); /* all customers are of this shard: the cache looks */
    worker_scene_joins(scene);
    leases(scene, whole);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_ack(scene, 1, whole.shard, ACK_COMMITTED);
    worker_scene_model(scene, model_digest);
    worker_scene_lease(scene, from_cache, 1, 0);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 2);
}

static void frames_that_come_before_their_turn_wait_for_it(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 200, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 2);
    worker_scene_lease(scene, second, 0, 2);
    worker_scene_rows(scene, first, 0, 100);
    worker_scene_rows(scene, second, 100, 100);
    worker_scene_rows(scene, second, 0, 100);
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, 2);
    assert_int_equal(beat.states[0], BEAT_RUNNING);
    assert_int_equal(beat.progress[0], 100);
    assert_int_equal(beat.states[1], BEAT_QUEUED);
    assert_int_equal(beat.frames_taken, 1);
    worker_scene_rows(scene, first, 100, 100);
    hears(scene, scene->sink, LETTER_RESULT);
    assert_int_equal(scene->heard.letter.shard, first.shard);
    worker_scene_result_is_right(scene, 1);
    hears(scene, scene->sink, LETTER_RESULT);
    assert_int_equal(scene->heard.letter.shard, second.shard);
    worker_scene_result_is_right(scene, 1);
    assert_int_equal(worker_scene_beat(scene).frames_taken, 4);
}

static void a_lease_without_a_plan_is_given_back_in_its_own_job_s_name(void **state)
{
    struct worker_scene *scene = *state;
    hears(scene, scene->ventilator, LETTER_HELLO);
    worker_scene_welcome(scene);
    worker_scene_lease(scene, first, 0, 1);
    hears_release(scene, first, RELEASE_NO_PLAN);
    assert_true(digest_same(scene->heard.letter.job, scene->job));
    assert_int_equal(worker_scene_beat(scene).n, 0);
}

static void a_lease_of_another_job_is_given_back_likewise(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    scene->job.low++;
    worker_scene_lease(scene, first, 0, 1);
    hears_release(scene, first, RELEASE_NO_PLAN);
    assert_true(digest_same(scene->heard.letter.job, scene->job));
}

static void stage_two_without_its_model_is_given_back(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, scoring);
    hears_release(scene, scoring, RELEASE_NO_MODEL);
    assert_int_equal(worker_scene_beat(scene).frames_taken, 1);
    worker_scene_model(scene, (struct digest){8, 0}); /* another one */
    leases(scene, scoring);
    hears_release(scene, scoring, RELEASE_NO_MODEL);
    worker_scene_model(scene, model_digest);
    leases(scene, scoring);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 2);
}

static void a_plan_said_again_asks_for_the_model_again(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_model(scene, model_digest);
    worker_scene_plan(scene);
    leases(scene, scoring);
    hears_release(scene, scoring, RELEASE_NO_MODEL);
}

static void a_lease_counting_on_a_block_that_is_not_there_is_given_back(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 1, 0);
    hears_release(scene, first, RELEASE_NO_BLOCK);
    const struct desk_key again = {1, 3, 2};
    leases(scene, again);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
}

static void a_lease_said_twice_is_one(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 1);
    worker_scene_lease(scene, first, 0, 1);
    assert_int_equal(worker_scene_beat(scene).n, 1);
    worker_scene_rows(scene, first, 0, 50);
    hears(scene, scene->sink, LETTER_RESULT);
    is_quiet(scene, scene->ventilator, LETTER_RELEASE);
}

/* After a reconnection the ventilator may lease what the worker waits for still. */
static void another_attempt_at_a_shard_takes_the_place_of_one_that_waits(void **state)
{
    struct worker_scene *scene = *state;
    const struct desk_key again = {1, 3, 2};
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 2);
    worker_scene_rows(scene, first, 0, 25);
    worker_scene_turns(scene, 3);
    leases(scene, again);
    hears(scene, scene->sink, LETTER_RESULT);
    assert_int_equal(scene->heard.letter.attempt, again.attempt);
    worker_scene_result_is_right(scene, 1);
    assert_int_equal(worker_scene_beat(scene).frames_taken, 2);
}

static void one_that_waits_for_nothing_goes_on(void **state)
{
    struct worker_scene *scene = *state;
    const struct desk_key again = {1, 3, 2};
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    leases(scene, again);
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, 1);
    assert_int_equal(beat.attempts[0], first.attempt);
    assert_int_equal(beat.frames_taken, 2);
    is_quiet(scene, scene->sink, LETTER_RESULT);
}

/* Nobody beats for it, so it will be given again. */
static void one_lease_more_than_it_can_hold_is_let_pass(void **state)
{
    struct worker_scene *scene = *state;
    scene->work = small_job_plan(64);
    worker_scene_joins(scene);
    for (uint32_t shard = 0; shard <= DESK_LEASES_LIMIT; shard++)
        worker_scene_lease(scene, (struct desk_key){1, shard, 1}, 0, 1);
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, DESK_LEASES_LIMIT);
    for (size_t i = 0; i < beat.n; i++)
        assert_int_not_equal(beat.shards[i], DESK_LEASES_LIMIT);
}

static void a_cancelled_lease_leaves_no_result_and_makes_room(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 100, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 2);
    worker_scene_rows(scene, first, 0, 50);
    worker_scene_turns(scene, 3);
    struct letter cancel = worker_scene_about(scene, LETTER_CANCEL, first);
    worker_scene_say(scene, scene->ventilator, &cancel, NULL);
    worker_scene_rows(scene, first, 50, 50); /* too late, and counted */
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, 0);
    assert_int_equal(beat.frames_taken, 2);
    is_quiet(scene, scene->sink, LETTER_RESULT);
    leases(scene, second);
    hears(scene, scene->sink, LETTER_RESULT);
    assert_int_equal(scene->heard.letter.shard, second.shard);
    worker_scene_result_is_right(scene, 1);
}

static void a_queued_lease_that_is_cancelled_gives_its_frames_up(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 100, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 1);
    leases(scene, second);
    assert_int_equal(worker_scene_beat(scene).frames_taken, 0);
    struct letter cancel = worker_scene_about(scene, LETTER_CANCEL, second);
    worker_scene_say(scene, scene->ventilator, &cancel, NULL);
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, 1);
    assert_int_equal(beat.frames_taken, 1);
}

static void a_result_that_is_cancelled_is_not_sent_again(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 20, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    struct letter cancel = worker_scene_about(scene, LETTER_CANCEL, first);
    worker_scene_say(scene, scene->ventilator, &cancel, NULL);
    assert_int_equal(worker_scene_beat(scene).n, 0);
    worker_scene_say(scene, scene->sink, &(struct letter){.kind = LETTER_REHELLO}, NULL);
    is_quiet(scene, scene->sink, LETTER_RESULT);
}

/* A ventilator that has begun anew counts attempts from 1 again. */
static void the_result_of_another_attempt_is_not_cancelled(void **state)
{
    struct worker_scene *scene = *state;
    const struct desk_key second_attempt = {1, 3, 2};
    struct letter cancel = worker_scene_about(scene, LETTER_CANCEL, first);
    shard_fill(&scene->rows, 20, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, second_attempt);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_say(scene, scene->ventilator, &cancel, NULL);
    assert_int_equal(worker_scene_beat(scene).n, 1);
    worker_scene_say(scene, scene->sink, &(struct letter){.kind = LETTER_REHELLO}, NULL);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
}

/* The plan is what tells that it is still the same job. */
static void what_a_process_died_of_is_said_by_the_next(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 20, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 1);
    worker_scene_turns(scene, 3);
    worker_scene_dies(scene, 11);
    worker_scene_joins(scene);
    hears_release(scene, first, RELEASE_DIED);
    worker_scene_plan(scene);
    is_quiet(scene, scene->ventilator, LETTER_RELEASE); /* once */
}

static void a_process_that_was_killed_or_had_nothing_to_do_died_of_nothing(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 20, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 1);
    worker_scene_turns(scene, 3);
    worker_scene_dies(scene, 0);
    worker_scene_joins(scene);
    is_quiet(scene, scene->ventilator, LETTER_RELEASE);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_dies(scene, 11);
    worker_scene_joins(scene);
    is_quiet(scene, scene->ventilator, LETTER_RELEASE);
}

static void another_job_drops_everything_of_the_one_before(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 100, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_lease(scene, second, 0, 1);
    worker_scene_turns(scene, 3);
    scene->job.low++;
    scene->work = small_job_plan(16);
    worker_scene_plan(scene);
    assert_int_equal(worker_scene_beat(scene).n, 0);
    worker_scene_say(scene, scene->sink, &(struct letter){.kind = LETTER_REHELLO}, NULL);
    is_quiet(scene, scene->sink, LETTER_RESULT);
    const struct desk_key key = {1, 15, 1};
    leases(scene, key);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
}

static void a_closed_job_ends_the_worker(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    worker_scene_say(scene, scene->ventilator, &(struct letter){.kind = LETTER_CLOSE}, NULL);
    assert_int_equal(worker_scene_turns(scene, 3), ROLE_E_FINISHED);
}

static void a_stopped_worker_gives_back_finishes_and_says_bye(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 2);
    worker_scene_lease(scene, second, 0, 1);
    worker_scene_rows(scene, first, 0, 25);
    worker_scene_turns(scene, 3);
    scene->stop = 1;
    hears_release(scene, second, RELEASE_DRAINING);
    worker_scene_lease(scene, second, 0, 1);
    hears_release(scene, second, RELEASE_DRAINING);
    worker_scene_rows(scene, first, 25, 25);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
    assert_int_equal(worker_scene_turns(scene, 5), 0);
    worker_scene_ack(scene, 1, first.shard, ACK_COMMITTED);
    hears(scene, scene->ventilator, LETTER_BYE);
    assert_int_equal(worker_scene_turns(scene, 1), ROLE_E_FINISHED);
}

#define in_a_scene(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, worker_scene_begin, worker_scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(a_worker_says_who_it_is_to_both),
        in_a_scene(a_worker_s_hello_names_what_it_keeps),
        in_a_scene(a_worker_says_hello_again_until_it_is_welcome),
        in_a_scene(beats_come_as_often_as_the_welcome_says),
        in_a_scene(stage_one_goes_to_the_sink_and_an_ack_ends_it),
        in_a_scene(every_verdict_but_refused_ends_a_lease),
        in_a_scene(an_ack_of_another_job_ends_nothing),
        in_a_scene(stage_two_scores_with_the_model_from_the_cache),
        in_a_scene(frames_that_come_before_their_turn_wait_for_it),
        in_a_scene(a_lease_without_a_plan_is_given_back_in_its_own_job_s_name),
        in_a_scene(a_lease_of_another_job_is_given_back_likewise),
        in_a_scene(stage_two_without_its_model_is_given_back),
        in_a_scene(a_plan_said_again_asks_for_the_model_again),
        in_a_scene(a_lease_counting_on_a_block_that_is_not_there_is_given_back),
        in_a_scene(a_lease_said_twice_is_one),
        in_a_scene(another_attempt_at_a_shard_takes_the_place_of_one_that_waits),
        in_a_scene(one_that_waits_for_nothing_goes_on),
        in_a_scene(one_lease_more_than_it_can_hold_is_let_pass),
        in_a_scene(a_cancelled_lease_leaves_no_result_and_makes_room),
        in_a_scene(a_queued_lease_that_is_cancelled_gives_its_frames_up),
        in_a_scene(a_result_that_is_cancelled_is_not_sent_again),
        in_a_scene(the_result_of_another_attempt_is_not_cancelled),
        in_a_scene(what_a_process_died_of_is_said_by_the_next),
        in_a_scene(a_process_that_was_killed_or_had_nothing_to_do_died_of_nothing),
        in_a_scene(another_job_drops_everything_of_the_one_before),
        in_a_scene(a_closed_job_ends_the_worker),
        in_a_scene(a_stopped_worker_gives_back_finishes_and_says_bye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
