/* SPDX-License-Identifier: Apache-2.0 */
/* Which columns there are, and which of them are empty for everybody, is known before the first row: a row is a
 * walk over functions. A switch over columns asked all that again for every cell of every customer. */
#include "sink/cells.h"

#include "common/digits.h"
#include "score/money.h"
#include "score/rfm.h"
#include "score/wallet.h"
#include "sink/lexicon.h"
#include "sink/scores_csv.h"
#include "sink/spans.h"

#define DIGITS_OF_MONEY 6 /* --digits, unless more are asked for */

#define CELL(name)                                                                                 \
    static char *put_##name(char *out, const struct scores_csv *csv, const struct cell_row *row)

/* A column as it was read. */
#define OF(name) (row->of->name[row->i])

/* ---- facts of the ledger ---- */

CELL(run_id)
{
    (void)row;
    return quoted_again(out, &csv->lexicon->run_id);
}

CELL(as_of)
{
    (void)row;
    return spans_date(csv->spans, out, csv->plan->as_of);
}

CELL(customer_id)
{
    (void)csv;
    return quoted_put_within(out, row->id, OF(id_length), row->id_room);
}

CELL(purchase_days)
{
    (void)csv;
    return digits_int(out, OF(purchase_days));
}

CELL(order_count)
{
    (void)csv;
    return digits_int(out, OF(orders));
}

CELL(monetary_total)
{
    return digits_money(out, OF(monetary_total), csv->plan->decimals);
}

CELL(spend_365d)
{
    return digits_money(out, OF(spend_365d), csv->plan->decimals);
}

CELL(tier)
{
    return quoted_again(out, &csv->lexicon->tier[row->standing.tier]);
}

CELL(action)
{
    return quoted_again(out, &csv->lexicon->action[row->standing.action]);
}

/* ---- the history ---- */

CELL(first_purchase_date)
{
    return spans_date(csv->spans, out, OF(first_day));
}

CELL(last_purchase_date)
{
    return spans_date(csv->spans, out, OF(last_day));
}

CELL(recency_days)
{
    return digits_int(out, csv->plan->as_of - OF(last_day));
}

CELL(repeat_purchases)
{
    (void)csv;
    return digits_int(out, row->x);
}

CELL(active_span_weeks)
{
    return spans_weeks(csv->spans, out, row->span_days);
}

CELL(tenure_weeks)
{
    return spans_weeks(csv->spans, out, row->age_days);
}

CELL(recency)
{
    return csv->unit_days == 1 ? digits_int(out, row->span_days)
                               : put_active_span_weeks(out, csv, row);
}

CELL(t)
{
    return csv->unit_days == 1 ? digits_int(out, row->age_days) : put_tenure_weeks(out, csv, row);
}

CELL(mean_repeat_spend)
{
    (void)csv;
    return digits_money(out, row->x ? money_divide(OF(repeat_spend), row->x) : 0, 4);
}

/* An amount, or with more digits than that a number to be read back. */
CELL(monetary_value)
{
    return csv->digits > DIGITS_OF_MONEY
               ? digits_double(out, row_mean_repeat_spend(OF(repeat_spend), row->x), csv->digits)
               : put_mean_repeat_spend(out, csv, row);
}

CELL(value)
{
    (void)csv;
    return digits_money(out, OF(value), 4);
}

/* ---- scores ---- */

static char *put_score(char *out, uint32_t score)
{
    return score > 0 ? digits_int(out, score) : out;
}

CELL(r_score)
{
    (void)csv;
    return put_score(out, OF(score[RFM_RECENCY]));
}

CELL(f_score)
{
    (void)csv;
    return put_score(out, OF(score[RFM_FREQUENCY]));
}

CELL(m_score)
{
    (void)csv;
    return put_score(out, OF(score[RFM_MONETARY]));
}

CELL(rfm_score)
{
    out = digits_int(out, OF(score[RFM_RECENCY]));
    out = digits_int(out, OF(score[RFM_FREQUENCY]));
    return csv->plan->has_amount ? digits_int(out, OF(score[RFM_MONETARY])) : out;
}

CELL(rfm_segment)
{
    return quoted_again(out, lexicon_segment(csv->lexicon, OF(score[RFM_RECENCY]),
                                             OF(score[RFM_FREQUENCY]), OF(score[RFM_MONETARY])));
}

/* ---- models ---- */

CELL(p_alive)
{
    return digits_double(out, OF(p_alive), csv->digits);
}

CELL(churn_prob)
{
    return digits_double(out, OF(churn_prob), csv->digits);
}

CELL(expected_purchases)
{
    return digits_double(out, OF(expected_purchases), csv->digits);
}

CELL(expected_spend)
{
    (void)csv;
    return digits_money(out, OF(expected_spend), 4);
}

CELL(clv)
{
    (void)csv;
    return digits_money(out, OF(clv), 4);
}

CELL(clv_if_alive)
{
    (void)csv;
    return digits_money(out, OF(clv_if_alive), 4);
}

CELL(clv_low)
{
    (void)csv;
    return digits_money(out, row->intervals->low[row->i % SPECIAL_LANES], 4);
}

CELL(clv_high)
{
    (void)csv;
    return digits_money(out, row->intervals->high[row->i % SPECIAL_LANES], 4);
}

CELL(tier_hold_prob)
{
    struct tier_ends ends = csv->ends[row->standing.tier];
    return digits_double(out, spread_within(OF(clv), OF(spread), ends.low, ends.high), csv->digits);
}

/* ---- offers ---- */

CELL(retention_gain)
{
    (void)csv;
    return digits_money(out, row->retention.gain, 4);
}

CELL(retention_worth)
{
    (void)csv;
    return digits_int(out, row->retention.worth);
}

CELL(break_even_save_rate)
{
    return row->retention.has_break_even
               ? digits_double(out, row->retention.break_even, csv->digits)
               : out;
}

/* ---- wallets ---- */

CELL(wallet_size)
{
    (void)csv;
    return digits_money(out, OF(wallet_size), 4);
}

CELL(wallet_share)
{
    return digits_double(out,
                         OF(wallet_basis) == WALLET_BASIS_RANK
                             ? wallet_rank_share(OF(wallet_group))
                             : wallet_share(OF(wallet_spend), OF(wallet_size)),
                         csv->digits);
}

CELL(wallet_headroom)
{
    int64_t size = OF(wallet_size), spend = OF(wallet_spend);
    (void)csv;
    return digits_money(out, size > spend ? size - spend : 0, 4);
}

CELL(wallet_capped)
{
    (void)csv;
    return digits_int(out, OF(wallet_spend) >= OF(wallet_size));
}

static char *put_words(char *out, const char *words)
{
    return quoted_put(out, words, strlen(words));
}

/* "war 2 of 5" */
static char *put_rank(char *out, uint32_t rank)
{
    out = digits_money_exact(put_words(out, "war "), wallet_rank_place(rank));
    return digits_int(put_words(out, " of "), wallet_rank_brands(rank));
}

CELL(wallet_basis)
{
    const struct lexicon *lexicon = csv->lexicon;
    uint32_t basis = OF(wallet_basis), group = OF(wallet_group);
    if (basis == WALLET_BASIS_RANK)
        return put_rank(out, group);
    if (basis == WALLET_BASIS_GROUP)
        return group < lexicon->n_groups ? quoted_again(out, &lexicon->group[group]) : out;
    return basis < WALLET_BASIS_RANK ? quoted_again(out, &lexicon->basis[basis]) : out;
}

/* ---- which needs what ---- */

#define BOUGHT CELL_BOUGHT
#define SPREAD ((uint32_t)ROW_SPREAD)
#define MONEY  ((uint32_t)ROW_SPEND)
#define MODEL  ((uint32_t)ROW_MODEL)
#define WALLET ((uint32_t)ROW_WALLET)

static const struct cell cells[COLUMNS] = {
    [COLUMN_RUN_ID] = {put_run_id, 0, 0},
    [COLUMN_AS_OF] = {put_as_of, 0, CELL_DATED},
    [COLUMN_CUSTOMER_ID] = {put_customer_id, 0, 0},
    [COLUMN_FREQUENCY] = {put_repeat_purchases, BOUGHT, 0},
    [COLUMN_RECENCY] = {put_recency, BOUGHT, 0},
    [COLUMN_T] = {put_t, BOUGHT, 0},
    [COLUMN_MONETARY_VALUE] = {put_monetary_value, BOUGHT, CELL_AMOUNT},
    [COLUMN_FIRST_PURCHASE_DATE] = {put_first_purchase_date, BOUGHT, CELL_DATED},
    [COLUMN_LAST_PURCHASE_DATE] = {put_last_purchase_date, BOUGHT, CELL_DATED},
    [COLUMN_RECENCY_DAYS] = {put_recency_days, BOUGHT, 0},
    [COLUMN_PURCHASE_DAYS] = {put_purchase_days, 0, 0},
    [COLUMN_ORDER_COUNT] = {put_order_count, 0, CELL_LEDGER},
    [COLUMN_MONETARY_TOTAL] = {put_monetary_total, 0, CELL_SPEND},
    [COLUMN_SPEND_365D] = {put_spend_365d, 0, CELL_SPEND},
    [COLUMN_R_SCORE] = {put_r_score, BOUGHT, 0},
    [COLUMN_F_SCORE] = {put_f_score, BOUGHT, 0},
    [COLUMN_M_SCORE] = {put_m_score, BOUGHT, CELL_AMOUNT},
    [COLUMN_RFM_SCORE] = {put_rfm_score, BOUGHT, CELL_BINS},
    [COLUMN_RFM_SEGMENT] = {put_rfm_segment, BOUGHT, CELL_BINS},
    [COLUMN_REPEAT_PURCHASES] = {put_repeat_purchases, BOUGHT, 0},
    [COLUMN_ACTIVE_SPAN_WEEKS] = {put_active_span_weeks, BOUGHT, 0},
    [COLUMN_TENURE_WEEKS] = {put_tenure_weeks, BOUGHT, 0},
    [COLUMN_MEAN_REPEAT_SPEND] = {put_mean_repeat_spend, BOUGHT, CELL_AMOUNT},
    [COLUMN_P_ALIVE] = {put_p_alive, MODEL, 0},
    [COLUMN_CHURN_PROB] = {put_churn_prob, MODEL, 0},
    [COLUMN_EXPECTED_PURCHASES] = {put_expected_purchases, MODEL, 0},
    [COLUMN_EXPECTED_SPEND] = {put_expected_spend, MONEY, 0},
    [COLUMN_CLV] = {put_clv, MONEY, 0},
    [COLUMN_CLV_IF_ALIVE] = {put_clv_if_alive, MONEY, 0},
    [COLUMN_WALLET_SIZE] = {put_wallet_size, WALLET, 0},
    [COLUMN_WALLET_SHARE] = {put_wallet_share, WALLET, 0},
    [COLUMN_WALLET_HEADROOM] = {put_wallet_headroom, WALLET, 0},
    [COLUMN_WALLET_CAPPED] = {put_wallet_capped, WALLET, 0},
    [COLUMN_WALLET_BASIS] = {put_wallet_basis, 0, 0},
    [COLUMN_VALUE] = {put_value, BOUGHT | ROW_VALUE, 0},
    [COLUMN_TIER] = {put_tier, 0, 0},
    [COLUMN_ACTION] = {put_action, 0, 0},
    [COLUMN_CLV_LOW] = {put_clv_low, SPREAD, 0},
    [COLUMN_CLV_HIGH] = {put_clv_high, SPREAD, 0},
    [COLUMN_TIER_HOLD_PROB] = {put_tier_hold_prob, SPREAD | CELL_ACTIVE, CELL_CLV_TIERS},
    [COLUMN_RETENTION_GAIN] = {put_retention_gain, MONEY, CELL_RATE},
    [COLUMN_RETENTION_WORTH] = {put_retention_worth, MONEY, CELL_RATE},
    [COLUMN_BREAK_EVEN_SAVE_RATE] = {put_break_even_save_rate, MONEY, CELL_OFFER},
};

const struct cell *cell_of(enum column column)
{
    return &cells[column];
}

uint32_t cells_known(const struct scores_csv *csv)
{
    const struct plan *plan = csv->plan;
    uint32_t known = 0;
    known |= plan->summary != PLAN_SUMMARY_UNDATED ? CELL_DATED : 0;
    known |= plan->summary == PLAN_LEDGER ? CELL_LEDGER : 0;
    known |= plan->has_amount ? CELL_AMOUNT : 0;
    known |= plan_knows_spend(plan) ? CELL_SPEND : 0;
    known |= csv->fitted->model.rfm.bins > 0 ? CELL_BINS : 0;
    known |= csv->fitted->model.value_by == VALUE_CLV ? CELL_CLV_TIERS : 0;
    known |= plan->offer.asked ? CELL_OFFER : 0;
    known |= plan->offer.asked && plan->offer.save_rate_millionths >= 0 ? CELL_RATE : 0;
    return known;
}
