/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ROW_H
#define VENTILATOR_ROW_H

#include <stdint.h>

#include "ventilator/plain.h"
#include "ventilator/plain_amount.h"
#include "ventilator/sight.h"
#include "ventilator/zone.h"

/* One ledger row: a purchase or refund, or one of the other things a row can be. What is not
 * accepted is noted in the facts here. A row is, first that applies:
 *   blank; a reject of its shape (length, NUL, quotes, fields); left out by --exclude or by its
 *   currency; anonymous; a reject of its id (length, UTF-8); left out by --exclude-customers or
 *   --sample; a reject of its date, then of its amount; left out by the sign of its amount;
 *   accepted.
 * So a row that is left out is never a reject, and its amount counts where it can be read. */

/* The day of the ordinary row before, as text and as a number. */
struct row_day {
    uint64_t month;    /* "2020-01-"; 0: there was none */
    uint16_t of_month; /* "31" */
    int32_t day;
};

/* A thread's desk: what reading a row needs beside the row. */
struct row_desk {
    const struct recipe *recipe;
    struct facts *facts;
    struct zone zone;
    struct plain_months months;
    int ordinary;    /* rows may be ordinary: ordinary.h */
    size_t try_rows; /* that many at a time */
    int plain_dates; /* dates are %Y-%m-%d */
    struct row_day last_day;
    struct plain_amount_form form; /* of the amount of the ordinary row before */
    char *id_scratch; /* unquoted values; room for a record each, and MASK_BYTES behind it */
    char *scratch;
    int32_t offset_minutes; /* last noted, so that it is noted once */
    int offset_noted;
};

int row_desk_open(const struct recipe *recipe, struct facts *facts, struct row_desk *desk) MUST_USE;
void row_desk_close(struct row_desk *desk);

#define ROW_ID_READABLE 48 /* bytes from an id on, however long it is */

struct row {
    struct slice id; /* in the text or on the desk, until the next row is read */
    uint64_t hash;
    int32_t day;
    int64_t amount;
    uint64_t order; /* 0: an order of its own */
};

/* 0 for an accepted row; ROW_E_NONE for any other. */
int row_read(struct row_desk *desk, const struct row_page *page, size_t number, int flawed,
             struct row *row) MUST_USE;

/* A line that chunks gave up: ROW_E_NONE, or a status. */
int row_give_up(struct row_desk *desk, const struct row_page *page, enum reject_code code) MUST_USE;

#endif
