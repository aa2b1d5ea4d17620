/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_OUTCOME_H
#define SINK_OUTCOME_H

#include "sink/commit.h"
#include "sink/crew.h"
#include "sink/errand.h"
#include "sink/fitting.h"

/* What the gathered digests come to: the model, and as the letter in which it goes to the workers. Made
 * again from the same digests it is the same bytes; that of an earlier job is taken where it would be. */

struct outcome {
    struct fitted fitted;
    struct parcel *model; /* payload parts of STAGE_RESULT */
    struct digest digest; /* of them */
};

#define OUTCOME_NONE                                                                               \
    {                                                                                              \
        .fitted = {.chosen = -1 }                                                                  \
    }

/* Every shard of stage 1 must be committed; the arena is used and reset on the way. What the store has of
 * stage 2 is the job's then, or gone. STATUS_DATA: the ledger's money does not fit. */
int outcome_make(struct outcome *outcome, struct commit *commit, const struct errand *errand,
                 struct crew *crew, struct arena *arena) MUST_USE;
void outcome_free(struct outcome *outcome);

#endif
