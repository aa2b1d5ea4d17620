/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_BULLETIN_H
#define VENTILATOR_BULLETIN_H

#include <stdint.h>

#include "common/figures.h"
#include "ventilator/progress.h"
#include "ventilator/staff.h"

/* What the ventilator tells of the job through its figures: at most every BULLETIN_MS, because the
 * workers' rows are gone through for it. */

#define BULLETIN_MS 250

struct bulletin {
    struct figures *figures; /* borrowed; NULL: nobody wants to know */
    int stage;
    int64_t since_ms; /* of the stage */
    int64_t next_ms;
};

struct bulletin_news {
    const struct progress_state *progress;
    const struct progress_state *read; /* of stage 1, all along */
    struct staff *staff;
    uint32_t shards;
    uint32_t leased;
};

void bulletin_put(struct bulletin *bulletin, const struct bulletin_news *news, int64_t now_ms);

#endif
