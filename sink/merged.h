/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_MERGED_H
#define SINK_MERGED_H

#include "sink/population.h"
#include "sink/rehearsal.h"

/* What the committed digests of all shards are together. */

struct commit;
struct crew;

struct merged {
    struct population *population;
    struct rehearsal *rehearsal;
};

/* Failure or not, merged_free is called afterwards. */
int merged_read(struct merged *merged, struct commit *commit, uint32_t shards,
                struct crew *crew) MUST_USE;
void merged_free(struct merged *merged);

#endif
