/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/tiering.h"

#include <stdlib.h>
#include <string.h>

#include "doubles/store_memory.h"
#include "score/money.h"
#include "score/quantile.h"
#include "sink/commit.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/said.h"
#include "support/scored.h"

#define PERCENT (PLAN_SHARE_WHOLE / 100)
#define AS_OF   20000

/* top 20 %, middle 60 %, bottom 20 %, thresholds from the data. */
static struct plan a_plan(void)
{
    return (struct plan){
        .as_of = AS_OF,
        .churn_threshold = -1,
        .n_tiers = 3,
        .tiers = {{"top", 20 * PERCENT}, {"middle", 60 * PERCENT}, {"bottom", 20 * PERCENT}},
        .has_amount = 1,
        .decimals = 2};
}

#define MORE_THAN_EVER 200000 /* customers, in any of these tests */

/* What is frozen, where something is; and who does the work. */
struct scene {
    struct plan plan;
    struct fitted fitted;
    size_t threads;
    struct scored scored;
    struct tiering tiering;
    struct arena *arena;
};

static struct scene a_scene(void)
{
    struct scene scene = {.plan = a_plan(), .arena = arena_new((size_t)64 << 20)};
    scene.fitted.totals.customers = MORE_THAN_EVER;
    assert_non_null(scene.arena);
    return scene;
}

static int run(struct scene *scene)
{
    struct crew *crew;
    assert_int_equal(crew_new(scene->threads, &crew), 0);
    int r = tiering_run(&scene->tiering, &scene->scored.parts, &scene->plan, &scene->fitted, crew);
    crew_destroy(&crew);
    return r;
}

static void cut(struct scene *scene, const struct scored_customer *customers, size_t n)
{
    scored_of(&scene->scored, customers, n);
    assert_int_equal(run(scene), 0);
}

static struct standing_of stand(struct scene *scene, size_t i)
{
    struct score_columns columns = scored_columns(&scene->scored, 0, scene->arena);
    return tiering_stand(&scene->tiering, &scene->plan, &columns, i);
}

static void end(struct scene *scene)
{
    scored_free(&scene->scored);
    arena_destroy(&scene->arena);
}

static void assert_cutoffs(const struct scene *scene, int64_t top, int64_t middle, int64_t bottom)
{
    const int64_t want[] = {top, middle, bottom};
    assert_int_equal(scene->tiering.cutoffs.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(scene->tiering.cutoffs.cutoff[i].present, want[i] != INT64_MIN);
        if (want[i] != INT64_MIN)
            assert_int_equal(scene->tiering.cutoffs.cutoff[i].value, want[i]);
    }
}

/* ---- cut-offs ---- */

/* Of ten the ranks are 2, 8 and 10. */
static void a_tier_ends_at_the_value_of_its_last_rank(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct scored_customer ten[10];
    for (int i = 0; i < 10; i++)
        ten[i] = scored_buyer("c", 100 - 10 * i);
    cut(&scene, ten, 10);
    assert_cutoffs(&scene, 90, 30, 10);
    assert_int_equal(scene.tiering.active, 10);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(stand(&scene, i).tier, i < 2 ? 0 : i < 8 ? 1 : 2);
    end(&scene);
}

/* Ranks 1, 4 and 5 of 50 40 40 40 40: the cut-off of the middle is 40, and nobody is left below. */
static void equal_values_take_the_better_tier(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer five[] = {scored_buyer("a", 40), scored_buyer("b", 40),
                                           scored_buyer("c", 50), scored_buyer("d", 40),
                                           scored_buyer("e", 40)};
    cut(&scene, five, 5);
    assert_cutoffs(&scene, 50, 40, 40);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(stand(&scene, i).tier, i == 2 ? 0 : 1);
    end(&scene);
}

static void when_all_are_equal_all_are_in_the_best_tier(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer four[] = {scored_buyer("a", 7), scored_buyer("b", 7),
                                           scored_buyer("c", 7), scored_buyer("d", 7)};
    cut(&scene, four, 4); /* ranks .8 and 3.2 and 4: 1, 3, 4 */
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(stand(&scene, i).tier, 0);
    end(&scene);
}

/* Ranks .2, .8 and 1: 0, 1 and 1. */
static void of_one_customer_the_first_tier_is_empty(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer one = scored_buyer("a", -5);
    cut(&scene, &one, 1);
    assert_cutoffs(&scene, INT64_MIN, -5, -5);
    assert_int_equal(stand(&scene, 0).tier, 1);
    end(&scene);
}

/* Five count, so that the ranks are 1, 4 and 5; two have a value. The last rank with a value is 2. */
static void who_only_sent_back_counts_and_is_in_the_last_tier(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer five[] = {scored_returner("a"), scored_buyer("b", 10),
                                           scored_returner("c"), scored_returner("d"),
                                           scored_buyer("e", 20)};
    cut(&scene, five, 5);
    assert_int_equal(scene.tiering.active, 5);
    assert_cutoffs(&scene, 20, 10, 10);
    assert_int_equal(stand(&scene, 0).tier, 2);
    assert_int_equal(stand(&scene, 0).action, ACTION_LOW_COST);
    assert_int_equal(stand(&scene, 1).tier, 1);
    assert_int_equal(stand(&scene, 4).tier, 0);
    end(&scene);
}

static void where_everybody_only_sent_back_there_is_no_cut_off(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer two[] = {scored_returner("a"), scored_returner("b")};
    cut(&scene, two, 2);
    assert_cutoffs(&scene, INT64_MIN, INT64_MIN, INT64_MIN);
    assert_int_equal(stand(&scene, 1).tier, 2);
    end(&scene);
}

/* The inactive would be the best two; without them the ranks of five are 1, 4 and 5. */
static void the_inactive_stand_apart(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct scored_customer seven[7];
    for (int i = 0; i < 7; i++)
        seven[i] = scored_buyer("c", 70 - 10 * i);
    seven[0].row.flags |= ROW_INACTIVE;
    seven[1].row.flags |= ROW_INACTIVE;
    cut(&scene, seven, 7);
    assert_int_equal(scene.tiering.active, 5);
    assert_cutoffs(&scene, 50, 20, 10);
    assert_int_equal(stand(&scene, 0).tier, 3);
    assert_int_equal(stand(&scene, 0).action, ACTION_NONE);
    assert_int_equal(stand(&scene, 2).tier, 0);
    end(&scene);
}

static void cut_offs_of_an_earlier_model_hold(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer two[] = {scored_buyer("a", 40), scored_buyer("b", 39)};
    scene.fitted.has_cutoffs = 1;
    scene.fitted.cutoffs = (struct tier_cutoffs){3, {{1, 1000}, {1, 40}, {1, 3}}};
    cut(&scene, two, 2);
    assert_cutoffs(&scene, 1000, 40, 3);
    assert_int_equal(stand(&scene, 0).tier, 1);
    assert_int_equal(stand(&scene, 1).tier, 2);
    end(&scene);
}

/* ---- thresholds ---- */

/* Top of ten: two, middle six, bottom two. Type 7 at .8: of two at place .8, of six at place 4. */
static void thresholds_are_quantiles_of_churn_in_each_tier(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    static const double churn[] = {.5, 0, .1, .3, .2, .6, .5, .4, 1, .9};
    struct scored_customer ten[10];
    for (int i = 0; i < 10; i++)
        ten[i] = scored_churner("c", 100 - i, churn[i]);
    cut(&scene, ten, 10);
    assert_close(scene.tiering.churn_threshold[0], .4, 2);  /* 0 + .8 (.5 - 0) */
    assert_close(scene.tiering.churn_threshold[1], .5, 0);  /* .1 .2 .3 .4 (.5) .6 */
    assert_close(scene.tiering.churn_threshold[2], .98, 2); /* .9 + .8 (1 - .9) */
    end(&scene);
}

static void a_tier_where_nobody_has_a_churn_probability_has_no_threshold(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer five[] = {scored_churner("a", 90, .5), scored_buyer("b", 50),
                                           scored_buyer("c", 40), scored_buyer("d", 30),
                                           scored_returner("e")};
    cut(&scene, five, 5);
    assert_close(scene.tiering.churn_threshold[0], .5, 0);
    assert_true(scene.tiering.churn_threshold[1] < 0);
    assert_true(scene.tiering.churn_threshold[2] < 0);
    end(&scene);
}

static void the_inactive_have_no_say_in_a_threshold(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct scored_customer two[] = {scored_churner("a", 90, .25), scored_churner("b", 80, 1)};
    two[1].row.flags |= ROW_INACTIVE;
    cut(&scene, two, 2);
    assert_close(scene.tiering.churn_threshold[1], .25,
                 0); /* one active: the first tier is empty */
    end(&scene);
}

static void a_threshold_that_was_asked_for_is_every_tiers(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer one = scored_churner("a", 90, .25);
    scene.plan.churn_threshold = .125;
    scene.fitted.has_thresholds = 1; /* also over one of an earlier model */
    cut(&scene, &one, 1);
    for (int tier = 0; tier < 3; tier++)
        assert_close(scene.tiering.churn_threshold[tier], .125, 0);
    end(&scene);
}

static void thresholds_of_an_earlier_model_hold(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer one = scored_churner("a", 90, .25);
    scene.fitted.has_thresholds = 1;
    scene.fitted.churn_threshold[0] = .75;
    scene.fitted.churn_threshold[1] = -1;
    cut(&scene, &one, 1);
    assert_close(scene.tiering.churn_threshold[0], .75, 0);
    assert_true(scene.tiering.churn_threshold[1] < 0);
    end(&scene);
}

/* ---- actions ---- */

/* What a customer of this standing is to be met with, tiers cut at 100, 50 and 0, threshold .5. */
static enum action action_of(struct scored_customer customer)
{
    struct scene scene = a_scene();
    scene.plan.churn_threshold = .5;
    scene.fitted.has_cutoffs = 1;
    scene.fitted.cutoffs = (struct tier_cutoffs){3, {{1, 100}, {1, 50}, {1, 0}}};
    cut(&scene, &customer, 1);
    enum action action = stand(&scene, 0).action;
    end(&scene);
    return action;
}

static struct scored_customer with_days(struct scored_customer customer, uint32_t days,
                                        int32_t tenure)
{
    customer.row.purchase_days = days;
    customer.row.first_day = AS_OF - tenure;
    customer.row.last_day = AS_OF - tenure;
    return customer;
}

static void actions_follow_from_tier_churn_and_age(void **state)
{
    (void)state;
    assert_int_equal(action_of(with_days(scored_churner("a", 100, .9), 1, 89)), ACTION_WELCOME);
    assert_int_equal(action_of(with_days(scored_churner("a", 100, .9), 1, 90)), ACTION_WIN_BACK);
    assert_int_equal(action_of(with_days(scored_churner("a", 100, .9), 2, 10)), ACTION_WIN_BACK);
    assert_int_equal(action_of(with_days(scored_churner("a", 100, .5), 2, 10)), ACTION_KEEP);
    assert_int_equal(action_of(with_days(scored_churner("a", 99, .9), 2, 10)), ACTION_WIN_BACK);
    assert_int_equal(action_of(with_days(scored_churner("a", 99, .1), 2, 10)), ACTION_GROW);
    assert_int_equal(action_of(with_days(scored_churner("a", 49, .9), 2, 10)), ACTION_LOW_COST);
    assert_int_equal(action_of(with_days(scored_buyer("a", 100), 2, 10)), ACTION_KEEP);
    assert_int_equal(action_of(scored_returner("a")), ACTION_LOW_COST);
    struct scored_customer gone = with_days(scored_churner("a", 100, .9), 1, 10);
    gone.row.flags |= ROW_INACTIVE;
    assert_int_equal(action_of(gone), ACTION_NONE);
}

/* ---- however the work is dealt ---- */

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* By sorting what everybody has, tier by tier. */
static void check_thresholds(const struct scene *scene, const struct scored_customer *crowd,
                             size_t n)
{
    static const struct quantile p80 = {8, 10};
    double *share = calloc(n, sizeof *share);
    assert_non_null(share);
    for (int32_t tier = 0; tier < scene->plan.n_tiers; tier++) {
        size_t members = 0;
        for (size_t i = 0; i < n; i++)
            if (tier_of(&scene->tiering.cutoffs, crowd[i].row.value) == tier)
                share[members++] = crowd[i].row.churn_prob;
        qsort(share, members, sizeof *share, by_size);
        assert_true(members > 0);
        assert_true(scene->tiering.churn_threshold[tier] ==
                    quantile_of_shares(share, members, p80));
    }
    free(share);
}

static void tiers_do_not_depend_on_threads_or_on_parts(void **state)
{
    (void)state;
    const size_t n =
        140000; /* parts of 8,192, and more than two stretches that probabilities are dealt in */
    struct scored_customer *crowd = calloc(n, sizeof *crowd);
    struct chance chance = {9};
    struct tiering first;
    assert_non_null(crowd);
    for (size_t i = 0; i < n; i++)
        crowd[i] = scored_churner("c", (int64_t)chance_below(&chance, 5000),
                                  (double)chance_below(&chance, 1000) / 1000);
    for (size_t threads = 0; threads < 4; threads += 3) {
        struct scene scene = a_scene();
        scene.threads = threads;
        cut(&scene, crowd, n);
        assert_int_equal(scene.scored.parts.n, 18);
        if (threads == 0)
            first = scene.tiering;
        check_thresholds(&scene, crowd, n);
        assert_memory_equal(&scene.tiering, &first, sizeof first);
        end(&scene);
    }
    free(crowd);
}

static void scores_that_cannot_be_read_again_are_a_bug_that_is_said(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const struct scored_customer one = scored_buyer("a", 1);
    struct said said;
    scored_of(&scene.scored, &one, 1);
    scene.scored.slice[0].size--;
    said_begin(&said);
    assert_int_equal(run(&scene), STATUS_BUG);
    said_end(&said);
    assert_non_null(strstr(said.text, "cannot be read again"));
    end(&scene);
}

/* ---- parts from the store ---- */

/* Shard 1's two parts and shard 2's two, at most so many at a time; stage 1 has no part in it. */
static void assert_walks(struct committed *parts, size_t most)
{
    size_t seen = 0;
    committed_rewind(parts);
    while (committed_next(parts, most) == 0) {
        assert_int_equal(parts->n, most < 4 - seen ? most : 4 - seen);
        for (size_t i = 0; i < parts->n; i++, seen++)
            assert_memory_equal(parts->part[i].data, seen % 2 ? "b" : "a", 1);
    }
    assert_int_equal(seen, 4);
    assert_int_equal(committed_next(parts, most), COMMITTED_E_END);
}

static void parts_come_in_the_order_of_shards_and_parts(void **state)
{
    (void)state;
    struct shelf *shelf;
    struct store *store;
    struct commit *commit;
    struct parcel letter, parcel;
    struct committed parts;
    const struct commit_job job = {.id = {1, 1}, .shards = 3};
    letter.n = parcel.n = 0;
    assert_int_equal(store_memory_shelf_new(&shelf), 0);
    assert_int_equal(store_memory_open(shelf, &store), 0);
    assert_int_equal(commit_open(&store, &commit), 0);
    assert_int_equal(wire_bytes_put((struct slice){"", 0}, &letter), 0);
    assert_int_equal(commit_begin(commit, &job, 0, &letter), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(wire_bytes_put((struct slice){"--ab" + i, 1}, &parcel), 0);
    const struct commit_result results[] = {{.stage = 2, .shard = 2, .parcel = &parcel},
                                            {.stage = 1, .shard = 0, .parcel = &parcel},
                                            {.stage = 2, .shard = 1, .parcel = &parcel}};
    assert_int_equal(commit_results(commit, results, 3), 0);
    committed_open(&parts, commit, 2, 3);
    for (size_t most = 1; most < 6; most++)
        assert_walks(&parts, most);
    committed_close(&parts);
    assert_int_equal(parts.n, 0);
    parcel_clear(&letter);
    parcel_clear(&parcel);
    commit_close(&commit);
    store_memory_shelf_destroy(&shelf);
}

/* ---- sums ---- */

static struct score_columns columns_of(struct scene *scene, const struct scored_customer *customers,
                                       size_t n)
{
    scored_of(&scene->scored, customers, n);
    return scored_columns(&scene->scored, 0, scene->arena);
}

static void sums_are_of_money_and_of_shares(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct tier_sums sums = {0};
    struct scored_customer two[] = {scored_churner("a", 1, .25), scored_churner("b", 2, .75)};
    two[0].row.spend_365d = 100 * MONEY_PER_UNIT;
    two[1].row.spend_365d = 10 * MONEY_PER_UNIT;
    two[0].row.flags |= ROW_SPEND | ROW_WALLET;
    two[0].row.clv = 700;
    two[0].row.wallet_size = 90; /* the customer spends more than his wallet was thought to hold */
    two[0].row.wallet_spend = 100;
    two[1].row.flags |= ROW_WALLET;
    two[1].row.clv = 1; /* without ROW_SPEND it does not count */
    two[1].row.wallet_size = 60;
    two[1].row.wallet_spend = 10;
    struct score_columns columns = columns_of(&scene, two, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(tier_sums_add(&sums, &columns, i), 0);
    assert_int_equal(sums.customers, 2);
    assert_int_equal(sums.revenue, 110 * MONEY_PER_UNIT);
    assert_int_equal(sums.clv, 700);
    assert_int_equal(sums.revenue_at_risk, 325000); /* 25 + 7.5 */
    assert_close(tier_sums_mean_churn(&sums), .5, 0);
    assert_int_equal(sums.wallet_customers, 2);
    assert_int_equal(sums.wallet_spend, 110);
    assert_int_equal(sums.wallet_whole, 160); /* max(90, 100) + max(60, 10) */
    assert_int_equal(sums.wallet_headroom, 50);
    end(&scene);
}

static void without_a_model_nothing_is_at_risk(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct tier_sums sums = {0};
    struct scored_customer one = scored_buyer("a", 1);
    one.row.spend_365d = 50;
    struct score_columns columns = columns_of(&scene, &one, 1);
    assert_int_equal(tier_sums_add(&sums, &columns, 0), 0);
    assert_int_equal(sums.revenue, 50);
    assert_int_equal(sums.revenue_at_risk, 0);
    assert_int_equal(sums.with_churn, 0);
    end(&scene);
}

static void sums_of_two_threads_are_the_sums_of_one(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct scored_customer crowd[600];
    struct chance chance = {5};
    struct tier_sums one = {0}, half[2] = {{0}, {0}}, merged = {0};
    for (size_t i = 0; i < 600; i++) {
        crowd[i] = scored_churner("c", 1, (double)(chance_next(&chance) >> 11) * 0x1p-53);
        crowd[i].row.spend_365d = (int64_t)chance_below(&chance, 9000000);
    }
    struct score_columns columns = columns_of(&scene, crowd, 600);
    for (size_t i = 0; i < 600; i++) {
        assert_int_equal(tier_sums_add(&one, &columns, i), 0);
        assert_int_equal(tier_sums_add(&half[chance_below(&chance, 2)], &columns, i), 0);
    }
    assert_int_equal(tier_sums_merge(&merged, &half[1]), 0);
    assert_int_equal(tier_sums_merge(&merged, &half[0]), 0);
    assert_memory_equal(&merged, &one, sizeof one);
    end(&scene);
}

/* 2^52 units a customer: the low word would be full after 4,096 of them. */
static void the_mean_of_many_certain_departures_is_one(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct tier_sums sums = {0};
    const struct scored_customer one = scored_churner("a", 1, 1);
    struct score_columns columns = columns_of(&scene, &one, 1);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(tier_sums_add(&sums, &columns, 0), 0);
    assert_close(tier_sums_mean_churn(&sums), 1, 0);
    end(&scene);
}

static void money_that_does_not_fit_is_an_answer(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct tier_sums sums = {0}, more = {.revenue = 1};
    struct scored_customer one = scored_buyer("a", 1);
    one.row.spend_365d = INT64_MAX;
    struct score_columns columns = columns_of(&scene, &one, 1);
    assert_int_equal(tier_sums_add(&sums, &columns, 0), 0);
    assert_int_not_equal(tier_sums_merge(&sums, &more), 0);
    sums = (struct tier_sums){.revenue = 1};
    assert_int_not_equal(tier_sums_add(&sums, &columns, 0), 0);
    end(&scene);
}

static void more_customers_than_were_gathered_are_a_bug_that_is_said(void **state)
{
    (void)state;
    const struct scored_customer customers[] = {scored_buyer("a", 1), scored_buyer("b", 2),
                                                scored_buyer("c", 3)};
    struct scene scene = a_scene();
    struct said said;
    scene.fitted.totals.customers = 1;
    scored_of(&scene.scored, customers, 3);
    said_begin(&said);
    int r = run(&scene);
    said_end(&said);
    assert_int_equal(r, STATUS_BUG);
    assert_non_null(strstr(said.text, "more customers were scored than were gathered"));
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tier_ends_at_the_value_of_its_last_rank),
        cmocka_unit_test(equal_values_take_the_better_tier),
        cmocka_unit_test(when_all_are_equal_all_are_in_the_best_tier),
        cmocka_unit_test(of_one_customer_the_first_tier_is_empty),
        cmocka_unit_test(who_only_sent_back_counts_and_is_in_the_last_tier),
        cmocka_unit_test(where_everybody_only_sent_back_there_is_no_cut_off),
        cmocka_unit_test(the_inactive_stand_apart),
        cmocka_unit_test(cut_offs_of_an_earlier_model_hold),
        cmocka_unit_test(thresholds_are_quantiles_of_churn_in_each_tier),
        cmocka_unit_test(a_tier_where_nobody_has_a_churn_probability_has_no_threshold),
        cmocka_unit_test(the_inactive_have_no_say_in_a_threshold),
        cmocka_unit_test(a_threshold_that_was_asked_for_is_every_tiers),
        cmocka_unit_test(thresholds_of_an_earlier_model_hold),
        cmocka_unit_test(actions_follow_from_tier_churn_and_age),
        cmocka_unit_test(tiers_do_not_depend_on_threads_or_on_parts),
        cmocka_unit_test(scores_that_cannot_be_read_again_are_a_bug_that_is_said),
        cmocka_unit_test(parts_come_in_the_order_of_shards_and_parts),
        cmocka_unit_test(sums_are_of_money_and_of_shares),
        cmocka_unit_test(without_a_model_nothing_is_at_risk),
        cmocka_unit_test(sums_of_two_threads_are_the_sums_of_one),
        cmocka_unit_test(the_mean_of_many_certain_departures_is_one),
        cmocka_unit_test(money_that_does_not_fit_is_an_answer),
        cmocka_unit_test(more_customers_than_were_gathered_are_a_bug_that_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
