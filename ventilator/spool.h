/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SPOOL_H
#define VENTILATOR_SPOOL_H

#include <stdint.h>

#include "common/hash.h"
#include "common/status.h"
#include "score/purchase.h"

/* Accepted rows on disk, by shard, as the bytes that will go to the wire. One segment holds what
 * was read of one stretch of one input; segments are never changed once sealed. */

struct spool_segment;

/* A thread's way in; pens of one segment may write at the same time. */
struct spool_pen;

int spool_pen_open(struct spool_segment *segment, struct spool_pen **pen) MUST_USE;

/* Appends rows of one shard; borrowed. Best in batches of some hundred rows. */
int spool_pen_rows(struct spool_pen *pen, uint32_t shard,
                   const struct purchase_rows *rows) MUST_USE;

/* What was buffered is written. */
int spool_pen_close(struct spool_pen **pen) MUST_USE;

#endif
