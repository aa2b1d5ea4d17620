/* SPDX-License-Identifier: Apache-2.0 */
/* Engel's food expenditures of 235 households (1857), the data of Koenker & Bassett 1982; answers of R's
 * quantreg, as its documentation prints them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "score/quantile.h"
#include "score/quantile_line.h"
#include "support/assert.h"

#define HOUSEHOLDS 235

static void read_engel(double *income, double *food)
{
    const char *folder = getenv("WINNOW_DATA");
    char path[1024], line[256];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/engel.csv", folder ? folder : SOURCE_FOLDER "/../shared/data");
    FILE *in = fopen(path, "r");
    if (!in) {
        printf("skipped: %s is absent\n", path);
        skip();
    }
    while (fgets(line, sizeof line, in))
        if (n < HOUSEHOLDS && sscanf(line, "%lf,%lf", &income[n], &food[n]) == 2)
            n++;
    fclose(in);
    assert_int_equal(n, HOUSEHOLDS);
}

static void engel_s_lines_are_those_of_r(void **state)
{
    (void)state;
    static const struct {
        int64_t tau_millionths;
        double intercept, slope;
    } known[] = {
        {500000, 81.48225, 0.5601806}, {250000, 95.48354, 0.47410}, {750000, 62.39659, 0.64401},
        {950000, 64.10396, 0.70907},   {50000, 124.88004, 0.34336},
    };
    double income[HOUSEHOLDS], food[HOUSEHOLDS];
    int64_t scratch[HOUSEHOLDS];
    const size_t first[] = {0, HOUSEHOLDS};
    read_engel(income, food);
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        const struct quantile_line_points points = {1, first, income, food,
                                                    known[k].tau_millionths};
        double slope = quantile_line_slope(&points, 0, scratch);
        size_t rank = quantile_line_rank(HOUSEHOLDS, known[k].tau_millionths);
        for (size_t i = 0; i < HOUSEHOLDS; i++)
            scratch[i] = quantile_line_key(food[i] - slope * income[i]);
        quantile_select(scratch, HOUSEHOLDS, rank);
        double intercept = quantile_line_value(scratch[rank]);
        assert_true(fabs(slope - known[k].slope) <= (k == 0 ? 5.1e-8 : 5.1e-6));
        assert_true(fabs(intercept - known[k].intercept) <= 5.1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engel_s_lines_are_those_of_r),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
