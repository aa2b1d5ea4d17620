/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_INPUT_H
#define VENTILATOR_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/status.h"
#include "ventilator/packing.h"

/* The bytes of a ledger, unpacked, once from front to back; its raw bytes are counted and hashed
 * on the way. One thread at a time. */

struct input;

struct input_about {
    enum packing_kind packing;
    int stream;     /* stdin or a pipe: it can be read once, its size is not known */
    uint64_t bytes; /* of the file, packed as it is; 0 for a stream */
};

/* "-" is stdin. Says what is wrong: no such file, a directory, no permission (STATUS_NO_INPUT), a
 * kind of file that is no text (STATUS_DATA). */
int input_open(const char *path, struct input **input) MUST_USE;
/* Over bytes that somebody else holds, taken as they are; words call it path. */
int input_of_bytes(const char *path, struct slice bytes, struct input **input) MUST_USE;
void input_close(struct input **input);

struct input_about input_about(const struct input *input);
/* As words name it: "stdin" for "-". Borrowed. */
const char *input_name(const char *path);
const char *input_words(const struct input *input);

/* Begins at an offset of a plain file that is no stream; before anything was read. Counting and
 * hashing begin there too. */
int input_seek(struct input *input, uint64_t from) MUST_USE;

/* Fills out with up to size unpacked bytes; *n is fewer only at the end, where it stays 0. */
int input_read(struct input *input, void *out, size_t size, size_t *n) MUST_USE;

/* Gives bytes back (copied): the next reads answer them first. */
int input_unread(struct input *input, const void *bytes, size_t size) MUST_USE;

int input_skip(struct input *input, uint64_t bytes) MUST_USE;

/* Of the raw bytes taken from the file so far; at the end, of all. */
uint64_t input_raw_bytes(const struct input *input);
/* Of them, those behind the unpacked bytes that were read. */
uint64_t input_raw_used(const struct input *input);
struct digest input_digest(const struct input *input);

/* Digest of the raw bytes [from, from + bytes) of a file, as partition finds it for a stretch;
 * INPUT_E_SHORT: the file ends before. */
enum { INPUT_E_SHORT = 1 };
int input_digest_of(const char *path, uint64_t from, uint64_t bytes,
                    struct digest *digest) MUST_USE;

#endif
