/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_BLOCKS_H
#define SINK_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Bytes on their way to a file, a block at a time; a thread of its own waits for the disk, once there is a
 * whole block. For one thread; failures are errno's. */

struct blocks;
struct trace;

/* file stays the caller's; its flags do not. */
int blocks_open(int file, struct blocks **blocks) MUST_USE;
void blocks_trace(struct blocks *blocks, struct trace *trace, uint32_t lane);

/* Copies; waits while too many blocks are on their way. 0, or the first failure. */
int blocks_add(struct blocks *blocks, const char *data, size_t size) MUST_USE;

/* Writes what is left, which is not synced. 0, or the first failure. */
int blocks_end(struct blocks *blocks) MUST_USE;
void blocks_close(struct blocks **blocks);

#endif
