/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_RAW_MESSAGE_H
#define SUPPORT_RAW_MESSAGE_H

#include <stdint.h>
#include <string.h>

#include "common/line.h"

/* A protobuf message written by hand, for what our own writer never sends. Fields below 16 have a
 * tag of one byte, the others one of two. */
struct raw_message {
    size_t size;
    unsigned char bytes[16384];
};

static inline void raw_varint(struct raw_message *raw, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        raw->bytes[raw->size++] = (unsigned char)(value | 0x80);
    raw->bytes[raw->size++] = (unsigned char)value;
}

static inline void raw_number(struct raw_message *raw, uint32_t field, uint64_t value)
{
    raw_varint(raw, field << 3);
    raw_varint(raw, value);
}

static inline void raw_signed(struct raw_message *raw, uint32_t field, int64_t value)
{
    raw_number(raw, field, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

static inline void raw_double(struct raw_message *raw, uint32_t field, double value)
{
    raw_varint(raw, field << 3 | 1);
    memcpy(raw->bytes + raw->size, &value, sizeof value);
    raw->size += sizeof value;
}

static inline void raw_bytes(struct raw_message *raw, uint32_t field, const void *data, size_t size)
{
    raw_varint(raw, field << 3 | 2);
    raw_varint(raw, size);
    if (size > 0)
        memcpy(raw->bytes + raw->size, data, size);
    raw->size += size;
}

static inline void raw_inner(struct raw_message *raw, uint32_t field, const struct raw_message *one)
{
    raw_bytes(raw, field, one->bytes, one->size);
}

/* Column of n values that are all the same: no bytes. */
static inline void raw_flat_column(struct raw_message *raw, uint32_t field, int64_t value)
{
    struct raw_message column = {.size = 0};
    raw_signed(&column, 1, value);
    raw_number(&column, 2, 1);
    raw_inner(raw, field, &column);
}

/* A parcel of an empty envelope and these bytes, borrowed. */
static inline struct parcel raw_parcel(const void *data, size_t size)
{
    struct parcel parcel = {.n = 2};
    parcel.part[0] = (struct part){"", 0, NULL, NULL};
    parcel.part[1] = (struct part){(void *)(uintptr_t)data, size, NULL, NULL};
    return parcel;
}

#endif
