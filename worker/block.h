/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_BLOCK_H
#define WORKER_BLOCK_H

#include "common/hash.h"
#include "common/status.h"
#include "worker/histories.h"

/* The bytes of a shard's histories in the cache, drawn in block.c: day-level, independent of any
 * as-of date or model, with the list of the input segments that are folded into it. */

enum { BLOCK_E_UNREADABLE = 1 }; /* another version, or damaged: not to be used */

/* Which segments a block holds; in the order given to block_write, which is sorted. */
struct block_set {
    const struct digest *segments; /* borrowed from the block */
    size_t n;
    uint64_t rows; /* ledger rows folded into it */
};

/* The block as one heap buffer (*bytes.data to be freed by the caller). */
int block_write(const struct histories *histories, const struct digest *segments, size_t n_segments,
                struct slice *bytes) MUST_USE;

/* The head alone, without reading the rest. */
int block_read_set(struct slice bytes, struct block_set *set) MUST_USE;

/* Whether the bytes still have the hash that they were written with. */
int block_check(struct slice bytes) MUST_USE;

/* Everything, into arrays of histories; checks the bytes' hash first. The 64-bit hashes of the
 * customers are not kept in a block: they are made again where asked for. */
enum block_hashes { BLOCK_WITHOUT_HASHES, BLOCK_WITH_HASHES };
int block_read(struct slice bytes, enum block_hashes hashes, struct histories *histories) MUST_USE;

#endif
