/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever befalls letters, connections, workers and the sink: the job ends, with the same bytes. Each
 * case is played with several seeds; `test_pipeline_mishaps FROM TO` plays others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/stage.h"

#define ROWS   1500
#define SHARDS 32

struct scene {
    struct stage_ledger ledger;
    char *wanted; /* scores.csv of an undisturbed run */
    size_t wanted_size;
};

static uint64_t first_seed = 1, last_seed = 12;

static struct stage_order order_of(const struct scene *scene, size_t workers, uint64_t seed)
{
    struct stage_order order = {.workers = workers, .shards = SHARDS, .seed = seed};
    for (size_t i = 0; i < scene->ledger.n; i++)
        order.ledger[i] = scene->ledger.path[i];
    return order;
}

static int begin(void **state)
{
    static struct scene scene;
    scene.ledger = stage_ledger_make(ROWS, 2, 0);
    struct stage_order order = order_of(&scene, 1, 1);
    struct stage *stage = stage_open(&order);
    stage_play(stage);
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

/* Plays to the end, and looks at what is there. */
static void end_well(struct stage **stage, const struct scene *scene, uint64_t seed)
{
    size_t size = 0;
    stage_play(*stage);
    char *got = stage_result(*stage, "scores.csv", &size);
    if (!got || size != scene->wanted_size || memcmp(got, scene->wanted, size) != 0)
        fail_msg("other bytes with seed %llu", (unsigned long long)seed);
    free(got);
    stage_close(stage);
}

/* Plays every seed: prepare() may change the order, disturb() what happens on the stage. */
static void play_all(void **state, size_t workers, void (*prepare)(struct stage_order *),
                     void (*disturb)(struct stage *, struct chance *))
{
    const struct scene *scene = *state;
    for (uint64_t seed = first_seed; seed <= last_seed; seed++) {
        struct chance chance = {seed * 31 + workers};
        struct stage_order order = order_of(scene, workers, seed);
        if (prepare)
            prepare(&order);
        struct stage *stage = stage_open(&order);
        if (disturb)
            disturb(stage, &chance);
        end_well(&stage, scene, seed);
    }
}

/* ---- letters ---- */

static void doubled(struct stage_order *order)
{
    order->twice = 300;
    order->late = 300;
}

static void some_lost(struct stage_order *order)
{
    order->lost = 20;
    order->late = 200;
}

static void many_lost(struct stage_order *order)
{
    order->lost = 200;
    order->twice = 100;
    order->late = 300;
    order->mishaps_ms = 8000;
}

static void letters_that_come_twice_count_once(void **state)
{
    play_all(state, 3, doubled, NULL);
}

static void lost_letters_are_said_again(void **state)
{
    play_all(state, 3, some_lost, NULL);
}

static void a_worker_alone_survives_lost_letters(void **state)
{
    play_all(state, 1, some_lost, NULL);
}

static void a_bad_time_passes(void **state)
{
    play_all(state, 4, many_lost, NULL);
}

/* ---- workers ---- */

/* Some results of stage 1 or 2, not the last. */
static void play_a_while(struct stage *stage, struct chance *chance)
{
    stage_play_until(stage, 1 + (uint32_t)chance_below(chance, 2),
                     1 + (uint32_t)chance_below(chance, SHARDS - 1));
    for (uint64_t n = chance_below(chance, 30); n > 0; n--)
        stage_round(stage);
}

static void lose_one(struct stage *stage, struct chance *chance)
{
    play_a_while(stage, chance);
    stage_lose_worker(stage, (size_t)chance_below(chance, 2));
}

static void lose_all_and_add_one(struct stage *stage, struct chance *chance)
{
    play_a_while(stage, chance);
    stage_lose_worker(stage, 0);
    stage_lose_worker(stage, 1);
    for (uint64_t n = chance_below(chance, 50); n > 0; n--)
        stage_round(stage);
    stage_add_worker(stage);
}

static void add_two_late(struct stage *stage, struct chance *chance)
{
    play_a_while(stage, chance);
    stage_add_worker(stage);
    stage_add_worker(stage);
}

static void what_a_dead_worker_held_is_done_by_another(void **state)
{
    play_all(state, 2, NULL, lose_one);
}

static void a_worker_who_joins_takes_over_from_the_dead(void **state)
{
    play_all(state, 2, NULL, lose_all_and_add_one);
}

static void workers_may_come_late(void **state)
{
    play_all(state, 1, doubled, add_two_late);
}

/* ---- connections ---- */

static void broken_now_and_then(struct stage_order *order)
{
    order->cut = 30;
    order->late = 200;
}

static void connections_may_break(void **state)
{
    play_all(state, 2, broken_now_and_then, NULL);
}

static void those_of_a_worker_alone_too(void **state)
{
    play_all(state, 1, broken_now_and_then, NULL);
}

/* ---- the sink ---- */

static void replace_sink(struct stage *stage, struct chance *chance)
{
    play_a_while(stage, chance);
    stage_replace_sink(stage);
}

static void replace_sink_often(struct stage *stage, struct chance *chance)
{
    for (int i = 0; i < 5; i++) {
        play_a_while(stage, chance);
        for (uint64_t n = chance_below(chance, 200); n > 0; n--)
            if (stage_round(stage) == STAGE_E_OVER)
                return;
        stage_replace_sink(stage);
    }
}

static void another_sink_goes_on_where_the_first_was(void **state)
{
    play_all(state, 2, NULL, replace_sink);
}

static void another_sink_serves_a_worker_alone(void **state)
{
    play_all(state, 1, NULL, replace_sink);
}

static void sinks_may_come_and_go(void **state)
{
    play_all(state, 3, NULL, replace_sink_often);
}

/* What it said last is lost with it. */
static void lose_sink_at_the_end(struct stage *stage, struct chance *chance)
{
    (void)chance;
    stage_play_until_said(stage, LETTER_SEALED);
    stage_cut(stage, STAGE_VENTILATOR, 1);
    stage_replace_sink(stage);
}

static void a_sink_that_dies_before_it_says_sealed_is_followed(void **state)
{
    play_all(state, 2, NULL, lose_sink_at_the_end);
}

static void lose_the_store(struct stage *stage, struct chance *chance)
{
    play_a_while(stage, chance);
    stage_replace_sink_and_store(stage);
}

static void results_that_a_sink_has_lost_are_made_again(void **state)
{
    play_all(state, 2, NULL, lose_the_store);
}

static void everything_at_once(struct stage *stage, struct chance *chance)
{
    stage_play_until(stage, 1, SHARDS / 2);
    stage_lose_worker(stage, 0);
    stage_replace_sink(stage);
    stage_add_worker(stage);
    play_a_while(stage, chance);
    stage_replace_sink(stage);
    stage_lose_worker(stage, 1);
    stage_add_worker(stage);
}

static void bad_luck(struct stage_order *order)
{
    order->lost = 20;
    order->twice = 20;
    order->late = 200;
    order->cut = 10;
}

static void all_of_it_at_once(void **state)
{
    play_all(state, 3, bad_luck, everything_at_once);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_that_come_twice_count_once),
        cmocka_unit_test(lost_letters_are_said_again),
        cmocka_unit_test(a_worker_alone_survives_lost_letters),
        cmocka_unit_test(a_bad_time_passes),
        cmocka_unit_test(what_a_dead_worker_held_is_done_by_another),
        cmocka_unit_test(a_worker_who_joins_takes_over_from_the_dead),
        cmocka_unit_test(workers_may_come_late),
        cmocka_unit_test(connections_may_break),
        cmocka_unit_test(those_of_a_worker_alone_too),
        cmocka_unit_test(another_sink_goes_on_where_the_first_was),
        cmocka_unit_test(another_sink_serves_a_worker_alone),
        cmocka_unit_test(sinks_may_come_and_go),
        cmocka_unit_test(a_sink_that_dies_before_it_says_sealed_is_followed),
        cmocka_unit_test(results_that_a_sink_has_lost_are_made_again),
        cmocka_unit_test(all_of_it_at_once),
    };
    if (argc == 3) {
        first_seed = strtoull(argv[1], NULL, 10);
        last_seed = strtoull(argv[2], NULL, 10);
    }
    return cmocka_run_group_tests(tests, begin, end);
}
