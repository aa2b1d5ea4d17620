/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PORTRAIT_H
#define CLI_PORTRAIT_H

#include <stdio.h>

#include "cli/dossier.h"

/* What winnow explain tells of a customer: a section each for what he did, his RFM scores, his churn
 * score, what he is worth, his tier, and whether all of it agrees with scores.csv. */

/* Prints all of it. STATUS_BUG: no memory. */
int portrait_print(const struct dossier *dossier, FILE *out) MUST_USE;

/* The sections, each in the file of its name. */
int portrait_rfm_print(const struct dossier *dossier, FILE *out) MUST_USE;
int portrait_churn_print(const struct dossier *dossier, FILE *out) MUST_USE;
int portrait_value_print(const struct dossier *dossier, FILE *out) MUST_USE;
int portrait_tier_print(const struct dossier *dossier, FILE *out) MUST_USE;
int portrait_change_print(const struct dossier *dossier, FILE *out) MUST_USE;

#define PORTRAIT_MARGIN 2

/* A cell of scores.csv as it stands there, made again where it has no such column and can be, or "-". */
const char *portrait_cell(const struct dossier *dossier, enum column column);

/* Money with the ledger's decimals, or more where it has more. */
#define PORTRAIT_MONEY 32
const char *portrait_money(const struct dossier *dossier, int64_t money, char out[PORTRAIT_MONEY]);

#endif
