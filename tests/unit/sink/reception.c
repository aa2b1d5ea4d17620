/* SPDX-License-Identifier: Apache-2.0 */
/* What the sink answers, event by event. */
#include "sink/reception.h"

#include "support/assert.h"

#define SHARDS 4

static const struct digest job = {1, 2}, other = {3, 4}, bytes = {5, 6}, other_bytes = {7, 8};
static const struct reception_kept nothing = {{0, 0}, 0, 0};

struct scene {
    struct reception reception;
    struct roll_call *roll;
};

static int begin(void **state)
{
    static struct scene scene;
    assert_int_equal(reception_new(&scene.reception), 0);
    assert_int_equal(roll_call_new(SHARDS, &scene.roll), 0);
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    reception_free(&scene->reception);
    roll_call_destroy(&scene->roll);
    return 0;
}

static struct reception *opened(struct scene *scene)
{
    reception_open(&scene->reception, job, SHARDS, scene->roll);
    return &scene->reception;
}

static void commit_all(struct reception *reception, uint32_t stage)
{
    for (uint32_t shard = 0; shard < SHARDS; shard++) {
        assert_int_equal(reception_result(reception, stage, shard, bytes), RECEPTION_NEW);
        reception_committed(reception, stage, shard);
    }
}

/* Of results that have waited long. */
static enum reception_due due_at(const struct reception *reception, size_t waiting, int64_t now_ms,
                                 int64_t *wake_ms)
{
    return reception_due(reception, (struct reception_waiting){waiting, now_ms - 1000}, now_ms,
                         wake_ms);
}

static enum reception_due due(const struct reception *reception, size_t waiting, int64_t now_ms)
{
    int64_t wake_ms;
    return due_at(reception, waiting, now_ms, &wake_ms);
}

static void nobody_is_known_before_he_has_said_hello(void **state)
{
    struct scene *scene = *state;
    const struct peer worker = {1, 2, 0}, ventilator = {1, 3, 0};
    assert_int_equal(reception_who(&scene->reception, worker), RECEPTION_STRANGER);
    reception_hello(&scene->reception, worker, 0);
    reception_hello(&scene->reception, ventilator, 1);
    assert_int_equal(reception_who(&scene->reception, worker), RECEPTION_WORKER);
    assert_int_equal(reception_who(&scene->reception, ventilator), RECEPTION_VENTILATOR);
}

static void the_oldest_peer_is_forgotten_when_there_are_too_many(void **state)
{
    struct scene *scene = *state;
    for (uint32_t i = 0; i <= RECEPTION_PEERS; i++)
        reception_hello(&scene->reception, (struct peer){1, i, 0}, 0);
    assert_int_equal(reception_who(&scene->reception, (struct peer){1, 0, 0}), RECEPTION_STRANGER);
    assert_int_equal(reception_who(&scene->reception, (struct peer){1, 1, 0}), RECEPTION_WORKER);
    assert_int_equal(reception_who(&scene->reception, (struct peer){1, RECEPTION_PEERS, 0}),
                     RECEPTION_WORKER);
}

static void a_job_is_begun_gone_on_with_or_refused(void **state)
{
    struct scene *scene = *state;
    const struct reception *fresh = &scene->reception;
    const struct reception_kept running = {job, 1, 0}, sealed = {job, 0, 1};
    assert_int_equal(reception_job(fresh, job, nothing, 0, 0), RECEPTION_BEGIN);
    assert_int_equal(reception_job(fresh, job, running, 0, 0), RECEPTION_GO_ON);
    assert_int_equal(reception_job(fresh, other, running, 0, 0), RECEPTION_UNFINISHED);
    assert_int_equal(reception_job(fresh, other, running, 1, 0), RECEPTION_BEGIN);
    assert_int_equal(reception_job(fresh, other, sealed, 0, 0), RECEPTION_BEGIN);
    assert_int_equal(reception_job(fresh, job, sealed, 0, 0), RECEPTION_BEGIN); /* another night */
    assert_int_equal(reception_job(fresh, job, sealed, 0, 1), RECEPTION_WAS_SEALED);
    assert_int_equal(reception_job(opened(scene), job, running, 0, 0), RECEPTION_KNOWN);
    reception_sealed(&scene->reception, 0);
    assert_int_equal(reception_job(&scene->reception, job, sealed, 0, 0), RECEPTION_FINISHED);
}

static void the_first_result_counts_and_others_are_held_against_it(void **state)
{
    struct reception *reception = opened(*state);
    assert_int_equal(reception_result(reception, 1, 2, bytes), RECEPTION_NEW);
    assert_int_equal(reception_result(reception, 1, 2, bytes), RECEPTION_SILENCE);
    reception_committed(reception, 1, 2);
    assert_int_equal(reception_result(reception, 1, 2, bytes), RECEPTION_DUPLICATE);
    assert_int_equal(reception_result(reception, 1, 2, other_bytes), RECEPTION_CONFLICT);
}

static void what_is_of_no_shard_or_of_another_job_is_not_awaited(void **state)
{
    struct scene *scene = *state;
    assert_false(reception_awaits(&scene->reception, job, 1, 0));
    const struct reception *reception = opened(scene);
    assert_true(reception_awaits(reception, job, 2, SHARDS - 1));
    assert_false(reception_awaits(reception, other, 1, 0));
    assert_false(reception_awaits(reception, job, 0, 0));
    assert_false(reception_awaits(reception, job, 3, 0));
    assert_false(reception_awaits(reception, job, 1, SHARDS));
}

static void a_full_disk_waits_and_keeps_its_silence(void **state)
{
    struct reception *reception = opened(*state);
    int64_t wake_ms;
    assert_int_equal(due(reception, 1, 5000), RECEPTION_COMMIT);
    reception_disk(reception, 1, 5000);
    assert_int_equal(due_at(reception, 1, 5500, &wake_ms), RECEPTION_NOTHING);
    assert_int_equal(reception_probe(reception, 1, 0), RECEPTION_SILENCE);
    assert_int_equal(due(reception, 1, wake_ms), RECEPTION_COMMIT);
    reception_disk(reception, 0, wake_ms);
    assert_int_equal(reception_probe(reception, 1, 0), RECEPTION_ASK);
}

static void a_few_results_wait_for_each_other(void **state)
{
    struct reception *reception = opened(*state);
    struct reception_waiting waiting = {1, 5000};
    int64_t wake_ms;
    assert_true(SHARDS >= 4);
    assert_int_equal(reception_due(reception, waiting, 5000, &wake_ms), RECEPTION_NOTHING);
    assert_true(wake_ms > 5000 && wake_ms < 5050);
    assert_int_equal(reception_due(reception, waiting, wake_ms, &wake_ms), RECEPTION_COMMIT);
    waiting.n = 4;
    assert_int_equal(reception_due(reception, waiting, 5000, &wake_ms), RECEPTION_COMMIT);
}

static void the_last_results_of_a_stage_wait_for_nobody(void **state)
{
    struct reception *reception = opened(*state);
    const struct reception_waiting waiting = {1, 5000};
    int64_t wake_ms;
    for (uint32_t stage = 1; stage <= 2; stage++) {
        for (uint32_t shard = 0; shard + 1 < SHARDS; shard++) {
            assert_int_equal(reception_due(reception, waiting, 5000, &wake_ms), RECEPTION_NOTHING);
            assert_int_equal(reception_result(reception, stage, shard, bytes), RECEPTION_NEW);
            reception_committed(reception, stage, shard);
        }
        assert_int_equal(reception_due(reception, waiting, 5000, &wake_ms), RECEPTION_COMMIT);
        assert_int_equal(reception_result(reception, stage, SHARDS - 1, bytes), RECEPTION_NEW);
        reception_committed(reception, stage, SHARDS - 1);
        reception_fitted(reception);
    }
}

static void the_model_is_due_when_every_digest_is_committed(void **state)
{
    struct reception *reception = opened(*state);
    assert_int_equal(due(reception, 0, 0), RECEPTION_NOTHING);
    commit_all(reception, 1);
    assert_int_equal(due(reception, 0, 0), RECEPTION_FIT);
    reception_fitted(reception);
    assert_int_equal(due(reception, 0, 0), RECEPTION_NOTHING);
}

static void only_a_whole_job_is_sealed_or_one_that_is_refused(void **state)
{
    struct scene *scene = *state;
    assert_false(reception_may_seal(&scene->reception, job, 1)); /* which? */
    struct reception *reception = opened(scene);
    assert_true(reception_may_seal(reception, job, 1));
    commit_all(reception, 1);
    assert_false(reception_may_seal(reception, job, 0));
    reception_fitted(reception);
    commit_all(reception, 2);
    assert_true(reception_may_seal(reception, job, 0));
    assert_false(reception_may_seal(reception, other, 0));
}

static void a_sealed_sink_stays_for_the_bye(void **state)
{
    struct reception *reception = opened(*state);
    int64_t wake_ms;
    reception_bye(reception, 900); /* of nobody's: there is nothing to leave yet */
    reception_sealed(reception, 1000);
    assert_int_equal(due_at(reception, 0, 1000, &wake_ms), RECEPTION_NOTHING);
    assert_int_equal(due(reception, 0, wake_ms), RECEPTION_LEAVE);
    reception_bye(reception, 2000);
    assert_int_equal(due(reception, 0, 2000), RECEPTION_LEAVE);
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(nobody_is_known_before_he_has_said_hello),
        scene_test(the_oldest_peer_is_forgotten_when_there_are_too_many),
        scene_test(a_job_is_begun_gone_on_with_or_refused),
        scene_test(the_first_result_counts_and_others_are_held_against_it),
        scene_test(what_is_of_no_shard_or_of_another_job_is_not_awaited),
        scene_test(a_full_disk_waits_and_keeps_its_silence),
        scene_test(a_few_results_wait_for_each_other),
        scene_test(the_last_results_of_a_stage_wait_for_nobody),
        scene_test(the_model_is_due_when_every_digest_is_committed),
        scene_test(only_a_whole_job_is_sealed_or_one_that_is_refused),
        scene_test(a_sealed_sink_stays_for_the_bye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
