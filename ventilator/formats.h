/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_FORMATS_H
#define VENTILATOR_FORMATS_H

#include "ventilator/amount_guess.h"
#include "ventilator/date_guess.h"
#include "ventilator/nulls.h"
#include "ventilator/redaction.h"
#include "ventilator/sheet.h"

/* How dates and amounts are written, one answer for all inputs of a ledger: as said, or as samples
 * show, or as whole columns show where samples leave it open. */

struct formats {
    int date_said; /* date is not to be found out */
    struct date_format date;
    struct proof date_proof; /* column -1: said */
    int mark_said;
    enum amount_mark mark;
    int mark_unseen; /* no amount that was looked at has a mark; mark is then a point */
    struct proof mark_proof;
};

struct formats_order {
    struct sheet *sheets;
    size_t n;
    const struct nulls *nulls;
    const struct redaction *redaction;
};

/* Fills in what was not said, from FIELD_DATE, FIELD_AMOUNT and FIELD_FACTOR of the sheets' mappings.
 * STATUS_DATA with words where a format is open, mixed or unknown. */
int formats_settle(const struct formats_order *order, struct formats *formats) MUST_USE;

/* "file:line:column" of a proof. */
#define FORMATS_PLACE 512
const char *formats_place(const struct formats_order *order, const struct proof *proof,
                          char out[FORMATS_PLACE]);

#endif
