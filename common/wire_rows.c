/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_rows.h"

#include <string.h>

#include "common/log.h"
#include "common/wire_pb.h"

typedef Winnow__Proto__RowChunk ProtoRowChunk;
typedef Winnow__Proto__AttributeChunk ProtoAttributeChunk;

/* Tag of field 1, wire type 2: a chunk within Rows and within Attributes. */
#define CHUNK_TAG 0x0a

static size_t varint(uint64_t value, uint8_t *out)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        out[n++] = (uint8_t)(value | 0x80);
    out[n++] = (uint8_t)value;
    return n;
}

/* The message as an element of the repeated field 1. */
static int chunk_bytes(const ProtobufCMessage *message, struct arena *arena, struct slice *chunk)
{
    uint8_t head[12] = {CHUNK_TAG};
    size_t size = protobuf_c_message_get_packed_size(message);
    size_t n = 1 + varint(size, head + 1);
    uint8_t *out = arena_take(arena, n + size);
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for a chunk of %zu bytes", size);
    memcpy(out, head, n);
    protobuf_c_message_pack(message, out + n);
    *chunk = (struct slice){out, n + size};
    return 0;
}

static size_t total(const uint16_t *lengths, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lengths[i];
    return sum;
}

int wire_rows_chunk(const struct purchase_rows *rows, struct arena *arena, struct slice *chunk)
{
    ProtoRowChunk out = WINNOW__PROTO__ROW_CHUNK__INIT;
    out.rows = (uint32_t)rows->n;
    out.id_length = pb_column(arena, PACKED_U16, rows->id_length, rows->n);
    out.ids = pb_bytes(rows->ids, total(rows->id_length, rows->n));
    out.day = pb_column(arena, PACKED_I32, rows->day, rows->n);
    out.amount = pb_column(arena, PACKED_I64, rows->amount, rows->n);
    if (rows->order)
        out.orders = pb_bytes(rows->order, rows->n * sizeof *rows->order);
    if (!out.id_length || !out.day || !out.amount)
        return log_fail(STATUS_BUG, "out of memory for %zu rows", rows->n);
    return chunk_bytes(&out.base, arena, chunk);
}

int wire_attributes_chunk(const struct attribute_rows *rows, struct arena *arena,
                          struct slice *chunk)
{
    ProtoAttributeChunk out = WINNOW__PROTO__ATTRIBUTE_CHUNK__INIT;
    out.rows = (uint32_t)rows->n;
    out.id_length = pb_column(arena, PACKED_U16, rows->id_length, rows->n);
    out.ids = pb_bytes(rows->ids, total(rows->id_length, rows->n));
    out.known = pb_bytes(rows->known, rows->n);
    out.units = pb_column(arena, PACKED_I64, rows->units, rows->n);
    out.declared = pb_column(arena, PACKED_I64, rows->declared, rows->n);
    out.group_length = pb_column(arena, PACKED_U16, rows->group_length, rows->n);
    out.groups = pb_bytes(rows->groups, total(rows->group_length, rows->n));
    if (rows->rank)
        out.ranks = pb_column(arena, PACKED_U32, rows->rank, rows->n);
    if (!out.id_length || !out.units || !out.declared || !out.group_length ||
        (rows->rank && !out.ranks))
        return log_fail(STATUS_BUG, "out of memory for the attributes of %zu customers", rows->n);
    return chunk_bytes(&out.base, arena, chunk);
}

static int rows_chunk_read(const ProtoRowChunk *in, struct arena *arena, struct purchase_rows *out)
{
    const void *length, *day, *amount;
    if (in->rows > ROWS_PER_CHUNK_LIMIT ||
        pb_column_read(in->id_length, PACKED_U16, in->rows, arena, &length) != 0 ||
        pb_column_read(in->day, PACKED_I32, in->rows, arena, &day) != 0 ||
        pb_column_read(in->amount, PACKED_I64, in->rows, arena, &amount) != 0 ||
        total(length, in->rows) != in->ids.len ||
        (in->orders.len != 0 && in->orders.len != in->rows * sizeof(uint64_t)))
        return WIRE_E_MALFORMED;
    out->n = in->rows;
    out->ids = (const char *)in->ids.data;
    out->id_length = length;
    out->day = day;
    out->amount = amount;
    out->order = in->orders.len ? (const uint64_t *)(const void *)in->orders.data : NULL;
    return 0;
}

int wire_rows_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   const struct purchase_rows **chunks, size_t *n)
{
    Winnow__Proto__Rows *in = pb_read(&winnow__proto__rows__descriptor, parcel, i, arena);
    struct purchase_rows *out = in ? arena_take(arena, in->n_chunks * sizeof *out) : NULL;
    if (!out)
        return WIRE_E_MALFORMED;
    for (size_t k = 0; k < in->n_chunks; k++)
        if (rows_chunk_read(in->chunks[k], arena, &out[k]) != 0)
            return WIRE_E_MALFORMED;
    *chunks = out;
    *n = in->n_chunks;
    return 0;
}

static int attributes_chunk_read(const ProtoAttributeChunk *in, struct arena *arena,
                                 struct attribute_rows *out)
{
    const void *length, *units, *declared, *group_length, *rank = NULL;
    if (in->rows > ROWS_PER_CHUNK_LIMIT || in->known.len != in->rows ||
        pb_column_read(in->id_length, PACKED_U16, in->rows, arena, &length) != 0 ||
        pb_column_read(in->units, PACKED_I64, in->rows, arena, &units) != 0 ||
        pb_column_read(in->declared, PACKED_I64, in->rows, arena, &declared) != 0 ||
        pb_column_read(in->group_length, PACKED_U16, in->rows, arena, &group_length) != 0 ||
        (in->ranks && pb_column_read(in->ranks, PACKED_U32, in->rows, arena, &rank) != 0) ||
        total(length, in->rows) != in->ids.len || total(group_length, in->rows) != in->groups.len)
        return WIRE_E_MALFORMED;
    out->n = in->rows;
    out->ids = (const char *)in->ids.data;
    out->id_length = length;
    out->known = in->known.data;
    out->units = units;
    out->declared = declared;
    out->groups = (const char *)in->groups.data;
    out->group_length = group_length;
    out->rank = rank;
    return 0;
}

int wire_attributes_read(const struct parcel *parcel, size_t i, struct arena *arena,
                         const struct attribute_rows **chunks, size_t *n)
{
    Winnow__Proto__Attributes *in =
        pb_read(&winnow__proto__attributes__descriptor, parcel, i, arena);
    struct attribute_rows *out = in ? arena_take(arena, in->n_chunks * sizeof *out) : NULL;
    if (!out)
        return WIRE_E_MALFORMED;
    for (size_t k = 0; k < in->n_chunks; k++)
        if (attributes_chunk_read(in->chunks[k], arena, &out[k]) != 0)
            return WIRE_E_MALFORMED;
    *chunks = out;
    *n = in->n_chunks;
    return 0;
}
