/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_rows.h"

#include <string.h>

#include "common/log.h"
#include "common/wire_fields.h"
#include "common/wire_pb.h"

typedef Winnow__Proto__AttributeChunk ProtoAttributeChunk;

/* Fields of the messages that are written and read where they lie, as winnow.proto has them. */
enum { ROWS_CHUNKS = 1 }; /* of Rows and of Attributes */
enum { COLUMN_LEAST = 1, COLUMN_STEP, COLUMN_WIDTH, COLUMN_DATA };
enum { CHUNK_ROWS = 1, CHUNK_ID_LENGTH, CHUNK_IDS, CHUNK_DAY, CHUNK_AMOUNT, CHUNK_ORDERS };

static size_t total(const uint16_t *lengths, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lengths[i];
    return sum;
}

static size_t column_size(const struct packed *column)
{
    return wire_fields_number_size(wire_fields_unsigned(column->least)) +
           wire_fields_number_size(column->step) + wire_fields_number_size(column->width) +
           wire_fields_bytes_size(column->data.size);
}

static size_t column_whole(const struct packed *column)
{
    size_t size = column_size(column);
    return wire_fields_head_size(size) + size;
}

static size_t orders_size(const struct purchase_rows *rows)
{
    return rows->order ? rows->n * sizeof *rows->order : 0;
}

struct wire_rows_plan wire_rows_plan(const struct purchase_rows *rows)
{
    struct wire_rows_plan plan = {.id_length = packed_fit(PACKED_U16, rows->id_length, rows->n),
                                  .day = packed_fit(PACKED_I32, rows->day, rows->n),
                                  .amount = packed_fit(PACKED_I64, rows->amount, rows->n),
                                  .ids = total(rows->id_length, rows->n)};
    plan.inside = wire_fields_number_size(rows->n) + column_whole(&plan.id_length) +
                  wire_fields_bytes_size(plan.ids) + column_whole(&plan.day) +
                  column_whole(&plan.amount) + wire_fields_bytes_size(orders_size(rows));
    plan.size = wire_fields_head_size(plan.inside) + plan.inside;
    return plan;
}

static unsigned char *put_column(unsigned char *out, uint32_t number, const struct packed *column,
                                 enum packed_of type, const void *values, size_t n)
{
    out = wire_fields_put_head(out, number, column_size(column));
    out = wire_fields_put_number(out, COLUMN_LEAST, wire_fields_unsigned(column->least));
    out = wire_fields_put_number(out, COLUMN_STEP, column->step);
    out = wire_fields_put_number(out, COLUMN_WIDTH, column->width);
    if (column->data.size == 0)
        return out;
    out = wire_fields_put_head(out, COLUMN_DATA, column->data.size);
    packed_write(column, type, values, n, out);
    return out + column->data.size;
}

void wire_rows_write(const struct purchase_rows *rows, const struct wire_rows_plan *plan,
                     void *bytes)
{
    const size_t n = rows->n;
    unsigned char *out = wire_fields_put_head(bytes, ROWS_CHUNKS, plan->inside);
    out = wire_fields_put_number(out, CHUNK_ROWS, n);
    out = put_column(out, CHUNK_ID_LENGTH, &plan->id_length, PACKED_U16, rows->id_length, n);
    out = wire_fields_put_bytes(out, CHUNK_IDS, (struct slice){rows->ids, plan->ids});
    out = put_column(out, CHUNK_DAY, &plan->day, PACKED_I32, rows->day, n);
    out = put_column(out, CHUNK_AMOUNT, &plan->amount, PACKED_I64, rows->amount, n);
    (void)wire_fields_put_bytes(out, CHUNK_ORDERS, (struct slice){rows->order, orders_size(rows)});
}

int wire_rows_chunk(const struct purchase_rows *rows, struct arena *arena, struct slice *chunk)
{
    const struct wire_rows_plan plan = wire_rows_plan(rows);
    void *out = arena_take(arena, plan.size);
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for a chunk of %zu bytes", plan.size);
    wire_rows_write(rows, &plan, out);
    *chunk = (struct slice){out, plan.size};
    return 0;
}

/* The message as one of the chunks of a frame. */
static int chunk_bytes(const ProtobufCMessage *message, struct arena *arena, struct slice *chunk)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    size_t whole = wire_fields_head_size(size) + size;
    unsigned char *out = arena_take(arena, whole);
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for a chunk of %zu bytes", size);
    protobuf_c_message_pack(message, wire_fields_put_head(out, ROWS_CHUNKS, size));
    *chunk = (struct slice){out, whole};
    return 0;
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
    static const enum wire_field_kind kind[] = {[COLUMN_LEAST] = WIRE_FIELD_NUMBER,
                                                [COLUMN_STEP] = WIRE_FIELD_NUMBER,
                                                [COLUMN_WIDTH] = WIRE_FIELD_NUMBER,
                                                [COLUMN_DATA] = WIRE_FIELD_BYTES};
    struct wire_fields fields = wire_fields_of(message);
    struct wire_field field;
    int r;
    *column = (struct packed){.step = 0};
    while ((r = wire_fields_next(&fields, &field)) == 0) {
        if (!kinds_right(&field, kind, sizeof kind / sizeof kind[0]))
            return WIRE_E_MALFORMED;
        if (field.number == COLUMN_LEAST)
            column->least = wire_fields_signed(field.value);
        else if (field.number == COLUMN_STEP)
            column->step = field.value;
        else if (field.number == COLUMN_WIDTH)
            column->width = (uint32_t)field.value;
        else if (field.number == COLUMN_DATA)
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
        [CHUNK_ROWS] = WIRE_FIELD_NUMBER,  [CHUNK_ID_LENGTH] = WIRE_FIELD_BYTES,
        [CHUNK_IDS] = WIRE_FIELD_BYTES,    [CHUNK_DAY] = WIRE_FIELD_BYTES,
        [CHUNK_AMOUNT] = WIRE_FIELD_BYTES, [CHUNK_ORDERS] = WIRE_FIELD_BYTES};
    struct wire_fields fields = wire_fields_of(message);
    struct wire_field field;
    int r;
    *chunk = (struct row_chunk){.rows = 0};
    struct slice *const bytes[] = {[CHUNK_ID_LENGTH] = &chunk->id_length,
                                   [CHUNK_IDS] = &chunk->ids,
                                   [CHUNK_DAY] = &chunk->day,
                                   [CHUNK_AMOUNT] = &chunk->amount,
                                   [CHUNK_ORDERS] = &chunk->orders};
    while ((r = wire_fields_next(&fields, &field)) == 0) {
        if (!kinds_right(&field, kind, sizeof kind / sizeof kind[0]))
            return WIRE_E_MALFORMED;
        if (field.number == CHUNK_ROWS)
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
    while (r == 0 && field.number != ROWS_CHUNKS);
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
