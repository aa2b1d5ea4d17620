/* SPDX-License-Identifier: Apache-2.0 */
/* A list that is looked through whole: losses are rare, and a count for every shard would not know one process
 * from another. */
#include "ventilator/suspicion.h"

#define NO_SHARD UINT32_MAX

static uint32_t kept(const struct suspicion *suspicion)
{
    return suspicion->n < SUSPICION_KEPT ? suspicion->n : SUSPICION_KEPT;
}

uint32_t suspicion_lost(struct suspicion *suspicion, uint32_t shard, struct digest worker)
{
    uint32_t workers = 0;
    suspicion_returned(suspicion, worker); /* lost twice, a process counts once */
    suspicion->loss[suspicion->n % SUSPICION_KEPT].shard = shard;
    suspicion->loss[suspicion->n % SUSPICION_KEPT].worker = worker;
    suspicion->n++;
    for (uint32_t i = 0; i < kept(suspicion); i++)
        workers += suspicion->loss[i].shard == shard;
    return workers;
}

void suspicion_returned(struct suspicion *suspicion, struct digest worker)
{
    for (uint32_t i = 0; i < kept(suspicion); i++)
        if (digest_same(suspicion->loss[i].worker, worker))
            suspicion->loss[i].shard = NO_SHARD;
}
