/* SPDX-License-Identifier: Apache-2.0 */
/* One reader for both marks: a text is read as if the mark were known, and evidence for one is
 * that only one reading works. A separate set of rules for detection was refused: it would sooner
 * or later believe what the reader then rejects. Numbers stay whole (128 bits, 256 in products)
 * until the one division that rounds. */
#include "ventilator/amount.h"

#include <string.h>

#include "score/money.h"
#include "ventilator/currency.h"
#include "ventilator/plain_amount.h"

#define DIGITS_LIMIT   38 /* 10^38 < 2^127, so twice a remainder still fits */
#define EXPONENT_LIMIT 9999
#define MONEY_DECIMALS 4
#define PLAIN_BYTES    9 /* eight, and a sign */

/* Where an amount's text is read, and what was found. */
struct reader {
    const char *at;
    const char *end;
    char mark;      /* of decimals */
    char thousands; /* the other one */
    int significant;
    int zeros;       /* at the end of the fraction so far, not in the digits yet */
    int sign_seen;   /* plus, minus or an opening parenthesis */
    int parentheses; /* one is open */
    struct amount *amount;
};

static size_t left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

static int next_is(const struct reader *reader, const char *bytes, size_t size)
{
    return left(reader) >= size && memcmp(reader->at, bytes, size) == 0;
}

static int take(struct reader *reader, const char *bytes)
{
    size_t size = strlen(bytes);
    if (!next_is(reader, bytes, size))
        return 0;
    reader->at += size;
    return 1;
}

static int digit_at(const struct reader *reader, size_t ahead)
{
    return left(reader) > ahead && reader->at[ahead] >= '0' && reader->at[ahead] <= '9';
}

static const char *const blanks[] = {" ", "\t", "\u00a0", "\u2009", "\u202f"};
static const char *const apostrophes[] = {"'", "\u2019"};
#define N_BLANKS      5
#define N_APOSTROPHES 2

static void take_blanks(struct reader *reader)
{
    for (int i = 0; i < N_BLANKS; i++)
        if (take(reader, blanks[i]))
            i = -1;
}

/* Adds a digit; 1 when there are too many. */
static int add_digit(struct reader *reader, int digit)
{
    struct amount *amount = reader->amount;
    if (amount->digits || digit) {
        if (++reader->significant > DIGITS_LIMIT)
            return 1;
        amount->digits = amount->digits * 10 + (unsigned)digit;
    }
    return 0;
}

/* Lengths of the groups of an integer part. */
struct groups {
    int n;         /* complete ones */
    int first;     /* digits of the first */
    int current;   /* digits of the one being read */
    int threes;    /* all complete ones but the first have three digits */
    int twos;      /* ... two */
    int from_zero; /* the first digit is 0 */
    const char *kind;
};

/* The mark of thousands that stands here with a digit behind it, or NULL. */
static const char *group_mark(const struct reader *reader)
{
    static const char *const marks[] = {".", ","};
    const char *other = marks[reader->thousands == ','];
    if (next_is(reader, other, 1))
        return digit_at(reader, 1) ? other : NULL;
    for (int i = 0; i < N_APOSTROPHES; i++)
        if (next_is(reader, apostrophes[i], strlen(apostrophes[i])))
            return digit_at(reader, strlen(apostrophes[i])) ? apostrophes[i] : NULL;
    for (int i = 0; i < N_BLANKS; i++)
        if (next_is(reader, blanks[i], strlen(blanks[i])))
            return digit_at(reader, strlen(blanks[i])) ? blanks[i] : NULL;
    return NULL;
}

static int end_group(struct groups *groups, const char *mark)
{
    if (!groups->n) {
        groups->first = groups->current;
        groups->kind = mark;
    } else {
        groups->threes &= groups->current == 3;
        groups->twos &= groups->current == 2;
    }
    groups->n++;
    groups->current = 0;
    return groups->kind != mark;
}

static int well_grouped(const struct groups *groups)
{
    if (!groups->n)
        return 1;
    if (groups->current != 3 || groups->from_zero || !groups->first)
        return 0;
    return groups->threes ? groups->first <= 3 : groups->twos && groups->first <= 2;
}

/* The digits before the decimal mark; answers 1 when they are not written as anybody would. */
static int read_whole(struct reader *reader, int *n)
{
    struct groups groups = {.threes = 1, .twos = 1, .from_zero = next_is(reader, "0", 1)};
    const char *mark;
    do {
        for (; digit_at(reader, 0); groups.current++, ++*n)
            if (add_digit(reader, *reader->at++ - '0'))
                return 1;
        mark = group_mark(reader);
        if (mark) {
            reader->at += strlen(mark);
            if (end_group(&groups, mark))
                return 1;
        }
    } while (mark);
    return !well_grouped(&groups);
}

/* The digits behind the mark. Zeros at their end are kept back, since they say nothing. */
static int read_fraction(struct reader *reader, int *n)
{
    struct amount *amount = reader->amount;
    for (; digit_at(reader, 0); ++*n) {
        int digit = *reader->at++ - '0';
        amount->decimals++;
        reader->zeros++;
        if (!digit)
            continue;
        for (; reader->zeros > 1; reader->zeros--, amount->scale++)
            if (add_digit(reader, 0))
                return 1;
        if (add_digit(reader, digit))
            return 1;
        reader->zeros = 0;
        amount->scale++;
    }
    return 0;
}

/* [eE][+-]digits, as spreadsheets write large and small numbers. */
static int read_exponent(struct reader *reader)
{
    int exponent = 0, negative;
    if (!take(reader, "e") && !take(reader, "E"))
        return 0;
    negative = take(reader, "-");
    if (!negative)
        (void)take(reader, "+");
    if (!digit_at(reader, 0))
        return 1;
    for (; digit_at(reader, 0); reader->at++)
        if (exponent < EXPONENT_LIMIT)
            exponent = exponent * 10 + (*reader->at - '0');
    reader->amount->scale += negative ? exponent : -exponent;
    reader->amount->decimals += negative ? exponent : -exponent;
    if (reader->amount->decimals < 0)
        reader->amount->decimals = 0;
    return 0;
}

static int exponent_follows(const struct reader *reader)
{
    size_t signs = left(reader) > 1 && (reader->at[1] == '-' || reader->at[1] == '+');
    return (next_is(reader, "e", 1) || next_is(reader, "E", 1)) && digit_at(reader, 1 + signs);
}

static int read_number(struct reader *reader)
{
    static const char *const marks[] = {".", ","};
    int n = 0;
    if (read_whole(reader, &n))
        return 1;
    if (take(reader, marks[reader->mark == ',']) && read_fraction(reader, &n))
        return 1;
    if (!n)
        return 1;
    return exponent_follows(reader) ? read_exponent(reader) : 0;
}

/* A plus, a minus or an opening parenthesis, unless there has been one. */
static void take_sign(struct reader *reader)
{
    if (reader->sign_seen)
        return;
    reader->sign_seen = 1;
    if (take(reader, "-") || take(reader, "\u2212"))
        reader->amount->negative = 1;
    else if (take(reader, "("))
        reader->parentheses = 1;
    else if (!take(reader, "+"))
        reader->sign_seen = 0;
    take_blanks(reader);
}

static void take_currency(struct reader *reader)
{
    struct slice text = {reader->at, left(reader)};
    size_t size = reader->amount->sign.size ? 0 : currency_sign(text);
    if (!size)
        return;
    reader->amount->sign = (struct slice){reader->at, size};
    reader->at += size;
    take_blanks(reader);
}

static int starts_number(const struct reader *reader)
{
    return digit_at(reader, 0) || (left(reader) && *reader->at == reader->mark);
}

static void take_around(struct reader *reader)
{
    take_sign(reader);
    take_currency(reader);
}

static int read_all(struct reader *reader)
{
    take_blanks(reader);
    for (int i = 0; i < 2 && !starts_number(reader); i++)
        take_around(reader);
    if (read_number(reader))
        return AMOUNT_E_BAD;
    take_blanks(reader);
    take_currency(reader);
    if (reader->parentheses) {
        if (!take(reader, ")"))
            return AMOUNT_E_BAD;
        reader->amount->negative = 1;
        take_blanks(reader);
    } else if (!next_is(reader, "(", 1)) {
        take_sign(reader);
    }
    take_currency(reader);
    return left(reader) ? AMOUNT_E_BAD : 0;
}

int amount_read(struct slice text, enum amount_mark mark, struct amount *amount)
{
    struct reader reader = {.at = text.data,
                            .end = (const char *)text.data + text.size,
                            .mark = mark == AMOUNT_POINT ? '.' : ',',
                            .thousands = mark == AMOUNT_POINT ? ',' : '.',
                            .amount = amount};
    memset(amount, 0, sizeof *amount);
    return read_all(&reader);
}

static int to_money(uint64_t units, int negative, int64_t *money)
{
    if (units > (uint64_t)MONEY_ROW_LIMIT)
        return AMOUNT_E_TOO_LARGE;
    *money = negative ? -(int64_t)units : (int64_t)units;
    return 0;
}

static amount_digits power_of_ten(int n)
{
    amount_digits power = 1;
    while (n-- > 0)
        power *= 10;
    return power;
}

int amount_money(const struct amount *amount, int64_t *money, int *rounded)
{
    const amount_digits limit = (amount_digits)MONEY_ROW_LIMIT;
    amount_digits value = amount->digits;
    int shift = MONEY_DECIMALS - amount->scale;
    for (; shift > 0 && value && value <= limit; shift--)
        value *= 10;
    if (shift < -DIGITS_LIMIT && value) {
        *rounded = 1; /* below half of 1/10,000, whatever its digits */
        value = 0;
    } else if (shift < 0) {
        amount_digits divisor = power_of_ten(-shift);
        amount_digits rest = value % divisor;
        value /= divisor;
        *rounded |= rest != 0;
        value += rest * 2 > divisor || (rest * 2 == divisor && value % 2);
    }
    return value > limit ? AMOUNT_E_TOO_LARGE : to_money((uint64_t)value, amount->negative, money);
}

/* A product of two amounts, least significant limb first. */
struct wide {
    uint64_t limb[4];
};

static struct wide wide_multiply(amount_digits a, amount_digits b)
{
    const uint64_t x[2] = {(uint64_t)a, (uint64_t)(a >> 64)};
    const uint64_t y[2] = {(uint64_t)b, (uint64_t)(b >> 64)};
    struct wide product = {{0}};
    for (int i = 0; i < 2; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 2; j++) {
            amount_digits sum = (amount_digits)x[i] * y[j] + product.limb[i + j] + carry;
            product.limb[i + j] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        product.limb[i + 2] = carry;
    }
    return product;
}

/* Divides by ten; answers the remainder. */
static unsigned wide_divide(struct wide *wide)
{
    unsigned rest = 0;
    for (int i = 3; i >= 0; i--) {
        amount_digits part = (amount_digits)rest << 64 | wide->limb[i];
        wide->limb[i] = (uint64_t)(part / 10);
        rest = (unsigned)(part % 10);
    }
    return rest;
}

static int wide_is_large(const struct wide *wide)
{
    return wide->limb[1] || wide->limb[2] || wide->limb[3];
}

/* Digits are dropped one by one: the last one dropped, and whether any before it was not 0, decide
 * how to round. */
static int wide_money(struct wide wide, int32_t scale, int negative, int64_t *money, int *rounded)
{
    unsigned last = 0, before = 0;
    int shift = MONEY_DECIMALS - scale;
    for (; shift < 0; shift++) {
        before |= last;
        last = wide_divide(&wide);
        if (!last && !wide_is_large(&wide) && !wide.limb[0])
            shift = -1; /* nothing is left to drop, however small the rest of the scale */
    }
    if (wide_is_large(&wide) || wide.limb[0] > (uint64_t)MONEY_ROW_LIMIT)
        return AMOUNT_E_TOO_LARGE;
    uint64_t units = wide.limb[0];
    for (; shift > 0 && units && units <= (uint64_t)MONEY_ROW_LIMIT; shift--)
        units *= 10;
    *rounded |= last || before;
    units += last > 5 || (last == 5 && (before || units % 2));
    return to_money(units, negative, money);
}

int amount_product(const struct amount *a, const struct amount *b, int64_t *money, int *rounded)
{
    int negative = a->negative != b->negative;
    if (a->digits >> 64 || b->digits >> 64)
        return wide_money(wide_multiply(a->digits, b->digits), a->scale + b->scale, negative, money,
                          rounded);
    struct amount product = {
        .digits = a->digits * b->digits, .scale = a->scale + b->scale, .negative = negative};
    return amount_money(&product, money, rounded);
}

static int same(const struct amount *a, const struct amount *b)
{
    return a->digits == b->digits && a->scale == b->scale;
}

/* Of an amount as most are; AMOUNT_NONE: not one of those. */
static enum amount_evidence plain_evidence(struct slice text)
{
    char copy[2 * PLAIN_BYTES] = {0};
    int64_t money;
    uint32_t decimals;
    if (text.size - 1 >= PLAIN_BYTES)
        return AMOUNT_NONE;
    memcpy(copy, text.data, text.size);
    const struct slice value = {copy, text.size};
    if (plain_amount(value, AMOUNT_POINT, &money, &decimals))
        return decimals == 3                ? AMOUNT_NONE
               : decimals                   ? AMOUNT_ONLY_POINT
               : copy[text.size - 1] != '.' ? AMOUNT_SILENT
                                            : AMOUNT_ONLY_POINT;
    if (plain_amount(value, AMOUNT_COMMA, &money, &decimals) && decimals != 3)
        return AMOUNT_ONLY_COMMA;
    return AMOUNT_NONE;
}

enum amount_evidence amount_evidence(struct slice text)
{
    struct amount point, comma;
    enum amount_evidence plain = plain_evidence(text);
    if (plain != AMOUNT_NONE)
        return plain;
    int no_point = amount_read(text, AMOUNT_POINT, &point);
    int no_comma = amount_read(text, AMOUNT_COMMA, &comma);
    if (no_point && no_comma)
        return AMOUNT_NONE;
    if (no_comma)
        return AMOUNT_ONLY_POINT;
    if (no_point)
        return AMOUNT_ONLY_COMMA;
    return same(&point, &comma) ? AMOUNT_SILENT : AMOUNT_OPEN;
}
