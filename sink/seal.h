/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SEAL_H
#define SINK_SEAL_H

#include "common/wire_job.h"
#include "sink/commit.h"
#include "sink/crew.h"
#include "sink/fitting.h"

/* The last step of a job: tiers, tables, every output, published. Repeatable. */

struct seal_order {
    const char *out;     /* directory */
    const char *version; /* of the program */
    struct commit *commit;
    struct crew *crew;
    const struct job *job;
    const struct fitted *fitted; /* NULL where only rejects are published */
    struct digest model;         /* digest of the fitted model */
    struct slice told;           /* the ventilator's part of the manifest */
    const struct slice *rejects_csv;
    size_t n_csv;
    const struct slice *rejects_raw;
    size_t n_raw;
    int64_t (*now_ms)(void); /* a clock, for how long it took */
};

/* Publishes everything. */
int seal_results(const struct seal_order *order) MUST_USE;
/* Publishes OUT.rejects and nothing else. */
int seal_rejects(const struct seal_order *order) MUST_USE;

#endif
