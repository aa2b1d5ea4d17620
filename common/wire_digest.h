/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_DIGEST_H
#define COMMON_WIRE_DIGEST_H

#include "common/wire.h"
#include "score/history.h"

#define TRIALS 2 /* late, early */

/* What a shard tells the sink in stage 1, proto/winnow.proto's Digest. Every list is in the order
 * stated there, so equal histories give equal bytes. Borrowed columns. */
struct gathered {
    uint32_t customers, refund_only, base;
    struct tallies tallies;
    int64_t gross;
    uint64_t purchase_days;
    uint32_t unmatched; /* rows of --customers without a row in the ledger */

    size_t n_triples; /* sorted by (x, age, span) */
    const uint32_t *triple_x;
    const int32_t *triple_span, *triple_age;
    const uint32_t *triple_n;

    size_t n_recencies;
    const int32_t *recency;
    const uint32_t *recency_n;
    size_t n_frequencies;
    const uint32_t *frequency;
    const uint32_t *frequency_n;
    const int64_t *monetary; /* base of them */

    size_t n_spenders;
    const uint32_t *spender_x;
    const int64_t *spender_repeat_spend;

    size_t n_samples; /* sorted by (hash, x, age, span) */
    const uint64_t *sample_hash;
    const uint32_t *sample_x;
    const int32_t *sample_span, *sample_age;
    const double *sample_log_gap; /* sum of ln(days) between neighbouring purchase days */
    int sample_cut; /* there were more; of many parts, said in the one where the list ends */

    /* Of the samples, n_samples or 0 of them: as of now, and of one and two plan->trial_days before. */
    size_t n_trials;
    const int64_t *trial_spent;
    struct trial_columns {
        const uint32_t *days; /* purchase days up to then; 0: not a customer yet */
        const int32_t *span;  /* days from the first to the last of them */
        const int32_t *age;   /* days from the first of them to then */
        const int64_t *spent; /* monetary_total up to then */
        const uint8_t *came;  /* a purchase within trial_days after it */
    } trial[TRIALS];

    size_t n_gaps;
    const int32_t *gap;
    const uint32_t *gap_n;

    size_t n_groups; /* sorted by name */
    const uint16_t *group_length;
    const char *group_names;
    const uint32_t *group_n;
    const int64_t *per_unit;
    const int64_t *peer_units, *peer_spend; /* 1/10,000, money; both NULL: not sent */
    size_t n_peers;

    /* Only for NTILE, base entries each; base_id_length NULL otherwise. */
    const uint16_t *base_id_length;
    const char *base_ids;
    size_t base_ids_size;
    const int32_t *base_recency;
    const uint32_t *base_frequency;
};

/* One or more parts. */
int wire_gathered_put(const struct gathered *gathered, struct arena *arena,
                      struct parcel *parcel) MUST_USE;
/* One part, as one piece of the whole: counts of customers and tallies are in the first part only; ids and names are
 * the part's own. */
int wire_gathered_read(const struct parcel *parcel, size_t i, struct arena *arena,
                       struct gathered *gathered) MUST_USE;

#endif
