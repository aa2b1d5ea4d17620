/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_DIRECT */
/* Results are written once and synced before they are published, so the page cache would only hold a copy
 * that nobody asked for: it costs the copying, memory that others could use, and the wait for the sync at the
 * end. So whole blocks of a large file go from an aligned buffer straight to the disk (O_DIRECT) while the next
 * lines are made; where a file system has no such way (tmpfs, some networks'), through the cache as usual.
 * mmap of the output was refused: a full disk is then a signal, not an error. */
#include "sink/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/trace.h"

#define PATH_BYTES 4352
#define QUEUE      8
#define BLOCK      ((size_t)1 << 20) /* a write's bytes; whole pages of any disk */
#define ALIGNMENT  4096

struct outfile {
    char path[PATH_BYTES];
    char name[64];
    int file;
    EVP_MD_CTX *sha;
    pthread_t thread;
    int has_thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct {
        char *buffer;
        size_t size;
    } queue[QUEUE];
    size_t n, first;
    int ending;
    int failed; /* errno of the first failure */
    uint64_t bytes;
    struct trace *trace;
    uint32_t lane;
    char *block; /* BLOCK bytes, aligned; what is not written yet */
    size_t held; /* bytes in it, fewer than BLOCK between buffers */
    int direct;  /* past the page cache */
};

static int write_whole(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(file, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* True where the file now goes past the page cache, or through it again. */
static int set_direct(struct outfile *out, int direct)
{
    int flags = fcntl(out->file, F_GETFL);
    if (flags < 0)
        return 0;
    flags = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
    if (fcntl(out->file, F_SETFL, flags) != 0)
        return 0;
    out->direct = direct;
    return 1;
}

static int write_block(struct outfile *out)
{
    if (out->bytes == out->held)
        (void)set_direct(out, 1); /* the first one: only large files get here */
    ssize_t n = out->direct ? write(out->file, out->block, BLOCK) : 0;
    if (n == (ssize_t)BLOCK)
        return 0;
    if (out->direct && !set_direct(out, 0))
        return errno;
    size_t done = n > 0 ? (size_t)n : 0; /* the cache takes the rest, or says what is wrong */
    return write_whole(out->file, out->block + done, BLOCK - done);
}

static int add_bytes(struct outfile *out, const char *data, size_t size)
{
    while (size > 0) {
        size_t n = size < BLOCK - out->held ? size : BLOCK - out->held;
        memcpy(out->block + out->held, data, n);
        out->held += n;
        out->bytes += n;
        data += n;
        size -= n;
        if (out->held < BLOCK)
            return 0;
        int failed = write_block(out);
        if (failed)
            return failed;
        out->held = 0;
    }
    return 0;
}

/* What is left is no whole block, which only the page cache takes. */
static int write_last(struct outfile *out)
{
    if (out->direct && !set_direct(out, 0))
        return errno;
    return write_whole(out->file, out->block, out->held);
}

static void put_bytes(struct outfile *out, const char *data, size_t size)
{
    if (out->failed)
        return;
    struct span span = trace_begin(out->trace, out->lane, "writing");
    EVP_DigestUpdate(out->sha, data, size);
    int failed = add_bytes(out, data, size);
    trace_end(out->trace, &span);
    pthread_mutex_lock(&out->lock);
    out->failed = failed;
    pthread_mutex_unlock(&out->lock);
}

static void *writer(void *argument)
{
    struct outfile *out = argument;
    pthread_mutex_lock(&out->lock);
    for (;;) {
        while (out->n == 0 && !out->ending)
            pthread_cond_wait(&out->changed, &out->lock);
        if (out->n == 0)
            break;
        char *buffer = out->queue[out->first].buffer;
        size_t size = out->queue[out->first].size;
        out->first = (out->first + 1) % QUEUE;
        out->n--;
        pthread_cond_signal(&out->changed);
        pthread_mutex_unlock(&out->lock);
        put_bytes(out, buffer, size);
        free(buffer);
        pthread_mutex_lock(&out->lock);
    }
    pthread_mutex_unlock(&out->lock);
    return NULL;
}

int outfile_open(const char *directory, const char *name, struct outfile **file)
{
    struct outfile *out = calloc(1, sizeof *out);
    if (!out)
        return log_fail(STATUS_BUG, "out of memory for %s", name);
    pthread_mutex_init(&out->lock, NULL);
    pthread_cond_init(&out->changed, NULL);
    snprintf(out->path, sizeof out->path, "%s/%s", directory, name);
    snprintf(out->name, sizeof out->name, "%s", name);
    out->file = open(out->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out->file < 0) {
        int disk = errno == ENOSPC || errno == EDQUOT || errno == EIO;
        int r = log_fail(disk ? STATUS_IO : STATUS_NO_OUTPUT, "cannot write %s: %s", out->path,
                         strerror(errno));
        outfile_abandon(&out);
        return r;
    }
    out->sha = EVP_MD_CTX_new();
    out->block = aligned_alloc(ALIGNMENT, BLOCK);
    if (!out->sha || !out->block || EVP_DigestInit_ex(out->sha, EVP_sha256(), NULL) != 1 ||
        pthread_create(&out->thread, NULL, writer, out) != 0) {
        outfile_abandon(&out);
        return log_fail(STATUS_BUG, "cannot start writing %s", name);
    }
    out->has_thread = 1;
    *file = out;
    return 0;
}

void outfile_trace(struct outfile *out, struct trace *trace, uint32_t lane)
{
    pthread_mutex_lock(&out->lock);
    out->trace = trace;
    out->lane = lane;
    pthread_mutex_unlock(&out->lock);
}

int outfile_give(struct outfile *out, char *buffer, size_t size)
{
    pthread_mutex_lock(&out->lock);
    while (out->n == QUEUE)
        pthread_cond_wait(&out->changed, &out->lock);
    size_t at = (out->first + out->n) % QUEUE;
    out->queue[at].buffer = buffer;
    out->queue[at].size = size;
    out->n++;
    int failed = out->failed;
    pthread_cond_signal(&out->changed);
    pthread_mutex_unlock(&out->lock);
    return failed ? log_fail(STATUS_IO, "cannot write %s: %s", out->path, strerror(failed)) : 0;
}

int outfile_write(struct outfile *out, const void *data, size_t size)
{
    char *copy = malloc(size + 1);
    if (!copy)
        return log_fail(STATUS_BUG, "out of memory for %zu bytes of %s", size, out->name);
    memcpy(copy, data, size);
    return outfile_give(out, copy, size);
}

static void drain(struct outfile *out)
{
    if (!out->has_thread)
        return;
    pthread_mutex_lock(&out->lock);
    out->ending = 1;
    pthread_cond_signal(&out->changed);
    pthread_mutex_unlock(&out->lock);
    pthread_join(out->thread, NULL);
    out->has_thread = 0;
}

void outfile_abandon(struct outfile **file)
{
    struct outfile *out = *file;
    if (!out)
        return;
    drain(out);
    if (out->file >= 0)
        close(out->file);
    EVP_MD_CTX_free(out->sha);
    free(out->block);
    pthread_cond_destroy(&out->changed);
    pthread_mutex_destroy(&out->lock);
    free(out);
    *file = NULL;
}

static void sum_of(struct outfile *out, struct outfile_sum *sum)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(out->sha, hash, &size);
    for (unsigned i = 0; i < 32; i++)
        snprintf(sum->sha256 + 2 * i, 3, "%02x", hash[i]);
    snprintf(sum->name, sizeof sum->name, "%s", out->name);
    sum->bytes = out->bytes;
}

int outfile_close(struct outfile **file, struct outfile_sum *sum)
{
    struct outfile *out = *file;
    int r = 0;
    drain(out);
    sum_of(out, sum);
    if (!out->failed)
        out->failed = write_last(out);
    if (!out->failed && fsync(out->file) != 0)
        out->failed = errno;
    if (out->failed)
        r = log_fail(STATUS_IO, "cannot write %s: %s", out->path, strerror(out->failed));
    outfile_abandon(file);
    return r;
}
