/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers are read as amounts are, exactly: weeks times seven are rounded to a day once, and a mean
 * times its count to 1/10,000 once, so that a table written with 15 digits gives back the history
 * that it came from. */
#include "ventilator/summary.h"

#include "score/money.h"
#include "score/summary.h"

#define TEN_TO_30 30 /* digits that leave room for a factor in 128 bits */

/* digits * factor / 10^(scale - places), half-even, 0..limit. 0 when it is not. */
static int scaled(const struct amount *amount, uint64_t factor, int32_t places, int64_t *out,
                  int64_t limit)
{
    amount_digits whole = amount->digits, divisor = 1;
    int32_t down = amount->scale - places;
    for (; down > TEN_TO_30 && whole; down--)
        whole /= 10;
    if (amount->negative && amount->digits)
        return 0;
    if (__builtin_mul_overflow(whole, factor, &whole))
        return 0;
    for (; down > 0 && down <= TEN_TO_30; down--)
        divisor *= 10;
    for (; down < 0; down++)
        if (__builtin_mul_overflow(whole, (amount_digits)10, &whole))
            return 0;
    amount_digits quotient = whole / divisor, rest = whole % divisor;
    amount_digits half = divisor / 2;
    if (divisor > 1 && (rest > half || (rest == half && quotient % 2)))
        quotient++;
    if (quotient > (amount_digits)limit)
        return 0;
    *out = (int64_t)quotient;
    return 1;
}

/* A whole number or one of days; 0 when it is none. */
static int read_scaled(const struct recipe *recipe, struct slice value, uint64_t factor,
                       int64_t limit, int64_t *out)
{
    struct amount amount;
    return !nulls_has(recipe->nulls, value) && amount_read(value, recipe->mark, &amount) == 0 &&
           scaled(&amount, factor, 0, out, limit);
}

static int is_whole(const struct recipe *recipe, struct slice value, int64_t n)
{
    struct amount amount;
    int64_t millionths;
    return amount_read(value, recipe->mark, &amount) == 0 &&
           scaled(&amount, 1, 6, &millionths, INT64_MAX) && millionths == n * PLAN_MILLION;
}

/* The money of all repeat days. */
static int read_money(const struct recipe *recipe, struct slice value, int64_t x, int64_t *money)
{
    struct amount amount;
    *money = 0;
    if (!value.data || nulls_has(recipe->nulls, value))
        return -1;
    if (amount_read(value, recipe->mark, &amount) || (amount.negative && amount.digits))
        return REJECT_BAD_AMOUNT;
    return scaled(&amount, (uint64_t)x, 4, money, MONEY_ROW_LIMIT) ? -1 : REJECT_AMOUNT_TOO_LARGE;
}

int summary_read(const struct recipe *recipe, const struct summary_values *values, struct row *row,
                 enum field *blamed)
{
    uint64_t unit = (uint64_t)recipe->summary_days;
    int64_t age, span, x;
    *blamed = FIELD_DATE;
    if (!read_scaled(recipe, values->t, unit, SUMMARY_DAYS_LIMIT, &age))
        return REJECT_BAD_HISTORY;
    *blamed = FIELD_ORDER;
    if (!read_scaled(recipe, values->frequency, 1, SUMMARY_X_LIMIT, &x) ||
        !is_whole(recipe, values->frequency, x))
        return REJECT_BAD_HISTORY;
    *blamed = FIELD_FACTOR;
    if (!read_scaled(recipe, values->recency, unit, age, &span) || span < x || (x == 0 && span > 0))
        return REJECT_BAD_HISTORY;
    row->day = -(int32_t)age;
    row->order = summary_key((uint32_t)x, (int32_t)span);
    *blamed = FIELD_AMOUNT;
    return read_money(recipe, values->monetary, x, &row->amount);
}
