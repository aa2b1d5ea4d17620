/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FIT_NBD_H
#define SCORE_FIT_NBD_H

#include "score/fit_table.h"

/* NBD's likelihood over a table; a minimise_problem's evaluate, context is a struct
 * fit_likelihood. */
void fit_nbd_evaluate(void *context, const double *at, struct minimise_slope *out);

/* Where a fit may start: logarithms of the parameters; nbd is not looked at. i < FIT_NBD_STARTS. */
#define FIT_NBD_STARTS 2
void fit_nbd_start(const struct fit_table *table, const double *nbd, int i, double *at);

#endif
