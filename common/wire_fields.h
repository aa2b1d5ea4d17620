/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_FIELDS_H
#define COMMON_WIRE_FIELDS_H

#include <stdint.h>
#include <string.h>

#include "common/status.h"

/* Private to wire_*.c: the fields of a message where it lies, for those that come and go by the ten thousand. What is
 * read is what protobuf reads, but that a submessage that stands there twice is the last of the two,
 * not both merged: nobody writes one so. */
struct wire_fields {
    const unsigned char *at, *end;
};

enum wire_field_kind { WIRE_FIELD_NUMBER = 0, WIRE_FIELD_BYTES = 2, WIRE_FIELD_OTHER = 5 };

struct wire_field {
    uint64_t number;
    enum wire_field_kind kind;
    uint64_t value;     /* of a number, as it is: not unzigzagged */
    struct slice bytes; /* borrowed from the message */
};

enum { WIRE_FIELDS_E_END = 1, WIRE_FIELDS_E_MALFORMED };

struct wire_fields wire_fields_of(struct slice message);
int wire_fields_next(struct wire_fields *fields, struct wire_field *field) MUST_USE;

static inline int64_t wire_fields_signed(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static inline uint64_t wire_fields_unsigned(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

/* Writing, field by field as protobuf does: a number that is 0 and bytes that are none are left out, a
 * submessage of nothing is not. Sizes are those of what is put; put answers behind it. Numbers of fields are below
 * 16. */
size_t wire_fields_number_size(uint64_t value);
unsigned char *wire_fields_put_number(unsigned char *out, uint32_t number, uint64_t value);
/* The tag and the size of what follows. */
size_t wire_fields_head_size(size_t size);
unsigned char *wire_fields_put_head(unsigned char *out, uint32_t number, size_t size);

static inline size_t wire_fields_bytes_size(size_t size)
{
    return size > 0 ? wire_fields_head_size(size) + size : 0;
}

static inline unsigned char *wire_fields_put_bytes(unsigned char *out, uint32_t number,
                                                   struct slice bytes)
{
    if (bytes.size == 0)
        return out;
    out = wire_fields_put_head(out, number, bytes.size);
    memcpy(out, bytes.data, bytes.size);
    return out + bytes.size;
}

#endif
