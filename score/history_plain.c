/* SPDX-License-Identifier: Apache-2.0 */
/* Each line is a purchase day, so that no state goes from one to the next: two passes of sums and masks over
 * the columns, without a branch for a line, take a fifth of what the walk of history.c does. */
#include "score/history_plain.h"

#include "score/money.h"

/* So many lines of so much money add up to less than 2^62. */
#define LINES_LIMIT  ((size_t)1 << 20)
#define BOUGHT_LIMIT (UINT64_C(1) << 42)

/* After these days. */
struct windows {
    int32_t year, wallet;
};

struct sums {
    uint64_t bought, year, wallet;
    uint64_t orders;
};

static uint64_t masked(uint64_t money, int counts)
{
    return money & -(uint64_t)counts;
}

/* Whether every line is plain and days rise; then *sums are those of all, and gaps are set. One loop, as
 * what a short one costs is its end. */
static inline int sums_of(const struct lines *lines, struct windows after, int32_t *gaps,
                          struct sums *sums)
{
    struct sums sum = {0, 0, 0, 0};
    uint64_t all = 0;
    int32_t before = INT32_MIN;
    int odd = 0;
    for (size_t i = 0; i < lines->n; i++) {
        int32_t day = lines->day[i];
        uint64_t bought = (uint64_t)lines->bought[i];
        uint32_t purchases = lines->purchases[i];
        all |= bought;
        odd |= purchases == 0 || day <= before;
        sum.bought += bought;
        sum.orders += purchases;
        sum.year += masked(bought, day > after.year);
        sum.wallet += masked(bought, day > after.wallet);
        if (gaps && i > 0)
            gaps[i - 1] = day - before;
        before = day;
    }
    *sums = sum;
    return !odd && all < BOUGHT_LIMIT;
}

static int refunds_none(const struct lines *lines)
{
    uint32_t any = 0;
    for (size_t i = 0; lines->refunds && i < lines->n; i++)
        any |= lines->refunds[i];
    return any == 0;
}

static int64_t bought_after(const struct lines *lines, int64_t day)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < lines->n; i++)
        sum += masked((uint64_t)lines->bought[i], lines->day[i] > day);
    return (int64_t)sum;
}

static uint32_t visits_after(const struct lines *lines, int64_t day, int orders)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < lines->n; i++)
        sum += lines->day[i] > day ? (orders ? lines->purchases[i] : 1) : 0;
    return sum;
}

static int plain(const struct lines *lines, const struct plan *plan)
{
    return lines->n > 0 && lines->n < LINES_LIMIT && !lines->order &&
           lines->day[lines->n - 1] <= plan->as_of && refunds_none(lines);
}

/* A day before which nothing lies, as an int32_t. */
static int32_t day_before(int32_t as_of, int32_t days)
{
    int64_t day = (int64_t)as_of - days;
    return day < INT32_MIN ? INT32_MIN : (int32_t)day;
}

int history_plain(const struct lines *lines, const struct plan *plan, int32_t *gaps,
                  struct features *out, struct tally *purchases)
{
    struct sums sum;
    struct windows after = {day_before(plan->as_of, 365),
                            day_before(plan->as_of, plan->wallet_window_days)};
    int32_t rfm = day_before(plan->as_of, plan->rfm_window_days);
    int by_orders = plan->rfm_frequency == RFM_ORDERS;
    if (!plain(lines, plan) || !sums_of(lines, after, gaps, &sum) ||
        money_add(&purchases->amount, (int64_t)sum.bought) != 0)
        return 0;
    purchases->rows += (int64_t)sum.orders;
    uint32_t days = (uint32_t)lines->n;
    *out = (struct features){.first_day = lines->day[0],
                             .last_day = lines->day[days - 1],
                             .seen = 1,
                             .purchase_days = days,
                             .orders = (uint32_t)sum.orders,
                             .monetary_total = (int64_t)sum.bought,
                             .gross = (int64_t)sum.bought,
                             .spend_365d = (int64_t)sum.year,
                             .spend_window = (int64_t)sum.wallet,
                             .rfm_frequency = by_orders ? (uint32_t)sum.orders : days,
                             .rfm_monetary = (int64_t)sum.bought,
                             .repeat_spend = (int64_t)sum.bought - lines->bought[0]};
    if (rfm < lines->day[0])
        return 1;
    out->rfm_frequency = visits_after(lines, rfm, by_orders);
    out->rfm_monetary = bought_after(lines, rfm);
    return 1;
}
