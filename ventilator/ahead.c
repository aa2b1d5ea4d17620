/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"

#define READERS     2
#define BLOCKS      6
#define BLOCK_BYTES ((size_t)256 << 10) /* all of them stay in a core's cache or two */

struct ahead {
    int file;
    pthread_t reader[READERS];
    size_t readers;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    int leaving;
    size_t begun, taken; /* blocks so far, by readers and by the caller */
    struct {
        int ready;
        size_t size;
    } block[BLOCKS]; /* block i in place i % BLOCKS */
    char *bytes;     /* of all */
};

/* Less than a block at the end, or where there is no reading on. */
static size_t fill(int file, char *block, off_t from)
{
    size_t size = 0;
    while (size < BLOCK_BYTES) {
        ssize_t got = pread(file, block + size, BLOCK_BYTES - size, from + (off_t)size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    return size;
}

/* The block that was taken last is the caller's until the next one is asked for. */
static int may_begin(const struct ahead *self)
{
    return self->begun < self->taken + BLOCKS - (self->taken > 0);
}

static void *read_on(void *argument)
{
    struct ahead *self = argument;
    size_t size = BLOCK_BYTES;
    pthread_mutex_lock(&self->lock);
    while (size == BLOCK_BYTES) {
        while (!may_begin(self) && !self->leaving)
            pthread_cond_wait(&self->changed, &self->lock);
        if (self->leaving)
            break;
        size_t i = self->begun++, at = i % BLOCKS;
        pthread_mutex_unlock(&self->lock);
        size = fill(self->file, self->bytes + at * BLOCK_BYTES, (off_t)(i * BLOCK_BYTES));
        pthread_mutex_lock(&self->lock);
        self->block[at].size = size;
        self->block[at].ready = 1;
        pthread_cond_broadcast(&self->changed);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

int ahead_open(int file, struct ahead **out)
{
    struct ahead *self = calloc(1, sizeof *self);
    if (self)
        self->bytes = malloc(BLOCKS * BLOCK_BYTES);
    if (!self || !self->bytes) {
        free(self);
        return log_fail(STATUS_BUG, "out of memory to read an input");
    }
    self->file = file;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
    while (self->readers < READERS &&
           pthread_create(&self->reader[self->readers], NULL, read_on, self) == 0)
        self->readers++;
    *out = self;
    if (self->readers > 0)
        return 0;
    ahead_close(out);
    return log_fail(STATUS_BUG, "no thread to read an input");
}

/* The block that was taken last is done with; whether it was the end of the file. */
static int give_back(struct ahead *self)
{
    if (self->taken == 0)
        return 0;
    size_t last = (self->taken - 1) % BLOCKS;
    self->block[last].ready = 0;
    return self->block[last].size < BLOCK_BYTES;
}

int ahead_next(struct ahead *self, struct slice *bytes)
{
    *bytes = (struct slice){NULL, 0};
    pthread_mutex_lock(&self->lock);
    if (!give_back(self)) {
        size_t at = self->taken++ % BLOCKS;
        pthread_cond_broadcast(&self->changed);
        while (!self->block[at].ready)
            pthread_cond_wait(&self->changed, &self->lock);
        *bytes = (struct slice){self->bytes + at * BLOCK_BYTES, self->block[at].size};
    }
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
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
    for (size_t i = 0; i < self->readers; i++)
        pthread_join(self->reader[i], NULL);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self->bytes);
    free(self);
    *ahead = NULL;
}
