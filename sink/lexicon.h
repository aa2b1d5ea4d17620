/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_LEXICON_H
#define SINK_LEXICON_H

#include "score/rfm.h"
#include "score/tier.h"
#include "sink/fitting.h"
#include "sink/quoted.h"
#include "sink/tiering.h"

/* The words of scores.csv, made once: a run has far fewer of them than customers. */

#define LEXICON_SCORES (RFM_BINS_LIMIT + 1)
#define LEXICON_NAME   512                       /* of a group; what is more is cut */
#define LEXICON_TEXT   (LEXICON_NAME + 96)       /* no word is longer */
#define LEXICON_LONG   QUOTED_ROOM(LEXICON_TEXT) /* nor its cell */

struct lexicon {
    struct quoted run_id;
    struct quoted tier[TIER_ROWS]; /* the plan's, then inactive */
    struct quoted action[ACTION_GROW + 1];
    struct quoted basis[WALLET_BASIS_RANK + 1]; /* empty where the word depends on the customer */
    struct quoted *group;                       /* wallet_basis by peer group */
    uint32_t n_groups;
    struct quoted segment[PLAN_SEGMENTS_LIMIT + 1]; /* each name once; the first is empty */
    uint8_t segment_of[LEXICON_SCORES][LEXICON_SCORES][LEXICON_SCORES]; /* by r, f, m */
};

int lexicon_new(const struct plan *plan, const struct fitted *fitted, const char *run_id,
                struct lexicon **lexicon) MUST_USE;
void lexicon_free(struct lexicon *lexicon);

/* Empty for scores that no customer has. */
static inline const struct quoted *lexicon_segment(const struct lexicon *lexicon, uint32_t r,
                                                   uint32_t f, uint32_t m)
{
    int known = r < LEXICON_SCORES && f < LEXICON_SCORES && m < LEXICON_SCORES;
    return &lexicon->segment[known ? lexicon->segment_of[r][f][m] : 0];
}

/* wallet_basis of a peer group, not quoted: "quantile=0.8 of 123 in DE/retail", the values of the peer
 * columns with a stroke between them. */
void lexicon_basis(const struct plan *plan, const struct peers *peers, uint32_t group,
                   char text[LEXICON_TEXT]);

#endif
