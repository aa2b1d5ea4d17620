/* SPDX-License-Identifier: Apache-2.0 */
/* What is a business's own to say: cut points of RFM scores, and what a retention offer costs and does. */
#include <string.h>

#include "cli/decimal.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "score/money.h"

/* "30,60,90": rising decimals of so many places; r and f are whole. */
static int read_cuts(const char *at, const char *end, int places, struct plan_cuts *cuts)
{
    cuts->n = 0;
    for (;; at++) {
        size_t size = strcspn(at, ", ;");
        int64_t *value = &cuts->value[cuts->n];
        if (cuts->n == PLAN_CUTS_LIMIT || decimal_read(at, size, places, value) ||
            (places == 0 && *value < 0) || (cuts->n > 0 && value[0] <= value[-1]))
            return 1;
        cuts->n++;
        at += size;
        if (at == end || *at != ',')
            return at != end;
    }
}

static int read_rfm_cuts(struct options *options, const struct flag_given *given)
{
    struct plan *plan = &options->settings.scoring.plan;
    static const char metrics[] = "rfm";
    const char *at = given->text + strspn(given->text, " ;");
    memset(plan->rfm_cuts, 0, sizeof plan->rfm_cuts);
    while (*at) {
        size_t size = strcspn(at, " ;");
        const char *letter = size > 2 && at[1] == '=' ? strchr(metrics, at[0]) : NULL;
        struct plan_cuts *cuts = letter ? &plan->rfm_cuts[letter - metrics] : NULL;
        if (!cuts || cuts->n || read_cuts(at + 2, at + size, *at == 'm' ? 4 : 0, cuts))
            return flags_refuse(given,
                                "wants rising cut points like 'r=30,60,90,180 f=1,2,4,8 "
                                "m=50,100,500,1000', 1 to %d for a score; days and "
                                "purchases are whole numbers",
                                PLAN_CUTS_LIMIT);
        at += size;
        at += strspn(at, " ;");
    }
    return 0;
}

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
    {"rfm-cuts", "r=30,60,... f=... m=...", "", FLAG_OF_SCORERS, FLAGS_SCORES,
     "cut points of your own, of any of the scores; a value up to a cut is on its lower side",
     FLAG_AS_OWN(read_rfm_cuts)},
    {"segments", "FILE", "winnow help segments", FLAG_OF_READERS, FLAGS_SCORES,
     "rules of your own for rfm_segment, one a line: name: r=4-5 f=1-2",
     FLAG_AS_TEXT(settings.scoring.segments)},
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
