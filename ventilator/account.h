/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ACCOUNT_H
#define VENTILATOR_ACCOUNT_H

#include "common/line.h"
#include "common/settings.h"
#include "common/wire_job.h"
#include "ventilator/intake.h"
#include "ventilator/staff.h"

/* What the ventilator has to say in manifest.json, and the rejects as files. */

enum account_stage {
    ACCOUNT_PARTITION,
    ACCOUNT_GATHER,
    ACCOUNT_FIT,
    ACCOUNT_SCORE,
    ACCOUNT_STAGES
};

struct account {
    const struct settings *settings;
    const struct survey *survey;
    const struct intake *intake;
    const struct work_plan *work;
    struct digest attributes;      /* of --customers as read; none */
    const struct facts *customers; /* what was found in --customers; NULL: none */
    struct digest model;           /* of the bytes of --model; none */
    struct muster *muster;         /* NULL where nothing was dealt */
    struct staff_counts counts;
    int64_t stage_ms[ACCOUNT_STAGES];
    uint64_t resident_kib; /* of the ventilator, at its peak */
};

/* --customers has been read. STATUS_DATA with words where too many of its rows are rejects. */
int account_take_attributes(struct account *account, const struct facts *facts) MUST_USE;

/* One JSON object, the caller's to free. */
int account_write(const struct account *account, char **text, size_t *size) MUST_USE;

/* rejects.csv and rejects.raw as parts of at most some MiB, appended; the counts are how many. */
int account_rejects_csv(const struct account *account, struct parcel *parcel,
                        uint32_t *parts) MUST_USE;
int account_rejects_raw(const struct account *account, struct parcel *parcel,
                        uint32_t *parts) MUST_USE;

/* The first five rejects as words for the log. */
void account_log_rejects(const struct account *account);

/* What decides the results, as text: digests of the inputs, sorted, how they were read, and every
 * setting that scores depend on. Its digest goes into the run_id and names the job. */
int account_run_key(const struct account *account, char **text) MUST_USE;

#endif
