/* SPDX-License-Identifier: Apache-2.0 */
/* A stream gives its bytes once, so what was looked at is given back to it before it is read. A
 * place in the middle of a file may lie inside quotes; there only rows with the right number of
 * fields are believed, by whoever looks. */
#include "ventilator/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/chunks.h"
#include "ventilator/content.h"
#include "ventilator/mask.h"

static int no_memory(const struct sheet *sheet)
{
    return log_fail(STATUS_BUG, "no memory to look at %s", sheet->name);
}

/* Reads the beginning on, up to so many bytes in all. */
static int read_head(struct sheet *sheet, struct input *input, size_t size)
{
    size_t n = 0, have = sheet->head.size;
    char *bytes = realloc(sheet->bytes, size + 1 + MASK_BYTES);
    if (!bytes)
        return no_memory(sheet);
    sheet->bytes = bytes;
    int r = input_read(input, bytes + have, size - have, &n);
    if (r)
        return r;
    bytes[have + n] = '\n';
    sheet->head = (struct beginning){sheet->name, bytes, have + n, have + n < size};
    uint64_t used = input_raw_used(input);
    sheet->unpacked = used ? (double)sheet->head.size / (double)used : 1;
    return 0;
}

static int look_at_head(struct sheet *sheet)
{
    int r = input_open(sheet->path, &sheet->stream);
    if (r)
        return r;
    sheet->about = input_about(sheet->stream);
    int plain = !sheet->about.stream && sheet->about.packing == PACKING_PLAIN;
    r = read_head(sheet, sheet->stream, plain ? SHEET_HEAD_BYTES : SHEET_STREAM_BYTES);
    if (!sheet->about.stream)
        input_close(&sheet->stream);
    return r;
}

/* 1 where every column that --map names stands in the first record. */
static int names_wished(const struct wishes *wishes, const struct header *header)
{
    int32_t column;
    int said = 0;
    for (int i = 0; i < FIELDS; i++) {
        struct slice name = wishes->field[i].column;
        if (!wishes->field[i].said || !name.size || memchr(name.data, '*', name.size))
            continue;
        if (header_find(header, name, &column))
            return 0;
        said = 1;
    }
    return said;
}

static int decide_header(struct sheet *sheet, const struct sheet_order *order,
                         const struct glance *first, size_t row)
{
    struct header header = {0};
    int r = header_of_row(first->rows, first->text, row, &header);
    if (r)
        return r;
    sheet->has_header = !order->no_header;
    if (!order->no_header && !order->must_have_header && !names_wished(order->wishes, &header))
        sheet->has_header = !content_is_data(first->rows, first->text, row, order->format);
    header.hidden = order->hide_header;
    if (sheet->has_header) {
        sheet->header = header;
        return 0;
    }
    size_t n = header.n;
    header_release(&header);
    return header_of_positions(n, &sheet->header);
}

static int find_columns(struct sheet *sheet, const struct sheet_order *order,
                        const struct glance *data)
{
    int r = mapping_find(order->wishes, &sheet->header, sheet->name, &sheet->mapping);
    if (!r && sheet->has_header)
        r = mapping_guess(order->wishes, &sheet->header, sheet->name, order->fields,
                          &sheet->mapping);
    int said = 0;
    for (int i = 0; i < FIELDS; i++)
        said |= order->wishes->field[i].said;
    if (!r && !sheet->has_header && !said)
        content_guess(data->rows, data->text, order->format, &sheet->mapping);
    if (!r)
        r = mapping_check(order->wishes, &sheet->header, sheet->name, order->fields,
                          &sheet->mapping);
    return r;
}

static size_t pass_blank_lines(const struct csv_rows *rows, const struct csv_text *text, size_t row)
{
    while (row < rows->n && csv_row(rows, text, row).size == 0)
        row++;
    return row;
}

struct csv_text sheet_text(const struct sheet *sheet)
{
    struct csv_text text = dialect_text(&sheet->dialect, &sheet->head);
    size_t skip = sheet->data_offset - sheet->dialect.mark;
    text.bytes += skip;
    text.size -= skip;
    return text;
}

static int find_header(struct sheet *sheet, const struct sheet_order *order, struct csv_rows *rows)
{
    struct csv_text text = dialect_text(&sheet->dialect, &sheet->head);
    csv_split(rows, &text);
    size_t row = pass_blank_lines(rows, &text, 0);
    const struct glance first = {sheet, &text, rows, sheet->dialect.mark};
    int r = decide_header(sheet, order, &first, row);
    if (r)
        return r;
    row = pass_blank_lines(rows, &text, row + (sheet->has_header != 0));
    if (row == rows->n && sheet->head.whole)
        return log_fail(STATUS_DATA, "%s has a header but no rows", sheet->name);
    size_t start = row < rows->n ? csv_start(rows, row) : text.size;
    sheet->data_offset = sheet->dialect.mark + start;
    sheet->data_line = 1 + mask_count(sheet->bytes, sheet->data_offset, '\n');
    return 0;
}

static int understand(struct sheet *sheet, const struct sheet_order *order)
{
    struct csv_rows rows = {0};
    int r = dialect_detect(&sheet->head, order->delimiter, &sheet->dialect);
    if (!r)
        r = csv_reserve(&rows, sheet->head.size + 1);
    if (!r)
        r = find_header(sheet, order, &rows);
    if (!r) {
        struct csv_text text = sheet_text(sheet);
        csv_split(&rows, &text);
        const struct glance data = {sheet, &text, &rows, sheet->data_offset};
        r = find_columns(sheet, order, &data);
    }
    csv_release(&rows);
    return r;
}

/* Lets go of a file's beginning, which can be read again: there may be thousands of files. A
 * stream's stays, and the first input's, whose first rows are shown. */
static void forget(struct sheet *sheet)
{
    if (sheet->about.stream)
        return;
    free(sheet->bytes);
    sheet->bytes = NULL;
    sheet->head.bytes = NULL;
    sheet->head.size = 0;
}

int sheet_open(const char *path, uint32_t number, const struct sheet_order *order,
               struct sheet *sheet)
{
    memset(sheet, 0, sizeof *sheet);
    sheet->path = path;
    sheet->name = input_name(path);
    sheet->number = number;
    int r = look_at_head(sheet);
    if (!r)
        r = understand(sheet, order);
    if (r)
        sheet_close(sheet);
    else if (number)
        forget(sheet);
    return r;
}

void sheet_close(struct sheet *sheet)
{
    input_close(&sheet->stream);
    header_release(&sheet->header);
    free(sheet->bytes);
    memset(sheet, 0, sizeof *sheet);
}

static int show(struct sheet *sheet, const struct looker *looker, const struct glance *glance)
{
    sheet->seen_bytes += glance->text->size;
    sheet->seen_rows += glance->rows->n;
    return looker->look(looker->context, glance);
}

static int show_head(struct sheet *sheet, const struct looker *looker)
{
    struct csv_rows rows = {0};
    struct csv_text text = sheet_text(sheet);
    int r = csv_reserve(&rows, text.size);
    if (!r) {
        csv_split(&rows, &text);
        const struct glance glance = {sheet, &text, &rows, sheet->data_offset};
        r = show(sheet, looker, &glance);
    }
    csv_release(&rows);
    return r;
}

/* Buffers for one place after another. */
struct place {
    char bytes[SHEET_PLACE_BYTES + MASK_BYTES];
    struct csv_rows rows;
};

static int show_place(struct sheet *sheet, const struct looker *looker, struct input *input,
                      uint64_t offset, struct place *place)
{
    size_t n = 0;
    int r = input_seek(input, offset);
    if (!r)
        r = input_read(input, place->bytes, SHEET_PLACE_BYTES, &n);
    const char *line_end = n ? memchr(place->bytes, '\n', n) : NULL;
    if (r || !line_end)
        return r;
    size_t skip = (size_t)(line_end - place->bytes) + 1;
    struct csv_text text = {place->bytes + skip, n - skip, sheet->dialect.delimiter, 1};
    text.size = csv_end(&text, CHUNKS_RECORD_LIMIT).end;
    csv_split(&place->rows, &text);
    const struct glance glance = {sheet, &text, &place->rows, offset + skip};
    return show(sheet, looker, &glance);
}

static int show_places(struct sheet *sheet, const struct looker *looker)
{
    struct input *input = NULL;
    struct place *place = calloc(1, sizeof *place);
    if (!place)
        return no_memory(sheet);
    int r = csv_reserve(&place->rows, SHEET_PLACE_BYTES);
    if (!r)
        r = input_open(sheet->path, &input);
    uint64_t room =
        sheet->about.bytes > SHEET_PLACE_BYTES ? sheet->about.bytes - SHEET_PLACE_BYTES : 0;
    for (uint64_t i = 1; i <= SHEET_PLACES && !r; i++) {
        uint64_t offset = room / SHEET_PLACES * i;
        if (offset >= sheet->head.size)
            r = show_place(sheet, looker, input, offset, place);
    }
    input_close(&input);
    csv_release(&place->rows);
    free(place);
    return r;
}

int sheet_sample(struct sheet *sheet, const struct looker *looker, int *whole)
{
    int r = sheet->bytes ? 0 : look_at_head(sheet);
    if (r)
        return r;
    *whole = sheet->head.whole;
    sheet->seen_bytes = sheet->seen_rows = 0;
    r = show_head(sheet, looker);
    if (!r && !*whole && !sheet->about.stream && sheet->about.packing == PACKING_PLAIN)
        r = show_places(sheet, looker);
    if (sheet->number)
        forget(sheet);
    return r;
}

static int show_chunk(struct sheet *sheet, const struct looker *looker, const struct chunk *chunk,
                      struct csv_rows *rows)
{
    struct csv_text text = {chunk->bytes, chunk->size, sheet->dialect.delimiter,
                            chunk->look.quotes};
    if (chunk->flaw)
        return 0;
    csv_split(rows, &text);
    const struct glance glance = {sheet, &text, rows, chunk->offset};
    return looker->look(looker->context, &glance);
}

static int show_chunks(struct sheet *sheet, const struct looker *looker, struct chunks *chunks)
{
    struct csv_rows rows = {0};
    struct chunk chunk;
    char *room = malloc(chunks_room(chunks));
    int r = room ? csv_reserve(&rows, chunks_room(chunks)) : no_memory(sheet);
    while (!r) {
        r = chunks_next(chunks, room, &chunk);
        if (!r)
            r = show_chunk(sheet, looker, &chunk, &rows);
    }
    csv_release(&rows);
    free(room);
    return r == CHUNKS_E_END ? 0 : r;
}

static int scan_file(struct sheet *sheet, const struct looker *looker)
{
    struct chunks *chunks = NULL;
    struct chunks_order order = {.delimiter = sheet->dialect.delimiter,
                                 .record_limit = CHUNKS_RECORD_LIMIT,
                                 .size = CHUNKS_SIZE,
                                 .offset = sheet->data_offset,
                                 .line = sheet->data_line};
    int r = sheet_input(sheet, 0, &order.input);
    if (r)
        return r;
    r = chunks_new(&order, &chunks);
    if (r) {
        input_close(&order.input);
        return r;
    }
    r = show_chunks(sheet, looker, chunks);
    chunks_destroy(&chunks);
    return r;
}

int sheet_scan(struct sheet *sheet, const struct looker *looker, int *whole)
{
    *whole = 1;
    if (!sheet->about.stream && (!sheet->head.whole || !sheet->bytes))
        return scan_file(sheet, looker);
    int r = 0;
    if (!sheet->head.whole)
        r = read_head(sheet, sheet->stream, SHEET_STREAM_LIMIT);
    *whole = sheet->head.whole;
    return r ? r : show_head(sheet, looker);
}

uint64_t sheet_rows(const struct sheet *sheet)
{
    if (sheet->head.whole)
        return sheet->seen_rows;
    if (!sheet->seen_rows || !sheet->seen_bytes)
        return 0;
    double row_bytes = (double)sheet->seen_bytes / (double)sheet->seen_rows;
    return (uint64_t)((double)sheet->about.bytes * sheet->unpacked / row_bytes);
}

/* The stream, with the beginning put back before its rest. */
static int reopen_stream(struct sheet *sheet, struct input **input)
{
    if (!sheet->stream)
        return log_fail(STATUS_BUG, "%s can be read only once", sheet->name);
    int r = input_unread(sheet->stream, sheet->bytes, sheet->head.size);
    if (r)
        return r;
    *input = sheet->stream;
    sheet->stream = NULL;
    return 0;
}

int sheet_input(struct sheet *sheet, uint64_t from, struct input **input)
{
    int r = sheet->about.stream ? reopen_stream(sheet, input) : input_open(sheet->path, input);
    if (!r)
        r = from ? input_seek(*input, from) : input_skip(*input, sheet->data_offset);
    if (r)
        input_close(input);
    return r;
}

int sheet_line(const struct sheet *sheet, uint64_t offset, uint64_t *line)
{
    struct input *input = NULL;
    char bytes[4096 + MASK_BYTES];
    *line = 1;
    if (sheet->bytes && offset <= sheet->head.size) {
        *line += mask_count(sheet->bytes, offset, '\n');
        return 0;
    }
    int r = input_open(sheet->path, &input);
    while (!r && offset) {
        size_t n = 0;
        r = input_read(input, bytes, offset < 4096 ? offset : 4096, &n);
        *line += mask_count(bytes, n, '\n');
        offset = n ? offset - n : 0;
    }
    input_close(&input);
    return r;
}
