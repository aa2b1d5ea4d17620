/* SPDX-License-Identifier: Apache-2.0 */
/* What a retention offer costs and does: its gain, its worth, its break-even. */
#include "cli/decimal.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "score/money.h"

static struct plan_offer *offer_of(struct options *options)
{
    struct plan_offer *offer = &options->settings.scoring.plan.offer;
    offer->asked = 1;
    return offer;
}

static int read_cost(int64_t *cost, const struct flag_given *given)
{
    if (decimal_read_within(given->text, 4, 0, MONEY_ROW_LIMIT, cost))
        return flags_refuse(given, "wants an amount from 0 to 100000000000, a point before at "
                                   "most four decimals");
    return 0;
}

static int read_contact_cost(struct options *options, const struct flag_given *given)
{
    return read_cost(&offer_of(options)->contact_cost, given);
}

static int read_offer_cost(struct options *options, const struct flag_given *given)
{
    return read_cost(&offer_of(options)->offer_cost, given);
}

static int read_part(int64_t *millionths, const struct flag_given *given)
{
    if (decimal_read_share(given->text, millionths))
        return flags_refuse(given, "wants a share of the customers from 0 to 1, with at most six "
                                   "decimals: 0.3 or 30%%");
    return 0;
}

static int read_save_rate(struct options *options, const struct flag_given *given)
{
    return read_part(&offer_of(options)->save_rate_millionths, given);
}

static int read_take_rate(struct options *options, const struct flag_given *given)
{
    return read_part(&offer_of(options)->take_rate_millionths, given);
}

static const struct flag rows[] = {
    {"contact-cost", "AMOUNT", "0", FLAG_OF_SCORERS, FLAGS_TIERS,
     "what reaching one customer with a retention offer costs", FLAG_AS_OWN(read_contact_cost)},
    {"offer-cost", "AMOUNT", "0", FLAG_OF_SCORERS, FLAGS_TIERS,
     "what a retention offer costs that is taken", FLAG_AS_OWN(read_offer_cost)},
    {"save-rate", "R", "", FLAG_OF_SCORERS, FLAGS_TIERS,
     "share of leaving customers that the offer keeps; brings retention_gain",
     FLAG_AS_OWN(read_save_rate)},
    {"take-rate", "R", "1", FLAG_OF_SCORERS, FLAGS_TIERS,
     "share of staying customers that take the offer all the same", FLAG_AS_OWN(read_take_rate)},
};

struct flags_piece flags_value(void)
{
    struct flags_piece piece = {rows, sizeof rows / sizeof rows[0]};
    return piece;
}
