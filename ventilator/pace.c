/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/pace.h"

#include <stdlib.h>
#include <string.h>

void pace_add(struct pace *pace, int64_t ms)
{
    pace->ms[pace->n++ % PACE_KEPT] = ms;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int64_t pace_quantile(const struct pace *pace, uint32_t percent)
{
    int64_t sorted[PACE_KEPT];
    uint32_t n = pace->n < PACE_KEPT ? pace->n : PACE_KEPT;
    if (n == 0)
        return 0;
    memcpy(sorted, pace->ms, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    return sorted[(n - 1) * percent / 100];
}
