/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOUBLES_SPOOL_MEMORY_H
#define DOUBLES_SPOOL_MEMORY_H

#include "ventilator/spool.h"

/* A spool in memory: ventilator/spool.h once more, keeping every row it is given. */

struct spooled_row {
    uint32_t shard;
    char *id; /* ends with a NUL, too */
    size_t id_size;
    int32_t day;
    int64_t amount;
    uint64_t order;
    int has_order;
};

struct spool_segment *spool_memory_new(void);
void spool_memory_destroy(struct spool_segment **segment);

/* All rows, by (id, day, amount, order): the order of writing depends on threads. Borrowed. */
const struct spooled_row *spool_memory_rows(struct spool_segment *segment, size_t *n);
/* Pens that are open still. */
int spool_memory_open_pens(const struct spool_segment *segment);
/* From the n-th batch on, writing fails with STATUS_IO. */
void spool_memory_fail_at(struct spool_segment *segment, size_t n);

#endif
