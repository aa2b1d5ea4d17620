/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_REFEREE_H
#define SUPPORT_REFEREE_H

#include <stddef.h>
#include <stdint.h>

#include "common/line.h"
#include "common/store.h"
#include "doubles/store_memory.h"

/* What must hold at every moment of a job, whatever befalls: the sink says of a shard that it has it
 * only when its store has; a done mark is written once; it is taken away or over only when its job is sealed and another
 * begins, or, of stage 2, as long as the other has not begun with that. He looks into the store's keys
 * (docs/STORE.md), as nobody in the product but sink/commit.c and kept.c do. */

struct referee {
    const struct shelf *shelf; /* the sink's, borrowed */
    char words[160];           /* what was broken first; empty: nothing */
    int sealed, scoring;       /* the job in the store is */
};

/* Another store, which is empty. */
void referee_follow(struct referee *referee, const struct shelf *shelf);
/* A transaction is about to take effect in the sink's store. */
void referee_transaction(struct referee *referee, const struct store_put *puts, size_t n);
/* The sink says something. */
void referee_letter(struct referee *referee, const struct parcel *parcel);
/* The job is over: every shard has both its marks. */
void referee_end(struct referee *referee, uint32_t shards);

/* Something else is wrong. */
void referee_says(struct referee *referee, const char *words);

#endif
