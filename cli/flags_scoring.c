/* SPDX-License-Identifier: Apache-2.0 */
/* What to compute: horizons, models, RFM, wallet, tiers, and the form of what comes out. */
#include <stdio.h>
#include <string.h>

#include "cli/decimal.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "common/columns.h"
#include "score/money.h"
#include "score/special.h"

#define DAYS_MOST 100000 /* 273 years: beyond any ledger, and far from an overflow of days */

/* DAYS, or the word that stands for no limit. */
static int read_days(int32_t *days, const struct flag_given *given, const char *unlimited)
{
    int64_t value = PLAN_DAYS_ALL;
    if (strcmp(given->text, unlimited) != 0 &&
        decimal_read_within(given->text, 0, 1, DAYS_MOST, &value))
        return flags_refuse(given, "DAYS is a whole number from 1 to %d, or %s", DAYS_MOST,
                            unlimited);
    *days = (int32_t)value;
    return 0;
}

static int read_inactive_after(struct options *options, const struct flag_given *given)
{
    return read_days(&options->settings.scoring.plan.inactive_after_days, given, "off");
}

static int read_rfm_window(struct options *options, const struct flag_given *given)
{
    return read_days(&options->settings.scoring.plan.rfm_window_days, given, "all");
}

/* A percentage to 1e-8 of the whole (six decimals), then to the nearest double. */
#define RATE_WHOLE  1e8
#define RATE_PLACES 6
#define RATE_MOST   INT64_C(100000000000) /* 1000 % */

static int read_rate(const char *text, size_t size, double *rate)
{
    int64_t value;
    if (size < 2 || text[size - 1] != '%' || decimal_read(text, size - 1, RATE_PLACES, &value) ||
        value < 0 || value > RATE_MOST)
        return DECIMAL_E_WORD;
    *rate = (double)value / RATE_WHOLE;
    return 0;
}

/* A yearly rate R is an effective one: twelve months of d compound to it, (1 + d)^12 = 1 + R. */
static int read_discount_rate(struct options *options, const struct flag_given *given)
{
    double *monthly = &options->settings.scoring.plan.monthly_discount;
    size_t size = strcspn(given->text, "/");
    const char *unit = given->text + size;
    double rate;
    int monthly_unit = strcmp(unit, "/month") == 0, yearly_unit = strcmp(unit, "/year") == 0;
    if (read_rate(given->text, size, &rate) || (*unit && !monthly_unit && !yearly_unit))
        return flags_refuse(given,
                            "wants 1%%/month or 12%%/year, 0%% to 1000%%, at most %d "
                            "decimals",
                            RATE_PLACES);
    if (*unit == '\0' && rate > 0)
        return flags_refuse(given, "say %s/month or %s/year", given->text, given->text);
    *monthly = yearly_unit ? special_expm1(special_log1p(rate) / 12) : rate;
    return 0;
}

static int is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return 1;
    return 0;
}

static int read_churn_model(struct options *options, const struct flag_given *given)
{
    static const struct {
        const char *word;
        enum churn_choice choice;
        enum churn_kind kind;
    } known[] = {
        {"auto", CHURN_AUTO, CHURN_NONE},      {"none", CHURN_OFF, CHURN_NONE},
        {"stack", CHURN_AUTO, CHURN_NONE},     {"bgnbd", CHURN_NAMED, CHURN_BGNBD},
        {"mbgnbd", CHURN_NAMED, CHURN_MBGNBD}, {"pnbd", CHURN_NAMED, CHURN_PNBD},
        {"nbd", CHURN_NAMED, CHURN_NBD},       {"mbgcnbd", CHURN_NAMED, CHURN_MBGCNBD},
        {"bgcnbd", CHURN_NAMED, CHURN_BGCNBD},
    };
    struct settings_scoring *scoring = &options->settings.scoring;
    scoring->stack = strcmp(given->text, "stack") == 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(given->text, known[i].word) == 0) {
            scoring->churn_choice = known[i].choice;
            scoring->churn_kind = known[i].kind;
            return 0;
        }
    return flags_refuse(given, "is one of auto|bgnbd|mbgnbd|pnbd|nbd|mbgcnbd|bgcnbd|stack|none");
}

static const char *const part_name[] = {"rfm", "churn", "spend", "wallet", "tiers"};

static unsigned part_of(const char *word, size_t size)
{
    for (unsigned i = 0; i < sizeof part_name / sizeof part_name[0]; i++)
        if (strlen(part_name[i]) == size && memcmp(part_name[i], word, size) == 0)
            return 1u << i; /* REFIT_RFM and so on are in this order */
    return 0;
}

static int read_refit(struct options *options, const struct flag_given *given)
{
    unsigned parts = 0;
    const char *at = given->text;
    for (;; at++) {
        size_t size = strcspn(at, ",");
        unsigned part = part_of(at, size);
        if (!part || part & parts)
            return flags_refuse(given,
                                "'%.*s' is not one of rfm,churn,spend,wallet,tiers, each "
                                "once",
                                (int)size, at);
        parts |= part;
        at += size;
        if (*at == '\0')
            break;
    }
    options->settings.scoring.refit = parts;
    return 0;
}

static int read_columns(struct options *options, const struct flag_given *given)
{
    static const char *const why[] = {
        [COLUMNS_E_UNKNOWN] = "is neither a column of scores.csv nor all, rfm, lifetimes, "
                              "minimal or warehouse; winnow help columns lists them",
        [COLUMNS_E_TWICE] = "stands there twice",
        [COLUMNS_E_EMPTY] = "names nothing; wants words with one comma between them",
    };
    struct columns_chosen chosen;
    const char *word;
    size_t size;
    int answer = columns_choose(given->text, &chosen, &word, &size);
    if (answer)
        return flags_refuse(given, "'%.*s' %s", (int)size, word, why[answer]);
    options->settings.scoring.columns = given->text;
    return 0;
}

static int read_time_unit(struct options *options, const struct flag_given *given)
{
    static const char *const words[] = {"day", "week", NULL};
    if (!is_one_of(given->text, words))
        return flags_refuse(given, "is one of day|week");
    options->settings.scoring.time_unit = given->text;
    return 0;
}

/* "quantile=0.8", "regression" and so on; the share may be missing. */
static int read_wallet(struct options *options, const struct flag_given *given)
{
    static const struct {
        const char *word;
        enum wallet_method method;
    } known[] = {
        {"declared", WALLET_DECLARED},     {"mean", WALLET_MEAN}, {"quantile", WALLET_QUANTILE},
        {"regression", WALLET_REGRESSION}, {"war", WALLET_WAR},
    };
    struct plan *plan = &options->settings.scoring.plan;
    size_t size = strcspn(given->text, "=");
    const char *share = given->text + size;
    plan->wallet_method = WALLET_NONE;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i].word) == size && memcmp(known[i].word, given->text, size) == 0)
            plan->wallet_method = known[i].method;
    if (plan->wallet_method == WALLET_NONE || (*share && plan->wallet_method != WALLET_QUANTILE &&
                                               plan->wallet_method != WALLET_REGRESSION))
        return flags_refuse(given, "is one of declared|mean|quantile=0.8|regression=0.8|war");
    if (*share &&
        decimal_read_within(share + 1, 6, 1, PLAN_MILLION - 1, &plan->wallet_tau_millionths))
        return flags_refuse(given,
                            "wants %.*s=0.8, a share between 0 and 1 with at most six "
                            "decimals",
                            (int)size, given->text);
    return 0;
}

static int read_margin(struct options *options, const struct flag_given *given)
{
    if (decimal_read_share(given->text, &options->settings.scoring.plan.margin_millionths))
        return flags_refuse(given, "wants a share of the revenue from 0 to 1, with at most six "
                                   "decimals: 0.3 or 30%%");
    return 0;
}

static int read_serve_cost(struct options *options, const struct flag_given *given)
{
    if (decimal_read_within(given->text, 4, 0, MONEY_ROW_LIMIT,
                            &options->settings.scoring.plan.serve_cost))
        return flags_refuse(given, "wants an amount from 0 to 100000000000, a point before at "
                                   "most four decimals");
    return 0;
}

static int read_churn_threshold(struct options *options, const struct flag_given *given)
{
    int64_t millionths;
    if (decimal_read_share(given->text, &millionths))
        return flags_refuse(given, "wants a probability from 0 to 1, with at most six decimals");
    options->settings.scoring.plan.churn_threshold = (double)millionths / (double)PLAN_MILLION;
    return 0;
}

static int is_identifier(const char *word, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    if (size == 0 || size > PLAN_TIER_NAME_LIMIT || !strchr(letters, word[0]))
        return 0;
    for (size_t i = 1; i < size; i++)
        if (!strchr(letters, word[i]) && !(word[i] >= '0' && word[i] <= '9'))
            return 0;
    return 1;
}

static int is_taken(const struct plan_tier *tiers, int32_t n, const char *word, size_t size)
{
    for (int32_t i = 0; i < n; i++)
        if (strlen(tiers[i].name) == size && memcmp(tiers[i].name, word, size) == 0)
            return 1;
    return 0;
}

static int name_tier(struct plan *plan, const char *word, size_t size,
                     const struct flag_given *given)
{
    if (plan->n_tiers == PLAN_TIERS_LIMIT)
        return flags_refuse(given, "there are more than %d tiers", PLAN_TIERS_LIMIT);
    if (!is_identifier(word, size))
        return flags_refuse(given,
                            "'%.*s' is no name of a tier: letters, digits and _, not a "
                            "digit first, at most %d",
                            (int)size, word, PLAN_TIER_NAME_LIMIT);
    if (size == 8 && memcmp(word, "inactive", 8) == 0)
        return flags_refuse(given, "the name inactive is taken by customers past "
                                   "--inactive-after");
    if (is_taken(plan->tiers, plan->n_tiers, word, size))
        return flags_refuse(given, "two tiers are called '%.*s'", (int)size, word);
    memcpy(plan->tiers[plan->n_tiers].name, word, size);
    plan->tiers[plan->n_tiers].name[size] = '\0';
    return 0;
}

/* One "name:percent" of size bytes. */
static int read_tier(struct plan *plan, const char *at, size_t size, const struct flag_given *given)
{
    const char *colon = memchr(at, ':', size);
    int64_t share;
    if (!colon)
        return flags_refuse(given, "'%.*s' is not name:percent", (int)size, at);
    int status = name_tier(plan, at, (size_t)(colon - at), given);
    if (status)
        return status;
    size_t digits = size - (size_t)(colon + 1 - at);
    if (digits > 0 && colon[digits] == '%')
        digits--;
    if (decimal_read(colon + 1, digits, 6, &share) || share < 0 || share > PLAN_SHARE_WHOLE)
        return flags_refuse(given,
                            "'%.*s' has no percentage from 0 to 100 with at most six "
                            "decimals",
                            (int)size, at);
    plan->tiers[plan->n_tiers++].share = share;
    return 0;
}

static int check_sum(const struct plan *plan, const struct flag_given *given)
{
    int64_t sum = 0;
    char text[24];
    for (int32_t i = 0; i < plan->n_tiers; i++)
        sum += plan->tiers[i].share;
    if (sum == PLAN_SHARE_WHOLE)
        return 0;
    int n = snprintf(text, sizeof text, "%d.%06d", (int)(sum / PLAN_MILLION),
                     (int)(sum % PLAN_MILLION));
    while (text[n - 1] == '0')
        text[--n] = '\0';
    if (text[n - 1] == '.')
        text[n - 1] = '\0';
    return flags_refuse(given, "the shares sum to %s, not to 100", text);
}

static int read_tiers(struct options *options, const struct flag_given *given)
{
    struct plan *plan = &options->settings.scoring.plan;
    const char *at = given->text;
    plan->n_tiers = 0;
    for (;; at++) {
        size_t size = strcspn(at, ",");
        int status = read_tier(plan, at, size, given);
        if (status)
            return status;
        at += size;
        if (*at == '\0')
            return check_sum(plan, given);
    }
}

#define PLAN(field) settings.scoring.plan.field

static const struct flag rows[] = {
    {"horizon", "DAYS", "365", FLAG_OF_SCORERS, FLAGS_SCORES,
     "days ahead for expected purchases, expected spend and clv",
     FLAG_AS_COUNT(PLAN(horizon_days), 1, DAYS_MOST)},
    {"churn-horizon", "DAYS", "90", FLAG_OF_SCORERS, FLAGS_SCORES,
     "churn_prob is the probability of no purchase within so many days",
     FLAG_AS_COUNT(PLAN(churn_horizon_days), 1, DAYS_MOST)},
    {"discount-rate", "R", "1%/month", FLAG_OF_SCORERS, FLAGS_SCORES,
     "of clv; 12%/year is what twelve months compound to; a month is 365.25/12 days",
     FLAG_AS_OWN(read_discount_rate)},
    {"churn-model", "NAME", "auto", FLAG_OF_SCORERS, FLAGS_SCORES,
     "bgnbd, mbgnbd, pnbd, nbd, mbgcnbd, bgcnbd, none, auto: the best fit of all by BIC, or stack: "
     "that, with churn_prob by regression",
     FLAG_AS_OWN(read_churn_model)},
    {"regularity", "K", "", FLAG_OF_SCORERS, FLAGS_SCORES,
     "of mbgcnbd and bgcnbd: gaps are K times as regular as by chance, 1 to 20; not said, the best "
     "of 1 to 4",
     FLAG_AS_COUNT(settings.scoring.regularity, 1, CHURN_REGULARITY_MOST)},
    {"calibrate", "off|auto", "off", FLAG_OF_SCORERS, FLAGS_SCORES,
     "auto: churn_prob by regression on the histories where that was better in the ledger's past",
     FLAG_AS_CHOICE(settings.scoring.calibrate, CALIBRATION_OFF)},
    {"inactive-after", "DAYS|off", "730", FLAG_OF_SCORERS, FLAGS_SCORES,
     "customers silent for longer get tier inactive and action none",
     FLAG_AS_OWN(read_inactive_after)},
    {"rfm-bins", "N", "5", FLAG_OF_READERS, FLAGS_SCORES, "scores run from 1 to N, 2 to 9",
     FLAG_AS_COUNT(PLAN(rfm_bins), 2, 9)},
    {"rfm-ties", "together|ntile", "together", FLAG_OF_SCORERS, FLAGS_SCORES,
     "equal values share a score, or fill bins of equal size as SQL's NTILE does",
     FLAG_AS_CHOICE(PLAN(rfm_ties), RFM_TOGETHER)},
    {"rfm-frequency", "days|orders", "days", FLAG_OF_SCORERS, FLAGS_SCORES,
     "what F counts: purchase days or orders", FLAG_AS_CHOICE(PLAN(rfm_frequency), RFM_DAYS)},
    {"rfm-window", "DAYS|all", "all", FLAG_OF_SCORERS, FLAGS_SCORES,
     "F and M look back so many days", FLAG_AS_OWN(read_rfm_window)},
    {"model", "FILE", "", FLAG_OF_SCORERS, FLAGS_SCORES,
     "model.json of an earlier run: its parameters, edges, groups and cut-offs hold",
     FLAG_AS_TEXT(settings.scoring.model)},
    {"refit", "PART,...", "", FLAG_OF_SCORERS, FLAGS_SCORES,
     "parts of --model to compute anew: rfm, churn, spend, wallet, tiers", FLAG_AS_OWN(read_refit)},
    {"wallet", "METHOD", "declared, else quantile=0.8", FLAG_OF_SCORERS, FLAGS_WALLET,
     "how a wallet is estimated: declared, mean, quantile=0.8 or regression=0.8 of the peers, or "
     "war: by rank",
     FLAG_AS_OWN(read_wallet)},
    {"tiers", "NAME:PERCENT,...", "top:20,middle:60,bottom:20", FLAG_OF_SCORERS, FLAGS_TIERS,
     "shares of the customers, best first, that sum to 100", FLAG_AS_OWN(read_tiers)},
    {"tier-by", "clv|revenue|profit", "clv", FLAG_OF_SCORERS, FLAGS_TIERS,
     "what tiers are cut by; revenue is spend_365d, profit is margin x that - serve cost",
     FLAG_AS_CHOICE(PLAN(tier_by), TIER_BY_CLV)},
    {"margin", "R", "1", FLAG_OF_SCORERS, FLAGS_TIERS,
     "share of revenue that is margin, 0 to 1; in clv and profit", FLAG_AS_OWN(read_margin)},
    {"serve-cost", "AMOUNT", "0", FLAG_OF_SCORERS, FLAGS_TIERS,
     "what serving a customer costs a year; in profit", FLAG_AS_OWN(read_serve_cost)},
    {"churn-threshold", "P", "0.8 quantile of each tier", FLAG_OF_SCORERS, FLAGS_TIERS,
     "a customer whose churn_prob is above it is worth winning back",
     FLAG_AS_OWN(read_churn_threshold)},
    {"columns", "PRESET|NAME,...", "all", FLAG_OF_SCORERS, FLAGS_OUTPUT,
     "which of scores.csv, in its order: all, rfm, lifetimes, minimal, warehouse or names",
     FLAG_AS_OWN(read_columns)},
    {"time-unit", "day|week", "week", FLAG_OF_SCORERS, FLAGS_OUTPUT,
     "of recency and T in --columns lifetimes and --input-kind summary",
     FLAG_AS_OWN(read_time_unit)},
    {"digits", "N", "6", FLAG_OF_SCORERS, FLAGS_OUTPUT,
     "significant digits of probabilities and expectations, 1 to 17",
     FLAG_AS_COUNT(settings.scoring.digits, 1, 17)},
};

struct flags_piece flags_scoring(void)
{
    struct flags_piece piece = {rows, sizeof rows / sizeof rows[0]};
    return piece;
}
