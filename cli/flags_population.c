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
    options->population.seed = seed;
    return 0;
}

static int read_start(struct options *options, const struct flag_given *given)
{
    if (day_read(given->text, &options->population.first_day))
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
    options->population.refund_millionths = share;
    return 0;
}

#define GENERATE FLAG_OF(VERB_GENERATE)

static const struct flag rows[] = {
    {"customers", "N", "", GENERATE, FLAGS_POPULATION, "how many customers to draw",
     FLAG_AS_COUNT(population.customers, 1, CUSTOMERS_MOST)},
    {"seed", "S", "1", GENERATE, FLAGS_POPULATION,
     "the same seed and flags give the same bytes on every machine", FLAG_AS_OWN(read_seed)},
    {"days", "D", "730", GENERATE, FLAGS_POPULATION, "days that the ledger covers",
     FLAG_AS_COUNT(population.days, 1, DAYS_MOST)},
    {"start", "DATE", "2023-01-01", GENERATE, FLAGS_POPULATION, "its first day, YYYY-MM-DD",
     FLAG_AS_OWN(read_start)},
    {"joining", "DAYS", "half of --days", GENERATE, FLAGS_POPULATION,
     "customers make their first purchase evenly over the first so many days",
     FLAG_AS_COUNT(population.joining_days, 1, DAYS_MOST)},
    {"r", "R", "0.8", GENERATE, FLAGS_POPULATION,
     "shape of the purchase rates a week, gamma (BG/NBD's r)", FLAG_AS_REAL(population.r)},
    {"alpha", "ALPHA", "4.2", GENERATE, FLAGS_POPULATION,
     "rate of the purchase rates, in weeks (BG/NBD's alpha)", FLAG_AS_REAL(population.alpha)},
    {"a", "A", "0.5", GENERATE, FLAGS_POPULATION,
     "drop-out after each repeat purchase, beta (BG/NBD's a)", FLAG_AS_REAL(population.a)},
    {"b", "B", "6", GENERATE, FLAGS_POPULATION, "the second parameter of that beta (BG/NBD's b)",
     FLAG_AS_REAL(population.b)},
    {"p", "P", "6.25", GENERATE, FLAGS_POPULATION,
     "shape of one customer's amounts, gamma (gamma-gamma's p)", FLAG_AS_REAL(population.p)},
    {"q", "Q", "3.74", GENERATE, FLAGS_POPULATION,
     "the rates of customers' amounts are gamma with shape Q", FLAG_AS_REAL(population.q)},
    {"v", "V", "15.44", GENERATE, FLAGS_POPULATION, "and rate V; the mean amount is PV/(Q-1)",
     FLAG_AS_REAL(population.v)},
    {"refund-share", "P%", "0%", GENERATE, FLAGS_POPULATION,
     "share of the purchases given back within 30 days, half of them in part",
     FLAG_AS_OWN(read_refund_share)},
    {"order-ids", NULL, "", GENERATE, FLAGS_POPULATION,
     "a fourth column, order_id; a refund has its purchase's",
     FLAG_AS_SWITCH(population.has_orders)},
    {"truth", "FILE", "", GENERATE, FLAGS_OUTPUT,
     "writes each customer's own rates, and whether he is alive at the end", FLAG_AS_TEXT(truth)},
};

struct flags_piece flags_population(void)
{
    struct flags_piece piece = {rows, sizeof rows / sizeof rows[0]};
    return piece;
}
