/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_BITS_H
#define SCORE_BITS_H

#include <stdint.h>
#include <string.h>

/* Doubles as the bits they are made of. */

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* One of two numbers that are both there: a conditional expression may be made a branch, and then a loop
 * goes one by one. */
static inline double one_of(int first, double a, double b)
{
    uint64_t mask = -(uint64_t)first;
    return of_bits((bits_of(a) & mask) | (bits_of(b) & ~mask));
}

#endif
