/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOUBLES_STORE_FAILING_H
#define DOUBLES_STORE_FAILING_H

#include "common/store.h"

/* Another store with a pattern of failures in front: the nth write answers the nth number, without
 * reaching the store unless that is 0. After the last one all succeed. Borrowed; the store is
 * closed with it. */

struct store_failing_pattern {
    const int *writes; /* 0, STORE_E_FULL, STATUS_* */
    size_t n_writes;
    const int *reads; /* the same for store_read and store_each together */
    size_t n_reads;
};

/* Takes the store on 0. */
int store_failing_open(struct store **inner, struct store_failing_pattern pattern,
                       struct store **store) MUST_USE;

#endif
