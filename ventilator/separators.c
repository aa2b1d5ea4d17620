/* SPDX-License-Identifier: Apache-2.0 */
/* 64 bytes a step become 64 bits, and the bits offsets. How many there are in a block is a toss-up
 * that a branch would lose once a block, so the wide way writes eight offsets and four ends of rows
 * at a time and lets what is too many be overwritten by the next block. AVX-512 was refused: it has
 * an instruction for this, and was slower for it on the processor that was asked. */
#include "ventilator/separators.h"

#include "ventilator/mask.h"

void separators_find_anywhere(struct csv_rows *rows, const struct csv_text *text)
{
    uint32_t *separator = rows->separator;
    uint32_t *last = rows->last;
    for (size_t at = 0; at < text->size; at += MASK_BYTES) {
        uint64_t whole = mask_first(text->size - at);
        uint64_t lines = mask_equal(text->bytes + at, '\n') & whole;
        uint64_t bits = lines | (mask_equal(text->bytes + at, text->delimiter) & whole);
        while (bits) {
            uint64_t lowest = bits & -bits;
            *last = (uint32_t)(separator - rows->separator);
            last += (lines & lowest) != 0;
            *separator++ = (uint32_t)(at + mask_lowest(bits));
            bits ^= lowest;
        }
    }
    rows->n = (size_t)(last - rows->last);
}

#ifdef __x86_64__
#include <immintrin.h>

#define WIDE         __attribute__((target("avx2,bmi,popcnt")))
#define OFFSETS_A_GO 8
#define ENDS_A_GO    4

int separators_can_wide(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}

WIDE static inline uint64_t equal(__m256i low, __m256i high, __m256i wanted)
{
    uint32_t first = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
    uint32_t second = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    return first | (uint64_t)second << 32;
}

/* The offsets of a block's bits; answers how many. */
WIDE static inline size_t put_offsets(uint64_t bits, uint32_t at, uint32_t *offset)
{
    size_t n = (size_t)__builtin_popcountll(bits);
    for (size_t done = 0; done < n; done += OFFSETS_A_GO)
        for (int i = 0; i < OFFSETS_A_GO; i++) {
            *offset++ = at + (uint32_t)_tzcnt_u64(bits);
            bits = _blsr_u64(bits);
        }
    return n;
}

/* The number that each of the lines has among the bits; answers how many lines. */
WIDE static inline size_t put_ends(uint64_t lines, uint64_t bits, uint32_t before, uint32_t *last)
{
    size_t n = (size_t)__builtin_popcountll(lines);
    for (size_t done = 0; done < n; done += ENDS_A_GO)
        for (int i = 0; i < ENDS_A_GO; i++) {
            uint64_t up_to = bits & _blsmsk_u64(lines);
            *last++ = before + (uint32_t)__builtin_popcountll(up_to) - 1;
            lines = _blsr_u64(lines);
        }
    return n;
}

WIDE void separators_find_wide(struct csv_rows *rows, const struct csv_text *text)
{
    const __m256i line = _mm256_set1_epi8('\n'), delimiter = _mm256_set1_epi8(text->delimiter);
    size_t n_offsets = 0, n_rows = 0;
    for (size_t at = 0; at < text->size; at += MASK_BYTES) {
        const __m256i *block = (const __m256i *)(const void *)(text->bytes + at);
        __m256i low = _mm256_loadu_si256(block), high = _mm256_loadu_si256(block + 1);
        uint64_t whole = mask_first(text->size - at);
        uint64_t lines = equal(low, high, line) & whole;
        uint64_t bits = (equal(low, high, delimiter) & whole) | lines;
        uint32_t before = (uint32_t)n_offsets;
        n_offsets += put_offsets(bits, (uint32_t)at, rows->separator + n_offsets);
        n_rows += put_ends(lines, bits, before, rows->last + n_rows);
    }
    rows->n = n_rows;
}
#else
int separators_can_wide(void)
{
    return 0;
}

void separators_find_wide(struct csv_rows *rows, const struct csv_text *text)
{
    separators_find_anywhere(rows, text);
}
#endif

void separators_find(struct csv_rows *rows, const struct csv_text *text)
{
    if (separators_can_wide())
        separators_find_wide(rows, text);
    else
        separators_find_anywhere(rows, text);
}
