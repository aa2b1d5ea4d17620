/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_CENSUS_H
#define WORKER_CENSUS_H

#include <stddef.h>

#include "common/radix.h"
#include "common/status.h"

/* How often each number occurs among a shard's customers: recencies, frequencies. Starts as zeros, is used for
 * one shard after the other. */
#define CENSUS_NEAR 4096 /* numbers below it have a counter: eleven years of days */
struct census {
    uint32_t count[CENSUS_NEAR];
    struct radix_item *far; /* the others */
    size_t n_far, room;
};

void census_free(struct census *census);

/* Forgets the shard before; at most n numbers are added. */
int census_begin(struct census *census, size_t n) MUST_USE;

static inline void census_add(struct census *census, uint32_t number)
{
    if (number < CENSUS_NEAR)
        census->count[number]++;
    else
        census->far[census->n_far++] = (struct radix_item){number, 1};
}

/* The numbers, rising, and how often each was added, into room for as many; answers how many. scratch
 * holds as many items. */
size_t census_end(struct census *census, struct radix_item *scratch, uint32_t *number,
                  uint32_t *count);

#endif
