/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score/fit.h"
#include "score/minimise.h"
#include "score/money.h"
#include "score/special.h"
#include "support/assert.h"

#define ROWS 12000

static double drawn(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*seed >> 11) + 0.5) * 0x1p-53;
}

/* Gamma of a whole shape: a sum of exponentials. */
static double drawn_gamma(int shape, uint64_t *seed)
{
    double sum = 0;
    while (shape-- > 0)
        sum -= log(drawn(seed));
    return sum;
}

/* p = 4, q = 3, v = 20 times unit. */
static struct fit_spend_row *drawn_rows(size_t n, double unit)
{
    struct fit_spend_row *rows = calloc(n, sizeof *rows);
    uint64_t seed = 21;
    assert_non_null(rows);
    for (size_t i = 0; i < n; i++) {
        uint32_t x = 1 + (uint32_t)(12 * drawn(&seed) * drawn(&seed) * drawn(&seed));
        double nu = drawn_gamma(3, &seed) / (20 * unit);
        double z = drawn_gamma((int)(4 * x), &seed) / nu;
        rows[i] = (struct fit_spend_row){x, 0, money_from_units(z) + 1};
    }
    return rows;
}

static struct fit_spend fitted(const struct fit_spend_row *rows, size_t n,
                               const struct fit_crew *crew)
{
    struct fit_spend fit;
    void *scratch = malloc(fit_spend_scratch(n));
    fit_spend(rows, n, 77.5, scratch, crew, &fit);
    free(scratch);
    return fit;
}

/* SCORING section 4, term by term. */
static double likelihood(const struct fit_spend_row *rows, size_t n, double p, double q, double v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double x = rows[i].x, m = money_units(rows[i].repeat_spend) / x;
        sum += special_lgamma(p * x + q) - special_lgamma(p * x) - special_lgamma(q) + q * log(v) +
               (p * x - 1) * log(m) + p * x * log(x) - (p * x + q) * log(v + m * x);
    }
    return sum;
}

static void a_drawn_population_is_found_again(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(ROWS, 1);
    struct fit_spend fit = fitted(rows, ROWS, NULL);
    assert_int_equal(fit.stop, FIT_CONVERGED);
    assert_int_equal(fit.model.kind, SPEND_GAMMA_GAMMA);
    assert_within(fit.p, 4, 4 * fit.standard_error[0]);
    assert_within(fit.q, 3, 4 * fit.standard_error[1]);
    assert_within(fit.v, 20, 4 * fit.standard_error[2]);
    assert_true(fit.standard_error[0] > 0 && fit.standard_error[0] < 0.5);
    assert_close(fit.model.mean, fit.p * fit.v / (fit.q - 1), 4);
    assert_within(fit.correlation, 0, 0.05);
    assert_int_equal(fit.customers, ROWS);
    free(rows);
}

static void the_maximum_is_one(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(ROWS, 1);
    struct fit_spend fit = fitted(rows, ROWS, NULL);
    double top = likelihood(rows, ROWS, fit.p, fit.q, fit.v);
    assert_within(fit.log_likelihood, top, 1e-7);
    for (int i = 0; i < 3; i++) {
        double by[3] = {1, 1, 1};
        for (by[i] = 0.99; by[i] < 1.02; by[i] += 0.02)
            assert_true(likelihood(rows, ROWS, fit.p * by[0], fit.q * by[1], fit.v * by[2]) < top);
    }
    free(rows);
}

/* Errors by differences of the likelihood in log-parameters. */
static void standard_errors_are_the_curvatures(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(2000, 1);
    struct fit_spend fit = fitted(rows, 2000, NULL);
    const double h = 1e-3;
    struct minimise_matrix information = {{{0}}}, inverse;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            double sum = 0;
            for (int sign = 0; sign < 4; sign++) {
                double by[3] = {0, 0, 0};
                by[i] += sign & 1 ? h : -h;
                by[j] += sign & 2 ? h : -h;
                sum += (sign == 0 || sign == 3 ? -1 : 1) *
                       likelihood(rows, 2000, fit.p * exp(by[0]), fit.q * exp(by[1]),
                                  fit.v * exp(by[2]));
            }
            information.row[i][j] = sum / (4 * h * h);
        }
    }
    assert_int_equal(minimise_invert(&information, 3, &inverse), 0);
    assert_within(fit.standard_error[0], fit.p * sqrt(inverse.row[0][0]), 1e-3 * fit.p);
    assert_within(fit.standard_error[1], fit.q * sqrt(inverse.row[1][1]), 1e-3 * fit.q);
    assert_within(fit.standard_error[2], fit.v * sqrt(inverse.row[2][2]), 1e-3 * fit.v);
    free(rows);
}

static void another_currency_scales_v_alone(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(3000, 1);
    struct fit_spend one = fitted(rows, 3000, NULL);
    for (size_t i = 0; i < 3000; i++)
        rows[i].repeat_spend *= 16384;
    struct fit_spend other = fitted(rows, 3000, NULL);
    assert_close(other.p, one.p, 100);
    assert_close(other.q, one.q, 100);
    assert_close(other.v, 16384 * one.v, 100);
    free(rows);
}

static void run_backwards(void *crew, size_t n, void (*work)(void *context, size_t i),
                          void *context)
{
    (void)crew;
    while (n-- > 0)
        work(context, n);
}

static void the_crew_changes_no_bit(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(ROWS, 1);
    struct fit_crew crew = {run_backwards, NULL};
    struct fit_spend alone = fitted(rows, ROWS, NULL), helped = fitted(rows, ROWS, &crew);
    assert_true(alone.p == helped.p && alone.q == helped.q && alone.v == helped.v);
    assert_true(alone.log_likelihood == helped.log_likelihood);
    free(rows);
}

/* Who all spend alike per purchase: q and v run off together. */
static void equal_spenders_are_a_boundary_and_get_the_base_mean(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(500, 1);
    uint64_t seed = 4;
    for (size_t i = 0; i < 500; i++)
        rows[i].repeat_spend = money_from_units(drawn_gamma((int)rows[i].x, &seed)) + 1;
    struct fit_spend fit = fitted(rows, 500, NULL);
    assert_int_equal(fit.stop, FIT_BOUNDARY);
    assert_int_equal(fit.model.kind, SPEND_MEAN);
    assert_true(fit.model.mean == 77.5 && fit.standard_error[0] < 0);
    free(rows);
}

/* Each his own sum, every time the same: p runs off, and what somebody spends is what he will spend. */
static void who_spends_the_same_each_time_is_expected_to(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(500, 1);
    uint64_t seed = 4;
    for (size_t i = 0; i < 500; i++)
        rows[i].repeat_spend =
            (int64_t)rows[i].x * (money_from_units(1 / drawn_gamma(4, &seed)) + 1);
    struct fit_spend fit = fitted(rows, 500, NULL);
    assert_int_equal(fit.stop, FIT_BOUNDARY);
    assert_int_equal(fit.model.kind, SPEND_GAMMA_GAMMA);
    for (size_t i = 0; i < 500; i += 50) {
        double m = money_units(rows[i].repeat_spend) / rows[i].x;
        assert_within(spend_expected(&fit.model, rows[i].x, m), m, 1e-4 * m);
    }
    free(rows);
}

/* Money over many decades: q below 1, where the model has no mean. */
/* With hundreds of purchases hardly more than the own mean of each is seen: p is anything from small to
 * endless, as chance has it. Where it runs off each is expected to spend what he does in the mean. */
static void who_buys_every_day_is_expected_to_spend_his_own_mean(void **state)
{
    (void)state;
    int ran_off = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct fit_spend_row rows[100];
        uint64_t chance = seed;
        for (size_t i = 0; i < 100; i++) {
            uint32_t x = 250 + (uint32_t)(100 * drawn(&chance));
            rows[i] =
                (struct fit_spend_row){x, 0, money_from_units(20 / drawn_gamma(3, &chance) * x)};
        }
        struct fit_spend fit = fitted(rows, 100, NULL);
        assert_int_equal(fit.model.kind, SPEND_GAMMA_GAMMA);
        assert_within(fit.log_likelihood, likelihood(rows, 100, fit.p, fit.q, fit.v), 1e-3);
        if (fit.stop == FIT_CONVERGED)
            continue;
        ran_off++;
        assert_int_equal(fit.stop, FIT_BOUNDARY);
        assert_within(spend_expected(&fit.model, 300, 12.5), 12.5, 1e-3);
    }
    print_message("%d of 8 ran off\n", ran_off);
    assert_true(ran_off > 0);
}

/* A valley in which p, q and v bend together: damped steps are lost in it. */
static void a_bent_valley_is_followed_to_its_end(void **state)
{
    (void)state;
    struct fit_spend_row rows[400];
    uint64_t seed = 3;
    for (size_t i = 0; i < 400; i++) {
        uint32_t x = 270 + (uint32_t)(60 * drawn(&seed));
        double z = drawn_gamma((int)x / 2, &seed) / drawn_gamma(40, &seed);
        rows[i] = (struct fit_spend_row){x, 0, money_from_units(z * 1000) + 1};
    }
    struct fit_spend fit = fitted(rows, 400, NULL);
    print_message("p %g, q %g, v %g, %s, ln L %.9f, %d evaluations\n", fit.p, fit.q, fit.v,
                  fit_stop_name(fit.stop), fit.log_likelihood, (int)fit.evaluations);
    assert_int_equal(fit.stop, FIT_CONVERGED);
    assert_true(fit.gradient_norm <= 1e-8);
}

static void a_tail_without_a_mean_gets_the_base_mean(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(3000, 1);
    uint64_t seed = 4;
    for (size_t i = 0; i < 3000; i++) {
        double scale = exp(-1.6 * log(drawn(&seed)));
        rows[i].repeat_spend =
            money_from_units(scale * drawn_gamma((int)(3 * rows[i].x), &seed)) + 1;
    }
    struct fit_spend fit = fitted(rows, 3000, NULL);
    assert_int_equal(fit.stop, FIT_CONVERGED);
    assert_true(fit.q < 1);
    assert_int_equal(fit.model.kind, SPEND_MEAN);
    assert_true(fit.model.mean == 77.5);
    free(rows);
}

static void too_few_are_said(void **state)
{
    (void)state;
    struct fit_spend_row *rows = drawn_rows(9, 1);
    struct fit_spend fit = fitted(rows, 9, NULL);
    assert_int_equal(fit.stop, FIT_TOO_FEW);
    assert_int_equal(fit.model.kind, SPEND_MEAN);
    assert_true(fit.model.mean == 77.5);
    assert_int_equal(fit.customers, 9);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drawn_population_is_found_again),
        cmocka_unit_test(the_maximum_is_one),
        cmocka_unit_test(standard_errors_are_the_curvatures),
        cmocka_unit_test(another_currency_scales_v_alone),
        cmocka_unit_test(the_crew_changes_no_bit),
        cmocka_unit_test(equal_spenders_are_a_boundary_and_get_the_base_mean),
        cmocka_unit_test(who_spends_the_same_each_time_is_expected_to),
        cmocka_unit_test(who_buys_every_day_is_expected_to_spend_his_own_mean),
        cmocka_unit_test(a_bent_valley_is_followed_to_its_end),
        cmocka_unit_test(a_tail_without_a_mean_gets_the_base_mean),
        cmocka_unit_test(too_few_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
