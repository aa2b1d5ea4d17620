/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_FOLD_H
#define WORKER_FOLD_H

#include "common/status.h"
#include "score/purchase.h"
#include "worker/histories.h"

/* Rows of one shard, as they come, to histories. Memory is bounded by the shard's distinct (customer,
 * day) pairs and the rows that may be pending, not by its rows. */

struct fold;

#define FOLD_PENDING ((size_t)4 << 20)

/* pending: rows that may wait to be made histories, FOLD_PENDING in the product. A chunk is never
 * cut: where it has more rows than that, so many wait. */
int fold_new(size_t pending, struct fold **fold) MUST_USE;
void fold_destroy(struct fold **fold);

/* Forgets the rows of the shard before. */
void fold_begin(struct fold *fold);

enum {
    FOLD_E_OVERFLOW = 1, /* a customer's sum does not fit; fold_culprit names him */
    FOLD_E_MALFORMED /* an id, a day or an amount that no ventilator sends, or order keys in some rows only */
};

int fold_rows(struct fold *fold, const struct purchase_rows *rows) MUST_USE;

/* The histories of everything since fold_begin, borrowed until the next call of fold_*. */
int fold_end(struct fold *fold, const struct histories **histories) MUST_USE;

/* After FOLD_E_OVERFLOW: the customer's id; borrowed, not terminated. */
struct slice fold_culprit(const struct fold *fold);

#endif
