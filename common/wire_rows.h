/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_ROWS_H
#define COMMON_WIRE_ROWS_H

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
