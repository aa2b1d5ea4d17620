/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_QUEUE_H
#define WORKER_QUEUE_H

#include "common/line.h"
#include "common/wire_lease.h"
#include "worker/desk.h"

/* What leases wait with until their turn comes: the order, and the frames that came meanwhile. */

struct queue;

#define QUEUE_FRAMES_LIMIT 64 /* a lease; several times the ventilator's window */

int queue_new(struct queue **queue) MUST_USE;
void queue_destroy(struct queue **queue);

enum { QUEUE_E_FULL = 1, QUEUE_E_ABSENT };

/* Copies the order. QUEUE_E_FULL: DESK_LEASES_LIMIT wait already. */
int queue_add(struct queue *queue, struct desk_key key, const struct lease_order *order) MUST_USE;
/* Borrowed until the lease is dropped; NULL: it does not wait here. */
const struct lease_order *queue_order(struct queue *queue, struct desk_key key);

/* Takes the parts of the parcel on 0. QUEUE_E_FULL: the lease has QUEUE_FRAMES_LIMIT frames. */
int queue_frame(struct queue *queue, struct desk_key key, enum data_code code,
                struct parcel *parcel) MUST_USE;
/* Frame i in the order of arrival, borrowed; NULL: there are no more. */
const struct parcel *queue_frame_at(struct queue *queue, struct desk_key key, uint32_t i,
                                    enum data_code *code);

/* Each answers how many frames were let go of. */
uint32_t queue_drop(struct queue *queue, struct desk_key key);
uint32_t queue_drop_shard(struct queue *queue, uint32_t stage, uint32_t shard); /* any attempt */
uint32_t queue_clear(struct queue *queue);

#endif
