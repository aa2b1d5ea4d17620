/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_PEERAGE_H
#define SINK_PEERAGE_H

#include "common/roster.h"
#include "common/status.h"
#include "common/wire_digest.h"

/* Who is compared with whom: the peers of all shards, group by group, each group's in the order in
 * which they came. */

enum peerage_column { PEERAGE_PER_UNIT, PEERAGE_UNITS, PEERAGE_SPEND, PEERAGE_COLUMNS };

/* One group of one shard: n values. */
struct peerage_piece {
    uint32_t group; /* a number in names */
    uint32_t n;
};

struct peerage {
    struct roster *names;
    struct peerage_piece *pieces;
    size_t n_pieces, room_pieces;
    int64_t *came[PEERAGE_COLUMNS];    /* as they came */
    int64_t *grouped[PEERAGE_COLUMNS]; /* group by group */
    size_t n, room;
    uint32_t *order; /* numbers sorted by name */
    size_t *first;   /* by number, into grouped */
    size_t *members; /* by number */
};

int peerage_open(struct peerage *peerage) MUST_USE;
void peerage_close(struct peerage *peerage);

/* One part of a digest. Where it has no units, each is one and the spend is that of a unit. */
int peerage_add(struct peerage *peerage, const struct gathered *part) MUST_USE;
/* After the last part. */
int peerage_end(struct peerage *peerage) MUST_USE;

/* Group i in the order of names; its n values of each column begin at from. */
struct peerage_group {
    const char *name;
    size_t length, from, n;
};
struct peerage_group peerage_group(const struct peerage *peerage, size_t i);

#endif
