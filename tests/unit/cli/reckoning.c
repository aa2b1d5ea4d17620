/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/reckoning.h"

#include <math.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

static struct repeat drawn(struct chance *chance)
{
    struct repeat seen = {.x = (uint32_t)chance_below(chance, 12)};
    seen.age_days = 1 + (int32_t)chance_below(chance, 900);
    seen.span_days = seen.x ? 1 + (int32_t)chance_below(chance, (uint64_t)seen.age_days) : 0;
    return seen;
}

static double part(const struct reckoning *reckoning, const char *words)
{
    for (size_t i = 0; i < reckoning->n; i++)
        if (strncmp(reckoning->part[i].words, words, strlen(words)) == 0)
            return reckoning->part[i].value;
    fail_msg("no part begins with %s", words);
    return 0;
}

/* p_alive out of the parts, by the formula in words. */
static double alive_of(const struct reckoning *reckoning)
{
    if (strcmp(reckoning->alive, "1") == 0)
        return 1;
    if (strcmp(reckoning->alive, "1 / (1 + odds)") == 0)
        return 1 / (1 + part(reckoning, "odds"));
    assert_string_equal(reckoning->alive, "q / (q + K(t_x) - q K(T))");
    double q = part(reckoning, "q"), k_last = part(reckoning, "K(t_x)");
    return q / (q + k_last - q * part(reckoning, "K(T)"));
}

static void the_parts_make_p_alive_for_every_kind(void **state)
{
    (void)state;
    struct chance chance = {8};
    int kinds = 0;
    for (int kind = 0; kind < 20; kind++) {
        struct churn_model model = {(enum churn_kind)kind, 1, {0.6, 8.7, 0.55, 1.01}};
        if (!churn_kind_supported(model.kind))
            continue;
        kinds++;
        model.regularity = kind == CHURN_BGCNBD || kind == CHURN_MBGCNBD ? 3 : 1;
        for (int i = 0; i < 300; i++) {
            struct repeat seen = drawn(&chance);
            struct reckoning reckoning = reckoning_of(&model, seen);
            double alive = churn_alive(&model, seen);
            assert_true(fabs(alive_of(&reckoning) - alive) <= 1e-9 * (1 + alive));
            assert_true(strlen(reckoning.quiet) > 0);
        }
    }
    assert_true(kinds >= 3);
}

/* r 1, alpha 10, a 1, b 1; x 1, t_x 4 weeks, T 18 weeks, h 28 weeks: as in tests/system/explain.sh. */
static void a_customer_worked_by_hand(void **state)
{
    (void)state;
    const struct churn_model model = {CHURN_MBGNBD, 1, {1, 10, 1, 1}};
    const struct repeat seen = {1, 28, 126};
    const struct churn_horizon horizon = {0, 196, 0};
    struct reckoning reckoning = reckoning_of(&model, seen);
    struct churn_outlook outlook = churn_outlook(&model, seen, &horizon);
    assert_int_equal(reckoning.n, 3);
    assert_close(reckoning.part[0].value, 0.5, 8);
    assert_close(reckoning.part[1].value, 4, 8);
    assert_close(reckoning.part[2].value, 2, 8);
    assert_close(reckoning_quiet(&outlook), 0.25, 64);
    assert_close(outlook.churn_prob, 0.75, 8);
}

static void one_who_bought_once_cannot_be_gone_in_bgnbd(void **state)
{
    (void)state;
    const struct churn_model model = {CHURN_BGNBD, 1, {1, 10, 1, 1}};
    struct reckoning reckoning = reckoning_of(&model, (struct repeat){0, 0, 70});
    assert_string_equal(reckoning.alive, "1");
    assert_string_not_equal(reckoning.condition, "");
    assert_int_equal(reckoning.n, 0);
}

static void nobody_is_quiet_who_is_gone(void **state)
{
    (void)state;
    const struct churn_outlook gone = {.p_alive = 0, .churn_prob = 1};
    assert_close(reckoning_quiet(&gone), 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_make_p_alive_for_every_kind),
        cmocka_unit_test(a_customer_worked_by_hand),
        cmocka_unit_test(one_who_bought_once_cannot_be_gone_in_bgnbd),
        cmocka_unit_test(nobody_is_quiet_who_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
