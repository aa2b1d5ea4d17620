/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row.h"

#include <string.h>

#include "score/day.h"
#include "score/money.h"
#include "support/assert.h"
#include "support/chance.h"

#define AS_OF 1000
#define ROWS  500

static const struct plan plan = {.as_of = AS_OF,
                                 .inactive_after_days = 400,
                                 .rfm_window_days = PLAN_DAYS_ALL,
                                 .horizon_days = 365,
                                 .churn_horizon_days = 90,
                                 .wallet_window_days = 365,
                                 .monthly_discount = 0.01,
                                 .margin_millionths = 250000,
                                 .rfm_bins = 5,
                                 .has_amount = 1};

/* Every sixth has refunds only, every fifth bought once. */
static struct features drawn_features(struct chance *chance, int i)
{
    struct features seen = {.first_day = DAY_NONE, .last_day = DAY_NONE, .seen = 1};
    seen.monetary_total = -(int64_t)chance_below(chance, 1000000);
    if (i % 6 == 5)
        return seen;
    seen.purchase_days = i % 5 ? 1 + (uint32_t)chance_below(chance, 30) : 1;
    seen.first_day = (int32_t)chance_below(chance, 800);
    seen.last_day = seen.first_day + (int32_t)(seen.purchase_days - 1) * 6;
    seen.orders = seen.rfm_frequency = seen.purchase_days;
    seen.gross = seen.purchase_days * (int64_t)(1 + chance_below(chance, 1000000));
    seen.monetary_total = seen.rfm_monetary = seen.gross - (i % 7 ? 0 : 5000);
    seen.spend_365d = seen.spend_window = seen.gross / 2;
    seen.repeat_spend = seen.gross / seen.purchase_days * (seen.purchase_days - 1);
    return seen;
}

static struct model model_of(enum churn_kind kind, enum rfm_ties ties)
{
    static const char middle[] = "5";
    struct model model = {.churn = {kind, kind == CHURN_MBGCNBD ? 3 : 1, {0.6, 5, 0.8, 2}},
                          .spend = {SPEND_GAMMA_GAMMA, 6, 4, 15, 30},
                          .rfm = {.ties = ties, .bins = 5},
                          .value_by = VALUE_CLV};
    for (int i = 0; i < churn_parameters(kind); i++)
        model.uncertainty.churn[i][i] = 0.01 * (i + 1);
    model.uncertainty.churn[1][0] = model.uncertainty.churn[0][1] = 0.002;
    for (int i = 0; i < 3; i++)
        model.uncertainty.spend[i][i] = 0.02;
    for (int k = 0; k < 4; k++) {
        int64_t value[RFM_METRICS] = {100 * k + 50, 3 * k + 1, (k + 1) * 100 * MONEY_PER_UNIT};
        for (int metric = 0; metric < RFM_METRICS; metric++)
            model.rfm.cut[metric][k] = (struct rfm_cut){value[metric], middle, 1};
    }
    return model;
}

struct scene {
    struct model model;
    struct features seen[ROWS];
    struct attributes attributes;
    char id[ROWS];
    struct row_source source[ROWS];
    struct score_row alone[ROWS], together[ROWS];
    struct churn_memory_slot slot[64];
    struct churn_memory_shelf shelf[8];
};

static void scene_begin(struct scene *scene, enum churn_kind kind, enum rfm_ties ties)
{
    struct chance chance = {7};
    memset(scene, 0, sizeof *scene);
    scene->model = model_of(kind, ties);
    for (int i = 0; i < ROWS; i++) {
        scene->seen[i] = drawn_features(&chance, i);
        scene->id[i] = (char)('0' + i % 10);
        scene->source[i] =
            (struct row_source){&scene->id[i], 1, &scene->seen[i], &scene->attributes};
    }
}

/* By handfuls of all sizes with a memory that is too small, against each alone with none. */
static void check_handfuls(enum churn_kind kind, enum rfm_ties ties)
{
    static struct scene scene;
    scene_begin(&scene, kind, ties);
    struct row_maker alone = {.plan = &plan, .model = &scene.model};
    alone.axes = spread_axes_of(&scene.model.churn, &scene.model.uncertainty);
    struct row_maker together = alone;
    together.memory = (struct churn_memory){scene.slot, 64, scene.shelf, 8, NULL, 0};
    for (size_t i = 0; i < ROWS; i++)
        row_make(&alone, &scene.source[i], 1, &scene.alone[i]);
    for (size_t i = 0, n = 0; i < ROWS; i += n) {
        n = 1 + i % ROW_HANDFUL;
        n = n < ROWS - i ? n : ROWS - i;
        row_make(&together, &scene.source[i], n, &scene.together[i]);
    }
    for (size_t i = 0; i < ROWS; i++)
        assert_memory_equal(&scene.alone[i], &scene.together[i], sizeof scene.alone[i]);
}

static void a_handful_has_the_rows_of_each_alone(void **state)
{
    (void)state;
    for (int kind = CHURN_NONE; kind <= CHURN_MBGCNBD; kind++) {
        check_handfuls((enum churn_kind)kind, RFM_TOGETHER);
        check_handfuls((enum churn_kind)kind, RFM_NTILE);
    }
}

/* churn_outlook, spend_expected and rfm_score are what a row is made of. */
static void a_row_says_what_its_parts_say(void **state)
{
    (void)state;
    static struct scene scene;
    const struct churn_horizon horizon = {365, 90, 0.01};
    scene_begin(&scene, CHURN_MBGNBD, RFM_TOGETHER);
    struct row_maker maker = {.plan = &plan, .model = &scene.model};
    row_make(&maker, scene.source, 30, scene.together);
    for (int i = 0; i < 30; i++) {
        const struct features *seen = &scene.seen[i];
        const struct score_row *row = &scene.together[i];
        assert_int_equal(row->flags & ROW_REFUND_ONLY, i % 6 == 5 ? ROW_REFUND_ONLY : 0);
        assert_int_equal(row->flags & ROW_SPREAD, 0);
        if (i % 6 == 5)
            continue;
        struct repeat repeat = features_repeat(seen, AS_OF);
        struct churn_outlook outlook = churn_outlook(&scene.model.churn, repeat, &horizon);
        double each = spend_expected(&scene.model.spend, repeat.x,
                                     row_mean_repeat_spend(seen->repeat_spend, repeat.x)) *
                      spend_net_ratio(seen->monetary_total, seen->gross);
        assert_true(row->churn_prob == outlook.churn_prob && row->p_alive == outlook.p_alive);
        assert_int_equal(row->clv, money_from_units(outlook.discounted * each * 0.25));
        assert_int_equal(row->value, row->clv);
        assert_int_equal(row->score[RFM_MONETARY], rfm_score(&scene.model.rfm, RFM_MONETARY,
                                                             seen->rfm_monetary, &scene.id[i], 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handful_has_the_rows_of_each_alone),
        cmocka_unit_test(a_row_says_what_its_parts_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
