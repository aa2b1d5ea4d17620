/* SPDX-License-Identifier: Apache-2.0 */
/* The whole file stays in memory, and a table of hashes points into it: a list of customers to
 * leave out is short beside the ledger. */
#include "ventilator/absentees.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/csv.h"
#include "ventilator/header.h"
#include "ventilator/input.h"
#include "ventilator/mapping.h"
#include "ventilator/mask.h"

#define ROSTER_BYTES_LIMIT ((size_t)1 << 30)
#define ONE_COLUMN         '\n' /* as a delimiter: there is none */

struct place {
    uint64_t hash;
    struct slice id; /* data is NULL: free */
};

struct absentees {
    char *bytes;
    size_t size;
    char *unquoted; /* ids with doubled quotes, undone */
    struct place *places;
    size_t n_places; /* a power of two */
    size_t n;
    struct digest digest;
};

static int no_memory(const char *path)
{
    return log_fail(STATUS_BUG, "no memory for the customers of %s", path);
}

static int read_more(struct absentees *absentees, struct input *input, const char *path, size_t *n)
{
    size_t room = absentees->size ? absentees->size * 2 : 65536;
    char *bytes = realloc(absentees->bytes, room + MASK_BYTES + 1);
    if (!bytes)
        return no_memory(path);
    absentees->bytes = bytes;
    if (room > ROSTER_BYTES_LIMIT)
        return log_fail(STATUS_DATA, "%s is larger than 1 GiB", path);
    int r = input_read(input, bytes + absentees->size, room - absentees->size, n);
    absentees->size += *n;
    return r;
}

static int read_all(struct absentees *absentees, const char *path)
{
    struct input *input = NULL;
    size_t n = 0;
    int r = input_open(path, &input);
    if (r)
        return r;
    do
        r = read_more(absentees, input, path, &n);
    while (!r && n);
    absentees->digest = input_digest(input);
    input_close(&input);
    if (!r && absentees->size && absentees->bytes[absentees->size - 1] != '\n')
        absentees->bytes[absentees->size++] = '\n';
    return r;
}

static int same(const struct place *place, uint64_t hash, struct slice id)
{
    return place->hash == hash && place->id.size == id.size &&
           memcmp(place->id.data, id.data, id.size) == 0;
}

static struct place *find(const struct absentees *absentees, uint64_t hash, struct slice id)
{
    size_t i = (size_t)hash & (absentees->n_places - 1);
    while (absentees->places[i].id.data && !same(&absentees->places[i], hash, id))
        i = (i + 1) & (absentees->n_places - 1);
    return &absentees->places[i];
}

static int make_places(struct absentees *absentees, size_t rows, const char *path)
{
    absentees->n_places = 16;
    while (absentees->n_places < rows * 2)
        absentees->n_places *= 2;
    absentees->places = calloc(absentees->n_places, sizeof *absentees->places);
    absentees->unquoted = malloc(absentees->size + 1);
    return absentees->places && absentees->unquoted ? 0 : no_memory(path);
}

static void add(struct absentees *absentees, struct slice id)
{
    uint64_t hash = hash_customer(id.data, id.size);
    struct place *place = find(absentees, hash, id);
    absentees->n += place->id.data == NULL;
    *place = (struct place){hash, id};
}

/* The column that names customers in a header, or -1. */
static int32_t named_column(const struct header *header, struct slice said)
{
    int32_t column = -1;
    if (said.size && header_find(header, said, &column) == 0)
        return column;
    for (size_t i = 0; i < header->n; i++)
        if (mapping_names_customer(header->name[i]))
            return (int32_t)i;
    return -1;
}

/* Splits the text as the first delimiter does that shows a header; one column without a header
 * if none does. */
static int split(struct csv_text *text, struct csv_rows *rows, struct slice said, int32_t *column)
{
    static const char delimiters[] = {',', ';', '\t', '|', ONE_COLUMN};
    int r = csv_reserve(rows, text->size);
    for (size_t i = 0; i < sizeof delimiters && !r; i++) {
        struct header header = {0};
        text->delimiter = delimiters[i];
        csv_split(rows, text);
        if (!rows->n)
            return 0;
        r = header_of_row(rows, text, 0, &header);
        *column = r ? -1 : named_column(&header, said);
        header_release(&header);
        if (*column >= 0)
            return 0;
    }
    return r;
}

static void add_rows(struct absentees *absentees, const struct csv_text *text,
                     const struct csv_rows *rows, int32_t column)
{
    size_t used = 0, wanted = column < 0 ? 0 : (size_t)column;
    for (size_t row = column >= 0; row < rows->n; row++) {
        if (csv_row(rows, text, row).size == 0 || csv_fields(rows, row) <= wanted)
            continue;
        char *scratch = absentees->unquoted + used;
        struct slice id = csv_value(csv_raw(rows, text, row, wanted), scratch);
        if (id.data == scratch)
            used += id.size;
        if (id.size)
            add(absentees, id);
    }
}

static int fill(struct absentees *absentees, const char *path, struct slice said)
{
    size_t mark = absentees->size >= 3 && memcmp(absentees->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    struct csv_text text = {absentees->bytes + mark, absentees->size - mark, ONE_COLUMN, 0};
    struct csv_rows rows = {0};
    int32_t column = -1;
    text.quotes = text.size && memchr(text.bytes, '"', text.size) != NULL;
    int r = split(&text, &rows, said, &column);
    if (!r && csv_end(&text, SIZE_MAX).end != text.size)
        r = log_fail(STATUS_DATA, "%s has a quote that does not close", input_name(path));
    if (!r)
        r = make_places(absentees, rows.n, path);
    if (!r)
        add_rows(absentees, &text, &rows, column);
    csv_release(&rows);
    return r;
}

int absentees_read(const char *path, struct slice column, struct absentees **out)
{
    struct absentees *absentees = calloc(1, sizeof *absentees);
    if (!absentees)
        return no_memory(path);
    int r = read_all(absentees, path);
    if (!r)
        r = fill(absentees, path, column);
    if (r)
        absentees_destroy(&absentees);
    *out = absentees;
    return r;
}

void absentees_destroy(struct absentees **absentees)
{
    if (!*absentees)
        return;
    free((*absentees)->bytes);
    free((*absentees)->unquoted);
    free((*absentees)->places);
    free(*absentees);
    *absentees = NULL;
}

size_t absentees_size(const struct absentees *absentees)
{
    return absentees->n;
}

struct digest absentees_digest(const struct absentees *absentees)
{
    return absentees->digest;
}

int absentees_has(const struct absentees *absentees, uint64_t hash, struct slice id)
{
    return find(absentees, hash, id)->id.data != NULL;
}
