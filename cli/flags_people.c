/* SPDX-License-Identifier: Apache-2.0 */
/* The population that `winnow generate` draws from. */
#include <string.h>

#include "cli/decimal.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "score/day.h"
#include "score/money.h"

#define CUSTOMERS_MOST 2000000000
#define DAYS_MOST      100000

/* All 64 bits: a seed may be a hash. */
static int read_seed(struct options *options, const struct flag_given *given)
{
    uint64_t seed = 0;
    for (const char *at = given->text; *at; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (*at < '0' || *at > '9' || seed > (UINT64_MAX - digit) / 10)
            return flags_refuse(given, "S is a whole number from 0 to 18446744073709551615");
        seed = seed * 10 + digit;
    }
    options->people.seed = seed;
    return 0;
}

static int read_start(struct options *options, const struct flag_given *given)
{
    if (day_read(given->text, &options->people.first_day))
        return flags_refuse(given, "is not a date YYYY-MM-DD of the calendar");
    return 0;
}

static int read_refund_share(struct options *options, const struct flag_given *given)
{
    size_t size = strlen(given->text);
    int64_t share;
    if (given->text[size - 1] != '%' || decimal_read(given->text, size - 1, 4, &share) ||
        share < 0 || share > PLAN_MILLION)
        return flags_refuse(given, "wants a share of the purchases from 0%% to 100%%, with at "
                                   "most four decimals: 2.5%%");
    options->people.refund_millionths = share;
    return 0;
}

#define GENERATE FLAG_OF(VERB_GENERATE)

static const struct flag rows[] = {
    {"customers", "N", "", GENERATE, FLAGS_PEOPLE, "how many customers to draw",
     FLAG_AS_COUNT(people.customers, 1, CUSTOMERS_MOST)},
    {"seed", "S", "1", GENERATE, FLAGS_PEOPLE,
     "the same seed and flags give the same bytes on every machine", FLAG_AS_OWN(read_seed)},
    {"days", "D", "730", GENERATE, FLAGS_PEOPLE, "days that the ledger covers",
     FLAG_AS_COUNT(people.days, 1, DAYS_MOST)},
    {"start", "DATE", "2023-01-01", GENERATE, FLAGS_PEOPLE, "its first day, YYYY-MM-DD",
     FLAG_AS_OWN(read_start)},
    {"joining", "DAYS", "half of --days", GENERATE, FLAGS_PEOPLE,
     "customers make their first purchase evenly over the first so many days",
     FLAG_AS_COUNT(people.joining_days, 1, DAYS_MOST)},
    {"r", "R", "0.8", GENERATE, FLAGS_PEOPLE,
     "shape of the purchase rates a week, gamma (BG/NBD's r)", FLAG_AS_REAL(people.r)},
    {"alpha", "ALPHA", "4.2", GENERATE, FLAGS_PEOPLE,
     "rate of the purchase rates, in weeks (BG/NBD's alpha)", FLAG_AS_REAL(people.alpha)},
    {"a", "A", "0.5", GENERATE, FLAGS_PEOPLE,
     "drop-out after each repeat purchase, beta (BG/NBD's a)", FLAG_AS_REAL(people.a)},
    {"b", "B", "6", GENERATE, FLAGS_PEOPLE, "the second parameter of that beta (BG/NBD's b)",
     FLAG_AS_REAL(people.b)},
    {"p", "P", "6.25", GENERATE, FLAGS_PEOPLE,
     "shape of one customer's amounts, gamma (gamma-gamma's p)", FLAG_AS_REAL(people.p)},
    {"q", "Q", "3.74", GENERATE, FLAGS_PEOPLE,
     "the rates of customers' amounts are gamma with shape Q", FLAG_AS_REAL(people.q)},
    {"v", "V", "15.44", GENERATE, FLAGS_PEOPLE, "and rate V; the mean amount is PV/(Q-1)",
     FLAG_AS_REAL(people.v)},
    {"refund-share", "P%", "0%", GENERATE, FLAGS_PEOPLE,
     "share of the purchases given back within 30 days, half of them in part",
     FLAG_AS_OWN(read_refund_share)},
    {"order-ids", NULL, "", GENERATE, FLAGS_PEOPLE,
     "a fourth column, order_id; a refund has its purchase's", FLAG_AS_SWITCH(people.has_orders)},
    {"truth", "FILE", "", GENERATE, FLAGS_OUTPUT,
     "writes each customer's own rates, and whether he is alive at the end", FLAG_AS_TEXT(truth)},
};

struct flags_piece flags_people(void)
{
    struct flags_piece piece = {rows, sizeof rows / sizeof rows[0]};
    return piece;
}
