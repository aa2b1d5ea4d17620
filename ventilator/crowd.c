/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing over hashes that are uniform already, at most half full. */
#include "ventilator/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define FIRST_SLOTS 256

void crowd_release(struct crowd *crowd)
{
    free(crowd->slots);
    memset(crowd, 0, sizeof *crowd);
}

/* Where the hash is, or would be. */
static uint64_t *slot_of(const struct crowd *crowd, uint64_t hash)
{
    size_t i = (size_t)hash & (crowd->n_slots - 1);
    while (crowd->slots[i] && crowd->slots[i] != hash)
        i = (i + 1) & (crowd->n_slots - 1);
    return &crowd->slots[i];
}

static int grow(struct crowd *crowd)
{
    struct crowd larger = *crowd;
    larger.n_slots = crowd->n_slots ? crowd->n_slots * 2 : FIRST_SLOTS;
    larger.slots = calloc(larger.n_slots, sizeof *larger.slots);
    if (!larger.slots)
        return log_fail(STATUS_BUG, "no memory to count customers");
    for (size_t i = 0; i < crowd->n_slots; i++)
        if (crowd->slots[i])
            *slot_of(&larger, crowd->slots[i]) = crowd->slots[i];
    free(crowd->slots);
    *crowd = larger;
    return 0;
}

static void add_zero(struct crowd *crowd)
{
    crowd->n += !crowd->has_zero;
    crowd->has_zero = 1;
}

int crowd_add(struct crowd *crowd, uint64_t hash)
{
    if (crowd_full(crowd))
        return 0;
    if (!hash) {
        add_zero(crowd);
        return 0;
    }
    if (crowd->n * 2 >= crowd->n_slots) {
        int r = grow(crowd);
        if (r)
            return r;
    }
    uint64_t *slot = slot_of(crowd, hash);
    crowd->n += *slot == 0;
    *slot = hash;
    return 0;
}

int crowd_merge(struct crowd *into, const struct crowd *from)
{
    int r = from->has_zero ? crowd_add(into, 0) : 0;
    for (size_t i = 0; i < from->n_slots && !r; i++)
        if (from->slots[i])
            r = crowd_add(into, from->slots[i]);
    return r;
}
