/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/money.h"
#include "support/assert.h"
#include "support/said.h"

static void fill_fits(struct fitted *fitted)
{
    fitted->tried[0] = (struct fit){.stop = FIT_CONVERGED,
                                    .model = {CHURN_BGNBD, 1, {0.1, 1e-9, 1.0 / 3.0, 12345.678}},
                                    .log_likelihood = -9582.429206674,
                                    .bic = 19195.9,
                                    .gradient_norm = 2.5e-11,
                                    .standard_error = {0.01, -1, 0.25, 1e-17},
                                    .customers = 2357};
    fitted->tried[1] = (struct fit){.stop = FIT_BOUNDARY,
                                    .model = {CHURN_MBGNBD, 1, {2, 3, 4, 5}},
                                    .log_likelihood = -9582.5,
                                    .bic = 19196,
                                    .standard_error = {-1, -1, -1, -1},
                                    .customers = 2357};
    fitted->n_tried = 2;
    fitted->chosen = 0;
    fitted->model.churn = fitted->tried[0].model;
    strcpy(fitted->reason, "because");
    fitted->spend = (struct fit_spend){.stop = FIT_CONVERGED,
                                       .model = {SPEND_GAMMA_GAMMA, 6.25, 3.74, 15.44, 35.1},
                                       .p = 6.25,
                                       .q = 3.74,
                                       .v = 15.44,
                                       .log_likelihood = -4055.9,
                                       .gradient_norm = 1e-9,
                                       .correlation = -0.011,
                                       .customers = 946};
    fitted->model.spend = fitted->spend.model;
}

void model_scene_begin(struct model_scene *scene)
{
    *scene = (struct model_scene){
        .plan = {.as_of = 10135, /* 1997-10-01 */
                 .inactive_after_days = 730,
                 .rfm_window_days = PLAN_DAYS_ALL,
                 .horizon_days = 365,
                 .churn_horizon_days = 90,
                 .wallet_window_days = 365,
                 .monthly_discount = 0.01,
                 .margin_millionths = 333333,
                 .churn_threshold = -1,
                 .rfm_bins = 5,
                 .wallet_method = WALLET_QUANTILE,
                 .wallet_tau_millionths = 800000,
                 .n_tiers = 3,
                 .tiers = {{"top", 33333333}, {"middle", 26666667}, {"bottom", 40 * PERCENT}},
                 .has_amount = 1},
        .tiering = {.cutoffs = {3, {{0, 0}, {1, 1234567}, {1, -1}}},
                    .churn_threshold = {-1, 0.1, 1.0 / 3.0}},
        .customers = {0, 12, 7},
        .digest = {0x0123456789abcdef, 42},
    };
    struct fitted *fitted = &scene->fitted;
    *fitted = (struct fitted){.totals.customers = 19, .model.rfm.bins = 5};
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++)
            fitted->model.rfm.cut[metric][k].value = metric == RFM_MONETARY ? k * 12345 - 3 : k * 7;
    fill_fits(fitted);
    assert_int_equal(peers_add(&fitted->peers, "", 0, 40, 1000001), 0);
    assert_int_equal(peers_add(&fitted->peers, "DE\x1f", 3, 12, 990000), 0);
    assert_int_equal(peers_add(&fitted->peers, "DE\x1f\x1f", 4, 12, 985000), 0);
}

void model_scene_end(struct model_scene *scene)
{
    fitted_free(&scene->fitted);
    free(scene->text.json);
    free(scene->text.groups);
}

void model_scene_write(struct model_scene *scene)
{
    free(scene->text.json);
    free(scene->text.groups);
    assert_int_equal(model_json_write(&scene->fitted, &scene->plan, &scene->tiering,
                                      scene->customers, scene->digest, &scene->text),
                     0);
}

struct slice model_scene_json(const struct model_scene *scene)
{
    return (struct slice){scene->text.json, scene->text.json_size};
}

struct slice model_scene_groups(const struct model_scene *scene)
{
    return scene->text.groups ? (struct slice){scene->text.groups, scene->text.groups_size}
                              : (struct slice){"", 0};
}

void model_scene_read(const struct model_scene *scene, struct model_read *read)
{
    assert_int_equal(
        model_json_read("model.json", model_scene_json(scene), model_scene_groups(scene), read), 0);
}

void model_scene_add_groups(struct model_scene *scene, int n)
{
    for (int i = 0; i < n; i++) {
        char name[16];
        int length = snprintf(name, sizeof name, "Z%03d,\"q\"\x1f", i);
        assert_int_equal(
            peers_add(&scene->fitted.peers, name, (size_t)length, (uint64_t)i, i * 100003 - 7), 0);
    }
}

void model_scene_refused(struct model_scene *scene, struct slice json, struct slice groups,
                         const char *words)
{
    struct model_read read;
    struct said said;
    (void)scene;
    said_begin(&said);
    int r = model_json_read("old/model.json", json, groups, &read);
    said_end(&said);
    if (r != STATUS_DATA || !strstr(said.text, words) || !strstr(said.text, "old/model.json"))
        fail_msg("wanted '%s', got %d: %s", words, r, said.text);
}
