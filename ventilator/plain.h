/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PLAIN_H
#define VENTILATOR_PLAIN_H

#include <stdint.h>
#include <string.h>

#include "score/day.h"
#include "ventilator/amount.h"

/* The plainest way of writing a date and an amount, 2020-01-31 and -1234.50, read without a call.
 * Whatever is not that plain answers 0 and is read by the general way, which gives the same for
 * these. */

/* Months that dates were seen in, by the eight bytes "2020-01-", so that a date costs a look-up and
 * not a calendar. Any two months may share a place; the later one stays. */
#define PLAIN_MONTHS 256
struct plain_months {
    struct {
        uint64_t head;
        int32_t before; /* the day before the first */
        uint32_t days;
    } known[PLAIN_MONTHS];
};

/* Notes a month; 0 where the eight bytes are none. */
int plain_learn(struct plain_months *months, uint64_t head, size_t place);

/* "YYYY-MM-DD" and nothing else. */
static inline int plain_date(struct slice value, struct plain_months *months, int32_t *day)
{
    uint64_t head;
    const unsigned char *text = value.data;
    if (value.size != 10)
        return 0;
    memcpy(&head, text, 8);
    size_t place = (size_t)(head * UINT64_C(0x9e3779b97f4a7c15) >> 56);
    if (months->known[place].head != head && !plain_learn(months, head, place))
        return 0;
    unsigned tens = text[8] - (unsigned)'0', ones = text[9] - (unsigned)'0';
    unsigned of_month = tens * 10 + ones;
    if (tens > 9 || ones > 9 || of_month - 1 >= months->known[place].days)
        return 0;
    *day = months->known[place].before + (int32_t)of_month;
    return 1;
}

/* The eight decimal digits in a word, first in its lowest byte, each 0..9. Pairs are joined, then
 * pairs of pairs, by multiplying. */
static inline uint32_t plain_eight_digits(uint64_t word)
{
    const uint64_t every_other = UINT64_C(0x000000ff000000ff);
    word = word * 10 + (word >> 8);
    return (uint32_t)(((word & every_other) * UINT64_C(0x000f424000000064) +
                       (word >> 16 & every_other) * UINT64_C(0x0000271000000001)) >>
                      32);
}

/* The first n bytes of a word, n <= 8. */
static inline uint64_t plain_first(size_t n)
{
    return n < 8 ? (UINT64_C(1) << (8 * n)) - 1 : ~UINT64_C(0);
}

/* [-]digits[mark digits] of at most eight bytes and four digits behind the mark; eight bytes are
 * readable behind the sign. */
static inline int plain_amount(struct slice value, enum amount_mark mark, int64_t *money,
                               uint32_t *decimals)
{
    static const int64_t scale[] = {10000, 1000, 100, 10, 1};
    const uint64_t ones = UINT64_C(0x0101010101010101), point = '0' ^ '.', comma = '0' ^ ',';
    const char *text = value.data;
    size_t negative = value.size && *text == '-', size = value.size - negative, behind = 0;
    uint64_t word;
    if (size - 1 >= 8)
        return 0;
    memcpy(&word, text + negative, 8);
    word = (word ^ ones * '0') & plain_first(size);
    uint64_t marked = word ^ ones * (mark == AMOUNT_POINT ? point : comma);
    marked = (marked - ones) & ~marked & ones * 0x80 & plain_first(size);
    if (marked) {
        size_t at = (size_t)__builtin_ctzll(marked) / 8;
        word = (word & plain_first(at)) | (word >> 8 & ~plain_first(at));
        behind = --size - at;
    }
    if (((word | (word + ones * 0x76)) & ones * 0x80) || behind > 4 || !size)
        return 0;
    *money = (int64_t)plain_eight_digits(word << (64 - 8 * size)) * scale[behind];
    *money = negative ? -*money : *money;
    *decimals = (uint32_t)behind;
    return 1;
}

#endif
