/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the payload of any kind of letter: every wire_*_read answers 0 or that it is
 * malformed, and what it filled holds what its header promises (support/wire_readers.c looks). The
 * first byte chooses the reader, the next two say how many bytes the first payload part takes; the
 * rest is a second part, which only the groups of a model have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/wire.h"
#include "support/wire_readers.h"

#define ARENA_LIMIT ((size_t)16 << 20)
#define HEAD        3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory of its own size, so that reading past it is seen. */
static struct part part_of(const uint8_t *data, size_t size)
{
    void *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    return (struct part){copy, size, NULL, NULL};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n;
    const struct wire_reader *readers = wire_readers(&n);
    if (size < HEAD)
        return 0;
    const struct wire_reader *reader = &readers[data[0] % n];
    size_t first = (size_t)data[1] | (size_t)data[2] << 8, rest = size - HEAD;
    first = first < rest ? first : rest;
    struct parcel parcel = {.part = {{(void *)"", 0, NULL, NULL}}, .n = first < rest ? 3 : 2};
    parcel.part[1] = part_of(data + HEAD, first);
    parcel.part[2] = part_of(data + HEAD + first, rest - first);
    log_open(LOG_TEXT, "", (enum log_level)(LOG_ERROR + 1)); /* nobody reads the words */
    struct arena *arena = arena_new(ARENA_LIMIT);
    int r = arena ? reader->read(&parcel, arena) : 0;
    if (r != 0 && r != WIRE_E_MALFORMED && !(r == WIRE_E_VERSION && reader == readers))
        abort();
    arena_destroy(&arena);
    free(parcel.part[1].data);
    free(parcel.part[2].data);
    return 0;
}
