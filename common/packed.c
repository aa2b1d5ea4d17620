/* SPDX-License-Identifier: Apache-2.0 */
/* A loop is written once, inline, and made by the compiler for every type and width: each is then a few
 * vector instructions without a widening in between (one codec through blocks of int64_t was three
 * times as slow, and columns are a sixteenth of all work). Nothing divides: a number is a multiple of
 * 25 where its product with the inverse of 25 modulo 2^32 is small, and that product is then the quotient
 * (Granlund & Montgomery, "Division by invariant integers using multiplication",
 * 1994, section 9). Varints were refused: 4 and 8 ns a value where this costs under 1. */
#include "common/packed.h"

#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "columns are written as this machine has them: little-endian"
#endif

#define INLINE static inline __attribute__((always_inline))

#define BLOCK 512

/* Dividing a multiple of step: its bits from shift on, times inverse. */
struct divisor {
    uint64_t step;
    uint64_t inverse;  /* of step >> shift, modulo 2^64 and so modulo 2^32 */
    uint32_t greatest; /* quotient of 32 bits and step >> shift */
    int shift;
};

static const struct divisor by_1 = {1, 1, UINT32_MAX, 0};
static const struct divisor by_100 = {100, UINT64_C(0x8f5c28f5c28f5c29), UINT32_MAX / 25, 2};
static const struct divisor by_10000 = {10000, UINT64_C(0xd288ce703afb7e91), UINT32_MAX / 625, 4};

struct extent {
    int64_t least, greatest;
};

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

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The low 32 bits of a value. */
INLINE uint32_t low_at(enum packed_of type, const void *values, size_t i)
{
    if (type == PACKED_I64)
        return (uint32_t)((const uint64_t *)values)[i];
    if (type == PACKED_U16)
        return ((const uint16_t *)values)[i];
    if (type == PACKED_U8)
        return ((const uint8_t *)values)[i];
    return ((const uint32_t *)values)[i];
}

/* ---- the least and the greatest ---- */

/* Four of each, as one would wait for itself. */
static struct extent extent_wide(const int64_t *values, size_t n)
{
    int64_t least[4], greatest[4];
    for (size_t k = 0; k < 4; k++)
        least[k] = greatest[k] = values[0];
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++) {
            int64_t value = values[i + k];
            least[k] = value < least[k] ? value : least[k];
            greatest[k] = value > greatest[k] ? value : greatest[k];
        }
    for (; i < n; i++) {
        least[0] = values[i] < least[0] ? values[i] : least[0];
        greatest[0] = values[i] > greatest[0] ? values[i] : greatest[0];
    }
    for (size_t k = 1; k < 4; k++) {
        least[0] = least[k] < least[0] ? least[k] : least[0];
        greatest[0] = greatest[k] > greatest[0] ? greatest[k] : greatest[0];
    }
    return (struct extent){least[0], greatest[0]};
}

/* Of values that lie above place: 0, or as far below 0 as what is unsigned reaches above INT32_MAX. */
INLINE struct extent extent_narrow(enum packed_of type, const void *values, size_t n, int64_t place)
{
    uint32_t base = (uint32_t)place;
    int32_t least = INT32_MAX, greatest = INT32_MIN;
    for (size_t i = 0; i < n; i++) {
        int32_t value = (int32_t)(low_at(type, values, i) - base);
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
    }
    return (struct extent){least + place, greatest + place};
}

static struct extent extent_of(enum packed_of type, const void *values, size_t n)
{
    switch (type) {
    case PACKED_I64:
        return extent_wide(values, n);
    case PACKED_I32:
        return extent_narrow(PACKED_I32, values, n, 0);
    case PACKED_U32:
        return extent_narrow(PACKED_U32, values, n, -(int64_t)INT32_MIN);
    case PACKED_U16:
        return extent_narrow(PACKED_U16, values, n, 0);
    case PACKED_U8:
        break;
    }
    return extent_narrow(PACKED_U8, values, n, 0);
}

/* ---- the step ---- */

/* Whether the differences from base of values[from..to), which fit 32 bits, are multiples. */
INLINE int multiples_some(const struct divisor *by, enum packed_of type, const void *values,
                          size_t from, size_t to, uint32_t base)
{
    uint32_t inverse = (uint32_t)by->inverse, greatest = by->greatest, low = 0;
    int shift = by->shift, beyond = 0;
    for (size_t i = from; i < to; i++) {
        uint32_t value = low_at(type, values, i) - base;
        low |= value;
        beyond |= (value >> shift) * inverse > greatest;
    }
    return (low & ((1u << shift) - 1)) == 0 && !beyond;
}

INLINE int multiples(const struct divisor *by, enum packed_of type, const void *values, size_t n,
                     uint32_t base)
{
    for (size_t from = 0; from < n; from += BLOCK)
        if (!multiples_some(by, type, values, from, least_of(n, from + BLOCK), base))
            return 0;
    return 1;
}

static int multiples_wide(const struct divisor *by, const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] % (int64_t)by->step != 0)
            return 0;
    return 1;
}

static int divides(const struct divisor *by, enum packed_of type, const void *values, size_t n,
                   const struct extent *extent)
{
    int64_t step = (int64_t)by->step;
    if (extent->least % step != 0 || extent->greatest % step != 0)
        return 0;
    uint32_t base = (uint32_t)extent->least;
    switch (type) {
    case PACKED_I64:
        return (uint64_t)extent->greatest - (uint64_t)extent->least > UINT32_MAX
                   ? multiples_wide(by, values, n)
                   : multiples(by, PACKED_I64, values, n, base);
    case PACKED_I32:
    case PACKED_U32:
        return multiples(by, PACKED_U32, values, n, base);
    case PACKED_U16:
        return multiples(by, PACKED_U16, values, n, base);
    case PACKED_U8:
        break;
    }
    return multiples(by, PACKED_U8, values, n, base);
}

struct packed packed_fit(enum packed_of type, const void *values, size_t n)
{
    struct packed column = {.step = 1};
    if (n == 0)
        return column;
    struct extent extent = extent_of(type, values, n);
    column.least = extent.least;
    column.step = divides(&by_10000, type, values, n, &extent) ? 10000
                  : divides(&by_100, type, values, n, &extent) ? 100
                                                               : 1;
    column.width = width_of(((uint64_t)extent.greatest - (uint64_t)extent.least) / column.step);
    column.data.size = n * column.width;
    return column;
}

/* ---- writing ---- */

/* (value - base) / step where that fits 32 bits. */
INLINE uint32_t word_at(const struct divisor *by, enum packed_of type, const void *values, size_t i,
                        uint64_t base)
{
    if (type == PACKED_I64)
        return (uint32_t)((((const uint64_t *)values)[i] - base) >> by->shift) *
               (uint32_t)by->inverse;
    return ((low_at(type, values, i) - (uint32_t)base) >> by->shift) * (uint32_t)by->inverse;
}

INLINE void word_put(uint32_t width, char *out, size_t i, uint32_t word)
{
    uint16_t half = (uint16_t)word;
    if (width == 1)
        out[i] = (char)word;
    else if (width == 2)
        memcpy(out + 2 * i, &half, sizeof half);
    else
        memcpy(out + 4 * i, &word, sizeof word);
}

INLINE void words_write(struct divisor by, enum packed_of type, const void *restrict values,
                        size_t n, uint64_t base, uint32_t width, char *restrict out)
{
    for (size_t i = 0; i < n; i++)
        word_put(width, out, i, word_at(&by, type, values, i, base));
}

INLINE void type_write(struct divisor by, enum packed_of type, const void *values, size_t n,
                       const struct packed *column, char *out)
{
    uint64_t base = (uint64_t)column->least;
    if (column->width == 1)
        words_write(by, type, values, n, base, 1, out);
    else if (column->width == 2)
        words_write(by, type, values, n, base, 2, out);
    else
        words_write(by, type, values, n, base, 4, out);
}

static void write_wide(const struct divisor *by, const int64_t *values, size_t n, uint64_t base,
                       char *out)
{
    for (size_t i = 0; by->step == 1 && i < n; i++) {
        uint64_t word = (uint64_t)values[i] - base;
        memcpy(out + 8 * i, &word, sizeof word);
    }
    if (by->step == 1)
        return;
    for (size_t i = 0; i < n; i++) {
        uint64_t word = (((uint64_t)values[i] - base) >> by->shift) * by->inverse;
        memcpy(out + 8 * i, &word, sizeof word);
    }
}

void packed_write(const struct packed *column, enum packed_of type, const void *values, size_t n,
                  void *out)
{
    const struct divisor *by = column->step == 1     ? &by_1
                               : column->step == 100 ? &by_100
                                                     : &by_10000;
    if (column->width == 0)
        return;
    if (column->width == 8) /* of int64_t only */
        write_wide(by, values, n, (uint64_t)column->least, out);
    else if (type == PACKED_I64)
        type_write(*by, PACKED_I64, values, n, column, out);
    else if (type == PACKED_U16)
        type_write(*by, PACKED_U16, values, n, column, out);
    else if (type == PACKED_U8)
        type_write(*by, PACKED_U8, values, n, column, out);
    else
        type_write(*by, PACKED_U32, values, n, column, out);
}

/* ---- reading ---- */

static const int64_t type_least[] = {INT64_MIN, INT32_MIN, 0, 0, 0};
static const int64_t type_greatest[] = {INT64_MAX, INT32_MAX, UINT32_MAX, UINT16_MAX, UINT8_MAX};

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

INLINE uint32_t word_get(uint32_t width, const char *data, size_t i)
{
    uint32_t word = 0;
    uint16_t half;
    if (width == 1)
        return (uint8_t)data[i];
    if (width == 4) {
        memcpy(&word, data + 4 * i, sizeof word);
        return word;
    }
    memcpy(&half, data + 2 * i, sizeof half);
    return half;
}

/* Sums are modulo 2^64, so that a stranger's column is a wrong number and nothing worse. */
INLINE void value_put(enum packed_of type, void *values, size_t i, uint64_t base, uint32_t step,
                      uint32_t word)
{
    if (type == PACKED_I64)
        ((uint64_t *)values)[i] = base + (uint64_t)step * word;
    else if (type == PACKED_U16)
        ((uint16_t *)values)[i] = (uint16_t)((uint32_t)base + step * word);
    else if (type == PACKED_U8)
        ((uint8_t *)values)[i] = (uint8_t)((uint32_t)base + step * word);
    else
        ((uint32_t *)values)[i] = (uint32_t)base + step * word;
}

INLINE void words_read(const struct packed *column, uint32_t width, enum packed_of type, size_t n,
                       void *restrict values)
{
    uint64_t base = (uint64_t)column->least;
    uint32_t step = (uint32_t)column->step;
    const char *restrict data = column->data.data;
    for (size_t i = 0; i < n; i++)
        value_put(type, values, i, base, step, width == 0 ? 0 : word_get(width, data, i));
}

INLINE void type_read(const struct packed *column, enum packed_of type, size_t n, void *values)
{
    if (column->width == 0) /* no bytes, so perhaps no address either */
        words_read(column, 0, type, n, values);
    else if (column->width == 1)
        words_read(column, 1, type, n, values);
    else if (column->width == 2)
        words_read(column, 2, type, n, values);
    else
        words_read(column, 4, type, n, values);
}

static void read_wide(const struct packed *column, size_t from, size_t n, int64_t *values)
{
    uint64_t base = (uint64_t)column->least, step = column->step;
    const char *data = column->data.data;
    for (size_t i = 0; i < n; i++) {
        uint64_t word;
        memcpy(&word, data + 8 * (from + i), sizeof word);
        values[i] = (int64_t)(base + step * word);
    }
}

/* Whether the widest word would fit the type: then there is nothing to check. */
static int whatever_fits(const struct packed *column, enum packed_of type)
{
    int64_t greatest = (int64_t)((UINT64_C(1) << 8 * column->width) - 1) * (int64_t)column->step;
    return column->least >= type_least[type] &&
           !__builtin_add_overflow(greatest, column->least, &greatest) &&
           greatest <= type_greatest[type];
}

/* Whether every value lies in [least, greatest]; no branch, so it is vectorised. */
static int within(const int64_t *values, size_t n, int64_t least, int64_t greatest)
{
    int out = 0;
    for (size_t i = 0; i < n; i++)
        out |= (values[i] < least) | (values[i] > greatest);
    return !out;
}

/* Values that have to be looked at one by one, a block at a time; values NULL: only looked at. */
static int read_checked(const struct packed *column, enum packed_of type, size_t n, char *values)
{
    static const size_t size[] = {8, 4, 4, 2, 1};
    int64_t block[BLOCK];
    for (size_t from = 0; from < n; from += BLOCK) {
        struct packed some = *column;
        size_t k = least_of(n - from, BLOCK);
        if (column->width == 8) {
            read_wide(column, from, k, block);
        } else {
            if (column->width > 0)
                some.data.data = (const char *)column->data.data + from * column->width;
            type_read(&some, PACKED_I64, k, block);
        }
        if (!within(block, k, type_least[type], type_greatest[type]))
            return PACKED_E_MALFORMED;
        for (size_t i = 0; values && i < k;
             i++) /* the low bytes of a number that fits are the number */
            memcpy(values + (from + i) * size[type], &block[i], size[type]);
    }
    return 0;
}

/* Whether there are values that may not fit. */
static int has_doubts(const struct packed *column, enum packed_of type)
{
    return type != PACKED_I64 && (column->width == 8 || !whatever_fits(column, type));
}

int packed_check(const struct packed *column, enum packed_of type, size_t n)
{
    if (!packed_possible(column, n))
        return PACKED_E_MALFORMED;
    return n > 0 && has_doubts(column, type) ? read_checked(column, type, n, NULL) : 0;
}

int packed_read(const struct packed *column, enum packed_of type, size_t n, void *values)
{
    if (!packed_possible(column, n))
        return PACKED_E_MALFORMED;
    if (n == 0)
        return 0;
    if (type == PACKED_I64 && column->width == 8)
        read_wide(column, 0, n, values);
    else if (type == PACKED_I64)
        type_read(column, PACKED_I64, n, values);
    else if (has_doubts(column, type))
        return read_checked(column, type, n, values);
    else if (type == PACKED_U16)
        type_read(column, PACKED_U16, n, values);
    else if (type == PACKED_U8)
        type_read(column, PACKED_U8, n, values);
    else
        type_read(column, PACKED_U32, n, values);
    return 0;
}
