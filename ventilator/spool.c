/* SPDX-License-Identifier: Apache-2.0 */
/* A segment is two files: NAME.rows, the chunks in extents of one shard each, appended by all pens; and
 * NAME.index, which extent is where. A pen stages each shard's chunks until they make an extent of
 * up to 64 KiB, so writes are large, a shard is read back in few pieces, and the index is a few
 * bytes for thousands of rows. One file a shard was refused: a thousand descriptors, and small writes. */
#include "ventilator/spool_segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

/* If the layout of the files changes, so does this. */
#define INDEX_MAGIC "winnow spool 1\n"

struct index_head {
    char magic[16];
    uint64_t n_extents;
    uint64_t bytes;
    uint64_t hash; /* of the extents */
    uint32_t shards;
    uint32_t padding;
};

void spool_segment_path(const struct spool *spool, struct digest id, const char *suffix, char *path)
{
    char name[DIGEST_TEXT];
    digest_print(id, name);
    int n = snprintf(path, PATH_BYTES, "%s/%s%s", spool->directory, name, suffix);
    if (n >= PATH_BYTES)
        path[0] =
            '\0'; /* opening it says no such file; directories that long are refused in open */
}

/* Names that are no segment of ours: drafts of a run that was killed, or of another layout. */
static void sweep(const struct spool *spool)
{
    DIR *directory = opendir(spool->directory);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)) != NULL) {
        char path[PATH_BYTES + 300];
        if (strncmp(entry->d_name, "draft-", 6) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", spool->directory, entry->d_name);
        unlink(path);
    }
    if (directory)
        closedir(directory);
}

int spool_open(const char *directory, uint32_t shards, struct spool **out)
{
    if (strlen(directory) > PATH_BYTES - 64)
        return log_fail(STATUS_NO_OUTPUT, "state directory has a name of over %d bytes",
                        PATH_BYTES - 64);
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return log_fail(STATUS_NO_OUTPUT, "cannot make %s: %s", directory, strerror(errno));
    struct spool *spool = calloc(1, sizeof *spool);
    if (!spool)
        return log_fail(STATUS_BUG, "out of memory for the spool");
    strcpy(spool->directory, directory);
    spool->shards = shards;
    sweep(spool);
    *out = spool;
    return 0;
}

void spool_close(struct spool **spool)
{
    free(*spool);
    *spool = NULL;
}

static struct spool_segment *segment_alloc(struct spool *spool)
{
    struct spool_segment *segment = calloc(1, sizeof *segment);
    if (!segment)
        return NULL;
    segment->spool = spool;
    segment->file = -1;
    pthread_mutex_init(&segment->lock, NULL);
    return segment;
}

int spool_segment_new(struct spool *spool, struct spool_segment **out)
{
    struct spool_segment *segment = segment_alloc(spool);
    if (!segment)
        return log_fail(STATUS_BUG, "out of memory for a spool segment");
    snprintf(segment->draft, PATH_BYTES, "%.*s/draft-%u", PATH_BYTES - 32, spool->directory,
             spool->next_draft++);
    segment->file = open(segment->draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (segment->file < 0) {
        int r = log_fail(STATUS_NO_OUTPUT, "cannot write %s: %s", segment->draft, strerror(errno));
        segment->draft[0] = '\0';
        spool_segment_close(&segment);
        return r;
    }
    *out = segment;
    return 0;
}

void spool_segment_close(struct spool_segment **segment)
{
    if (!*segment)
        return;
    if ((*segment)->file >= 0)
        close((*segment)->file);
    if ((*segment)->draft[0])
        unlink((*segment)->draft);
    pthread_mutex_destroy(&(*segment)->lock);
    free((*segment)->extents);
    free((*segment)->first);
    free(*segment);
    *segment = NULL;
}

static int by_shard(const void *left, const void *right)
{
    const struct extent *a = left, *b = right;
    if (a->shard != b->shard)
        return a->shard < b->shard ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Sorts the extents and notes where each shard's begin. */
static int segment_index(struct spool_segment *segment)
{
    uint32_t shards = segment->spool->shards;
    segment->first = calloc((size_t)shards + 1, sizeof *segment->first);
    if (!segment->first)
        return log_fail(STATUS_BUG, "out of memory for the index of a spool segment");
    if (segment->n_extents > 0)
        qsort(segment->extents, segment->n_extents, sizeof *segment->extents, by_shard);
    for (size_t i = 0; i < segment->n_extents; i++)
        segment->first[segment->extents[i].shard + 1] = i + 1;
    for (uint32_t s = 0; s < shards; s++)
        if (segment->first[s + 1] < segment->first[s])
            segment->first[s + 1] = segment->first[s];
    return 0;
}

static int read_whole(int file, void *data, size_t size, uint64_t offset)
{
    char *bytes = data;
    while (size > 0) {
        ssize_t n = pread(file, bytes, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

static struct index_head head_of(const struct spool_segment *segment)
{
    struct index_head head = {INDEX_MAGIC, segment->n_extents,     segment->end,
                              0,           segment->spool->shards, 0};
    head.hash = XXH3_64bits(segment->extents, segment->n_extents * sizeof *segment->extents);
    return head;
}

static int index_write(const struct spool_segment *segment, const char *path)
{
    struct index_head head = head_of(segment);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || spool_write_whole(file, &head, sizeof head, 0) != 0 ||
        spool_write_whole(file, segment->extents, segment->n_extents * sizeof *segment->extents,
                          sizeof head) != 0) {
        int r = log_fail(STATUS_IO, "cannot write %s: %s", path, strerror(errno));
        if (file >= 0)
            close(file);
        return r;
    }
    close(file);
    return 0;
}

int spool_segment_seal(struct spool_segment *segment, struct digest id)
{
    char rows[PATH_BYTES], index[PATH_BYTES];
    spool_segment_path(segment->spool, id, ".rows", rows);
    spool_segment_path(segment->spool, id, ".index", index);
    int r = segment_index(segment);
    if (r < 0)
        return r;
    unlink(index);
    if (rename(segment->draft, rows) != 0)
        return log_fail(STATUS_IO, "cannot rename %s to %s: %s", segment->draft, rows,
                        strerror(errno));
    segment->draft[0] = '\0';
    segment->id = id;
    return index_write(segment, index);
}

static int extents_possible(const struct spool_segment *segment)
{
    for (size_t i = 0; i < segment->n_extents; i++) {
        const struct extent *extent = &segment->extents[i];
        if (extent->shard >= segment->spool->shards || extent->size > LINE_PART_LIMIT ||
            extent->offset > segment->end || extent->size > segment->end - extent->offset)
            return 0;
    }
    return 1;
}

/* Non-zero: there is no index, or it is not whole. */
static int index_read(struct spool_segment *segment, const char *path)
{
    struct index_head head;
    struct stat rows;
    int file = open(path, O_RDONLY | O_CLOEXEC), r = -1;
    if (file < 0)
        return -1;
    if (read_whole(file, &head, sizeof head, 0) != 0 ||
        memcmp(head.magic, INDEX_MAGIC, sizeof head.magic) != 0 ||
        head.shards != segment->spool->shards ||
        head.n_extents > SIZE_MAX / 2 / sizeof(struct extent))
        goto out;
    segment->extents = malloc(head.n_extents * sizeof *segment->extents + 1);
    segment->n_extents = head.n_extents;
    segment->end = head.bytes;
    if (!segment->extents ||
        read_whole(file, segment->extents, head.n_extents * sizeof *segment->extents,
                   sizeof head) != 0 ||
        head_of(segment).hash != head.hash || !extents_possible(segment))
        goto out;
    if (fstat(segment->file, &rows) == 0 && (uint64_t)rows.st_size == head.bytes)
        r = 0;
out:
    close(file);
    return r;
}

int spool_segment_open(struct spool *spool, struct digest id, struct spool_segment **out)
{
    char path[PATH_BYTES];
    struct spool_segment *segment = segment_alloc(spool);
    if (!segment)
        return log_fail(STATUS_BUG, "out of memory for a spool segment");
    segment->id = id;
    spool_segment_path(spool, id, ".rows", path);
    segment->file = open(path, O_RDONLY | O_CLOEXEC);
    spool_segment_path(spool, id, ".index", path);
    if (segment->file < 0 || index_read(segment, path) != 0) {
        spool_segment_close(&segment);
        return SPOOL_E_ABSENT;
    }
    int r = segment_index(segment);
    if (r < 0) {
        spool_segment_close(&segment);
        return r;
    }
    *out = segment;
    return 0;
}

void spool_segment_remove(struct spool *spool, struct digest id)
{
    static const char *const suffix[] = {".index", ".rows", ".facts"};
    for (size_t i = 0; i < sizeof suffix / sizeof suffix[0]; i++) {
        char path[PATH_BYTES];
        spool_segment_path(spool, id, suffix[i], path);
        unlink(path);
    }
}

struct digest spool_segment_id(const struct spool_segment *segment)
{
    return segment->id;
}

uint64_t spool_segment_bytes(const struct spool_segment *segment, uint32_t shard)
{
    uint64_t bytes = 0;
    for (size_t i = segment->first[shard]; i < segment->first[shard + 1]; i++)
        bytes += segment->extents[i].size;
    return bytes;
}

uint64_t spool_segment_rows(const struct spool_segment *segment, uint32_t shard)
{
    uint64_t rows = 0;
    for (size_t i = segment->first[shard]; i < segment->first[shard + 1]; i++)
        rows += segment->extents[i].rows;
    return rows;
}

/* Moves past the segments that have no more of this shard; 0 when there is nothing left. */
static int reading_settle(struct spool_reading *reading)
{
    for (; reading->segment < reading->n_segments; reading->segment++, reading->extent = 0) {
        const struct spool_segment *segment = reading->segments[reading->segment];
        size_t n = segment->first[reading->shard + 1] - segment->first[reading->shard];
        if (reading->extent < n)
            return 1;
    }
    return 0;
}

/* Extents of one segment that make the next frame: how many, and their bytes. */
static size_t frame_extents(const struct spool_reading *reading, size_t *bytes)
{
    const struct spool_segment *segment = reading->segments[reading->segment];
    size_t at = segment->first[reading->shard] + reading->extent, n = 0;
    *bytes = 0;
    while (at + n < segment->first[reading->shard + 1]) {
        size_t size = segment->extents[at + n].size;
        if (n > 0 && *bytes + size > SPOOL_FRAME)
            break;
        *bytes += size;
        n++;
    }
    return n;
}

uint32_t spool_frames(const struct spool_reading *from_here)
{
    struct spool_reading reading = *from_here;
    uint32_t frames = 0;
    while (reading_settle(&reading)) {
        size_t bytes;
        reading.extent += frame_extents(&reading, &bytes);
        frames++;
    }
    return frames;
}

static int extent_read(const struct spool_segment *segment, const struct extent *extent, void *to)
{
    if (read_whole(segment->file, to, extent->size, extent->offset) != 0)
        return log_fail(STATUS_IO, "cannot read the spool of shard %u: %s", extent->shard,
                        strerror(errno));
    if (XXH3_64bits(to, extent->size) != extent->hash)
        return log_fail(STATUS_IO, "the spool of shard %u is damaged; remove the state directory",
                        extent->shard);
    return 0;
}

int spool_read_frame(struct spool_reading *reading, struct part *frame)
{
    size_t bytes;
    if (!reading_settle(reading))
        return SPOOL_E_ABSENT;
    const struct spool_segment *segment = reading->segments[reading->segment];
    const struct extent *extent =
        segment->extents + segment->first[reading->shard] + reading->extent;
    size_t n = frame_extents(reading, &bytes), at = 0;
    *frame = part_new(bytes);
    if (!frame->data)
        return log_fail(STATUS_BUG, "out of memory for a frame of %zu bytes", bytes);
    for (size_t i = 0; i < n; i++) {
        int r = extent_read(segment, &extent[i], (char *)frame->data + at);
        if (r < 0) {
            part_release(frame);
            return r;
        }
        at += extent[i].size;
    }
    reading->extent += n;
    return 0;
}
