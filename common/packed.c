/* SPDX-License-Identifier: Apache-2.0 */
/* Narrow arrays go through a block of int64_t on the stack rather than through a loop for each of
 * five types, five widths and three steps: the widening is a vector instruction, and there is one
 * codec to be right. Varints were refused: 4 and 8 ns a value where this costs under 1. */
#include "common/packed.h"

#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "columns are written as this machine has them: little-endian"
#endif

#define BLOCK 512

/* What a first pass over the values learns. */
struct extent {
    int64_t least, greatest;
    int by_100, by_10000; /* every value so far is a multiple */
};

static void extent_add(struct extent *extent, const int64_t *values, size_t n)
{
    size_t i = 0;
    int64_t least = extent->least, greatest = extent->greatest;
    for (; i < n && extent->by_10000; i++)
        extent->by_10000 = values[i] % 10000 == 0;
    for (i = 0; i < n && !extent->by_10000 && extent->by_100; i++)
        extent->by_100 = values[i] % 100 == 0;
    for (i = 0; i < n; i++) {
        least = values[i] < least ? values[i] : least;
        greatest = values[i] > greatest ? values[i] : greatest;
    }
    extent->least = least;
    extent->greatest = greatest;
}

/* The two narrow types that rows have, as they are: eight or four to a vector. */
static struct extent extent_u16(const uint16_t *values, size_t n)
{
    struct extent extent = {.by_100 = 1, .by_10000 = 1};
    uint16_t least = UINT16_MAX, greatest = 0;
    for (size_t i = 0; i < n; i++) {
        least = values[i] < least ? values[i] : least;
        greatest = values[i] > greatest ? values[i] : greatest;
    }
    for (size_t i = 0; i < n && extent.by_100; i++) {
        extent.by_100 = values[i] % 100 == 0;
        extent.by_10000 &= values[i] % 10000 == 0;
    }
    extent.least = least;
    extent.greatest = greatest;
    return extent;
}

static struct extent extent_i32(const int32_t *values, size_t n)
{
    struct extent extent = {.by_100 = 1, .by_10000 = 1};
    int32_t least = INT32_MAX, greatest = INT32_MIN;
    for (size_t i = 0; i < n; i++) {
        least = values[i] < least ? values[i] : least;
        greatest = values[i] > greatest ? values[i] : greatest;
    }
    for (size_t i = 0; i < n && extent.by_100; i++) {
        extent.by_100 = values[i] % 100 == 0;
        extent.by_10000 &= values[i] % 10000 == 0;
    }
    extent.least = least;
    extent.greatest = greatest;
    return extent;
}

static uint32_t width_of(uint64_t word)
{
    if (word == 0)
        return 0;
    if (word <= UINT8_MAX)
        return 1;
    if (word <= UINT16_MAX)
        return 2;
    return word <= UINT32_MAX ? 4 : 8;
}

static struct packed extent_column(const struct extent *extent, size_t n)
{
    struct packed column = {.step = 1};
    if (n == 0)
        return column;
    column.least = extent->least;
    column.step = !extent->by_100 ? 1 : extent->by_10000 ? 10000 : 100;
    column.width = width_of(((uint64_t)extent->greatest - (uint64_t)extent->least) / column.step);
    column.data.size = n * column.width;
    return column;
}

/* values[from..from + n) as int64_t, in place where they are. */
static const int64_t *load(enum packed_of type, const void *values, size_t from, size_t n,
                           int64_t *block)
{
    if (type == PACKED_I64)
        return (const int64_t *)values + from;
    if (type == PACKED_I32)
        for (size_t i = 0; i < n; i++)
            block[i] = ((const int32_t *)values)[from + i];
    else if (type == PACKED_U32)
        for (size_t i = 0; i < n; i++)
            block[i] = ((const uint32_t *)values)[from + i];
    else if (type == PACKED_U16)
        for (size_t i = 0; i < n; i++)
            block[i] = ((const uint16_t *)values)[from + i];
    else
        for (size_t i = 0; i < n; i++)
            block[i] = ((const uint8_t *)values)[from + i];
    return block;
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct packed packed_fit(enum packed_of type, const void *values, size_t n)
{
    struct extent extent = {INT64_MAX, INT64_MIN, 1, 1};
    int64_t block[BLOCK];
    if (type == PACKED_I32)
        extent = extent_i32(values, n);
    else if (type == PACKED_U16)
        extent = extent_u16(values, n);
    else
        for (size_t from = 0; from < n; from += BLOCK) {
            size_t some = least_of(n - from, BLOCK);
            extent_add(&extent, load(type, values, from, some, block), some);
        }
    return extent_column(&extent, n);
}

/* (value - least) / step, where that is below 2^16 and the difference therefore below 2^32; the three
 * constants let the compiler multiply instead of divide, four at a time. */
static void near_words_of(const struct packed *column, const int64_t *values, size_t n,
                          uint32_t *words)
{
    uint32_t base = (uint32_t)(uint64_t)column->least;
    if (column->step == 1)
        for (size_t i = 0; i < n; i++)
            words[i] = (uint32_t)(uint64_t)values[i] - base;
    else if (column->step == 100)
        for (size_t i = 0; i < n; i++)
            words[i] = ((uint32_t)(uint64_t)values[i] - base) / 100;
    else
        for (size_t i = 0; i < n; i++)
            words[i] = ((uint32_t)(uint64_t)values[i] - base) / 10000;
}

static void near_narrow(const uint32_t *words, size_t n, uint32_t width, void *out)
{
    if (width == 1) {
        uint8_t *to = out;
        for (size_t i = 0; i < n; i++)
            to[i] = (uint8_t)words[i];
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint16_t word = (uint16_t)words[i];
        memcpy((char *)out + 2 * i, &word, 2);
    }
}

/* The same of words that may be any. */
static void words_of(const struct packed *column, const int64_t *values, size_t n, uint64_t *words)
{
    uint64_t base = (uint64_t)column->least;
    if (column->step == 1)
        for (size_t i = 0; i < n; i++)
            words[i] = (uint64_t)values[i] - base;
    else if (column->step == 100)
        for (size_t i = 0; i < n; i++)
            words[i] = ((uint64_t)values[i] - base) / 100;
    else
        for (size_t i = 0; i < n; i++)
            words[i] = ((uint64_t)values[i] - base) / 10000;
}

static void narrow(const uint64_t *words, size_t n, uint32_t width, void *out)
{
    if (width == 8) {
        memcpy(out, words, 8 * n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t word = (uint32_t)words[i];
        memcpy((char *)out + 4 * i, &word, 4);
    }
}

void packed_write(const struct packed *column, enum packed_of type, const void *values, size_t n,
                  void *out)
{
    union {
        uint64_t far[BLOCK];
        uint32_t near[BLOCK];
    } words;
    int64_t block[BLOCK];
    const uint32_t width = column->width;
    if (width == 0)
        return;
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t some = least_of(n - from, BLOCK);
        const int64_t *wide = load(type, values, from, some, block);
        char *to = (char *)out + from * width;
        if (width <= 2) {
            near_words_of(column, wide, some, words.near);
            near_narrow(words.near, some, width, to);
        } else {
            words_of(column, wide, some, words.far);
            narrow(words.far, some, width, to);
        }
    }
}

static int packed_possible(const struct packed *column, size_t n)
{
    uint32_t width = column->width;
    if (width != 0 && width != 1 && width != 2 && width != 4 && width != 8)
        return 0;
    if (column->step != 1 && column->step != 100 && column->step != 10000)
        return 0;
    return width == 0 ? column->data.size == 0
                      : column->data.size / width == n && column->data.size % width == 0;
}

/* Sums are modulo 2^64, so that a stranger's column is a wrong number and nothing worse. */
static void widen(const struct packed *column, size_t from, size_t n, int64_t *values)
{
    uint64_t base = (uint64_t)column->least, step = column->step;
    if (column->width == 0) { /* no bytes, so perhaps no address either */
        for (size_t i = 0; i < n; i++)
            values[i] = column->least;
        return;
    }
    const char *data = (const char *)column->data.data + from * column->width;
    if (column->width == 1) {
        for (size_t i = 0; i < n; i++)
            values[i] = (int64_t)(base + step * (uint8_t)data[i]);
    } else if (column->width == 2) {
        for (size_t i = 0; i < n; i++) {
            uint16_t word;
            memcpy(&word, data + 2 * i, 2);
            values[i] = (int64_t)(base + step * word);
        }
    } else if (column->width == 4) {
        for (size_t i = 0; i < n; i++) {
            uint32_t word;
            memcpy(&word, data + 4 * i, 4);
            values[i] = (int64_t)(base + step * word);
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            uint64_t word;
            memcpy(&word, data + 8 * i, 8);
            values[i] = (int64_t)(base + step * word);
        }
    }
}

/* Whether every value lies in [least, greatest]; no branch, so it is vectorised. */
static int within(const int64_t *values, size_t n, int64_t least, int64_t greatest)
{
    int out = 0;
    for (size_t i = 0; i < n; i++)
        out |= (values[i] < least) | (values[i] > greatest);
    return !out;
}

static int keep(enum packed_of type, const int64_t *block, size_t from, size_t n, void *values)
{
    static const int64_t least[] = {INT64_MIN, INT32_MIN, 0, 0, 0};
    static const int64_t greatest[] = {INT64_MAX, INT32_MAX, UINT32_MAX, UINT16_MAX, UINT8_MAX};
    if (!within(block, n, least[type], greatest[type]))
        return PACKED_E_MALFORMED;
    if (type == PACKED_I32)
        for (size_t i = 0; i < n; i++)
            ((int32_t *)values)[from + i] = (int32_t)block[i];
    else if (type == PACKED_U32)
        for (size_t i = 0; i < n; i++)
            ((uint32_t *)values)[from + i] = (uint32_t)block[i];
    else if (type == PACKED_U16)
        for (size_t i = 0; i < n; i++)
            ((uint16_t *)values)[from + i] = (uint16_t)block[i];
    else
        for (size_t i = 0; i < n; i++)
            ((uint8_t *)values)[from + i] = (uint8_t)block[i];
    return 0;
}

int packed_read(const struct packed *column, enum packed_of type, size_t n, void *values)
{
    int64_t block[BLOCK];
    if (!packed_possible(column, n))
        return PACKED_E_MALFORMED;
    if (n == 0)
        return 0;
    if (type == PACKED_I64) {
        widen(column, 0, n, values);
        return 0;
    }
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t some = least_of(n - from, BLOCK);
        widen(column, from, some, block);
        if (keep(type, block, from, some, values) != 0)
            return PACKED_E_MALFORMED;
    }
    return 0;
}
