/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/model_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/settings.h"
#include "score/money.h"
#include "score/purchase.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/model_scene.h"
#include "support/said.h"

/* Written, read, and written from what was read: the same bytes. What is the run's own and not the
 * model's (totals, the reason, horizons) is brought along. */
static void assert_comes_back(struct model_scene *scene)
{
    struct model_read read;
    struct model_scene again = *scene;
    again.text = (struct model_text){0};
    model_scene_write(scene);
    model_scene_read(scene, &read);
    again.fitted = read.frozen.fitted;
    again.fitted.totals = scene->fitted.totals;
    strcpy(again.fitted.reason, scene->fitted.reason);
    model_read_apply(&read, 0, &again.plan);
    again.tiering.cutoffs = read.frozen.fitted.cutoffs;
    memcpy(again.tiering.churn_threshold, read.frozen.fitted.churn_threshold,
           sizeof again.tiering.churn_threshold);
    model_scene_write(&again);
    assert_string_equal(again.text.json, scene->text.json);
    assert_int_equal(again.text.groups_size, scene->text.groups_size);
    if (scene->text.groups)
        assert_memory_equal(again.text.groups, scene->text.groups, scene->text.groups_size);
    free(again.text.json);
    free(again.text.groups);
    model_read_free(&read);
}

/* ---- there and back ---- */

static void a_model_that_was_read_is_written_as_the_same_text(void **state)
{
    (void)state;
    struct model_scene scene;
    model_scene_begin(&scene);
    assert_comes_back(&scene);
    model_scene_end(&scene);
}

static void a_published_stack_comes_back_to_the_last_bit(void **state)
{
    (void)state;
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    scene.fitted.calibration = (struct calibration){
        .asked = CALIBRATION_AUTO,
        .tried = 1,
        .has_stack = 1,
        .published = 1,
        .has_brier = 1,
        .stack = {90, -1.0 / 3, {0.1, -0.2, 0.3, 1.0 / 7, 0}},
        .trial_days = 68,
        .horizon_days = 90,
        .customers = 2357,
        .contest = {{0.12, 0.11}, {0.4, 0.3}, 0.001},
        .reason = "the stack has the smaller Brier score",
    };
    scene.fitted.model.stack = scene.fitted.calibration.stack;
    assert_comes_back(&scene);
    model_scene_read(&scene, &read);
    assert_memory_equal(&read.frozen.fitted.model.stack, &scene.fitted.model.stack,
                        sizeof scene.fitted.model.stack);
    model_read_free(&read);
    scene.fitted.calibration.published = 0;
    model_scene_write(&scene);
    model_scene_read(&scene, &read);
    assert_int_equal(read.frozen.fitted.model.stack.horizon_days, 0);
    assert_int_equal(read.frozen.fitted.calibration.stack.horizon_days, 90);
    model_read_free(&read);
    model_scene_end(&scene);
}

static void a_published_stack_without_weights_is_refused(void **state)
{
    (void)state;
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    scene.fitted.calibration = (struct calibration){
        .tried = 1, .published = 1, .trial_days = 68, .horizon_days = 90, .reason = "asked for"};
    model_scene_write(&scene);
    assert_int_equal(
        model_json_read("model.json", model_scene_json(&scene), model_scene_groups(&scene), &read),
        STATUS_DATA);
    model_scene_end(&scene);
}

static void numbers_come_back_to_the_last_bit(void **state)
{
    (void)state;
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    model_scene_write(&scene);
    model_scene_read(&scene, &read);
    const struct fitted *fitted = &read.frozen.fitted;
    assert_memory_equal(&fitted->model.churn, &scene.fitted.model.churn,
                        sizeof fitted->model.churn);
    assert_memory_equal(fitted->tried[1].standard_error, scene.fitted.tried[1].standard_error,
                        sizeof fitted->tried[1].standard_error);
    assert_close(fitted->spend.correlation, -0.011, 0);
    assert_close(fitted->model.spend.mean, 35.1, 0);
    assert_close(fitted->churn_threshold[2], 1.0 / 3.0, 0);
    assert_true(fitted->churn_threshold[0] < 0);
    model_read_free(&read);
    model_scene_end(&scene);
}

static void cuts_and_cut_offs_are_exact_decimals(void **state)
{
    (void)state;
    struct model_scene scene;
    struct chance chance = {11};
    model_scene_begin(&scene);
    for (int round = 0; round < 200; round++) {
        struct model_read read;
        int64_t money = (int64_t)chance_below(&chance, 5000000000000000); /* 5 x 10^11 units */
        scene.fitted.model.rfm.cut[RFM_MONETARY][2].value = -money;
        scene.tiering.cutoffs.cutoff[1].value = money;
        scene.fitted.peers.estimate[1] = money;
        model_scene_write(&scene);
        model_scene_read(&scene, &read);
        assert_true(read.frozen.fitted.model.rfm.cut[RFM_MONETARY][2].value == -money);
        assert_true(read.frozen.fitted.cutoffs.cutoff[1].value == money);
        assert_true(read.frozen.fitted.peers.estimate[1] == money);
        model_read_free(&read);
    }
    model_scene_end(&scene);
}

static void what_was_asked_for_comes_back_in_the_plan(void **state)
{
    (void)state;
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    scene.plan.rfm_window_days = 365;
    scene.plan.rfm_frequency = RFM_ORDERS;
    scene.plan.tier_by = TIER_BY_PROFIT;
    model_scene_write(&scene);
    model_scene_read(&scene, &read);
    assert_int_equal(read.plan.rfm_bins, 5);
    assert_int_equal(read.plan.rfm_window_days, 365);
    assert_int_equal(read.plan.rfm_frequency, RFM_ORDERS);
    assert_int_equal(read.plan.wallet_method, WALLET_QUANTILE);
    assert_int_equal(read.plan.wallet_tau_millionths, 800000);
    assert_int_equal(read.plan.wallet_window_days, 365);
    assert_int_equal(read.plan.tier_by, TIER_BY_PROFIT);
    assert_int_equal(read.plan.n_tiers, 3);
    assert_string_equal(read.plan.tiers[1].name, "middle");
    assert_int_equal(read.plan.tiers[0].share, 33333333);
    assert_int_equal(read.plan.margin_millionths, 333333);
    assert_int_equal(read.plan.inactive_after_days, 730);
    model_read_free(&read);
    model_scene_end(&scene);
}

static void parts_to_be_refitted_keep_this_runs_plan(void **state)
{
    (void)state;
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    model_scene_write(&scene);
    model_scene_read(&scene, &read);
    for (unsigned refit = 0; refit < 32; refit++) {
        struct plan plan = {.rfm_bins = 9, .wallet_window_days = 1, .n_tiers = 1};
        model_read_apply(&read, refit, &plan);
        assert_int_equal(plan.rfm_bins, refit & REFIT_RFM ? 9 : 5);
        assert_int_equal(plan.wallet_window_days, refit & REFIT_WALLET ? 1 : 365);
        assert_int_equal(plan.n_tiers, refit & REFIT_TIERS ? 1 : 3);
    }
    model_read_free(&read);
    model_scene_end(&scene);
}

static void segments_of_ones_own_are_frozen_with_the_scores(void **state)
{
    (void)state;
    static const struct plan_segments own = {
        .n = 3,
        .rule = {{"a-b", {5, 1, 0}, {5, 3, 0}}, {"c", {0, 0, 2}, {0, 0, 2}}, {.name = "rest"}}};
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    scene.plan.segments = own;
    model_scene_write(&scene);
    model_scene_read(&scene, &read);
    struct plan plan = {.rfm_bins = 5}, refit = {.rfm_bins = 5};
    model_read_apply(&read, 0, &plan);
    model_read_apply(&read, REFIT_RFM, &refit);
    assert_int_equal(refit.segments.n, 0);
    assert_int_equal(plan.segments.n, 3);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(plan.segments.rule[i].name, own.rule[i].name);
        assert_memory_equal(plan.segments.rule[i].from, own.rule[i].from, 3);
        assert_memory_equal(plan.segments.rule[i].to, own.rule[i].to, 3);
    }
    model_read_free(&read);
    model_scene_end(&scene);
}

static void a_model_of_ntile_comes_back_with_its_ids(void **state)
{
    (void)state;
    static const char *const ids[] = {"plain", "\"quoted\", \\ \n", "\xc3\xa4\xe2\x82\xac", ""};
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    scene.plan.rfm_ties = scene.fitted.model.rfm.ties = RFM_NTILE;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++) {
            scene.fitted.model.rfm.cut[metric][k].id = ids[k];
            scene.fitted.model.rfm.cut[metric][k].id_length = strlen(ids[k]);
        }
    assert_comes_back(&scene);
    model_scene_read(&scene, &read);
    const struct rfm_cut *cut = read.frozen.fitted.model.rfm.cut[RFM_MONETARY];
    for (int k = 0; k < 4; k++) {
        assert_int_equal(cut[k].id_length, strlen(ids[k]));
        assert_memory_equal(cut[k].id, ids[k], strlen(ids[k]));
    }
    model_read_free(&read);
    model_scene_end(&scene);
}

/* M\xfcller is what Latin-1 makes of Mueller's other spelling. */
static void names_that_are_no_utf_8_come_back_as_they_were(void **state)
{
    (void)state;
    static const char name[] = "M\xfcller", group[] = "S\xfc\x64\x1f\x1f";
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    scene.plan.rfm_ties = scene.fitted.model.rfm.ties = RFM_NTILE;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++) {
            scene.fitted.model.rfm.cut[metric][k].id = name;
            scene.fitted.model.rfm.cut[metric][k].id_length = strlen(name);
        }
    assert_int_equal(peers_add(&scene.fitted.peers, group, strlen(group), 3, 9), 0);
    assert_comes_back(&scene);
    model_scene_read(&scene, &read);
    const struct rfm_cut *cut = &read.frozen.fitted.model.rfm.cut[RFM_RECENCY][0];
    assert_int_equal(cut->id_length, strlen(name));
    assert_memory_equal(cut->id, name, strlen(name));
    assert_int_equal(model_group(&read.frozen.fitted.model.groups, group, strlen(group)), 3);
    model_read_free(&read);
    model_scene_end(&scene);
}

static void a_model_of_nobody_comes_back(void **state)
{
    (void)state;
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    fitted_free(&scene.fitted); /* no edges, no models, no groups */
    for (int i = 0; i < 3; i++)
        scene.tiering.cutoffs.cutoff[i].present = 0;
    assert_comes_back(&scene);
    model_scene_read(&scene, &read);
    assert_int_equal(read.frozen.fitted.model.rfm.bins, 0);
    assert_int_equal(read.plan.rfm_bins, 5);
    assert_int_equal(read.frozen.fitted.chosen, -1);
    assert_int_equal(read.frozen.fitted.model.churn.kind, CHURN_NONE);
    model_read_free(&read);
    model_scene_end(&scene);
}

static void as_many_tiers_as_there_can_be_come_back(void **state)
{
    (void)state;
    struct model_scene scene;
    model_scene_begin(&scene);
    scene.plan.n_tiers = scene.tiering.cutoffs.n = PLAN_TIERS_LIMIT;
    for (int32_t i = 0; i < PLAN_TIERS_LIMIT; i++) {
        memset(scene.plan.tiers[i].name, 'a' + i, PLAN_TIER_NAME_LIMIT);
        scene.plan.tiers[i].share = PLAN_SHARE_WHOLE / PLAN_TIERS_LIMIT;
        scene.tiering.cutoffs.cutoff[i].present = 1;
        scene.tiering.cutoffs.cutoff[i].value = 1600 - 100 * i;
        scene.tiering.churn_threshold[i] = i / 16.0;
    }
    assert_comes_back(&scene);
    assert_true(scene.text.json_size < 16384); /* as promised */
    model_scene_end(&scene);
}

/* ---- groups.csv ---- */

static void sixty_four_groups_are_in_the_model_and_one_more_beside_it(void **state)
{
    (void)state;
    struct model_scene scene;
    model_scene_begin(&scene);
    model_scene_add_groups(&scene, 61); /* and three */
    model_scene_write(&scene);
    assert_null(scene.text.groups);
    model_scene_end(&scene);
    model_scene_begin(&scene);
    model_scene_add_groups(&scene, 62);
    model_scene_write(&scene);
    assert_non_null(scene.text.groups);
    assert_non_null(strstr(scene.text.json, "\"groups\": 65,"));
    assert_true(scene.text.json_size < 16384);
    model_scene_end(&scene);
}

static void groups_beside_the_model_come_back(void **state)
{
    (void)state;
    struct model_scene scene;
    model_scene_begin(&scene);
    model_scene_add_groups(&scene, 900);
    assert_comes_back(&scene);
    model_scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_that_was_read_is_written_as_the_same_text),
        cmocka_unit_test(a_published_stack_comes_back_to_the_last_bit),
        cmocka_unit_test(a_published_stack_without_weights_is_refused),
        cmocka_unit_test(numbers_come_back_to_the_last_bit),
        cmocka_unit_test(cuts_and_cut_offs_are_exact_decimals),
        cmocka_unit_test(what_was_asked_for_comes_back_in_the_plan),
        cmocka_unit_test(parts_to_be_refitted_keep_this_runs_plan),
        cmocka_unit_test(segments_of_ones_own_are_frozen_with_the_scores),
        cmocka_unit_test(a_model_of_ntile_comes_back_with_its_ids),
        cmocka_unit_test(names_that_are_no_utf_8_come_back_as_they_were),
        cmocka_unit_test(a_model_of_nobody_comes_back),
        cmocka_unit_test(as_many_tiers_as_there_can_be_come_back),
        cmocka_unit_test(sixty_four_groups_are_in_the_model_and_one_more_beside_it),
        cmocka_unit_test(groups_beside_the_model_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
