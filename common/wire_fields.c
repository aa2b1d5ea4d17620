/* SPDX-License-Identifier: Apache-2.0 */
/* protobuf-c unpacks a message into structures and copies its bytes, once for each submessage: with four of them
 * in a chunk of some hundreds of rows that was 6 to 8 ns a row, as much as folding spends on its table. */
#include "common/wire_fields.h"

#include <stddef.h>

struct wire_fields wire_fields_of(struct slice message)
{
    static const unsigned char nothing[1];
    const unsigned char *at = message.size > 0 ? message.data : nothing;
    return (struct wire_fields){at, at + message.size};
}

static int varint(struct wire_fields *fields, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && fields->at < fields->end; shift += 7) {
        unsigned char byte = *fields->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return 0;
    }
    return WIRE_FIELDS_E_MALFORMED;
}

static int skip(struct wire_fields *fields, uint64_t size)
{
    if (size > (size_t)(fields->end - fields->at))
        return WIRE_FIELDS_E_MALFORMED;
    fields->at += size;
    return 0;
}

int wire_fields_next(struct wire_fields *fields, struct wire_field *field)
{
    uint64_t tag;
    if (fields->at == fields->end)
        return WIRE_FIELDS_E_END;
    if (varint(fields, &tag) != 0 || tag >> 3 == 0)
        return WIRE_FIELDS_E_MALFORMED;
    field->number = tag >> 3;
    field->kind = WIRE_FIELD_OTHER;
    switch (tag & 7) {
    case 0:
        field->kind = WIRE_FIELD_NUMBER;
        return varint(fields, &field->value);
    case 1:
        return skip(fields, 8);
    case 2:
        field->kind = WIRE_FIELD_BYTES;
        if (varint(fields, &field->value) != 0)
            return WIRE_FIELDS_E_MALFORMED;
        field->bytes = (struct slice){fields->at, (size_t)field->value};
        return skip(fields, field->value);
    case 5:
        return skip(fields, 4);
    default:
        return WIRE_FIELDS_E_MALFORMED;
    }
}

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}

static unsigned char *put_varint(unsigned char *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *out++ = (unsigned char)(value | 0x80);
    *out++ = (unsigned char)value;
    return out;
}

size_t wire_fields_number_size(uint64_t value)
{
    return value == 0 ? 0 : 1 + varint_size(value);
}

unsigned char *wire_fields_put_number(unsigned char *out, uint32_t number, uint64_t value)
{
    if (value == 0)
        return out;
    *out = (unsigned char)(number << 3 | WIRE_FIELD_NUMBER);
    return put_varint(out + 1, value);
}

size_t wire_fields_head_size(size_t size)
{
    return 1 + varint_size(size);
}

unsigned char *wire_fields_put_head(unsigned char *out, uint32_t number, size_t size)
{
    *out = (unsigned char)(number << 3 | WIRE_FIELD_BYTES);
    return put_varint(out + 1, size);
}
