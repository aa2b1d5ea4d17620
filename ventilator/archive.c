/* SPDX-License-Identifier: Apache-2.0 */
/* A job is kept in the bytes in which it is told (Entries of one, docs/PROTOCOL.md): they are read with the
 * same care as a stranger's, and a field that a later version adds is no new format. */
#include "ventilator/archive.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define ARENA_LIMIT ((size_t)16 << 20)

static const char prefix[] = "job ";

struct archive {
    struct store *store;
    struct arena *arena;
};

int archive_open(struct store **store, struct archive **out)
{
    struct archive *archive = calloc(1, sizeof *archive);
    if (archive)
        archive->arena = arena_new(ARENA_LIMIT);
    if (!archive || !archive->arena) {
        free(archive);
        return log_fail(STATUS_BUG, "out of memory for the queue");
    }
    archive->store = *store;
    *store = NULL;
    *out = archive;
    return 0;
}

void archive_close(struct archive **archive)
{
    if (!*archive)
        return;
    store_close(&(*archive)->store);
    arena_destroy(&(*archive)->arena);
    free(*archive);
    *archive = NULL;
}

struct loading {
    struct archive *archive;
    struct docket *docket;
    int64_t now_ms;
};

static int load_one(void *context, struct slice key, struct slice value)
{
    struct loading *loading = context;
    struct parcel parcel = {.part = {{(void *)(uintptr_t)value.data, value.size, NULL, NULL}},
                            .n = 1};
    struct entries entries;
    arena_reset(loading->archive->arena);
    if (wire_entries_read(&parcel, 0, loading->archive->arena, &entries) != 0 || entries.n != 1) {
        log_say(LOG_ERROR, "the queue's %.*s cannot be read; passed over", (int)key.size,
                (const char *)key.data);
        return 0;
    }
    return docket_restore(loading->docket, &entries.entry[0], loading->now_ms);
}

int archive_load(struct archive *archive, struct docket *docket, int64_t now_ms)
{
    struct loading loading = {archive, docket, now_ms};
    int r =
        store_each(archive->store, (struct slice){prefix, sizeof prefix - 1}, load_one, &loading);
    store_release(archive->store);
    return r;
}

#define KEY_BYTES (sizeof prefix + ORDER_NAME_LIMIT)

static struct slice key_of(const struct docket_job *job, char room[KEY_BYTES])
{
    size_t size = strlen(job->id);
    memcpy(room, prefix, sizeof prefix - 1);
    memcpy(room + sizeof prefix - 1, job->id, size);
    return (struct slice){room, sizeof prefix - 1 + size};
}

static int answer(int r)
{
    if (r <= 0)
        return r;
    log_say(LOG_ERROR, "the disk of the queue is full");
    return ARCHIVE_E_FULL;
}

int archive_save(struct archive *archive, const struct docket_job *job)
{
    char room[KEY_BYTES];
    struct parcel parcel = {.n = 0};
    struct entry entry = docket_entry(job);
    struct entries one = {&entry, 1};
    arena_reset(archive->arena);
    int r = wire_entries_put(&one, archive->arena, &parcel);
    if (r < 0)
        return r;
    struct store_put put = {
        key_of(job, room), {{parcel.part[0].data, parcel.part[0].size}}, .n_parts = 1};
    r = answer(store_write(archive->store, &put, 1));
    parcel_clear(&parcel);
    return r;
}

int archive_remove(struct archive *archive, const struct docket_job *job)
{
    char room[KEY_BYTES];
    struct store_put put = {.key = key_of(job, room), .n_parts = 0};
    return answer(store_write(archive->store, &put, 1));
}
