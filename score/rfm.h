/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_RFM_H
#define SCORE_RFM_H

#include <stddef.h>
#include <stdint.h>

#include "score/plan.h"
#include "score/special_lanes.h"

/* Recency, frequency, monetary scores: SCORING section 2. Scores are 1..bins, bins is best. */

#define RFM_BINS_LIMIT 9

enum rfm_metric { RFM_RECENCY, RFM_FREQUENCY, RFM_MONETARY, RFM_METRICS };

/* A cut point. RFM_TOGETHER: floor of the type 7 quantile k / bins, id unused. RFM_NTILE: the
 * last (value, id) pair of tile k, counted from the worst; id is borrowed from whoever made it. */
struct rfm_cut {
    int64_t value;
    const char *id;
    size_t id_length;
};

struct rfm_cuts {
    enum rfm_ties ties;
    int32_t bins; /* 0: no base to cut (every score is then empty) */
    struct rfm_cut cut[RFM_METRICS][RFM_BINS_LIMIT - 1];
};

/* Score of one value against bins - 1 cuts. RFM_TOGETHER: 1 + cuts strictly below the value, and
 * for recency bins + 1 minus that. RFM_NTILE: 1 + cuts strictly before (value, id) in the order
 * from worst to best (recency falling, frequency and money rising; equal values by id, rising,
 * bytewise). 0 when cuts->bins is 0. */
int32_t rfm_score(const struct rfm_cuts *cuts, enum rfm_metric metric, int64_t value,
                  const char *id, size_t id_length);

/* The same for RFM_TOGETHER, which asks for no ids, and SPECIAL_LANES values at once. */
void rfm_scores(const struct rfm_cuts *cuts, enum rfm_metric metric, const int64_t *value,
                int64_t *score);

/* Where tile k (1..bins - 1) of n ends, 0-based rank of its last member counted from the worst;
 * SQL's NTILE: the first n mod bins tiles are one larger. n >= 1. SIZE_MAX for a tile that is
 * empty (n < k); its cut is then the best member's, whom nobody of the base comes after. */
size_t rfm_tile_end(size_t n, int32_t bins, int32_t k);

/* Named segment of an (r, f, m) cell, the first rule that holds: those of `own`, or, where it has none
 * and bins is RFM_SEGMENT_BINS, the table in rfm.c and docs/SCORING.md, which looks at r and f only. The
 * name is static or own's. "" when r or f is 0, or no rule holds. Without amounts m is 0: a rule that
 * names m does not hold. */
#define RFM_SEGMENT_BINS 5
const char *rfm_segment(const struct plan_segments *own, int32_t bins,
                        const int32_t score[RFM_METRICS]);

/* Whether any rule names m. */
int rfm_segments_weigh_money(const struct plan_segments *own);

int rfm_segment_holds(const struct plan_segment *rule, const int32_t score[RFM_METRICS]);

/* The rules of winnow in order, for `winnow help segments` and for the test that they cover every cell. */
struct rfm_segment_rule {
    struct plan_segment rule;
    const char *meaning;
};
const struct rfm_segment_rule *rfm_segment_rules(size_t *n);

#endif
