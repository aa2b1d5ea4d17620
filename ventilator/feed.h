/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_FEED_H
#define VENTILATOR_FEED_H

#include "common/line.h"
#include "common/status.h"
#include "ventilator/muster.h"
#include "ventilator/spool.h"

/* The frames on their way to workers: a queue of leases for each, read from the spool no faster than
 * the worker takes them, so that neither side's memory grows with a shard. */

struct feed;
struct trace;

int feed_new(struct line *line, uint32_t window, struct feed **feed) MUST_USE;
void feed_destroy(struct feed **feed);
void feed_trace(struct feed *feed, struct trace *trace);

/* What one lease's DATA letters are made of. */
struct feed_order {
    struct digest job;
    uint32_t stage, shard, attempt;
    struct spool_segment **rows; /* a malloc'd list; the segments are borrowed until it is fed */
    size_t n_rows;
    struct spool_segment *attributes; /* NULL: none */
};
/* How many DATA letters it will be. */
uint32_t feed_frames(const struct feed_order *order);
/* Queues it, and takes its list. */
int feed_add(struct feed *feed, uint32_t place, const struct feed_order *order) MUST_USE;

/* Forgets what is queued: for one lease; for a worker that has left. */
void feed_cancel(struct feed *feed, uint32_t place, uint32_t stage, uint32_t shard);
void feed_forget(struct feed *feed, uint32_t place);

/* Sends what may be sent now. Sets *wake_ms nearer where a full peer has to be tried again. */
int feed_some(struct feed *feed, struct muster *muster, int64_t now_ms, int64_t *wake_ms) MUST_USE;

uint64_t feed_bytes(const struct feed *feed); /* sent so far */

/* The segments that a holding lacks, as a list of their own, which the caller frees; NULL without memory. */
struct spool_segment **feed_lacking(struct spool_segment *const *segments, size_t n_segments,
                                    const struct digest *have, size_t n_have, size_t *n);

#endif
