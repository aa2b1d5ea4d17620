/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_DONE_H
#define COMMON_WIRE_DONE_H

#include "common/wire.h"

/* What the sink has, and what it is to do in the end. Conventions as in common/wire.h. */

struct done_set {
    uint32_t shards;
    const uint8_t *gathered; /* (shards + 7) / 8 bytes, a bit a shard, least significant first */
    const uint8_t *scored;
};
int wire_done_set_put(const struct done_set *set, struct parcel *parcel) MUST_USE;
int wire_done_set_read(const struct parcel *parcel, size_t i, struct arena *arena,
                       struct done_set *set) MUST_USE;

struct shard_keys {
    size_t n;
    const uint32_t *stages, *shards;
};
int wire_keys_put(const struct shard_keys *keys, struct parcel *parcel) MUST_USE;
int wire_keys_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   struct shard_keys *keys) MUST_USE;

struct seal {
    uint32_t csv_parts, raw_parts;
    int refuse;
};
int wire_seal_put(const struct seal *seal, struct parcel *parcel) MUST_USE;
int wire_seal_read(const struct parcel *parcel, size_t i, struct seal *seal) MUST_USE;

#endif
