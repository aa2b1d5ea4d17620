/* SPDX-License-Identifier: Apache-2.0 */
#include "score/regular.h"

#include <math.h>

#include "support/assert.h"
#include "support/chance.h"

static double drawn_between(struct chance *chance, double least, double most)
{
    return least * pow(most / least, (double)chance_below(chance, 1000000) / 1e6);
}

static struct regular drawn_regular(struct chance *chance)
{
    return (struct regular){
        .who = {drawn_between(chance, 0.5, 200), drawn_between(chance, 1e-3, 50),
                drawn_between(chance, 1e-2, 50)},
        .k = 2 + (int32_t)chance_below(chance, 6),
    };
}

/* Where events are some dozens: neither too many for sums nor so few that the integral cancels. */
static void sums_and_integrals_agree(void **state)
{
    (void)state;
    struct chance chance = {3};
    for (int i = 0; i < 300; i++) {
        struct regular regular = drawn_regular(&chance);
        double tau[2], sums[CHURN_REGULARITY_MOST][SURVIVOR_LANES];
        double integrals[CHURN_REGULARITY_MOST][SURVIVOR_LANES];
        tau[0] = drawn_between(&chance, 0.5, 3) * (20 / (20 + regular.who.rho));
        tau[1] = tau[0] * 1.5;
        regular_expected(&regular, tau, 2, sums);
        regular_by_quadrature(&regular, tau, 2, integrals);
        for (int32_t j = 0; j < regular.k; j++)
            for (int lane = 0; lane < 2; lane++)
                assert_within(integrals[j][lane], sums[j][lane], 1e-9 * sums[j][lane]);
    }
}

/* Who is nearer to his next purchase buys no less, and at most one purchase more. */
static void a_later_phase_buys_more(void **state)
{
    (void)state;
    struct chance chance = {4};
    for (int i = 0; i < 200; i++) {
        struct regular regular = drawn_regular(&chance);
        double tau = drawn_between(&chance, 1e-6, 1e6);
        double expected[CHURN_REGULARITY_MOST][SURVIVOR_LANES];
        regular_expected(&regular, &tau, 1, expected);
        for (int32_t j = 1; j < regular.k; j++)
            assert_true(expected[j][0] >= expected[j - 1][0] * (1 - 1e-12));
    }
}

static void horizons_side_by_side_are_those_alone(void **state)
{
    (void)state;
    struct regular regular = {{3, 0.5, 2}, 3};
    double tau[SURVIVOR_LANES], all[CHURN_REGULARITY_MOST][SURVIVOR_LANES];
    double alone[CHURN_REGULARITY_MOST][SURVIVOR_LANES];
    for (int i = 0; i < SURVIVOR_LANES; i++)
        tau[i] = 1e-4 * pow(7, i); /* the last ones have too many events for a sum */
    regular_expected(&regular, tau, SURVIVOR_LANES, all);
    for (int i = 0; i < SURVIVOR_LANES; i++) {
        regular_expected(&regular, &tau[i], 1, alone);
        for (int32_t j = 0; j < regular.k; j++)
            assert_within(all[j][i], alone[j][0], 1e-11 * alone[j][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_integrals_agree),
        cmocka_unit_test(a_later_phase_buys_more),
        cmocka_unit_test(horizons_side_by_side_are_those_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
