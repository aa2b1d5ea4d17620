/* SPDX-License-Identifier: Apache-2.0 */
/* What of model.json and groups.csv is refused, and in which words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/purchase.h"
#include "support/assert.h"
#include "support/model_scene.h"

static void missing_or_changed_groups_are_refused(void **state)
{
    (void)state;
    struct model_scene scene;
    model_scene_begin(&scene);
    model_scene_add_groups(&scene, 100);
    model_scene_write(&scene);
    static const char words[] = "groups.csv";
    model_scene_refused(&scene, model_scene_json(&scene), (struct slice){"", 0}, words);
    struct slice groups = model_scene_groups(&scene);
    groups.size--;
    model_scene_refused(&scene, model_scene_json(&scene), groups, words);
    scene.text.groups[groups.size - 1] ^= 1;
    model_scene_refused(&scene, model_scene_json(&scene), model_scene_groups(&scene), words);
    model_scene_end(&scene);
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
    struct model_scene scene;
    model_scene_begin(&scene);
    model_scene_add_groups(&scene, 100);
    model_scene_write(&scene);
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
        model_scene_refused(&scene, model_scene_json(&scene), (struct slice){exact, size},
                            "groups");
        free(exact);
    }
    model_scene_end(&scene);
}

/* ---- broken models ---- */

/* The model with its first `what` replaced, refused with these words. */
static void assert_change_is_refused(struct model_scene *scene, const char *what, const char *with,
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
    model_scene_refused(scene, (struct slice){text, strlen(text)}, (struct slice){"", 0}, words);
    free(text);
}

struct change {
    const char *what, *with, *words;
};

static void assert_changes_are_refused(const struct change *changes, size_t n, enum rfm_ties ties)
{
    struct model_scene scene;
    model_scene_begin(&scene);
    scene.plan.rfm_ties = scene.fitted.model.rfm.ties = ties;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (int k = 0; k < 4; k++) {
            scene.fitted.model.rfm.cut[metric][k].id = "some id";
            scene.fitted.model.rfm.cut[metric][k].id_length = 7;
        }
    model_scene_write(&scene);
    for (size_t i = 0; i < n; i++)
        assert_change_is_refused(&scene, changes[i].what, changes[i].with, changes[i].words);
    model_scene_end(&scene);
}

#define CHANGES(list) (list), sizeof(list) / sizeof(list)[0]

static void what_is_no_json_of_ours_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[]", "17", "\"model\"", "{}", "\xff", "null"};
    struct model_scene scene;
    model_scene_begin(&scene);
    model_scene_write(&scene);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        model_scene_refused(&scene, (struct slice){texts[i], strlen(texts[i])},
                            (struct slice){"", 0}, "model.json");
    struct slice cut = model_scene_json(&scene);
    cut.size /= 2;
    model_scene_refused(&scene, cut, (struct slice){"", 0}, "--model wants");
    model_scene_end(&scene);
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
    struct model_scene scene;
    model_scene_begin(&scene);
    model_scene_write(&scene);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char what[64], with[64], words[64];
        snprintf(what, sizeof what, "\"%s\"", keys[i]);
        snprintf(with, sizeof with, "\"not %s\"", keys[i]);
        snprintf(words, sizeof words, "%s is missing", keys[i]);
        assert_change_is_refused(&scene, what, with, words);
    }
    model_scene_end(&scene);
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
        {"\"r\": 0.1", "\"r\": 0.0, \"x\": 1", "r is 0 in the chosen model"},
        {"\"regularity\": 1", "\"regularity\": 21", "regularity"},
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
    struct model_scene scene;
    char models[200] = "\"models\": [";
    for (int i = 0; i <= FITTING_MODELS; i++)
        strcat(models, "{},");
    model_scene_begin(&scene);
    model_scene_write(&scene);
    assert_change_is_refused(&scene, "\"models\": [", models, "more entries than");
    model_scene_end(&scene);
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

/* Regular shoppers: several models have one name, and only one of them was chosen. */
static void the_chosen_of_several_regularities_is_told_by_its_own(void **state)
{
    (void)state;
    struct model_scene scene;
    struct model_read read;
    model_scene_begin(&scene);
    for (int i = 0; i < 2; i++) {
        scene.fitted.tried[i].model = (struct churn_model){CHURN_MBGCNBD, 3 - i, {1, 2, .5, .9}};
        scene.fitted.tried[i].stop = FIT_CONVERGED;
    }
    scene.fitted.n_tried = 2;
    scene.fitted.chosen = 1;
    model_scene_write(&scene);
    model_scene_read(&scene, &read);
    assert_int_equal(read.frozen.fitted.model.churn.regularity, 2);
    model_read_free(&read);
    assert_change_is_refused(&scene, "\"chosen_regularity\"", "\"chosen_colour\"",
                             "chosen_regularity");
    assert_change_is_refused(&scene, "\"chosen_regularity\": 2", "\"chosen_regularity\": 4",
                             "none of the models");
    model_scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(the_chosen_of_several_regularities_is_told_by_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
