/* SPDX-License-Identifier: Apache-2.0 */
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
#include "sink/blocks.h"

#define PATH_BYTES 4352
#define QUEUE      8

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
    struct blocks *blocks;
};

static void put_bytes(struct outfile *out, const char *data, size_t size)
{
    if (out->failed)
        return;
    struct span span = trace_begin(out->trace, out->lane, "writing");
    EVP_DigestUpdate(out->sha, data, size);
    out->bytes += size;
    int failed = blocks_add(out->blocks, data, size);
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
    if (!out->sha || blocks_open(out->file, &out->blocks) != 0 ||
        EVP_DigestInit_ex(out->sha, EVP_sha256(), NULL) != 1 ||
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
    blocks_trace(out->blocks, trace, lane + 1);
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
    blocks_close(&out->blocks);
    if (out->file >= 0)
        close(out->file);
    EVP_MD_CTX_free(out->sha);
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
        out->failed = blocks_end(out->blocks);
    if (!out->failed && fsync(out->file) != 0)
        out->failed = errno;
    if (out->failed)
        r = log_fail(STATUS_IO, "cannot write %s: %s", out->path, strerror(out->failed));
    outfile_abandon(file);
    return r;
}
