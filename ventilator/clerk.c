/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/clerk.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/csv.h"
#include "ventilator/ordinary.h"
#include "ventilator/row.h"
#include "ventilator/scatter.h"

/* Text whose separators are looked up at a time, about: they, and what they point to, stay in the
 * nearest cache while its rows are read. */
#define PAGE_BYTES ((size_t)8 << 10)

struct clerk {
    struct facts *facts;
    struct row_desk desk;
    struct csv_rows rows;
    struct spool_pen *pen;
    struct scatter *scatter; /* NULL: rows go to the census */
    struct census census;
    char *room;
};

static int furnish(struct clerk *clerk, const struct clerk_order *order)
{
    int has_order = order->recipe->column[FIELD_ORDER] != MAPPING_ABSENT;
    int r = facts_new(&clerk->facts);
    clerk->census = census_until(order->until);
    if (!r)
        r = row_desk_open(order->recipe, clerk->facts, &clerk->desk);
    if (!r)
        r = csv_reserve(&clerk->rows, order->room);
    if (!r && order->segment)
        r = spool_pen_open(order->segment, &clerk->pen);
    if (!r && order->segment)
        r = scatter_new(clerk->pen, order->shards, has_order, &clerk->scatter);
    clerk->room = malloc(order->room);
    if (!r && !clerk->room)
        r = log_fail(STATUS_BUG, "no memory for a chunk");
    return r;
}

int clerk_new(const struct clerk_order *order, struct clerk **out)
{
    struct clerk *clerk = calloc(1, sizeof *clerk);
    if (!clerk)
        return log_fail(STATUS_BUG, "no memory to read rows");
    int r = furnish(clerk, order);
    if (r) {
        clerk_destroy(&clerk);
        return r;
    }
    *out = clerk;
    return 0;
}

void clerk_destroy(struct clerk **handle)
{
    struct clerk *clerk = *handle;
    if (!clerk)
        return;
    if (clerk->pen)
        (void)!spool_pen_close(&clerk->pen); /* the segment is given up, or the pen has said why */
    scatter_destroy(&clerk->scatter);
    census_release(&clerk->census);
    csv_release(&clerk->rows);
    row_desk_close(&clerk->desk);
    facts_destroy(&clerk->facts);
    free(clerk->room);
    free(clerk);
    *handle = NULL;
}

char *clerk_room(struct clerk *clerk)
{
    return clerk->room;
}

static int take_rows(struct clerk *clerk, const struct row *rows, size_t n)
{
    int r = 0;
    if (clerk->scatter)
        return scatter_rows(clerk->scatter, rows, n);
    for (size_t i = 0; i < n && !r; i++)
        r = census_row(&clerk->census, &rows[i]);
    return r;
}

/* A row that is not ordinary. */
static int read_row(struct clerk *clerk, const struct row_page *page, size_t number, int flawed)
{
    struct row row;
    int r = row_read(&clerk->desk, page, number, flawed, &row);
    return r ? r : take_rows(clerk, &row, 1);
}

static int read_rows(struct clerk *clerk, const struct row_page *page)
{
    const struct csv_rows *rows = &clerk->rows;
    struct row ordinary[ORDINARY_ROWS];
    size_t flaw = 0;
    for (size_t i = 0; i < rows->n;) {
        size_t n;
        int odd = ordinary_rows(&clerk->desk, page, i, ordinary, &n);
        int r = take_rows(clerk, ordinary, n);
        i += n;
        if (!r && odd) {
            int flawed = flaw < rows->n_flawed && rows->flawed[flaw] == i;
            flaw += flawed != 0;
            r = read_row(clerk, page, i++, flawed);
        }
        if (r < 0)
            return r;
    }
    return 0;
}

/* Where a page that begins at `from` ends: behind a line end. */
static size_t page_end(const struct chunk *chunk, size_t from)
{
    if (chunk->look.quotes || chunk->size - from <= PAGE_BYTES)
        return chunk->size;
    const char *line_end =
        memchr(chunk->bytes + from + PAGE_BYTES, '\n', chunk->size - from - PAGE_BYTES);
    return line_end ? (size_t)(line_end - chunk->bytes) + 1 : chunk->size;
}

/* A chunk without quotes page by page, as each of its lines is a row; another one in one go. */
static int read_pages(struct clerk *clerk, const struct chunk *chunk, struct row_page *page)
{
    int r = 0;
    for (size_t from = 0, end; from < chunk->size && !r; from = end) {
        end = page_end(chunk, from);
        page->text.bytes = chunk->bytes + from;
        page->text.size = end - from;
        page->offset = chunk->offset + from;
        csv_split(&clerk->rows, &page->text);
        r = read_rows(clerk, page);
        page->line += clerk->rows.n;
    }
    return r;
}

int clerk_read(struct clerk *clerk, const struct chunk *chunk)
{
    struct row_page page = {
        .text = {chunk->bytes, chunk->size, clerk->desk.recipe->delimiter, chunk->look.quotes},
        .rows = &clerk->rows,
        .offset = chunk->offset,
        .line = chunk->line};
    if (chunk->flaw) {
        int r =
            row_give_up(&clerk->desk, &page,
                        chunk->flaw == CHUNK_TOO_LONG ? REJECT_TOO_LONG : REJECT_UNCLOSED_QUOTE);
        return r < 0 ? r : 0;
    }
    page.nuls = chunk->look.nuls;
    page.bare = chunk->look.bare;
    page.ascii = chunk->look.ascii;
    return read_pages(clerk, chunk, &page);
}

int clerk_finish(struct clerk *clerk)
{
    int r = clerk->scatter ? scatter_flush(clerk->scatter) : 0;
    return r || !clerk->pen ? r : spool_pen_close(&clerk->pen);
}

const struct facts *clerk_facts(const struct clerk *clerk)
{
    return clerk->facts;
}

const struct census *clerk_census(const struct clerk *clerk)
{
    return &clerk->census;
}
