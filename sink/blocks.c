/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_DIRECT */
/* Results are written once and synced before they are published, so the page cache would only hold a copy
 * that nobody asked for: it costs the copying, memory that others could use, and the wait for the sync at the
 * end. So whole blocks of a large file go from aligned memory straight to the disk (O_DIRECT) while the next
 * ones are filled; where a file system has no such way (tmpfs, some networks'), through the cache as usual.
 * mmap of the output was refused: a full disk is then a signal, not an error. */
#include "sink/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/trace.h"

#define BLOCKS    3
#define BLOCK     ((size_t)1 << 20) /* a write's bytes; whole pages of any disk */
#define ALIGNMENT 4096

struct blocks {
    int file;
    int direct;  /* past the page cache; the thread's own, while there is one */
    size_t held; /* bytes in the block at hand, fewer than BLOCK between calls */
    pthread_t thread;
    int has_thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    size_t filled, written; /* blocks so far: the next one is in its turn's place */
    int ending;
    int failed; /* errno of the first failure */
    struct trace *trace;
    uint32_t lane;
    char *place; /* BLOCKS blocks, aligned */
};

static char *block_of(const struct blocks *self, size_t i)
{
    return self->place + i % BLOCKS * BLOCK;
}

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
static int set_direct(struct blocks *self, int direct)
{
    int flags = fcntl(self->file, F_GETFL);
    if (flags < 0)
        return 0;
    flags = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
    if (fcntl(self->file, F_SETFL, flags) != 0)
        return 0;
    self->direct = direct;
    return 1;
}

static int write_block(struct blocks *self, const char *block)
{
    ssize_t n = self->direct ? write(self->file, block, BLOCK) : 0;
    if (n == (ssize_t)BLOCK)
        return 0;
    if (self->direct && !set_direct(self, 0))
        return errno;
    size_t done = n > 0 ? (size_t)n : 0; /* the cache takes the rest, or says what is wrong */
    return write_whole(self->file, block + done, BLOCK - done);
}

static void *write_on(void *argument)
{
    struct blocks *self = argument;
    pthread_mutex_lock(&self->lock);
    for (;;) {
        while (self->written == self->filled && !self->ending)
            pthread_cond_wait(&self->changed, &self->lock);
        if (self->written == self->filled)
            break;
        const char *block = block_of(self, self->written);
        int failed = self->failed;
        pthread_mutex_unlock(&self->lock);
        struct span span = trace_begin(self->trace, self->lane, "a block");
        if (failed == 0)
            failed = write_block(self, block);
        trace_end(self->trace, &span);
        pthread_mutex_lock(&self->lock);
        self->failed = failed;
        self->written++;
        pthread_cond_signal(&self->changed);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

int blocks_open(int file, struct blocks **out)
{
    struct blocks *self = calloc(1, sizeof *self);
    if (self)
        self->place = aligned_alloc(ALIGNMENT, BLOCKS * BLOCK);
    if (!self || !self->place) {
        free(self);
        return log_fail(STATUS_BUG, "out of memory to write a file");
    }
    self->file = file;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
    *out = self;
    return 0;
}

void blocks_trace(struct blocks *self, struct trace *trace, uint32_t lane)
{
    self->trace = trace;
    self->lane = lane;
}

/* Only large files get here. */
static int begin(struct blocks *self)
{
    (void)set_direct(self, 1);
    int error = pthread_create(&self->thread, NULL, write_on, self);
    self->has_thread = error == 0;
    return error;
}

/* The block at hand is full; returns when the next one is free. */
static int pass_on(struct blocks *self)
{
    int failed = self->has_thread ? 0 : begin(self);
    if (failed)
        return failed;
    pthread_mutex_lock(&self->lock);
    self->filled++;
    pthread_cond_signal(&self->changed);
    while (self->filled - self->written == BLOCKS)
        pthread_cond_wait(&self->changed, &self->lock);
    failed = self->failed;
    pthread_mutex_unlock(&self->lock);
    self->held = 0;
    return failed;
}

int blocks_add(struct blocks *self, const char *data, size_t size)
{
    while (size > 0) {
        size_t n = size < BLOCK - self->held ? size : BLOCK - self->held;
        memcpy(block_of(self, self->filled) + self->held, data, n);
        self->held += n;
        data += n;
        size -= n;
        int failed = self->held == BLOCK ? pass_on(self) : 0;
        if (failed)
            return failed;
    }
    return 0;
}

static void join(struct blocks *self)
{
    if (!self->has_thread)
        return;
    pthread_mutex_lock(&self->lock);
    self->ending = 1;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->lock);
    pthread_join(self->thread, NULL);
    self->has_thread = 0;
}

/* What is left is no whole block, which only the page cache takes. */
int blocks_end(struct blocks *self)
{
    join(self);
    if (self->failed)
        return self->failed;
    if (self->direct && !set_direct(self, 0))
        return errno;
    return write_whole(self->file, block_of(self, self->filled), self->held);
}

void blocks_close(struct blocks **blocks)
{
    struct blocks *self = *blocks;
    if (!self)
        return;
    join(self);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self->place);
    free(self);
    *blocks = NULL;
}
