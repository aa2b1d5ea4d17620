/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_CACHE_H
#define WORKER_CACHE_H

#include "common/hash.h"
#include "common/status.h"
#include "common/store.h"

/* What a worker remembers between stages, runs and nights: a block of histories a shard, and the
 * attributes that came with it. All of it can be made again, so a cache that does not open, is of
 * another version or is found damaged is set aside with one log line and begun anew. */

struct cache;

enum { CACHE_E_ABSENT = 1, CACHE_E_TURNED };

/* Opens the store in the directory through open (store_lmdb_open in the product). */
typedef int cache_opener(const char *directory, struct store **store);
int cache_open(const char *directory, cache_opener *open, struct cache **cache) MUST_USE;
/* Sets aside what is in the directory without looking at it, which may be deadly, and begins anew. */
int cache_open_anew(const char *directory, cache_opener *open, const char *why,
                    struct cache **cache) MUST_USE;
void cache_close(struct cache **cache);

/* Jobs of one name have a cache of their own, DIRECTORY/names/NAME; those without ("") share the directory's.
 * CACHE_E_TURNED: it is another one now, and what was read of the other is gone. */
int cache_turn_to(struct cache *cache, const char *name) MUST_USE;

const char *cache_name(const struct cache *cache); /* "": the one they share */

/* Sets the cache aside because of what was found in it, and begins anew. What a read or a write finds
 * does the same, and is then no error. */
int cache_set_aside(struct cache *cache, const char *why) MUST_USE;

/* Blocks of another shard count cannot be used: they are deleted. */
int cache_shards(struct cache *cache, uint32_t shards) MUST_USE;

int cache_put_block(struct cache *cache, uint32_t shard, struct slice block) MUST_USE;
/* Read in place, valid until cache_release or the next put. */
int cache_block(struct cache *cache, uint32_t shard, struct slice *block) MUST_USE;
int cache_put_attributes(struct cache *cache, uint32_t shard, struct digest digest,
                         struct slice bytes) MUST_USE;
int cache_attributes(struct cache *cache, uint32_t shard, struct digest digest,
                     struct slice *bytes) MUST_USE;
void cache_release(struct cache *cache);

/* What is there, for HELLO: the shards with a block, and the set of segments of each, as in struct hello.
 * Reads all blocks: one that is damaged sets the cache aside, whether or not a job would have asked for it. The
 * arrays are the caller's to free. */
struct cache_list {
    uint32_t shards; /* the shard count, 0: nothing is cached */
    struct digest *sets;
    uint32_t *set_sizes;
    size_t n_sets;
    uint32_t *cached_shards, *cached_sets;
    size_t n_cached;
};
int cache_list(struct cache *cache, struct cache_list *list) MUST_USE;
void cache_list_free(struct cache_list *list);

#endif
