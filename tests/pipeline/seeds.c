/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator: the real roles on a stage, and on them whatever a seed draws — letters lost, doubled and
 * late, connections broken, partitions, processes stopped for a while, and deaths between any two
 * deeds, all of it in the first seconds. After that the job has to end in time, and in the same bytes.
 *
 *   test_pipeline_seeds                       a thousand seeds, and a death at every deed
 *   test_pipeline_seeds --seeds N             N others, each time (their first is said)
 *   test_pipeline_seeds --seeds N --seed S    those from S on; one alone tells what happens
 *
 * ./dev chaos passes the flags on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/assert.h"
#include "support/chance.h"
#include "support/stage.h"

#define ROWS        160
#define SHARDS      8
#define BAD_TIME_MS 4000
#define LONGEST_MS  60000 /* from the beginning: the bad time, and time to end in */
#define SEEDS       1000
#define RESULTS     3

static const char *const results[RESULTS] = {"scores.csv", "tiers.csv", "model.json"};

struct scene {
    struct stage_ledger ledger;
    char *wanted[RESULTS]; /* of an undisturbed run */
    size_t wanted_size[RESULTS];
};

static uint64_t first_seed = 1, n_seeds = SEEDS;
static int tells;

/* What a seed makes likely, in a thousand rounds. */
struct plot {
    uint32_t death, pause, block, power_cut;
    size_t workers;
};

static struct stage_order order_of(const struct scene *scene, size_t workers, uint64_t seed)
{
    struct stage_order order = {.workers = workers,
                                .shards = SHARDS,
                                .seed = seed,
                                .mishaps_ms = BAD_TIME_MS,
                                .longest_ms = LONGEST_MS,
                                .modelless = 1,
                                .lenient = 1,
                                .tells = tells};
    for (size_t i = 0; i < scene->ledger.n; i++)
        order.ledger[i] = scene->ledger.path[i];
    return order;
}

static int begin(void **state)
{
    static struct scene scene;
    scene.ledger = stage_ledger_make(ROWS, 2, 0);
    struct stage_order order = order_of(&scene, 1, 1);
    order.tells = 0;
    struct stage *stage = stage_open(&order);
    stage_play(stage);
    assert_null(stage_broken(stage));
    for (size_t i = 0; i < RESULTS; i++) {
        scene.wanted[i] = stage_result(stage, results[i], &scene.wanted_size[i]);
        assert_non_null(scene.wanted[i]);
    }
    stage_close(&stage);
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    stage_ledger_remove(&scene->ledger);
    for (size_t i = 0; i < RESULTS; i++)
        free(scene->wanted[i]);
    return 0;
}

static int is_same(const struct stage *stage, const struct scene *scene, size_t i)
{
    size_t size = 0;
    char *got = stage_result(stage, results[i], &size);
    int same = got && size == scene->wanted_size[i] && memcmp(got, scene->wanted[i], size) == 0;
    free(got);
    return same;
}

/* Plays to the end: what is wrong then, or NULL. */
static const char *end_of(struct stage *stage, const struct scene *scene)
{
    stage_play(stage);
    const char *broken = stage_broken(stage);
    for (size_t i = 0; !broken && i < RESULTS; i++)
        if (!is_same(stage, scene, i))
            broken = "other bytes than undisturbed";
    return broken;
}

/* ---- chance ---- */

static uint32_t rate(struct chance *chance, uint32_t most)
{
    return chance_below(chance, 2) ? (uint32_t)chance_below(chance, most + 1) : 0;
}

static struct plot plot_of(struct chance *chance, struct stage_order *order)
{
    struct plot plot = {.death = rate(chance, 20),
                        .pause = rate(chance, 20),
                        .block = rate(chance, 20),
                        .power_cut = rate(chance, 4),
                        .workers = 1 + (size_t)chance_below(chance, 4)};
    order->lost = rate(chance, 100);
    order->twice = rate(chance, 200);
    order->late = rate(chance, 500);
    order->cut = rate(chance, 30);
    order->workers = plot.workers;
    return plot;
}

static int happens(struct chance *chance, uint32_t in_a_thousand)
{
    return chance_below(chance, 1000) < in_a_thousand;
}

static void disturb(struct stage *stage, const struct plot *plot, struct chance *chance)
{
    size_t n = STAGE_WORKER + plot->workers;
    int64_t now_ms = stage_now_ms(stage);
    size_t who = (size_t)chance_below(chance, n);
    if (happens(chance, plot->death))
        stage_doom(stage, who, 1 + chance_below(chance, 12), chance_below(chance, 2) != 0);
    if (happens(chance, plot->pause))
        stage_pause(stage, who, now_ms + (int64_t)chance_below(chance, 800));
    if (happens(chance, plot->block))
        stage_block(stage, who, (who + 1 + (size_t)chance_below(chance, n - 1)) % n,
                    now_ms + (int64_t)chance_below(chance, 800));
    if (happens(chance, plot->power_cut) && who >= STAGE_WORKER && stage_has(stage, who))
        stage_power_cut(stage, who - STAGE_WORKER, 1 + (size_t)chance_below(chance, 4));
}

static const char *play_seed(const struct scene *scene, uint64_t seed)
{
    static char words[160];
    struct chance chance = {seed * 977};
    struct stage_order order = order_of(scene, 1, seed);
    struct plot plot = plot_of(&chance, &order);
    struct stage *stage = stage_open(&order);
    while (stage_now_ms(stage) < BAD_TIME_MS && stage_round(stage) == 0)
        disturb(stage, &plot, &chance);
    const char *broken = end_of(stage, scene);
    if (broken)
        snprintf(words, sizeof words, "%s", broken);
    stage_close(&stage);
    return broken ? words : NULL;
}

static void whatever_befalls_nothing_is_lost_and_nothing_counted_twice(void **state)
{
    for (uint64_t seed = first_seed; seed < first_seed + n_seeds; seed++) {
        const char *broken = play_seed(*state, seed);
        if (broken)
            fail_msg("%s; again with ./dev chaos --seeds 1 --seed %" PRIu64, broken, seed);
    }
}

/* ---- every deed ---- */

/* How much somebody does in an undisturbed job. */
static uint64_t deeds_of(const struct scene *scene, size_t who)
{
    struct stage_order order = order_of(scene, 2, 1);
    struct stage *stage = stage_open(&order);
    uint64_t deeds = 0;
    while (stage_round(stage) == 0)
        if (stage_deeds(stage, who) > deeds)
            deeds = stage_deeds(stage, who);
    stage_close(&stage);
    return deeds;
}

static void dies_at_every_deed(const struct scene *scene, size_t who, int torn)
{
    uint64_t deeds = deeds_of(scene, who);
    assert_true(deeds > 10);
    for (uint64_t deed = 1; deed <= deeds; deed++) {
        struct stage_order order = order_of(scene, 2, 1);
        struct stage *stage = stage_open(&order);
        stage_doom(stage, who, deed, torn);
        const char *broken = end_of(stage, scene);
        if (broken)
            fail_msg("%s: number %zu dies at deed %" PRIu64 " of %" PRIu64, broken, who, deed,
                     deeds);
        stage_close(&stage);
    }
}

static void a_ventilator_may_die_at_any_deed(void **state)
{
    dies_at_every_deed(*state, STAGE_VENTILATOR, 0);
}

static void a_sink_may_die_before_any_deed(void **state)
{
    dies_at_every_deed(*state, STAGE_SINK, 0);
}

static void a_sink_may_die_after_any_commit(void **state)
{
    dies_at_every_deed(*state, STAGE_SINK, 1);
}

static void a_worker_may_die_at_any_deed(void **state)
{
    dies_at_every_deed(*state, STAGE_WORKER, 0);
}

static int usage(void)
{
    fputs("test_pipeline_seeds [--seeds N [--seed S]]\n", stderr);
    return 2;
}

/* 0: understood. */
static int read_words(int argc, char **argv)
{
    first_seed = (uint64_t)time(NULL) << 20;
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--seed") == 0)
            first_seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seeds") == 0)
            n_seeds = strtoull(argv[i + 1], NULL, 10);
        else
            return 1;
    tells = n_seeds == 1;
    return argc % 2 == 0;
}

/* What is synced thousands of times had better be in memory, where there is some to be had. */
static void prefer_memory(void)
{
    if (!getenv("TMPDIR") && access("/dev/shm", W_OK | X_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ventilator_may_die_at_any_deed),
        cmocka_unit_test(a_sink_may_die_before_any_deed),
        cmocka_unit_test(a_sink_may_die_after_any_commit),
        cmocka_unit_test(a_worker_may_die_at_any_deed),
        cmocka_unit_test(whatever_befalls_nothing_is_lost_and_nothing_counted_twice),
    };
    const struct CMUnitTest seeds[] = {
        cmocka_unit_test(whatever_befalls_nothing_is_lost_and_nothing_counted_twice),
    };
    prefer_memory();
    if (argc == 1)
        return cmocka_run_group_tests(tests, begin, end);
    if (read_words(argc, argv) != 0)
        return usage();
    fprintf(stderr, "%" PRIu64 " seeds from %" PRIu64 "\n", n_seeds, first_seed);
    return cmocka_run_group_tests(seeds, begin, end);
}
