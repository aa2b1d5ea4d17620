/* SPDX-License-Identifier: Apache-2.0 */
/* Two passes: the first turns a text into offsets of its separators, 64 bytes a step, the second
 * (whoever reads the rows) looks only at the fields it needs. One pass with a state per byte was
 * refused: it costs a branch a byte. Without a quote in the text, which is the rule, a separator
 * is a separator; with quotes the same bits are walked by a machine of three states. */
#include "ventilator/csv.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/mask.h"
#include "ventilator/separators.h"

/* An array of offsets with UINT32_MAX before its first; NULL without memory. */
static uint32_t *offsets_new(size_t room)
{
    uint32_t *offsets = malloc((room + 1) * sizeof *offsets);
    if (!offsets)
        return NULL;
    *offsets = UINT32_MAX;
    return offsets + 1;
}

static void offsets_destroy(uint32_t *offsets)
{
    if (offsets)
        free(offsets - 1);
}

int csv_reserve(struct csv_rows *rows, size_t bytes)
{
    size_t room = bytes + MASK_BYTES;
    if (rows->room >= bytes && rows->separator)
        return 0;
    csv_release(rows);
    rows->separator = offsets_new(room);
    rows->last = offsets_new(room);
    rows->flawed = offsets_new(room);
    if (!rows->separator || !rows->last || !rows->flawed) {
        csv_release(rows);
        return log_fail(STATUS_BUG, "no memory to split %zu bytes of text", bytes);
    }
    rows->room = bytes;
    return 0;
}

void csv_release(struct csv_rows *rows)
{
    offsets_destroy(rows->separator);
    offsets_destroy(rows->last);
    offsets_destroy(rows->flawed);
    memset(rows, 0, sizeof *rows);
}

/* Where a walk through quoted text stands. */
enum quoting { TEXT, QUOTED, CLOSED };
struct walk {
    const struct csv_text *text;
    enum quoting quoting;
    size_t field;   /* where the field begins */
    size_t passed;  /* the second half of a doubled quote: not to be looked at again */
    size_t closing; /* the quote that closed the field */
};

static int doubled(const struct csv_text *text, size_t at)
{
    return at + 1 < text->size && text->bytes[at + 1] == '"';
}

static void walk_quote(struct walk *walk, size_t at)
{
    if (walk->quoting == QUOTED && at != walk->passed) {
        if (doubled(walk->text, at)) {
            walk->passed = at + 1;
        } else {
            walk->quoting = CLOSED;
            walk->closing = at;
        }
    } else if (walk->quoting == TEXT && at == walk->field) {
        walk->quoting = QUOTED;
    }
}

/* Whether the separator at `at` stands right behind the closing quote, a CR before LF allowed. */
static int closed_well(const struct walk *walk, size_t at)
{
    const char *bytes = walk->text->bytes;
    return at == walk->closing + 1 ||
           (at == walk->closing + 2 && bytes[at] == '\n' && bytes[at - 1] == '\r');
}

/* A delimiter or line end outside quotes; answers whether the field it ends is flawed. */
static int walk_separator(struct walk *walk, size_t at)
{
    int flawed = walk->quoting == CLOSED && !closed_well(walk, at);
    walk->quoting = TEXT;
    walk->field = at + 1;
    return flawed;
}

static void split_separator(struct csv_rows *rows, struct walk *walk, size_t at, size_t *n,
                            int *flawed)
{
    *flawed |= walk_separator(walk, at);
    if (walk->text->bytes[at] == '\n') {
        if (*flawed)
            rows->flawed[rows->n_flawed++] = (uint32_t)rows->n;
        *flawed = 0;
        rows->last[rows->n++] = (uint32_t)*n;
    }
    rows->separator[(*n)++] = (uint32_t)at;
}

static uint64_t special_bits(const struct csv_text *text, size_t at)
{
    const char *block = text->bytes + at;
    return (mask_equal(block, '\n') | mask_equal(block, text->delimiter) | mask_equal(block, '"')) &
           mask_first(text->size - at);
}

static void split_quoted(struct csv_rows *rows, const struct csv_text *text)
{
    struct walk walk = {.text = text, .passed = SIZE_MAX};
    size_t n = 0;
    int flawed = 0;
    for (size_t block = 0; block < text->size; block += MASK_BYTES) {
        for (uint64_t bits = special_bits(text, block); bits; bits &= bits - 1) {
            size_t at = block + mask_lowest(bits);
            if (text->bytes[at] == '"')
                walk_quote(&walk, at);
            else if (walk.quoting != QUOTED)
                split_separator(rows, &walk, at, &n, &flawed);
        }
    }
}

void csv_split(struct csv_rows *rows, const struct csv_text *text)
{
    rows->n = 0;
    rows->n_flawed = 0;
    if (text->quotes)
        split_quoted(rows, text);
    else
        separators_find(rows, text);
}

/* Without the line end: where a row or its last field really ends. */
static size_t before_line_end(const struct csv_text *text, size_t start, size_t line_end)
{
    return line_end > start && text->bytes[line_end - 1] == '\r' ? line_end - 1 : line_end;
}

struct slice csv_row(const struct csv_rows *rows, const struct csv_text *text, size_t row)
{
    size_t start = csv_start(rows, row);
    size_t end = before_line_end(text, start, rows->separator[rows->last[row]]);
    return (struct slice){text->bytes + start, end - start};
}

struct slice csv_raw(const struct csv_rows *rows, const struct csv_text *text, size_t row,
                     size_t field)
{
    size_t number = csv_first(rows, row) + field;
    size_t start = (uint32_t)(rows->separator[(ptrdiff_t)number - 1] + 1);
    size_t end = rows->separator[number];
    if (number == rows->last[row])
        end = before_line_end(text, start, end);
    return (struct slice){text->bytes + start, end - start};
}

static size_t undouble(const char *from, size_t size, char *to)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        to[n++] = from[i];
        i += from[i] == '"';
    }
    return n;
}

struct slice csv_value(struct slice raw, char *scratch)
{
    const char *bytes = raw.data;
    if (raw.size < 2 || bytes[0] != '"')
        return raw;
    struct slice inner = {bytes + 1, raw.size - 2};
    if (!memchr(inner.data, '"', inner.size))
        return inner;
    return (struct slice){scratch, undouble(inner.data, inner.size, scratch)};
}

/* Quotes and line ends alone decide where a record ends; whether a quote stands where a field
 * begins is seen from the byte before it, because outside quotes every delimiter is real. */
static int begins_field(const struct csv_text *text, size_t at)
{
    return at == 0 || text->bytes[at - 1] == text->delimiter || text->bytes[at - 1] == '\n';
}

static uint64_t ending_bits(const struct csv_text *text, size_t at)
{
    const char *block = text->bytes + at;
    return (mask_equal(block, '\n') | mask_equal(block, '"')) & mask_first(text->size - at);
}

static void end_step(struct csv_end *seen, struct walk *walk, size_t at)
{
    if (walk->text->bytes[at] == '"') {
        if (walk->quoting != QUOTED && begins_field(walk->text, at)) {
            walk->quoting = TEXT;
            walk->field = at;
        }
        walk_quote(walk, at);
    } else if (walk->quoting != QUOTED) {
        walk->quoting = TEXT;
        walk->field = at + 1;
        seen->end = at + 1;
    }
    seen->open = walk->quoting == QUOTED;
}

/* A line end may stand right at the limit, a quote there is a byte too many already: so what is
 * said of an overlong record never hangs on the byte behind the limit, which need not be here yet. */
static int beyond(const struct csv_text *text, size_t start, size_t at, size_t limit)
{
    return at - start + (text->bytes[at] == '"') > limit;
}

struct csv_end csv_end(const struct csv_text *text, size_t limit)
{
    struct walk walk = {.text = text, .passed = SIZE_MAX};
    struct csv_end seen = {0};
    for (size_t block = 0; block < text->size; block += MASK_BYTES) {
        for (uint64_t bits = ending_bits(text, block); bits; bits &= bits - 1) {
            size_t at = block + mask_lowest(bits);
            if (beyond(text, seen.end, at, limit)) {
                seen.overlong = 1;
                return seen;
            }
            end_step(&seen, &walk, at);
        }
    }
    seen.overlong = text->size - seen.end > limit;
    return seen;
}
