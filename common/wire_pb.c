/* SPDX-License-Identifier: Apache-2.0 */
/* Where domain types meet protobuf-c. Unpacking always goes through an arena: its limit is what keeps a
 * stranger's message from becoming eighty times its size in heap. */
#include "common/wire_pb.h"

#include <string.h>

#include "common/log.h"

static void *pb_alloc(void *arena, size_t size)
{
    return arena_take(arena, size);
}

static void pb_free(void *arena, void *piece)
{
    (void)arena;
    (void)piece;
}

int pb_put(const ProtobufCMessage *message, struct parcel *parcel)
{
    struct part part = part_new(protobuf_c_message_get_packed_size(message));
    if (!part.data)
        return log_fail(STATUS_BUG, "out of memory for a letter of %zu bytes", part.size);
    protobuf_c_message_pack(message, part.data);
    int r = parcel_add(parcel, &part);
    part_release(&part);
    return r;
}

void *pb_read(const ProtobufCMessageDescriptor *type, const struct parcel *parcel, size_t i,
              struct arena *arena)
{
    ProtobufCAllocator allocator = {pb_alloc, pb_free, arena};
    if (i >= parcel->n)
        return NULL;
    return protobuf_c_message_unpack(type, &allocator, parcel->part[i].size, parcel->part[i].data);
}

static void *small_alloc(void *self, size_t size)
{
    struct pb_small *room = self;
    size_t whole = (size + 15) & ~(size_t)15;
    if (size > PB_SMALL || whole > PB_SMALL - room->used)
        return NULL;
    void *piece = room->bytes + room->used;
    room->used += whole;
    return piece;
}

void *pb_small_read(const ProtobufCMessageDescriptor *type, const struct parcel *parcel, size_t i,
                    struct pb_small *room)
{
    ProtobufCAllocator allocator = {small_alloc, pb_free, room};
    room->used = 0;
    if (i >= parcel->n || parcel->part[i].size > PB_SMALL / 2)
        return NULL;
    return protobuf_c_message_unpack(type, &allocator, parcel->part[i].size, parcel->part[i].data);
}

ProtobufCBinaryData pb_bytes(const void *data, size_t size)
{
    ProtobufCBinaryData out = {size, (uint8_t *)(uintptr_t)data};
    return out;
}

uint32_t *pb_numbers(const uint32_t *values)
{
    return (uint32_t *)(uintptr_t)values;
}

ProtoColumn *pb_column(struct arena *arena, enum packed_of type, const void *values, size_t n)
{
    struct packed column = packed_fit(type, values, n);
    ProtoColumn *out = arena_take(arena, sizeof *out);
    void *data = arena_take(arena, column.data.size);
    if (!out || !data)
        return NULL;
    packed_write(&column, type, values, n, data);
    winnow__proto__column__init(out);
    out->least = column.least;
    out->step = column.step;
    out->width = column.width;
    out->data.data = data;
    out->data.len = column.data.size;
    return out;
}

static size_t element_size(enum packed_of type)
{
    static const size_t size[] = {8, 4, 4, 2, 1};
    return size[type];
}

int pb_column_read(const ProtoColumn *from, enum packed_of type, size_t n, struct arena *arena,
                   const void **values)
{
    *values = NULL;
    if (n == 0)
        return 0;
    if (!from || n > SIZE_MAX / 8)
        return PACKED_E_MALFORMED;
    struct packed column = {
        from->least, from->step, from->width, {from->data.data, from->data.len}};
    void *out = arena_take(arena, n * element_size(type));
    if (!out)
        return PACKED_E_MALFORMED;
    *values = out;
    return packed_read(&column, type, n, out);
}

int pb_column_check(const ProtoColumn *from, enum packed_of type, size_t n)
{
    if (n == 0)
        return 0;
    if (!from)
        return PACKED_E_MALFORMED;
    struct packed column = {
        from->least, from->step, from->width, {from->data.data, from->data.len}};
    return packed_check(&column, type, n);
}

int pb_eights_read(ProtobufCBinaryData bytes, size_t n, struct arena *arena, const void **values)
{
    *values = NULL;
    if (bytes.len / 8 != n || bytes.len % 8 != 0)
        return PACKED_E_MALFORMED;
    if (n == 0)
        return 0;
    void *out = arena_take(arena, bytes.len);
    if (!out)
        return PACKED_E_MALFORMED;
    *values = memcpy(out, bytes.data, bytes.len);
    return 0;
}

int pb_offsets(const uint16_t *lengths, size_t n, size_t size, struct arena *arena,
               const uint32_t **offsets)
{
    uint32_t *out = size <= UINT32_MAX ? arena_take(arena, (n + 1) * sizeof *out) : NULL;
    if (!out)
        return PACKED_E_MALFORMED;
    uint64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint32_t)at;
        at += lengths[i];
        if (at > size)
            return PACKED_E_MALFORMED;
    }
    out[n] = (uint32_t)at;
    *offsets = out;
    return at == size ? 0 : PACKED_E_MALFORMED;
}

size_t pb_stretch(const uint16_t *lengths, size_t n, size_t most, size_t *bytes)
{
    size_t i = 0;
    *bytes = 0;
    n = n < most ? n : most;
    for (; i < n && lengths && (i == 0 || *bytes + lengths[i] <= PB_STRINGS_LIMIT); i++)
        *bytes += lengths[i];
    return lengths ? i : n;
}

ProtobufCBinaryData pb_digest(const struct digest *digest)
{
    ProtobufCBinaryData out = {0, NULL};
    if (!digest_none(*digest)) {
        out.len = sizeof *digest;
        out.data = (uint8_t *)(uintptr_t)digest;
    }
    return out;
}

int pb_digest_read(ProtobufCBinaryData bytes, struct digest *digest)
{
    *digest = (struct digest){0, 0};
    if (bytes.len == 0)
        return 0;
    if (bytes.len != sizeof *digest)
        return PACKED_E_MALFORMED;
    memcpy(digest, bytes.data, sizeof *digest);
    return 0;
}

int pb_digests_read(ProtobufCBinaryData bytes, struct arena *arena, const struct digest **digests,
                    size_t *n)
{
    if (bytes.len % sizeof **digests != 0)
        return PACKED_E_MALFORMED;
    struct digest *out = arena_take(arena, bytes.len);
    if (!out)
        return PACKED_E_MALFORMED;
    if (bytes.len > 0)
        memcpy(out, bytes.data, bytes.len);
    *digests = out;
    *n = bytes.len / sizeof *out;
    return 0;
}
