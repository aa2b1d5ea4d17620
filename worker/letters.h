/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_LETTERS_H
#define WORKER_LETTERS_H

#include "common/wire.h"
#include "worker/cache.h"
#include "worker/desk.h"
#include "worker/worker.h"

/* What a worker writes. Each fills an empty parcel. */

struct letter letters_about(enum letter_kind kind, struct digest job, struct desk_key key,
                            int32_t code);

/* Sends, and takes a peer that is not there now for one that will ask again. */
int letters_post(const struct worker_settings *settings, struct peer to,
                 struct parcel *parcel) MUST_USE;
int letters_say(const struct worker_settings *settings, struct peer to,
                const struct letter *letter) MUST_USE;

/* A lease is given back. */
int letters_release(const struct worker_settings *settings, struct digest job, struct desk_key key,
                    enum release_reason reason) MUST_USE;

/* Who it is, and what its cache holds. */
int letters_hello(const struct worker_settings *settings, struct parcel *parcel) MUST_USE;

/* The leases it holds and how far they are. */
int letters_beat(const struct desk *desk, struct digest job, uint64_t frames_taken,
                 struct parcel *parcel) MUST_USE;

/* The result's envelope in front of its payload, whose parts it takes. The digest is over the parts
 * after the first (Work): they must be equal whoever computed them. */
int letters_result(struct digest job, struct desk_key key, struct parcel *payload,
                   struct parcel *parcel) MUST_USE;

#endif
