/* SPDX-License-Identifier: Apache-2.0 */
/* protobuf-c copies every run of bytes that it unpacks. Of scores and digests, which are columns of bytes and
 * little else, the sink so copied 280 bytes a customer before it had read one number. */
#include <string.h>

#include "common/wire_fields.h"
#include "common/wire_pb.h"

#define DEEPEST 4 /* submessages in submessages */

static int put_number(const ProtobufCFieldDescriptor *field, uint64_t value, void *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM:
        *(uint32_t *)at = (uint32_t)value;
        return 0;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
        *(uint64_t *)at = value;
        return 0;
    case PROTOBUF_C_TYPE_SINT64:
        *(int64_t *)at = wire_fields_signed(value);
        return 0;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)at = value != 0;
        return 0;
    default:
        return PACKED_E_MALFORMED;
    }
}

static void *borrow(const ProtobufCMessageDescriptor *type, struct slice bytes, struct arena *arena,
                    int deep);

static int put_bytes(const ProtobufCFieldDescriptor *field, struct slice bytes, struct arena *arena,
                     int deep, void *at)
{
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        *(ProtobufCBinaryData *)at = pb_bytes(bytes.data, bytes.size);
        return 0;
    }
    if (field->type != PROTOBUF_C_TYPE_MESSAGE || deep == DEEPEST)
        return PACKED_E_MALFORMED;
    void *message = borrow(field->descriptor, bytes, arena, deep + 1);
    *(void **)at = message;
    return message ? 0 : PACKED_E_MALFORMED;
}

static int put_field(const ProtobufCMessageDescriptor *type, const struct wire_field *from,
                     struct arena *arena, int deep, void *message)
{
    const ProtobufCFieldDescriptor *field =
        from->number <= UINT32_MAX
            ? protobuf_c_message_descriptor_get_field(type, (unsigned)from->number)
            : NULL;
    if (!field) /* of a later version */
        return 0;
    void *at = (char *)message + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED || from->kind == WIRE_FIELD_OTHER)
        return PACKED_E_MALFORMED;
    return from->kind == WIRE_FIELD_NUMBER ? put_number(field, from->value, at)
                                           : put_bytes(field, from->bytes, arena, deep, at);
}

static void *borrow(const ProtobufCMessageDescriptor *type, struct slice bytes, struct arena *arena,
                    int deep)
{
    struct wire_fields fields = wire_fields_of(bytes);
    struct wire_field field;
    void *message = arena_take(arena, type->sizeof_message);
    int r = message ? 0 : PACKED_E_MALFORMED;
    if (r == 0)
        type->message_init(message);
    while (r == 0) {
        r = wire_fields_next(&fields, &field);
        if (r == WIRE_FIELDS_E_END)
            return message;
        if (r == 0)
            r = put_field(type, &field, arena, deep, message);
    }
    return NULL;
}

void *pb_borrow(const ProtobufCMessageDescriptor *type, struct slice bytes, struct arena *arena)
{
    return borrow(type, bytes, arena, 0);
}
