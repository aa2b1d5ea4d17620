/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/chance.h"

#include <math.h>

#include "support/assert.h"

#define DRAWS 200000

/* The first outputs of SplitMix64 from 0, and of xoshiro256** from the state 1, 2, 3, 4, as the
 * authors' reference code has them. */
static void the_generators_are_the_published_ones(void **state)
{
    (void)state;
    uint64_t seed = 0;
    assert_true(chance_split(&seed) == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(chance_split(&seed) == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(chance_split(&seed) == UINT64_C(0x06c45d188009454f));
    struct chance chance = {.state = {1, 2, 3, 4}};
    assert_true(chance_bits(&chance) == UINT64_C(11520));
    assert_true(chance_bits(&chance) == UINT64_C(0));
    assert_true(chance_bits(&chance) == UINT64_C(1509978240));
    assert_true(chance_bits(&chance) == UINT64_C(1215971899390074240));
}

static void equal_seeds_draw_alike_and_others_differ(void **state)
{
    (void)state;
    struct chance one = chance_seeded(7), same = chance_seeded(7), other = chance_seeded(8);
    assert_true(chance_bits(&one) == chance_bits(&same));
    assert_true(chance_bits(&one) != chance_bits(&other));
}

static double uniform(struct chance *chance, double a, double b)
{
    (void)a;
    (void)b;
    return chance_uniform(chance);
}

static double exponential(struct chance *chance, double a, double b)
{
    (void)a;
    (void)b;
    return chance_exponential(chance);
}

static double normal(struct chance *chance, double a, double b)
{
    (void)a;
    (void)b;
    return chance_normal(chance);
}

static double gamma_variable(struct chance *chance, double a, double b)
{
    (void)b;
    return chance_gamma(chance, a);
}

/* Mean and variance of DRAWS draws lie within five standard errors of mu and sigma^2; kurtosis is
 * the fourth central moment over sigma^4, so the variance's error is sigma^2 sqrt((k - 1) / n). */
static void has_moments(double (*draw)(struct chance *, double, double), double a, double b,
                        double mu, double variance, double kurtosis)
{
    struct chance chance = chance_seeded(42);
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = draw(&chance, a, b) - mu;
        sum += x;
        squares += x * x;
    }
    assert_within(sum / DRAWS, 0, 5 * sqrt(variance / DRAWS));
    assert_within(squares / DRAWS, variance, 5 * variance * sqrt((kurtosis - 1) / DRAWS));
}

static void draws_have_the_moments_of_their_distribution(void **state)
{
    (void)state;
    static const double shape[] = {0.05, 0.5, 0.8, 1, 2.5, 6.25, 400};
    has_moments(uniform, 0, 0, 0.5, 1.0 / 12, 1.8);
    has_moments(exponential, 0, 0, 1, 1, 9);
    has_moments(normal, 0, 0, 0, 1, 3);
    for (size_t i = 0; i < sizeof shape / sizeof shape[0]; i++)
        has_moments(gamma_variable, shape[i], 0, shape[i], shape[i], 3 + 6 / shape[i]);
}

static double beta_kurtosis(double a, double b)
{
    double n = a + b;
    double above = 6 * ((a - b) * (a - b) * (n + 1) - a * b * (n + 2));
    return 3 + above / (a * b * (n + 2) * (n + 3));
}

static void a_beta_has_its_moments_even_where_gammas_underflow(void **state)
{
    (void)state;
    static const double pair[][2] = {{0.5, 6}, {2, 2}, {0.001, 0.003}, {30, 0.2}};
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        double a = pair[i][0], b = pair[i][1], n = a + b;
        has_moments(chance_beta, a, b, a / n, a * b / (n * n * (n + 1)), beta_kurtosis(a, b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generators_are_the_published_ones),
        cmocka_unit_test(equal_seeds_draw_alike_and_others_differ),
        cmocka_unit_test(draws_have_the_moments_of_their_distribution),
        cmocka_unit_test(a_beta_has_its_moments_even_where_gammas_underflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
