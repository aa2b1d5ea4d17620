/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_REHEARSAL_H
#define SINK_REHEARSAL_H

#include "common/wire_digest.h"

/* The trials of all shards: of the customers of the population's sample, what was known of them early,
 * late and now, and whether they came back. The same customers in the same order however they were
 * dealt. */

struct rehearsal;

int rehearsal_new(struct rehearsal **rehearsal) MUST_USE;
void rehearsal_destroy(struct rehearsal **rehearsal);

/* One part of a digest, in the order of shards and parts; one without trials adds nothing. Copies. */
int rehearsal_add(struct rehearsal *rehearsal, const struct gathered *part) MUST_USE;

/* Sorts by the second hash and keeps the smallest POPULATION_SAMPLE. Call once, after the last part. */
int rehearsal_end(struct rehearsal *rehearsal) MUST_USE;

/* A customer on one of three days. */
struct rehearsed {
    uint32_t days; /* with a purchase up to then; 0: not a customer yet */
    int32_t span;
    int32_t age; /* days from the first purchase; of no meaning where days is 0 */
    int came;    /* back within trial_days; of no meaning now */
    int64_t spent;
};
enum rehearsal_when { REHEARSAL_NOW, REHEARSAL_LATE, REHEARSAL_EARLY };

size_t rehearsal_size(const struct rehearsal *rehearsal);
struct rehearsed rehearsal_of(const struct rehearsal *rehearsal, size_t i,
                              enum rehearsal_when when);

#endif
