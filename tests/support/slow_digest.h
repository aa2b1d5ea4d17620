/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SLOW_DIGEST_H
#define SUPPORT_SLOW_DIGEST_H

#include "common/wire_digest.h"
#include "common/wire_job.h"
#include "worker/attributes.h"
#include "worker/histories.h"

/* A shard's digest with every list made by insertion, one customer at a time, and two of them merged as
 * a sink does it. For shards of at most SLOW_DIGEST customers. */

#define SLOW_DIGEST 1500

struct slow_item {
    int64_t key[4]; /* what the list is sorted by, the rest 0 */
    int64_t n;
};

struct slow_list {
    size_t n;
    struct slow_item item[SLOW_DIGEST];
};

struct slow_digest {
    int64_t customers, refund_only, gross, purchase_days;
    struct tallies tallies;
    struct slow_list triples; /* x, age, span */
    struct slow_list recencies, frequencies;
    struct slow_list gaps;
    struct slow_list samples; /* hash less 2^63, x, age, span; n are the bits of the log gaps */
    int sample_cut;
    /* in the order of customers, key 0 only or as said */
    struct slow_list monetary;
    struct slow_list spenders; /* x, repeat spend */
    struct slow_list base;     /* recency, frequency; ntile only */
    struct slow_list peers;    /* group, per unit */
    char group[16][64];        /* names, sorted */
    size_t n_groups;
    char ids[128 * 1024]; /* ntile only */
    size_t ids_size;
};

/* From histories; attributes joined to them. */
void slow_digest_make(const struct histories *histories, const struct attribute_table *attributes,
                      const struct work_plan *work, struct slow_digest *out);
/* From what the product answers. */
void slow_digest_of(const struct gathered *gathered, struct slow_digest *out);
/* A later range of hashes. */
void slow_digest_merge(struct slow_digest *into, const struct slow_digest *later, size_t samples);
/* Fails the test where they differ. */
void slow_digest_same(const struct slow_digest *got, const struct slow_digest *want);

#endif
