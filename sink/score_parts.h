/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SCORE_PARTS_H
#define SINK_SCORE_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

struct commit;

/* The parts of every shard's scores, in order, some at a time: what is at hand is read in place and let
 * go with the next step, so that the resident size of a walk over all customers does not depend on how
 * many there are. */
struct score_parts {
    struct slice *part; /* those at hand */
    size_t n;
    struct commit *commit; /* NULL: those at hand are all, lent by whoever made this */
    uint32_t shards;
    uint32_t shard, next; /* the part to go on with */
    size_t room;
    int begun;
};

enum { SCORE_PARTS_E_END = 1 };

void score_parts_open(struct score_parts *parts, struct commit *commit, uint32_t shards);
/* The walk begins anew. */
void score_parts_rewind(struct score_parts *parts);
/* Lets go of those at hand and takes the next, at most so many (> 0); SCORE_PARTS_E_END: there are no
 * more. */
int score_parts_next(struct score_parts *parts, size_t most) MUST_USE;
void score_parts_close(struct score_parts *parts);

#endif
