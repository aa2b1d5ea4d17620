/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_NUDGE_H
#define CLI_NUDGE_H

#include <stdint.h>

#include "common/status.h"
#include "score/rfm.h"
#include "score/tier.h"

/* The smallest change of a value that changes what is made of it, all cut points staying where they
 * are. Found by asking score/ about the values beside each cut point, so that it cannot differ from
 * what a run would say. */

enum nudge_way { NUDGE_BETTER, NUDGE_WORSE };

/* A value, the grid that it moves on, and where that ends. */
struct nudge_scale {
    int64_t value; /* a multiple of step */
    int64_t step;  /* > 0 */
    int64_t least;
};

struct nudge {
    int found;     /* 0: nothing is better (worse) than this */
    int64_t value; /* the nearest one that is */
    int32_t to;    /* what it would be: a score, or a tier */
};

/* To another score of a metric; id counts only where cuts->ties is RFM_NTILE. */
struct nudge nudge_score(const struct rfm_cuts *cuts, enum rfm_metric metric,
                         const struct nudge_scale *scale, struct slice id, enum nudge_way way);

/* To another tier. */
struct nudge nudge_tier(const struct tier_cutoffs *cutoffs, const struct nudge_scale *scale,
                        enum nudge_way way);

#endif
