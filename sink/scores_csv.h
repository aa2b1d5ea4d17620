/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SCORES_CSV_H
#define SINK_SCORES_CSV_H

#include "common/columns.h"
#include "sink/fitting.h"
#include "sink/tiering.h"

/* scores.csv: one row a customer. A cell is empty where there is nothing to say. */

/* What every row needs to know; built once. */
struct scores_csv {
    struct columns_chosen columns;
    const struct plan *plan;
    const struct fitted *fitted;
    const struct tiering *tiering;
    int32_t digits;
    int32_t unit_days; /* of --columns lifetimes: 1 or 7 */
    char run_id[40];
    /* made by scores_csv_prepare */
    struct lexicon *lexicon;
    struct spans *spans;
    struct tier_ends ends[TIER_ROWS];
};

int scores_csv_prepare(struct scores_csv *csv) MUST_USE;
void scores_csv_free(struct scores_csv *csv);

/* The header line; malloc'd. */
int scores_csv_head(const struct scores_csv *csv, char **text, size_t *size) MUST_USE;

/* The rows of one part, malloc'd, and their sums by tier (TIER_ROWS entries, added to). */
int scores_csv_rows(const struct scores_csv *csv, const struct score_columns *columns, char **text,
                    size_t *size, struct tier_sums *sums) MUST_USE;

#endif
