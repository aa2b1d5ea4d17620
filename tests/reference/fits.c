/* SPDX-License-Identifier: Apache-2.0 */
/* Fits of small bases that fits have gone wrong on, against the likelihoods that fits.py has reached: bases that
 * nobody leaves, or some at once, or all alike, where maxima lie at the ends of what parameters can be. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score/fit.h"
#include "support/assert.h"
#include "table.h"

#define ROWS_LIMIT 512

struct base {
    char name[64];
    struct fit_row row[ROWS_LIMIT];
    size_t n;
    double log_gaps;
};

static uint32_t whole(const struct table *table, int cell)
{
    return (uint32_t)table_number(table, cell);
}

static void base_add(struct base *self, const struct table *table)
{
    if (strcmp(self->name, table->cell[1]) != 0)
        self->n = 0;
    assert_true(self->n < ROWS_LIMIT);
    snprintf(self->name, sizeof self->name, "%s", table->cell[1]);
    self->row[self->n++] = (struct fit_row){whole(table, 2), (int32_t)whole(table, 3),
                                            (int32_t)whole(table, 4), whole(table, 5)};
}

static struct fit fit_of(const struct base *base, enum churn_kind kind, int32_t regularity)
{
    struct fit fit;
    void *scratch = malloc(fit_churn_scratch(base->row, base->n));
    fit_churn(kind, regularity, base->row, base->n, base->log_gaps, NULL, scratch, NULL, &fit);
    free(scratch);
    return fit;
}

/* ln L customer by customer, by the formulas that scores are made with. */
static double likelihood_of(const struct base *base, const struct churn_model *model)
{
    double sum = (model->regularity - 1) * base->log_gaps;
    for (size_t i = 0; i < base->n; i++) {
        struct fit_row row = base->row[i];
        double each =
            churn_log_likelihood(model, (struct repeat){row.x, row.span_days, row.age_days});
        sum += row.n * (each - row.x * lgamma(model->regularity));
    }
    return sum;
}

static double check_fit(const struct base *base, const struct table *table)
{
    enum churn_kind kind = churn_kind_named(table->cell[2]);
    int32_t k = (int32_t)whole(table, 3);
    struct fit fit = fit_of(base, kind, k);
    double want = (double)table_number(table, 4), slack = 1e-4 + 1e-9 * fabs(want);
    if (!(fit.log_likelihood > want - slack))
        fail_msg("%s: %s-%d %s at %.7f, can be %.7f", base->name, table->cell[2], (int)k,
                 fit_stop_name(fit.stop), fit.log_likelihood, want);
    assert_true(fit.stop == FIT_CONVERGED || fit.stop == FIT_BOUNDARY);
    assert_within(likelihood_of(base, &fit.model), fit.log_likelihood, 1e-6 + 1e-9 * fabs(want));
    return fit.log_likelihood;
}

static void no_other_parameters_are_likelier(void **state)
{
    (void)state;
    struct base base = {.n = 0};
    struct table table;
    int fits = 0;
    double nbd = 0;
    table_open(&table, "fits.csv");
    while (table_next(&table)) {
        if (table.cell[0][0] == 'h')
            base_add(&base, &table);
        if (table.cell[0][0] == 'g')
            base.log_gaps = (double)table_number(&table, 2);
        if (table.cell[0][0] != 'a')
            continue;
        double likelihood = check_fit(&base, &table);
        fits++;
        if (strcmp(table.cell[2], "nbd") == 0)
            nbd = likelihood;
        if (whole(&table, 3) == 1)
            assert_true(likelihood >= nbd - 1e-5);
    }
    print_message("%d fits\n", fits);
    assert_true(fits >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_other_parameters_are_likelier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
