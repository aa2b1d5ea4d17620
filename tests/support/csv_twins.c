/* SPDX-License-Identifier: Apache-2.0 */
#include "support/csv_twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/slow_csv.h"
#include "ventilator/chunks.h"
#include "ventilator/csv.h"
#include "ventilator/separators.h"

/* Where both are. */
struct match {
    struct slow_csv slow;
    size_t next;
    const char *why;
    struct csv_text text; /* of the chunk, split into rows */
    struct csv_rows rows;
};

static int differ(struct match *match, const char *why)
{
    match->why = why;
    return 0;
}

static int same_field(const struct slow_field *field, struct slice raw)
{
    char *scratch = malloc(raw.size + 1);
    struct slice value = csv_value(raw, scratch);
    int same = value.size == field->size && memcmp(value.data, field->value, value.size) == 0;
    free(scratch);
    return same;
}

static int same_row(struct match *match, const struct chunk *chunk, size_t row, int flawed)
{
    const struct csv_rows *rows = &match->rows;
    if (match->next == match->slow.n)
        return differ(match, "a record too many");
    const struct slow_record *record = &match->slow.record[match->next++];
    if (record->flaw)
        return differ(match, "a record that should be given up");
    if (record->offset != chunk->offset + csv_start(rows, row))
        return differ(match, "offset");
    if (record->bad_quote != flawed)
        return differ(match, "flaw");
    if (record->n != csv_fields(rows, row))
        return differ(match, "number of fields");
    for (size_t i = 0; i < record->n && !flawed; i++)
        if (!same_field(&record->field[i], csv_raw(rows, &match->text, row, i)))
            return differ(match, "a field");
    return 1;
}

static int same_flaw(struct match *match, const struct chunk *chunk)
{
    static const enum slow_flaw flaw[] = {SLOW_WHOLE, SLOW_UNCLOSED, SLOW_TOO_LONG};
    if (match->next == match->slow.n)
        return differ(match, "a given up line too many");
    const struct slow_record *record = &match->slow.record[match->next++];
    if (record->flaw != flaw[chunk->flaw])
        return differ(match, "kind of flaw");
    if (record->offset != chunk->offset || record->line != chunk->line)
        return differ(match, "place of a given up line");
    return 1;
}

static int too_long(const struct csv_rows *rows, size_t row, size_t limit)
{
    return csv_length(rows, row) > limit;
}

/* The two ways of finding separators: rows of the one that csv_split took, against the other's. */
static int same_separators(struct match *match)
{
    struct csv_rows other = {0};
    const struct csv_rows *rows = &match->rows;
    if (match->text.quotes || !separators_can_wide())
        return 1;
    if (csv_reserve(&other, match->text.size) != 0)
        return 0;
    separators_find_anywhere(&other, &match->text);
    size_t n = other.n ? other.last[other.n - 1] + (size_t)1 : 0;
    int same = other.n == rows->n &&
               memcmp(other.last, rows->last, other.n * sizeof *other.last) == 0 &&
               memcmp(other.separator, rows->separator, n * sizeof *other.separator) == 0;
    csv_release(&other);
    return same ? 1 : differ(match, "separators");
}

/* A line without quotes that is too long is found by who reads rows, not by chunks. */
static int same_chunk(struct match *match, const struct chunk *chunk, const struct csv_twins *twins)
{
    struct csv_rows *rows = &match->rows;
    size_t flaw = 0;
    if (chunk->flaw)
        return same_flaw(match, chunk);
    if (match->next < match->slow.n && match->slow.record[match->next].line != chunk->line)
        return differ(match, "line of a chunk");
    match->text =
        (struct csv_text){chunk->bytes, chunk->size, twins->delimiter, chunk->look.quotes};
    csv_split(rows, &match->text);
    if (!same_separators(match))
        return 0;
    for (size_t row = 0; row < rows->n; row++) {
        int flawed = flaw < rows->n_flawed && rows->flawed[flaw] == row;
        flaw += (size_t)flawed;
        if (too_long(rows, row, twins->limit)) {
            if (match->slow.record[match->next++].flaw != SLOW_TOO_LONG)
                return differ(match, "a line that is not too long");
        } else if (!same_row(match, chunk, row, flawed)) {
            return 0;
        }
    }
    return 1;
}

static int compare(struct match *match, struct chunks *chunks, const struct csv_twins *twins)
{
    struct chunk chunk;
    char *room = malloc(chunks_room(chunks));
    int same = room && csv_reserve(&match->rows, chunks_room(chunks)) == 0;
    while (same && chunks_next(chunks, room, &chunk) == 0)
        same = same_chunk(match, &chunk, twins);
    if (same && match->next != match->slow.n)
        same = differ(match, "records are missing");
    if (same && chunks_lines(chunks) != match->slow.lines)
        same = differ(match, "number of lines");
    csv_release(&match->rows);
    free(room);
    return same;
}

int csv_twins_agree(const struct csv_twins *twins)
{
    struct match match = {
        .slow = slow_csv_read(twins->text, twins->size, twins->delimiter, twins->limit)};
    struct chunks_order order = {.delimiter = twins->delimiter,
                                 .record_limit = twins->limit,
                                 .size = twins->chunk_size,
                                 .line = 1};
    struct chunks *chunks = NULL;
    int same =
        input_of_bytes("twins", (struct slice){twins->text, twins->size}, &order.input) == 0 &&
        chunks_new(&order, &chunks) == 0 && compare(&match, chunks, twins);
    if (!same)
        fprintf(stderr, "twins differ at record %zu: %s\n", match.next,
                match.why ? match.why : "cannot read");
    chunks_destroy(&chunks);
    slow_csv_free(&match.slow);
    return same;
}
