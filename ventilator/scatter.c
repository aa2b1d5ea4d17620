/* SPDX-License-Identifier: Apache-2.0 */
/* A stretch of memory a shard, rows as records behind one another; columns are made of them when it
 * is full. Columns from the start were refused: a row then touches as many lines of the cache as it
 * has columns, and those of all shards together are more than the nearest cache holds. An id that
 * does not fit into an empty stretch goes to the pen alone. */
#include "ventilator/scatter.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/large.h"
#include "common/log.h"

/* An id up to either length is copied as if it were this long: no loop, no call. The longer one has
 * room for a UUID. */
#define COPY_BYTES      16
#define COPY_LONG_BYTES ROW_ID_READABLE
#define BIN_LEAST       512
#define BIN_MOST        16384
#define LINE_BYTES      64

enum { TOO_LARGE = 1 };

/* A record's beginning. Behind it the order, where there are any, and the id up to a multiple of
 * eight bytes. */
struct record {
    int64_t amount;
    int32_t day;
    uint32_t id_length;
};

/* Where a shard's next record goes. */
struct bin {
    char *at;
    char *end;
};

/* Columns with room for the records of any bin. */
struct sheaf {
    int64_t *amount;
    uint64_t *order;
    int32_t *day;
    uint16_t *id_length;
    char *ids;
};

struct scatter {
    struct spool_pen *pen;
    uint32_t shards;
    uint32_t shift; /* of a hash's upper 63 bits: what is left is the shard */
    size_t bin_bytes;
    size_t head_bytes; /* of a record before its id */
    int has_order;
    struct bin *bins;
    char *memory;
    struct sheaf sheaf;
    char *columns; /* the sheaf's memory */
};

static size_t bin_bytes_for(uint32_t shards)
{
    size_t bytes = SCATTER_BYTES / shards & ~(size_t)(LINE_BYTES - 1);
    if (bytes > BIN_MOST)
        return BIN_MOST;
    return bytes < BIN_LEAST ? BIN_LEAST : bytes;
}

static char *memory_of(const struct scatter *scatter, uint32_t shard)
{
    return scatter->memory + shard * scatter->bin_bytes;
}

static size_t memory_bytes(const struct scatter *scatter)
{
    return scatter->shards * scatter->bin_bytes;
}

/* Of a bin, for records; behind its last one COPY_LONG_BYTES may be written. */
static size_t room_of(const struct scatter *scatter)
{
    return scatter->bin_bytes - COPY_LONG_BYTES;
}

static int sheaf_new(struct scatter *scatter)
{
    size_t rows = scatter->bin_bytes / scatter->head_bytes;
    char *memory = malloc(rows * 22 + scatter->bin_bytes + COPY_LONG_BYTES);
    if (!memory)
        return 0;
    scatter->columns = memory;
    scatter->sheaf = (struct sheaf){.amount = (int64_t *)(void *)memory,
                                    .order = (uint64_t *)(void *)(memory + rows * 8),
                                    .day = (int32_t *)(void *)(memory + rows * 16),
                                    .id_length = (uint16_t *)(void *)(memory + rows * 20),
                                    .ids = memory + rows * 22};
    return 1;
}

static void empty(struct scatter *scatter, uint32_t shard)
{
    char *memory = memory_of(scatter, shard);
    scatter->bins[shard] = (struct bin){memory, memory + room_of(scatter)};
}

int scatter_new(struct spool_pen *pen, uint32_t shards, int has_order, struct scatter **out)
{
    struct scatter *scatter = calloc(1, sizeof *scatter);
    if (scatter) {
        *scatter = (struct scatter){.pen = pen,
                                    .shards = shards,
                                    .shift = 63 - (uint32_t)__builtin_ctz(shards),
                                    .bin_bytes = bin_bytes_for(shards),
                                    .head_bytes =
                                        sizeof(struct record) + (has_order ? sizeof(uint64_t) : 0),
                                    .has_order = has_order};
        scatter->bins = calloc(shards, sizeof *scatter->bins);
        scatter->memory = large_new(memory_bytes(scatter));
    }
    if (!scatter || !scatter->bins || !scatter->memory || !sheaf_new(scatter)) {
        if (scatter)
            scatter_destroy(&scatter);
        return log_fail(STATUS_BUG, "no memory for the rows of %u shards", shards);
    }
    for (uint32_t shard = 0; shard < shards; shard++)
        empty(scatter, shard);
    *out = scatter;
    return 0;
}

void scatter_destroy(struct scatter **scatter)
{
    if (!*scatter)
        return;
    free((*scatter)->columns);
    free((*scatter)->bins);
    large_free((*scatter)->memory, memory_bytes(*scatter));
    free(*scatter);
    *scatter = NULL;
}

/* As hash_shard, without a question. */
static inline uint32_t shard_of(const struct scatter *scatter, const struct row *row)
{
    return (uint32_t)(row->hash >> 1 >> scatter->shift);
}

/* Bytes of an id in a record. */
static inline size_t id_room(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static inline void copy_id(char *to, const char *from, size_t size)
{
    if (size <= COPY_BYTES)
        memcpy(to, from, COPY_BYTES);
    else if (size <= COPY_LONG_BYTES)
        memcpy(to, from, COPY_LONG_BYTES);
    else
        memcpy(to, from, size);
}

/* The records up to end as columns; answers how many. */
static size_t unload(const struct scatter *scatter, const char *at, const char *end)
{
    const struct sheaf sheaf = scatter->sheaf;
    char *ids = sheaf.ids;
    size_t n = 0;
    for (; at < end; n++) {
        struct record record;
        memcpy(&record, at, sizeof record);
        memcpy(&sheaf.order[n], at + sizeof record, sizeof *sheaf.order);
        at += scatter->head_bytes;
        copy_id(ids, at, record.id_length);
        at += id_room(record.id_length);
        ids += record.id_length;
        sheaf.amount[n] = record.amount;
        sheaf.day[n] = record.day;
        sheaf.id_length[n] = (uint16_t)record.id_length;
    }
    return n;
}

static int flush(struct scatter *scatter, uint32_t shard)
{
    const struct sheaf *sheaf = &scatter->sheaf;
    const size_t n = unload(scatter, memory_of(scatter, shard), scatter->bins[shard].at);
    const struct purchase_rows rows = {.n = n,
                                       .ids = sheaf->ids,
                                       .id_length = sheaf->id_length,
                                       .day = sheaf->day,
                                       .amount = sheaf->amount,
                                       .order = scatter->has_order ? sheaf->order : NULL};
    empty(scatter, shard);
    return n ? spool_pen_rows(scatter->pen, shard, &rows) : 0;
}

static int give_alone(struct scatter *scatter, uint32_t shard, const struct row *row)
{
    const uint16_t length = (uint16_t)row->id.size;
    const struct purchase_rows rows = {.n = 1,
                                       .ids = row->id.data,
                                       .id_length = &length,
                                       .day = &row->day,
                                       .amount = &row->amount,
                                       .order = scatter->has_order ? &row->order : NULL};
    return spool_pen_rows(scatter->pen, shard, &rows);
}

/* Makes room for a record of so many bytes; answers whether there is. */
static int make_room(struct scatter *scatter, uint32_t shard, size_t size)
{
    int r = flush(scatter, shard);
    return r ? r : size > room_of(scatter) ? TOO_LARGE : 0;
}

static inline int put(struct scatter *scatter, const struct row *row)
{
    const uint32_t shard = shard_of(scatter, row);
    const size_t size = scatter->head_bytes + id_room(row->id.size);
    const struct record record = {row->amount, row->day, (uint32_t)row->id.size};
    struct bin *bin = &scatter->bins[shard];
    if ((size_t)(bin->end - bin->at) < size) {
        int r = make_room(scatter, shard, size);
        if (r)
            return r == TOO_LARGE ? give_alone(scatter, shard, row) : r;
    }
    char *at = bin->at;
    memcpy(at, &record, sizeof record);
    memcpy(at + sizeof record, &row->order, sizeof row->order); /* the id's place without orders */
    copy_id(at + scatter->head_bytes, row->id.data, row->id.size);
    bin->at = at + size;
    return 0;
}

int scatter_rows(struct scatter *scatter, const struct row *rows, size_t n)
{
    int r = 0;
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(scatter->bins[shard_of(scatter, &rows[i])].at, 1);
    for (size_t i = 0; i < n && !r; i++)
        r = put(scatter, &rows[i]);
    return r;
}

int scatter_flush(struct scatter *scatter)
{
    int r = 0;
    for (uint32_t shard = 0; shard < scatter->shards && !r; shard++)
        r = flush(scatter, shard);
    return r;
}
