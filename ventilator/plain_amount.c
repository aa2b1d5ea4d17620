/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/plain_amount.h"

void plain_amount_form(enum amount_mark mark, uint32_t decimals, struct plain_amount_form *form)
{
    static const int64_t scale[] = {10000, 1000, 100, 10, 1};
    const uint64_t all = ~UINT64_C(0);
    const unsigned at = 8 * (7 - decimals); /* of the mark in the word, bits */
    *form =
        (struct plain_amount_form){.behind = all, .scale = scale[decimals], .decimals = decimals};
    if (!decimals)
        return;
    form->mark_at = UINT64_C(0xff) << at;
    form->mark = (uint64_t)('0' ^ (mark == AMOUNT_POINT ? '.' : ',')) << at;
    form->before = (UINT64_C(1) << at) - 1;
    form->behind = all << at << 8;
}
