/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CROWD_H
#define VENTILATOR_CROWD_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* How many different customers something happened to, by their hashes: exact up to CROWD_LIMIT,
 * "at least" beyond. */

#define CROWD_LIMIT ((size_t)1000000)

struct crowd {
    uint64_t *slots; /* 0: free */
    size_t n_slots;  /* a power of two, or 0 */
    size_t n;        /* members, the zero hash too */
    int has_zero;
};

void crowd_release(struct crowd *crowd);
int crowd_add(struct crowd *crowd, uint64_t hash) MUST_USE;
int crowd_merge(struct crowd *into, const struct crowd *from) MUST_USE;

/* 1: there may be more members than n. */
static inline int crowd_full(const struct crowd *crowd)
{
    return crowd->n >= CROWD_LIMIT;
}

#endif
