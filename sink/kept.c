/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kept.h"

#include <stdlib.h>

#include "common/line.h"
#include "common/log.h"
#include "sink/record.h"

/* The marks of a stage, and what becomes of them. */
struct adoption {
    struct store *store;
    uint32_t stage;
    struct mark *mark;
    uint32_t *shard;
    size_t n, room;
    struct key *key; /* of the changes, in the order of puts */
    struct store_put *put;
    size_t n_puts, room_puts;
    size_t damaged;
};

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %zu kept results", n);
    *at = more;
    return 0;
}

static int note_mark(void *context, struct slice key, struct slice value)
{
    struct adoption *a = context;
    int r = 0;
    if (a->n == a->room) {
        a->room = a->room * 2 + 64;
        r = grow(&a->mark, a->room, sizeof *a->mark);
        if (r == 0)
            r = grow(&a->shard, a->room, sizeof *a->shard);
    }
    if (r < 0 || mark_read(value, &a->mark[a->n]) != 0)
        return r;
    if (a->mark[a->n].parts > LINE_PARTS_LIMIT)
        a->mark[a->n].parts = 0; /* which is not what the digest is of */
    a->shard[a->n++] = key_shard(key);
    return 0;
}

/* Lets go of the bytes: those of all shards together are as large as the results. */
static int is_sound(const struct adoption *a, size_t i)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    for (uint32_t part = 0; part < a->mark[i].parts; part++) {
        struct key key = key_result(a->stage, a->shard[i], part);
        struct slice value;
        if (store_read(a->store, key_slice(&key), &value) != 0) {
            store_release(a->store);
            return 0;
        }
        XXH3_128bits_update(&state, value.data, value.size);
    }
    store_release(a->store);
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    return digest_same(a->mark[i].digest, (struct digest){hash.low64, hash.high64});
}

/* Room for all changes at once, so that keys stay where they are. */
static int changes_room(struct adoption *a)
{
    a->room_puts = a->n;
    for (size_t i = 0; i < a->n; i++)
        a->room_puts += a->mark[i].parts;
    int r = grow(&a->key, a->room_puts + 1, sizeof *a->key);
    return r < 0 ? r : grow(&a->put, a->room_puts + 1, sizeof *a->put);
}

static void change(struct adoption *a, struct key key, const struct mark *mark)
{
    a->key[a->n_puts] = key;
    a->put[a->n_puts] =
        (struct store_put){key_slice(&a->key[a->n_puts]), {{mark, sizeof *mark}}, mark ? 1 : 0};
    a->n_puts++;
}

static void take(struct adoption *a, size_t i)
{
    struct mark *mark = &a->mark[i];
    if (mark->kept)
        return;
    mark->kept = mark->cached = 1;
    mark->rows_cached += mark->rows_folded;
    mark->rows_folded = 0;
    change(a, key_done(a->stage, a->shard[i]), mark);
}

static void drop(struct adoption *a, size_t i)
{
    a->damaged++;
    change(a, key_done(a->stage, a->shard[i]), NULL);
    for (uint32_t part = 0; part < a->mark[i].parts; part++)
        change(a, key_result(a->stage, a->shard[i], part), NULL);
}

static int write_changes(const struct adoption *a)
{
    if (a->damaged > 0)
        log_say(LOG_WARN,
                "%zu of %zu results that the sink had kept of stage %u are damaged; they are made "
                "again",
                a->damaged, a->n, a->stage);
    int r = a->n_puts > 0 ? store_write(a->store, a->put, a->n_puts) : 0;
    return r == STORE_E_FULL ? KEPT_E_FULL : r;
}

int kept_adopt(struct store *store, uint32_t stage)
{
    struct adoption a = {.store = store, .stage = stage};
    struct key prefix = key_stage(KEY_DONE, stage);
    int r = store_each(store, key_slice(&prefix), note_mark, &a);
    store_release(store);
    if (r == 0)
        r = changes_room(&a);
    for (size_t i = 0; r == 0 && i < a.n; i++) {
        if (is_sound(&a, i))
            take(&a, i);
        else
            drop(&a, i);
    }
    if (r == 0)
        r = write_changes(&a);
    free(a.mark);
    free(a.shard);
    free(a.key);
    free(a.put);
    return r;
}
