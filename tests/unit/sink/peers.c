/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/peers.h"

#include <string.h>

#include "support/assert.h"

/* The members of one leaf group, as a shard sends them. */
struct leaf {
    const char *name;
    uint32_t n;
    int64_t per_unit[40];
};

static struct population *population_of(const struct leaf *leaves, size_t n)
{
    struct population *population;
    assert_int_equal(population_new(&population), 0);
    for (size_t i = 0; i < n; i++) {
        uint16_t length = (uint16_t)strlen(leaves[i].name);
        struct gathered part = {.n_groups = 1,
                                .group_length = &length,
                                .group_names = leaves[i].name,
                                .group_n = &leaves[i].n,
                                .per_unit = leaves[i].per_unit,
                                .n_peers = leaves[i].n};
        assert_int_equal(population_add(population, &part, 1, NULL), 0);
    }
    assert_int_equal(population_end(population, NULL), 0);
    return population;
}

static struct plan quantile_plan(int64_t tau_millionths)
{
    return (struct plan){.wallet_method = WALLET_QUANTILE, .wallet_tau_millionths = tau_millionths};
}

static struct peers peers_of(const struct leaf *leaves, size_t n, const struct plan *plan)
{
    struct peers peers = {0};
    struct population *population = population_of(leaves, n);
    assert_int_equal(peers_fit(&peers, population, plan), 0);
    population_destroy(&population);
    return peers;
}

/* What a group was given; -1 where there is no such group. */
static int64_t estimate_of(const struct peers *peers, const char *name)
{
    uint32_t i = model_group(&peers->groups, name, strlen(name));
    return i == MODEL_NO_GROUP ? -1 : peers->groups.estimate[i];
}

static uint64_t number_of(const struct peers *peers, const char *name)
{
    uint32_t i = model_group(&peers->groups, name, strlen(name));
    return i == MODEL_NO_GROUP ? 0 : peers->n[i];
}

static void without_peer_columns_everybody_is_one_group(void **state)
{
    (void)state;
    const struct leaf leaf = {"", 5, {500, 100, 300, 200, 400}};
    const struct plan plan = quantile_plan(500000);
    struct peers peers = peers_of(&leaf, 1, &plan);
    assert_int_equal(peers.groups.n, 1);
    assert_int_equal(estimate_of(&peers, ""), 300); /* thin, and without a parent to shrink to */
    assert_int_equal(number_of(&peers, ""), 5);
    peers_free(&peers);
}

/* The root's median, of 100 300 500 600 1000, is 500.
 * a: median 200 of 2, (2 x 200 + 30 x 500) / 32 = 15400 / 32 = 481.25
 * b: median 600 of 3, (3 x 600 + 30 x 500) / 33 = 16800 / 33 = 509.09 */
static void a_thin_group_is_shrunk_to_its_parent(void **state)
{
    (void)state;
    const struct leaf leaves[] = {{"a\x1f", 2, {100, 300}}, {"b\x1f", 3, {1000, 500, 600}}};
    const struct plan plan = quantile_plan(500000);
    struct peers peers = peers_of(leaves, 2, &plan);
    assert_int_equal(peers.groups.n, 3);
    assert_int_equal(estimate_of(&peers, ""), 500);
    assert_int_equal(estimate_of(&peers, "a\x1f"), 481);
    assert_int_equal(estimate_of(&peers, "b\x1f"), 509);
    peers_free(&peers);
}

static void fill(struct leaf *leaf, uint32_t n, int64_t value)
{
    leaf->n = n;
    for (uint32_t i = 0; i < n; i++)
        leaf->per_unit[i] = value;
}

/* 30 zeros and 29 hundreds: the root's median is 0. Thirty stand for themselves; of 29,
 * (29 x 100 + 30 x 0) / 59 = 49.15. */
static void thirty_members_are_enough_to_stand_alone(void **state)
{
    (void)state;
    struct leaf leaves[] = {{.name = "a\x1f"}, {.name = "b\x1f"}};
    const struct plan plan = quantile_plan(500000);
    fill(&leaves[0], 30, 0);
    fill(&leaves[1], 29, 100);
    struct peers peers = peers_of(leaves, 2, &plan);
    assert_int_equal(estimate_of(&peers, "b\x1f"), 49);
    peers_free(&peers);
    fill(&leaves[0], 31, 0);
    fill(&leaves[1], 30, 100);
    peers = peers_of(leaves, 2, &plan);
    assert_int_equal(estimate_of(&peers, "b\x1f"), 100);
    peers_free(&peers);
}

/* The root's median is 0. (2 x 8 + 30 x 0) / 32 is half a unit: to the even 0. (2 x 24) / 32 is one
 * and a half: to the even 2. */
static void halves_go_to_the_even_unit(void **state)
{
    (void)state;
    const struct leaf leaves[] = {
        {"a\x1f", 2, {8, 8}}, {"b\x1f", 2, {24, 24}}, {"c\x1f", 9, {0, 0, 0, 0, 0, 0, 0, 0, 0}}};
    const struct plan plan = quantile_plan(500000);
    struct peers peers = peers_of(leaves, 3, &plan);
    assert_int_equal(estimate_of(&peers, "a\x1f"), 0);
    assert_int_equal(estimate_of(&peers, "b\x1f"), 2);
    peers_free(&peers);
}

/* DE has 1 in retail and 1 in trade, FR 1 in retail.
 * root: 10 20 90, median 20
 * DE:   10 20 floor(15) of 2: (2 x 15 + 30 x 20) / 32 = 630 / 32 = 19.69, 20
 * DE retail: (1 x 10 + 30 x 20) / 31 = 610 / 31 = 19.68, 20
 * DE trade:  (1 x 20 + 30 x 20) / 31 = 20
 * FR: (1 x 90 + 30 x 20) / 31 = 690 / 31 = 22.26, 22
 * FR retail: (1 x 90 + 30 x 22) / 31 = 750 / 31 = 24.19, 24: to FR as it was shrunk itself */
static void each_level_is_shrunk_to_the_level_above(void **state)
{
    (void)state;
    const struct leaf leaves[] = {
        {"DE\x1fretail\x1f", 1, {10}}, {"DE\x1ftrade\x1f", 1, {20}}, {"FR\x1fretail\x1f", 1, {90}}};
    const struct plan plan = quantile_plan(500000);
    struct peers peers = peers_of(leaves, 3, &plan);
    assert_int_equal(peers.groups.n, 6);
    assert_int_equal(estimate_of(&peers, "DE\x1f"), 20);
    assert_int_equal(number_of(&peers, "DE\x1f"), 2);
    assert_int_equal(estimate_of(&peers, "DE\x1fretail\x1f"), 20);
    assert_int_equal(estimate_of(&peers, "DE\x1ftrade\x1f"), 20);
    assert_int_equal(estimate_of(&peers, "FR\x1f"), 22);
    assert_int_equal(estimate_of(&peers, "FR\x1fretail\x1f"), 24);
    assert_int_equal(estimate_of(&peers, "retail\x1f"), -1); /* only the last columns are dropped */
    peers_free(&peers);
}

static void an_empty_value_is_a_value(void **state)
{
    (void)state;
    const struct leaf leaves[] = {
        {"\x1f\x1f", 1, {10}}, {"\x1fx\x1f", 1, {30}}, {"a\x1f\x1f", 2, {50, 50}}};
    const struct plan plan = quantile_plan(0); /* the least */
    struct peers peers = peers_of(leaves, 3, &plan);
    assert_int_equal(peers.groups.n, 6);
    assert_int_equal(number_of(&peers, ""), 4);
    assert_int_equal(number_of(&peers, "\x1f"), 2);
    assert_int_equal(number_of(&peers, "\x1f\x1f"), 1);
    assert_int_equal(number_of(&peers, "\x1fx\x1f"), 1);
    assert_int_equal(number_of(&peers, "a\x1f"), 2);
    assert_int_equal(number_of(&peers, "a\x1f\x1f"), 2);
    peers_free(&peers);
}

static void a_name_that_begins_like_another_is_another_group(void **state)
{
    (void)state;
    const struct leaf leaves[] = {
        {"a\x1f", 1, {10}}, {"ab\x1f", 1, {20}}, {"a\x01\x1f", 1, {30}}, {"a \x1f", 1, {40}}};
    const struct plan plan = quantile_plan(1000000);
    struct peers peers = peers_of(leaves, 4, &plan);
    assert_int_equal(peers.groups.n, 5);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(number_of(&peers, leaves[i].name), 1);
    peers_free(&peers);
}

static void groups_of_all_levels_come_in_the_order_of_their_names(void **state)
{
    (void)state;
    const struct leaf leaves[] = {{"b\x1fy\x1f", 1, {1}},
                                  {"b\x1fx\x1f", 1, {1}},
                                  {"a\x1fz\x1f", 1, {1}},
                                  {"ab\x1f\x1f", 1, {1}}};
    const struct plan plan = quantile_plan(800000);
    struct peers peers = peers_of(leaves, 4, &plan);
    const struct model_groups *groups = &peers.groups;
    assert_int_equal(groups->n, 8);
    for (uint32_t i = 0; i + 1 < groups->n; i++) {
        size_t n = groups->offset[i + 1] - groups->offset[i];
        size_t next = groups->offset[i + 2] - groups->offset[i + 1];
        int order = memcmp(groups->names + groups->offset[i], groups->names + groups->offset[i + 1],
                           n < next ? n : next);
        assert_true(order < 0 || (order == 0 && n < next));
    }
    peers_free(&peers);
}

/* Type 7 of 0 1 2 3 4 at .8 lies at 3.2: kept is its floor. */
static void a_quantile_between_two_amounts_is_rounded_down(void **state)
{
    (void)state;
    const struct leaf leaf = {"", 5, {4, 0, 3, 1, 2}};
    const struct plan plan = quantile_plan(800000);
    struct peers peers = peers_of(&leaf, 1, &plan);
    assert_int_equal(estimate_of(&peers, ""), 3);
    peers_free(&peers);
}

/* root: (1 + 2 + 2 + 5) / 4 = 2.5, to the even 2; a: (1 + 2) / 2 = 1.5, to the even 2; b: 7 / 2 = 3.5,
 * to the even 4. */
static void a_mean_is_of_the_group_alone(void **state)
{
    (void)state;
    const struct leaf leaves[] = {{"a\x1f", 2, {1, 2}}, {"b\x1f", 2, {2, 5}}};
    const struct plan plan = {.wallet_method = WALLET_MEAN};
    struct peers peers = peers_of(leaves, 2, &plan);
    assert_int_equal(estimate_of(&peers, ""), 2);
    assert_int_equal(estimate_of(&peers, "a\x1f"), 2);
    assert_int_equal(estimate_of(&peers, "b\x1f"), 4);
    peers_free(&peers);
}

static void the_largest_amounts_have_a_mean_too(void **state)
{
    (void)state;
    const struct leaf leaf = {"", 3, {INT64_MAX, INT64_MAX, INT64_MAX - 3}};
    const struct plan plan = {.wallet_method = WALLET_MEAN};
    struct peers peers = peers_of(&leaf, 1, &plan);
    assert_true(estimate_of(&peers, "") == INT64_MAX - 1);
    peers_free(&peers);
}

static void without_a_peer_there_is_no_group(void **state)
{
    (void)state;
    const struct plan plan = quantile_plan(800000);
    struct peers peers = peers_of(NULL, 0, &plan);
    assert_int_equal(peers.groups.n, 0);
    assert_int_equal(estimate_of(&peers, ""), -1);
    peers_free(&peers);
}

static void a_plan_without_an_estimate_has_no_groups(void **state)
{
    (void)state;
    const struct leaf leaf = {"", 2, {1, 2}};
    const enum wallet_method methods[] = {WALLET_NONE, WALLET_DECLARED};
    for (size_t i = 0; i < 2; i++) {
        const struct plan plan = {.wallet_method = methods[i], .wallet_tau_millionths = 800000};
        struct peers peers = peers_of(&leaf, 1, &plan);
        assert_int_equal(peers.groups.n, 0);
        peers_free(&peers);
    }
}

static void groups_read_from_an_earlier_model_are_found_by_name(void **state)
{
    (void)state;
    struct peers peers = {0};
    assert_int_equal(peers_add(&peers, "", 0, 3, 70), 0);
    for (char c = 'a'; c <= 'z'; c++) {
        const char name[] = {c, PEERS_END};
        assert_int_equal(peers_add(&peers, name, 2, (uint64_t)c, c * 1000), 0);
    }
    assert_int_equal(peers.groups.n, 27);
    assert_int_equal(estimate_of(&peers, ""), 70);
    assert_int_equal(estimate_of(&peers, "m\x1f"), 'm' * 1000);
    assert_int_equal(number_of(&peers, "z\x1f"), 'z');
    assert_int_equal(estimate_of(&peers, "m"), -1);
    peers_free(&peers);
    assert_int_equal(peers.groups.n, 0);
}

/* 40 peers each, of 1, 4, 9 and 16 units, who spend 100 (a) and 200 (b) times the root of units. */
static struct population *rooted(void)
{
    static const int64_t roots[] = {1, 2, 3, 4};
    struct population *population;
    assert_int_equal(population_new(&population), 0);
    for (int g = 0; g < 2; g++) {
        int64_t per_unit[40], units[40], spend[40];
        const uint32_t n = 40;
        const uint16_t length = 2;
        struct gathered part = {.n_groups = 1,
                                .group_length = &length,
                                .group_names = g == 0 ? "a\x1f" : "b\x1f",
                                .group_n = &n,
                                .per_unit = per_unit,
                                .peer_units = units,
                                .peer_spend = spend,
                                .n_peers = 40};
        for (int i = 0; i < 40; i++) {
            int64_t root = roots[i % 4];
            units[i] = root * root * 10000;
            spend[i] = (g + 1) * 100 * 10000 * root;
            per_unit[i] = spend[i] / (root * root);
        }
        assert_int_equal(population_add(population, &part, 1, NULL), 0);
    }
    assert_int_equal(population_end(population, NULL), 0);
    return population;
}

static void regression_finds_how_spend_grows_with_units(void **state)
{
    (void)state;
    struct peers peers = {0};
    struct population *population = rooted();
    const struct plan plan = {.wallet_method = WALLET_REGRESSION, .wallet_tau_millionths = 500000};
    assert_int_equal(peers_fit(&peers, population, &plan), 0);
    assert_close(peers.groups.slope, 0.5, 64);
    assert_in_range(estimate_of(&peers, "a\x1f"), 999999, 1000001);
    assert_in_range(estimate_of(&peers, "b\x1f"), 1999998, 2000002);
    assert_true(peers.has_losses);
    assert_true(peers.loss[WALLET_REGRESSION] < 1e-3);
    assert_true(peers.loss[WALLET_QUANTILE] > 1);
    assert_true(peers.loss[WALLET_MEAN] > 1);
    assert_int_equal(peers_best(&peers), WALLET_REGRESSION);
    peers_free(&peers);
    population_destroy(&population);
}

/* Three trustworthy peers say nothing about who is left out. */
static void too_few_peers_are_not_judged(void **state)
{
    (void)state;
    const struct leaf leaf = {"", 3, {500, 100, 300}};
    const struct plan plan = quantile_plan(500000);
    struct peers peers = peers_of(&leaf, 1, &plan);
    assert_false(peers.has_losses);
    peers_free(&peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regression_finds_how_spend_grows_with_units),
        cmocka_unit_test(too_few_peers_are_not_judged),
        cmocka_unit_test(without_peer_columns_everybody_is_one_group),
        cmocka_unit_test(a_thin_group_is_shrunk_to_its_parent),
        cmocka_unit_test(thirty_members_are_enough_to_stand_alone),
        cmocka_unit_test(halves_go_to_the_even_unit),
        cmocka_unit_test(each_level_is_shrunk_to_the_level_above),
        cmocka_unit_test(an_empty_value_is_a_value),
        cmocka_unit_test(a_name_that_begins_like_another_is_another_group),
        cmocka_unit_test(groups_of_all_levels_come_in_the_order_of_their_names),
        cmocka_unit_test(a_quantile_between_two_amounts_is_rounded_down),
        cmocka_unit_test(a_mean_is_of_the_group_alone),
        cmocka_unit_test(the_largest_amounts_have_a_mean_too),
        cmocka_unit_test(without_a_peer_there_is_no_group),
        cmocka_unit_test(a_plan_without_an_estimate_has_no_groups),
        cmocka_unit_test(groups_read_from_an_earlier_model_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
