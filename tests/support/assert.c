/* SPDX-License-Identifier: Apache-2.0 */
#include "support/assert.h"

#include <float.h>
#include <math.h>

void support_assert_within(double got, double want, double tolerance, const char *words,
                           const char *file, int line)
{
    if (got == want || fabs(got - want) <= tolerance)
        return;
    print_error("%s is %.17g, wanted %.17g; off by %.3g, allowed %.3g\n", words, got, want,
                fabs(got - want), tolerance);
    _fail(file, line);
}

void support_assert_close(double got, double want, double n_epsilons, const char *words,
                          const char *file, int line)
{
    double scale = fabs(want) > 1e-300 ? fabs(want) : 1e-300;
    support_assert_within(got, want, n_epsilons * DBL_EPSILON * scale, words, file, line);
}
