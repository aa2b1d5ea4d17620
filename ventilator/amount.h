/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_AMOUNT_H
#define VENTILATOR_AMOUNT_H

#include <stdint.h>

#include "common/status.h"

/* Amounts as people and spreadsheets write them, read exactly:
 *
 *   1234.5   -1,234.50   1.234,50 (comma)   1 234,50   1'234.50   12,34,567.00   (12.00)   12.00-
 *   $12   -$12   $-12   12,00 €   EUR 12.00   R$ 12   1.2E+05   .5   12.
 *
 * Thousands are marked by the other one of point and comma, by blanks (also U+00A0, U+2009,
 * U+202F) or by apostrophes, one kind an amount, in groups of three, or of two before the last
 * three as in India. Up to 38 digits. What is no such text is DATA's fault, not ours: AMOUNT_E_BAD. */

enum amount_mark { AMOUNT_POINT, AMOUNT_COMMA };

__extension__ typedef unsigned __int128 amount_digits;

/* (-1)^negative * digits / 10^scale, exactly; the digits may be 0. */
struct amount {
    amount_digits digits;
    int32_t scale;
    int32_t negative;
    int32_t decimals;  /* as written: digits behind the mark, less the exponent, at least 0 */
    struct slice sign; /* the currency sign, as written; empty if none. Borrowed from the text */
};

enum { AMOUNT_E_BAD = 1, AMOUNT_E_TOO_LARGE };

int amount_read(struct slice text, enum amount_mark mark, struct amount *amount);

/* To money, rounded half-even; *rounded is set to 1 if that changed it, else left alone.
 * AMOUNT_E_TOO_LARGE beyond MONEY_ROW_LIMIT. */
int amount_money(const struct amount *amount, int64_t *money, int *rounded);

/* The same of a product, exact before it is rounded. */
int amount_product(const struct amount *a, const struct amount *b, int64_t *money, int *rounded);

/* What a text says of the decimal mark it was written with. */
enum amount_evidence {
    AMOUNT_SILENT,     /* the same with either, and no mark in it that could be one */
    AMOUNT_ONLY_POINT, /* can be read with a point only */
    AMOUNT_ONLY_COMMA,
    AMOUNT_OPEN, /* 1,234 or 1.234: a different amount with each */
    AMOUNT_NONE  /* no amount at all */
};
enum amount_evidence amount_evidence(struct slice text);

#endif
