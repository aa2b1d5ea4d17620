/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_WIRE_READERS_H
#define SUPPORT_WIRE_READERS_H

#include "common/arena.h"
#include "common/line.h"

/* Every reader of the wire behind one face: reads part 1, and where the answer is 0 looks at every
 * byte of what it filled and aborts where that contradicts itself or what the header promises. Shared
 * by the tests of strangers' letters and by the fuzz target. */
struct wire_reader {
    const char *name;
    int (*read)(const struct parcel *parcel, struct arena *arena);
};

const struct wire_reader *wire_readers(size_t *n);

#endif
