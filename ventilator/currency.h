/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CURRENCY_H
#define VENTILATOR_CURRENCY_H

#include <stddef.h>

#include "common/status.h"

/* Currencies as ledgers name them: signs before or behind an amount ($, EUR, R$, 12 kr), and codes
 * in a column of their own. */

/* Bytes of the currency sign that text begins with, 0 for none: a symbol, also with up to three
 * letters before it (US$), three capitals, or one of a dozen usual words. */
size_t currency_sign(struct slice text);

/* Whether a sign or code is what --currency asks for: the same but for case, or a sign of that
 * code ($ for USD, € for EUR). */
int currency_is(struct slice seen, const char *wanted);

/* The code that a sign always stands for (EUR for €), or the sign itself ($ is many currencies').
 * So that "€ 5" and "5 EUR" are one currency. */
struct slice currency_name(struct slice sign);

#endif
