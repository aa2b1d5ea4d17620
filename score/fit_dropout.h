/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FIT_DROPOUT_H
#define SCORE_FIT_DROPOUT_H

#include "score/fit_table.h"

/* The likelihood of BG/NBD, MBG/NBD or a CNBD kind over a table (without the gap term); a minimise_problem's evaluate, context is a
 * struct fit_likelihood. */
void fit_dropout_evaluate(void *context, const double *at, struct minimise_slope *out);

/* Where a fit may start: logarithms of the parameters, scaled to how often the table's customers
 * buy; the last from NBD's on the same table. i < FIT_DROPOUT_STARTS. */
#define FIT_DROPOUT_STARTS 6
void fit_dropout_start(const struct fit_table *table, const double *nbd, int i, double *at);

#endif
