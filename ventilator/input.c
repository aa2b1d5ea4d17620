/* SPDX-License-Identifier: Apache-2.0 */
/* A plain file is read straight into the reader's buffer; only packed bytes, and the few that
 * were looked at to tell the packing, pass through a buffer of ours. mmap was refused: a file
 * that shrinks under it is a SIGBUS, and a pipe cannot be mapped. */
#include "ventilator/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

#define RAW_BYTES ((size_t)256 << 10)

struct input {
    char *path;
    int file; /* -1: bytes somebody holds */
    struct slice held;
    struct input_about about;
    struct packing *packing; /* NULL for plain */
    unsigned char *raw;      /* RAW_BYTES; raw_size of them from raw_at are not used yet */
    size_t raw_at;
    size_t raw_size;
    int ended;    /* the file has no more raw bytes */
    char *unread; /* unread_size given back from unread_at, or NULL */
    size_t unread_at;
    size_t unread_size;
    uint64_t raw_total;
    XXH3_state_t *hash;
};

const char *input_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "stdin" : path;
}

const char *input_words(const struct input *input)
{
    return input_name(input->path);
}

static int io_failed(const struct input *input, const char *verb)
{
    return log_fail(STATUS_IO, "cannot %s %s: %s", verb, input_words(input), strerror(errno));
}

static size_t take_held(struct input *input, void *out, size_t size)
{
    size_t n = size < input->held.size ? size : input->held.size;
    if (n)
        memcpy(out, input->held.data, n);
    input->held.data = (const char *)input->held.data + n;
    input->held.size -= n;
    return n;
}

/* Raw bytes, as many as come at once; 0 at the end. */
static int read_raw(struct input *input, void *out, size_t size, size_t *n)
{
    ssize_t got;
    if (input->file < 0) {
        got = (ssize_t)take_held(input, out, size);
    } else {
        do
            got = read(input->file, out, size);
        while (got < 0 && errno == EINTR);
    }
    if (got < 0)
        return io_failed(input, "read");
    *n = (size_t)got;
    input->ended = got == 0;
    input->raw_total += (uint64_t)got;
    XXH3_128bits_update(input->hash, out, (size_t)got);
    return 0;
}

static int refill(struct input *input)
{
    size_t n = 0;
    if (input->raw_at) {
        memmove(input->raw, input->raw + input->raw_at, input->raw_size);
        input->raw_at = 0;
    }
    int r = read_raw(input, input->raw + input->raw_size, RAW_BYTES - input->raw_size, &n);
    input->raw_size += n;
    return r;
}

static int open_file(struct input *input)
{
    struct stat stat;
    int is_stdin = strcmp(input->path, "-") == 0;
    input->file = is_stdin ? dup(STDIN_FILENO) : open(input->path, O_RDONLY | O_CLOEXEC);
    if (input->file < 0)
        return log_fail(STATUS_NO_INPUT, "cannot open %s: %s", input_words(input), strerror(errno));
    if (fstat(input->file, &stat) < 0)
        return io_failed(input, "look at");
    if (S_ISDIR(stat.st_mode))
        return log_fail(STATUS_NO_INPUT, "%s is a directory: name the files in it", input->path);
    input->about.stream = is_stdin || !S_ISREG(stat.st_mode);
    input->about.bytes = input->about.stream ? 0 : (uint64_t)stat.st_size;
    if (!input->about.stream)
        (void)posix_fadvise(input->file, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice: may fail */
    return 0;
}

static int tell_packing(struct input *input)
{
    int r = 0;
    while (!r && !input->ended && input->raw_size < PACKING_MAGIC_BYTES)
        r = refill(input);
    if (r)
        return r;
    const char *foreign = packing_foreign(input->raw, input->raw_size);
    if (foreign)
        return log_fail(STATUS_DATA, "%s is %s", input_words(input), foreign);
    input->about.packing = packing_of(input->raw, input->raw_size);
    if (input->about.packing != PACKING_PLAIN)
        return packing_new(input->about.packing, &input->packing);
    return 0;
}

static struct input *input_new(const char *path)
{
    struct input *input = calloc(1, sizeof *input);
    if (!input)
        return NULL;
    input->file = -1;
    input->path = strdup(path);
    input->raw = malloc(RAW_BYTES);
    input->hash = XXH3_createState();
    if (input->path && input->raw && input->hash) {
        XXH3_128bits_reset(input->hash);
        return input;
    }
    input_close(&input);
    return NULL;
}

static int no_memory(const char *path)
{
    return log_fail(STATUS_BUG, "no memory to read %s", input_name(path));
}

int input_open(const char *path, struct input **out)
{
    struct input *input = input_new(path);
    if (!input)
        return no_memory(path);
    int r = open_file(input);
    if (!r)
        r = tell_packing(input);
    if (r) {
        input_close(&input);
        return r;
    }
    *out = input;
    return 0;
}

int input_of_bytes(const char *path, struct slice bytes, struct input **out)
{
    struct input *input = input_new(path);
    if (!input)
        return no_memory(path);
    input->held = bytes;
    input->about.stream = 1;
    *out = input;
    return 0;
}

void input_close(struct input **handle)
{
    struct input *input = *handle;
    if (!input)
        return;
    packing_destroy(&input->packing);
    if (input->file >= 0)
        close(input->file);
    XXH3_freeState(input->hash);
    free(input->unread);
    free(input->raw);
    free(input->path);
    free(input);
    *handle = NULL;
}

struct input_about input_about(const struct input *input)
{
    return input->about;
}

int input_seek(struct input *input, uint64_t from)
{
    if (input->about.stream || input->about.packing != PACKING_PLAIN)
        return log_fail(STATUS_BUG, "%s cannot be read from its middle", input_words(input));
    if (lseek(input->file, (off_t)from, SEEK_SET) < 0)
        return io_failed(input, "seek in");
    input->raw_at = input->raw_size = 0;
    input->raw_total = 0;
    input->ended = 0;
    XXH3_128bits_reset(input->hash);
    return 0;
}

static size_t take_raw(struct input *input, void *out, size_t size)
{
    size_t n = size < input->raw_size ? size : input->raw_size;
    memcpy(out, input->raw + input->raw_at, n);
    input->raw_at += n;
    input->raw_size -= n;
    return n;
}

static int read_plain(struct input *input, char *out, size_t size, size_t *n)
{
    *n = take_raw(input, out, size);
    while (*n < size && !input->ended) {
        size_t got = 0;
        int r = read_raw(input, out + *n, size - *n, &got);
        if (r)
            return r;
        *n += got;
    }
    return 0;
}

static int damaged(const struct input *input, const char *how)
{
    return log_fail(STATUS_DATA, "%s is %s %s, after %llu bytes", input_words(input), how,
                    packing_name(input->about.packing), (unsigned long long)input->raw_total);
}

/* Unpacks once; *stuck when there is nothing left to unpack. */
static int unpack(struct input *input, struct packing_flow *flow, int *stuck)
{
    size_t room = flow->out_size;
    flow->in = input->raw + input->raw_at;
    flow->in_size = input->raw_size;
    if (packing_step(input->packing, flow))
        return damaged(input, "damaged");
    size_t used = input->raw_size - flow->in_size;
    input->raw_at += used;
    input->raw_size -= used;
    if (used || flow->out_size < room)
        return 0;
    *stuck = input->ended;
    return input->ended ? 0 : refill(input);
}

static int read_packed(struct input *input, char *out, size_t size, size_t *n)
{
    struct packing_flow flow = {.out = (unsigned char *)out, .out_size = size};
    int stuck = 0;
    while (flow.out_size && !stuck) {
        int r = unpack(input, &flow, &stuck);
        if (r)
            return r;
    }
    *n = size - flow.out_size;
    if (stuck && !packing_complete(input->packing))
        return damaged(input, "truncated");
    return 0;
}

static size_t take_unread(struct input *input, void *out, size_t size)
{
    size_t n = size < input->unread_size ? size : input->unread_size;
    if (n)
        memcpy(out, input->unread + input->unread_at, n);
    input->unread_at += n;
    input->unread_size -= n;
    return n;
}

int input_read(struct input *input, void *out, size_t size, size_t *n)
{
    size_t before = take_unread(input, out, size);
    char *rest = (char *)out + before;
    *n = 0;
    int r = input->packing ? read_packed(input, rest, size - before, n)
                           : read_plain(input, rest, size - before, n);
    *n += before;
    return r;
}

int input_unread(struct input *input, const void *bytes, size_t size)
{
    char *joined = malloc(size + input->unread_size + 1);
    if (!joined)
        return no_memory(input->path);
    memcpy(joined, bytes, size);
    size_t behind = take_unread(input, joined + size, input->unread_size);
    free(input->unread);
    input->unread = joined;
    input->unread_at = 0;
    input->unread_size = size + behind;
    return 0;
}

int input_skip(struct input *input, uint64_t bytes)
{
    char dropped[4096];
    while (bytes) {
        size_t n = 0;
        int r = input_read(input, dropped, bytes < sizeof dropped ? bytes : sizeof dropped, &n);
        if (r)
            return r;
        if (!n)
            return 0;
        bytes -= n;
    }
    return 0;
}

uint64_t input_raw_bytes(const struct input *input)
{
    return input->raw_total;
}

uint64_t input_raw_used(const struct input *input)
{
    return input->raw_total - input->raw_size;
}

struct digest input_digest(const struct input *input)
{
    XXH128_hash_t h = XXH3_128bits_digest(input->hash);
    return (struct digest){h.low64, h.high64};
}

/* Hashes raw bytes, packed as they are. */
static int digest_stretch(struct input *input, uint64_t from, uint64_t bytes)
{
    if (lseek(input->file, (off_t)from, SEEK_SET) < 0)
        return io_failed(input, "seek in");
    while (bytes && !input->ended) {
        size_t n = 0;
        int r = read_raw(input, input->raw, bytes < RAW_BYTES ? bytes : RAW_BYTES, &n);
        if (r)
            return r;
        bytes -= n;
    }
    return bytes ? INPUT_E_SHORT : 0;
}

int input_digest_of(const char *path, uint64_t from, uint64_t bytes, struct digest *digest)
{
    struct input *input = input_new(path);
    if (!input)
        return no_memory(path);
    int r = open_file(input);
    if (!r)
        r = input->about.stream ? log_fail(STATUS_BUG, "%s can be read only once", input_name(path))
                                : digest_stretch(input, from, bytes);
    if (!r)
        *digest = input_digest(input);
    input_close(&input);
    return r;
}
