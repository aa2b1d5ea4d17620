/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_POPULATION_H
#define SINK_POPULATION_H

#include "common/status.h"
#include "common/wire_digest.h"
#include "score/fit.h"
#include "score/histogram.h"
#include "sink/peerage.h"

/* The whole base, merged from the digests of all shards. Digests are added in the order of their
 * shards, so that what is listed by customer is in the order of (hash, id) whatever the shard
 * count, and what is listed by value is sorted: the population is the same bytes however the
 * customers were dealt. */

struct crew;
struct population;

int population_new(struct population **population) MUST_USE;
void population_destroy(struct population **population);

enum { POPULATION_E_OVERFLOW = 1 }; /* the ledger's money does not fit */

/* n parts of shards' digests, in the order of shards and parts; one list after the other, on all threads of
 * the crew. Copies. */
int population_add(struct population *population, const struct gathered *part, size_t n,
                   struct crew *crew) MUST_USE;

/* How many customers the models are chosen on. */
#define POPULATION_SAMPLE 65536

/* Sorts and counts, on all threads of the crew; call once, after the last part. STATUS_BUG when the sample is not whole: a shard
 * sent fewer of its smallest hashes than are needed, which its margin makes as good as
 * impossible. */
int population_end(struct population *population, struct crew *crew) MUST_USE;

struct population_totals {
    uint64_t customers, refund_only, base;
    struct tallies tallies;
    int64_t gross;
    uint64_t purchase_days;
    uint64_t unmatched; /* rows of --customers without a row in the ledger */
};
struct population_totals population_totals(const struct population *population);

/* Borrowed views, valid after population_end. */
const struct fit_row *population_rows(const struct population *population, size_t *n);
/* The at most POPULATION_SAMPLE customers with the smallest second hash, as rows. */
const struct fit_row *population_sample(const struct population *population, size_t *n);
/* Days between neighbouring purchase days, of all customers or of the sample: how many (of the sample
 * as many as its x ask for), and the sum of their logarithms. Where they are fewer than the x of all
 * customers, nobody counted them. */
struct population_gaps {
    uint64_t n;
    double log_days;
};
struct population_gaps population_gaps(const struct population *population);
struct population_gaps population_sample_gaps(const struct population *population);
const struct fit_spend_row *population_spenders(const struct population *population, size_t *n);

/* Of the base: distinct values with counts, sorted; and money, which quantile_of may rearrange. */
struct population_counts {
    const int64_t *value;
    const uint64_t *count;
    size_t n;
};
struct population_counts population_recencies(const struct population *population);
struct population_counts population_frequencies(const struct population *population);
int64_t *population_monetary(struct population *population, size_t *n);
const struct histogram *population_money(const struct population *population);

/* Only where ids came (NTILE): of base customer i, his values and id. */
int population_has_ids(const struct population *population);
const char *population_base(const struct population *population, size_t i, int32_t *recency,
                            uint32_t *frequency, int64_t *monetary, size_t *id_length);

/* Lets go of money and ids of the base, which only cut points need: 8 bytes a customer that the fits
 * after them would have beside their own. */
void population_forget_base(struct population *population);

/* Peer groups with their members; valid after population_end. */
const struct peerage *population_peerage(const struct population *population);

#endif
