/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_NAMESAKES_H
#define SUPPORT_NAMESAKES_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"

/* Different ids with one and the same hash_customer, by walking XXH3's way for 4 to 8 bytes backwards
 * (each of its steps can be undone): what a table keyed by hashes must survive, and what chance
 * alone would bring once in 2^32 customers. */

#define NAMESAKES 3

struct namesakes {
    char id[NAMESAKES][16];
    size_t length[NAMESAKES];
    uint64_t hash; /* of all of them */
};

#define NAMESAKES_PRIME UINT64_C(0x9fb21c651e98df25)

static inline uint64_t namesakes_turn(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

/* Undoes x ^ rotl(x, 49) ^ rotl(x, 24): its 64th power is the identity. */
static inline uint64_t namesakes_unrotate(uint64_t x)
{
    for (int i = 0; i < 63; i++)
        x ^= namesakes_turn(x, 49) ^ namesakes_turn(x, 24);
    return x;
}

/* The two 32-bit words, one after the other and not yet unkeyed, that a hash comes from. */
static inline uint64_t namesakes_source(uint64_t hash, size_t length)
{
    uint64_t inverse = 1;
    for (int i = 0; i < 6; i++)
        inverse *= 2 - NAMESAKES_PRIME * inverse;
    hash ^= hash >> 28 ^ hash >> 56;
    hash *= inverse;
    hash ^= (hash >> 35) + length;
    return namesakes_unrotate(hash * inverse);
}

/* The bytes of this length with that hash; 0 where there are none. */
static inline int namesakes_invert(uint64_t hash, size_t length, char *id)
{
    static const char zeros[8];
    uint64_t words = namesakes_source(hash, length) ^ namesakes_source(XXH3_64bits(zeros, 8), 8);
    uint32_t first = (uint32_t)(words >> 32), last = (uint32_t)words;
    memcpy(id + length - 4, &last, 4);
    memcpy(id, &first, 4);
    return hash_customer(id, length) == hash;
}

/* Others for another seed. */
static inline struct namesakes namesakes_of(uint64_t seed)
{
    struct namesakes out = {.length = {13, 7, 8}};
    do {
        static const char digit[] = "0123456789abcdef";
        uint64_t number = seed++ * UINT64_C(0x2545f4914f6cdd1d);
        for (int i = 0; i < 13; i++)
            out.id[0][i] = digit[number >> (4 * i) & 15];
        out.hash = hash_customer(out.id[0], 13);
    } while (!namesakes_invert(out.hash, 7, out.id[1]) ||
             !namesakes_invert(out.hash, 8, out.id[2]));
    return out;
}

#endif
