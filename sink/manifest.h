/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_MANIFEST_H
#define SINK_MANIFEST_H

#include "sink/commit.h"
#include "sink/fitting.h"
#include "sink/outfile.h"

/* manifest.json: what this run was. The ventilator says what it read and was told; the sink adds
 * what came of it. */

#define MANIFEST_OUTPUTS 16

struct manifest {
    const char *version;
    const char *run_id;
    const char *status; /* "complete", or "refused" where only rejects are published */
    struct slice told;  /* the ventilator's members: one JSON object */
    const struct plan *plan;
    const struct population_totals *totals; /* NULL where status is not complete */
    struct commit_work gathered, scored;
    int64_t seal_ms;
    uint64_t resident_kib; /* of the sink, at its peak */
    struct outfile_sum output[MANIFEST_OUTPUTS];
    size_t n_outputs;
};

/* The text is the caller's to free. STATUS_BUG where the rows do not add up. */
int manifest_write(const struct manifest *manifest, char **text, size_t *size) MUST_USE;

#endif
