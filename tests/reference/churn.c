/* SPDX-License-Identifier: Apache-2.0 */
/* The repeat-buying models against 50 digits at hard points: singular parameters, nobody's and
 * 20,000 purchases, no time and 10,000 weeks. */
#include "score/churn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "table.h"

#define TOLERANCE 1e-10  /* relative, SCORING section 6 */
#define TINY      1e-290 /* below it a double has no 1e-10 to give */

enum { KIND, PARAMETER, X = 5, SPAN, AGE, HORIZON, CHURN_HORIZON, DISCOUNT, WANTED };

struct point {
    struct churn_model model;
    struct repeat seen;
    struct churn_horizon horizon;
};

static struct point point_of(const struct table *row)
{
    struct point point = {.model.regularity = 1};
    /* "mbgcnbd-3" has regularity 3. */
    char *dash = strchr(row->cell[KIND], '-');
    if (dash) {
        *dash = '\0';
        point.model.regularity = atoi(dash + 1);
    }
    point.model.kind = churn_kind_named(row->cell[KIND]);
    assert_true(churn_kind_supported(point.model.kind));
    for (int i = 0; i < CHURN_PARAMETERS; i++)
        point.model.parameter[i] = strtod(row->cell[PARAMETER + i], NULL);
    point.seen =
        (struct repeat){(uint32_t)atol(row->cell[X]), atoi(row->cell[SPAN]), atoi(row->cell[AGE])};
    point.horizon = (struct churn_horizon){atoi(row->cell[HORIZON]), atoi(row->cell[CHURN_HORIZON]),
                                           strtod(row->cell[DISCOUNT], NULL)};
    return point;
}

/* 1 when a value is not what it should be, after saying so. least is what the tolerance counts
 * from at least. */
static int off(const struct table *row, int cell, double got, double least)
{
    static const char *const names[] = {"log-likelihood", "p_alive", "churn_prob",
                                        "expected_purchases", "discounted"};
    long double want = table_number(row, WANTED + cell);
    long double size = fabsl(want) > least ? fabsl(want) : least;
    if (fabsl(got - want) <= TOLERANCE * size + TINY)
        return 0;
    print_error("line %d: %s is %.17g, wanted %s, off by %.2Lg\n", row->row, names[cell], got,
                row->cell[WANTED + cell], fabsl(got - want) / size);
    return 1;
}

static void check_table(const char *name, int least_rows)
{
    struct table table;
    table_open(&table, name);
    int broken = 0;
    while (table_next(&table)) {
        struct point point = point_of(&table);
        struct churn_outlook got = churn_outlook(&point.model, point.seen, &point.horizon);
        broken += off(&table, 0, churn_log_likelihood(&point.model, point.seen), 1.0);
        broken += off(&table, 1, got.p_alive, 0.0);
        broken += off(&table, 2, got.churn_prob, 0.0);
        broken += off(&table, 3, got.expected_purchases, 0.0);
        broken += off(&table, 4, got.discounted, 0.0);
    }
    assert_true(table.row > least_rows);
    assert_int_equal(broken, 0);
}

static void bgnbd_and_mbgnbd_are_right_at_hard_points(void **state)
{
    (void)state;
    check_table("churn_points.csv", 2000);
}

static void pnbd_and_nbd_are_right_at_hard_points(void **state)
{
    (void)state;
    check_table("pnbd_points.csv", 600);
}

static void cnbd_is_right_at_hard_points(void **state)
{
    (void)state;
    check_table("cnbd_points.csv", 850);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bgnbd_and_mbgnbd_are_right_at_hard_points),
        cmocka_unit_test(pnbd_and_nbd_are_right_at_hard_points),
        cmocka_unit_test(cnbd_is_right_at_hard_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
