/* SPDX-License-Identifier: Apache-2.0 */
#include "score/tier.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

#define MOST 500

#define PERCENT (PLAN_SHARE_WHOLE / 100)

static const struct plan_tier usual[] = {
    {"top", 20 * PERCENT}, {"middle", 60 * PERCENT}, {"bottom", 20 * PERCENT}};

static int falling(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

static void ranks_are_shares_of_the_base_rounded(void **state)
{
    (void)state;
    size_t rank[3];
    tier_ranks(usual, 3, 12, rank); /* 2.4, 9.6, 12 */
    assert_int_equal(rank[0], 2);
    assert_int_equal(rank[1], 10);
    assert_int_equal(rank[2], 12);
    tier_ranks(usual, 3, 2, rank); /* .4, 1.6 */
    assert_int_equal(rank[0], 0);
    assert_int_equal(rank[1], 2);
    const struct plan_tier halves[] = {{"a", PLAN_SHARE_WHOLE / 2}, {"b", PLAN_SHARE_WHOLE / 2}};
    tier_ranks(halves, 2, 5, rank); /* 2.5 goes up */
    assert_int_equal(rank[0], 3);
    tier_ranks(usual, 3, 0, rank);
    assert_int_equal(rank[2], 0);
}

static void ranks_are_exact_for_any_base(void **state)
{
    (void)state;
    const struct plan_tier hair[] = {{"hair", 1}, {"rest", PLAN_SHARE_WHOLE - 1}};
    size_t rank[2];
    tier_ranks(hair, 2, 49999999, rank);
    assert_int_equal(rank[0], 0);
    tier_ranks(hair, 2, 50000000, rank);
    assert_int_equal(rank[0], 1);
    tier_ranks(hair, 2, SIZE_MAX / 2, rank);
    assert_true(rank[1] == SIZE_MAX / 2);
    assert_true(rank[0] == SIZE_MAX / 2 / 100000000 + (SIZE_MAX / 2 % 100000000 >= 50000000));
}

static void equal_values_share_the_better_tier(void **state)
{
    (void)state;
    int64_t values[] = {5, 9, 5, 5, 1};
    struct tier_cutoffs cutoffs;
    tier_cut(usual, 3, values, 5, 0, &cutoffs); /* ranks 1, 4, 5 */
    assert_int_equal(cutoffs.cutoff[0].value, 9);
    assert_int_equal(cutoffs.cutoff[1].value, 5);
    assert_int_equal(cutoffs.cutoff[2].value, 1);
    int64_t same[] = {4, 4, 4, 4, 4};
    tier_cut(usual, 3, same, 5, 0, &cutoffs);
    assert_int_equal(tier_of(&cutoffs, 4), 0);
    assert_int_equal(tier_of(&cutoffs, 3), 2);
}

static void a_rank_of_zero_is_an_empty_tier(void **state)
{
    (void)state;
    int64_t values[] = {7, 3};
    struct tier_cutoffs cutoffs;
    tier_cut(usual, 3, values, 2, 0, &cutoffs);
    assert_int_equal(cutoffs.cutoff[0].present, 0);
    assert_int_equal(cutoffs.cutoff[1].present, 1);
    assert_int_equal(cutoffs.cutoff[1].value, 3);
    assert_int_equal(tier_of(&cutoffs, 7), 1);
    assert_int_equal(tier_of(&cutoffs, INT64_MAX), 1);
    assert_int_equal(tier_of(&cutoffs, 2), 2);
}

static void customers_without_a_value_count_and_come_last(void **state)
{
    (void)state;
    int64_t values[] = {10, 20};
    struct tier_cutoffs cutoffs;
    tier_cut(usual, 3, values, 2, 3, &cutoffs); /* of five: ranks 1, 4, 5 */
    assert_int_equal(tier_of(&cutoffs, 20), 0);
    assert_int_equal(tier_of(&cutoffs, 10), 1);
    assert_int_equal(cutoffs.cutoff[1].value, 10);
    tier_cut(usual, 3, values, 0, 3, &cutoffs);
    assert_int_equal(cutoffs.n, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(cutoffs.cutoff[i].present, 0);
    assert_int_equal(tier_of(&cutoffs, 0), 2);
}

/* The tier by the words of the definition: sort, look up the customer at each rank. */
static int32_t slow_tier(const int64_t *sorted, size_t n, const size_t *rank, int32_t n_tiers,
                         int64_t value)
{
    for (int32_t i = 0; i < n_tiers; i++)
        if (rank[i] > 0 && (rank[i] > n || value >= sorted[rank[i] - 1]))
            return i;
    return n_tiers - 1;
}

static int32_t draw_tiers(struct chance *chance, struct plan_tier *tiers)
{
    int32_t n = 1 + (int32_t)chance_below(chance, PLAN_TIERS_LIMIT);
    int64_t left = PLAN_SHARE_WHOLE;
    memset(tiers, 0, PLAN_TIERS_LIMIT * sizeof *tiers);
    for (int32_t i = 0; i < n; i++) {
        tiers[i].share = i == n - 1 ? left : (int64_t)chance_below(chance, (uint64_t)left + 1);
        left -= tiers[i].share;
    }
    return n;
}

static void tiers_follow_the_definition_word_by_word(void **state)
{
    (void)state;
    struct chance chance = {89};
    int64_t values[MOST], sorted[MOST];
    for (int round = 0; round < 5000; round++) {
        struct plan_tier tiers[PLAN_TIERS_LIMIT];
        int32_t n_tiers = draw_tiers(&chance, tiers);
        size_t n = 1 + chance_below(&chance, MOST), n_last = chance_below(&chance, 2) * 40;
        uint64_t spread = 1 + chance_below(&chance, chance_below(&chance, 2) ? 5 : 100000);
        for (size_t i = 0; i < n; i++)
            values[i] = sorted[i] = (int64_t)chance_below(&chance, spread) - 3;
        qsort(sorted, n, sizeof sorted[0], falling);
        size_t rank[PLAN_TIERS_LIMIT];
        tier_ranks(tiers, n_tiers, n + n_last, rank);
        struct tier_cutoffs cutoffs;
        tier_cut(tiers, n_tiers, values, n, n_last, &cutoffs);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(tier_of(&cutoffs, sorted[i]),
                             slow_tier(sorted, n, rank, n_tiers, sorted[i]));
    }
}

static void more_value_never_means_a_worse_tier(void **state)
{
    (void)state;
    struct chance chance = {97};
    int64_t values[MOST];
    for (int round = 0; round < 500; round++) {
        struct plan_tier tiers[PLAN_TIERS_LIMIT];
        int32_t n_tiers = draw_tiers(&chance, tiers), last = n_tiers - 1;
        for (size_t i = 0; i < MOST; i++)
            values[i] = (int64_t)chance_below(&chance, 1000);
        struct tier_cutoffs cutoffs;
        tier_cut(tiers, n_tiers, values, MOST, 0, &cutoffs);
        for (int64_t value = -5; value < 1005; value++) {
            int32_t tier = tier_of(&cutoffs, value);
            assert_in_range(tier, 0, last);
            last = tier;
        }
    }
}

static const struct standing ordinary = {.tier = 1,
                                         .n_tiers = 3,
                                         .purchase_days = 5,
                                         .tenure_days = 400,
                                         .churn_prob = .3,
                                         .churn_threshold = .8};

static void actions_are_taken_in_their_order(void **state)
{
    (void)state;
    struct standing standing = ordinary;
    assert_int_equal(tier_action(&standing), ACTION_GROW);
    standing.tier = 2;
    assert_int_equal(tier_action(&standing), ACTION_LOW_COST);
    standing.churn_prob = .9; /* not in the last tier */
    assert_int_equal(tier_action(&standing), ACTION_LOW_COST);
    standing.tier = 0;
    assert_int_equal(tier_action(&standing), ACTION_WIN_BACK);
    standing.churn_prob = .8; /* over, not at */
    assert_int_equal(tier_action(&standing), ACTION_KEEP);
    standing.churn_prob = .9;
    standing.purchase_days = 1;
    standing.tenure_days = 90;
    assert_int_equal(tier_action(&standing), ACTION_WIN_BACK);
    standing.tenure_days = 89;
    assert_int_equal(tier_action(&standing), ACTION_WELCOME);
    standing.inactive = 1;
    assert_int_equal(tier_action(&standing), ACTION_NONE);
}

static void without_a_churn_probability_nobody_is_won_back(void **state)
{
    (void)state;
    struct standing standing = ordinary;
    standing.churn_prob = -1;
    standing.churn_threshold = -2;
    assert_int_equal(tier_action(&standing), ACTION_GROW);
    standing.churn_prob = 1;
    assert_int_equal(tier_action(&standing), ACTION_GROW);
}

static void an_only_tier_is_the_first(void **state)
{
    (void)state;
    struct standing standing = ordinary;
    standing.tier = 0;
    standing.n_tiers = 1;
    assert_int_equal(tier_action(&standing), ACTION_KEEP);
}

static void actions_have_the_names_of_the_interface(void **state)
{
    (void)state;
    assert_string_equal(tier_action_name(ACTION_NONE), "none");
    assert_string_equal(tier_action_name(ACTION_WELCOME), "welcome");
    assert_string_equal(tier_action_name(ACTION_WIN_BACK), "win_back");
    assert_string_equal(tier_action_name(ACTION_KEEP), "keep");
    assert_string_equal(tier_action_name(ACTION_LOW_COST), "low_cost");
    assert_string_equal(tier_action_name(ACTION_GROW), "grow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_are_shares_of_the_base_rounded),
        cmocka_unit_test(ranks_are_exact_for_any_base),
        cmocka_unit_test(equal_values_share_the_better_tier),
        cmocka_unit_test(a_rank_of_zero_is_an_empty_tier),
        cmocka_unit_test(customers_without_a_value_count_and_come_last),
        cmocka_unit_test(tiers_follow_the_definition_word_by_word),
        cmocka_unit_test(more_value_never_means_a_worse_tier),
        cmocka_unit_test(actions_are_taken_in_their_order),
        cmocka_unit_test(without_a_churn_probability_nobody_is_won_back),
        cmocka_unit_test(an_only_tier_is_the_first),
        cmocka_unit_test(actions_have_the_names_of_the_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
