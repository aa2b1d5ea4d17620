/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REFERENCE_LEDGER_H
#define REFERENCE_LEDGER_H

#include <stddef.h>

#include "score/fit.h"

/* A real ledger, gzipped CSV: customer,date[,amount...], read by the plainest code that can. */

struct ledger_row {
    char customer[16];
    int32_t day;
    int64_t amount; /* money; 0 where the ledger has none */
};

struct ledger {
    struct ledger_row *row; /* by customer, then day */
    size_t n;
};

/* Rows up to as_of ("1997-09-30"); skips the test with a word where the file is absent. It lies in
 * $WINNOW_DATA, or in shared/data beside the source tree. */
void ledger_open(struct ledger *self, const char *name, const char *as_of);
void ledger_close(struct ledger *self);

/* The day of "1997-09-30". */
int32_t ledger_day(const char *date);

/* The customer of row i as of a day, by rows up to it; returns one past the last of his rows. */
size_t ledger_customer(const struct ledger *self, size_t i, const char *as_of, struct repeat *seen);

/* The same as what a fit reads; rows for at most self->n customers. Returns how many. */
size_t ledger_fit_rows(const struct ledger *self, const char *as_of, struct fit_row *out);
/* The sum of ln(gap in weeks) between neighbouring purchase days up to as_of. */
double ledger_log_gaps(const struct ledger *self, const char *as_of);
size_t ledger_spend_rows(const struct ledger *self, struct fit_spend_row *out);

#endif
