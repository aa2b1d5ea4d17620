/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_QUOTED_H
#define SINK_QUOTED_H

#include <stddef.h>
#include <string.h>

#include "common/status.h"

/* Texts as cells of a CSV, RFC 4180: quoted where they must be. Each function writes at out and answers the
 * end of what it wrote, and may touch QUOTED_AT_ONCE bytes from out on however short that is: copying so
 * many takes two instructions, copying as many as there are takes a call. */
#define QUOTED_AT_ONCE 32

/* The longest cell of so many bytes. */
#define QUOTED_ROOM(size) (2 * (size) + 2)

char *quoted_put(char *out, const char *text, size_t size);

/* The same, quick for short ones: room (>= size) bytes may be read from text on. */
char *quoted_put_within(char *out, const char *text, size_t size, size_t room);

/* A text that is put often, quoted once; {0} is the empty one. */
struct quoted {
    char *text; /* at least QUOTED_AT_ONCE bytes; NULL: empty */
    size_t size;
};

int quoted_make(struct quoted *quoted, const char *text, size_t size) MUST_USE;
void quoted_free(struct quoted *quoted);

static inline char *quoted_again(char *out, const struct quoted *quoted)
{
    if (quoted->size == 0)
        return out;
    memcpy(out, quoted->text, QUOTED_AT_ONCE);
    if (quoted->size > QUOTED_AT_ONCE)
        memcpy(out, quoted->text, quoted->size);
    return out + quoted->size;
}

#endif
