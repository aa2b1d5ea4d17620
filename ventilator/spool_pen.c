/* SPDX-License-Identifier: Apache-2.0 */
/* Each thread stages chunks by shard until they make an extent; only where in the file an extent goes
 * is settled under the segment's lock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/large.h"
#include "common/log.h"
#include "ventilator/spool_segment.h"

#define STAGING_TOTAL    ((size_t)16 << 20)
#define STAGING_GREATEST ((size_t)64 << 10)
#define STAGING_LEAST    ((size_t)4 << 10)
#define CHUNK_ARENA      ((size_t)64 << 20)

enum { TOO_LARGE = 1 };

struct staging {
    uint8_t *bytes;
    size_t size;
    uint64_t rows;
};

struct spool_pen {
    struct spool_segment *segment;
    struct arena *arena;
    struct staging *staging; /* one a shard */
    uint8_t *bytes;          /* of all of them */
    size_t staging_size;
};

int spool_write_whole(int file, const void *data, size_t size, uint64_t offset)
{
    const char *bytes = data;
    while (size > 0) {
        ssize_t n = pwrite(file, bytes, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

static size_t staging_size(uint32_t shards)
{
    size_t size = STAGING_TOTAL / shards;
    if (size > STAGING_GREATEST)
        return STAGING_GREATEST;
    return size < STAGING_LEAST ? STAGING_LEAST : size;
}

int spool_pen_open(struct spool_segment *segment, struct spool_pen **out)
{
    uint32_t shards = segment->spool->shards;
    struct spool_pen *pen = calloc(1, sizeof *pen);
    if (!pen)
        return log_fail(STATUS_BUG, "out of memory for a spool pen");
    pen->segment = segment;
    pen->staging_size = staging_size(shards);
    pen->arena = arena_new(CHUNK_ARENA);
    pen->staging = calloc(shards, sizeof *pen->staging);
    pen->bytes = large_new(pen->staging_size * shards);
    if (!pen->arena || !pen->staging || !pen->bytes) {
        int r = log_fail(STATUS_BUG, "out of memory for the staging of %u shards", shards);
        arena_destroy(&pen->arena);
        free(pen->staging);
        large_free(pen->bytes, pen->staging_size * shards);
        free(pen);
        return r;
    }
    for (uint32_t s = 0; s < shards; s++)
        pen->staging[s].bytes = pen->bytes + s * pen->staging_size;
    *out = pen;
    return 0;
}

/* Notes an extent and answers where in the file it goes; < 0 without memory. */
static int extent_add(struct spool_segment *segment, struct extent *extent)
{
    int r = 0;
    pthread_mutex_lock(&segment->lock);
    if (segment->n_extents == segment->room) {
        size_t room = segment->room ? segment->room * 2 : 1024;
        struct extent *more = realloc(segment->extents, room * sizeof *more);
        if (more) {
            segment->extents = more;
            segment->room = room;
        } else {
            r = log_fail(STATUS_BUG, "out of memory for %zu spool extents", room);
        }
    }
    if (r == 0) {
        extent->offset = segment->end;
        segment->end += extent->size;
        segment->extents[segment->n_extents++] = *extent;
    }
    pthread_mutex_unlock(&segment->lock);
    return r;
}

static int extent_write(struct spool_pen *pen, uint32_t shard, struct slice bytes, uint64_t rows)
{
    struct extent extent = {.shard = shard, .size = (uint32_t)bytes.size, .rows = rows};
    extent.hash = XXH3_64bits(bytes.data, bytes.size);
    int r = extent_add(pen->segment, &extent);
    if (r < 0)
        return r;
    if (spool_write_whole(pen->segment->file, bytes.data, bytes.size, extent.offset) != 0)
        return log_fail(STATUS_IO, "cannot write %zu bytes to %s: %s; --state names another place",
                        bytes.size, pen->segment->draft, strerror(errno));
    return 0;
}

static int staging_flush(struct spool_pen *pen, uint32_t shard)
{
    struct staging *staging = &pen->staging[shard];
    if (staging->size == 0)
        return 0;
    int r = extent_write(pen, shard, (struct slice){staging->bytes, staging->size}, staging->rows);
    staging->size = 0;
    staging->rows = 0;
    return r;
}

/* Where a chunk of a shard goes; TOO_LARGE: nowhere. */
static int make_room(struct spool_pen *pen, uint32_t shard, size_t size, uint64_t rows, void **room)
{
    struct staging *staging = &pen->staging[shard];
    int r = size > pen->staging_size - staging->size ? staging_flush(pen, shard) : 0;
    if (r < 0)
        return r;
    if (size > pen->staging_size)
        return TOO_LARGE;
    *room = staging->bytes + staging->size;
    staging->size += size;
    staging->rows += rows;
    return 0;
}

int spool_pen_rows(struct spool_pen *pen, uint32_t shard, const struct purchase_rows *rows)
{
    const struct wire_rows_plan plan = wire_rows_plan(rows);
    struct slice chunk;
    void *room;
    int r = make_room(pen, shard, plan.size, rows->n, &room);
    if (r == 0)
        wire_rows_write(rows, &plan, room);
    if (r != TOO_LARGE)
        return r;
    arena_reset(pen->arena);
    r = wire_rows_chunk(rows, pen->arena, &chunk);
    return r < 0 ? r : extent_write(pen, shard, chunk, rows->n);
}

int spool_pen_attributes(struct spool_pen *pen, uint32_t shard, const struct attribute_rows *rows)
{
    struct slice chunk;
    void *room;
    arena_reset(pen->arena);
    int r = wire_attributes_chunk(rows, pen->arena, &chunk);
    if (r == 0)
        r = make_room(pen, shard, chunk.size, rows->n, &room);
    if (r == 0)
        memcpy(room, chunk.data, chunk.size);
    return r == TOO_LARGE ? extent_write(pen, shard, chunk, rows->n) : r;
}

int spool_pen_close(struct spool_pen **pen)
{
    int r = 0;
    if (!*pen)
        return 0;
    for (uint32_t s = 0; r == 0 && s < (*pen)->segment->spool->shards; s++)
        r = staging_flush(*pen, s);
    arena_destroy(&(*pen)->arena);
    free((*pen)->staging);
    large_free((*pen)->bytes, (*pen)->staging_size * (*pen)->segment->spool->shards);
    free(*pen);
    *pen = NULL;
    return r;
}
