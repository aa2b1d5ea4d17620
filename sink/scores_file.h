/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SCORES_FILE_H
#define SINK_SCORES_FILE_H

#include "sink/scores_csv.h"

/* scores.csv by all threads, in the order of what is committed. */

struct outfile;

/* What was written. */
struct scores_file {
    uint64_t rows;
    struct tier_sums sums[TIER_ROWS];
};

/* Head and rows of all parts; the file is the caller's, whatever the answer. */
int scores_file_write(const struct scores_csv *csv, struct committed *parts, struct crew *crew,
                      struct outfile *file, struct scores_file *written) MUST_USE;

#endif
