/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* XXH3, the only hash of the product. A customer's 64-bit hash places him: its top bits are the
 * shard, and (hash, id) is the order of every output. The others are drawn with seeds of their
 * own, so that a sample by one is no function of another. Change nothing here without a new
 * version of the protocol and of the store: both sides must agree. */

#define HASH_SAMPLE_SEED 1 /* which customers the models are chosen on: the smallest of these */
#define HASH_KEEP_SEED   2 /* --sample */

/* 16 bytes that name content (bytes of an input, a payload) or a thing (a job, a worker). */
struct digest {
    uint64_t low;
    uint64_t high;
};

static inline uint64_t hash_customer(const void *id, size_t size)
{
    return XXH3_64bits(id, size);
}

static inline uint64_t hash_customer_seeded(const void *id, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(id, size, seed);
}

/* The key of an order id within its customer; never 0, which means "an order of its own". */
static inline uint64_t hash_order(const void *id, size_t size)
{
    uint64_t h = XXH3_64bits(id, size);
    return h ? h : 1;
}

/* The shard of a hash among shards, a power of two. */
static inline uint32_t hash_shard(uint64_t hash, uint32_t shards)
{
    return shards < 2 ? 0 : (uint32_t)(hash >> (64 - __builtin_ctz(shards)));
}

static inline struct digest digest_of(const void *data, size_t size)
{
    XXH128_hash_t h = XXH3_128bits(data, size);
    struct digest d = {h.low64, h.high64};
    return d;
}

static inline int digest_same(struct digest a, struct digest b)
{
    return a.low == b.low && a.high == b.high;
}

static inline int digest_none(struct digest d)
{
    return d.low == 0 && d.high == 0;
}

#define DIGEST_TEXT 33
/* 32 hexadecimal digits, high half first, and a NUL. */
static inline void digest_print(struct digest d, char out[DIGEST_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        out[i] = hex[(d.high >> (60 - 4 * i)) & 15];
        out[16 + i] = hex[(d.low >> (60 - 4 * i)) & 15];
    }
    out[32] = '\0';
}

#endif
