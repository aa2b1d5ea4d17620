/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: "v" the version and shard count; "b" + shard (big-endian) a block; "a" + shard the
 * attributes, their digest first. One value a shard: a put is one large sequential write, a read is in
 * place. */
#include "worker/cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "worker/block.h"

#define PATH_BYTES 4096

/* If the meaning of a key or a value changes, so does this; an old cache is then set aside. */
#define CACHE_VERSION "winnow cache 1"

struct cache {
    char base[PATH_BYTES];      /* as it was opened */
    char directory[PATH_BYTES]; /* the present one */
    cache_opener *open;
    struct store *store;
    uint32_t shards; /* 0: not told yet */
};

struct version {
    char name[16];
    uint32_t shards;
    uint32_t padding;
};

struct key {
    unsigned char bytes[5];
};

static struct key key_of(char kind, uint32_t shard)
{
    struct key key = {{(unsigned char)kind, (unsigned char)(shard >> 24),
                       (unsigned char)(shard >> 16), (unsigned char)(shard >> 8),
                       (unsigned char)shard}};
    return key;
}

static struct slice key_slice(const struct key *key)
{
    return (struct slice){key->bytes, sizeof key->bytes};
}

static int version_write(struct cache *cache)
{
    struct version version = {CACHE_VERSION, cache->shards, 0};
    struct store_put put = {{"v", 1}, {{&version, sizeof version}}, 1};
    int r = store_write(cache->store, &put, 1);
    if (r == STORE_E_FULL)
        return log_fail(STATUS_IO, "no space for the cache in %s; --state names another place",
                        cache->directory);
    return r;
}

/* 0: of this version; > 0: empty or of another. */
static int version_read(struct cache *cache, int *empty)
{
    struct slice value;
    int r = store_read(cache->store, (struct slice){"v", 1}, &value);
    *empty = r == STORE_E_ABSENT;
    if (r == 0 && (value.size != sizeof(struct version) ||
                   memcmp(value.data, CACHE_VERSION, sizeof CACHE_VERSION) != 0))
        r = BLOCK_E_UNREADABLE;
    if (r == 0)
        memcpy(&cache->shards, (const char *)value.data + offsetof(struct version, shards),
               sizeof cache->shards);
    store_release(cache->store);
    return r;
}

static int answer_yes(void *context, struct slice key, struct slice value)
{
    (void)context;
    (void)key;
    (void)value;
    return 1;
}

/* A store that has keys but no version is somebody else's. */
static int store_has_keys(struct cache *cache)
{
    int r = store_each(cache->store, (struct slice){"", 0}, answer_yes, NULL);
    store_release(cache->store);
    return r;
}

/* Moves what is in the directory to a free name beside it. */
static int move_aside(const struct cache *cache, const char *why)
{
    char aside[PATH_BYTES + 32];
    for (int i = 1; i < 1000; i++) {
        snprintf(aside, sizeof aside, "%s.aside-%d", cache->directory, i);
        if (access(aside, F_OK) == 0)
            continue;
        if (rename(cache->directory, aside) != 0)
            break;
        log_say(LOG_WARN, "cache %s %s; moved to %s, its shards are sent again", cache->directory,
                why, aside);
        return 0;
    }
    return log_fail(STATUS_NO_OUTPUT, "cache %s %s and cannot be moved aside: %s", cache->directory,
                    why, strerror(errno));
}

static int open_fresh(struct cache *cache)
{
    int r = cache->open(cache->directory, &cache->store);
    if (r > 0)
        return log_fail(STATUS_IO, "cannot make a cache in %s", cache->directory);
    cache->shards = 0;
    return r < 0 ? r : version_write(cache);
}

int cache_set_aside(struct cache *cache, const char *why)
{
    store_close(&cache->store);
    int r = move_aside(cache, why);
    return r < 0 ? r : open_fresh(cache);
}

static int open_known(struct cache *cache)
{
    int empty, r = cache->open(cache->directory, &cache->store);
    if (r == STORE_E_BUSY)
        return log_fail(STATUS_CONFIG,
                        "cache %s is in use by another process; --state names another",
                        cache->directory);
    if (r == STORE_E_UNREADABLE) {
        r = move_aside(cache, "is not readable");
        return r < 0 ? r : open_fresh(cache);
    }
    if (r < 0)
        return r;
    r = version_read(cache, &empty);
    if (r == STORE_E_ABSENT && empty) {
        r = store_has_keys(cache);
        if (r == 0)
            return version_write(cache);
    }
    if (r == STATUS_IO)
        return cache_set_aside(cache, "is damaged");
    return r > 0 ? cache_set_aside(cache, "is of another version") : r;
}

static int cache_new(const char *directory, cache_opener *open, struct cache **out)
{
    if (strlen(directory) >= PATH_BYTES - 32)
        return log_fail(STATUS_NO_OUTPUT, "state directory has a name of over %d bytes",
                        PATH_BYTES - 32);
    struct cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return log_fail(STATUS_BUG, "out of memory for a cache");
    strcpy(cache->base, directory);
    strcpy(cache->directory, directory);
    cache->open = open;
    *out = cache;
    return 0;
}

int cache_open(const char *directory, cache_opener *open, struct cache **cache)
{
    int r = cache_new(directory, open, cache);
    if (r < 0)
        return r;
    r = open_known(*cache);
    if (r < 0)
        cache_close(cache);
    return r;
}

int cache_open_anew(const char *directory, cache_opener *open, const char *why,
                    struct cache **cache)
{
    int r = cache_new(directory, open, cache);
    if (r < 0)
        return r;
    if (access(directory, F_OK) == 0)
        r = move_aside(*cache, why);
    if (r == 0)
        r = open_fresh(*cache);
    if (r < 0)
        cache_close(cache);
    return r;
}

static int make_names(const struct cache *cache)
{
    char names[PATH_BYTES + 8];
    snprintf(names, sizeof names, "%s/names", cache->base);
    if (mkdir(names, 0700) == 0 || errno == EEXIST)
        return 0;
    return log_fail(STATUS_NO_OUTPUT, "cannot make %s: %s", names, strerror(errno));
}

int cache_turn_to(struct cache *cache, const char *name)
{
    char directory[PATH_BYTES];
    int n =
        snprintf(directory, sizeof directory, "%s%s%s", cache->base, *name ? "/names/" : "", name);
    if (n >= PATH_BYTES - 32)
        return log_fail(STATUS_NO_OUTPUT, "cache %s has a name that is too long", directory);
    if (strcmp(directory, cache->directory) == 0)
        return 0;
    int r = *name ? make_names(cache) : 0;
    if (r < 0)
        return r;
    store_close(&cache->store);
    strcpy(cache->directory, directory);
    cache->shards = 0;
    r = open_known(cache);
    return r < 0 ? r : CACHE_E_TURNED;
}

const char *cache_name(const struct cache *cache)
{
    size_t size = strlen(cache->base);
    return cache->directory[size] ? cache->directory + size + strlen("/names/") : "";
}

void cache_close(struct cache **cache)
{
    if (!*cache)
        return;
    store_close(&(*cache)->store);
    free(*cache);
    *cache = NULL;
}

int cache_shards(struct cache *cache, uint32_t shards)
{
    struct store_put *puts;
    size_t n = 0;
    if (cache->shards == shards)
        return 0;
    if (cache->shards == 0) {
        cache->shards = shards;
        return version_write(cache);
    }
    log_say(LOG_INFO, "cache %s was made with %u shards, the job has %u: begun anew",
            cache->directory, cache->shards, shards);
    puts = calloc((size_t)cache->shards * 2, sizeof *puts);
    struct key *keys = calloc((size_t)cache->shards * 2, sizeof *keys);
    if (!puts || !keys) {
        free(puts);
        free(keys);
        return log_fail(STATUS_BUG, "out of memory for %u shards", cache->shards);
    }
    for (uint32_t s = 0; s < cache->shards; s++)
        for (int k = 0; k < 2; k++) {
            keys[n] = key_of("ab"[k], s);
            puts[n].key = key_slice(&keys[n]);
            n++;
        }
    int r = store_write(cache->store, puts, n);
    free(puts);
    free(keys);
    if (r != 0)
        return r < 0 ? r : log_fail(STATUS_IO, "no space for the cache in %s", cache->directory);
    cache->shards = shards;
    return version_write(cache);
}

/* A store that cannot be read or written in the middle of a job is damaged: a new one, of as many
 * shards. If it is the disk, that fails too. */
static int begin_anew(struct cache *cache)
{
    uint32_t shards = cache->shards;
    int r = cache_set_aside(cache, "is damaged");
    return r < 0 || shards == 0 ? r : cache_shards(cache, shards);
}

static int put_value(struct cache *cache, char kind, uint32_t shard, struct slice head,
                     struct slice body)
{
    struct key key = key_of(kind, shard);
    struct store_put put = {key_slice(&key), {head, body}, 2};
    int r = store_write(cache->store, &put, 1);
    if (r == STATUS_IO) {
        r = begin_anew(cache);
        if (r == 0)
            r = store_write(cache->store, &put, 1);
    }
    if (r == STORE_E_FULL)
        return log_fail(STATUS_IO, "no space for the cache in %s; --state names another place",
                        cache->directory);
    return r;
}

int cache_put_block(struct cache *cache, uint32_t shard, struct slice block)
{
    return put_value(cache, 'b', shard, block, (struct slice){NULL, 0});
}

int cache_block(struct cache *cache, uint32_t shard, struct slice *block)
{
    struct key key = key_of('b', shard);
    return store_read(cache->store, key_slice(&key), block) == 0 ? 0 : CACHE_E_ABSENT;
}

int cache_put_attributes(struct cache *cache, uint32_t shard, struct digest digest,
                         struct slice bytes)
{
    return put_value(cache, 'a', shard, (struct slice){&digest, sizeof digest}, bytes);
}

int cache_attributes(struct cache *cache, uint32_t shard, struct digest digest, struct slice *bytes)
{
    struct key key = key_of('a', shard);
    struct slice value;
    if (store_read(cache->store, key_slice(&key), &value) != 0 || value.size < sizeof digest ||
        memcmp(value.data, &digest, sizeof digest) != 0)
        return CACHE_E_ABSENT;
    *bytes = (struct slice){(const char *)value.data + sizeof digest, value.size - sizeof digest};
    return 0;
}

void cache_release(struct cache *cache)
{
    store_release(cache->store);
}

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for a list of %zu cached shards", n);
    *at = more;
    return 0;
}

/* The index of this set in the list, a new one where it is not there yet. Sets are few: nearly always
 * one, two after a night that was cut short. */
static int set_index(struct cache_list *list, const struct block_set *set, uint32_t *index)
{
    size_t at = 0;
    for (size_t i = 0; i < list->n_sets; at += list->set_sizes[i], i++)
        if (list->set_sizes[i] == set->n &&
            memcmp(list->sets + at, set->segments, set->n * sizeof *set->segments) == 0) {
            *index = (uint32_t)i;
            return 0;
        }
    int r = grow(&list->sets, at + set->n + 1, sizeof *list->sets);
    if (r == 0)
        r = grow(&list->set_sizes, list->n_sets + 1, sizeof *list->set_sizes);
    if (r < 0)
        return r;
    memcpy(list->sets + at, set->segments, set->n * sizeof *set->segments);
    list->set_sizes[list->n_sets] = (uint32_t)set->n;
    *index = (uint32_t)list->n_sets++;
    return 0;
}

static int list_block(void *context, struct slice key, struct slice value)
{
    struct cache_list *list = context;
    const unsigned char *bytes = key.data;
    struct block_set set;
    uint32_t index;
    if (key.size != 5 || block_read_set(value, &set) != 0)
        return 0; /* not listed, so it will be sent */
    uint32_t shard =
        (uint32_t)bytes[1] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 8 | bytes[4];
    int r = set_index(list, &set, &index);
    if (r == 0)
        r = grow(&list->cached_shards, list->n_cached + 1, sizeof *list->cached_shards);
    if (r == 0)
        r = grow(&list->cached_sets, list->n_cached + 1, sizeof *list->cached_sets);
    if (r < 0)
        return r;
    list->cached_shards[list->n_cached] = shard;
    list->cached_sets[list->n_cached++] = index;
    return 0;
}

/* One after the other, so that no more than a block's pages are resident. */
static int check_blocks(struct cache *cache, const struct cache_list *list)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < list->n_cached; i++) {
        struct slice block;
        if (cache_block(cache, list->cached_shards[i], &block) != 0 || block_check(block) != 0)
            r = STATUS_IO;
        cache_release(cache);
    }
    return r;
}

int cache_list(struct cache *cache, struct cache_list *list)
{
    *list = (struct cache_list){.shards = cache->shards};
    int r = store_each(cache->store, (struct slice){"b", 1}, list_block, list);
    store_release(cache->store);
    if (r == 0)
        r = check_blocks(cache, list);
    if (r == 0)
        return 0;
    cache_list_free(list);
    if (r != STATUS_IO)
        return r;
    r = begin_anew(cache);
    list->shards = cache->shards;
    return r;
}

void cache_list_free(struct cache_list *list)
{
    free(list->sets);
    free(list->set_sizes);
    free(list->cached_shards);
    free(list->cached_sets);
    *list = (struct cache_list){0};
}
