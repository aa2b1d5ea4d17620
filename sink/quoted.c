/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a cell need quotes lies below '-' and above it lies nearly all that ids and names are made of:
 * eight bytes are looked at together for any below it, and only where there is one each by itself. */
#include "sink/quoted.h"

#include <stdint.h>
#include <stdlib.h>

#include "common/log.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t word_at(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

/* Not 0 where any of eight bytes is below '-'; which of them is another question. */
static uint64_t low_in(uint64_t word)
{
    return (word - EACH('-')) & ~word & EACH(0x80);
}

static int must_be_quoted(const char *text, size_t size)
{
    int quote = 0;
    for (size_t i = 0; i < size; i++)
        quote |= text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    return quote;
}

static char *put_quoted(char *out, const char *text, size_t size)
{
    *out++ = '"';
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            *out++ = '"';
        *out++ = text[i];
    }
    *out++ = '"';
    return out;
}

char *quoted_put(char *out, const char *text, size_t size)
{
    size_t words = size / 8 * 8;
    uint64_t low = 0;
    for (size_t i = 0; i < words; i += 8)
        low |= low_in(word_at(text + i));
    if (must_be_quoted(text + words, size - words) || (low && must_be_quoted(text, words)))
        return put_quoted(out, text, size);
    memcpy(out, text, size);
    return out + size;
}

char *quoted_put_within(char *out, const char *text, size_t size, size_t room)
{
    uint64_t low = 0;
    if (size > QUOTED_AT_ONCE || room < QUOTED_AT_ONCE)
        return quoted_put(out, text, size);
    for (size_t i = 0; i < size; i += 8) {
        size_t left = size - i;
        uint64_t beyond = left < 8 ? ~UINT64_C(0) << 8 * left : 0; /* bytes of the next text */
        low |= low_in(word_at(text + i) | beyond);
    }
    if (low)
        return quoted_put(out, text, size);
    memcpy(out, text, QUOTED_AT_ONCE);
    return out + size;
}

int quoted_make(struct quoted *quoted, const char *text, size_t size)
{
    size_t room = QUOTED_ROOM(size) + QUOTED_AT_ONCE;
    quoted->text = calloc(room, 1);
    if (!quoted->text)
        return log_fail(STATUS_BUG, "out of memory for a word of %zu bytes", size);
    quoted->size = (size_t)(quoted_put(quoted->text, text, size) - quoted->text);
    return 0;
}

void quoted_free(struct quoted *quoted)
{
    free(quoted->text);
    *quoted = (struct quoted){0};
}
