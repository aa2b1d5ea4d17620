/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SUSPICION_H
#define VENTILATOR_SUSPICION_H

#include <stdint.h>

#include "common/hash.h"

/* Which shards workers were at when they were lost, whatever took them: a kernel that is short of memory kills
 * as an operator does, and leaves no mark. A shard is under suspicion once five processes were lost over it. A
 * few that are killed by hand are never enough, even all at one shard; one that no machine has the memory for
 * does not go round for ever. Pure: a value. */

#define SUSPICION_WORKERS 5
#define SUSPICION_KEPT    256 /* losses; the oldest is forgotten */

struct suspicion {
    struct {
        uint32_t shard;
        struct digest worker; /* a process; another after each start */
    } loss[SUSPICION_KEPT];
    uint32_t n; /* ever noted */
};

/* A worker was lost while it ran the shard: how many processes have been, in this stage. */
uint32_t suspicion_lost(struct suspicion *suspicion, uint32_t shard, struct digest worker);
/* It is back, the same process: only its connection was lost. */
void suspicion_returned(struct suspicion *suspicion, struct digest worker);

#endif
