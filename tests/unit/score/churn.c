/* SPDX-License-Identifier: Apache-2.0 */
#include "score/churn_memory.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"

/* Fitted to CDNOW. */
static const struct churn_model bgnbd = {CHURN_BGNBD, 1, {0.2426, 4.4136, 0.7929, 2.4259}};
static const struct churn_model mbgnbd = {CHURN_MBGNBD, 1, {0.5248, 6.1831, 0.8914, 1.614}};
static const struct churn_horizon year = {365, 90, 0.01};

static struct repeat bought(uint32_t x, int32_t span_days, int32_t age_days)
{
    return (struct repeat){x, span_days, age_days};
}

static void kinds_and_names_lead_to_each_other(void **state)
{
    (void)state;
    for (int kind = CHURN_NONE; kind <= CHURN_MBGCNBD; kind++)
        assert_int_equal(churn_kind_named(churn_name((enum churn_kind)kind)), kind);
    assert_null(churn_name((enum churn_kind)(CHURN_MBGCNBD + 1)));
    assert_null(churn_name((enum churn_kind)(-1)));
    assert_int_equal(churn_kind_named("weibull"), CHURN_NONE);
    assert_int_equal(churn_parameters(CHURN_NBD), 2);
    assert_int_equal(churn_parameters((enum churn_kind)99), 0);
    assert_string_equal(churn_parameter_name(CHURN_PNBD, 3), "beta");
    assert_null(churn_parameter_name(CHURN_NBD, 2));
    assert_null(churn_parameter_name(CHURN_BGNBD, -1));
}

static void an_unknown_kind_answers_nothing(void **state)
{
    (void)state;
    struct churn_model none = {.kind = CHURN_NONE};
    struct churn_memory_slot slot = {0};
    struct churn_memory memory = {.slot = &slot, .n = 1};
    struct churn_outlooks outlooks;
    struct repeat seen = bought(1, 7, 14);
    assert_false(churn_kind_supported(CHURN_NONE));
    assert_true(churn_outlook(&none, bought(1, 7, 14), &year).p_alive == 0);
    churn_outlooks(&none, &seen, 1, &year, &memory, &outlooks);
    assert_true(outlooks.p_alive[0] == 0 && outlooks.discounted[0] == 0);
    assert_true(churn_log_likelihood(&none, bought(1, 7, 14)) == 0);
    assert_true(churn_alive(&none, bought(1, 7, 14)) == 0);
    assert_true(churn_expected(&none, bought(1, 7, 14), 30) == 0);
}

/* Fader, Hardie & Lee work this customer of CDNOW out: x = 2, t_x = 30.43, T = 38.86 weeks. */
static void the_papers_customer_comes_out(void **state)
{
    (void)state;
    struct churn_model model = {CHURN_BGNBD, 1, {0.243, 4.414, 0.793, 2.426}};
    assert_within(churn_expected(&model, bought(2, 213, 272), 39 * 7), 1.226, 2e-3);
}

static void a_one_time_buyer_is_for_ever_in_bgnbd_and_doubtful_in_mbgnbd(void **state)
{
    (void)state;
    assert_true(churn_alive(&bgnbd, bought(0, 0, 10000)) == 1);
    double fresh = churn_alive(&mbgnbd, bought(0, 0, 0)),
           stale = churn_alive(&mbgnbd, bought(0, 0, 1000));
    assert_close(fresh, 1.614 / (0.8914 + 1.614), 8);
    assert_true(stale < 0.5 * fresh);
}

/* With alpha = beta there is nothing left to integrate but a power: who leaves at a rate of shape s
 * and buys at one of shape r + x leaves first with probability s / (r + s + x). */
static void pnbd_with_equal_scales_is_elementary(void **state)
{
    (void)state;
    struct churn_model model = {CHURN_PNBD, 1, {0.8, 6, 0.5, 6}};
    struct repeat seen = bought(3, 70, 140); /* 10 and 20 weeks */
    struct churn_horizon horizon = {98, 98, 0};
    double power = pow(26.0 / 16, 4.3), odds = 0.5 / 4.3 * (power - 1), alive = 1 / (1 + odds);
    double quiet = (0.5 + 3.8 * pow(26.0 / 40, 4.3)) / 4.3;
    struct churn_outlook outlook = churn_outlook(&model, seen, &horizon);
    assert_close(outlook.p_alive, alive, 8);
    assert_close(outlook.churn_prob, 1 - alive * (1 - quiet), 8);
    assert_close(outlook.expected_purchases, alive * 3.8 / 0.5 * (pow(40.0 / 26, 0.5) - 1), 8);
    /* Gamma(3.8) / Gamma(0.8) is 0.8 * 1.8 * 2.8. */
    double likelihood = log(0.8 * 1.8 * 2.8) + 1.3 * log(6) - 4.3 * log(26) + log(1 + odds);
    assert_close(churn_log_likelihood(&model, seen), likelihood, 16);
    model.parameter[2] = 1;
    assert_close(churn_expected(&model, bought(0, 0, 0), 42), 0.8 * log(2), 8);
}

static void with_no_time_ahead_nothing_is_expected(void **state)
{
    (void)state;
    struct churn_horizon now = {0, 0, 0.01};
    struct churn_outlook outlook = churn_outlook(&bgnbd, bought(3, 60, 90), &now);
    assert_true(outlook.expected_purchases == 0 && outlook.discounted == 0);
    assert_close(outlook.churn_prob, 1, 1);
    assert_true(churn_expected(&bgnbd, bought(3, 60, 90), 0) == 0);
}

static void the_outlook_agrees_with_its_parts(void **state)
{
    (void)state;
    struct churn_outlook outlook = churn_outlook(&mbgnbd, bought(3, 60, 90), &year);
    assert_true(outlook.p_alive == churn_alive(&mbgnbd, bought(3, 60, 90)));
    assert_true(outlook.expected_purchases == churn_expected(&mbgnbd, bought(3, 60, 90), 365));
}

static void without_discount_the_months_add_up_to_the_horizon(void **state)
{
    (void)state;
    for (int32_t days = 1; days < 1500; days += 29) {
        struct churn_horizon horizon = {days, 90, 0};
        struct churn_outlook outlook = churn_outlook(&bgnbd, bought(5, 100, 200), &horizon);
        assert_close(outlook.discounted, outlook.expected_purchases, 1);
    }
}

static void discounting_counts_each_month_once(void **state)
{
    (void)state;
    struct repeat seen = bought(4, 150, 160);
    struct churn_horizon horizon = {75, 90, 0.1};
    /* 75 days are two months of 30.4375 days and a cut one; months end within a day. */
    double first = churn_expected(&bgnbd, seen, 30), second = churn_expected(&bgnbd, seen, 61);
    double all = churn_expected(&bgnbd, seen, 75);
    double sum = first / 1.1 + (second - first) / 1.21 + (all - second) / 1.331;
    assert_within(churn_outlook(&bgnbd, seen, &horizon).discounted, sum, 0.01 * first);
    struct churn_horizon month = {30, 90, 0.1};
    assert_close(churn_outlook(&bgnbd, seen, &month).discounted, first / 1.1, 4);
}

static void silence_makes_churn_likelier(void **state)
{
    (void)state;
    double before = 0;
    for (int32_t age = 100; age < 5000; age += 50) {
        double churn = churn_outlook(&mbgnbd, bought(4, 100, age), &year).churn_prob;
        assert_true(churn > before && churn <= 1);
        before = churn;
    }
}

static void nothing_jumps_where_a_formula_has_a_singularity(void **state)
{
    (void)state;
    for (int32_t days = 7; days <= 7000; days *= 10) {
        struct churn_model model = {CHURN_BGNBD, 1, {0.24, 4.4, 1, 2.4}};
        double at = churn_expected(&model, bought(2, 100, 200), days);
        model.parameter[2] = 1 + 1e-9;
        assert_within(churn_expected(&model, bought(2, 100, 200), days), at, 1e-8 * at);
        struct churn_model other = {CHURN_BGNBD, 1, {0.24, 4.4, 0.25, 0.75}};
        at = churn_expected(&other, bought(0, 0, 200), days);
        other.parameter[3] += 1e-9;
        assert_within(churn_expected(&other, bought(0, 0, 200), days), at, 1e-8 * at);
    }
}

/* More (x, T) than slots, and more T than shelves. */
static void remembering_changes_no_bit(void **state)
{
    (void)state;
    struct churn_memory_slot slots[8] = {{0}};
    struct churn_memory_shelf shelves[4] = {{{{0}}}};
    struct churn_memory memory = {.slot = slots, .n = 8};
    for (int i = 0; i < 4000; i++) {
        struct repeat seen[CHURN_HANDFUL];
        struct churn_outlooks got;
        size_t n = 1 + (size_t)i % CHURN_HANDFUL;
        memory.shelf = shelves;
        memory.shelves = i % 3 ? 4 : 0;
        for (size_t j = 0; j < n; j++) {
            int k = i * 7 + (int)j;
            uint32_t x = (uint32_t)(k % 5);
            seen[j] = bought(x, x ? k * 11 % 100 : 0, 100 + k * 13 % 6);
        }
        churn_outlooks(&bgnbd, seen, n, &year, &memory, &got);
        for (size_t j = 0; j < n; j++) {
            struct churn_outlook fresh = churn_outlook(&bgnbd, seen[j], &year);
            assert_memory_equal(&fresh.p_alive, &got.p_alive[j], sizeof(double));
            assert_memory_equal(&fresh.churn_prob, &got.churn_prob[j], sizeof(double));
            assert_memory_equal(&fresh.expected_purchases, &got.expected_purchases[j],
                                sizeof(double));
            assert_memory_equal(&fresh.discounted, &got.discounted[j], sizeof(double));
        }
    }
}

static double drawn(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*seed >> 11) * 0x1p-53;
}

static struct repeat drawn_seen(uint64_t *seed)
{
    static const uint32_t purchases[] = {0, 0, 0, 1, 1, 2, 3, 9, 60, 800, 20000};
    uint32_t x = purchases[(size_t)(11 * drawn(seed))];
    int32_t age = (int32_t)(70000 * drawn(seed) * drawn(seed) * drawn(seed));
    return bought(x, x ? (int32_t)(age * drawn(seed)) : 0, age);
}

/* log-uniform from 10^-decades to 10^decades */
static struct churn_model drawn_model(uint64_t *seed, enum churn_kind kind, double decades)
{
    struct churn_model model = {kind, 1 + (int32_t)(CHURN_REGULARITY_MOST * drawn(seed)), {0}};
    for (int i = 0; i < CHURN_PARAMETERS; i++)
        model.parameter[i] = pow(10, decades * (2 * drawn(seed) - 1));
    return model;
}

static void check_finite(const struct churn_model *model, struct repeat seen,
                         const struct churn_horizon *horizon)
{
    struct churn_outlook got = churn_outlook(model, seen, horizon);
    assert_true(isfinite(churn_log_likelihood(model, seen)));
    assert_true(got.p_alive >= 0 && got.p_alive <= 1);
    assert_true(got.churn_prob >= 0 && got.churn_prob <= 1);
    assert_true(got.expected_purchases >= 0 && isfinite(got.expected_purchases));
    assert_true(got.discounted >= 0 && got.discounted <= got.expected_purchases * (1 + 1e-12));
}

static void nothing_is_ever_infinite_or_no_number(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 3000; i++) {
        enum churn_kind kind = (enum churn_kind)(1 + (int)(CHURN_MBGCNBD * drawn(&seed)));
        struct churn_model model = drawn_model(&seed, kind, i % 4 < 2 ? 30 : 4);
        struct repeat seen = drawn_seen(&seed);
        struct churn_horizon horizon = {i % 3 ? 365 : 70000, i % 5 ? 90 : 70000, i % 7 ? 0.01 : 0};
        if (horizon.horizon_days > 365 && i % 20)
            horizon.horizon_days = 800;
        if (churn_kind_supported(kind))
            check_finite(&model, seen, &horizon);
    }
}

/* FNV-1a over the bits of a result. */
static uint64_t mixed(uint64_t hash, double result)
{
    uint64_t bits;
    memcpy(&bits, &result, sizeof bits);
    return (hash ^ bits) * UINT64_C(0x100000001b3);
}

/* Of the outlooks of n customers, under two kinds by turns. */
static uint64_t hash_of(enum churn_kind even, enum churn_kind odd, int n)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325), seed = 1;
    for (int i = 0; i < n; i++) {
        struct churn_model model = {i % 2 ? odd : even, 2 + i % 3, {0}};
        for (int j = 0; j < CHURN_PARAMETERS; j++)
            model.parameter[j] = 0.01 + 5 * drawn(&seed) * drawn(&seed);
        struct repeat seen = drawn_seen(&seed);
        struct churn_outlook outlook = churn_outlook(&model, seen, &year);
        hash = mixed(hash, churn_log_likelihood(&model, seen));
        hash = mixed(hash, outlook.p_alive);
        hash = mixed(hash, outlook.churn_prob);
        hash = mixed(hash, outlook.expected_purchases);
        hash = mixed(hash, outlook.discounted);
    }
    return hash;
}

/* As in score/special: changes with the arithmetic only, never with the host. */
static void the_bits_are_the_same_on_every_host(void **state)
{
    (void)state;
    static const struct {
        enum churn_kind even, odd;
        int n;
        uint64_t want;
    } row[] = {
        {CHURN_MBGNBD, CHURN_BGNBD, 2000, UINT64_C(0x0332f9f9e6fed33a)},
        {CHURN_PNBD, CHURN_NBD, 2000, UINT64_C(0x3e6f4c57ca26e0c3)},
        {CHURN_MBGCNBD, CHURN_BGCNBD, 400, UINT64_C(0x70e0262fad7bd2b4)},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint64_t hash = hash_of(row[i].even, row[i].odd, row[i].n);
        print_message("churn: %016llx\n", (unsigned long long)hash);
        assert_true(hash == row[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_and_names_lead_to_each_other),
        cmocka_unit_test(an_unknown_kind_answers_nothing),
        cmocka_unit_test(the_papers_customer_comes_out),
        cmocka_unit_test(a_one_time_buyer_is_for_ever_in_bgnbd_and_doubtful_in_mbgnbd),
        cmocka_unit_test(pnbd_with_equal_scales_is_elementary),
        cmocka_unit_test(with_no_time_ahead_nothing_is_expected),
        cmocka_unit_test(the_outlook_agrees_with_its_parts),
        cmocka_unit_test(without_discount_the_months_add_up_to_the_horizon),
        cmocka_unit_test(discounting_counts_each_month_once),
        cmocka_unit_test(silence_makes_churn_likelier),
        cmocka_unit_test(nothing_jumps_where_a_formula_has_a_singularity),
        cmocka_unit_test(remembering_changes_no_bit),
        cmocka_unit_test(nothing_is_ever_infinite_or_no_number),
        cmocka_unit_test(the_bits_are_the_same_on_every_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
