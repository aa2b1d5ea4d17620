/* SPDX-License-Identifier: Apache-2.0 */
/* The table of docs/PROTOCOL.md, row by row: who dies, and what it costs. Every shard has its marks once
 * (support/referee.h), and the results have the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "support/assert.h"
#include "support/stage.h"

#define ROWS    200
#define SHARDS  8
#define CREDIT  2
#define WORKERS 2

struct scene {
    struct stage_ledger ledger;
    char *wanted; /* scores.csv of an undisturbed run */
    size_t wanted_size;
    uint64_t leases; /* of it */
};

static struct stage *opened(const struct scene *scene)
{
    struct stage_order order = {.ledger = {scene->ledger.path[0]},
                                .workers = WORKERS,
                                .shards = SHARDS,
                                .seed = 3,
                                .longest_ms = 60000,
                                .modelless = 1};
    return stage_open(&order);
}

static int begin(void **state)
{
    static struct scene scene;
    scene.ledger = stage_ledger_make(ROWS, 1, 0);
    struct stage *stage = opened(&scene);
    stage_play(stage);
    scene.leases = stage_said(stage, LETTER_LEASE);
    scene.wanted = stage_result(stage, "scores.csv", &scene.wanted_size);
    assert_non_null(scene.wanted);
    stage_close(&stage);
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    stage_ledger_remove(&scene->ledger);
    free(scene->wanted);
    return 0;
}

/* To the end: the same bytes, and leases beyond those of the undisturbed run from least (or the event has not
 * been one) to most. */
static void ends_after(struct stage **stage, const struct scene *scene, uint64_t least,
                       uint64_t most)
{
    size_t size = 0;
    stage_play(*stage);
    assert_in_range(stage_said(*stage, LETTER_LEASE), scene->leases + least, scene->leases + most);
    char *got = stage_result(*stage, "scores.csv", &size);
    assert_non_null(got);
    assert_int_equal(size, scene->wanted_size);
    assert_memory_equal(got, scene->wanted, size);
    free(got);
    stage_close(stage);
}

static void ends_well(struct stage **stage, const struct scene *scene, uint64_t cost)
{
    ends_after(stage, scene, 0, cost);
}

static void a_worker_is_killed_with_leases_queued_or_running(void **state)
{
    struct stage *stage = opened(*state);
    stage_play_until_said(stage, LETTER_LEASE);
    stage_lose_worker(stage, 0);
    stage_lose_worker(stage, 1);
    stage_add_worker(stage);
    ends_after(&stage, *state, 1, WORKERS * CREDIT);
}

/* What it is told is lost with it: DONE has told the ventilator, so nothing is done again but what else
 * it held. */
static void a_worker_is_killed_after_its_commit(void **state)
{
    for (size_t who = 0; who < WORKERS; who++) { /* one of them it was */
        struct stage *stage = opened(*state);
        stage_play_until(stage, 1, 1);
        stage_lose_worker(stage, who);
        stage_add_worker(stage);
        ends_well(&stage, *state, CREDIT);
    }
}

/* All that is on its way is, acknowledgements among it. */
static void an_acknowledgement_is_lost(void **state)
{
    struct stage *stage = opened(*state);
    stage_play_until_said(stage, LETTER_ACK);
    stage_cut(stage, STAGE_WORKER, 1);
    stage_cut(stage, STAGE_WORKER + 1, 1);
    ends_well(&stage, *state, 1); /* a copy, where the ventilator loses patience */
}

static void a_sink_is_killed_inside_its_transaction(void **state)
{
    for (int torn = 0; torn < 2; torn++) {
        struct stage *stage = opened(*state);
        stage_play_until_said(stage, LETTER_RESULT);
        stage_doom(stage, STAGE_SINK, 1, torn);
        ends_well(&stage, *state, WORKERS * CREDIT);
    }
}

static void a_sinks_disk_is_full_for_a_time(void **state)
{
    struct stage *stage = opened(*state);
    stage_play_until(stage, 1, 2);
    stage_fill_disk(stage, 1);
    uint64_t acknowledged = stage_said(stage, LETTER_ACK);
    int64_t until_ms = stage_now_ms(stage) + 3000;
    while (stage_now_ms(stage) < until_ms)
        assert_int_equal(stage_round(stage), 0);
    assert_in_range(stage_said(stage, LETTER_ACK), acknowledged, acknowledged + 1);
    assert_in_range(stage_said(stage, LETTER_LEASE), 1, 2 * SHARDS); /* dispatch stands */
    stage_fill_disk(stage, 0);
    ends_well(&stage, *state, 16); /* leases that were copied out of impatience */
}

static void a_ventilator_is_killed(void **state)
{
    struct stage *stage = opened(*state);
    stage_play_until(stage, 1, 2);
    stage_doom(stage, STAGE_VENTILATOR, 1, 0);
    ends_well(&stage, *state, WORKERS * CREDIT);
}

static void everybody_is_killed(void **state)
{
    struct stage *stage = opened(*state);
    stage_play_until(stage, 2, 3);
    for (size_t i = 0; i < STAGE_WORKER + WORKERS; i++)
        stage_doom(stage, i, 1, 0);
    ends_after(&stage, *state, 1, SHARDS);
}

static void the_network_is_cut_on_either_side(void **state)
{
    for (size_t other = STAGE_VENTILATOR; other <= STAGE_SINK; other++) {
        struct stage *stage = opened(*state);
        stage_play_until(stage, 1, 2);
        stage_block(stage, STAGE_WORKER, other, stage_now_ms(stage) + 1500);
        ends_after(&stage, *state, 1, 4 * CREDIT);
    }
}

static void a_stopped_worker_comes_back_too_late(void **state)
{
    struct stage *stage = opened(*state);
    stage_play_until_said(stage, LETTER_RESULT);
    stage_pause(stage, STAGE_WORKER, stage_now_ms(stage) + 1500);
    ends_after(&stage, *state, 1, 2 * CREDIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_is_killed_with_leases_queued_or_running),
        cmocka_unit_test(a_worker_is_killed_after_its_commit),
        cmocka_unit_test(an_acknowledgement_is_lost),
        cmocka_unit_test(a_sink_is_killed_inside_its_transaction),
        cmocka_unit_test(a_sinks_disk_is_full_for_a_time),
        cmocka_unit_test(a_ventilator_is_killed),
        cmocka_unit_test(everybody_is_killed),
        cmocka_unit_test(the_network_is_cut_on_either_side),
        cmocka_unit_test(a_stopped_worker_comes_back_too_late),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
