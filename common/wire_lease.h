/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_LEASE_H
#define COMMON_WIRE_LEASE_H

#include "common/wire.h"

/* The life of a lease: what is ordered, how it goes, what it took. Conventions as in common/wire.h. */

struct lease_order {
    const struct digest *want;
    size_t n_want;
    const struct digest *have;
    size_t n_have;
    uint32_t frames;
    struct digest attributes; /* none: there are no attributes */
    int attributes_follow;
    struct digest model; /* stage 2 */
};
int wire_lease_put(const struct lease_order *order, struct parcel *parcel) MUST_USE;
int wire_lease_read(const struct parcel *parcel, size_t i, struct arena *arena,
                    struct lease_order *order) MUST_USE;

enum beat_state { BEAT_QUEUED, BEAT_RUNNING, BEAT_SENT };
struct beat {
    size_t n;
    const uint32_t *stages, *shards, *attempts;
    const uint32_t *states; /* enum beat_state */
    const uint64_t *progress;
    uint64_t frames_taken;
    uint64_t resident_kib;
};
int wire_beat_put(const struct beat *beat, struct parcel *parcel) MUST_USE;
int wire_beat_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   struct beat *beat) MUST_USE;

struct work {
    uint64_t rows_folded, rows_cached;
    int cached; /* the block was whole in the cache: no frame was sent */
};
int wire_work_put(const struct work *work, struct parcel *parcel) MUST_USE;
int wire_work_read(const struct parcel *parcel, size_t i, struct work *work) MUST_USE;

#endif
