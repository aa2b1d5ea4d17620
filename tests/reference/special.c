/* SPDX-License-Identifier: Apache-2.0 */
/* The special functions against 40 digits, within the errors that score/special.h promises. */
#include "score/special.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "support/assert.h"
#include "table.h"

enum measure { ULP, RELATIVE, MIXED };

struct promise {
    const char *name;
    double (*of_one)(double x);
    double (*of_two)(double x, double y);
    enum measure measure;
    double limit;
};

static const struct promise promises[] = {
    {"exp", special_exp, NULL, ULP, 1},
    {"expm1", special_expm1, NULL, ULP, 2},
    {"log", special_log, NULL, ULP, 1},
    {"log1p", special_log1p, NULL, ULP, 2},
    {"pow", NULL, special_pow, RELATIVE, 1e-14},
    {"lgamma", special_lgamma, NULL, RELATIVE, 1e-15},
    {"lgamma_rise", NULL, special_lgamma_rise, MIXED, 4e-15},
    {"digamma", special_digamma, NULL, MIXED, 2e-15},
    {"trigamma", special_trigamma, NULL, RELATIVE, 1e-15},
    {"lbeta", NULL, special_lbeta, MIXED, 2e-15},
};

static const struct promise *promise_of(const char *name)
{
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
        if (strcmp(promises[i].name, name) == 0)
            return &promises[i];
    fail_msg("no function %s", name);
    return NULL;
}

/* One unit in the last place of a double as large as this. */
static long double ulp_of(long double value)
{
    int exponent;
    frexpl(value, &exponent);
    return ldexpl(1, exponent - DBL_MANT_DIG < -1074 ? -1074 : exponent - DBL_MANT_DIG);
}

static long double unit_of(enum measure measure, long double want)
{
    long double size = fabsl(want);
    if (measure == ULP)
        return ulp_of(want);
    return measure == MIXED && size < 1 ? 1 : size;
}

static void every_function_keeps_its_promise_at_hard_points(void **state)
{
    (void)state;
    struct table table;
    table_open(&table, "special_points.csv");
    int broken = 0;
    while (table_next(&table)) {
        const struct promise *promise = promise_of(table.cell[0]);
        double x = (double)table_number(&table, 1);
        double got = promise->of_one ? promise->of_one(x)
                                     : promise->of_two(x, (double)table_number(&table, 2));
        long double want = table_number(&table, 3);
        long double off = fabsl(got - want) / unit_of(promise->measure, want);
        if (got == want || off <= promise->limit)
            continue;
        print_error("line %d: %s(%s,%s) is %.17g, wanted %s, off by %Lg\n", table.row,
                    table.cell[0], table.cell[1], table.cell[2], got, table.cell[3], off);
        broken++;
    }
    assert_true(table.row > 800);
    assert_int_equal(broken, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_keeps_its_promise_at_hard_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
