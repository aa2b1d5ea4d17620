/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_PACKED_H
#define COMMON_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* n integers as few bytes: value = least + step * word, words little-endian of one width. Canonical
 * (equal values, equal bytes): least is the least of them, step the greatest of 10,000, 100 and 1
 * that divides every value, width the least of 0, 1, 2, 4, 8 that holds (greatest - least) / step.
 * Days, money and counts of a shard take 0 to 4 bytes each this way, and the wire, the workers'
 * blocks and the sink's store all speak it. n travels beside the column. */
struct packed {
    int64_t least;
    uint64_t step;
    uint32_t width;
    struct slice data; /* n * width bytes, borrowed */
};

enum { PACKED_E_MALFORMED = 1 }; /* size, width or step that cannot be, or a value out of range */

/* The arrays columns are made of and read into. */
enum packed_of { PACKED_I64, PACKED_I32, PACKED_U32, PACKED_U16, PACKED_U8 };

/* Sets least, step and width for these values; data.size to what packed_write will fill, data.data
 * to NULL. */
struct packed packed_fit(enum packed_of type, const void *values, size_t n);
void packed_write(const struct packed *column, enum packed_of type, const void *values, size_t n,
                  void *out);

/* PACKED_E_MALFORMED also where a value does not fit the array's type. */
int packed_read(const struct packed *column, enum packed_of type, size_t n, void *values) MUST_USE;
/* What packed_read would answer. */
int packed_check(const struct packed *column, enum packed_of type, size_t n) MUST_USE;

#endif
