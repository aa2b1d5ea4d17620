/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_rows.h"

#include <string.h>

#include "common/log.h"
#include "common/wire_fields.h"
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

/* Kinds that fields have, by their number. */
static int kinds_right(const struct wire_field *field, const enum wire_field_kind *kind, size_t n)
{
    return field->number >= n || kind[field->number] == field->kind;
}

static int column_read(struct slice message, struct packed *column)
{
    static const enum wire_field_kind kind[] = {[1] = WIRE_FIELD_NUMBER,
                                                [2] = WIRE_FIELD_NUMBER,
                                                [3] = WIRE_FIELD_NUMBER,
                                                [4] = WIRE_FIELD_BYTES};
    struct wire_fields fields = wire_fields_of(message);
    struct wire_field field;
    int r;
    *column = (struct packed){.step = 0};
    while ((r = wire_fields_next(&fields, &field)) == 0) {
        if (!kinds_right(&field, kind, sizeof kind / sizeof kind[0]))
            return WIRE_E_MALFORMED;
        if (field.number == 1)
            column->least = wire_fields_signed(field.value);
        else if (field.number == 2)
            column->step = field.value;
        else if (field.number == 3)
            column->width = (uint32_t)field.value;
        else if (field.number == 4)
            column->data = field.bytes;
    }
    return r == WIRE_FIELDS_E_END ? 0 : WIRE_E_MALFORMED;
}

/* A RowChunk where it lies. */
struct row_chunk {
    uint32_t rows;
    struct slice id_length, ids, day, amount, orders; /* columns as they came; data NULL: absent */
};

static int row_chunk_read(struct slice message, struct row_chunk *chunk)
{
    static const enum wire_field_kind kind[] = {
        [1] = WIRE_FIELD_NUMBER, [2] = WIRE_FIELD_BYTES, [3] = WIRE_FIELD_BYTES,
        [4] = WIRE_FIELD_BYTES,  [5] = WIRE_FIELD_BYTES, [6] = WIRE_FIELD_BYTES};
    struct wire_fields fields = wire_fields_of(message);
    struct wire_field field;
    int r;
    *chunk = (struct row_chunk){.rows = 0};
    struct slice *const bytes[] = {NULL,        NULL,           &chunk->id_length, &chunk->ids,
                                   &chunk->day, &chunk->amount, &chunk->orders};
    while ((r = wire_fields_next(&fields, &field)) == 0) {
        if (!kinds_right(&field, kind, sizeof kind / sizeof kind[0]))
            return WIRE_E_MALFORMED;
        if (field.number == 1)
            chunk->rows = (uint32_t)field.value;
        else if (field.number < sizeof bytes / sizeof bytes[0])
            *bytes[field.number] = field.bytes;
    }
    return r == WIRE_FIELDS_E_END ? 0 : WIRE_E_MALFORMED;
}

/* n values in arena memory, *values NULL where n is 0. */
static int values_read(struct slice message, enum packed_of type, size_t n, struct arena *arena,
                       const void **values)
{
    static const size_t size[] = {8, 4, 4, 2, 1};
    struct packed column;
    *values = NULL;
    if (message.data && column_read(message, &column) != 0)
        return WIRE_E_MALFORMED;
    if (n == 0)
        return 0;
    void *out = message.data ? arena_take(arena, n * size[type]) : NULL;
    *values = out;
    return out && packed_read(&column, type, n, out) == 0 ? 0 : WIRE_E_MALFORMED;
}

/* Aligned, as they are read as numbers. */
static int orders_read(struct slice bytes, size_t n, struct arena *arena, const uint64_t **orders)
{
    *orders = NULL;
    if (bytes.size == 0)
        return 0;
    uint64_t *out = bytes.size == n * sizeof *out ? arena_take(arena, bytes.size) : NULL;
    if (!out)
        return WIRE_E_MALFORMED;
    memcpy(out, bytes.data, bytes.size);
    *orders = out;
    return 0;
}

static int rows_chunk_read(struct slice message, struct arena *arena, struct purchase_rows *out)
{
    struct row_chunk in;
    const void *length, *day, *amount;
    if (row_chunk_read(message, &in) != 0 || in.rows > ROWS_PER_CHUNK_LIMIT ||
        values_read(in.id_length, PACKED_U16, in.rows, arena, &length) != 0 ||
        values_read(in.day, PACKED_I32, in.rows, arena, &day) != 0 ||
        values_read(in.amount, PACKED_I64, in.rows, arena, &amount) != 0 ||
        total(length, in.rows) != in.ids.size ||
        orders_read(in.orders, in.rows, arena, &out->order) != 0)
        return WIRE_E_MALFORMED;
    out->n = in.rows;
    out->ids = in.ids.data;
    out->id_length = length;
    out->day = day;
    out->amount = amount;
    return 0;
}

/* The next chunk of Rows; fields that nobody knows are passed over. */
static int chunk_next(struct wire_fields *fields, struct slice *chunk)
{
    struct wire_field field;
    int r;
    do
        r = wire_fields_next(fields, &field);
    while (r == 0 && field.number != 1);
    if (r == 0 && field.kind != WIRE_FIELD_BYTES)
        return WIRE_FIELDS_E_MALFORMED;
    if (r == 0)
        *chunk = field.bytes;
    return r;
}

int wire_rows_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   const struct purchase_rows **chunks, size_t *n)
{
    struct slice chunk;
    size_t count = 0;
    int r;
    if (i >= parcel->n)
        return WIRE_E_MALFORMED;
    struct wire_fields fields =
        wire_fields_of((struct slice){parcel->part[i].data, parcel->part[i].size});
    struct wire_fields again = fields;
    while ((r = chunk_next(&fields, &chunk)) == 0)
        count++;
    struct purchase_rows *out =
        r == WIRE_FIELDS_E_END ? arena_take(arena, count * sizeof *out) : NULL;
    if (!out)
        return WIRE_E_MALFORMED;
    for (size_t k = 0; k < count; k++)
        if (chunk_next(&again, &chunk) != 0 || rows_chunk_read(chunk, arena, &out[k]) != 0)
            return WIRE_E_MALFORMED;
    *chunks = out;
    *n = count;
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
