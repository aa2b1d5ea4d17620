/* SPDX-License-Identifier: Apache-2.0 */
/* The line is made by the code that made it for the run, and compared as text: two numbers that look
 * the same are the same to whoever loads the file. Only where an input had to be found from rounded
 * money is a last place allowed to differ, by what that rounding leaves open. */
#include "cli/recount.h"

#include <stdlib.h>
#include <string.h>

#include "cli/decimal.h"
#include "common/log.h"
#include "score/day.h"
#include "score/money.h"

static int cell_money(const struct record *record, enum column column, int64_t *money)
{
    return record->size[column] > 0 &&
           decimal_read(record->cell[column], record->size[column], 4, money) == 0;
}

static void score_again(struct dossier *d)
{
    const struct model *model = results_model(d->results);
    struct row_maker maker = {.plan = &d->results->plan,
                              .model = model,
                              .axes = spread_axes_of(&model->churn, &model->uncertainty)};
    const struct row_source source = {d->id.data, d->id.size, &d->seen, &d->attributes};
    row_make(&maker, &source, 1, &d->row);
}

/* The published money that the net ratio led to: the largest is rounded least. */
struct witness {
    int64_t published; /* 0: there is none */
    int64_t again;     /* what is made of the same with the ratio that is assumed now */
    int agrees;        /* there is some, and all of it is the same */
};

static struct witness witness_of(const struct dossier *d)
{
    const struct {
        enum column column;
        int64_t again;
    } money[] = {{COLUMN_EXPECTED_SPEND, d->row.expected_spend},
                 {COLUMN_CLV, d->row.clv},
                 {COLUMN_CLV_IF_ALIVE, d->row.clv_if_alive}};
    struct witness witness = {0, 0, 0};
    int n = 0, same = 0;
    for (size_t i = 0; i < sizeof money / sizeof money[0]; i++) {
        int64_t published;
        if (!cell_money(d->record, money[i].column, &published))
            continue;
        n++;
        same += published == money[i].again;
        if (published > witness.published)
            witness = (struct witness){published, money[i].again, 0};
    }
    witness.agrees = n > 0 && same == n;
    return witness;
}

/* scores.csv has what was left of purchases, not what they were before refunds. Where somebody sent
 * something back the net ratio is tried as 1, and else found from what it led to. */
static void settle_gross(struct dossier *d)
{
    int refunds = d->results->took_back;
    d->seen.gross = d->seen.monetary_total;
    score_again(d);
    if (!refunds || dossier_knows(d, DOSSIER_TOTAL))
        d->known |= DOSSIER_RATIO;
    if (!refunds || !dossier_knows(d, DOSSIER_TOTAL) || !(d->row.flags & ROW_SPEND))
        return;
    struct witness witness = witness_of(d);
    if (witness.agrees)
        return;
    if (d->seen.monetary_total <= 0)
        d->seen.gross = 1; /* of anything, nothing is left */
    else if (witness.published == 0)
        d->known &= ~(unsigned)DOSSIER_RATIO;
    else if (witness.published < witness.again)
        d->seen.gross =
            money_from_units(money_units(d->seen.monetary_total) / money_units(witness.published) *
                             money_units(witness.again));
    d->ratio_implied = dossier_knows(d, DOSSIER_RATIO);
    score_again(d);
}

/* How far money of a forecast may be off, relatively, for want of exact inputs. */
static double slack_of(const struct dossier *d)
{
    double slack = 0;
    if (d->ratio_implied && d->seen.monetary_total > 0)
        slack += 0.5 / (double)witness_of(d).published;
    if (d->repeat_slack > 0 && d->seen.repeat_spend > 0)
        slack += (double)d->repeat_slack / (double)d->seen.repeat_spend;
    return slack;
}

static int rests_on_churn(enum column column)
{
    return column == COLUMN_CHURN_PROB || column == COLUMN_ACTION ||
           column == COLUMN_RETENTION_GAIN || column == COLUMN_RETENTION_WORTH ||
           column == COLUMN_BREAK_EVEN_SAVE_RATE;
}

/* What a value is made from, by what tiers are cut by. */
static const unsigned value_needs[] = {[VALUE_CLV] = DOSSIER_REPEAT | DOSSIER_MEAN | DOSSIER_RATIO,
                                       [VALUE_REVENUE] = DOSSIER_YEAR,
                                       [VALUE_PROFIT] = DOSSIER_YEAR,
                                       [VALUE_EXPECTED_PURCHASES] = DOSSIER_REPEAT,
                                       [VALUE_PURCHASE_DAYS] = DOSSIER_REPEAT};

unsigned recount_needs(const struct dossier *d, enum column column)
{
    static const unsigned money = DOSSIER_REPEAT | DOSSIER_MEAN | DOSSIER_RATIO;
    static const unsigned exact = DOSSIER_REPEAT | DOSSIER_MEAN | DOSSIER_RATIO | DOSSIER_EXACT;
    static const unsigned needs[COLUMNS] = {
        [COLUMN_RUN_ID] = DOSSIER_NOTHING,
        [COLUMN_AS_OF] = DOSSIER_NOTHING,
        [COLUMN_CUSTOMER_ID] = DOSSIER_NOTHING,
        [COLUMN_FIRST_PURCHASE_DATE] = DOSSIER_NOTHING,
        [COLUMN_LAST_PURCHASE_DATE] = DOSSIER_NOTHING,
        [COLUMN_PURCHASE_DAYS] = DOSSIER_NOTHING,
        [COLUMN_ORDER_COUNT] = DOSSIER_NOTHING,
        [COLUMN_MONETARY_TOTAL] = DOSSIER_NOTHING,
        [COLUMN_SPEND_365D] = DOSSIER_NOTHING,
        [COLUMN_MONETARY_VALUE] = DOSSIER_NOTHING,
        [COLUMN_MEAN_REPEAT_SPEND] = DOSSIER_NOTHING,
        [COLUMN_FREQUENCY] = DOSSIER_REPEAT,
        [COLUMN_RECENCY] = DOSSIER_REPEAT,
        [COLUMN_T] = DOSSIER_REPEAT,
        [COLUMN_RECENCY_DAYS] = DOSSIER_LAST,
        [COLUMN_R_SCORE] = DOSSIER_LAST,
        [COLUMN_F_SCORE] = DOSSIER_FREQUENCY,
        [COLUMN_M_SCORE] = DOSSIER_MONETARY,
        [COLUMN_RFM_SCORE] = DOSSIER_LAST | DOSSIER_FREQUENCY | DOSSIER_MONETARY,
        [COLUMN_RFM_SEGMENT] = DOSSIER_LAST | DOSSIER_FREQUENCY,
        [COLUMN_REPEAT_PURCHASES] = DOSSIER_REPEAT,
        [COLUMN_ACTIVE_SPAN_WEEKS] = DOSSIER_REPEAT,
        [COLUMN_TENURE_WEEKS] = DOSSIER_REPEAT,
        [COLUMN_P_ALIVE] = DOSSIER_REPEAT,
        [COLUMN_CHURN_PROB] = DOSSIER_REPEAT,
        [COLUMN_EXPECTED_PURCHASES] = DOSSIER_REPEAT,
        [COLUMN_EXPECTED_SPEND] = money,
        [COLUMN_CLV] = money,
        [COLUMN_CLV_IF_ALIVE] = money,
        [COLUMN_WALLET_SIZE] = DOSSIER_WALLET,
        [COLUMN_WALLET_SHARE] = DOSSIER_WALLET,
        [COLUMN_WALLET_HEADROOM] = DOSSIER_WALLET,
        [COLUMN_WALLET_CAPPED] = DOSSIER_WALLET,
        [COLUMN_WALLET_BASIS] = DOSSIER_WALLET,
        [COLUMN_TIER] = DOSSIER_LAST | DOSSIER_VALUE,
        [COLUMN_ACTION] = DOSSIER_LAST | DOSSIER_VALUE | DOSSIER_REPEAT,
        [COLUMN_CLV_LOW] = exact,
        [COLUMN_CLV_HIGH] = exact,
        [COLUMN_TIER_HOLD_PROB] = exact | DOSSIER_LAST | DOSSIER_VALUE,
        [COLUMN_RETENTION_GAIN] = exact,
        [COLUMN_RETENTION_WORTH] = exact,
        [COLUMN_BREAK_EVEN_SAVE_RATE] = exact,
    };
    const struct plan_segments *segments = &d->results->plan.segments;
    int by_stack = results_model(d->results)->stack.horizon_days > 0;
    if (column == COLUMN_VALUE)
        return value_needs[results_model(d->results)->value_by];
    if (column == COLUMN_RFM_SEGMENT && rfm_segments_weigh_money(segments))
        return needs[COLUMN_RFM_SCORE];
    return by_stack && rests_on_churn(column) ? needs[column] | DOSSIER_TOTAL : needs[column];
}

static int is_forecast_money(const struct dossier *d, enum column column)
{
    return column == COLUMN_EXPECTED_SPEND || column == COLUMN_CLV ||
           column == COLUMN_CLV_IF_ALIVE || column == COLUMN_CLV_LOW || column == COLUMN_CLV_HIGH ||
           (column == COLUMN_VALUE && results_model(d->results)->value_by == VALUE_CLV);
}

/* The mean of his spend, a last place off, moves the error of log clv by less than a millionth. */
#define NEAR 1e-5

static int is_near(const struct dossier *d, enum column column)
{
    double there = strtod(d->record->cell[column], NULL);
    double again = strtod(d->again.cell[column], NULL);
    return there - again <= NEAR && again - there <= NEAR;
}

static int is_close(const struct dossier *d, enum column column)
{
    int64_t there, again;
    double slack = slack_of(d);
    if (slack > 0 && column == COLUMN_TIER_HOLD_PROB)
        return is_near(d, column);
    if (slack == 0 || !is_forecast_money(d, column) || !cell_money(d->record, column, &there) ||
        !cell_money(&d->again, column, &again))
        return 0;
    double off = there > again ? (double)there - (double)again : (double)again - (double)there;
    return off <= 1 + slack * (double)there;
}

static enum dossier_verdict judge(const struct dossier *d, enum column column)
{
    const struct record *there = d->record, *again = &d->again;
    unsigned needs = recount_needs(d, column);
    if (!there->cell[column])
        return DOSSIER_NOT_THERE;
    if (needs == 0)
        return DOSSIER_TOLD;
    if (!dossier_knows(d, needs & ~(unsigned)DOSSIER_NOTHING))
        return DOSSIER_OPEN;
    if (there->size[column] == again->size[column] &&
        memcmp(there->cell[column], again->cell[column], there->size[column]) == 0)
        return needs == DOSSIER_NOTHING ? DOSSIER_TAKEN : DOSSIER_SAME;
    return is_close(d, column) ? DOSSIER_CLOSE : DOSSIER_DIFFERS;
}

/* The line of scores.csv that these inputs make. */
static int write_again(struct dossier *d, const struct scores_csv *csv)
{
    const struct score_row *row = &d->row;
    const uint16_t id_length = (uint16_t)d->id.size;
    const uint8_t flags = (uint8_t)row->flags, basis = (uint8_t)row->wallet_basis;
    const uint8_t score[RFM_METRICS] = {(uint8_t)row->score[RFM_RECENCY],
                                        (uint8_t)row->score[RFM_FREQUENCY],
                                        (uint8_t)row->score[RFM_MONETARY]};
    const struct score_columns columns = {
        .n = 1,
        .ids = d->id.data,
        .id_length = &id_length,
        .flags = &flags,
        .first_day = &row->first_day,
        .last_day = &row->last_day,
        .purchase_days = &row->purchase_days,
        .orders = &row->orders,
        .monetary_total = &row->monetary_total,
        .spend_365d = &row->spend_365d,
        .score = {&score[RFM_RECENCY], &score[RFM_FREQUENCY], &score[RFM_MONETARY]},
        .repeat_spend = &row->repeat_spend,
        .p_alive = &row->p_alive,
        .churn_prob = &row->churn_prob,
        .expected_purchases = &row->expected_purchases,
        .expected_spend = &row->expected_spend,
        .clv = &row->clv,
        .clv_if_alive = &row->clv_if_alive,
        .wallet_basis = &basis,
        .wallet_group = &row->wallet_group,
        .wallet_size = &row->wallet_size,
        .wallet_spend = &row->wallet_spend,
        .value = &row->value,
        .spread = &row->spread,
    };
    struct tier_sums sums[TIER_ROWS] = {{0}};
    struct record_head head = {.n = csv->columns.n};
    char *text;
    size_t size;
    int r = scores_csv_rows(csv, &columns, &text, &size, sums);
    if (r < 0)
        return r;
    for (size_t i = 0; i < head.n; i++)
        head.column[i] = csv->columns.column[i];
    record_free(&d->again);
    r = record_read(&head, (struct slice){text, size}, &d->again);
    free(text);
    d->standing = tiering_stand(&d->results->tiering, &d->results->plan, &columns, 0);
    return r > 0 ? log_fail(STATUS_BUG, "a line that was made again cannot be read") : r;
}

/* Tiers are judged by the value that was published, where it is, be it that its last place differs. */
static void settle_value(struct dossier *d)
{
    int64_t published;
    if (d->row.flags & ROW_REFUND_ONLY) {
        d->known |= DOSSIER_VALUE;
    } else if (cell_money(d->record, COLUMN_VALUE, &published)) {
        d->row.value = published;
        d->row.flags |= ROW_VALUE;
        d->known |= DOSSIER_VALUE;
    } else if (dossier_knows(d, recount_needs(d, COLUMN_VALUE))) {
        d->known |= DOSSIER_VALUE;
    }
}

/* What is made of clv is made of the published one, where inputs tell it but for its last place. */
static void settle_forecast(struct dossier *d)
{
    int64_t clv, alive;
    if (slack_of(d) == 0) {
        d->known |= DOSSIER_EXACT;
        return;
    }
    int agree =
        d->verdict[COLUMN_CLV] <= DOSSIER_CLOSE && d->verdict[COLUMN_CLV_IF_ALIVE] <= DOSSIER_CLOSE;
    if (!agree || !cell_money(d->record, COLUMN_CLV, &clv) ||
        !cell_money(d->record, COLUMN_CLV_IF_ALIVE, &alive))
        return;
    d->row.clv = clv;
    d->row.clv_if_alive = alive;
    d->known |= DOSSIER_EXACT;
}

int recount_make(struct dossier *d, const struct scores_csv *csv)
{
    static const enum column second[] = {COLUMN_TIER,
                                         COLUMN_ACTION,
                                         COLUMN_CLV_LOW,
                                         COLUMN_CLV_HIGH,
                                         COLUMN_TIER_HOLD_PROB,
                                         COLUMN_RETENTION_GAIN,
                                         COLUMN_RETENTION_WORTH,
                                         COLUMN_BREAK_EVEN_SAVE_RATE};
    settle_gross(d);
    int r = write_again(d, csv);
    for (int i = 0; r == 0 && i < COLUMNS; i++)
        d->verdict[i] = judge(d, (enum column)i);
    if (r < 0)
        return r;
    settle_value(d);
    settle_forecast(d);
    r = write_again(d, csv);
    for (size_t i = 0; r == 0 && i < sizeof second / sizeof second[0]; i++)
        d->verdict[second[i]] = judge(d, second[i]);
    return r;
}
