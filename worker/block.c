/* SPDX-License-Identifier: Apache-2.0 */
/*  A block, little-endian, every piece 8-aligned:
 *
 *    struct head            magic, XXH3-64 of everything after these two, counts
 *    struct digest[]        n_segments, sorted: what is folded in
 *    struct piece[PIECES]   where each column is, and how to read its words (common/packed.h)
 *    the columns            ids (bytes), id lengths, lines a customer, then of the lines: day, bought,
 *                           purchases; where a line has refunds: its number, returned, refunds;
 *                           and the order keys (8 bytes each) where orders are mapped
 *
 *  Refunds are few, so they are kept aside rather than as two columns of mostly zeros. A block of
 *  4,000 customers with ten purchases each takes some 9 bytes a line. If you change the layout, change
 *  the magic: a cache of another version is set aside and made again. */
#include "worker/block.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/packed.h"

#define MAGIC "winnowB2"

enum piece_name {
    PIECE_IDS,
    PIECE_ID_LENGTH,
    PIECE_LINES,
    PIECE_DAY,
    PIECE_BOUGHT,
    PIECE_PURCHASES,
    PIECE_REFUND_LINE,
    PIECE_RETURNED,
    PIECE_REFUNDS,
    PIECE_ORDER,
    PIECES
};

struct head {
    char magic[8];
    uint64_t hash;
    uint64_t size; /* of the whole block */
    uint64_t rows;
    uint32_t n_segments;
    uint32_t n_customers;
    uint32_t n_lines;
    uint32_t n_refund_lines;
    uint32_t has_order;
    uint32_t padding;
};

struct piece {
    int64_t least;
    uint64_t step;
    uint64_t offset; /* from the start of the block */
    uint64_t size;
    uint32_t width;
    uint32_t padding;
};

/* The hash is over everything that follows it. */
#define HASHED_FROM (offsetof(struct head, hash) + sizeof(uint64_t))

static size_t aligned(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/* What is to be written, before anything is. */
struct draft {
    const struct histories *from;
    uint16_t *id_length;
    uint32_t *lines;
    uint32_t *refund_line, *refunds;
    int64_t *returned;
    uint32_t n_refund_lines;
    uint64_t rows;
    struct piece piece[PIECES];
    struct packed column[PIECES];
};

static void draft_free(struct draft *draft)
{
    free(draft->id_length);
    free(draft->lines);
    free(draft->refund_line);
    free(draft->refunds);
    free(draft->returned);
}

static int draft_arrays(struct draft *draft)
{
    const struct histories *h = draft->from;
    size_t refunds = h->has_refunds ? h->n_lines : 0;
    draft->id_length = malloc(((size_t)h->n + 1) * sizeof *draft->id_length);
    draft->lines = malloc(((size_t)h->n + 1) * sizeof *draft->lines);
    draft->refund_line = malloc((refunds + 1) * sizeof *draft->refund_line);
    draft->refunds = malloc((refunds + 1) * sizeof *draft->refunds);
    draft->returned = malloc((refunds + 1) * sizeof *draft->returned);
    if (!draft->id_length || !draft->lines || !draft->refund_line || !draft->refunds ||
        !draft->returned)
        return log_fail(STATUS_BUG, "out of memory for a block of %u customers", h->n);
    return 0;
}

static void draft_fill(struct draft *draft)
{
    const struct histories *h = draft->from;
    for (uint32_t i = 0; i < h->n; i++) {
        draft->id_length[i] = (uint16_t)(h->id_offset[i + 1] - h->id_offset[i]);
        draft->lines[i] = h->line_first[i + 1] - h->line_first[i];
    }
    for (uint32_t line = 0; line < h->n_lines; line++)
        draft->rows += h->purchases[line];
    for (uint32_t line = 0; h->has_refunds && line < h->n_lines; line++) {
        if (h->refunds[line] == 0)
            continue;
        draft->refund_line[draft->n_refund_lines] = line;
        draft->returned[draft->n_refund_lines] = h->returned[line];
        draft->refunds[draft->n_refund_lines++] = h->refunds[line];
        draft->rows += h->refunds[line];
    }
}

static void draft_column(struct draft *draft, enum piece_name name, enum packed_of type,
                         const void *values, size_t n)
{
    struct packed column = packed_fit(type, values, n);
    draft->column[name] = column;
    draft->piece[name] =
        (struct piece){column.least, column.step, 0, column.data.size, column.width, 0};
}

/* Fits every column and lays them out; answers the size of the block. */
static size_t draft_layout(struct draft *draft, size_t n_segments)
{
    const struct histories *h = draft->from;
    draft->piece[PIECE_IDS] = (struct piece){.size = h->id_offset[h->n]};
    draft_column(draft, PIECE_ID_LENGTH, PACKED_U16, draft->id_length, h->n);
    draft_column(draft, PIECE_LINES, PACKED_U32, draft->lines, h->n);
    draft_column(draft, PIECE_DAY, PACKED_I32, h->day, h->n_lines);
    draft_column(draft, PIECE_BOUGHT, PACKED_I64, h->bought, h->n_lines);
    draft_column(draft, PIECE_PURCHASES, PACKED_U32, h->purchases, h->n_lines);
    draft_column(draft, PIECE_REFUND_LINE, PACKED_U32, draft->refund_line, draft->n_refund_lines);
    draft_column(draft, PIECE_RETURNED, PACKED_I64, draft->returned, draft->n_refund_lines);
    draft_column(draft, PIECE_REFUNDS, PACKED_U32, draft->refunds, draft->n_refund_lines);
    draft->piece[PIECE_ORDER] = (struct piece){.size = h->has_order ? (size_t)h->n_lines * 8 : 0};
    size_t at = sizeof(struct head) + n_segments * sizeof(struct digest) + sizeof draft->piece;
    for (size_t i = 0; i < PIECES; i++) {
        draft->piece[i].offset = at;
        at += aligned(draft->piece[i].size);
    }
    return at;
}

/* What lies between pieces is 0, and hashed with them. */
static void draft_gaps(const struct draft *draft, char *block)
{
    for (size_t i = 0; i < PIECES; i++) {
        size_t end = draft->piece[i].offset + draft->piece[i].size;
        memset(block + end, 0, aligned(draft->piece[i].size) - draft->piece[i].size);
    }
}

static void draft_columns(const struct draft *draft, char *block)
{
    const struct histories *h = draft->from;
    const struct {
        enum piece_name name;
        enum packed_of type;
        const void *values;
        size_t n;
    } columns[] = {
        {PIECE_ID_LENGTH, PACKED_U16, draft->id_length, h->n},
        {PIECE_LINES, PACKED_U32, draft->lines, h->n},
        {PIECE_DAY, PACKED_I32, h->day, h->n_lines},
        {PIECE_BOUGHT, PACKED_I64, h->bought, h->n_lines},
        {PIECE_PURCHASES, PACKED_U32, h->purchases, h->n_lines},
        {PIECE_REFUND_LINE, PACKED_U32, draft->refund_line, draft->n_refund_lines},
        {PIECE_RETURNED, PACKED_I64, draft->returned, draft->n_refund_lines},
        {PIECE_REFUNDS, PACKED_U32, draft->refunds, draft->n_refund_lines},
    };
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        enum piece_name name = columns[i].name;
        packed_write(&draft->column[name], columns[i].type, columns[i].values, columns[i].n,
                     block + draft->piece[name].offset);
    }
    memcpy(block + draft->piece[PIECE_IDS].offset, h->ids ? h->ids : "",
           draft->piece[PIECE_IDS].size);
    if (draft->piece[PIECE_ORDER].size > 0)
        memcpy(block + draft->piece[PIECE_ORDER].offset, h->order, draft->piece[PIECE_ORDER].size);
}

static void draft_write(const struct draft *draft, const struct digest *segments, size_t n_segments,
                        size_t size, char *block)
{
    struct head head = {
        .size = size,
        .rows = draft->rows,
        .n_segments = (uint32_t)n_segments,
        .n_customers = draft->from->n,
        .n_lines = draft->from->n_lines,
        .n_refund_lines = draft->n_refund_lines,
        .has_order = (uint32_t)draft->from->has_order,
    };
    memcpy(head.magic, MAGIC, sizeof head.magic);
    if (n_segments > 0)
        memcpy(block + sizeof head, segments, n_segments * sizeof *segments);
    memcpy(block + sizeof head + n_segments * sizeof *segments, draft->piece, sizeof draft->piece);
    draft_gaps(draft, block);
    draft_columns(draft, block);
    memcpy(block, &head, sizeof head);
    head.hash = XXH3_64bits(block + HASHED_FROM, size - HASHED_FROM);
    memcpy(block + offsetof(struct head, hash), &head.hash, sizeof head.hash);
}

int block_write(const struct histories *histories, const struct digest *segments, size_t n_segments,
                struct slice *bytes)
{
    struct draft draft = {.from = histories};
    int r = draft_arrays(&draft);
    if (r == 0) {
        draft_fill(&draft);
        size_t size = draft_layout(&draft, n_segments);
        char *block = malloc(size);
        if (block)
            draft_write(&draft, segments, n_segments, size, block);
        else
            r = log_fail(STATUS_BUG, "out of memory for a block of %zu bytes", size);
        *bytes = (struct slice){block, size};
    }
    draft_free(&draft);
    return r;
}

/* A customer's id takes a byte at least, and so does a line: where all lines are of one day there is
 * one a customer, or each has an order key. So no count is larger than the block. */
static int head_read(struct slice bytes, struct head *head)
{
    if (bytes.size < sizeof *head)
        return BLOCK_E_UNREADABLE;
    memcpy(head, bytes.data, sizeof *head);
    if (memcmp(head->magic, MAGIC, sizeof head->magic) != 0 || head->size != bytes.size ||
        head->n_customers > bytes.size || head->n_lines > bytes.size ||
        bytes.size <
            sizeof *head + head->n_segments * sizeof(struct digest) + PIECES * sizeof(struct piece))
        return BLOCK_E_UNREADABLE;
    return 0;
}

int block_read_set(struct slice bytes, struct block_set *set)
{
    struct head head;
    if (head_read(bytes, &head) != 0)
        return BLOCK_E_UNREADABLE;
    set->segments = (const struct digest *)(const void *)((const char *)bytes.data + sizeof head);
    set->n = head.n_segments;
    set->rows = head.rows;
    return 0;
}

static int hash_check(struct slice bytes, const struct head *head)
{
    uint64_t hash = XXH3_64bits((const char *)bytes.data + HASHED_FROM, bytes.size - HASHED_FROM);
    return hash == head->hash ? 0 : BLOCK_E_UNREADABLE;
}

int block_check(struct slice bytes)
{
    struct head head;
    return head_read(bytes, &head) != 0 ? BLOCK_E_UNREADABLE : hash_check(bytes, &head);
}

struct reader {
    struct slice bytes;
    struct head head;
    struct piece piece[PIECES];
};

static const void *piece_data(const struct reader *reader, enum piece_name name)
{
    return (const char *)reader->bytes.data + reader->piece[name].offset;
}

static int reader_open(struct slice bytes, struct reader *reader)
{
    reader->bytes = bytes;
    if (head_read(bytes, &reader->head) != 0 || hash_check(bytes, &reader->head) != 0)
        return BLOCK_E_UNREADABLE;
    const char *data = bytes.data;
    memcpy(reader->piece,
           data + sizeof(struct head) + reader->head.n_segments * sizeof(struct digest),
           sizeof reader->piece);
    for (size_t i = 0; i < PIECES; i++)
        if (reader->piece[i].offset > bytes.size ||
            reader->piece[i].size > bytes.size - reader->piece[i].offset)
            return BLOCK_E_UNREADABLE;
    return 0;
}

static int column_from(const struct reader *reader, enum piece_name name, enum packed_of type,
                       size_t n, void *values)
{
    const struct piece *piece = &reader->piece[name];
    struct packed column = {
        piece->least, piece->step, piece->width, {piece_data(reader, name), piece->size}};
    return packed_read(&column, type, n, values) != 0 ? BLOCK_E_UNREADABLE : 0;
}

/* Lengths in a scratch column to offsets in place; they must add up to total. */
static int offsets_from(const struct reader *reader, enum piece_name name, size_t total,
                        uint32_t *offset)
{
    uint32_t n = reader->head.n_customers;
    uint64_t at = 0;
    if (column_from(reader, name, PACKED_U32, n, offset + 1) != 0)
        return BLOCK_E_UNREADABLE;
    offset[0] = 0;
    for (uint32_t i = 1; i <= n; i++) {
        at += offset[i];
        if (at > total)
            return BLOCK_E_UNREADABLE;
        offset[i] = (uint32_t)at;
    }
    return at == total ? 0 : BLOCK_E_UNREADABLE;
}

static int lines_read(const struct reader *reader, struct histories *h)
{
    size_t n = reader->head.n_lines;
    if (column_from(reader, PIECE_DAY, PACKED_I32, n, h->day) != 0 ||
        column_from(reader, PIECE_BOUGHT, PACKED_I64, n, h->bought) != 0 ||
        column_from(reader, PIECE_PURCHASES, PACKED_U32, n, h->purchases) != 0)
        return BLOCK_E_UNREADABLE;
    h->n_lines = reader->head.n_lines;
    h->has_order = reader->head.has_order != 0;
    if (!h->has_order)
        return 0;
    if (reader->piece[PIECE_ORDER].size != n * 8)
        return BLOCK_E_UNREADABLE;
    memcpy(h->order, piece_data(reader, PIECE_ORDER), n * 8);
    return 0;
}

/* The refunds, back where they belong. */
static int refunds_read(const struct reader *reader, struct histories *h)
{
    uint32_t n = reader->head.n_refund_lines, *line = NULL, *refunds = NULL;
    int64_t *returned = NULL;
    int r = BLOCK_E_UNREADABLE;
    h->has_refunds = n > 0;
    if (n == 0)
        return 0;
    if (n > h->n_lines)
        return r;
    line = malloc(n * sizeof *line);
    refunds = malloc(n * sizeof *refunds);
    returned = malloc(n * sizeof *returned);
    if (!line || !refunds || !returned) {
        r = log_fail(STATUS_BUG, "out of memory for the refunds of a block");
        goto out;
    }
    if (column_from(reader, PIECE_REFUND_LINE, PACKED_U32, n, line) != 0 ||
        column_from(reader, PIECE_RETURNED, PACKED_I64, n, returned) != 0 ||
        column_from(reader, PIECE_REFUNDS, PACKED_U32, n, refunds) != 0)
        goto out;
    memset(h->returned, 0, h->n_lines * sizeof *h->returned);
    memset(h->refunds, 0, h->n_lines * sizeof *h->refunds);
    for (uint32_t i = 0; i < n; i++) {
        if (line[i] >= h->n_lines)
            goto out;
        h->returned[line[i]] = returned[i];
        h->refunds[line[i]] = refunds[i];
    }
    r = 0;
out:
    free(line);
    free(refunds);
    free(returned);
    return r;
}

static void hashes_make(struct histories *h)
{
    for (uint32_t i = 0; i < h->n; i++) {
        size_t length;
        const char *id = histories_id(h, i, &length);
        h->hash[i] = hash_customer(id, length);
    }
}

/* Nobody is in a shard but for a row. */
static int all_have_lines(const uint32_t *first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (first[i] == first[i + 1])
            return 0;
    return 1;
}

int block_read(struct slice bytes, enum block_hashes hashes, struct histories *histories)
{
    struct reader reader;
    if (reader_open(bytes, &reader) != 0)
        return BLOCK_E_UNREADABLE;
    size_t ids = reader.piece[PIECE_IDS].size;
    if (ids > UINT32_MAX)
        return BLOCK_E_UNREADABLE;
    int r = histories_room(histories, reader.head.n_customers, reader.head.n_lines, ids);
    if (r < 0)
        return r;
    if (ids > 0)
        memcpy(histories->ids, piece_data(&reader, PIECE_IDS), ids);
    if (offsets_from(&reader, PIECE_ID_LENGTH, ids, histories->id_offset) != 0 ||
        offsets_from(&reader, PIECE_LINES, reader.head.n_lines, histories->line_first) != 0 ||
        !all_have_lines(histories->line_first, reader.head.n_customers) ||
        lines_read(&reader, histories) != 0)
        return BLOCK_E_UNREADABLE;
    r = refunds_read(&reader, histories);
    if (r != 0)
        return r;
    histories->n = reader.head.n_customers;
    if (hashes == BLOCK_WITH_HASHES)
        hashes_make(histories);
    return 0;
}
