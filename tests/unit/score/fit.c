/* SPDX-License-Identifier: Apache-2.0 */
#include "score/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score/fit_dropout.h"
#include "score/fit_nbd.h"
#include "score/fit_pnbd.h"
#include "support/assert.h"

#define ROWS 30000

static double drawn(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*seed >> 11) + 0.5) * 0x1p-53;
}

static int by_history(const void *a, const void *b)
{
    const struct fit_row *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->age_days != q->age_days)
        return p->age_days < q->age_days ? -1 : 1;
    return (p->span_days > q->span_days) - (p->span_days < q->span_days);
}

/* How a customer comes about: rates are exponential (r = 1) with this mean of days between
 * purchases, or everybody buys like clockwork, more evenly than any Poisson process; after a
 * purchase he leaves with a p whose root is uniform, which is Beta(1/2, 1). */
struct population {
    double days_between;
    int clockwork;
    int faithful; /* nobody leaves, every purchase counts, and whoever came back was here today */
};

/* One in a hundred may leave after a purchase, and does so seldom: nearly NBD. */
static struct fit_row customer_who_stays(uint64_t *seed)
{
    struct fit_row row = {.age_days = (int32_t)(700 * drawn(seed)), .n = 1};
    double rate = -log(drawn(seed)) / 60, day = 0;
    double leaves = drawn(seed) < 0.01 ? 0.03 * drawn(seed) : 0;
    while (drawn(seed) >= leaves) {
        day += -log(drawn(seed)) / rate;
        if (day > row.age_days)
            break;
        row.x += (int32_t)day > row.span_days;
        row.span_days = (int32_t)day;
    }
    return row;
}

static struct fit_row customer_of(const struct population *from, uint64_t *seed)
{
    int32_t age = (int32_t)(7000 * drawn(seed));
    double rate = -log(drawn(seed)) / from->days_between, day = 0;
    double root = drawn(seed);
    struct fit_row row = {.age_days = age, .n = 1 + (uint32_t)(3 * drawn(seed))};
    while (from->faithful || drawn(seed) > root * root) {
        day += from->clockwork ? from->days_between : -log(drawn(seed)) / rate;
        if (day > age)
            break;
        row.x += from->faithful || (int32_t)day > row.span_days;
        row.span_days = (int32_t)day;
    }
    if (from->faithful && row.x > 0)
        row.span_days = age;
    return row;
}

struct base {
    struct fit_row *row;
    size_t n;
    void *scratch;
};

static struct base base_of(struct population from, size_t n)
{
    struct base base = {malloc(n * sizeof *base.row), n, NULL};
    uint64_t seed = 11;
    assert_non_null(base.row);
    for (size_t i = 0; i < n; i++)
        base.row[i] = customer_of(&from, &seed);
    qsort(base.row, n, sizeof *base.row, by_history);
    base.scratch = malloc(fit_churn_scratch(base.row, n));
    assert_non_null(base.scratch);
    return base;
}

static void base_free(struct base *base)
{
    free(base->row);
    free(base->scratch);
}

static const struct population usual = {600, 0, 0};

static struct fit fitted(const struct base *base, enum churn_kind kind,
                         const struct churn_model *start, const struct fit_crew *crew)
{
    struct fit fit;
    fit_churn(kind, 1, base->row, base->n, 0, start, base->scratch, crew, &fit);
    return fit;
}

/* What lies behind the table in the scratch of a fit. */
static void *memory_of(const struct base *base)
{
    return (char *)base->scratch + fit_table_bytes(base->row, base->n);
}

static const struct {
    struct churn_model model;
    void (*evaluate)(void *context, const double *at, struct minimise_slope *out);
} likelihoods[] = {
    {{.kind = CHURN_BGNBD, .regularity = 1}, fit_dropout_evaluate},
    {{.kind = CHURN_MBGNBD, .regularity = 1}, fit_dropout_evaluate},
    {{.kind = CHURN_PNBD, .regularity = 1}, fit_pnbd_evaluate},
    {{.kind = CHURN_NBD, .regularity = 1}, fit_nbd_evaluate},
    {{.kind = CHURN_MBGCNBD, .regularity = 1}, fit_dropout_evaluate},
    {{.kind = CHURN_MBGCNBD, .regularity = 3}, fit_dropout_evaluate},
    {{.kind = CHURN_BGCNBD, .regularity = 2}, fit_dropout_evaluate},
    {{.kind = CHURN_BGCNBD, .regularity = 20}, fit_dropout_evaluate},
};

static void the_table_says_what_customers_say_singly(void **state)
{
    (void)state;
    struct base base = base_of(usual, 3000);
    const double at[] = {-0.7, 1.9, -0.4, 0.8};
    for (size_t k = 0; k < sizeof likelihoods / sizeof *likelihoods; k++) {
        struct fit_table table;
        struct minimise_slope slope;
        fit_table_make(&table, base.row, base.n, base.scratch, NULL);
        struct fit_likelihood likelihood = {&table, likelihoods[k].model, memory_of(&base)};
        likelihoods[k].evaluate(&likelihood, at, &slope);
        double sum = 0, customers = 0;
        for (size_t i = 0; i < base.n; i++) {
            struct repeat seen = {base.row[i].x, base.row[i].span_days, base.row[i].age_days};
            sum -= base.row[i].n * churn_log_likelihood(&likelihood.model, seen);
            customers += base.row[i].n;
        }
        assert_true(table.customers == customers);
        assert_close(slope.value, sum / customers, 100);
    }
    base_free(&base);
}

/* Central differences: of the value for the gradient, of the gradient for the hessian. */
static void check_slope(struct minimise_problem *problem, const double *at)
{
    const double h = 1e-4;
    struct minimise_slope here, more, less;
    problem->evaluate(problem->context, at, &here);
    for (int i = 0; i < problem->n; i++) {
        double moved[MINIMISE_MOST];
        memcpy(moved, at, sizeof moved);
        moved[i] = at[i] + h;
        problem->evaluate(problem->context, moved, &more);
        moved[i] = at[i] - h;
        problem->evaluate(problem->context, moved, &less);
        assert_within(here.gradient[i], (more.value - less.value) / (2 * h), 3e-8);
        for (int j = 0; j < problem->n; j++) {
            assert_true(here.hessian.row[i][j] == here.hessian.row[j][i]);
            assert_within(here.hessian.row[i][j], (more.gradient[j] - less.gradient[j]) / (2 * h),
                          3e-8);
        }
    }
}

static void derivatives_are_those_of_the_value(void **state)
{
    (void)state;
    struct base base = base_of(usual, 3000);
    base.row[base.n - 1].x += 1000; /* a stride longer than STRIDE_MOST */
    free(base.scratch);
    base.scratch = malloc(fit_churn_scratch(base.row, base.n));
    struct fit_table table;
    fit_table_make(&table, base.row, base.n, base.scratch, NULL);
    for (size_t i = 0; i < sizeof likelihoods / sizeof *likelihoods; i++) {
        struct fit_likelihood likelihood = {&table, likelihoods[i].model, memory_of(&base)};
        struct minimise_problem problem = {.n = churn_parameters(likelihood.model.kind),
                                           .evaluate = likelihoods[i].evaluate,
                                           .context = &likelihood};
        check_slope(&problem, (double[]){-0.7, 1.9, -0.4, 0.8});
        check_slope(&problem, (double[]){0.9, 0.3, -2.0, -1.5});
        check_slope(&problem, (double[]){-2.0, 3.0, 1.5, 4.0});
    }
    base_free(&base);
}

static void a_fit_is_at_a_maximum_with_errors(void **state)
{
    (void)state;
    struct base base = base_of(usual, ROWS);
    struct fit fit = fitted(&base, CHURN_MBGNBD, NULL, NULL);
    assert_int_equal(fit.stop, FIT_CONVERGED);
    assert_true(fit.gradient_norm <= 1e-8);
    assert_close(fit.bic, -2 * fit.log_likelihood + 4 * log((double)fit.customers), 8);
    assert_within(fit.model.parameter[0], 1, 0.1);
    assert_within(7 * fit.model.parameter[1] / fit.model.parameter[0], 600, 30);
    assert_within(fit.model.parameter[2], 0.5, 0.05);
    assert_within(fit.model.parameter[3], 1, 0.1);
    for (int i = 0; i < CHURN_PARAMETERS; i++) {
        assert_true(fit.standard_error[i] > 0);
        assert_true(fit.log_covariance[i][i] > 0);
    }
    base_free(&base);
}

/* The last block first. */
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
    struct base base = base_of(usual, ROWS);
    struct fit_crew crew = {run_backwards, NULL};
    struct fit alone = fitted(&base, CHURN_BGNBD, NULL, NULL);
    struct fit helped = fitted(&base, CHURN_BGNBD, NULL, &crew);
    assert_memory_equal(&alone.model, &helped.model, sizeof alone.model);
    assert_true(alone.log_likelihood == helped.log_likelihood);
    assert_memory_equal(alone.log_covariance, helped.log_covariance, sizeof alone.log_covariance);
    base_free(&base);
}

/* Counts what is done on the whole table: a thin one's walks are run four at a time. */
static void run_counted(void *evaluations, size_t n, void (*work)(void *context, size_t i),
                        void *context)
{
    *(int *)evaluations += n != 4;
    for (size_t i = 0; i < n; i++)
        work(context, i);
}

static void a_whole_table_begins_where_the_thin_one_ended(void **state)
{
    (void)state;
    static const enum churn_kind kinds[] = {CHURN_NBD, CHURN_BGNBD, CHURN_MBGNBD, CHURN_PNBD};
    struct base base = base_of(usual, ROWS);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        int evaluations = 0;
        const struct fit_crew crew = {run_counted, &evaluations};
        struct fit fit = fitted(&base, kinds[k], NULL, &crew);
        assert_int_equal(fit.stop, FIT_CONVERGED);
        assert_true(evaluations <= 6 && evaluations < fit.evaluations);
    }
    base_free(&base);
}

/* ln L where Newton's method ends on the whole table, from logarithms of parameters. */
static double walked_to(const struct base *base, enum churn_kind kind, const double *from)
{
    struct fit_table table;
    struct minimise_end end;
    fit_table_make(&table, base->row, base->n, base->scratch, NULL);
    struct fit_likelihood likelihood = {&table, {.kind = kind, .regularity = 1}, memory_of(base)};
    struct minimise_problem problem = {.n = CHURN_PARAMETERS,
                                       .evaluate = fit_dropout_evaluate,
                                       .context = &likelihood,
                                       .gradient_small = 1e-8};
    for (int i = 0; i < CHURN_PARAMETERS; i++) {
        problem.lowest[i] = -log(1e9);
        problem.highest[i] = log(1e9);
    }
    minimise_from(&problem, from, &end);
    return -end.slope.value * table.customers;
}

/* There is a maximum inside, and one that everybody is as likely to leave, at the end of the world: whichever of
 * them the thin table thinks higher, the whole one is asked. */
static void of_two_maxima_it_is_the_higher_one(void **state)
{
    (void)state;
    const double inside[] = {0.07, 2.23, -6.0, -1.5}, outside[] = {0.04, 2.2, 12.6, 20.6};
    struct base base = {calloc(12000, sizeof(struct fit_row)), 12000, NULL};
    uint64_t seed = 118;
    assert_non_null(base.row);
    for (size_t i = 0; i < base.n; i++)
        base.row[i] = customer_who_stays(&seed);
    qsort(base.row, base.n, sizeof *base.row, by_history);
    base.scratch = malloc(fit_churn_scratch(base.row, base.n));
    assert_non_null(base.scratch);
    double low = walked_to(&base, CHURN_MBGNBD, inside);
    double high = walked_to(&base, CHURN_MBGNBD, outside);
    assert_true(high > low + 0.5); /* else this base says nothing */
    struct fit fit = fitted(&base, CHURN_MBGNBD, NULL, NULL);
    assert_within(fit.log_likelihood, high, 1e-5);
    base_free(&base);
}

static void a_thin_table_takes_many_days_for_one(void **state)
{
    (void)state;
    struct base base = base_of(usual, ROWS);
    struct fit_table table;
    struct fit_row *thin = malloc(FIT_THIN * sizeof *thin);
    assert_non_null(thin);
    fit_table_make(&table, base.row, base.n, base.scratch, NULL);
    int32_t unit = fit_table_unit(&table);
    assert_int_equal(unit, (table.days + FIT_THIN_DAYS - 1) / FIT_THIN_DAYS);
    size_t n = fit_table_thin(&table, unit, thin);
    assert_in_range(n, FIT_THIN / 2, FIT_THIN);
    assert_in_range(fit_table_days(thin, n), FIT_THIN_DAYS / 2, FIT_THIN_DAYS + 2);
    for (size_t i = 0; i < n; i++) {
        assert_in_range(thin[i].span_days, thin[i].x > 0, thin[i].age_days);
        assert_true(i == 0 || thin[i].x >= thin[i - 1].x);
    }
    fit_table_make(&table, base.row, FIT_THIN, base.scratch, NULL);
    assert_int_equal(fit_table_unit(&table), 1);
    assert_int_equal(fit_table_thin(&table, 1, thin), FIT_THIN);
    assert_memory_equal(thin, base.row, FIT_THIN * sizeof *thin);
    free(thin);
    base_free(&base);
}

static void a_warm_start_ends_where_a_cold_one_does(void **state)
{
    (void)state;
    struct base base = base_of(usual, ROWS);
    struct fit cold = fitted(&base, CHURN_BGNBD, NULL, NULL);
    struct churn_model start = cold.model;
    start.parameter[0] *= 1.2;
    start.parameter[3] *= 0.7;
    struct fit warm = fitted(&base, CHURN_BGNBD, &start, NULL);
    assert_int_equal(warm.stop, FIT_CONVERGED);
    assert_true(warm.evaluations < cold.evaluations);
    for (int i = 0; i < CHURN_PARAMETERS; i++)
        assert_within(warm.model.parameter[i], cold.model.parameter[i],
                      1e-7 * cold.model.parameter[i]);
    start.kind = CHURN_MBGNBD;
    struct fit other = fitted(&base, CHURN_BGNBD, &start, NULL);
    assert_true(other.log_likelihood == cold.log_likelihood);
    base_free(&base);
}

static void customers_like_clockwork_are_a_boundary(void **state)
{
    (void)state;
    struct base base = base_of((struct population){600, 1, 0}, 4000);
    struct fit fit = fitted(&base, CHURN_MBGNBD, NULL, NULL);
    assert_int_equal(fit.stop, FIT_BOUNDARY);
    assert_true(fit.model.parameter[0] > 1e3);
    assert_true(fit.standard_error[0] < 0 && fit.log_covariance[0][0] >= 0);
    assert_true(isfinite(fit.log_likelihood));
    base_free(&base);
}

/* Who never leaves is NBD's customer, and the others' likelihood rises towards NBD's for ever. */
static void where_nobody_leaves_the_others_are_on_the_boundary(void **state)
{
    (void)state;
    struct base base = base_of((struct population){400, 0, 1}, 1000);
    struct fit nbd = fitted(&base, CHURN_NBD, NULL, NULL);
    assert_int_equal(nbd.stop, FIT_CONVERGED);
    assert_within(nbd.model.parameter[0], 1, 0.1);
    assert_true(nbd.standard_error[1] > 0 && nbd.standard_error[2] < 0);
    assert_close(nbd.bic, -2 * nbd.log_likelihood + 2 * log((double)nbd.customers), 8);
    for (enum churn_kind kind = CHURN_BGNBD; kind <= CHURN_PNBD; kind++) {
        struct fit fit = fitted(&base, kind, NULL, NULL);
        print_message("%s: %s after %d evaluations, ln L %.9g of %.9g\n", churn_name(kind),
                      fit_stop_name(fit.stop), (int)fit.evaluations, fit.log_likelihood,
                      nbd.log_likelihood);
        if (!churn_kind_supported(kind))
            continue;
        assert_int_equal(fit.stop, FIT_BOUNDARY);
        assert_within(fit.log_likelihood, nbd.log_likelihood, 1e-2);
        assert_true(fit.standard_error[0] < 0);
        for (int i = 0; i < 2; i++) /* what has not run off is as sure as NBD's */
            for (int j = 0; j < 2; j++)
                assert_within(fit.log_covariance[i][j], nbd.log_covariance[i][j],
                              1e-3 * nbd.log_covariance[0][0]);
    }
    base_free(&base);
}

/* A few who never leave, at rates of an exponential distribution, since a day of the first third. */
static size_t draw_faithful(struct fit_row *row, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        int32_t first = (int32_t)(121 * drawn(&seed)), last = first;
        double rate = -log(drawn(&seed)) / 56, day = first - log(drawn(&seed)) / rate;
        row[i] = (struct fit_row){.age_days = 365 - first, .n = 1};
        for (; day < 365; day -= log(drawn(&seed)) / rate) {
            row[i].x += (int32_t)day > last;
            last = (int32_t)day;
        }
        row[i].span_days = last - first;
    }
    qsort(row, n, sizeof *row, by_history);
    return n;
}

/* NBD is a limit of each of the others, so none is less likely. By chance some look as if they had left at
 * once, which Pareto/NBD comes to like 1 / ln(beta) and MBG/NBD has at a = b = 0. */
static void nothing_is_less_likely_than_its_limits(void **state)
{
    (void)state;
    int at_once = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct fit_row rows[200];
        struct base base = {rows, draw_faithful(rows, 200, seed), NULL};
        base.scratch = malloc(fit_churn_scratch(rows, base.n));
        struct fit nbd = fitted(&base, CHURN_NBD, NULL, NULL);
        struct fit modified = fitted(&base, CHURN_MBGNBD, NULL, NULL);
        struct fit pareto = fitted(&base, CHURN_PNBD, NULL, NULL);
        struct fit plain = fitted(&base, CHURN_BGNBD, NULL, NULL);
        assert_true(plain.log_likelihood >= nbd.log_likelihood - 1e-5);
        assert_true(modified.log_likelihood >= nbd.log_likelihood - 1e-5);
        assert_true(pareto.log_likelihood >= nbd.log_likelihood - 1e-5);
        if (modified.stop == FIT_BOUNDARY && modified.model.parameter[3] < 1e-3) {
            assert_true(pareto.log_likelihood >= modified.log_likelihood - 0.1);
            assert_int_not_equal(pareto.stop, FIT_FLAT);
            at_once++;
        }
        free(base.scratch);
    }
    assert_true(at_once > 0);
}

static void too_few_repeaters_are_said(void **state)
{
    (void)state;
    struct fit_row rows[] = {{0, 0, 100, 500}, {1, 30, 100, 9}};
    struct base base = {rows, 2, malloc(fit_churn_scratch(rows, 2))};
    struct fit fit = fitted(&base, CHURN_BGNBD, NULL, NULL);
    assert_int_equal(fit.stop, FIT_TOO_FEW);
    assert_int_equal(fit.customers, 509);
    assert_true(fit.standard_error[3] < 0);
    base.n = 0;
    assert_int_equal(fitted(&base, CHURN_BGNBD, NULL, NULL).stop, FIT_TOO_FEW);
    free(base.scratch);
}

static void a_kind_without_a_fit_is_skipped(void **state)
{
    (void)state;
    struct fit_row rows[] = {{1, 30, 100, 50}};
    struct base base = {rows, 1, malloc(fit_churn_scratch(rows, 1))};
    assert_int_equal(fitted(&base, CHURN_NONE, NULL, NULL).stop, FIT_SKIPPED);
    free(base.scratch);
}

static void stops_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(fit_stop_name(FIT_CONVERGED), "converged");
    assert_string_equal(fit_stop_name(FIT_SKIPPED), "skipped");
    assert_null(fit_stop_name((enum fit_stop)(FIT_SKIPPED + 1)));
    assert_null(fit_stop_name((enum fit_stop)(-1)));
}

/* FNV-1a over the bits of a result. */
static uint64_t mixed(uint64_t hash, double result)
{
    uint64_t bits;
    memcpy(&bits, &result, sizeof bits);
    return (hash ^ bits) * UINT64_C(0x100000001b3);
}

/* As in score/special: changes with the arithmetic only, never with the host. The table is made of
 * integers, because log() above is the host's. */
static void the_bits_are_the_same_on_every_host(void **state)
{
    (void)state;
    struct base base = {calloc(9000, sizeof(struct fit_row)), 9000, NULL};
    uint64_t hash = UINT64_C(0xcbf29ce484222325), seed = 5;
    for (size_t i = 0; i < base.n; i++) {
        int32_t age = 1 + (int32_t)(600 * drawn(&seed));
        uint32_t x = (uint32_t)(9 * drawn(&seed) * drawn(&seed) * drawn(&seed));
        base.row[i] = (struct fit_row){x, x ? 1 + (int32_t)((age - 1) * drawn(&seed)) : 0, age, 1};
    }
    qsort(base.row, base.n, sizeof *base.row, by_history);
    base.scratch = malloc(fit_churn_scratch(base.row, base.n));
    for (enum churn_kind kind = CHURN_BGNBD; kind <= CHURN_MBGNBD; kind++) {
        struct fit fit = fitted(&base, kind, NULL, NULL);
        for (int i = 0; i < CHURN_PARAMETERS; i++)
            hash = mixed(mixed(hash, fit.model.parameter[i]), fit.standard_error[i]);
        hash = mixed(hash, fit.log_likelihood);
    }
    print_message("fit: %016llx\n", (unsigned long long)hash);
    assert_true(hash == UINT64_C(0x1cb8e82f6ddc9b1a));
    base_free(&base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_says_what_customers_say_singly),
        cmocka_unit_test(derivatives_are_those_of_the_value),
        cmocka_unit_test(a_fit_is_at_a_maximum_with_errors),
        cmocka_unit_test(the_crew_changes_no_bit),
        cmocka_unit_test(a_whole_table_begins_where_the_thin_one_ended),
        cmocka_unit_test(of_two_maxima_it_is_the_higher_one),
        cmocka_unit_test(a_thin_table_takes_many_days_for_one),
        cmocka_unit_test(a_warm_start_ends_where_a_cold_one_does),
        cmocka_unit_test(customers_like_clockwork_are_a_boundary),
        cmocka_unit_test(where_nobody_leaves_the_others_are_on_the_boundary),
        cmocka_unit_test(nothing_is_less_likely_than_its_limits),
        cmocka_unit_test(too_few_repeaters_are_said),
        cmocka_unit_test(a_kind_without_a_fit_is_skipped),
        cmocka_unit_test(stops_have_their_names),
        cmocka_unit_test(the_bits_are_the_same_on_every_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
