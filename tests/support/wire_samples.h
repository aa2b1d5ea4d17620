/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_WIRE_SAMPLES_H
#define SUPPORT_WIRE_SAMPLES_H

#include "common/arena.h"
#include "common/line.h"
#include "common/wire_digest.h"
#include "common/wire_job.h"
#include "common/wire_rows.h"
#include "score/row.h"
#include "support/chance.h"

/* Payloads as the roles send them, filled by chance, with extremes more often than chance would.
 * What they point at lies in the arena. */

struct wire_sample {
    const char *name; /* the reader's, support/wire_readers.h */
    /* Appends the payload to a parcel. */
    void (*put)(struct chance *chance, struct arena *arena, struct parcel *parcel);
};

const struct wire_sample *wire_samples(size_t *n);

/* At most so many entries in each list. */
struct work_plan wire_sample_plan(struct chance *chance);
struct gathered wire_sample_gathered(struct chance *chance, struct arena *arena, size_t most);
struct model wire_sample_model(struct chance *chance, struct arena *arena, uint32_t groups);
struct purchase_rows wire_sample_rows(struct chance *chance, struct arena *arena, size_t n);
struct attribute_rows wire_sample_attributes(struct chance *chance, struct arena *arena, size_t n);
struct score_row wire_sample_score(struct chance *chance);

#endif
