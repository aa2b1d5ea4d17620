/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/sightings.h"

#include <string.h>

static int same(const struct sighting *a, const struct sighting *b)
{
    return a->size == b->size && memcmp(a->value, b->value, a->size) == 0;
}

static int before(const struct sighting *a, const struct sighting *b)
{
    return a->input != b->input ? a->input < b->input : a->line < b->line;
}

static uint32_t find(const struct sightings *sightings, const struct sighting *wanted)
{
    uint32_t i = 0;
    while (i < sightings->n && !same(&sightings->seen[i], wanted))
        i++;
    return i;
}

static void take_out(struct sightings *sightings, uint32_t i)
{
    sightings->n--;
    memmove(&sightings->seen[i], &sightings->seen[i + 1],
            (sightings->n - i) * sizeof sightings->seen[i]);
}

/* Where it belongs by place; the last one falls out of a full list. */
static void insert(struct sightings *sightings, const struct sighting *added)
{
    uint32_t i = sightings->n;
    while (i > 0 && before(added, &sightings->seen[i - 1]))
        i--;
    if (i == SIGHTINGS_KEPT)
        return;
    if (sightings->n == SIGHTINGS_KEPT)
        sightings->n--;
    memmove(&sightings->seen[i + 1], &sightings->seen[i],
            (sightings->n - i) * sizeof sightings->seen[i]);
    sightings->seen[i] = *added;
    sightings->n++;
}

static void add(struct sightings *sightings, const struct sighting *added)
{
    uint32_t i = find(sightings, added);
    if (i < sightings->n && !before(added, &sightings->seen[i]))
        return;
    if (i < sightings->n)
        take_out(sightings, i);
    insert(sightings, added);
}

void sightings_add(struct sightings *sightings, struct slice value, uint32_t input, uint64_t line)
{
    struct sighting added = {.input = input, .line = line};
    added.size = (uint8_t)(value.size < SIGHTING_SIZE ? value.size : SIGHTING_SIZE);
    memcpy(added.value, value.data, added.size);
    add(sightings, &added);
}

void sightings_merge(struct sightings *into, const struct sightings *from)
{
    for (uint32_t i = 0; i < from->n; i++)
        add(into, &from->seen[i]);
}

void sightings_renumber(struct sightings *sightings, uint32_t input)
{
    for (uint32_t i = 0; i < sightings->n; i++)
        sightings->seen[i].input = input;
}
