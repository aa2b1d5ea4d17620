/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CHUNKS_H
#define VENTILATOR_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "ventilator/input.h"
#include "ventilator/mask.h"

/* Cuts a ledger's bytes into chunks of whole records, so that they can be read by several threads
 * at once. Where one record ends is the one thing about csv that must be found from front to
 * back, and it is found here, cheaply.
 *
 * A record longer than the limit, or whose quote is still open at the end of the input, is given
 * up: its first physical line becomes a chunk of its own, with a flaw, and reading resumes at the
 * next line. So a stray quote costs one line, never the rest of the ledger. */

#define CHUNKS_RECORD_LIMIT ((size_t)1 << 20) /* bytes, the line end not counted */
#define CHUNKS_SIZE         ((size_t)256 << 10)
/* As much of a flawed line as a chunk shows. */
#define CHUNKS_FLAWED_LIMIT ((size_t)64 << 10)

enum chunk_flaw { CHUNK_WHOLE, CHUNK_UNCLOSED_QUOTE, CHUNK_TOO_LONG };

struct chunk {
    /* In the buffer given. Whole records end with '\n', even where the input does not; a flawed
     * line comes without, and no more of it than CHUNKS_FLAWED_LIMIT. */
    const char *bytes;
    size_t size;
    uint64_t offset; /* of bytes[0] in the unpacked input */
    uint64_t line;   /* physical line of bytes[0]; the first is 1 */
    /* Of its bytes and perhaps some behind them; lines: only without quotes. Not for a flawed line. */
    struct mask_look look;
    enum chunk_flaw flaw;
};

struct chunks_order {
    struct input *input; /* taken: closed with the chunks */
    char delimiter;
    size_t record_limit;
    size_t size;     /* of a chunk, about */
    uint64_t offset; /* of the input's next byte */
    uint64_t line;   /* of the input's next byte */
};

struct chunks;
int chunks_new(const struct chunks_order *order, struct chunks **chunks) MUST_USE;
void chunks_destroy(struct chunks **chunks);

/* Bytes of a buffer that holds any chunk and room behind it. */
size_t chunks_room(const struct chunks *chunks);

/* The next chunk, in a buffer of chunks_room bytes. CHUNKS_E_END: there is none. One thread at a
 * time. A file in which quotes that never close make the search cost more than eight times the
 * file is refused with STATUS_DATA. */
enum { CHUNKS_E_END = 1 };
int chunks_next(struct chunks *chunks, char *room, struct chunk *chunk) MUST_USE;

/* What was read; its digest and size are complete after CHUNKS_E_END. */
const struct input *chunks_input(const struct chunks *chunks);
/* Physical lines read so far, from the first line on; a last one without line end counts. */
uint64_t chunks_lines(const struct chunks *chunks);
/* Whether the bytes given out so far end with a line end, outside quotes: what is appended to the
 * input later begins with a record. */
int chunks_ended_whole(const struct chunks *chunks);

#endif
