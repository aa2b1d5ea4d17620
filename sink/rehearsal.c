/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/rehearsal.h"

#include <stdlib.h>

#include "common/log.h"
#include "common/radix.h"
#include "sink/population.h"

/* One customer as he came. */
struct entry {
    uint32_t x;
    int32_t span, age;
    int64_t spent;
    struct past {
        uint32_t days;
        int32_t span, age;
        int64_t spent;
        int came;
    } past[TRIALS];
};

struct rehearsal {
    struct entry *entry; /* as they came */
    struct radix_item *by_hash;
    size_t n, room;
};

int rehearsal_new(struct rehearsal **rehearsal)
{
    *rehearsal = calloc(1, sizeof **rehearsal);
    return *rehearsal ? 0 : log_fail(STATUS_BUG, "out of memory for trials");
}

void rehearsal_destroy(struct rehearsal **rehearsal)
{
    if (!*rehearsal)
        return;
    free((*rehearsal)->entry);
    free((*rehearsal)->by_hash);
    free(*rehearsal);
    *rehearsal = NULL;
}

static int make_room(struct rehearsal *rehearsal, size_t n)
{
    if (n <= rehearsal->room)
        return 0;
    size_t room = rehearsal->room * 2 > n ? rehearsal->room * 2 : n + 1024;
    void *entry = realloc(rehearsal->entry, room * sizeof *rehearsal->entry);
    if (entry)
        rehearsal->entry = entry;
    void *by_hash = realloc(rehearsal->by_hash, room * sizeof *rehearsal->by_hash);
    if (by_hash)
        rehearsal->by_hash = by_hash;
    if (!entry || !by_hash)
        return log_fail(STATUS_BUG, "out of memory for the trials of %zu customers", room);
    rehearsal->room = room;
    return 0;
}

static struct entry entry_of(const struct gathered *part, size_t i)
{
    struct entry entry = {part->sample_x[i],
                          part->sample_span[i],
                          part->sample_age[i],
                          part->trial_spent[i],
                          {{0, 0, 0, 0, 0}}};
    for (size_t t = 0; t < TRIALS; t++) {
        const struct trial_columns *from = &part->trial[t];
        entry.past[t] = (struct past){from->days[i], from->span[i], from->age[i], from->spent[i],
                                      from->came[i]};
    }
    return entry;
}

int rehearsal_add(struct rehearsal *rehearsal, const struct gathered *part)
{
    int r = make_room(rehearsal, rehearsal->n + part->n_trials);
    for (size_t i = 0; r == 0 && i < part->n_trials; i++) {
        rehearsal->entry[rehearsal->n] = entry_of(part, i);
        rehearsal->by_hash[rehearsal->n] = (struct radix_item){part->sample_hash[i], rehearsal->n};
        rehearsal->n++;
    }
    return r;
}

int rehearsal_end(struct rehearsal *rehearsal)
{
    struct radix_item *scratch = malloc(rehearsal->n * sizeof *scratch + 1);
    if (!scratch)
        return log_fail(STATUS_BUG, "out of memory to sort %zu trials", rehearsal->n);
    radix_sort(rehearsal->by_hash, scratch, rehearsal->n);
    free(scratch);
    if (rehearsal->n > POPULATION_SAMPLE)
        rehearsal->n = POPULATION_SAMPLE;
    return 0;
}

size_t rehearsal_size(const struct rehearsal *rehearsal)
{
    return rehearsal->n;
}

struct rehearsed rehearsal_of(const struct rehearsal *rehearsal, size_t i, enum rehearsal_when when)
{
    const struct entry *entry = &rehearsal->entry[rehearsal->by_hash[i].value];
    if (when == REHEARSAL_NOW)
        return (struct rehearsed){entry->x + 1, entry->span, entry->age, 0, entry->spent};
    const struct past *past = &entry->past[when - REHEARSAL_LATE];
    return (struct rehearsed){past->days, past->span, past->age, past->came, past->spent};
}
