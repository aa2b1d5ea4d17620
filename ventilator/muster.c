/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/muster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define PLACES_LIMIT 4096

/* What is held of a shard: n ids from there on. */
struct held {
    const struct digest *ids;
    uint32_t n;
    uint32_t has_attributes;
};

struct place {
    struct mustered worker;
    struct digest *sets; /* of its HELLO, copied */
    struct held *held;   /* a shard each */
};

struct muster {
    uint32_t shards;
    struct place *place;
    uint32_t n;
};

int muster_new(uint32_t shards, struct muster **out)
{
    struct muster *muster = calloc(1, sizeof *muster);
    if (!muster)
        return log_fail(STATUS_BUG, "out of memory for the workers");
    muster->shards = shards;
    *out = muster;
    return 0;
}

static void place_clear(struct place *place)
{
    free(place->sets);
    free(place->held);
    *place = (struct place){0};
}

void muster_destroy(struct muster **muster)
{
    if (!*muster)
        return;
    for (uint32_t i = 0; i < (*muster)->n; i++)
        place_clear(&(*muster)->place[i]);
    free((*muster)->place);
    free(*muster);
    *muster = NULL;
}

uint32_t muster_find(const struct muster *muster, struct peer peer)
{
    for (uint32_t i = 0; i < muster->n; i++)
        if (muster->place[i].worker.here && peer_same(muster->place[i].worker.peer, peer))
            return i;
    return MUSTER_NOBODY;
}

static uint32_t find_name(const struct muster *muster, struct digest name)
{
    for (uint32_t i = 0; i < muster->n; i++)
        if (muster->place[i].worker.here && digest_same(muster->place[i].worker.name, name))
            return i;
    return MUSTER_NOBODY;
}

static int free_place(struct muster *muster, uint32_t *place)
{
    for (*place = 0; *place < muster->n; (*place)++)
        if (!muster->place[*place].worker.here)
            return 0;
    if (muster->n == PLACES_LIMIT)
        return log_fail(STATUS_BUG, "more than %d workers", PLACES_LIMIT);
    struct place *more = realloc(muster->place, (muster->n + 1) * sizeof *more);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %u workers", muster->n + 1);
    muster->place = more;
    muster->place[muster->n++] = (struct place){0};
    return 0;
}

/* Copies what HELLO says of the cache, where it was made with as many shards as the job has. */
static int place_cache(struct place *place, const struct hello *hello, uint32_t shards)
{
    size_t ids = 0, *first = malloc((hello->n_sets + 1) * sizeof *first);
    for (size_t i = 0; first && i < hello->n_sets; i++) {
        first[i] = ids;
        ids += hello->set_sizes[i];
    }
    place->sets = malloc(ids * sizeof *place->sets + 1);
    place->held = calloc(shards, sizeof *place->held);
    if (!first || !place->sets || !place->held) {
        free(first);
        return log_fail(STATUS_BUG, "out of memory for a worker's cached shards");
    }
    if (ids > 0)
        memcpy(place->sets, hello->sets, ids * sizeof *place->sets);
    for (size_t i = 0; hello->shards == shards && i < hello->n_cached; i++) {
        uint32_t shard = hello->cached_shards[i], set = hello->cached_sets[i];
        if (shard < shards)
            place->held[shard] = (struct held){place->sets + first[set], hello->set_sizes[set], 0};
    }
    free(first);
    return 0;
}

int muster_join(struct muster *muster, struct peer peer, const struct hello *hello, uint32_t *out,
                uint32_t *replaced)
{
    *replaced = find_name(muster, hello->name);
    *out = muster_find(muster, peer);
    if (*out == *replaced)
        *replaced = MUSTER_NOBODY;
    if (*out == MUSTER_NOBODY) {
        int r = free_place(muster, out);
        if (r < 0)
            return r;
    }
    struct place *place = &muster->place[*out];
    place_clear(place);
    int r = place_cache(place, hello, muster->shards);
    if (r < 0) {
        place_clear(place);
        return r;
    }
    place->worker =
        (struct mustered){.here = 1, .peer = peer, .name = hello->name, .credit = hello->credit};
    snprintf(place->worker.host, sizeof place->worker.host, "%s", hello->host);
    return 0;
}

void muster_leave(struct muster *muster, uint32_t place)
{
    place_clear(&muster->place[place]);
}

uint32_t muster_places(const struct muster *muster)
{
    return muster->n;
}

struct mustered *muster_at(struct muster *muster, uint32_t place)
{
    return &muster->place[place].worker;
}

uint32_t muster_here(const struct muster *muster)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < muster->n; i++)
        n += muster->place[i].worker.here != 0;
    return n;
}

const struct digest *muster_have(const struct muster *muster, uint32_t place, uint32_t shard,
                                 size_t *n)
{
    const struct held *held = &muster->place[place].held[shard];
    *n = held->n;
    return held->ids;
}

void muster_holds(struct muster *muster, uint32_t place, uint32_t shard, const struct digest *want,
                  size_t n)
{
    struct held *held = muster->place[place].held;
    if (!held)
        return;
    held[shard].ids = want;
    held[shard].n = (uint32_t)n;
}

int muster_tell_attributes(struct muster *muster, uint32_t place, uint32_t shard)
{
    struct held *held = &muster->place[place].held[shard];
    int told = held->has_attributes != 0;
    held->has_attributes = 1;
    return !told;
}

void muster_forget_attributes(struct muster *muster, uint32_t place, uint32_t shard)
{
    muster->place[place].held[shard].has_attributes = 0;
}

enum holding muster_compare(const struct digest *have, size_t n_have, const struct digest *want,
                            size_t n_want)
{
    size_t k = 0;
    for (size_t i = 0; i < n_have; i++, k++) {
        while (k < n_want && !digest_same(have[i], want[k]))
            k++;
        if (k == n_want)
            return HOLDING_NONE;
    }
    if (n_have == 0)
        return HOLDING_NONE;
    return n_have == n_want ? HOLDING_ALL : HOLDING_SOME;
}
