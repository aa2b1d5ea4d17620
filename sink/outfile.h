/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_OUTFILE_H
#define SINK_OUTFILE_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* One output file: mode 0600, hashed and written by threads of its own so that formatting goes on meanwhile. */

struct outfile;
struct trace;

#define OUTFILE_SHA_TEXT 65

int outfile_open(const char *directory, const char *name, struct outfile **file) MUST_USE;

/* Before the first buffer is given: what its threads do is traced, on this lane and the next. */
void outfile_trace(struct outfile *file, struct trace *trace, uint32_t lane);

/* Takes a malloc'd buffer; waits while too much is still to be written. */
int outfile_give(struct outfile *file, char *buffer, size_t size) MUST_USE;

/* Copies. */
int outfile_write(struct outfile *file, const void *data, size_t size) MUST_USE;

struct outfile_sum {
    char name[64];
    uint64_t bytes;
    uint64_t rows; /* the caller's to fill */
    char sha256[OUTFILE_SHA_TEXT];
};

/* Everything is on disk (synced) when it answers 0. Failure or not, the file is closed. */
int outfile_close(struct outfile **file, struct outfile_sum *sum) MUST_USE;
/* Closes and leaves what was written. */
void outfile_abandon(struct outfile **file);

#endif
