/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CLERK_H
#define VENTILATOR_CLERK_H

#include "ventilator/census.h"
#include "ventilator/chunks.h"
#include "ventilator/facts.h"
#include "ventilator/recipe.h"
#include "ventilator/spool.h"

/* Who reads chunks: one a thread, with buffers, a pen and facts of his own. */

struct clerk;
struct clerk_order {
    const struct recipe *recipe;
    struct spool_segment *segment; /* NULL: rows are counted, and not kept */
    int32_t until;                 /* the census's, where they are counted */
    uint32_t shards;
    size_t room; /* chunks_room */
};
int clerk_new(const struct clerk_order *order, struct clerk **clerk) MUST_USE;
/* Closes the pen without a word if clerk_finish has not. */
void clerk_destroy(struct clerk **clerk);

/* The buffer for his next chunk. */
char *clerk_room(struct clerk *clerk);
int clerk_read(struct clerk *clerk, const struct chunk *chunk) MUST_USE;
/* Gives away what is left and closes the pen. */
int clerk_finish(struct clerk *clerk) MUST_USE;

const struct facts *clerk_facts(const struct clerk *clerk);
/* Of the rows that were counted. */
const struct census *clerk_census(const struct clerk *clerk);

#endif
