/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_COUNTED_H
#define SINK_COUNTED_H

#include <stddef.h>

#include "common/radix.h"
#include "common/status.h"
#include "score/fit.h"

/* Values with how many of each, as shards tell of them: collected in any order, then sorted and added
 * up once. Starts as zeros; item is freed by whoever has it. */
struct counted {
    struct radix_item *item; /* key is the value, value how many */
    size_t n, room;
};

/* Room in an array (a T **) for n entries of this size, twice as many where it must grow. */
int counted_grow(void *array, size_t *room, size_t n, size_t size) MUST_USE;
int counted_room(struct counted *counted, size_t more) MUST_USE;
/* Sorts by key and adds up the values of equal keys. */
void counted_sum(struct counted *counted);
/* The second half of that, of what is sorted. */
void counted_add_up(struct counted *counted);

/* x, T and t_x in one value that sorts as a fit's rows do; as in worker/gather.c. */
uint64_t counted_triple(uint32_t x, int32_t age_days, int32_t span_days);
uint32_t counted_triple_x(uint64_t triple);
/* Takes summed triples: a fit's rows, to be freed, each written where its triple was. Both side by side
 * would be the most that a sink ever holds. */
void counted_rows(struct counted *triples, struct fit_row **rows, size_t *n);

#endif
