/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PLAIN_AMOUNT_H
#define VENTILATOR_PLAIN_AMOUNT_H

#include <stdint.h>
#include <string.h>

#include "ventilator/amount.h"

/* The plainest way of writing an amount, -1234.50, read without a call: as plain.h has it for dates. */

/* The eight decimal digits in a word, first in its lowest byte, each 0..9. Pairs are joined, then
 * pairs of pairs, by multiplying with 10, 100 and 10,000: by shifts, as the processors that take several words
 * at once have no such multiplication. */
static inline uint64_t plain_eight_digits(uint64_t word)
{
    word = ((word << 3) + (word << 1) + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    word = ((word << 6) + (word << 5) + (word << 2) + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
    word = (word << 13) + (word << 10) + (word << 9) + (word << 8) + (word << 4) + (word >> 32);
    return word & UINT32_MAX;
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

/* The same of nine to sixteen bytes, digit by digit. */
int plain_amount_long(struct slice value, enum amount_mark mark, int64_t *money,
                      uint32_t *decimals);

static inline int plain_amount_any(struct slice value, enum amount_mark mark, int64_t *money,
                                   uint32_t *decimals)
{
    return plain_amount(value, mark, money, decimals) ||
           (value.size > 8 && plain_amount_long(value, mark, money, decimals));
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

/* An amount on its way, so that several are read at once. */
struct plain_amount_text {
    uint64_t word;  /* its last eight bytes, less '0' each, those of other fields and the sign 0 */
    uint64_t minus; /* 1 or 0 */
};
#define PLAIN_NO_WORD UINT64_MAX /* of no form */

/* That many bytes are readable before the end of the value. */
#define PLAIN_BEFORE 8
static inline struct plain_amount_text plain_amount_text(struct slice value)
{
    const char *text = value.data;
    const size_t minus = *text == '-', size = value.size - minus;
    uint64_t word;
    if (size - 1 >= 8)
        return (struct plain_amount_text){PLAIN_NO_WORD, 0};
    memcpy(&word, text + value.size - 8, 8);
    word = (word ^ UINT64_C(0x3030303030303030)) & ~UINT64_C(0) << (64 - 8 * size);
    return (struct plain_amount_text){word, minus};
}

/* Money of a text, where it is one that plain_amount would read and of that form; *odd is else not 0. */
static inline int64_t plain_amount_formed(struct plain_amount_text text,
                                          const struct plain_amount_form *form, uint64_t *odd)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t digits = (text.word & form->before) << 8 | (text.word & form->behind);
    *odd = ((text.word & form->mark_at) ^ form->mark) |
           ((digits | (digits + ones * 0x76)) & ones * 0x80);
    return (int64_t)((plain_eight_digits(digits) * (uint64_t)form->scale ^ -text.minus) +
                     text.minus);
}

#endif
