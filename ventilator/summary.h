/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SUMMARY_H
#define VENTILATOR_SUMMARY_H

#include "ventilator/recipe.h"
#include "ventilator/reject.h"
#include "ventilator/row.h"

/* A row of --input-kind summary. Its columns stand where a ledger's do: T where the date is,
 * monetary_value where the amount is, recency where the factor is, frequency where the order is. */

struct summary_values {
    struct slice t, recency, frequency;
    struct slice monetary; /* data NULL: there is no such column; nothing in it is 0 */
};

/* Days, money and order key of a row (score/summary.h). -1, or a reject code and whose value it is
 * about. */
int summary_read(const struct recipe *recipe, const struct summary_values *values, struct row *row,
                 enum field *blamed);

#endif
