/* SPDX-License-Identifier: Apache-2.0 */
#include "score/verdict.h"

#include <math.h>

#include "support/assert.h"
#include "support/chance.h"

#define MOST 300

/* Keys 1 2 2 3, of which the first 2 and the 3 came: pairs (winner, loser) are (2, 1) won, (2, 2)
 * tied, (3, 1) and (3, 2) won: 3.5 of 4. */
static void a_tied_pair_counts_half(void **state)
{
    (void)state;
    const uint64_t key[] = {1, 2, 2, 3};
    const uint8_t came[] = {0, 1, 0, 1};
    assert_within(verdict_auc(key, came, 4), 3.5 / 4, 0);
    const uint8_t reversed[] = {1, 0, 1, 0};
    assert_within(verdict_auc(key, reversed, 4), 0.5 / 4, 0);
}

static void one_key_for_all_is_a_coin(void **state)
{
    (void)state;
    const uint64_t key[] = {7, 7, 7, 7, 7};
    const uint8_t came[] = {0, 1, 0, 0, 1};
    assert_within(verdict_auc(key, came, 5), 0.5, 0);
}

static void without_two_sides_there_is_no_auc(void **state)
{
    (void)state;
    const uint64_t key[] = {1, 2};
    const uint8_t all[] = {1, 1}, none[] = {0, 0};
    assert_true(verdict_auc(key, all, 2) < 0);
    assert_true(verdict_auc(key, none, 2) < 0);
    assert_true(verdict_auc(key, none, 0) < 0);
}

static void auc_counts_the_pairs(void **state)
{
    (void)state;
    struct chance chance = {20};
    for (int round = 0; round < 50; round++) {
        uint64_t key[MOST];
        uint8_t came[MOST];
        size_t n = 2 + chance_below(&chance, MOST - 2);
        double won = 0, pairs = 0;
        key[0] = 0;
        for (size_t i = 0; i < n; i++) {
            key[i] = i > 0 ? key[i - 1] + chance_below(&chance, 3) : 0;
            came[i] = (uint8_t)(i < 2 ? i : chance_below(&chance, 2));
        }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (came[i] && !came[j]) {
                    pairs++;
                    won += key[i] > key[j] ? 1.0 : key[i] == key[j] ? 0.5 : 0.0;
                }
        assert_close(verdict_auc(key, came, n), won / pairs, 2);
    }
}

/* (.5^2 + .25^2 + .75^2 + 0) / 4 = .875 / 4 */
static void brier_is_a_mean_of_squares(void **state)
{
    (void)state;
    const double p[] = {.5, .25, .25, 1};
    const uint8_t came[] = {0, 0, 1, 1};
    assert_within(verdict_brier(p, came, 4), 0.21875, 0);
    assert_within(verdict_brier(p, came, 0), 0, 0);
}

static void the_mean_error_has_no_sign(void **state)
{
    (void)state;
    const double expected[] = {.5, 2, 3};
    const uint32_t actual[] = {1, 0, 3};
    assert_close(verdict_mean_error(expected, actual, 3), 2.5 / 3, 1);
    assert_within(verdict_mean_error(expected, actual, 0), 0, 0);
}

/* Keys 1 2 2 2 3: of the first three, the 3 is worth 10 and two of the three 2s are worth
 * 2/3 (1 + 2 + 6) = 6. */
static void customers_tied_at_the_border_count_alike(void **state)
{
    (void)state;
    const uint64_t key[] = {1, 2, 2, 2, 3};
    const int64_t worth[] = {100, 1, 2, 6, 10};
    assert_close(verdict_captured(key, worth, 5, 3), 16, 1);
    assert_within(verdict_captured(key, worth, 5, 1), 10, 0);
    assert_within(verdict_captured(key, worth, 5, 4), 19, 0);
    assert_within(verdict_captured(key, worth, 5, 5), 119, 0);
    assert_within(verdict_captured(key, worth, 5, 0), 0, 0);
}

static void sums_of_money_beyond_64_bits_are_kept(void **state)
{
    (void)state;
    const uint64_t key[] = {1, 2, 3};
    const int64_t worth[] = {-5, INT64_MAX, INT64_MAX};
    assert_close(verdict_captured(key, worth, 3, 2), 2.0 * 0x1p63, 1);
    const int64_t debts[] = {0, -7, -8};
    assert_within(verdict_captured(key, debts, 3, 2), -15, 0);
}

/* Of 12 customers the borders are 0 1 2 3 4 6 7 8 9 10 12. */
static void deciles_differ_by_one_at_most(void **state)
{
    (void)state;
    const double p[] = {.01, .02, .03, .04, .05, .15, .2, .3, .4, .5, .6, .8};
    const uint8_t came[] = {0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1};
    struct verdict_decile decile[VERDICT_DECILES];
    verdict_deciles(p, came, 12, decile);
    size_t n = 0;
    for (int j = 0; j < VERDICT_DECILES; j++) {
        assert_in_range(decile[j].customers, 1, 2);
        n += decile[j].customers;
    }
    assert_int_equal(n, 12);
    assert_int_equal(decile[4].customers, 2);
    assert_close(decile[4].predicted, .1, 2);
    assert_within(decile[4].observed, .5, 0);
    assert_close(decile[9].predicted, .7, 2);
    assert_within(decile[9].observed, 1, 0);
    assert_within(decile[2].observed, 1, 0);
}

static void deciles_of_few_customers_may_be_empty(void **state)
{
    (void)state;
    const double p[] = {.25, .75};
    const uint8_t came[] = {0, 1};
    struct verdict_decile decile[VERDICT_DECILES];
    verdict_deciles(p, came, 2, decile);
    assert_int_equal(decile[4].customers, 1);
    assert_int_equal(decile[9].customers, 1);
    assert_int_equal(decile[0].customers, 0);
    assert_within(decile[0].predicted, 0, 0);
    assert_within(decile[9].observed, 1, 0);
}

static void seven_repeat_purchases_or_more_are_one_group(void **state)
{
    (void)state;
    const uint32_t x[] = {0, 7, 0, 90, 6}, actual[] = {1, 4, 0, 8, 5};
    const double expected[] = {.25, 3, .75, 6, 2};
    struct verdict_frequency group[VERDICT_FREQUENCIES];
    verdict_frequencies(x, actual, expected, 5, group);
    assert_int_equal(group[0].customers, 2);
    assert_within(group[0].actual, .5, 0);
    assert_within(group[0].expected, .5, 0);
    assert_int_equal(group[7].customers, 2);
    assert_within(group[7].actual, 6, 0);
    assert_within(group[7].expected, 4.5, 0);
    assert_int_equal(group[6].customers, 1);
    assert_int_equal(group[3].customers, 0);
    assert_within(group[3].actual, 0, 0);
}

/* Of 4 customers: squares .04 .09 .25 .01 against .09 .04 .04 .36 and so on, worked by hand: Brier .0975 and
 * .1325; differences -.05 .05 .21 -.35, mean -.035, variance (.0025 + .0025 + .0441 + .1225)/4 - .035^2. */
static void a_contest_has_the_error_of_its_difference(void **state)
{
    (void)state;
    const double one[] = {0.2, 0.3, 0.5, 0.9}, other[] = {0.3, 0.2, 0.8, 0.4};
    const uint8_t came[] = {0, 0, 1, 1};
    struct verdict_contest contest;
    verdict_contest(one, other, came, 4, &contest);
    assert_close(contest.brier[0], 0.0975, 8);
    assert_close(contest.brier[1], 0.1325, 8);
    assert_close(contest.standard_error, sqrt((0.1716 / 4 - 0.035 * 0.035) / 4), 64);
    assert_close(contest.log_loss[0], -(log(0.8) + log(0.7) + log(0.5) + log(0.9)) / 4, 8);
    assert_close(contest.log_loss[1], -(log(0.7) + log(0.8) + log(0.8) + log(0.4)) / 4, 8);
}

static void what_cannot_be_and_is_costs_much_and_not_all(void **state)
{
    (void)state;
    const double one[] = {0, 1}, other[] = {0.5, 0.5};
    const uint8_t came[] = {1, 0};
    struct verdict_contest contest;
    verdict_contest(one, other, came, 2, &contest);
    assert_close(contest.log_loss[0], -log(VERDICT_P_LEAST), 8);
    verdict_contest(one, other, came, 0, &contest);
    assert_true(contest.brier[0] == 0 && contest.log_loss[1] == 0 && contest.standard_error == 0);
}

static void brier_decides_and_log_loss_where_it_cannot(void **state)
{
    (void)state;
    static const struct {
        struct verdict_contest contest;
        int tied, better;
    } cases[] = {
        {{{0.12, 0.11}, {0.3, 0.4}, 0.001}, 0, 1}, {{{0.11, 0.12}, {0.4, 0.3}, 0.001}, 0, 0},
        {{{0.12, 0.11}, {0.3, 0.4}, 0.006}, 1, 0}, {{{0.11, 0.12}, {0.4, 0.3}, 0.006}, 1, 1},
        {{{0.11, 0.11}, {0.3, 0.3}, 0.000}, 1, 0}, {{{0.11, 0.12}, {0.4, 0.3}, 0.000}, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(verdict_tied(&cases[i].contest), cases[i].tied);
        assert_int_equal(verdict_better(&cases[i].contest), cases[i].better);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tied_pair_counts_half),
        cmocka_unit_test(one_key_for_all_is_a_coin),
        cmocka_unit_test(without_two_sides_there_is_no_auc),
        cmocka_unit_test(auc_counts_the_pairs),
        cmocka_unit_test(brier_is_a_mean_of_squares),
        cmocka_unit_test(a_contest_has_the_error_of_its_difference),
        cmocka_unit_test(what_cannot_be_and_is_costs_much_and_not_all),
        cmocka_unit_test(brier_decides_and_log_loss_where_it_cannot),
        cmocka_unit_test(the_mean_error_has_no_sign),
        cmocka_unit_test(customers_tied_at_the_border_count_alike),
        cmocka_unit_test(sums_of_money_beyond_64_bits_are_kept),
        cmocka_unit_test(deciles_differ_by_one_at_most),
        cmocka_unit_test(deciles_of_few_customers_may_be_empty),
        cmocka_unit_test(seven_repeat_purchases_or_more_are_one_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
