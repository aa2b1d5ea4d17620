/* SPDX-License-Identifier: Apache-2.0 */
/* The file is mapped and walked record by record, looking at nothing but customer_id. It lies in the
 * order of (hash, id), which would let a search by halves find him in some thirty steps; but from the
 * middle of a file nobody can tell a line end inside quotes from one outside, and a walk is a second
 * where winnow run has taken minutes. */
#include "cli/record.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define NEAR_LIMIT 256 /* bytes of an id that somebody may have mistyped */

struct cursor {
    const char *at, *end;
    int last; /* the field read last ended its record */
};

/* The raw field at the cursor, quotes and all; what stands behind it is passed over. */
static struct slice next_field(struct cursor *cursor)
{
    const char *start = cursor->at, *at = start;
    int quoted = 0;
    for (; at < cursor->end && (quoted || (*at != ',' && *at != '\n')); at++)
        quoted ^= *at == '"';
    cursor->last = at == cursor->end || *at == '\n';
    cursor->at = at < cursor->end ? at + 1 : at;
    return (struct slice){start, (size_t)(at - start)};
}

static void pass_record(struct cursor *cursor)
{
    const char *stop = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));
    stop = stop ? stop + 1 : cursor->end;
    if (!memchr(cursor->at, '"', (size_t)(stop - cursor->at))) {
        cursor->at = stop;
        return;
    }
    do
        next_field(cursor);
    while (!cursor->last);
}

/* A field without its quotes, at out; answers the end of what it wrote, at most raw.size bytes. */
static char *unquoted(struct slice raw, char *out)
{
    const char *from = raw.data, *end = from + raw.size;
    if (raw.size < 2 || *from != '"') {
        memcpy(out, from, raw.size);
        return out + raw.size;
    }
    for (from++, end--; from < end; from++) {
        from += *from == '"' && from + 1 < end && from[1] == '"';
        *out++ = *from;
    }
    return out;
}

/* Whether a raw field says these bytes. */
static int field_says(struct slice raw, struct slice bytes)
{
    const char *from = raw.data, *want = bytes.data;
    if (raw.size == 0 || *from != '"')
        return raw.size == bytes.size && memcmp(from, want, bytes.size) == 0;
    size_t k = 0;
    for (size_t i = 1; i + 1 < raw.size; i++, k++) {
        i += from[i] == '"' && i + 2 < raw.size && from[i + 1] == '"';
        if (k == bytes.size || from[i] != want[k])
            return 0;
    }
    return k == bytes.size;
}

/* What of an id people get wrong is left out. */
static struct slice bare(struct slice id)
{
    const char *data = id.data;
    size_t from = 0, to = id.size;
    while (to > from && (data[to - 1] == ' ' || data[to - 1] == '\t'))
        to--;
    while (from < to && (data[from] == ' ' || data[from] == '\t'))
        from++;
    while (from + 1 < to && data[from] == '0')
        from++;
    return (struct slice){data + from, to - from};
}

static int nearly(struct slice raw, struct slice wanted)
{
    char plain[NEAR_LIMIT];
    if (raw.size > sizeof plain)
        return 0;
    struct slice id = {plain, (size_t)(unquoted(raw, plain) - plain)};
    struct slice a = bare(id), b = bare(wanted);
    const unsigned char *x = a.data, *y = b.data;
    int same = a.size == b.size;
    for (size_t i = 0; same && i < a.size; i++)
        same = tolower(x[i]) == tolower(y[i]);
    return same;
}

static enum column column_named(struct slice raw)
{
    for (int i = 0; i < COLUMNS; i++) {
        const char *name = columns_row((enum column)i)->name;
        if (field_says(raw, (struct slice){name, strlen(name)}))
            return (enum column)i;
    }
    return COLUMNS;
}

static size_t head_read(struct cursor *cursor, struct record_head *head)
{
    size_t id = RECORD_FIELDS;
    head->n = 0;
    do {
        if (head->n == RECORD_FIELDS)
            return RECORD_FIELDS;
        enum column column = column_named(next_field(cursor));
        if (column == COLUMN_CUSTOMER_ID)
            id = head->n;
        head->column[head->n++] = column;
    } while (!cursor->last);
    return id;
}

static int copy_text(struct slice from, struct record *record)
{
    record->text = malloc(from.size + 1);
    if (!record->text)
        return log_fail(STATUS_BUG, "no memory for %zu bytes", from.size);
    *unquoted(from, record->text) = '\0';
    return 0;
}

int record_read(const struct record_head *head, struct slice line, struct record *record)
{
    struct cursor cursor = {line.data, (const char *)line.data + line.size, 0};
    *record = (struct record){.text = malloc(line.size + head->n + 1)};
    char *out = record->text;
    if (!out)
        return log_fail(STATUS_BUG, "no memory for %zu bytes", line.size);
    for (size_t i = 0; i < head->n; i++) {
        if (cursor.last)
            return RECORD_E_MALFORMED;
        char *end = unquoted(next_field(&cursor), out);
        if (head->column[i] < COLUMNS) {
            record->cell[head->column[i]] = out;
            record->size[head->column[i]] = (size_t)(end - out);
        }
        *end = '\0';
        out = end + 1;
    }
    return cursor.last ? 0 : RECORD_E_MALFORMED;
}

void record_free(struct record *record)
{
    free(record->text);
    *record = (struct record){.text = NULL};
}

/* The customer_id of the record at the cursor; no data where it has not so many fields. */
static struct slice id_at(struct cursor *cursor, size_t id)
{
    struct slice raw = next_field(cursor);
    for (size_t i = 0; i < id; i++) {
        if (cursor->last)
            return (struct slice){NULL, 0};
        raw = next_field(cursor);
    }
    return raw;
}

/* Walks to the customer: *line is his record, *near an id that is nearly his. */
static int walk(struct cursor *cursor, size_t id, struct slice customer, struct slice *line,
                struct slice *near)
{
    while (cursor->at < cursor->end) {
        const char *start = cursor->at;
        struct slice raw = id_at(cursor, id);
        int his = raw.data && field_says(raw, customer);
        if (raw.data && !his && !near->data && nearly(raw, customer))
            *near = raw;
        if (!cursor->last)
            pass_record(cursor);
        if (!his)
            continue;
        *line = (struct slice){start, (size_t)(cursor->at - start)};
        return 0;
    }
    return RECORD_E_ABSENT;
}

static int search(const char *path, struct cursor *cursor, struct slice customer,
                  struct record *record)
{
    struct record_head head;
    struct slice near = {NULL, 0}, line;
    size_t id = head_read(cursor, &head);
    if (id == RECORD_FIELDS)
        return log_fail(STATUS_DATA,
                        "%s has no column customer_id, so nobody can be found in it; --columns of "
                        "winnow run chooses the columns",
                        path);
    int r = walk(cursor, id, customer, &line, &near);
    if (r == 0)
        r = record_read(&head, line, record);
    else if (near.data)
        r = copy_text(near, record) < 0 ? STATUS_BUG : RECORD_E_ABSENT;
    if (r == RECORD_E_MALFORMED)
        r = log_fail(STATUS_DATA,
                     "%s: the line of this customer has not as many fields as its header", path);
    return r;
}

int record_find(const char *path, struct slice customer, struct record *record)
{
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    *record = (struct record){.text = NULL};
    if (file < 0 || fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) {
        int r = log_fail(STATUS_NO_INPUT, "cannot read %s: %s", path,
                         file < 0 ? strerror(errno) : "it is empty, or no file");
        if (file >= 0)
            close(file);
        return r;
    }
    size_t size = (size_t)info.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (bytes == MAP_FAILED)
        return log_fail(STATUS_IO, "cannot map %s: %s", path, strerror(errno));
    struct cursor cursor = {bytes, (const char *)bytes + size, 0};
    int r = search(path, &cursor, customer, record);
    munmap(bytes, size);
    return r;
}
