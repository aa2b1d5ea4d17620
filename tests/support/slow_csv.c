/* SPDX-License-Identifier: Apache-2.0 */
#include "support/slow_csv.h"

#include <stdlib.h>
#include <string.h>

enum state { AT_START, IN_TEXT, IN_QUOTES, BEHIND_QUOTE };

/* Walks one byte on from a state. */
static enum state walk(enum state state, char c, char delimiter)
{
    if (state == IN_QUOTES)
        return c == '"' ? BEHIND_QUOTE : IN_QUOTES;
    if (state == BEHIND_QUOTE && c == '"')
        return IN_QUOTES;
    if (c == delimiter || c == '\n')
        return AT_START;
    if (state == AT_START && c == '"')
        return IN_QUOTES;
    return state == BEHIND_QUOTE ? BEHIND_QUOTE : IN_TEXT;
}

/* BEHIND_QUOTE lasts for one byte: a quote after any other byte is text. */
static enum state step(enum state state, char c, char delimiter, int *garbage)
{
    if (state == BEHIND_QUOTE && *garbage && c == '"')
        return state;
    enum state next = walk(state, c, delimiter);
    if (state == BEHIND_QUOTE && next == BEHIND_QUOTE)
        *garbage = 1;
    if (next == AT_START)
        *garbage = 0;
    return next;
}

struct slow_text {
    const char *bytes;
    size_t size;
    char delimiter;
    size_t limit;
};

/* The end of the record that begins at `from` (the place of its line end, or the end of the text);
 * -1 where it has none within the limit, and then whether a quote is open there. */
static long record_end(const struct slow_text *text, size_t from, int *open)
{
    enum state state = AT_START;
    int garbage = 0;
    for (size_t i = from; i < text->size; i++) {
        char c = text->bytes[i];
        *open = state == IN_QUOTES || (state == BEHIND_QUOTE && !garbage && c == '"');
        if (c == '\n' && state != IN_QUOTES)
            return (long)i;
        if (i - from + 1 > text->limit)
            return -1;
        state = step(state, c, text->delimiter, &garbage);
    }
    *open = state == IN_QUOTES;
    return *open ? -1 : (long)text->size;
}

static struct slow_field *add_field(struct slow_record *record, size_t most)
{
    record->field = realloc(record->field, (record->n + 1) * sizeof *record->field);
    struct slow_field *field = &record->field[record->n++];
    field->value = malloc(most + 1);
    field->size = 0;
    return field;
}

static void read_fields(const char *text, size_t from, size_t end, char delimiter,
                        struct slow_record *record)
{
    enum state state = AT_START;
    int garbage = 0;
    struct slow_field *field = add_field(record, end - from);
    for (size_t i = from; i < end; i++) {
        enum state next = step(state, text[i], delimiter, &garbage);
        record->bad_quote |= garbage;
        if (next == AT_START)
            field = add_field(record, end - from);
        else if (next == IN_TEXT || (next == IN_QUOTES && state == IN_QUOTES) ||
                 (next == IN_QUOTES && state == BEHIND_QUOTE))
            field->value[field->size++] = text[i];
        state = next;
    }
}

static void read_record(const char *text, size_t from, size_t end, char delimiter,
                        struct slow_record *record)
{
    /* A CR right before the line end belongs to it, and so does one at the very end of the text. */
    end -= end > from && text[end - 1] == '\r';
    read_fields(text, from, end, delimiter, record);
}

static size_t line_end(const char *text, size_t size, size_t from)
{
    const char *found = memchr(text + from, '\n', size - from);
    return found ? (size_t)(found - text) : size;
}

static size_t count_lines(const char *text, size_t from, size_t to)
{
    size_t n = 0;
    for (; from < to; from++)
        n += text[from] == '\n';
    return n;
}

struct slow_csv slow_csv_read(const char *text, size_t size, char delimiter, size_t limit)
{
    const struct slow_text all = {text, size, delimiter, limit};
    struct slow_csv csv = {0};
    size_t line = 1;
    for (size_t from = 0; from < size;) {
        int open = 0;
        long end = record_end(&all, from, &open);
        csv.record = realloc(csv.record, (csv.n + 1) * sizeof *csv.record);
        struct slow_record *record = &csv.record[csv.n++];
        *record = (struct slow_record){.offset = from, .line = line};
        if (end < 0)
            record->flaw = open ? SLOW_UNCLOSED : SLOW_TOO_LONG;
        else
            read_record(text, from, (size_t)end, delimiter, record);
        size_t next = (end < 0 ? line_end(text, size, from) : (size_t)end) + 1;
        if (next > size)
            next = size;
        line += count_lines(text, from, next);
        from = next;
    }
    csv.lines = line - 1 + (size > 0 && text[size - 1] != '\n');
    return csv;
}

void slow_csv_free(struct slow_csv *csv)
{
    for (size_t i = 0; i < csv->n; i++) {
        for (size_t j = 0; j < csv->record[i].n; j++)
            free(csv->record[i].field[j].value);
        free(csv->record[i].field);
    }
    free(csv->record);
    memset(csv, 0, sizeof *csv);
}
