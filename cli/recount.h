/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RECOUNT_H
#define CLI_RECOUNT_H

#include "cli/dossier.h"
#include "sink/scores_csv.h"

/* Scores a customer again from his inputs, writes his line again with the writer of scores.csv, and
 * compares: fills row, standing, again and verdict. csv has every column. STATUS_BUG: no memory. */
int recount_make(struct dossier *dossier, const struct scores_csv *csv) MUST_USE;

/* Inputs (DOSSIER_*) that a column follows from. 0: a column that has no row in the table of recount.c,
 * because it came later; it is shown as it stands, and not made again. */
unsigned recount_needs(const struct dossier *dossier, enum column column);

#endif
