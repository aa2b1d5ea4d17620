/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FIT_PNBD_H
#define SCORE_FIT_PNBD_H

#include "score/fit_table.h"

/* Pareto/NBD's likelihood over a table. */

/* Bytes that an evaluation needs besides the table, in fit_likelihood.memory (8-aligned), for a
 * table of so many days. */
size_t fit_pnbd_bytes(size_t days);

/* A minimise_problem's evaluate; context is a struct fit_likelihood. */
void fit_pnbd_evaluate(void *context, const double *at, struct minimise_slope *out);

/* Where a fit may start: logarithms of the parameters, scaled to how often the table's customers
 * buy and to how long they are known; some from NBD's on the same table. i < FIT_PNBD_STARTS. */
#define FIT_PNBD_STARTS 8
void fit_pnbd_start(const struct fit_table *table, const double *nbd, int i, double *at);

#endif
