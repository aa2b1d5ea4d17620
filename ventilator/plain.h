/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PLAIN_H
#define VENTILATOR_PLAIN_H

#include <stdint.h>
#include <string.h>

#include "score/day.h"
#include "score/money.h"
#include "ventilator/amount.h"
#include "ventilator/date_format.h"

/* The plainest way of writing a date and an amount, 2020-01-31 and -1234.50, read without a call.
 * Whatever is not that plain answers 0 and is read by the general way, which gives the same for
 * these. */

/* Eight bytes, all digits? */
static inline int plain_digits(uint64_t word)
{
    const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
    return ((word & high) | (((word + UINT64_C(0x0606060606060606)) & high) >> 4)) ==
           UINT64_C(0x3333333333333333);
}

static inline int plain_date(struct slice value, const struct date_format *format, int32_t *day)
{
    uint64_t head;
    const unsigned char *t = value.data;
    if (value.size != 10 || format->order != DATE_YMD || format->separator != '-' ||
        format->digits != 4)
        return 0;
    memcpy(&head, t, 8);
    /* "YYYY-MM-": the hyphens become digits, then all must be. */
    head ^= UINT64_C(0x1d00001d00000000);
    uint64_t hyphens = UINT64_C(0xff0000ff00000000);
    if ((head & hyphens) != UINT64_C(0x3000003000000000) || !plain_digits(head))
        return 0;
    unsigned tens = t[8] - '0', ones = t[9] - '0';
    if (tens > 9 || ones > 9)
        return 0;
    const struct civil date = {(t[0] - '0') * 1000 + (t[1] - '0') * 100 + (t[2] - '0') * 10 +
                                   (t[3] - '0'),
                               (t[5] - '0') * 10 + (t[6] - '0'), (int32_t)(tens * 10 + ones)};
    return day_from_civil(date, day) == 0;
}

/* [-]digits[mark digits], up to eleven before the mark and four behind it. */
static inline int plain_amount(struct slice value, enum amount_mark mark, int64_t *money,
                               uint32_t *decimals)
{
    static const int64_t scale[] = {10000, 1000, 100, 10, 1};
    const char *at = value.data, *end = at + value.size, *start;
    const char point = mark == AMOUNT_POINT ? '.' : ',';
    int64_t units = 0;
    size_t behind = 0;
    int negative = at < end && *at == '-';
    start = at += negative;
    if (end - at > 16)
        return 0;
    for (; at < end && (unsigned char)(*at - '0') <= 9; at++)
        units = units * 10 + (*at - '0');
    if (at == start || at - start > 11)
        return 0;
    if (at < end) {
        if (*at++ != point)
            return 0;
        for (start = at; at < end && (unsigned char)(*at - '0') <= 9; at++)
            units = units * 10 + (*at - '0');
        behind = (size_t)(at - start);
        if (at != end || behind > 4)
            return 0;
    }
    units *= scale[behind];
    *money = negative ? -units : units;
    *decimals = (uint32_t)behind;
    return 1;
}

#endif
