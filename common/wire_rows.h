/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_ROWS_H
#define COMMON_WIRE_ROWS_H

#include "common/packed.h"
#include "common/wire.h"
#include "score/purchase.h"

/* The payload of DATA. Chunks are serialised one at a time, kept on disk as they are, and
 * concatenated into frames: to protobuf the result is one message with all of the chunks. */

#define ROWS_PER_CHUNK_LIMIT 65536

/* Rows of --customers as columns, like struct purchase_rows. */
struct attribute_rows {
    size_t n;
    const char *ids;
    const uint16_t *id_length;
    const uint8_t *known;    /* ATTRIBUTE_* */
    const int64_t *units;    /* 1/10,000; 0 where not known */
    const int64_t *declared; /* money; 0 where not known */
    const char *groups;
    const uint16_t *group_length;
    const uint32_t *rank; /* by wallet_rank, 0 where not known; NULL: of nobody */
};
enum { ATTRIBUTE_UNITS = 1, ATTRIBUTE_DECLARED = 2 };

/* What a chunk of rows takes, and how it is written. */
struct wire_rows_plan {
    struct packed id_length, day, amount;
    size_t ids;    /* bytes */
    size_t inside; /* bytes of the message */
    size_t size;   /* bytes of the chunk */
};
struct wire_rows_plan wire_rows_plan(const struct purchase_rows *rows);
/* Writes plan->size bytes. */
void wire_rows_write(const struct purchase_rows *rows, const struct wire_rows_plan *plan,
                     void *bytes);

/* One chunk as bytes in the arena. STATUS_BUG without memory. */
int wire_rows_chunk(const struct purchase_rows *rows, struct arena *arena,
                    struct slice *chunk) MUST_USE;
int wire_attributes_chunk(const struct attribute_rows *rows, struct arena *arena,
                          struct slice *chunk) MUST_USE;

/* The chunks of payload part i, in arena memory; the ids of rows are borrowed from the parcel. */
int wire_rows_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   const struct purchase_rows **chunks, size_t *n) MUST_USE;
int wire_attributes_read(const struct parcel *parcel, size_t i, struct arena *arena,
                         const struct attribute_rows **chunks, size_t *n) MUST_USE;

#endif
