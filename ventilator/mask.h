/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_MASK_H
#define VENTILATOR_MASK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 64 bytes of text as 64 bits: bit i is set where byte i is the one looked for. Separators of a
 * ledger are a few bytes apart, so asking once for a whole block is several times faster than a
 * memchr a field. Whoever asks can read MASK_BYTES bytes from the block on, however few of them
 * are his: buffers have that much room behind their text. */

#define MASK_BYTES 64

/* Eight bytes at a time in a 64-bit word, for processors without the next one's instructions.
 * A byte of t is zero where it matches; adding 0x7f to its low bits carries into the top bit
 * unless all are zero, without a carry between bytes. Little-endian. */
static inline uint64_t mask_equal_by_word(const char *block, char wanted)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    const uint64_t pattern = UINT64_C(0x0101010101010101) * (unsigned char)wanted;
    uint64_t bits = 0;
    for (size_t i = 0; i < MASK_BYTES / 8; i++) {
        uint64_t t;
        memcpy(&t, block + 8 * i, 8);
        t ^= pattern;
        uint64_t matches = ~(((t & low) + low) | t | low);
        bits |= ((matches >> 7) * UINT64_C(0x0102040810204080) >> 56) << (8 * i);
    }
    return bits;
}

#ifdef __SSE2__
#include <emmintrin.h>
static inline uint64_t mask_equal(const char *block, char wanted)
{
    const __m128i pattern = _mm_set1_epi8(wanted);
    uint64_t bits = 0;
    for (size_t i = 0; i < MASK_BYTES / 16; i++) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
        int found = _mm_movemask_epi8(_mm_cmpeq_epi8(part, pattern));
        bits |= (uint64_t)(uint32_t)found << (16 * i);
    }
    return bits;
}

/* How many of a block's bytes are the one looked for: a match is -1 in its lane, and lanes are summed. */
static inline size_t mask_count_block(const char *block, char wanted)
{
    const __m128i pattern = _mm_set1_epi8(wanted), zero = _mm_setzero_si128();
    __m128i found = zero;
    for (size_t i = 0; i < MASK_BYTES / 16; i++) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
        found = _mm_sub_epi8(found, _mm_cmpeq_epi8(part, pattern));
    }
    __m128i sums = _mm_sad_epu8(found, zero);
    return (size_t)_mm_cvtsi128_si32(sums) + (size_t)_mm_extract_epi16(sums, 4);
}
#else
static inline uint64_t mask_equal(const char *block, char wanted)
{
    return mask_equal_by_word(block, wanted);
}

static inline size_t mask_count_block(const char *block, char wanted)
{
    return (size_t)__builtin_popcountll(mask_equal_by_word(block, wanted));
}
#endif

/* The bits of the first n bytes of a block; n >= 0. */
static inline uint64_t mask_first(size_t n)
{
    return n < MASK_BYTES ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
}

static inline unsigned mask_lowest(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

/* What a text is like, all asked in one go: each question alone is a walk over it. */
struct mask_look {
    size_t lines; /* line ends */
    int quotes;   /* there is a '"' */
    int nuls;     /* there is a NUL */
    int bare;     /* there is no '\r' */
    int ascii;    /* all bytes are */
};
struct mask_look mask_look(const char *text, size_t size);

/* How often wanted occurs in text. */
static inline size_t mask_count(const char *text, size_t size, char wanted)
{
    size_t n = 0, at = 0;
    for (; at + MASK_BYTES <= size; at += MASK_BYTES)
        n += mask_count_block(text + at, wanted);
    if (at < size)
        n += (size_t)__builtin_popcountll(mask_equal(text + at, wanted) & mask_first(size - at));
    return n;
}

#endif
