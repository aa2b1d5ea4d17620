/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SIGHTINGS_H
#define VENTILATOR_SIGHTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Things of which a ledger should have one (a currency, a sign, a UTC offset): the first few that
 * were seen, each with the first row it was seen in. Two are enough to refuse a ledger. */

#define SIGHTINGS_KEPT 4
#define SIGHTING_SIZE  15 /* bytes of a value; what differs only behind them is taken as equal */

struct sighting {
    uint8_t size;
    char value[SIGHTING_SIZE];
    uint32_t input;
    uint64_t line;
};

/* In the order of (input, line). */
struct sightings {
    uint32_t n;
    struct sighting seen[SIGHTINGS_KEPT];
};

/* Rows come in rising order, or from another sightings by merging. */
void sightings_add(struct sightings *sightings, struct slice value, uint32_t input, uint64_t line);
void sightings_merge(struct sightings *into, const struct sightings *from);
void sightings_renumber(struct sightings *sightings, uint32_t input);

static inline struct slice sighting_value(const struct sighting *sighting)
{
    return (struct slice){sighting->value, sighting->size};
}

#endif
