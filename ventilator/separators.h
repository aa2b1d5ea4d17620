/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SEPARATORS_H
#define VENTILATOR_SEPARATORS_H

#include "ventilator/csv.h"

/* Where the separators of a text without quotes are: separator, last and n of csv_rows. Entries
 * behind the last one may be overwritten, of either array up to MASK_BYTES. */
void separators_find(struct csv_rows *rows, const struct csv_text *text);

/* The two ways, for tests; they find the same. */
void separators_find_anywhere(struct csv_rows *rows, const struct csv_text *text);
/* Only where this is not 0: the processor has AVX2, BMI and POPCNT. */
int separators_can_wide(void);
void separators_find_wide(struct csv_rows *rows, const struct csv_text *text);

#endif
