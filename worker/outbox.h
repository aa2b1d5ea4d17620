/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_OUTBOX_H
#define WORKER_OUTBOX_H

#include "common/line.h"
#include "worker/desk.h"

/* Results that the sink has not acknowledged, kept so that they can be sent again without being made
 * again. The bytes are shared with the copies under way: a line may let go of its copy on
 * another thread. */

struct outbox;

int outbox_new(struct outbox **outbox) MUST_USE;
void outbox_destroy(struct outbox **outbox);

/* Takes the parts of the parcel. */
int outbox_keep(struct outbox *outbox, struct desk_key key, struct parcel *parcel) MUST_USE;

enum { OUTBOX_E_ABSENT = 1 };

/* Another parcel of the same bytes. */
int outbox_copy(struct outbox *outbox, struct desk_key key, struct parcel *copy) MUST_USE;

void outbox_forget(struct outbox *outbox, uint32_t stage, uint32_t shard);
void outbox_clear(struct outbox *outbox);

#endif
