/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"

#define BLOCKS      4
#define BLOCK_BYTES ((size_t)256 << 10) /* four of them stay in a core's cache */

struct ahead {
    int file;
    pthread_t reader;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int leaving;
    size_t taken, read; /* blocks, of all so far: the reader is at most BLOCKS in front */
    size_t size[BLOCKS];
    char block[BLOCKS][BLOCK_BYTES];
};

/* 0 at the end, or where there is no reading on. */
static size_t fill(int file, char *block)
{
    ssize_t got;
    do
        got = read(file, block, BLOCK_BYTES);
    while (got < 0 && errno == EINTR);
    return got > 0 ? (size_t)got : 0;
}

/* The block at hand is the caller's until the next one is asked for. */
static int is_full(const struct ahead *self)
{
    return self->read - self->taken >= BLOCKS - 1;
}

static void *read_on(void *argument)
{
    struct ahead *self = argument;
    size_t got = 1;
    pthread_mutex_lock(&self->lock);
    while (got > 0) {
        while (is_full(self) && !self->leaving)
            pthread_cond_wait(&self->changed, &self->lock);
        if (self->leaving)
            break;
        size_t at = self->read % BLOCKS;
        pthread_mutex_unlock(&self->lock);
        got = fill(self->file, self->block[at]);
        pthread_mutex_lock(&self->lock);
        self->size[at] = got;
        self->read++;
        pthread_cond_signal(&self->changed);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

int ahead_open(int file, struct ahead **out)
{
    struct ahead *self = calloc(1, sizeof *self);
    if (!self)
        return log_fail(STATUS_BUG, "out of memory to read an input");
    self->file = file;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
    if (pthread_create(&self->reader, NULL, read_on, self) != 0) {
        pthread_cond_destroy(&self->changed);
        pthread_mutex_destroy(&self->lock);
        free(self);
        return log_fail(STATUS_BUG, "no thread to read an input");
    }
    *out = self;
    return 0;
}

int ahead_next(struct ahead *self, struct slice *bytes)
{
    pthread_mutex_lock(&self->lock);
    while (self->read == self->taken)
        pthread_cond_wait(&self->changed, &self->lock);
    size_t at = self->taken % BLOCKS;
    *bytes = (struct slice){self->block[at], self->size[at]};
    self->taken += bytes->size > 0; /* the end stays the end */
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->lock);
    return bytes->size > 0 ? 0 : AHEAD_E_END;
}

void ahead_close(struct ahead **ahead)
{
    struct ahead *self = *ahead;
    if (!self)
        return;
    pthread_mutex_lock(&self->lock);
    self->leaving = 1;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->lock);
    pthread_join(self->reader, NULL);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self);
    *ahead = NULL;
}
