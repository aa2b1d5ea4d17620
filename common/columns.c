/* SPDX-License-Identifier: Apache-2.0 */
/* A preset is a letter in each row, so that a column and the presets that have it stand in one
 * place; a list of names for each preset would have to be kept in step by hand. */
#include "common/columns.h"

#include <string.h>

static const struct columns_preset presets[] = {
    {"all", 'a', "every column of one customer"},
    {"rfm", 'r', "dates, counts, money and the RFM scores"},
    {"lifetimes", 'l', "frequency, recency, T, monetary_value in --time-unit, and predictions"},
    {"minimal", 'm', "customer_id, value, tier, action"},
    {"warehouse", 'w', "run_id and as_of first, then all"},
};

static const struct column_row rows[COLUMNS] = {
    [COLUMN_RUN_ID] = {"run_id", COLUMN_TEXT, COLUMN_ALWAYS, "w",
                       "which run: from the digests of input, settings and model"},
    [COLUMN_AS_OF] = {"as_of", COLUMN_DATE, COLUMN_SOMETIMES, "w", "the day the scores speak of"},
    [COLUMN_CUSTOMER_ID] = {"customer_id", COLUMN_TEXT, COLUMN_ALWAYS, "arlmw",
                            "as written in the ledger"},
    [COLUMN_FREQUENCY] = {"frequency", COLUMN_COUNT, COLUMN_SOMETIMES, "l",
                          "purchase days after the first"},
    [COLUMN_RECENCY] = {"recency", COLUMN_REAL, COLUMN_SOMETIMES, "l",
                        "from first to last purchase, in --time-unit"},
    [COLUMN_T] = {"T", COLUMN_REAL, COLUMN_SOMETIMES, "l",
                  "from first purchase to as_of, in --time-unit"},
    [COLUMN_MONETARY_VALUE] = {"monetary_value", COLUMN_REAL, COLUMN_SOMETIMES, "l",
                               "mean money of a purchase day after the first, 0 without one"},
    [COLUMN_FIRST_PURCHASE_DATE] = {"first_purchase_date", COLUMN_DATE, COLUMN_SOMETIMES, "arw",
                                    "day of the first purchase"},
    [COLUMN_LAST_PURCHASE_DATE] = {"last_purchase_date", COLUMN_DATE, COLUMN_SOMETIMES, "arw",
                                   "day of the last purchase"},
    [COLUMN_RECENCY_DAYS] = {"recency_days", COLUMN_COUNT, COLUMN_SOMETIMES, "arw",
                             "days since the last purchase"},
    [COLUMN_PURCHASE_DAYS] = {"purchase_days", COLUMN_COUNT, COLUMN_ALWAYS, "arw",
                              "distinct days with a purchase"},
    [COLUMN_ORDER_COUNT] = {"order_count", COLUMN_COUNT, COLUMN_SOMETIMES, "arw",
                            "orders, or rows where orders are not mapped"},
    [COLUMN_MONETARY_TOTAL] = {"monetary_total", COLUMN_LEDGER_MONEY, COLUMN_SOMETIMES, "arw",
                               "money net of refunds"},
    [COLUMN_SPEND_365D] = {"spend_365d", COLUMN_LEDGER_MONEY, COLUMN_SOMETIMES, "arw",
                           "money net of refunds in the 365 days to as_of"},
    [COLUMN_R_SCORE] = {"r_score", COLUMN_SCORE, COLUMN_SOMETIMES, "arw",
                        "recency, 1 to --rfm-bins, the highest is best"},
    [COLUMN_F_SCORE] = {"f_score", COLUMN_SCORE, COLUMN_SOMETIMES, "arw",
                        "frequency, 1 to --rfm-bins, the highest is best"},
    [COLUMN_M_SCORE] = {"m_score", COLUMN_SCORE, COLUMN_SOMETIMES, "arw",
                        "money, 1 to --rfm-bins, the highest is best"},
    [COLUMN_RFM_SCORE] = {"rfm_score", COLUMN_TEXT, COLUMN_SOMETIMES, "arw",
                          "the three scores as one word, 543"},
    [COLUMN_RFM_SEGMENT] = {"rfm_segment", COLUMN_TEXT, COLUMN_SOMETIMES, "arw",
                            "named segment, see winnow help segments; with 5 bins or --segments"},
    [COLUMN_REPEAT_PURCHASES] = {"repeat_purchases", COLUMN_COUNT, COLUMN_SOMETIMES, "aw",
                                 "x: purchase days after the first"},
    [COLUMN_ACTIVE_SPAN_WEEKS] = {"active_span_weeks", COLUMN_REAL, COLUMN_SOMETIMES, "aw",
                                  "t_x: weeks from first to last purchase"},
    [COLUMN_TENURE_WEEKS] = {"tenure_weeks", COLUMN_REAL, COLUMN_SOMETIMES, "aw",
                             "T: weeks from first purchase to as_of"},
    [COLUMN_MEAN_REPEAT_SPEND] = {"mean_repeat_spend", COLUMN_MONEY, COLUMN_SOMETIMES, "aw",
                                  "m: mean money of a purchase day after the first"},
    [COLUMN_P_ALIVE] = {"p_alive", COLUMN_REAL, COLUMN_SOMETIMES, "alw",
                        "probability of still being a customer"},
    [COLUMN_CHURN_PROB] = {"churn_prob", COLUMN_REAL, COLUMN_SOMETIMES, "alw",
                           "probability of no purchase within the churn horizon"},
    [COLUMN_EXPECTED_PURCHASES] = {"expected_purchases", COLUMN_REAL, COLUMN_SOMETIMES, "alw",
                                   "purchase days expected over the horizon"},
    [COLUMN_EXPECTED_SPEND] = {"expected_spend", COLUMN_MONEY, COLUMN_SOMETIMES, "alw",
                               "money expected over the horizon, net of refunds"},
    [COLUMN_CLV] = {"clv", COLUMN_MONEY, COLUMN_SOMETIMES, "alw",
                    "expected_spend by month, discounted, times margin"},
    [COLUMN_CLV_IF_ALIVE] = {"clv_if_alive", COLUMN_MONEY, COLUMN_SOMETIMES, "alw",
                             "clv / p_alive: what keeping the customer would keep"},
    [COLUMN_WALLET_SIZE] = {"wallet_size", COLUMN_MONEY, COLUMN_SOMETIMES, "aw",
                            "what the customer is thought to spend anywhere"},
    [COLUMN_WALLET_SHARE] = {"wallet_share", COLUMN_REAL, COLUMN_SOMETIMES, "aw",
                             "the part of the wallet that is spent here, 0 to 1"},
    [COLUMN_WALLET_HEADROOM] = {"wallet_headroom", COLUMN_MONEY, COLUMN_SOMETIMES, "aw",
                                "the rest of the wallet"},
    [COLUMN_WALLET_CAPPED] = {"wallet_capped", COLUMN_YES, COLUMN_SOMETIMES, "aw",
                              "1 where the spend here reaches the estimate"},
    [COLUMN_WALLET_BASIS] = {"wallet_basis", COLUMN_TEXT, COLUMN_SOMETIMES, "aw",
                             "what the wallet rests on, or why there is none"},
    [COLUMN_VALUE] = {"value", COLUMN_MONEY, COLUMN_SOMETIMES, "amw", "what tiers are cut by"},
    [COLUMN_TIER] = {"tier", COLUMN_TEXT, COLUMN_ALWAYS, "amw", "a name of --tiers, or inactive"},
    [COLUMN_ACTION] = {"action", COLUMN_TEXT, COLUMN_ALWAYS, "amw",
                       "none, welcome, win_back, keep, low_cost or grow"},
    [COLUMN_CLV_LOW] = {"clv_low", COLUMN_MONEY, COLUMN_SOMETIMES, "aw",
                        "lower end of the 90 % interval of clv, from the parameters' errors"},
    [COLUMN_CLV_HIGH] = {"clv_high", COLUMN_MONEY, COLUMN_SOMETIMES, "aw",
                         "upper end of the 90 % interval of clv"},
    [COLUMN_TIER_HOLD_PROB] = {"tier_hold_prob", COLUMN_REAL, COLUMN_SOMETIMES, "aw",
                               "probability that the tier holds under the parameters' errors"},
    [COLUMN_RETENTION_GAIN] = {"retention_gain", COLUMN_MONEY, COLUMN_SOMETIMES, "aw",
                               "money a retention offer is expected to bring, costs taken off"},
    [COLUMN_RETENTION_WORTH] = {"retention_worth", COLUMN_YES, COLUMN_SOMETIMES, "aw",
                                "1 where retention_gain is above 0"},
    [COLUMN_BREAK_EVEN_SAVE_RATE] = {"break_even_save_rate", COLUMN_REAL, COLUMN_SOMETIMES, "aw",
                                     "--save-rate at which retention_gain would be 0"},
};

const struct column_row *columns_row(enum column column)
{
    return &rows[column];
}

const struct columns_preset *columns_presets(size_t *n)
{
    *n = sizeof presets / sizeof presets[0];
    return presets;
}

static int is(const char *name, const char *word, size_t size)
{
    return strlen(name) == size && memcmp(name, word, size) == 0;
}

static char preset_letter(const char *word, size_t size)
{
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++)
        if (is(presets[i].name, word, size))
            return presets[i].letter;
    return 0;
}

enum { NOT_CHOSEN, BY_PRESET, BY_NAME };

static int choose_name(unsigned char how[COLUMNS], const char *word, size_t size)
{
    for (int i = 0; i < COLUMNS; i++) {
        if (!is(rows[i].name, word, size))
            continue;
        if (how[i] == BY_NAME)
            return COLUMNS_E_TWICE;
        how[i] = BY_NAME;
        return 0;
    }
    return COLUMNS_E_UNKNOWN;
}

static int choose_word(unsigned char how[COLUMNS], const char *word, size_t size)
{
    char letter = preset_letter(word, size);
    if (size == 0)
        return COLUMNS_E_EMPTY;
    if (!letter)
        return choose_name(how, word, size);
    for (int i = 0; i < COLUMNS; i++)
        if (how[i] == NOT_CHOSEN && strchr(rows[i].presets, letter))
            how[i] = BY_PRESET;
    return 0;
}

int columns_choose(const char *words, struct columns_chosen *chosen, const char **word,
                   size_t *size)
{
    unsigned char how[COLUMNS] = {0};
    for (const char *at = words;; at++) {
        size_t length = strcspn(at, ",");
        int answer = choose_word(how, at, length);
        if (answer && word)
            *word = at;
        if (answer && size)
            *size = length;
        if (answer)
            return answer;
        at += length;
        if (*at == '\0')
            break;
    }
    chosen->n = 0;
    for (int i = 0; i < COLUMNS; i++)
        if (how[i])
            chosen->column[chosen->n++] = (enum column)i;
    return 0;
}
