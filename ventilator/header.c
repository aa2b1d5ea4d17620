/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

static int reserve(struct header *header, size_t n, size_t bytes)
{
    header->n = n;
    header->name = calloc(n, sizeof *header->name);
    header->text = malloc(bytes + 1);
    if (header->name && header->text)
        return 0;
    header_release(header);
    return log_fail(STATUS_BUG, "no memory for a header of %zu columns", n);
}

void header_release(struct header *header)
{
    free(header->name);
    free(header->text);
    memset(header, 0, sizeof *header);
}

static int blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice trimmed(struct slice name)
{
    const char *bytes = name.data;
    size_t from = 0, to = name.size;
    while (from < to && blank(bytes[from]))
        from++;
    while (to > from && blank(bytes[to - 1]))
        to--;
    return (struct slice){bytes + from, to - from};
}

int header_of_row(const struct csv_rows *rows, const struct csv_text *text, size_t row,
                  struct header *header)
{
    size_t n = csv_fields(rows, row), used = 0;
    int r = reserve(header, n, csv_length(rows, row));
    for (size_t i = 0; i < n && !r; i++) {
        char *to = header->text + used;
        struct slice name = csv_value(csv_raw(rows, text, row, i), to);
        memmove(to, name.data, name.size);
        used += name.size;
        header->name[i] = trimmed((struct slice){to, name.size});
    }
    return r;
}

#define POSITION_TEXT 11

int header_of_positions(size_t n, struct header *header)
{
    int r = reserve(header, n, n * POSITION_TEXT);
    for (size_t i = 0; i < n && !r; i++) {
        char *to = header->text + i * POSITION_TEXT;
        int size = snprintf(to, POSITION_TEXT, "%u", (unsigned)(i + 1));
        header->name[i] = (struct slice){to, (size_t)size};
    }
    return r;
}

int header_find(const struct header *header, struct slice name, int32_t *column)
{
    struct slice wanted = trimmed(name);
    int found = 0;
    for (size_t i = 0; i < header->n; i++) {
        if (header->name[i].size != wanted.size ||
            memcmp(header->name[i].data, wanted.data, wanted.size) != 0)
            continue;
        if (found)
            return HEADER_E_DOUBLED;
        found = 1;
        *column = (int32_t)i;
    }
    return found ? 0 : HEADER_E_ABSENT;
}

const char *header_words(const struct header *header, char out[HEADER_WORDS])
{
    size_t n = 0;
    out[0] = '\0';
    if (header->hidden) {
        snprintf(out, HEADER_WORDS, "%zu columns, not shown under --redact", header->n);
        return out;
    }
    for (size_t i = 0; i < header->n; i++) {
        const struct slice *name = &header->name[i];
        if (n + name->size + 8 > HEADER_WORDS) {
            snprintf(out + n, HEADER_WORDS - n, ", ...");
            break;
        }
        n += (size_t)snprintf(out + n, HEADER_WORDS - n, "%s%.*s", i ? ", " : "", (int)name->size,
                              (const char *)name->data);
    }
    return out;
}
