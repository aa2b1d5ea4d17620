/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ORDINARY_H
#define VENTILATOR_ORDINARY_H

#include "ventilator/row.h"

/* The rows that most ledgers consist of, read in one go: no quotes, a short id, 2020-01-31 with or
 * without a time, 12.50. What row_read would do with them is done here in a third of the
 * instructions; at the first thing out of the ordinary nothing has been done, and row_read is to
 * read that row. */

/* Whether rows by this recipe can be ordinary: no row is left out, dates are %Y-%m-%d, an amount, if
 * any, is one column, and there is no column of currencies. */
int ordinary_possible(const struct recipe *recipe);

/* Rows that are read at a time, so that each of the steps they go through is a short loop. */
#define ORDINARY_ROWS 32

/* Some rows of a page from one on, up to ORDINARY_ROWS; answers whether the one behind them is not ordinary.
 * They are accepted, and noted in the desk's facts. */
int ordinary_rows(struct row_desk *desk, const struct row_page *page, size_t from, struct row *rows,
                  size_t *n) MUST_USE;

#endif
