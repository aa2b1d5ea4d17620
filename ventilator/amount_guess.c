/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/amount_guess.h"

#include <string.h>

void amount_guess_begin(struct amount_guess *guess)
{
    memset(guess, 0, sizeof *guess);
    for (int i = 0; i <= AMOUNT_NONE; i++)
        guess->first[i] = PROOF_NONE;
}

void amount_guess_see(struct amount_guess *guess, struct slice value, const struct proof *place)
{
    enum amount_evidence evidence = amount_evidence(value);
    if (!guess->seen[evidence]++)
        proof_set(&guess->first[evidence], place, value);
}

int amount_guess_end(const struct amount_guess *guess, enum amount_mark *mark)
{
    uint64_t point = guess->seen[AMOUNT_ONLY_POINT], comma = guess->seen[AMOUNT_ONLY_COMMA];
    uint64_t fewer = point < comma ? point : comma;
    *mark = comma > point ? AMOUNT_COMMA : AMOUNT_POINT;
    if (fewer * AMOUNT_GUESS_DOUBT > point + comma)
        return AMOUNT_GUESS_E_MIXED;
    if (point + comma)
        return 0;
    return guess->seen[AMOUNT_OPEN] ? AMOUNT_GUESS_E_OPEN : AMOUNT_GUESS_E_SILENT;
}
