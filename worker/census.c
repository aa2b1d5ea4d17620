/* SPDX-License-Identifier: Apache-2.0 */
/* Nearly all numbers are small, and a counter is one addition, where a list to be sorted is two passes of
 * 16 bytes a customer. */
#include "worker/census.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

void census_free(struct census *census)
{
    free(census->far);
    census->far = NULL;
    census->room = 0;
}

int census_begin(struct census *census, size_t n)
{
    memset(census->count, 0, sizeof census->count);
    census->n_far = 0;
    if (n < census->room)
        return 0;
    struct radix_item *more = realloc(census->far, (n + 1) * sizeof *more);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for the numbers of %zu customers", n);
    census->far = more;
    census->room = n + 1;
    return 0;
}

size_t census_end(struct census *census, struct radix_item *scratch, uint32_t *number,
                  uint32_t *count)
{
    size_t n = 0;
    for (uint32_t i = 0; i < CENSUS_NEAR; i++) {
        if (census->count[i] == 0)
            continue;
        number[n] = i;
        count[n++] = census->count[i];
    }
    radix_sort(census->far, scratch, census->n_far);
    for (size_t i = 0; i < census->n_far; i++) {
        uint32_t next = (uint32_t)census->far[i].key;
        if (n > 0 && number[n - 1] == next) {
            count[n - 1]++;
            continue;
        }
        number[n] = next;
        count[n++] = 1;
    }
    return n;
}
