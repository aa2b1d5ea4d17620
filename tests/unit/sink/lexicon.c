/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/lexicon.h"

#include <stdlib.h>

#include "support/assert.h"

struct scene {
    struct plan plan;
    struct fitted fitted;
    struct lexicon *lexicon;
};

static void scene_begin(struct scene *scene, int32_t bins)
{
    *scene = (struct scene){
        .plan = {.n_tiers = 2,
                 .tiers = {{"best", PLAN_SHARE_WHOLE / 2}, {"rest", PLAN_SHARE_WHOLE / 2}}},
        .fitted = {.model.rfm.bins = bins},
    };
}

static void make(struct scene *scene)
{
    assert_int_equal(lexicon_new(&scene->plan, &scene->fitted, "run", &scene->lexicon), 0);
}

static void scene_end(struct scene *scene)
{
    lexicon_free(scene->lexicon);
    peers_free(&scene->fitted.peers);
}

static void assert_word(const struct quoted *quoted, const char *want)
{
    char out[LEXICON_LONG + QUOTED_AT_ONCE];
    *quoted_again(out, quoted) = '\0';
    assert_string_equal(out, want);
}

/* All of them, also of scores that nobody has with so many bins. */
static void assert_segments_of_rfm(const struct scene *scene)
{
    int32_t bins = scene->fitted.model.rfm.bins;
    for (int32_t r = 0; r < LEXICON_SCORES; r++)
        for (int32_t f = 0; f < LEXICON_SCORES; f++)
            for (int32_t m = 0; m < LEXICON_SCORES; m++)
                assert_word(lexicon_segment(scene->lexicon, (uint32_t)r, (uint32_t)f, (uint32_t)m),
                            r > bins || f > bins || m > bins
                                ? ""
                                : rfm_segment(&scene->plan.segments, bins, (int32_t[]){r, f, m}));
}

static void each_cell_has_the_segment_of_its_rule(void **state)
{
    (void)state;
    for (int32_t bins = 0; bins <= RFM_BINS_LIMIT; bins++) {
        struct scene scene;
        scene_begin(&scene, bins);
        make(&scene);
        assert_segments_of_rfm(&scene);
        scene_end(&scene);
    }
}

/* As many as there may be, two of one name, one that weighs money, the last for all that is left. */
static void segments_of_a_file_are_told_apart_by_money_too(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene, RFM_BINS_LIMIT);
    struct plan_segments *own = &scene.plan.segments;
    own->n = PLAN_SEGMENTS_LIMIT;
    for (int32_t i = 0; i < own->n; i++) {
        int8_t r = (int8_t)(1 + i % 9), f = (int8_t)(1 + i / 9);
        own->rule[i] = (struct plan_segment){"", {r, f, 4}, {r, f, i % 5 ? 0 : 6}};
        own->rule[i].name[0] = (char)('A' + i % 32);
        own->rule[i].name[1] = (char)('a' + i / 33);
    }
    own->rule[1] = (struct plan_segment){"say \"it\", often: the whole room", {2, 1, 0}, {9, 2, 0}};
    own->rule[63] = (struct plan_segment){"rest", {1, 1, 0}, {9, 9, 0}};
    make(&scene);
    assert_word(lexicon_segment(scene.lexicon, 3, 1, 9),
                "\"say \"\"it\"\", often: the whole room\"");
    assert_word(lexicon_segment(scene.lexicon, 1, 1, 7), "rest");
    assert_word(lexicon_segment(scene.lexicon, 1, 1, 5), "Aa");
    assert_word(lexicon_segment(scene.lexicon, 10, 1, 5), "");
    assert_word(lexicon_segment(scene.lexicon, 255, 255, 255), "");
    scene_end(&scene);
}

static void tiers_have_their_names_then_comes_inactive(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene, 5);
    strcpy(scene.plan.tiers[0].name,
           "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\",");
    assert_int_equal(strlen(scene.plan.tiers[0].name), PLAN_TIER_NAME_LIMIT);
    make(&scene);
    assert_int_equal(scene.lexicon->tier[0].size, 2 * 30 + 1 + 2);
    assert_word(&scene.lexicon->tier[1], "rest");
    assert_word(&scene.lexicon->tier[2], "inactive");
    assert_word(&scene.lexicon->tier[3], "");
    assert_word(&scene.lexicon->action[ACTION_WIN_BACK], "win_back");
    assert_word(&scene.lexicon->run_id, "run");
    scene_end(&scene);
}

static void a_group_is_quoted_once_and_told_plainly(void **state)
{
    (void)state;
    struct scene scene;
    char text[LEXICON_TEXT];
    scene_begin(&scene, 5);
    scene.plan.wallet_method = WALLET_REGRESSION;
    scene.plan.wallet_tau_millionths = 750000;
    assert_int_equal(peers_add(&scene.fitted.peers, "a,b\x1f", 4, 3, 1), 0);
    make(&scene);
    assert_word(&scene.lexicon->group[0], "\"regression=0.75 of 3 in a,b\"");
    lexicon_basis(&scene.plan, &scene.fitted.peers, 0, text);
    assert_string_equal(text, "regression=0.75 of 3 in a,b");
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_has_the_segment_of_its_rule),
        cmocka_unit_test(segments_of_a_file_are_told_apart_by_money_too),
        cmocka_unit_test(tiers_have_their_names_then_comes_inactive),
        cmocka_unit_test(a_group_is_quoted_once_and_told_plainly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
