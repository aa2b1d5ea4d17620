/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CSV_H
#define VENTILATOR_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Records and fields after RFC 4180, as ledgers have them: a quote opens only where a field
 * begins; inside, "" is one quote and line ends are text; after the closing quote comes a
 * delimiter or a line end, anything else is a flaw of the row. A line ends in LF or CR LF. A
 * quote anywhere else is an ordinary byte. */

/* Text to be split: whole records, the last one ended by '\n', MASK_BYTES readable behind it,
 * below 4 GiB. */
struct csv_text {
    const char *bytes;
    size_t size;
    char delimiter;
    int quotes; /* 0: there is no '"' in it */
};

/* Where the fields of a text are: offsets, so nothing is copied. Row r's fields end at
 * separator[csv_first(r)] ... separator[last[r]]; the last of these is its line end. Before the
 * first of both arrays stands UINT32_MAX, so that what follows an entry is its successor; behind the
 * last stands anything. */
struct csv_rows {
    uint32_t *separator;
    uint32_t *last;
    uint32_t *flawed; /* numbers of the rows with text behind a closing quote, rising */
    size_t n;
    size_t n_flawed;
    size_t room; /* bytes of text there is room for */
};

/* Makes room for texts of up to so many bytes. */
int csv_reserve(struct csv_rows *rows, size_t bytes) MUST_USE;
void csv_release(struct csv_rows *rows);

/* Splits a text; rows must have room for it. */
void csv_split(struct csv_rows *rows, const struct csv_text *text);

static inline size_t csv_first(const struct csv_rows *rows, size_t row)
{
    return (uint32_t)(rows->last[(ptrdiff_t)row - 1] + 1);
}

static inline size_t csv_fields(const struct csv_rows *rows, size_t row)
{
    return rows->last[row] + 1 - csv_first(rows, row);
}

static inline size_t csv_start(const struct csv_rows *rows, size_t row)
{
    return (uint32_t)(rows->separator[(ptrdiff_t)csv_first(rows, row) - 1] + 1);
}

/* Bytes of a row with all but its last byte, the '\n': what CHUNKS_RECORD_LIMIT limits. */
static inline size_t csv_length(const struct csv_rows *rows, size_t row)
{
    return rows->separator[rows->last[row]] - csv_start(rows, row);
}

/* The bytes of a row as they stand, without the line end. */
struct slice csv_row(const struct csv_rows *rows, const struct csv_text *text, size_t row);

/* A field as it stands, quotes and all; field < csv_fields. */
struct slice csv_raw(const struct csv_rows *rows, const struct csv_text *text, size_t row,
                     size_t field);

/* What a raw field says: without its quotes. Points into raw, or into scratch (raw.size bytes)
 * where a doubled quote had to be undone. */
struct slice csv_value(struct slice raw, char *scratch);

/* How far whole records go. */
struct csv_end {
    size_t end;   /* behind the last whole record's line end */
    int overlong; /* the record that begins at end is longer than the limit */
    int open;     /* ... and is inside quotes there; without overlong: where the text ends */
};

/* Looks for the last whole record in a text that begins with one and need not end with one. A
 * record of more than limit bytes (the line end not counted) stops the search. */
struct csv_end csv_end(const struct csv_text *text, size_t limit);

#endif
