/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_ASSERT_H
#define SUPPORT_ASSERT_H

/* cmocka, and what Debian 12's 1.1.5 lacks: its float asserts compare as float. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* |got - want| <= n_epsilons * 2^-52 * max(|want|, 1e-300). */
#define assert_close(got, want, n_epsilons)                                                        \
    support_assert_close((got), (want), (n_epsilons), #got, __FILE__, __LINE__)
/* |got - want| <= tolerance. */
#define assert_within(got, want, tolerance)                                                        \
    support_assert_within((got), (want), (tolerance), #got, __FILE__, __LINE__)

void support_assert_close(double got, double want, double n_epsilons, const char *words,
                          const char *file, int line);
void support_assert_within(double got, double want, double tolerance, const char *words,
                           const char *file, int line);

#endif
