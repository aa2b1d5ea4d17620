/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FIT_CNBD_H
#define SCORE_FIT_CNBD_H

#include "score/fit_table.h"

/* Of the likelihood of BG/CNBD-k or MBG/CNBD-k over a table (fit_dropout.h) what the rows of one x
 * give, from this one on and within the next most: adds it to FIT_SUMS sums and returns how many rows
 * they are. The table's clock is filled. */
size_t fit_cnbd_run(const struct fit_likelihood *self, const struct fit_row *row, size_t most,
                    double *sum);

#endif
