/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_AMOUNT_GUESS_H
#define VENTILATOR_AMOUNT_GUESS_H

#include "ventilator/amount.h"
#include "ventilator/proof.h"

/* Which decimal mark the amounts of a ledger have: the one that can be seen in values which only
 * it can read, unless more than one in AMOUNT_GUESS_DOUBT of those speaks for the other. */

#define AMOUNT_GUESS_DOUBT 10

struct amount_guess {
    uint64_t seen[AMOUNT_NONE + 1];
    struct proof first[AMOUNT_NONE + 1];
};

void amount_guess_begin(struct amount_guess *guess);
void amount_guess_see(struct amount_guess *guess, struct slice value, const struct proof *place);

/* SILENT: no value has a mark at all. */
enum { AMOUNT_GUESS_E_OPEN = 1, AMOUNT_GUESS_E_MIXED, AMOUNT_GUESS_E_SILENT };
int amount_guess_end(const struct amount_guess *guess, enum amount_mark *mark);

#endif
