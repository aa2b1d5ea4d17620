/* SPDX-License-Identifier: Apache-2.0 */
#include "score/wallet.h"

#include "score/day.h"
#include "support/assert.h"
#include "support/chance.h"

__extension__ typedef __int128 wide;

static const struct plan by_quantile = {
    .as_of = 1000, .wallet_window_days = 365, .wallet_method = WALLET_QUANTILE};
static const struct features settled = {
    .first_day = 100, .last_day = 990, .seen = 1, .spend_window = 1500000};
static const struct attributes three_heads = {.known = 1, .has_units = 1, .units = 30000};

static void spend_per_unit_is_rounded_half_even(void **state)
{
    (void)state;
    int64_t per_unit = -1;
    assert_int_equal(wallet_spend_per_unit(&settled, &three_heads, &by_quantile, &per_unit), 0);
    assert_int_equal(per_unit, 500000);
    struct attributes odd = three_heads;
    odd.units = 80000; /* 8 units */
    struct features seen = settled;
    seen.spend_window = 20; /* 2.5 */
    assert_int_equal(wallet_spend_per_unit(&seen, &odd, &by_quantile, &per_unit), 0);
    assert_int_equal(per_unit, 2);
    seen.spend_window = 28; /* 3.5 */
    assert_int_equal(wallet_spend_per_unit(&seen, &odd, &by_quantile, &per_unit), 0);
    assert_int_equal(per_unit, 4);
}

static void a_peer_may_have_spent_nothing_or_less(void **state)
{
    (void)state;
    struct features seen = settled;
    int64_t per_unit = -1;
    seen.spend_window = -70;
    assert_int_equal(wallet_spend_per_unit(&seen, &three_heads, &by_quantile, &per_unit), 0);
    assert_int_equal(per_unit, 0);
}

static void the_reason_why_a_customer_is_no_peer_is_said(void **state)
{
    (void)state;
    int64_t per_unit = 77;
    struct attributes unknown = {0}, unitless = {.known = 1}, empty = three_heads;
    empty.units = 0;
    assert_int_equal(wallet_spend_per_unit(&settled, &unknown, &by_quantile, &per_unit),
                     WALLET_BASIS_NO_ATTRIBUTES);
    assert_int_equal(wallet_spend_per_unit(&settled, &unitless, &by_quantile, &per_unit),
                     WALLET_BASIS_NO_UNITS);
    assert_int_equal(wallet_spend_per_unit(&settled, &empty, &by_quantile, &per_unit),
                     WALLET_BASIS_NO_UNITS);
    empty.units = -10000;
    assert_int_equal(wallet_spend_per_unit(&settled, &empty, &by_quantile, &per_unit),
                     WALLET_BASIS_NO_UNITS);
    struct features fresh = settled;
    fresh.first_day = 1000 - 364;
    assert_int_equal(wallet_spend_per_unit(&fresh, &three_heads, &by_quantile, &per_unit),
                     WALLET_BASIS_TOO_NEW);
    fresh.first_day = DAY_NONE;
    assert_int_equal(wallet_spend_per_unit(&fresh, &three_heads, &by_quantile, &per_unit),
                     WALLET_BASIS_TOO_NEW);
    assert_int_equal(per_unit, 77);
    fresh.first_day = 1000 - 365;
    assert_int_equal(wallet_spend_per_unit(&fresh, &three_heads, &by_quantile, &per_unit), 0);
}

static void a_tiny_unit_saturates(void **state)
{
    (void)state;
    struct attributes tiny = three_heads;
    struct features seen = settled;
    int64_t per_unit;
    tiny.units = 1;
    seen.spend_window = INT64_MAX / 2;
    assert_int_equal(wallet_spend_per_unit(&seen, &tiny, &by_quantile, &per_unit), 0);
    assert_true(per_unit == INT64_MAX);
    tiny.units = INT64_MAX;
    assert_true(wallet_of(&seen, &tiny, &by_quantile, INT64_MAX).size == INT64_MAX);
}

static void a_mean_is_exact_beyond_64_bits(void **state)
{
    (void)state;
    assert_int_equal(wallet_mean(0, 10, 4), 2); /* 2.5 */
    assert_int_equal(wallet_mean(0, 14, 4), 4); /* 3.5 */
    assert_int_equal(wallet_mean(-1, (uint64_t)-10, 4), -2);
    assert_true(wallet_mean(1, 0, 4) == INT64_C(1) << 62);
    struct chance chance = {83};
    for (int round = 0; round < 100000; round++) {
        uint64_t n = 1 + (chance_next(&chance) >> (1 + chance_below(&chance, 63)));
        int64_t mean = (int64_t)chance_next(&chance) / 2;
        int64_t over = (int64_t)(chance_next(&chance) % n), half = (int64_t)(n / 2);
        wide sum = (wide)mean * (wide)n + over - half;
        int64_t off = over - half; /* of n: rounds away where beyond a half */
        int64_t want = mean;
        if (n % 2 == 0 && off == -half && mean % 2 != 0)
            want--; /* a tie, and mean - 1 is even */
        assert_true(wallet_mean((int64_t)(sum >> 64), (uint64_t)sum, n) == want);
    }
}

static void a_thin_group_leans_on_its_parent(void **state)
{
    (void)state;
    assert_int_equal(wallet_shrink(100, 30, 999), 100);
    assert_int_equal(wallet_shrink(100, 10, 200), 175); /* (10 * 100 + 30 * 200) / 40 */
    assert_int_equal(wallet_shrink(100, 0, 200), 200);
    assert_int_equal(wallet_shrink(1, 10, 0), 0); /* 10 / 40 */
    assert_int_equal(wallet_shrink(2, 10, 0), 0); /* 20 / 40: a tie, to even */
    assert_int_equal(wallet_shrink(6, 10, 0), 2); /* 60 / 40: a tie, to even */
    assert_true(wallet_shrink(INT64_MAX, 29, INT64_MAX) == INT64_MAX);
}

static void an_estimate_gives_size_headroom_and_share(void **state)
{
    (void)state;
    struct wallet wallet = wallet_of(&settled, &three_heads, &by_quantile, 800000);
    assert_int_equal(wallet.basis, WALLET_BASIS_GROUP);
    assert_int_equal(wallet.has_size, 1);
    assert_int_equal(wallet.size, 2400000);
    assert_int_equal(wallet.spend, 1500000);
    assert_int_equal(wallet.headroom, 900000);
    assert_int_equal(wallet.capped, 0);
    assert_close(wallet_share(wallet.spend, wallet.size), 0.625, 0);
}

static void who_spends_the_estimate_or_more_is_capped(void **state)
{
    (void)state;
    struct wallet wallet = wallet_of(&settled, &three_heads, &by_quantile, 500000);
    assert_int_equal(wallet.capped, 1);
    assert_int_equal(wallet.headroom, 0);
    wallet = wallet_of(&settled, &three_heads, &by_quantile, 400000);
    assert_int_equal(wallet.capped, 1);
    assert_int_equal(wallet.headroom, 0);
    assert_int_equal(wallet.size, 1200000);
    assert_close(wallet_share(wallet.spend, wallet.size), 1, 0);
}

static void nothing_of_nothing_is_no_spend(void **state)
{
    (void)state;
    struct features idle = settled;
    idle.spend_window = -5;
    struct wallet wallet = wallet_of(&idle, &three_heads, &by_quantile, 0);
    assert_int_equal(wallet.basis, WALLET_BASIS_NO_SPEND);
    assert_int_equal(wallet.has_size, 0);
    wallet = wallet_of(&idle, &three_heads, &by_quantile, 700);
    assert_int_equal(wallet.basis, WALLET_BASIS_GROUP);
    assert_int_equal(wallet.headroom, 2100);
    assert_close(wallet_share(wallet.spend, wallet.size), 0, 0);
    wallet = wallet_of(&settled, &three_heads, &by_quantile, 0);
    assert_int_equal(wallet.basis, WALLET_BASIS_GROUP);
    assert_int_equal(wallet.capped, 1);
    assert_close(wallet_share(wallet.spend, wallet.size), 1, 0);
}

static void a_declared_wallet_comes_before_any_estimate(void **state)
{
    (void)state;
    struct attributes declared = three_heads;
    declared.has_declared = 1;
    declared.declared = 6000000;
    struct features fresh = settled;
    fresh.first_day = 990;
    struct wallet wallet = wallet_of(&fresh, &declared, &by_quantile, 800000);
    assert_int_equal(wallet.basis, WALLET_BASIS_DECLARED);
    assert_int_equal(wallet.size, 6000000);
    assert_int_equal(wallet.headroom, 4500000);
    declared.declared = 0;
    fresh.spend_window = 0;
    wallet = wallet_of(&fresh, &declared, &by_quantile, 800000);
    assert_int_equal(wallet.basis, WALLET_BASIS_NO_SPEND);
    struct plan only_declared = by_quantile;
    only_declared.wallet_method = WALLET_DECLARED;
    wallet = wallet_of(&settled, &three_heads, &only_declared, 0);
    assert_int_equal(wallet.basis, WALLET_BASIS_NO_ATTRIBUTES);
    assert_int_equal(wallet.has_size, 0);
}

static void who_has_no_wallet_is_told_why(void **state)
{
    (void)state;
    struct attributes unknown = {0};
    struct features fresh = settled;
    fresh.first_day = 999;
    struct plan nothing = by_quantile;
    nothing.wallet_method = WALLET_NONE;
    assert_int_equal(wallet_of(&settled, &unknown, &by_quantile, 9).basis,
                     WALLET_BASIS_NO_ATTRIBUTES);
    assert_int_equal(wallet_of(&fresh, &three_heads, &by_quantile, 9).basis, WALLET_BASIS_TOO_NEW);
    assert_int_equal(wallet_of(&fresh, &three_heads, &by_quantile, 9).has_size, 0);
    assert_int_equal(wallet_of(&settled, &three_heads, &nothing, 9).basis, WALLET_BASIS_NONE);
}

/* Two thirds of the HBR article's example, and its neighbours, worked by hand: 1 of 2 is (1 - 1/3) 2/2. */
static void the_wallet_allocation_rule_shares_a_wallet_out_by_rank(void **state)
{
    (void)state;
    static const struct {
        int64_t rank, brands;
        double share;
    } cases[] = {{10000, 1, 1},          {10000, 2, 2.0 / 3},  {20000, 2, 1.0 / 3},
                 {10000, 3, 0.5},        {20000, 3, 1.0 / 3},  {30000, 3, 1.0 / 6},
                 {15000, 3, 5.0 / 12},   {20000, 5, 4.0 / 15}, {35000, 8, 11.0 / 72},
                 {10000, 400, 2.0 / 401}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t rank = wallet_rank(cases[i].rank, cases[i].brands);
        assert_int_equal(wallet_rank_place(rank), cases[i].rank);
        assert_int_equal(wallet_rank_brands(rank), cases[i].brands);
        assert_close(wallet_rank_share(rank), cases[i].share, 2);
    }
}

static void the_shares_of_all_ranks_are_the_whole_wallet(void **state)
{
    (void)state;
    for (int64_t brands = 1; brands <= WALLET_BRANDS_MOST; brands++) {
        double sum = 0, last = 2;
        for (int64_t rank = 1; rank <= brands; rank++) {
            double share = wallet_rank_share(wallet_rank(rank * 10000, brands));
            assert_true(share > 0 && share < last && share <= 1);
            sum += share;
            last = share;
        }
        assert_close(sum, 1, 64);
    }
}

static void a_rank_outside_of_its_brands_is_none(void **state)
{
    (void)state;
    assert_int_equal(wallet_rank(9999, 5), 0);
    assert_int_equal(wallet_rank(50001, 5), 0);
    assert_int_equal(wallet_rank(0, 5), 0);
    assert_int_equal(wallet_rank(10000, 0), 0);
    assert_int_equal(wallet_rank(10000, 401), 0);
    assert_int_equal(wallet_rank(INT64_MIN, INT64_MAX), 0);
    assert_int_not_equal(wallet_rank(4000000, 400), 0);
}

static void a_wallet_by_rank_is_spend_over_share(void **state)
{
    (void)state;
    struct plan plan = by_quantile;
    plan.wallet_method = WALLET_WAR;
    struct attributes person = {.known = 1, .rank = wallet_rank(20000, 5)};
    struct wallet wallet = wallet_of(&settled, &person, &plan, 77);
    assert_int_equal(wallet.basis, WALLET_BASIS_RANK);
    assert_int_equal(wallet.size, 5625000); /* 150 * 15 / 4 */
    assert_int_equal(wallet.headroom, 4125000);
    assert_int_equal(wallet.capped, 0);
    person.rank = wallet_rank(10000, 1); /* no other brand */
    wallet = wallet_of(&settled, &person, &plan, 77);
    assert_int_equal(wallet.size, 1500000);
    assert_int_equal(wallet.capped, 1);
    struct features nothing = settled;
    nothing.spend_window = -5;
    assert_int_equal(wallet_of(&nothing, &person, &plan, 77).basis, WALLET_BASIS_NO_SPEND);
    person.rank = 0;
    assert_int_equal(wallet_of(&settled, &person, &plan, 77).basis, WALLET_BASIS_NO_ATTRIBUTES);
    person.has_declared = 1;
    person.declared = 30000000;
    assert_int_equal(wallet_of(&settled, &person, &plan, 77).basis, WALLET_BASIS_DECLARED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spend_per_unit_is_rounded_half_even),
        cmocka_unit_test(a_peer_may_have_spent_nothing_or_less),
        cmocka_unit_test(the_reason_why_a_customer_is_no_peer_is_said),
        cmocka_unit_test(a_tiny_unit_saturates),
        cmocka_unit_test(a_mean_is_exact_beyond_64_bits),
        cmocka_unit_test(a_thin_group_leans_on_its_parent),
        cmocka_unit_test(an_estimate_gives_size_headroom_and_share),
        cmocka_unit_test(who_spends_the_estimate_or_more_is_capped),
        cmocka_unit_test(nothing_of_nothing_is_no_spend),
        cmocka_unit_test(a_declared_wallet_comes_before_any_estimate),
        cmocka_unit_test(who_has_no_wallet_is_told_why),
        cmocka_unit_test(the_wallet_allocation_rule_shares_a_wallet_out_by_rank),
        cmocka_unit_test(the_shares_of_all_ranks_are_the_whole_wallet),
        cmocka_unit_test(a_rank_outside_of_its_brands_is_none),
        cmocka_unit_test(a_wallet_by_rank_is_spend_over_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
