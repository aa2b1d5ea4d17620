/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_scores.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/wire_pb.h"

typedef Winnow__Proto__Scores ProtoScores;

/* Where each column of integers lives in a row and in the message: one table for both ways, so that a
 * new column is one line here, one in the proto, one in struct score_columns. */
struct field {
    size_t in_row;
    size_t in_message;
    size_t in_columns;
    enum packed_of row_type;
    enum packed_of column_type;
};

#define FIELD(row, message, columns, row_type, column_type)                                        \
    {                                                                                              \
        offsetof(struct score_row, row), offsetof(ProtoScores, message),                           \
            offsetof(struct score_columns, columns), row_type, column_type                         \
    }

static const struct field fields[] = {
    FIELD(flags, flags, flags, PACKED_U32, PACKED_U8),
    FIELD(first_day, first_day, first_day, PACKED_I32, PACKED_I32),
    FIELD(last_day, last_day, last_day, PACKED_I32, PACKED_I32),
    FIELD(purchase_days, purchase_days, purchase_days, PACKED_U32, PACKED_U32),
    FIELD(orders, orders, orders, PACKED_U32, PACKED_U32),
    FIELD(monetary_total, monetary_total, monetary_total, PACKED_I64, PACKED_I64),
    FIELD(spend_365d, spend_365d, spend_365d, PACKED_I64, PACKED_I64),
    FIELD(score[RFM_RECENCY], r_score, score[RFM_RECENCY], PACKED_I32, PACKED_U8),
    FIELD(score[RFM_FREQUENCY], f_score, score[RFM_FREQUENCY], PACKED_I32, PACKED_U8),
    FIELD(score[RFM_MONETARY], m_score, score[RFM_MONETARY], PACKED_I32, PACKED_U8),
    FIELD(repeat_spend, repeat_spend, repeat_spend, PACKED_I64, PACKED_I64),
    FIELD(expected_spend, expected_spend, expected_spend, PACKED_I64, PACKED_I64),
    FIELD(clv, clv, clv, PACKED_I64, PACKED_I64),
    FIELD(clv_if_alive, clv_if_alive, clv_if_alive, PACKED_I64, PACKED_I64),
    FIELD(wallet_basis, wallet_basis, wallet_basis, PACKED_U32, PACKED_U8),
    FIELD(wallet_group, wallet_group, wallet_group, PACKED_U32, PACKED_U32),
    FIELD(wallet_size, wallet_size, wallet_size, PACKED_I64, PACKED_I64),
    FIELD(wallet_spend, wallet_spend, wallet_spend, PACKED_I64, PACKED_I64),
    FIELD(value, value, value, PACKED_I64, PACKED_I64),
    FIELD(later_days, later_days, later_days, PACKED_U32, PACKED_U32),
    FIELD(later_spend, later_spend, later_spend, PACKED_I64, PACKED_I64),
};

#define N_FIELDS (sizeof fields / sizeof fields[0])

struct share_field {
    size_t in_row;
    size_t in_message;
    size_t in_columns;
    double greatest;
};

static const struct share_field shares[] = {
    {offsetof(struct score_row, p_alive), offsetof(ProtoScores, p_alive),
     offsetof(struct score_columns, p_alive), 1.0},
    {offsetof(struct score_row, churn_prob), offsetof(ProtoScores, churn_prob),
     offsetof(struct score_columns, churn_prob), 1.0},
    {offsetof(struct score_row, expected_purchases), offsetof(ProtoScores, expected_purchases),
     offsetof(struct score_columns, expected_purchases), 1e300},
    {offsetof(struct score_row, spread), offsetof(ProtoScores, spread),
     offsetof(struct score_columns, spread), SPREAD_MOST},
};

#define N_SHARES (sizeof shares / sizeof shares[0])

/* Columns of integers, those of doubles and the lengths of ids stand one behind the other, each with room for
 * so many values of 64 bits; an odd number of cache lines, so that rows of all columns fit one cache. */
#define ID_LENGTH (N_FIELDS + N_SHARES)
#define N_COLUMNS (ID_LENGTH + 1)
#define LINE      8 /* values */

static size_t room_of(size_t n)
{
    return ((n / LINE + 1) | 1) * LINE;
}

static void *column_at(const struct score_table *table, size_t column, size_t from, size_t size)
{
    return (char *)(table->values + column * table->room) + from * size;
}

int score_table_begin(struct score_table *table, size_t n)
{
    size_t room = room_of(n);
    table->n = 0;
    if (room <= table->room)
        return 0;
    free(table->values);
    *table = (struct score_table){.values = malloc(N_COLUMNS * room * sizeof *table->values)};
    if (!table->values)
        return log_fail(
            STATUS_BUG,
            "out of memory for the scores of %zu customers; --shards makes shards smaller", n);
    table->room = room;
    return 0;
}

void score_table_free(struct score_table *table)
{
    free(table->values);
    *table = (struct score_table){0};
}

/* Rows are read as volatile, so one value at a time: gcc 12 else puts four of them on the stack and takes them from
 * there as a vector, which waits for all of the four. */
static void add_wide(const struct score_row *rows, size_t n, size_t in_row, int64_t *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] = *(const volatile int64_t *)(const void *)((const char *)&rows[i] + in_row);
}

/* Signs are the reader's affair. */
static void add_narrow(const struct score_row *rows, size_t n, size_t in_row, uint32_t *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] = *(const volatile uint32_t *)(const void *)((const char *)&rows[i] + in_row);
}

static void add_share(const struct score_row *rows, size_t n, size_t in_row, double *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] = *(const volatile double *)(const void *)((const char *)&rows[i] + in_row);
}

void score_table_add(struct score_table *table, const struct score_row *rows,
                     const uint16_t *id_length, size_t n)
{
    for (size_t k = 0; k < N_FIELDS; k++)
        if (fields[k].row_type == PACKED_I64)
            add_wide(rows, n, fields[k].in_row, column_at(table, k, table->n, sizeof(int64_t)));
        else
            add_narrow(rows, n, fields[k].in_row, column_at(table, k, table->n, sizeof(uint32_t)));
    for (size_t k = 0; k < N_SHARES; k++)
        add_share(rows, n, shares[k].in_row,
                  column_at(table, N_FIELDS + k, table->n, sizeof(double)));
    memcpy(column_at(table, ID_LENGTH, table->n, sizeof *id_length), id_length,
           n * sizeof *id_length);
    table->n += n;
}

static int put_fields(const struct score_table *table, size_t from, size_t n, struct arena *arena,
                      ProtoScores *out)
{
    for (size_t k = 0; k < N_FIELDS; k++) {
        enum packed_of type = fields[k].row_type;
        size_t size = type == PACKED_I64 ? sizeof(int64_t) : sizeof(uint32_t);
        ProtoColumn *column = pb_column(arena, type, column_at(table, k, from, size), n);
        if (!column)
            return STATUS_BUG;
        *(ProtoColumn **)(void *)((char *)out + fields[k].in_message) = column;
    }
    return 0;
}

static void put_shares(const struct score_table *table, size_t from, size_t n, ProtoScores *out)
{
    for (size_t k = 0; k < N_SHARES; k++) {
        double *values = column_at(table, N_FIELDS + k, from, sizeof *values);
        ProtobufCBinaryData bytes = {n * sizeof *values, (uint8_t *)values};
        *(ProtobufCBinaryData *)(void *)((char *)out + shares[k].in_message) = bytes;
    }
}

static int put_part(const struct score_table *table, size_t from, size_t n, struct slice ids,
                    struct arena *arena, struct parcel *parcel)
{
    ProtoScores out = WINNOW__PROTO__SCORES__INIT;
    arena_reset(arena);
    out.rows = (uint32_t)n;
    out.id_length =
        pb_column(arena, PACKED_U16, column_at(table, ID_LENGTH, from, sizeof(uint16_t)), n);
    out.ids.data = (uint8_t *)(uintptr_t)ids.data;
    out.ids.len = ids.size;
    if (!out.id_length || put_fields(table, from, n, arena, &out) != 0)
        return log_fail(STATUS_BUG, "out of memory for the scores of %zu customers", n);
    put_shares(table, from, n, &out);
    return pb_put(&out.base, parcel);
}

int wire_scores_put(const struct score_table *table, const char *ids, struct arena *arena,
                    struct parcel *parcel)
{
    size_t from = 0;
    do {
        const uint16_t *lengths = column_at(table, ID_LENGTH, from, sizeof *lengths);
        size_t size, n = pb_stretch(lengths, table->n - from, SCORES_PER_PART, &size);
        int r = put_part(table, from, n, (struct slice){ids, size}, arena, parcel);
        if (r < 0)
            return r;
        ids += size;
        from += n;
    } while (from < table->n);
    return 0;
}

/* What is read of a part. */
enum extent { CHECKED, WORTH, WHOLE };

static int is_wanted(const struct field *field, enum extent extent)
{
    size_t of = field->in_columns;
    if (extent == WORTH)
        return of == offsetof(struct score_columns, flags) ||
               of == offsetof(struct score_columns, value);
    return extent == WHOLE || of == offsetof(struct score_columns, first_day) ||
           of == offsetof(struct score_columns, last_day);
}

/* What is not wanted is only checked, and of a part that has been before not even that. */
static int read_fields(const ProtoScores *in, enum extent extent, struct arena *arena,
                       struct score_columns *columns)
{
    for (size_t k = 0; k < N_FIELDS; k++) {
        const ProtoColumn *column =
            *(ProtoColumn *const *)(const void *)((const char *)in + fields[k].in_message);
        enum packed_of type = fields[k].column_type;
        const void *values = NULL;
        int r = 0;
        if (is_wanted(&fields[k], extent))
            r = pb_column_read(column, type, in->rows, arena, &values);
        else if (extent == CHECKED)
            r = pb_column_check(column, type, in->rows);
        if (r != 0)
            return WIRE_E_MALFORMED;
        memcpy((char *)columns + fields[k].in_columns, &values, sizeof values);
    }
    return 0;
}

static int in_range(const double *values, size_t n, double greatest)
{
    int out = 0;
    for (size_t i = 0; i < n; i++)
        out |= !(values[i] >= 0 && values[i] <= greatest);
    return !out;
}

static int read_shares(const ProtoScores *in, enum extent extent, struct arena *arena,
                       struct score_columns *columns)
{
    for (size_t k = 0; k < N_SHARES; k++) {
        const ProtobufCBinaryData *bytes =
            (const ProtobufCBinaryData *)(const void *)((const char *)in + shares[k].in_message);
        const void *values;
        if (extent == WORTH && shares[k].in_columns != offsetof(struct score_columns, churn_prob))
            continue;
        if (pb_eights_read(*bytes, in->rows, arena, &values) != 0 ||
            !in_range(values, in->rows, shares[k].greatest))
            return WIRE_E_MALFORMED;
        memcpy((char *)columns + shares[k].in_columns, &values, sizeof values);
    }
    return 0;
}

/* Days of years 1 to 9999. */
static int days_possible(const int32_t *days, size_t n)
{
    int out = 0;
    for (size_t i = 0; i < n; i++)
        out |= days[i] < -719162 || days[i] > 2932896;
    return !out;
}

static int columns_possible(const struct score_columns *columns, size_t ids_size)
{
    size_t size = 0;
    for (size_t i = 0; i < columns->n; i++)
        size += columns->id_length[i];
    return size == ids_size && days_possible(columns->first_day, columns->n) &&
           days_possible(columns->last_day, columns->n);
}

static int read_part(struct slice part, enum extent extent, struct arena *arena,
                     struct score_columns *columns)
{
    const void *id_length = NULL;
    ProtoScores *in = pb_borrow(&winnow__proto__scores__descriptor, part, arena);
    *columns = (struct score_columns){0};
    if (!in || in->rows > SCORES_PER_PART ||
        (extent != WORTH &&
         pb_column_read(in->id_length, PACKED_U16, in->rows, arena, &id_length) != 0))
        return WIRE_E_MALFORMED;
    columns->n = in->rows;
    columns->ids = (const char *)in->ids.data;
    columns->id_length = id_length;
    if (read_fields(in, extent, arena, columns) != 0 ||
        read_shares(in, extent, arena, columns) != 0)
        return WIRE_E_MALFORMED;
    return extent == WORTH || columns_possible(columns, in->ids.len) ? 0 : WIRE_E_MALFORMED;
}

int wire_scores_check(struct slice part, struct arena *arena)
{
    struct score_columns columns;
    return read_part(part, CHECKED, arena, &columns);
}

int wire_scores_read_worth(struct slice part, struct arena *arena, struct score_columns *columns)
{
    return read_part(part, WORTH, arena, columns);
}

int wire_scores_read(struct slice part, struct arena *arena, struct score_columns *columns)
{
    return read_part(part, WHOLE, arena, columns);
}
