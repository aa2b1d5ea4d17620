/* SPDX-License-Identifier: Apache-2.0 */
#include "score/special_lanes.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "score/special.h"
#include "support/assert.h"

static void check(void (*lanes)(double *), double (*one)(double), const double *x)
{
    double got[SPECIAL_LANES];
    memcpy(got, x, sizeof got);
    lanes(got);
    for (int i = 0; i < SPECIAL_LANES; i++) {
        double want = one(x[i]);
        assert_memory_equal(&got[i], &want, sizeof want);
    }
}

static void check_all(const double *x)
{
    check(special_log_lanes, special_log, x);
    check(special_exp_lanes, special_exp, x);
    check(special_log1p_lanes, special_log1p, x);
}

static uint64_t drawn(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed ^ *seed >> 29;
}

/* Each alone among ordinary ones, and all together. */
static void ends_and_edges_have_the_bits_of_one(void **state)
{
    (void)state;
    const double odd[SPECIAL_LANES] = {0.0,
                                       -0.0,
                                       5e-324,
                                       -5e-324,
                                       DBL_MIN,
                                       -DBL_MIN,
                                       HUGE_VAL,
                                       -HUGE_VAL,
                                       DBL_MAX,
                                       -DBL_MAX,
                                       0x1p-7,
                                       -0x1p-7,
                                       0x1.0000000000001p-7,
                                       700,
                                       -700,
                                       699.99999999999989,
                                       709.78,
                                       709.79,
                                       -708.4,
                                       -745.13,
                                       -745.14,
                                       -1.0,
                                       -0x1.fffffffffffffp-1,
                                       0x1p1023,
                                       0x1.0000000000001p1023,
                                       1.0,
                                       -0.5,
                                       0.375,
                                       -0.3125,
                                       1e-300,
                                       1e-17,
                                       0.6875};
    check_all(odd);
    for (int i = 0; i < SPECIAL_LANES; i++) {
        double x[SPECIAL_LANES];
        for (int j = 0; j < SPECIAL_LANES; j++)
            x[j] = j == i ? odd[i] : 0.1 * j;
        check_all(x);
    }
}

static void what_is_drawn_has_the_bits_of_one(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int k = 0; k < 40000; k++) {
        double x[SPECIAL_LANES];
        for (int i = 0; i < SPECIAL_LANES; i++) {
            double share = (double)(drawn(&seed) >> 11) * 0x1p-53;
            uint64_t bits = drawn(&seed);
            x[i] = k % 3 == 0 ? 1500 * (share - 0.5) : 4 * share - 1;
            if (k % 3 == 2)
                memcpy(&x[i], &bits, sizeof bits);
            x[i] = x[i] == x[i] ? x[i] : 1; /* which bits a NaN keeps is the processor's affair */
        }
        check_all(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_and_edges_have_the_bits_of_one),
        cmocka_unit_test(what_is_drawn_has_the_bits_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
