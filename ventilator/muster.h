/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_MUSTER_H
#define VENTILATOR_MUSTER_H

#include "common/hash.h"
#include "common/line.h"
#include "common/status.h"
#include "common/wire_hello.h"
#include "ventilator/dispatch.h"

/* The workers that are connected: which connection is whose, what each has been told, and what its
 * cache holds. A place is a small number, given again when its worker has left. */

struct muster;

int muster_new(uint32_t shards, struct muster **muster) MUST_USE;
void muster_destroy(struct muster **muster);

#define MUSTER_NOBODY UINT32_MAX

/* A worker said HELLO: its place. The same connection keeps its place; a process (name) that comes
 * back on a new connection leaves *replaced, its old place, to be given up. */
int muster_join(struct muster *muster, struct peer peer, const struct hello *hello, uint32_t *place,
                uint32_t *replaced) MUST_USE;
uint32_t muster_find(const struct muster *muster, struct peer peer);
void muster_leave(struct muster *muster, uint32_t place);
/* Places 0..n - 1, some of them free. */
uint32_t muster_places(const struct muster *muster);

struct mustered {
    int here;
    struct peer peer;
    struct digest name;
    char host[64];
    uint32_t credit;
    int turns;             /* to another cache: says HELLO again before it works */
    int has_plan;          /* of the job */
    int has_model;         /* of the job */
    uint64_t frames_sent;  /* DATA letters since its HELLO */
    uint64_t frames_taken; /* of them, worked through */
    uint64_t resident_kib;
    uint64_t shards_done[3]; /* by stage */
};
struct mustered *muster_at(struct muster *muster, uint32_t place);
/* How many are there. */
uint32_t muster_here(const struct muster *muster);

/* What the worker's cache holds of a shard: segment ids, sorted; borrowed. n = 0: nothing. */
const struct digest *muster_have(const struct muster *muster, uint32_t place, uint32_t shard,
                                 size_t *n);
/* It holds these now (the job's whole list, which must outlive the muster's use of it), or nothing. */
void muster_holds(struct muster *muster, uint32_t place, uint32_t shard, const struct digest *want,
                  size_t n);

/* Whether the attributes of a shard are still to be sent to the worker; they are then taken as sent, until
 * he says that he lacks them. Sent once a connection: they are small beside the rows. */
int muster_tell_attributes(struct muster *muster, uint32_t place, uint32_t shard);
void muster_forget_attributes(struct muster *muster, uint32_t place, uint32_t shard);

/* How a holding relates to what is wanted: all of it; some, and nothing else; or of no use. Both sorted. */
enum holding muster_compare(const struct digest *have, size_t n_have, const struct digest *want,
                            size_t n_want);

#endif
