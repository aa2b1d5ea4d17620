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
#include "support/said.h"

#define PERCENT (PLAN_SHARE_WHOLE / 100)

/* A model with something in every place. */
struct scene {
    struct fitted fitted;
    struct plan plan;
    struct tiering tiering;
    uint64_t customers[PLAN_TIERS_LIMIT];
    struct digest digest;
    struct model_text text;
};

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

static void scene_begin(struct scene *scene)
{
    *scene = (struct scene){
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

static void scene_end(struct scene *scene)
{
    fitted_free(&scene->fitted);
    free(scene->text.json);
    free(scene->text.groups);
}

static void write_model(struct scene *scene)
{
    free(scene->text.json);
    free(scene->text.groups);
    assert_int_equal(model_json_write(&scene->fitted, &scene->plan, &scene->tiering,
                                      scene->customers, scene->digest, &scene->text),
                     0);
}

static struct slice json_of(const struct scene *scene)
{
    return (struct slice){scene->text.json, scene->text.json_size};
}

static struct slice groups_of(const struct scene *scene)
{
    return scene->text.groups ? (struct slice){scene->text.groups, scene->text.groups_size}
                              : (struct slice){"", 0};
}

static void read_model(const struct scene *scene, struct model_read *read)
{
    assert_int_equal(model_json_read("model.json", json_of(scene), groups_of(scene), read), 0);
}

/* Written, read, and written from what was read: the same bytes. What is the run's own and not the
 * model's (totals, the reason, horizons) is brought along. */
static void assert_comes_back(struct scene *scene)
{
    struct model_read read;
    struct scene again = *scene;
    again.text = (struct model_text){0};
    write_model(scene);
    read_model(scene, &read);
    again.fitted = read.frozen.fitted;
    again.fitted.totals = scene->fitted.totals;
    strcpy(again.fitted.reason, scene->fitted.reason);
    model_read_apply(&read, 0, &again.plan);
    again.tiering.cutoffs = read.frozen.fitted.cutoffs;
    memcpy(again.tiering.churn_threshold, read.frozen.fitted.churn_threshold,
           sizeof again.tiering.churn_threshold);
    write_model(&again);
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
    struct scene scene;
    scene_begin(&scene);
    assert_comes_back(&scene);
    scene_end(&scene);
}

static void a_published_stack_comes_back_to_the_last_bit(void **state)
{
    (void)state;
    struct scene scene;
    struct model_read read;
    scene_begin(&scene);
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
        .brier_model = 0.12,
        .brier_stack = 0.11,
        .reason = "the stack has the smaller Brier score",
    };
    scene.fitted.model.stack = scene.fitted.calibration.stack;
    assert_comes_back(&scene);
    read_model(&scene, &read);
    assert_memory_equal(&read.frozen.fitted.model.stack, &scene.fitted.model.stack,
                        sizeof scene.fitted.model.stack);
    model_read_free(&read);
    scene.fitted.calibration.published = 0;
    write_model(&scene);
    read_model(&scene, &read);
    assert_int_equal(read.frozen.fitted.model.stack.horizon_days, 0);
    assert_int_equal(read.frozen.fitted.calibration.stack.horizon_days, 90);
    model_read_free(&read);
    scene_end(&scene);
}

static void a_published_stack_without_weights_is_refused(void **state)
{
    (void)state;
    struct scene scene;
    struct model_read read;
    scene_begin(&scene);
    scene.fitted.calibration = (struct calibration){
        .tried = 1, .published = 1, .trial_days = 68, .horizon_days = 90, .reason = "asked for"};
    write_model(&scene);
    assert_int_equal(model_json_read("model.json", json_of(&scene), groups_of(&scene), &read),
                     STATUS_DATA);
    scene_end(&scene);
}

static void numbers_come_back_to_the_last_bit(void **state)
{
    (void)state;
    struct scene scene;
    struct model_read read;
    scene_begin(&scene);
    write_model(&scene);
    read_model(&scene, &read);
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
    scene_end(&scene);
}

static void cuts_and_cut_offs_are_exact_decimals(void **state)
{
    (void)state;
    struct scene scene;
    struct chance chance = {11};
    scene_begin(&scene);
    for (int round = 0; round < 200; round++) {
        struct model_read read;
        int64_t money = (int64_t)chance_below(&chance, 5000000000000000); /* 5 x 10^11 units */
        scene.fitted.model.rfm.cut[RFM_MONETARY][2].value = -money;
        scene.tiering.cutoffs.cutoff[1].value = money;
        scene.fitted.peers.estimate[1] = money;
        write_model(&scene);
        read_model(&scene, &read);
        assert_true(read.frozen.fitted.model.rfm.cut[RFM_MONETARY][2].value == -money);
        assert_true(read.frozen.fitted.cutoffs.cutoff[1].value == money);
        assert_true(read.frozen.fitted.peers.estimate[1] == money);
        model_read_free(&read);
    }
    scene_end(&scene);
}

static void what_was_asked_for_comes_back_in_the_plan(void **state)
{
    (void)state;
    struct scene scene;
    struct model_read read;
    scene_begin(&scene);
    scene.plan.rfm_window_days = 365;
    scene.plan.rfm_frequency = RFM_ORDERS;
    scene.plan.tier_by = TIER_BY_PROFIT;
    write_model(&scene);
    read_model(&scene, &read);
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
    scene_end(&scene);
}

static void parts_to_be_refitted_keep_this_runs_plan(void **state)
{
    (void)state;
    struct scene scene;
    struct model_read read;
    scene_begin(&scene);
    write_model(&scene);
    read_model(&scene, &read);
    for (unsigned refit = 0; refit < 32; refit++) {
        struct plan plan = {.rfm_bins = 9, .wallet_window_days = 1, .n_tiers = 1};
        model_read_apply(&read, refit, &plan);
        assert_int_equal(plan.rfm_bins, refit & REFIT_RFM ? 9 : 5);
        assert_int_equal(plan.wallet_window_days, refit & REFIT_WALLET ? 1 : 365);
        assert_int_equal(plan.n_tiers, refit & REFIT_TIERS ? 1 : 3);
    }
    model_read_free(&read);
    scene_end(&scene);
}

static void a_model_of_ntile_comes_back_with_its_ids(void **state)
{
    (void)state;
    static const char *const ids[] = {"plain", "\"quoted\", \\ \n", "\xc3\xa4\xe2\x82\xac", ""};
    struct scene scene;
    struct model_read read;
    scene_begin(&scene);
    scene.plan.rfm_ties = scene.fitted.model.rfm.ties = RFM_NTILE;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++) {
            scene.fitted.model.rfm.cut[metric][k].id = ids[k];
            scene.fitted.model.rfm.cut[metric][k].id_length = strlen(ids[k]);
        }
    assert_comes_back(&scene);
    read_model(&scene, &read);
    const struct rfm_cut *cut = read.frozen.fitted.model.rfm.cut[RFM_MONETARY];
    for (int k = 0; k < 4; k++) {
        assert_int_equal(cut[k].id_length, strlen(ids[k]));
        assert_memory_equal(cut[k].id, ids[k], strlen(ids[k]));
    }
    model_read_free(&read);
    scene_end(&scene);
}

/* M\xfcller is what Latin-1 makes of Mueller's other spelling. */
static void names_that_are_no_utf_8_come_back_as_they_were(void **state)
{
    (void)state;
    static const char name[] = "M\xfcller", group[] = "S\xfc\x64\x1f\x1f";
    struct scene scene;
    struct model_read read;
    scene_begin(&scene);
    scene.plan.rfm_ties = scene.fitted.model.rfm.ties = RFM_NTILE;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++) {
            scene.fitted.model.rfm.cut[metric][k].id = name;
            scene.fitted.model.rfm.cut[metric][k].id_length = strlen(name);
        }
    assert_int_equal(peers_add(&scene.fitted.peers, group, strlen(group), 3, 9), 0);
    assert_comes_back(&scene);
    read_model(&scene, &read);
    const struct rfm_cut *cut = &read.frozen.fitted.model.rfm.cut[RFM_RECENCY][0];
    assert_int_equal(cut->id_length, strlen(name));
    assert_memory_equal(cut->id, name, strlen(name));
    assert_int_equal(model_group(&read.frozen.fitted.model.groups, group, strlen(group)), 3);
    model_read_free(&read);
    scene_end(&scene);
}

static void a_model_of_nobody_comes_back(void **state)
{
    (void)state;
    struct scene scene;
    struct model_read read;
    scene_begin(&scene);
    fitted_free(&scene.fitted); /* no edges, no models, no groups */
    for (int i = 0; i < 3; i++)
        scene.tiering.cutoffs.cutoff[i].present = 0;
    assert_comes_back(&scene);
    read_model(&scene, &read);
    assert_int_equal(read.frozen.fitted.model.rfm.bins, 0);
    assert_int_equal(read.plan.rfm_bins, 5);
    assert_int_equal(read.frozen.fitted.chosen, -1);
    assert_int_equal(read.frozen.fitted.model.churn.kind, CHURN_NONE);
    model_read_free(&read);
    scene_end(&scene);
}

static void as_many_tiers_as_there_can_be_come_back(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
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
    scene_end(&scene);
}

/* ---- groups.csv ---- */

static void add_groups(struct scene *scene, int n)
{
    for (int i = 0; i < n; i++) {
        char name[16];
        int length = snprintf(name, sizeof name, "Z%03d,\"q\"\x1f", i);
        assert_int_equal(
            peers_add(&scene->fitted.peers, name, (size_t)length, (uint64_t)i, i * 100003 - 7), 0);
    }
}

static void sixty_four_groups_are_in_the_model_and_one_more_beside_it(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    add_groups(&scene, 61); /* and three */
    write_model(&scene);
    assert_null(scene.text.groups);
    scene_end(&scene);
    scene_begin(&scene);
    add_groups(&scene, 62);
    write_model(&scene);
    assert_non_null(scene.text.groups);
    assert_non_null(strstr(scene.text.json, "\"groups\": 65,"));
    assert_true(scene.text.json_size < 16384);
    scene_end(&scene);
}

static void groups_beside_the_model_come_back(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    add_groups(&scene, 900);
    assert_comes_back(&scene);
    scene_end(&scene);
}

static void assert_refused(struct scene *scene, struct slice json, struct slice groups,
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

static void missing_or_changed_groups_are_refused(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    add_groups(&scene, 100);
    write_model(&scene);
    static const char words[] = "groups.csv";
    assert_refused(&scene, json_of(&scene), (struct slice){"", 0}, words);
    struct slice groups = groups_of(&scene);
    groups.size--;
    assert_refused(&scene, json_of(&scene), groups, words);
    scene.text.groups[groups.size - 1] ^= 1;
    assert_refused(&scene, json_of(&scene), groups_of(&scene), words);
    scene_end(&scene);
}

/* A digest that fits says only that both were made together. */
static void groups_that_cannot_be_read_are_refused_whatever_their_digest(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "no line\n",
        "head\nno quote,1,2\n",
        "head\n\"never closed,1,2\n",
        "head\n\"a\x1f\"\n",
        "head\n\"a\x1f\",\n",
        "head\n\"a\x1f\",x,2\n",
        "head\n\"a\x1f\",-1,2\n",
        "head\n\"a\x1f\",1,\n",
        "head\n\"a\x1f\",1,x\n",
        "head\n\"a\x1f\",1,2,3\n",
        "head\n\"b\x1f\",1,2\n\"a\x1f\",1,2\n",
        "head\n\"a\x1f\",1,2\n\"a\x1f\",1,2\n",
    };
    struct scene scene;
    scene_begin(&scene);
    add_groups(&scene, 100);
    write_model(&scene);
    char *at = strstr(scene.text.json, "\"groups_digest\": \"");
    assert_non_null(at);
    for (size_t i = 1; i < sizeof texts / sizeof texts[0]; i++) {
        char digest[DIGEST_TEXT];
        size_t size = strlen(texts[i]);
        char *exact = malloc(size); /* no byte more: reading past it would be seen */
        assert_non_null(exact);
        memcpy(exact, texts[i], size);
        digest_print(digest_of(exact, size), digest);
        memcpy(at + strlen("\"groups_digest\": \""), digest, DIGEST_TEXT - 1);
        assert_refused(&scene, json_of(&scene), (struct slice){exact, size}, "groups");
        free(exact);
    }
    scene_end(&scene);
}

/* ---- broken models ---- */

/* The model with its first `what` replaced, refused with these words. */
static void assert_change_is_refused(struct scene *scene, const char *what, const char *with,
                                     const char *words)
{
    const char *at = strstr(scene->text.json, what);
    if (!at)
        fail_msg("'%s' is not in the model", what);
    size_t before = (size_t)(at - scene->text.json), size = before + strlen(with);
    const char *after = at + strlen(what);
    char *text = malloc(scene->text.json_size + strlen(with) + 1);
    assert_non_null(text);
    memcpy(text, scene->text.json, before);
    memcpy(text + before, with, strlen(with));
    strcpy(text + size, after);
    assert_refused(scene, (struct slice){text, strlen(text)}, (struct slice){"", 0}, words);
    free(text);
}

struct change {
    const char *what, *with, *words;
};

static void assert_changes_are_refused(const struct change *changes, size_t n, enum rfm_ties ties)
{
    struct scene scene;
    scene_begin(&scene);
    scene.plan.rfm_ties = scene.fitted.model.rfm.ties = ties;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++) {
            scene.fitted.model.rfm.cut[metric][k].id = "some id";
            scene.fitted.model.rfm.cut[metric][k].id_length = 7;
        }
    write_model(&scene);
    for (size_t i = 0; i < n; i++)
        assert_change_is_refused(&scene, changes[i].what, changes[i].with, changes[i].words);
    scene_end(&scene);
}

#define CHANGES(list) (list), sizeof(list) / sizeof(list)[0]

static void what_is_no_json_of_ours_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[]", "17", "\"model\"", "{}", "\xff", "null"};
    struct scene scene;
    scene_begin(&scene);
    write_model(&scene);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_refused(&scene, (struct slice){texts[i], strlen(texts[i])}, (struct slice){"", 0},
                       "model.json");
    struct slice cut = json_of(&scene);
    cut.size /= 2;
    assert_refused(&scene, cut, (struct slice){"", 0}, "--model wants");
    scene_end(&scene);
}

static void a_model_that_lacks_something_is_refused_with_its_name(void **state)
{
    (void)state;
    static const char *const keys[] = {"schema_version",
                                       "rfm",
                                       "bins",
                                       "ties",
                                       "recency_cuts",
                                       "frequency_cuts",
                                       "churn",
                                       "chosen",
                                       "models",
                                       "monetary_cuts",
                                       "name",
                                       "regularity",
                                       "parameters",
                                       "log_likelihood",
                                       "bic",
                                       "stopped",
                                       "spend",
                                       "mean",
                                       "wallet",
                                       "method",
                                       "tau",
                                       "groups",
                                       "tier_by",
                                       "tiers",
                                       "cutoff",
                                       "share_percent",
                                       "margin",
                                       "estimate"};
    struct scene scene;
    scene_begin(&scene);
    write_model(&scene);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char what[64], with[64], words[64];
        snprintf(what, sizeof what, "\"%s\"", keys[i]);
        snprintf(with, sizeof with, "\"not %s\"", keys[i]);
        snprintf(words, sizeof words, "%s is missing", keys[i]);
        assert_change_is_refused(&scene, what, with, words);
    }
    scene_end(&scene);
}

static void a_model_of_another_version_is_refused(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"\"schema_version\": 1", "\"schema_version\": 2", "of another version"},
        {"\"schema_version\": 1", "\"schema_version\": 0", "schema_version"},
        {"\"schema_version\": 1", "\"schema_version\": \"1\"", "schema_version"},
        {"\"schema_version\": 1", "\"schema_version\": 1, \"schema_version\": 1", "duplicate"},
    };
    assert_changes_are_refused(CHANGES(changes), RFM_TOGETHER);
}

static void broken_edges_are_refused(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"\"bins\": 5", "\"bins\": 1", "bins"},
        {"\"bins\": 5", "\"bins\": 10", "bins"},
        {"\"bins\": 5", "\"bins\": 4", "recency_cuts has not bins - 1"},
        {"\"together\"", "\"apart\"", "ties is a word that is not known"},
        {"\"days\"", "\"weeks\"", "frequency is a word"},
        {"\"window_days\": null", "\"window_days\": -1", "window_days"},
        {"\"recency_cuts\": [\n      0", "\"recency_cuts\": [\n      0.5", "no whole number"},
        {"\"recency_cuts\": [\n      0,", "\"recency_cuts\": [", "recency_cuts has not"},
        {"\"recency_cuts\": [\n      0", "\"recency_cuts\": [0, \"other\": [\n0", "model.json"},
        {"\"recency_cuts\": [", "\"recency_cuts\": [], \"other\": [", "frequency_cuts has not"},
        {"\"frequency_cuts\": [", "\"frequency_cuts\": {}, \"other\": [", "frequency_cuts"},
        {"\"monetary_cuts\": [\n      -0.0003", "\"monetary_cuts\": [\n      \"x\"", "no amount"},
    };
    assert_changes_are_refused(CHANGES(changes), RFM_TOGETHER);
}

static void broken_ids_of_edges_are_refused(void **state)
{
    (void)state;
    static char long_id[CUSTOMER_ID_LIMIT + 4];
    const struct change changes[] = {
        {"\"some id\"", "17", "no name"},
        {"\"some id\"", "null", "no name"},
        {"\"some id\"", "{\"hex\": \"0\"}", "no name"},
        {"\"some id\"", "{\"hex\": \"0g\"}", "no name"},
        {"\"some id\"", "{\"hex\": 7}", "no name"},
        {"\"some id\"", long_id, "too long"},
        {"\"recency_cut_ids\": [", "\"recency_cut_ids\": [], \"other\": [", "recency_cut_ids"},
        {"\"monetary_cut_ids\"", "\"other\"", "monetary_cut_ids is missing"},
    };
    memset(long_id, 'x', sizeof long_id - 1);
    long_id[0] = long_id[sizeof long_id - 2] = '"';
    assert_changes_are_refused(CHANGES(changes), RFM_NTILE);
}

static void broken_churn_models_are_refused(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"\"chosen\": \"bgnbd\"", "\"chosen\": \"pnbd\"", "chosen is none of the models"},
        {"\"name\": \"bgnbd\"", "\"name\": \"xyz\"", "churn model that is not known"},
        {"\"regularity\": 1", "\"regularity\": 0", "regularity"},
        {"\"r\": 0.1", "\"r\": -0.1", "r is negative"},
        {"\"r\": 0.1", "\"r\": \"0.1", "model.json"},
        {"\"alpha\"", "\"beta\"", "alpha is missing"},
        {"\"log_likelihood\": -9582", "\"log_likelihood\": null, \"x\": -9582", "no number"},
        {"\"stopped\": \"converged\"", "\"stopped\": \"tired\"", "stopped is a word"},
        {"\"customers\": 2357", "\"customers\": -1", "customers"},
    };
    assert_changes_are_refused(CHANGES(changes), RFM_TOGETHER);
}

static void a_model_of_too_many_models_is_refused(void **state)
{
    (void)state;
    struct scene scene;
    char models[200] = "\"models\": [";
    for (int i = 0; i <= FITTING_MODELS; i++)
        strcat(models, "{},");
    scene_begin(&scene);
    write_model(&scene);
    assert_change_is_refused(&scene, "\"models\": [", models, "more entries than");
    scene_end(&scene);
}

static void broken_spend_wallets_and_tiers_are_refused(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"\"gamma_gamma\"", "\"gamma\"", "name is a word"},
        {"\"v\": 15.44", "\"v\": true, \"x\": 15.44", "v is no number"},
        {"\"method\": \"quantile\"", "\"method\": \"guess\"", "method is a word"},
        {"\"tau\": 0.8", "\"tau\": 1e300", "tau is out of range"},
        {"\"groups\": [", "\"groups\": \"none\", \"x\": [", "groups is no list"},
        {"\"groups\": [", "\"groups\": 3, \"x\": [", "groups.csv"},
        {"\"peers\": []", "\"peers\": [\"ZZ\"]", "not in the order of their names"},
        {"\"DE\"", "17", "no name"},
        {"\"estimate\": 100.0001", "\"estimate\": []", "no amount"},
        {"\"tier_by\": \"clv\"", "\"tier_by\": \"luck\"", "tier_by is a word"},
        {"\"tiers\": [", "\"tiers\": [], \"x\": [", "tiers has no entries"},
        {"\"name\": \"top\"", "\"name\": \"a name of more than thirty-one characters\"",
         "too long"},
        {"\"name\": \"top\"", "\"name\": \"a,b\"", "no word"},
        {"\"cutoff\": 123.4567", "\"cutoff\": \"123.4567\"", "cutoff is no amount"},
        {"\"inactive_after_days\": 730", "\"inactive_after_days\": 1.5", "inactive_after_days"},
    };
    assert_changes_are_refused(CHANGES(changes), RFM_TOGETHER);
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
        cmocka_unit_test(a_model_of_ntile_comes_back_with_its_ids),
        cmocka_unit_test(names_that_are_no_utf_8_come_back_as_they_were),
        cmocka_unit_test(a_model_of_nobody_comes_back),
        cmocka_unit_test(as_many_tiers_as_there_can_be_come_back),
        cmocka_unit_test(sixty_four_groups_are_in_the_model_and_one_more_beside_it),
        cmocka_unit_test(groups_beside_the_model_come_back),
        cmocka_unit_test(missing_or_changed_groups_are_refused),
        cmocka_unit_test(groups_that_cannot_be_read_are_refused_whatever_their_digest),
        cmocka_unit_test(what_is_no_json_of_ours_is_refused),
        cmocka_unit_test(a_model_that_lacks_something_is_refused_with_its_name),
        cmocka_unit_test(a_model_of_another_version_is_refused),
        cmocka_unit_test(broken_edges_are_refused),
        cmocka_unit_test(broken_ids_of_edges_are_refused),
        cmocka_unit_test(broken_churn_models_are_refused),
        cmocka_unit_test(a_model_of_too_many_models_is_refused),
        cmocka_unit_test(broken_spend_wallets_and_tiers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
