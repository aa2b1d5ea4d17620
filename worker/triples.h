/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_TRIPLES_H
#define WORKER_TRIPLES_H

#include <stddef.h>

#include "common/radix.h"
#include "score/row.h"

/* x, T and t_x of a customer in one key that sorts as the digest wants, and how many there are of each. */

uint64_t triples_key(const struct repeat *repeat);
struct repeat triples_repeat(uint64_t key);

/* Room for n of each. */
struct triples_columns {
    uint32_t *x;
    int32_t *age, *span;
    uint32_t *n;
};

/* The distinct keys of n items, rising, and how often each occurs; answers how many. items and scratch, n
 * each, are used up. */
size_t triples_count(struct radix_item *items, struct radix_item *scratch, size_t n,
                     const struct triples_columns *columns);

#endif
