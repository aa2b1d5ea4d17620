/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_COLUMN_NAMES_H
#define VENTILATOR_COLUMN_NAMES_H

/* Names that columns of ledgers go by, without case, blanks and punctuation, best first, with
 * blanks between. */

extern const char column_names_customer[];
extern const char column_names_date[];
extern const char column_names_total[]; /* what a row or an order came to */
extern const char column_names_price[]; /* of one piece, where there is a quantity */
extern const char column_names_quantity[];
extern const char column_names_order[];
extern const char column_names_currency[];

#endif
