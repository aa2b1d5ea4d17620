/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CHANCE_H
#define CLI_CHANCE_H

#include <stdint.h>

/* Seeded chance, the same draws on every host: xoshiro256** (Blackman & Vigna 2018), its state
 * filled by SplitMix64; distributions use + - * / sqrt and score/special only. Zero is no state. */
struct chance {
    uint64_t state[4];
    double spare; /* the second normal of a pair */
    int has_spare;
};

struct chance chance_seeded(uint64_t seed);

/* The next value of SplitMix64; *state moves on. */
uint64_t chance_split(uint64_t *state);

uint64_t chance_bits(struct chance *chance);
/* Uniform on the open interval (0, 1), in steps of 2^-52. */
double chance_uniform(struct chance *chance);
/* Mean 1. */
double chance_exponential(struct chance *chance);
/* Mean 0, variance 1. */
double chance_normal(struct chance *chance);
/* Gamma with this shape > 0 and rate 1; may underflow to 0 for shapes far below 1. */
double chance_gamma(struct chance *chance, double shape);
/* Beta with a, b > 0; in [0, 1]. */
double chance_beta(struct chance *chance, double a, double b);

#endif
