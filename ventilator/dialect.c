/* SPDX-License-Identifier: Apache-2.0 */
/* Each candidate cuts the first thousand records; a delimiter is believed in as far as records
 * have as many fields as the first one. Among those about equally good the one with more fields
 * wins: decimal commas also give constant numbers of fields, but fewer. Counting bytes a line, as
 * sniffers do, falls for commas inside quotes. */
#include "ventilator/dialect.h"

#include <string.h>

#include "common/log.h"
#include "ventilator/chunks.h"

#define JUDGED_ROWS 1000

static const char candidates[] = ",;\t|";

const char *dialect_delimiter_name(char delimiter)
{
    switch (delimiter) {
    case ',':
        return "comma";
    case ';':
        return "semicolon";
    case '\t':
        return "tab";
    case '|':
        return "bar";
    default:
        return "another byte";
    }
}

static int begins_with(const struct beginning *beginning, const char *bytes, size_t size)
{
    return beginning->size >= size && memcmp(beginning->bytes, bytes, size) == 0;
}

static size_t mark_size(const struct beginning *beginning)
{
    return begins_with(beginning, "\xef\xbb\xbf", 3) ? 3 : 0;
}

/* Bytes of a first line such as "sep=;", with which Excel names the delimiter; 0 without one. */
static size_t named_delimiter(const struct beginning *beginning, size_t mark, char *delimiter)
{
    const char *line = beginning->bytes + mark;
    size_t left = beginning->size - mark;
    if (left < 6 || memcmp(line, "sep=", 4) != 0)
        return 0;
    size_t cr = line[5] == '\r';
    if (left < 6 + cr || line[5 + cr] != '\n')
        return 0;
    *delimiter = *delimiter ? *delimiter : line[4];
    return 6 + cr;
}

static int check_encoding(const struct beginning *beginning)
{
    size_t first = beginning->size < 512 ? beginning->size : 512;
    if (begins_with(beginning, "\xff\xfe", 2) || begins_with(beginning, "\xfe\xff", 2))
        return log_fail(STATUS_DATA, "%s is UTF-16; convert it: iconv -f UTF-16 -t UTF-8",
                        beginning->name);
    if (first && memchr(beginning->bytes, 0, first))
        return log_fail(STATUS_DATA, "%s has NUL bytes in its beginning; is it UTF-16, or no text?",
                        beginning->name);
    return 0;
}

static int check_lines(const struct beginning *beginning)
{
    if (memchr(beginning->bytes, '\n', beginning->size) ||
        !memchr(beginning->bytes, '\r', beginning->size))
        return 0;
    return log_fail(STATUS_DATA, "%s ends its lines with CR alone; convert it: tr '\\r' '\\n'",
                    beginning->name);
}

static int check_empty(const struct beginning *beginning, size_t mark)
{
    for (size_t i = mark; i < beginning->size; i++)
        if (beginning->bytes[i] != '\n' && beginning->bytes[i] != '\r')
            return 0;
    return log_fail(STATUS_DATA, "%s is empty", beginning->name);
}

struct csv_text dialect_text(const struct dialect *dialect, const struct beginning *beginning)
{
    struct csv_text text = {beginning->bytes + dialect->mark, beginning->size - dialect->mark,
                            dialect->delimiter, 1};
    struct csv_end found = csv_end(&text, CHUNKS_RECORD_LIMIT);
    if (beginning->whole && !found.open && !found.overlong && found.end < text.size)
        found.end = text.size + 1; /* the '\n' behind it */
    text.size = found.end;
    text.quotes = text.size && memchr(text.bytes, '"', text.size) != NULL;
    return text;
}

/* The first record that is no blank line. */
static size_t first_record(const struct csv_rows *rows, const struct csv_text *text)
{
    size_t row = 0;
    while (row < rows->n && csv_row(rows, text, row).size == 0)
        row++;
    return row;
}

struct judgement {
    size_t fields;
    size_t rows; /* with that many */
};

static struct judgement judge(struct csv_rows *rows, const struct csv_text *text)
{
    struct judgement judgement = {0, 0};
    csv_split(rows, text);
    size_t first = first_record(rows, text);
    if (first == rows->n)
        return judgement;
    judgement.fields = csv_fields(rows, first);
    for (size_t row = first; row < rows->n && row < first + JUDGED_ROWS; row++)
        judgement.rows += csv_fields(rows, row) == judgement.fields;
    return judgement;
}

static int better(struct judgement a, struct judgement b)
{
    if (a.fields < 2 || b.fields < 2)
        return a.fields > b.fields;
    if (a.rows * 10 >= b.rows * 9 && b.rows * 10 >= a.rows * 9)
        return a.fields > b.fields;
    return a.rows > b.rows;
}

static struct judgement judge_as(char delimiter, struct dialect *dialect,
                                 const struct beginning *beginning, struct csv_rows *rows)
{
    dialect->delimiter = delimiter;
    struct csv_text text = dialect_text(dialect, beginning);
    return judge(rows, &text);
}

static void choose(struct dialect *dialect, const struct beginning *beginning,
                   struct csv_rows *rows)
{
    struct judgement best = {0, 0};
    char chosen = ',';
    for (const char *candidate = candidates; *candidate; candidate++) {
        struct judgement judgement = judge_as(*candidate, dialect, beginning, rows);
        if (better(judgement, best)) {
            best = judgement;
            chosen = *candidate;
        }
    }
    dialect->delimiter = chosen;
    dialect->fields = best.fields;
}

static int check_fields(const struct dialect *dialect, const struct beginning *beginning)
{
    if (dialect->fields == 0)
        return log_fail(STATUS_DATA, "%s:1: no end of the first row in sight; is a quote open?",
                        beginning->name);
    if (dialect->fields == 1)
        return log_fail(STATUS_DATA,
                        "%s:1: a single column; --delimiter says what stands between columns",
                        beginning->name);
    return 0;
}

int dialect_detect(const struct beginning *beginning, char delimiter, struct dialect *dialect)
{
    struct csv_rows rows = {0};
    memset(dialect, 0, sizeof *dialect);
    dialect->mark = mark_size(beginning);
    dialect->mark += named_delimiter(beginning, dialect->mark, &delimiter);
    int r = check_encoding(beginning);
    if (!r)
        r = check_empty(beginning, dialect->mark);
    if (!r)
        r = check_lines(beginning);
    if (!r)
        r = csv_reserve(&rows, beginning->size + 1);
    if (r)
        return r;
    if (delimiter)
        dialect->fields = judge_as(delimiter, dialect, beginning, &rows).fields;
    else
        choose(dialect, beginning, &rows);
    csv_release(&rows);
    return check_fields(dialect, beginning);
}
