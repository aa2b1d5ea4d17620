/* SPDX-License-Identifier: Apache-2.0 */
/* A job after another on what that one left: nobody is asked for what would come out the same, whoever dies on
 * the way, and the results are those of a job that found nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "support/assert.h"
#include "support/stage.h"

#define ROWS    160
#define SHARDS  8
#define WORKERS 2
#define RESULTS 3

static const char *const results[RESULTS] = {"scores.csv", "tiers.csv", "model.json"};

/* ---- what the second job asks for ---- */

static void the_same(struct settings *settings)
{
    (void)settings;
}

static void other_tiers(struct settings *settings)
{
    struct plan *plan = &settings->scoring.plan;
    plan->n_tiers = 2;
    strcpy(plan->tiers[0].name, "half");
    strcpy(plan->tiers[1].name, "rest");
    plan->tiers[0].share = plan->tiers[1].share = PLAN_SHARE_WHOLE / 2;
}

static void another_margin(struct settings *settings)
{
    settings->scoring.plan.margin_millionths = PLAN_MILLION / 4;
}

static void an_earlier_day(struct settings *settings)
{
    settings->reading.as_of = 18300;
}

static void anew(struct settings *settings)
{
    settings->running.restart = 1;
}

/* How many leases it takes. */
struct sequel {
    void (*flags)(struct settings *);
    uint64_t leases;
};

static const struct sequel sequels[] = {{the_same, 0},
                                        {other_tiers, 0},
                                        {another_margin, SHARDS},
                                        {an_earlier_day, (uint64_t)2 * SHARDS},
                                        {anew, (uint64_t)2 * SHARDS}};
#define SEQUELS (sizeof sequels / sizeof sequels[0])

/* ---- the results of a job that found nothing ---- */

struct wanted {
    char *text[RESULTS];
    size_t size[RESULTS];
};

struct scene {
    struct stage_ledger ledger;
    struct wanted wanted[SEQUELS];
};

static struct stage_order order_of(const struct scene *scene, void (*flags)(struct settings *))
{
    struct stage_order order = {.workers = WORKERS,
                                .shards = SHARDS,
                                .seed = 1,
                                .lenient = 1,
                                .modelless = 1,
                                .longest_ms = 60000,
                                .flags = flags};
    for (size_t i = 0; i < scene->ledger.n; i++)
        order.ledger[i] = scene->ledger.path[i];
    return order;
}

static int begin(void **state)
{
    static struct scene scene;
    scene.ledger = stage_ledger_make(ROWS, 2, 0);
    for (size_t s = 0; s < SEQUELS; s++) {
        struct stage_order order = order_of(&scene, sequels[s].flags);
        struct stage *stage = stage_open(&order);
        stage_play(stage);
        assert_null(stage_broken(stage));
        for (size_t i = 0; i < RESULTS; i++) {
            scene.wanted[s].text[i] = stage_result(stage, results[i], &scene.wanted[s].size[i]);
            assert_non_null(scene.wanted[s].text[i]);
        }
        stage_close(&stage);
    }
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    stage_ledger_remove(&scene->ledger);
    for (size_t s = 0; s < SEQUELS; s++)
        for (size_t i = 0; i < RESULTS; i++)
            free(scene->wanted[s].text[i]);
    return 0;
}

static const char *what_is_wrong(const struct stage *stage, const struct wanted *wanted)
{
    const char *broken = stage_broken(stage);
    for (size_t i = 0; !broken && i < RESULTS; i++) {
        size_t size = 0;
        char *got = stage_result(stage, results[i], &size);
        if (!got || size != wanted->size[i] || memcmp(got, wanted->text[i], size) != 0)
            broken = "other bytes than of a job that found nothing";
        free(got);
    }
    return broken;
}

/* A stage on which the first job is over and the second is about to begin. */
static struct stage *after_the_first(const struct scene *scene, const struct sequel *sequel)
{
    struct stage_order order = order_of(scene, NULL);
    struct stage *stage = stage_open(&order);
    stage_play(stage);
    assert_null(stage_broken(stage));
    stage_encore(stage, sequel->flags);
    return stage;
}

static void each_asks_for_what_it_needs_and_no_more(void **state)
{
    const struct scene *scene = *state;
    for (size_t s = 0; s < SEQUELS; s++) {
        struct stage *stage = after_the_first(scene, &sequels[s]);
        uint64_t before = stage_said(stage, LETTER_LEASE);
        stage_play(stage);
        const char *broken = what_is_wrong(stage, &scene->wanted[s]);
        if (broken)
            fail_msg("%s: sequel %zu", broken, s);
        assert_int_equal(stage_said(stage, LETTER_LEASE) - before, sequels[s].leases);
        stage_close(&stage);
    }
}

static uint64_t deeds_of(const struct scene *scene, const struct sequel *sequel, size_t who)
{
    struct stage *stage = after_the_first(scene, sequel);
    uint64_t deeds = 0;
    while (stage_round(stage) == 0)
        if (stage_deeds(stage, who) > deeds)
            deeds = stage_deeds(stage, who);
    stage_close(&stage);
    return deeds;
}

static void dies_at_every_deed(const struct scene *scene, size_t s, size_t who, int torn)
{
    uint64_t deeds = deeds_of(scene, &sequels[s], who);
    assert_true(deeds >= 5);
    for (uint64_t deed = 1; deed <= deeds; deed++) {
        struct stage *stage = after_the_first(scene, &sequels[s]);
        stage_doom(stage, who, deed, torn);
        stage_play(stage);
        const char *broken = what_is_wrong(stage, &scene->wanted[s]);
        if (broken)
            fail_msg("%s: sequel %zu, number %zu dies at deed %" PRIu64 " of %" PRIu64, broken, s,
                     who, deed, deeds);
        stage_close(&stage);
    }
}

static void a_sink_may_die_at_any_deed_of_it(void **state)
{
    for (size_t s = 0; s < SEQUELS; s++)
        for (int torn = 0; torn < 2; torn++)
            dies_at_every_deed(*state, s, STAGE_SINK, torn);
}

static void a_ventilator_may_die_at_any_deed_of_it(void **state)
{
    for (size_t s = 0; s < SEQUELS; s++)
        dies_at_every_deed(*state, s, STAGE_VENTILATOR, 0);
}

static void a_third_job_finds_what_the_second_has_kept(void **state)
{
    const struct scene *scene = *state;
    struct stage *stage = after_the_first(scene, &sequels[0]);
    stage_play(stage);
    stage_encore(stage, other_tiers);
    uint64_t before = stage_said(stage, LETTER_LEASE);
    stage_play(stage);
    assert_null(what_is_wrong(stage, &scene->wanted[1]));
    assert_int_equal(stage_said(stage, LETTER_LEASE) - before, 0);
    stage_encore(stage, another_margin);
    stage_play(stage);
    assert_null(what_is_wrong(stage, &scene->wanted[2]));
    assert_int_equal(stage_said(stage, LETTER_LEASE) - before, SHARDS);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_asks_for_what_it_needs_and_no_more),
        cmocka_unit_test(a_third_job_finds_what_the_second_has_kept),
        cmocka_unit_test(a_sink_may_die_at_any_deed_of_it),
        cmocka_unit_test(a_ventilator_may_die_at_any_deed_of_it),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
