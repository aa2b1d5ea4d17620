/* SPDX-License-Identifier: Apache-2.0 */
/* Digests are unpacked by all threads, some at a time, and added list by list, each in the order of the shards,
 * which is what makes lists by customer the same bytes however they were dealt. A population a thread, merged
 * at the end, was refused: it needs the memory twice. */
#include "sink/merged.h"

#include <stdlib.h>

#include "common/log.h"
#include "sink/committed.h"
#include "sink/crew.h"

#define ARENA_LIMIT ((size_t)256 << 20)
#define BATCH       8 /* parts at a time, each with memory of its own */

struct reading {
    const struct slice *part;
    struct arena *arena[BATCH];
    struct gathered gathered[BATCH];
    int failed[BATCH];
};

static void unpack(void *context, size_t i, size_t who)
{
    struct reading *reading = context;
    struct parcel parcel;
    struct slice bytes = reading->part[i];
    (void)who;
    parcel.n = 1;
    parcel.part[0] = (struct part){(void *)(uintptr_t)bytes.data, bytes.size, NULL, NULL};
    arena_reset(reading->arena[i]);
    reading->failed[i] =
        wire_gathered_read(&parcel, 0, reading->arena[i], &reading->gathered[i]) != 0;
}

static int add(struct merged *merged, const struct reading *reading, size_t n, struct crew *crew)
{
    int r = 0;
    for (size_t i = 0; i < n; i++)
        if (reading->failed[i])
            return log_fail(STATUS_BUG, "a digest that was committed cannot be read again");
    for (size_t i = 0; r == 0 && i < n; i++)
        r = rehearsal_add(merged->rehearsal, &reading->gathered[i]);
    if (r == 0)
        r = population_add(merged->population, reading->gathered, n, crew);
    return r == POPULATION_E_OVERFLOW
               ? log_fail(STATUS_DATA, "the money of the whole ledger does not fit in 9.2e14")
               : r;
}

static int read_all(struct merged *merged, struct committed *parts, struct reading *reading,
                    struct crew *crew)
{
    int r;
    while ((r = committed_next(parts, BATCH)) == 0) {
        reading->part = parts->part;
        crew_run(crew, parts->n, unpack, reading);
        r = add(merged, reading, parts->n, crew);
        if (r < 0)
            return r;
    }
    return r < 0 ? r : 0;
}

int merged_read(struct merged *merged, struct commit *commit, uint32_t shards, struct crew *crew)
{
    struct committed parts;
    struct reading *reading = calloc(1, sizeof *reading);
    int whole = reading != NULL;
    *merged = (struct merged){NULL, NULL};
    committed_open(&parts, commit, 1, shards);
    for (size_t i = 0; whole && i < BATCH; i++)
        whole = (reading->arena[i] = arena_new(ARENA_LIMIT)) != NULL;
    int r = whole ? population_new(&merged->population)
                  : log_fail(STATUS_BUG, "out of memory to read digests");
    if (r == 0)
        r = rehearsal_new(&merged->rehearsal);
    if (r == 0)
        r = read_all(merged, &parts, reading, crew);
    committed_close(&parts);
    for (size_t i = 0; reading && i < BATCH; i++)
        arena_destroy(&reading->arena[i]);
    free(reading);
    if (r == 0)
        r = population_end(merged->population, crew);
    return r < 0 ? r : rehearsal_end(merged->rehearsal);
}

void merged_free(struct merged *merged)
{
    population_destroy(&merged->population);
    rehearsal_destroy(&merged->rehearsal);
}
