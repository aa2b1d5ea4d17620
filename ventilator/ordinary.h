/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ORDINARY_H
#define VENTILATOR_ORDINARY_H

#include "ventilator/row.h"

/* The rows that most ledgers consist of, read in one go: no quotes, a short id, 2020-01-31 with or
 * without a time, 12.50. What row_read would do with them is done here in a third of the
 * instructions; at the first thing out of the ordinary nothing has been done, and row_read begins
 * anew. */

/* Whether rows by this recipe can be ordinary: no row is left out, dates are %Y-%m-%d, an amount, if
 * any, is one column, and there is no column of currencies. */
int ordinary_possible(const struct recipe *recipe);

/* 1 for a row that was ordinary and is accepted. The page has neither quotes nor NULs. */
int ordinary_read(struct row_desk *desk, const struct row_page *page, size_t number,
                  struct row *row);

#endif
