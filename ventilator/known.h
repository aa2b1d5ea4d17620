/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_KNOWN_H
#define VENTILATOR_KNOWN_H

#include <stdint.h>

#include "common/hash.h"
#include "common/status.h"
#include "ventilator/stamp.h"

/* The inputs that a kept state knows: what bytes they had, how their rows were read, and which
 * segments of the spool those rows are in. One small text file beside the spool. */

struct known;

#define KNOWN_SEGMENTS_LIMIT 256 /* of one input: nights on which it grew */

struct known_input {
    uint64_t bytes;
    struct digest digest; /* of them */
    struct digest how;    /* survey_digest: how rows were read */
    struct stamp stamp;   /* of the file that had these bytes, or none */
    uint32_t n_segments;
    struct digest segment[KNOWN_SEGMENTS_LIMIT];
};

/* Reads the file in the directory; absent or damaged: nothing is known. *shards is the kept shard
 * count, 0 where there is none. */
int known_open(const char *directory, struct known **known, uint32_t *shards) MUST_USE;
void known_close(struct known **known);

size_t known_size(const struct known *known);
const struct known_input *known_at(const struct known *known, size_t i);

/* Adds an input, or replaces the one with the same digest and how. */
int known_add(struct known *known, const struct known_input *input) MUST_USE;
/* Keeps only those whose index is marked. */
void known_keep(struct known *known, const unsigned char *keep);
/* Writes the file aside and renames it. */
int known_write(const struct known *known, uint32_t shards) MUST_USE;

#endif
