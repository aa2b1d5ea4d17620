/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PLAIN_AMOUNT_H
#define VENTILATOR_PLAIN_AMOUNT_H

#include <stdint.h>
#include <string.h>

#include "ventilator/amount.h"

/* The plainest way of writing an amount, -1234.50, read without a call: as plain.h has it for dates. */

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

/* The first n bytes of a word, n in 1..8; those before byte n, n in 0..7. */
static inline uint64_t plain_first(size_t n)
{
    return ~UINT64_C(0) >> (64 - 8 * n);
}

static inline uint64_t plain_before(size_t n)
{
    return (UINT64_C(1) << (8 * n)) - 1;
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
        word = (word & plain_before(at)) | (word >> 8 & ~plain_before(at));
        behind = --size - at;
    }
    if (((word | (word + ones * 0x76)) & ones * 0x80) || behind > 4 || !size)
        return 0;
    *money = (int64_t)plain_eight_digits(word << (64 - 8 * size)) * scale[behind];
    *money = negative ? -*money : *money;
    *decimals = (uint32_t)behind;
    return 1;
}

/* How amounts with so many digits behind the mark look as the eight bytes that end with them. */
struct plain_amount_form {
    uint64_t mark_at; /* all bits of the mark's byte; 0 without decimals */
    uint64_t mark;    /* that byte, less '0' */
    uint64_t before;  /* all bits of the bytes before it, and behind it */
    uint64_t behind;
    int64_t scale;
    uint32_t decimals; /* 0..4 */
};
void plain_amount_form(enum amount_mark mark, uint32_t decimals, struct plain_amount_form *form);

/* An amount that plain_amount would read, and of that form; that many bytes are readable before its
 * end. */
#define PLAIN_BEFORE 8
static inline int plain_amount_formed(struct slice value, const struct plain_amount_form *form,
                                      int64_t *money)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const char *text = value.data;
    const size_t negative = value.size && *text == '-', size = value.size - negative;
    uint64_t word;
    if (size - 1 >= 8)
        return 0;
    memcpy(&word, text + value.size - 8, 8);
    word = (word ^ ones * '0') & ~UINT64_C(0) << (64 - 8 * size);
    uint64_t digits = (word & form->before) << 8 | (word & form->behind);
    if ((word & form->mark_at) != form->mark || ((digits | (digits + ones * 0x76)) & ones * 0x80))
        return 0;
    int64_t amount = (int64_t)plain_eight_digits(digits) * form->scale;
    *money = (amount ^ -(int64_t)negative) + (int64_t)negative;
    return 1;
}

#endif
