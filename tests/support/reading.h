/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_READING_H
#define SUPPORT_READING_H

#include "common/settings.h"
#include "doubles/spool_memory.h"
#include "support/words.h"
#include "ventilator/partition.h"
#include "ventilator/survey.h"

/* A ledger in a scratch directory, and what comes of reading it. */

#define READING_FILES 4

struct reading {
    struct settings_reading settings;
    int32_t today;
    uint32_t threads;
    uint32_t shards;
    char directory[64];
    char path[READING_FILES][512];
    const char *ledgers[READING_FILES];

    struct survey *survey;
    struct spool_segment *segment;
    struct facts *facts; /* of all inputs, merged */
    int status;          /* of the survey, or of the partition */
    struct words words;  /* said meanwhile */
};

/* Nothing said, today is 2024-01-01, one thread, four shards. */
void reading_begin(struct reading *reading);
void reading_end(struct reading *reading);

/* One more file of the ledger; from bytes. */
void reading_file(struct reading *reading, const void *bytes, size_t size);
void reading_text(struct reading *reading, const char *text);
/* A file that is no ledger, in the same directory; answers its path. Freed with the reading. */
const char *reading_other_file(struct reading *reading, const char *text);

/* Surveys; answers reading->status. */
int reading_survey(struct reading *reading);
/* Surveys and partitions everything. */
int reading_run(struct reading *reading);

/* Day of "2020-01-31". */
int32_t reading_day(const char *text);

#endif
