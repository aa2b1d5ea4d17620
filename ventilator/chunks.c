/* SPDX-License-Identifier: Apache-2.0 */
/* A window of bytes that begins with a record: what the last chunk left over, and fresh bytes
 * behind it. Its whole records are the chunk, the rest is kept for the next window. Without a
 * quote in the window the last line end is the boundary; only with one is every quote looked at.
 * Splitting at any line end and repairing afterwards was refused: one quoted line end in the
 * wrong place would give different rows for different numbers of threads. */
#include "ventilator/chunks.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/csv.h"
#include "ventilator/mask.h"

/* Bytes that may be looked at in vain, in a small file and per byte of a large one. */
#define VAIN_BYTES    ((uint64_t)256 << 20)
#define VAIN_PER_BYTE 8

struct chunks {
    struct chunks_order order;
    char *kept; /* the beginning of the next window */
    size_t n_kept;
    uint64_t offset; /* of the next window */
    uint64_t line;
    uint64_t read; /* unpacked bytes */
    uint64_t vain; /* bytes searched for the end of records that were given up */
    int ended;     /* the input has nothing behind the kept bytes */
    int skipping;  /* inside the line of a record that was given up */
    int whole;     /* the last byte given out was a record's line end */
};

/* The window while it is looked at. */
struct window {
    char *bytes;
    size_t size;
};

static size_t window_limit(const struct chunks *chunks)
{
    return chunks->order.record_limit + chunks->order.size + 2;
}

size_t chunks_room(const struct chunks *chunks)
{
    return window_limit(chunks) + 1 + MASK_BYTES;
}

int chunks_new(const struct chunks_order *order, struct chunks **out)
{
    struct chunks *chunks = calloc(1, sizeof *chunks);
    if (chunks) {
        chunks->order = *order;
        chunks->kept = malloc(window_limit(chunks));
    }
    if (!chunks || !chunks->kept) {
        free(chunks);
        return log_fail(STATUS_BUG, "no memory for a window of the ledger");
    }
    chunks->offset = order->offset;
    chunks->line = order->line;
    chunks->whole = 1;
    *out = chunks;
    return 0;
}

void chunks_destroy(struct chunks **chunks)
{
    if (!*chunks)
        return;
    input_close(&(*chunks)->order.input);
    free((*chunks)->kept);
    free(*chunks);
    *chunks = NULL;
}

/* Reads on until the window has so many bytes, or the input ends. */
static int fill(struct chunks *chunks, struct window *window, size_t want)
{
    size_t n = 0;
    if (chunks->ended || window->size >= want)
        return 0;
    int r = input_read(chunks->order.input, window->bytes + window->size, want - window->size, &n);
    chunks->ended = n < want - window->size;
    window->size += n;
    chunks->read += n;
    return r;
}

static int open_window(struct chunks *chunks, struct window *window)
{
    memcpy(window->bytes, chunks->kept, chunks->n_kept);
    window->size = chunks->n_kept;
    size_t want = window->size + chunks->order.size;
    return fill(chunks, window, want < window_limit(chunks) ? want : window_limit(chunks));
}

/* The first `given` bytes of the window, so many lines, have been dealt with; keeps the others. */
static void close_window(struct chunks *chunks, const struct window *window, size_t given,
                         size_t lines)
{
    chunks->line += lines;
    chunks->offset += given;
    chunks->n_kept = window->size - given;
    memcpy(chunks->kept, window->bytes + given, chunks->n_kept);
}

static void give(struct chunks *chunks, const struct window *window, size_t size,
                 struct chunk *chunk)
{
    chunk->bytes = window->bytes;
    chunk->size = size;
    chunk->offset = chunks->offset;
    chunk->line = chunks->line;
    chunks->whole = size > 0 && window->bytes[size - 1] == '\n';
    close_window(chunks, window, size,
                 chunk->look.quotes ? mask_count(window->bytes, size, '\n') : chunk->look.lines);
    if (!chunks->whole)
        window->bytes[chunk->size++] = '\n';
}

static size_t behind_last_line(const struct window *window)
{
    size_t end = window->size;
    while (end && window->bytes[end - 1] != '\n')
        end--;
    return end;
}

/* Where the whole records of the window end. */
static struct csv_end find_end(const struct chunks *chunks, const struct window *window,
                               struct chunk *chunk)
{
    struct csv_text text = {window->bytes, window->size, chunks->order.delimiter, 1};
    struct csv_end found = {0};
    chunk->look = mask_look(window->bytes, window->size);
    if (chunk->look.quotes) {
        found = csv_end(&text, chunks->order.record_limit);
    } else {
        found.end = behind_last_line(window);
        found.overlong = window->size - found.end > chunks->order.record_limit;
    }
    if (chunks->ended && !found.overlong && !found.open)
        found.end = window->size;
    return found;
}

static int check_vain(struct chunks *chunks, size_t searched)
{
    chunks->vain += searched;
    if (chunks->vain <= VAIN_BYTES + VAIN_PER_BYTE * chunks->read)
        return 0;
    return log_fail(STATUS_DATA, "%s:%llu: too many quotes that never close; is this csv?",
                    input_words(chunks->order.input), (unsigned long long)chunks->line);
}

/* Passes the rest of a given up line. */
static int skip_line(struct chunks *chunks, struct window *window)
{
    while (chunks->skipping) {
        const char *end = memchr(window->bytes, '\n', window->size);
        size_t given = end ? (size_t)(end - window->bytes) + 1 : window->size;
        chunks->skipping = !end && !chunks->ended;
        chunks->whole = end != NULL;
        close_window(chunks, window, given, end != NULL);
        int r = open_window(chunks, window);
        if (r)
            return r;
    }
    return 0;
}

/* Gives the first line of a record that has no end. */
static int give_up(struct chunks *chunks, struct window *window, struct csv_end found,
                   struct chunk *chunk)
{
    const char *end = memchr(window->bytes, '\n', window->size);
    size_t line = end ? (size_t)(end - window->bytes) : window->size;
    size_t shown = line < CHUNKS_FLAWED_LIMIT ? line : CHUNKS_FLAWED_LIMIT;
    int r = check_vain(chunks, window->size);
    if (r)
        return r;
    *chunk = (struct chunk){.bytes = window->bytes,
                            .size = shown,
                            .offset = chunks->offset,
                            .line = chunks->line,
                            .look = {.quotes = 1},
                            .flaw = found.open ? CHUNK_UNCLOSED_QUOTE : CHUNK_TOO_LONG};
    chunks->skipping = !end && !chunks->ended;
    chunks->whole = end != NULL;
    close_window(chunks, window, end ? line + 1 : line, end != NULL);
    return 0;
}

int chunks_next(struct chunks *chunks, char *room, struct chunk *chunk)
{
    struct window window = {room, 0};
    int r = open_window(chunks, &window);
    if (!r)
        r = skip_line(chunks, &window);
    if (r)
        return r;
    if (!window.size)
        return CHUNKS_E_END;
    memset(chunk, 0, sizeof *chunk);
    struct csv_end found = find_end(chunks, &window, chunk);
    while (!found.end && !found.overlong && !chunks->ended) {
        r = fill(chunks, &window, window_limit(chunks));
        if (r)
            return r;
        found = find_end(chunks, &window, chunk);
    }
    if (!found.end)
        return give_up(chunks, &window, found, chunk);
    give(chunks, &window, found.end, chunk);
    return 0;
}

const struct input *chunks_input(const struct chunks *chunks)
{
    return chunks->order.input;
}

uint64_t chunks_lines(const struct chunks *chunks)
{
    return chunks->line - chunks->order.line + !chunks->whole;
}

int chunks_ended_whole(const struct chunks *chunks)
{
    return chunks->whole;
}
