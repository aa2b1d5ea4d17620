/* SPDX-License-Identifier: Apache-2.0 */
/* Each line is a purchase day, so that no state goes from one to the next: one pass of sums and masks over the
 * columns, eight lines at a time. What a short history costs is its beginning and its end, so the last eight are
 * as many too: those that are another customer's are read and do not count. */
#include "score/history_plain.h"

#include "score/money.h"

/* So many lines of so much money add up to less than 2^62. */
#define LINES_LIMIT  ((size_t)1 << 20)
#define BOUGHT_LIMIT (UINT64_C(1) << 42)
#define TOGETHER     8 /* lines */

/* After these days. */
struct windows {
    int32_t year, wallet;
};

struct sums {
    uint64_t bought, year, wallet;
    uint64_t orders;
};

/* As many lines as n, or some more, up to whole eights. */
static int32_t whole_eights(int32_t n)
{
    return (n + TOGETHER - 1) / TOGETHER * TOGETHER;
}

/* All bits where it holds. */
static inline int32_t mask(int holds)
{
    return -holds;
}

static inline uint64_t wide(int32_t bits)
{
    return (uint64_t)(int64_t)bits;
}

/* Whether every one of n > 0 lines is plain and days rise; then *sums are those of all. */
static inline int sums_of(const struct lines *lines, int32_t n, struct windows after,
                          struct sums *sums)
{
    const int32_t *day = lines->day;
    struct sums sum = {0, 0, 0, 0};
    uint64_t all = 0;
    int32_t odd = 0, to = whole_eights(n);
    for (int32_t i = 0; i < to; i++) {
        int32_t his = mask(i < n), followed = mask(i < n - 1);
        uint64_t money = (uint64_t)lines->bought[i] & wide(his);
        uint32_t purchases = lines->purchases[i];
        all |= money;
        sum.bought += money;
        sum.year += money & wide(mask(day[i] > after.year));
        sum.wallet += money & wide(mask(day[i] > after.wallet));
        sum.orders += purchases & (uint32_t)his;
        odd |= (his & mask(purchases == 0)) | (followed & mask(day[i + 1] <= day[i]));
    }
    *sums = sum;
    return !odd && all < BOUGHT_LIMIT;
}

static void put_gaps(const int32_t *day, size_t n, int32_t *gaps)
{
    for (size_t i = 0; i + 1 < n; i++)
        gaps[i] = day[i + 1] - day[i];
}

static int refunds_none(const struct lines *lines)
{
    uint32_t any = 0;
    for (size_t i = 0; lines->refunds && i < lines->n; i++)
        any |= lines->refunds[i];
    return any == 0;
}

static int64_t bought_after(const struct lines *lines, int32_t day)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < lines->n; i++)
        sum += (uint64_t)lines->bought[i] & wide(mask(lines->day[i] > day));
    return (int64_t)sum;
}

static uint32_t visits_after(const struct lines *lines, int32_t day, int orders)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < lines->n; i++)
        sum += lines->day[i] > day ? (orders ? lines->purchases[i] : 1) : 0;
    return sum;
}

static int plain(const struct lines *lines, const struct plan *plan)
{
    return lines->n > 0 && lines->n < LINES_LIMIT && lines->readable > lines->n + TOGETHER &&
           !lines->order && lines->day[lines->n - 1] <= plan->as_of && refunds_none(lines);
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
    if (!plain(lines, plan) || !sums_of(lines, (int32_t)lines->n, after, &sum) ||
        money_add(&purchases->amount, (int64_t)sum.bought) != 0)
        return 0;
    if (gaps)
        put_gaps(lines->day, lines->n, gaps);
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
