/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SPOOL_SEGMENT_H
#define VENTILATOR_SPOOL_SEGMENT_H

/* Private to spool.c and spool_pen.c: what a segment is while it is written and read. */

#include <pthread.h>

#include "ventilator/spool.h"

#define PATH_BYTES 4096

struct extent {
    uint64_t offset;
    uint64_t hash; /* XXH3-64 of its bytes */
    uint64_t rows;
    uint32_t shard;
    uint32_t size;
};

struct spool {
    char directory[PATH_BYTES];
    uint32_t shards;
    uint32_t next_draft;
};

struct spool_segment {
    struct spool *spool;
    struct digest id; /* none until sealed */
    char draft[PATH_BYTES];
    int file;
    pthread_mutex_t lock; /* of end, extents, n_extents, room while pens write */
    uint64_t end;
    struct extent *extents; /* once sealed: by shard, then offset */
    size_t n_extents, room;
    size_t *first; /* once sealed: shards + 1 entries into extents */
};

/* Everything at the offset, or -1 with errno. */
int spool_write_whole(int file, const void *data, size_t size, uint64_t offset);

#endif
