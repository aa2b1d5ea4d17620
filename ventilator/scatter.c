/* SPDX-License-Identifier: Apache-2.0 */
/* One block of memory, a stretch a shard: ids behind one another, then the columns. An id that
 * does not fit into an empty stretch goes to the pen alone. */
#include "ventilator/scatter.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/large.h"
#include "common/log.h"

#define ID_BYTES   16 /* room for ids, a row on average */
#define COPY_BYTES 16 /* an id up to this is copied as if it were this long: no loop, no call */
#define ROWS_MOST  512
#define ROWS_LEAST 16

/* What a shard has gathered. */
struct bin {
    size_t n;
    size_t id_bytes;
    uint64_t *order;
    int64_t *amount;
    int32_t *day;
    uint16_t *id_length;
    char *ids;
};

struct scatter {
    struct spool_pen *pen;
    uint32_t shards;
    size_t rows; /* a bin's */
    int has_order;
    struct bin *bins;
    char *memory;
};

/* Orders only where there are any. */
static size_t row_bytes(int has_order)
{
    size_t order = has_order ? sizeof(uint64_t) : 0;
    return order + sizeof(int64_t) + sizeof(int32_t) + sizeof(uint16_t) + ID_BYTES;
}

static size_t rows_for(uint32_t shards, int has_order)
{
    size_t rows = SCATTER_BYTES / (shards * row_bytes(has_order));
    if (rows > ROWS_MOST)
        return ROWS_MOST;
    return rows < ROWS_LEAST ? ROWS_LEAST : rows & ~(size_t)7;
}

static size_t bin_bytes(const struct scatter *scatter)
{
    return scatter->rows * row_bytes(scatter->has_order) + COPY_BYTES;
}

static void lay_out(struct scatter *scatter)
{
    size_t rows = scatter->rows;
    for (uint32_t shard = 0; shard < scatter->shards; shard++) {
        struct bin *bin = &scatter->bins[shard];
        char *memory = scatter->memory + shard * bin_bytes(scatter);
        bin->amount = (int64_t *)(void *)memory;
        bin->day = (int32_t *)(void *)(memory + rows * 8);
        bin->id_length = (uint16_t *)(void *)(memory + rows * 12);
        if (scatter->has_order)
            bin->order = (uint64_t *)(void *)(memory + rows * 14);
        bin->ids = memory + rows * (scatter->has_order ? 22 : 14);
    }
}

int scatter_new(struct spool_pen *pen, uint32_t shards, int has_order, struct scatter **out)
{
    struct scatter *scatter = calloc(1, sizeof *scatter);
    if (scatter) {
        *scatter = (struct scatter){.pen = pen,
                                    .shards = shards,
                                    .rows = rows_for(shards, has_order),
                                    .has_order = has_order};
        scatter->bins = calloc(shards, sizeof *scatter->bins);
        scatter->memory = large_new(shards * bin_bytes(scatter));
    }
    if (!scatter || !scatter->bins || !scatter->memory) {
        if (scatter)
            scatter_destroy(&scatter);
        return log_fail(STATUS_BUG, "no memory for the rows of %u shards", shards);
    }
    lay_out(scatter);
    *out = scatter;
    return 0;
}

void scatter_destroy(struct scatter **scatter)
{
    if (!*scatter)
        return;
    free((*scatter)->bins);
    large_free((*scatter)->memory, (*scatter)->shards * bin_bytes(*scatter));
    free(*scatter);
    *scatter = NULL;
}

static int flush(struct scatter *scatter, uint32_t shard)
{
    struct bin *bin = &scatter->bins[shard];
    const struct purchase_rows rows = {.n = bin->n,
                                       .ids = bin->ids,
                                       .id_length = bin->id_length,
                                       .day = bin->day,
                                       .amount = bin->amount,
                                       .order = scatter->has_order ? bin->order : NULL};
    bin->n = bin->id_bytes = 0;
    return rows.n ? spool_pen_rows(scatter->pen, shard, &rows) : 0;
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

int scatter_row(struct scatter *scatter, const struct row *row)
{
    uint32_t shard = hash_shard(row->hash, scatter->shards);
    struct bin *bin = &scatter->bins[shard];
    if (bin->n == scatter->rows || bin->id_bytes + row->id.size > scatter->rows * ID_BYTES) {
        int r = flush(scatter, shard);
        if (r)
            return r;
        if (row->id.size > scatter->rows * ID_BYTES)
            return give_alone(scatter, shard, row);
    }
    if (row->id.size <= COPY_BYTES)
        memcpy(bin->ids + bin->id_bytes, row->id.data, COPY_BYTES);
    else
        memcpy(bin->ids + bin->id_bytes, row->id.data, row->id.size);
    bin->id_bytes += row->id.size;
    bin->id_length[bin->n] = (uint16_t)row->id.size;
    bin->day[bin->n] = row->day;
    bin->amount[bin->n] = row->amount;
    if (scatter->has_order)
        bin->order[bin->n] = row->order;
    bin->n++;
    return 0;
}

int scatter_flush(struct scatter *scatter)
{
    int r = 0;
    for (uint32_t shard = 0; shard < scatter->shards && !r; shard++)
        r = flush(scatter, shard);
    return r;
}
