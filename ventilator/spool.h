/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SPOOL_H
#define VENTILATOR_SPOOL_H

#include <stdint.h>

#include "common/hash.h"
#include "common/line.h"
#include "common/status.h"
#include "common/wire_rows.h"
#include "score/purchase.h"

/* Accepted rows on disk, by shard, as the bytes that will go to the wire. One segment holds what
 * was read of one stretch of one input (or of a file of customers); once sealed it has a name and is
 * never changed, so a kept --state sends it again without reading the input again. */

struct spool;
struct spool_segment;

enum { SPOOL_E_ABSENT = 1 };

/* Opens or makes the directory (0700). Segments of another shard count or version, broken ones and
 * leftovers are removed with one log line each. */
int spool_open(const char *directory, uint32_t shards, struct spool **spool) MUST_USE;
void spool_close(struct spool **spool);

/* A new segment, not yet sealed; closing it unsealed removes it. */
int spool_segment_new(struct spool *spool, struct spool_segment **segment) MUST_USE;
/* Writes its index under the name id. No pen may be open. A segment of that name is replaced. */
int spool_segment_seal(struct spool_segment *segment, struct digest id) MUST_USE;
/* A sealed segment by name; SPOOL_E_ABSENT. */
int spool_segment_open(struct spool *spool, struct digest id,
                       struct spool_segment **segment) MUST_USE;
void spool_segment_close(struct spool_segment **segment);
/* Path of the file with this suffix that belongs to a segment (its facts), in 4096 bytes. */
void spool_segment_path(const struct spool *spool, struct digest id, const char *suffix,
                        char *path);
/* Forgets a sealed segment and its files. */
void spool_segment_remove(struct spool *spool, struct digest id);

struct digest spool_segment_id(const struct spool_segment *segment);
uint64_t spool_segment_bytes(const struct spool_segment *segment, uint32_t shard);
uint64_t spool_segment_rows(const struct spool_segment *segment, uint32_t shard);

/* A thread's way in; pens of one segment may write at the same time. */
struct spool_pen;

int spool_pen_open(struct spool_segment *segment, struct spool_pen **pen) MUST_USE;
/* Appends rows of one shard; borrowed. Best in batches of some hundred rows. */
int spool_pen_rows(struct spool_pen *pen, uint32_t shard,
                   const struct purchase_rows *rows) MUST_USE;
int spool_pen_attributes(struct spool_pen *pen, uint32_t shard,
                         const struct attribute_rows *rows) MUST_USE;
/* What was buffered is written. */
int spool_pen_close(struct spool_pen **pen) MUST_USE;

/* Frames of one shard of some sealed segments, one after the other, each at most SPOOL_FRAME bytes
 * (a single larger extent excepted; none is larger than LINE_PART_LIMIT). */
#define SPOOL_FRAME ((size_t)1 << 20)

struct spool_reading {
    struct spool_segment *const *segments;
    size_t n_segments;
    uint32_t shard;
    size_t segment; /* where it stands: start with 0, 0 */
    size_t extent;
};
uint32_t spool_frames(const struct spool_reading *from_here);
/* The next frame, whose part is then the caller's; SPOOL_E_ABSENT after the last. Bytes that are not
 * those that were written (a damaged disk) are STATUS_IO. */
int spool_read_frame(struct spool_reading *reading, struct part *frame) MUST_USE;

#endif
