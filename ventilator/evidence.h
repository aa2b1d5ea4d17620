/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_EVIDENCE_H
#define VENTILATOR_EVIDENCE_H

#include "common/line.h"
#include "common/status.h"
#include "ventilator/staff.h"

/* What workers died of, kept in a file that `winnow worker --replay` gives to another: the letters of one
 * lease, PLAN, MODEL where there is one, LEASE of the whole shard, and its DATA. */

#define EVIDENCE_MAGIC                                                                             \
    "winnow evidence 1\n" /* begins the file; then each letter: its parts, their sizes */
#define EVIDENCE_PATH 4096

struct evidence {
    const struct staff_job *job;
    const struct parcel *model; /* stage 2; else NULL */
    struct digest model_digest;
    uint32_t stage, shard;
};

/* Writes STATE/poison-STAGE-SHARD, or POISON-STAGE-SHARD where the job names that. */
int evidence_keep(const struct evidence *evidence, char path[EVIDENCE_PATH]) MUST_USE;
/* The same, and the words that end the job: STATUS_BUG. happened: what did, as of "3 workers". */
int evidence_stop(const struct evidence *evidence, uint32_t workers, const char *happened) MUST_USE;

#endif
