/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_CHANCE_H
#define SUPPORT_CHANCE_H

#include <stdint.h>

/* Numbers for property tests, the same for the same seed on every host: splitmix64 (Steele, Lea
 * & Flood 2014). A failing case is found again by its seed. */
struct chance {
    uint64_t state;
};

static inline uint64_t chance_next(struct chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0..n - 1; n >= 1. The bias of the modulus does not matter to a test. */
static inline uint64_t chance_below(struct chance *chance, uint64_t n)
{
    return chance_next(chance) % n;
}

#endif
