/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_TRANSCRIPT_H
#define SUPPORT_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/line.h"

/* What a role heard, as bytes that a fuzzer can change: of each letter who said it (0 to 3), how long after
 * the one before, its parts. Any bytes are a transcript. */

struct transcript_letter {
    int who;
    int64_t later_ms;
    struct parcel parcel; /* the caller's to clear */
};

void transcript_write(FILE *file, int who, int64_t later_ms, const struct parcel *parcel);
/* The next letter of what is left: 1, or 0 where there is none. Failure of memory aborts. */
int transcript_read(const uint8_t **data, size_t *size, struct transcript_letter *letter);

/* What each of a cast hears, into files of a directory: sink, ventilator, worker. */
#define TRANSCRIPT_ROLES 3
struct transcript {
    FILE *file[TRANSCRIPT_ROLES];
    int64_t last_ms[TRANSCRIPT_ROLES];
};
int transcript_open(struct transcript *transcript, const char *directory);
/* Numbers as on the stage: 0 the ventilator, 1 the sink, then workers, of whom the first is heard. */
void transcript_note(struct transcript *transcript, size_t from, size_t to, int64_t now_ms,
                     const struct parcel *parcel);
void transcript_close(struct transcript *transcript);

#endif
