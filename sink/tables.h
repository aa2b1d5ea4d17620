/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_TABLES_H
#define SINK_TABLES_H

#include "common/columns.h"
#include "sink/tiering.h"

/* The small outputs: tiers.csv and schema.sql. The texts are the caller's to free. */

/* sums has TIER_ROWS entries; the one at n_tiers is of the inactive, whose row is left out where
 * there is none. */
int tiers_csv_write(const struct plan *plan, const struct tiering *tiering,
                    const struct tier_sums *sums, int32_t digits, char **text,
                    size_t *size) MUST_USE;

/* CREATE TABLE for scores (with the chosen columns) and tiers. */
int schema_sql_write(const struct columns_chosen *columns, char **text, size_t *size) MUST_USE;

#endif
