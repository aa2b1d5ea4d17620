/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_COMMITTED_H
#define SINK_COMMITTED_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

struct commit;

/* The parts of every shard's results of a stage, in order, some at a time: what is at hand is read in place and let
 * go with the next step, so that the resident size of a walk over all customers does not depend on how
 * many there are. */
struct committed {
    struct slice *part; /* those at hand */
    size_t n;
    struct commit *commit; /* NULL: those at hand are all, lent by whoever made this */
    uint32_t stage;        /* 1: digests, 2: scores */
    uint32_t shards;
    uint32_t shard, next; /* the part to go on with */
    size_t room;
    int begun;
};

enum { COMMITTED_E_END = 1 };

void committed_open(struct committed *parts, struct commit *commit, uint32_t stage,
                    uint32_t shards);
/* The walk begins anew. */
void committed_rewind(struct committed *parts);
/* Lets go of those at hand and takes the next, at most so many (> 0); COMMITTED_E_END: there are no
 * more. */
int committed_next(struct committed *parts, size_t most) MUST_USE;
void committed_close(struct committed *parts);

#endif
