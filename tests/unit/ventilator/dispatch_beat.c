/* SPDX-License-Identifier: Apache-2.0 */
/* What beats say of leases that nobody knows of, or wants. */
#include "ventilator/dispatch.h"

#include "common/wire_lease.h"
#include "support/assert.h"

#define SHARDS 8

struct scene {
    struct dispatch *dispatch;
    int64_t now_ms;
};

static int begin(void **state)
{
    static struct scene scene;
    const struct dispatch_settings settings = {SHARDS, 200, 600, 60};
    scene = (struct scene){NULL, 1000};
    assert_int_equal(dispatch_new(&settings, &scene.dispatch), 0);
    dispatch_stage(scene.dispatch, 1, NULL);
    assert_int_equal(dispatch_joined(scene.dispatch, 0, 2), 0);
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    dispatch_destroy(&scene->dispatch);
    return 0;
}

static void beat(struct scene *scene, uint32_t stage, uint32_t shard, uint32_t attempt,
                 enum beat_state state)
{
    const struct dispatch_beat one = {0, stage, shard, attempt, state, 1};
    dispatch_beat(scene->dispatch, &one, scene->now_ms);
}

static struct dispatch_action next(struct scene *scene)
{
    int64_t wake_ms;
    return dispatch_next(scene->dispatch, scene->now_ms, &wake_ms);
}

static void a_lease_of_before_is_adopted(void **state)
{
    struct scene *scene = *state;
    beat(scene, 1, 3, 7, BEAT_RUNNING);
    for (int i = 0; i < 2; i++) {
        struct dispatch_action action = next(scene);
        if (action.verb == DISPATCH_LEASE)
            assert_int_not_equal(action.shard, 3);
    }
    assert_int_equal(dispatch_done(scene->dispatch, 1, 3, scene->now_ms), 0);
}

static void work_on_a_shard_that_is_done_is_cancelled(void **state)
{
    struct scene *scene = *state;
    dispatch_done(scene->dispatch, 1, 3, scene->now_ms);
    beat(scene, 1, 3, 7, BEAT_RUNNING);
    struct dispatch_action action = next(scene);
    assert_int_equal(action.verb, DISPATCH_CANCEL);
    assert_int_equal(action.worker, 0);
    assert_int_equal(action.stage, 1);
    assert_int_equal(action.shard, 3);
    assert_int_equal(action.attempt, 7);
}

static void work_of_an_earlier_stage_is_cancelled(void **state)
{
    struct scene *scene = *state;
    dispatch_stage(scene->dispatch, 2, NULL);
    beat(scene, 1, 5, 1, BEAT_QUEUED);
    struct dispatch_action action = next(scene);
    assert_int_equal(action.verb, DISPATCH_CANCEL);
    assert_int_equal(action.stage, 1);
    assert_int_equal(action.shard, 5);
}

static void a_result_on_its_way_is_left_to_the_sink(void **state)
{
    struct scene *scene = *state;
    dispatch_done(scene->dispatch, 1, 3, scene->now_ms);
    beat(scene, 1, 3, 7, BEAT_SENT);
    assert_int_not_equal(next(scene).verb, DISPATCH_CANCEL);
}

static void work_of_a_later_stage_is_left_alone(void **state)
{
    struct scene *scene = *state;
    beat(scene, 2, 3, 1, BEAT_RUNNING);
    struct dispatch_action action = next(scene);
    assert_int_equal(action.verb, DISPATCH_LEASE);
    assert_int_equal(action.stage, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_lease_of_before_is_adopted, begin, end),
        cmocka_unit_test_setup_teardown(work_on_a_shard_that_is_done_is_cancelled, begin, end),
        cmocka_unit_test_setup_teardown(work_of_an_earlier_stage_is_cancelled, begin, end),
        cmocka_unit_test_setup_teardown(a_result_on_its_way_is_left_to_the_sink, begin, end),
        cmocka_unit_test_setup_teardown(work_of_a_later_stage_is_left_alone, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
