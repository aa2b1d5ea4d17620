/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/plain_amount.h"

#include "score/money.h"

#define LONG_BYTES 16 /* whose digits a 64-bit number holds */

int plain_amount_long(struct slice value, enum amount_mark mark, int64_t *money, uint32_t *decimals)
{
    static const int64_t scale[] = {10000, 1000, 100, 10, 1};
    const char *text = value.data, *end = text + value.size, *behind = NULL;
    const char sign = mark == AMOUNT_POINT ? '.' : ',';
    const int negative = value.size && *text == '-';
    int64_t units = 0;
    if (value.size - 1 >= LONG_BYTES)
        return 0;
    for (text += negative; text < end; text++) {
        const unsigned digit = (unsigned char)*text - (unsigned)'0';
        if (digit <= 9)
            units = units * 10 + digit;
        else if (*text == sign && !behind)
            behind = text + 1;
        else
            return 0;
    }
    const size_t n = behind ? (size_t)(end - behind) : 0;
    if (n > 4 || units > MONEY_ROW_LIMIT / scale[n])
        return 0;
    *money = negative ? -units * scale[n] : units * scale[n];
    *decimals = (uint32_t)n;
    return 1;
}

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
