/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_DEALT_H
#define SUPPORT_DEALT_H

#include "common/wire_digest.h"

/* Customers as a digest tells of them, dealt to shards by the hash of their ids: the plainest way to
 * the digests that workers send. */

struct dealt_customer {
    char id[24];
    int refund_only; /* the rest means nothing then, but for the id */
    int inactive;    /* not in the base */
    uint32_t x;
    int32_t span_days, age_days; /* recency is age - span; gaps are of a day but for the last */
    int64_t monetary, repeat_spend;
    const char *group; /* NULL: no peer */
    int64_t per_unit;
};

struct deal {
    const struct dealt_customer *customers;
    size_t n;
    uint32_t shards;
    uint32_t sample_per_shard;
    int with_ids; /* as for NTILE */
};

/* The digest of one shard, in columns of its own. A test's memory: failure aborts. */
struct dealt {
    struct gathered whole;
    void *column[40];
    size_t n_columns;
};
void dealt_shard(struct dealt *dealt, const struct deal *deal, uint32_t shard);
void dealt_free(struct dealt *dealt);

/* Stretch k of every list, of at most `entries` each; 0 when every list has ended before it. As
 * common/wire_digest.c cuts them: counts of customers and tallies are in the first. */
int dealt_stretch(const struct gathered *whole, size_t entries, size_t k, struct gathered *part);

#endif
