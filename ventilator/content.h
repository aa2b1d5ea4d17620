/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CONTENT_H
#define VENTILATOR_CONTENT_H

#include "ventilator/csv.h"
#include "ventilator/date_format.h"
#include "ventilator/mapping.h"

/* Which column holds what in a file without a header, from what stands in it. Only small tables
 * are guessed: the column of dates is plain to see, but of several others any could be the
 * customer. */

/* Fills customer, date and amount of a mapping that is all absent, where it is clear: two columns
 * are a date and a customer; of three, one has dates, and the customer is the one of the others
 * that has no decimals, or else the left one. format is the one said, or NULL. */
void content_guess(const struct csv_rows *rows, const struct csv_text *text,
                   const struct date_format *format, struct mapping *mapping);

/* Whether a record has a date in it, as no header has. */
int content_is_data(const struct csv_rows *rows, const struct csv_text *text, size_t row,
                    const struct date_format *format);

#endif
