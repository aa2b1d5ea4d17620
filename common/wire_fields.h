/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_FIELDS_H
#define COMMON_WIRE_FIELDS_H

#include <stdint.h>

#include "common/status.h"

/* Private to wire_*.c: the fields of a message where it lies, for those that come by the ten thousand. What is
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

#endif
