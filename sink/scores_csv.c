/* SPDX-License-Identifier: Apache-2.0 */
/* One function a column type would need a row's context each time; instead a row is a walk over the
 * chosen columns with one switch, whose cases are one call each. */
#include "sink/scores_csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/digits.h"
#include "common/log.h"
#include "score/money.h"
#include "score/retention.h"
#include "score/rfm.h"
#include "score/wallet.h"
#include "sink/spans.h"

#define BASIS_LIMIT     512
#define DIGITS_OF_MONEY 6   /* --digits, unless more are asked for */
#define ROW_USUAL       232 /* bytes, of all columns: a text that grows is copied */

static const char *method_name(const struct plan *plan, char *name, size_t size)
{
    if (plan->wallet_method == WALLET_MEAN)
        return "mean";
    char digits[DIGITS_ROOM];
    *digits_money_exact(digits, plan->wallet_tau_millionths / (PLAN_MILLION / MONEY_PER_UNIT)) =
        '\0';
    if (plan->wallet_tau_millionths % (PLAN_MILLION / MONEY_PER_UNIT) != 0)
        *digits_double(digits, (double)plan->wallet_tau_millionths / (double)PLAN_MILLION, 6) =
            '\0';
    snprintf(name, size, "%s=%s",
             plan->wallet_method == WALLET_REGRESSION ? "regression" : "quantile", digits);
    return name;
}

/* "quantile=0.8 of 123 in DE/retail": the values of the peer columns with a stroke between them. */
static char *basis_text(const struct scores_csv *csv, uint32_t group)
{
    const struct peers *peers = &csv->fitted->peers;
    char method[DIGITS_ROOM + 16], name[BASIS_LIMIT], *text;
    size_t n = 0, size = sizeof name + 96;
    for (uint32_t i = peers->offset[group]; i < peers->offset[group + 1] && n + 1 < sizeof name;
         i++) {
        char c = peers->names[i];
        if (c != PEERS_END)
            name[n++] = c;
        else if (i + 1 < peers->offset[group + 1])
            name[n++] = '/';
    }
    name[n] = '\0';
    text = malloc(size);
    if (text)
        snprintf(text, size, "%s of %llu%s%s", method_name(csv->plan, method, sizeof method),
                 (unsigned long long)peers->n[group], n > 0 ? " in " : "", name);
    return text;
}

int scores_csv_prepare(struct scores_csv *csv)
{
    uint32_t n = csv->fitted->peers.groups.n;
    csv->spans = spans_new(csv->plan->as_of, csv->digits);
    csv->basis = csv->spans ? calloc((size_t)n + 1, sizeof *csv->basis) : NULL;
    for (uint32_t i = 0; csv->basis && i < n; i++) {
        csv->basis[i] = basis_text(csv, i);
        if (!csv->basis[i]) {
            scores_csv_free(csv);
            break;
        }
    }
    return csv->basis ? 0 : log_fail(STATUS_BUG, "out of memory for %u peer groups", n);
}

void scores_csv_free(struct scores_csv *csv)
{
    for (uint32_t i = 0; csv->basis && csv->basis[i]; i++)
        free(csv->basis[i]);
    free(csv->basis);
    csv->basis = NULL;
    spans_free(csv->spans);
    csv->spans = NULL;
}

/* RFC 4180: quoted where it must be. At most 2 size + 2 bytes. */
static char *put_text(char *out, const char *text, size_t size)
{
    int quote = 0;
    for (size_t i = 0; i < size; i++)
        quote |= text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (!quote) {
        memcpy(out, text, size);
        return out + size;
    }
    *out++ = '"';
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            *out++ = '"';
        *out++ = text[i];
    }
    *out++ = '"';
    return out;
}

static char *put_words(char *out, const char *words)
{
    return put_text(out, words, strlen(words));
}

int scores_csv_head(const struct scores_csv *csv, char **text, size_t *size)
{
    char *head = malloc(COLUMNS * 64), *at = head;
    if (!head)
        return log_fail(STATUS_BUG, "out of memory for a header");
    for (size_t i = 0; i < csv->columns.n; i++) {
        if (i > 0)
            *at++ = ',';
        at = put_words(at, columns_row(csv->columns.column[i])->name);
    }
    *at++ = '\n';
    *text = head;
    *size = (size_t)(at - head);
    return 0;
}

/* One customer, for the cells. */
struct cell_row {
    const struct score_columns *of;
    size_t i;
    uint32_t flags;
    const char *id;
    struct standing_of standing;
    uint32_t x;
    int32_t span_days, age_days;
};

static char *put_time(char *out, const struct scores_csv *csv, int32_t days, int32_t unit)
{
    return unit == 1 ? digits_int(out, days) : spans_weeks(csv->spans, out, days);
}

static char *put_rfm(char *out, const struct scores_csv *csv, const struct cell_row *row)
{
    int32_t metrics = csv->plan->has_amount ? RFM_METRICS : RFM_MONETARY;
    for (int32_t metric = 0; metric < metrics; metric++)
        out = digits_int(out, row->of->score[metric][row->i]);
    return out;
}

/* "war 2 of 5" */
static char *put_rank(char *out, uint32_t rank)
{
    out = digits_money_exact(put_words(out, "war "), wallet_rank_place(rank));
    return digits_int(put_words(out, " of "), wallet_rank_brands(rank));
}

static char *put_basis(char *out, const struct scores_csv *csv, const struct cell_row *row)
{
    static const char *const words[] = {
        [WALLET_BASIS_NONE] = "no_attributes",          [WALLET_BASIS_DECLARED] = "declared",
        [WALLET_BASIS_NO_ATTRIBUTES] = "no_attributes", [WALLET_BASIS_NO_UNITS] = "no_units",
        [WALLET_BASIS_NO_SPEND] = "no_spend",           [WALLET_BASIS_TOO_NEW] = "too_new",
    };
    uint32_t basis = row->of->wallet_basis[row->i], group = row->of->wallet_group[row->i];
    if (basis == WALLET_BASIS_RANK)
        return put_rank(out, group);
    if (basis == WALLET_BASIS_GROUP)
        return group < csv->fitted->peers.groups.n ? put_words(out, csv->basis[group]) : out;
    return basis <= WALLET_BASIS_TOO_NEW && words[basis] ? put_words(out, words[basis]) : out;
}

static const char *tier_name(const struct scores_csv *csv, int32_t tier)
{
    return tier < csv->plan->n_tiers ? csv->plan->tiers[tier].name : "inactive";
}

static char *put_day(char *out, const struct scores_csv *csv, int32_t day)
{
    return csv->plan->summary == PLAN_SUMMARY_UNDATED ? out : spans_date(csv->spans, out, day);
}

/* A sum of the ledger's rows. */
static char *put_spend(char *out, const struct scores_csv *csv, int64_t money)
{
    return plan_knows_spend(csv->plan) ? digits_money(out, money, csv->plan->decimals) : out;
}

/* Cells of the ledger's own facts. */
static char *put_fact(char *out, const struct scores_csv *csv, const struct cell_row *row,
                      enum column column)
{
    const struct score_columns *of = row->of;
    size_t i = row->i;
    switch (column) {
    case COLUMN_RUN_ID:
        return put_words(out, csv->run_id);
    case COLUMN_AS_OF:
        return put_day(out, csv, csv->plan->as_of);
    case COLUMN_CUSTOMER_ID:
        return put_text(out, row->id, of->id_length[i]);
    case COLUMN_PURCHASE_DAYS:
        return digits_int(out, of->purchase_days[i]);
    case COLUMN_ORDER_COUNT:
        return csv->plan->summary ? out : digits_int(out, of->orders[i]);
    case COLUMN_MONETARY_TOTAL:
        return put_spend(out, csv, of->monetary_total[i]);
    case COLUMN_SPEND_365D:
        return put_spend(out, csv, of->spend_365d[i]);
    case COLUMN_WALLET_BASIS:
        return put_basis(out, csv, row);
    case COLUMN_TIER:
        return put_words(out, tier_name(csv, row->standing.tier));
    case COLUMN_ACTION:
        return put_words(out, tier_action_name(row->standing.action));
    default:
        return out;
    }
}

/* Mean spend of a repeat day: an amount, or with more digits than that a number to be read back. */
static char *put_mean(char *out, const struct scores_csv *csv, const struct cell_row *row,
                      int32_t digits)
{
    int64_t spend = row->of->repeat_spend[row->i];
    if (!csv->plan->has_amount)
        return out;
    if (digits > DIGITS_OF_MONEY)
        return digits_double(out, row_mean_repeat_spend(spend, row->x), digits);
    return digits_money(out, row->x ? money_divide(spend, row->x) : 0, 4);
}

/* Cells that need a purchase. */
static char *put_history(char *out, const struct scores_csv *csv, const struct cell_row *row,
                         enum column column)
{
    const struct score_columns *of = row->of;
    size_t i = row->i;
    switch (column) {
    case COLUMN_FIRST_PURCHASE_DATE:
        return put_day(out, csv, of->first_day[i]);
    case COLUMN_LAST_PURCHASE_DATE:
        return put_day(out, csv, of->last_day[i]);
    case COLUMN_RECENCY_DAYS:
        return digits_int(out, csv->plan->as_of - of->last_day[i]);
    case COLUMN_FREQUENCY:
    case COLUMN_REPEAT_PURCHASES:
        return digits_int(out, row->x);
    case COLUMN_RECENCY:
        return put_time(out, csv, row->span_days, csv->unit_days);
    case COLUMN_T:
        return put_time(out, csv, row->age_days, csv->unit_days);
    case COLUMN_ACTIVE_SPAN_WEEKS:
        return put_time(out, csv, row->span_days, 7);
    case COLUMN_TENURE_WEEKS:
        return put_time(out, csv, row->age_days, 7);
    case COLUMN_MONETARY_VALUE:
        return put_mean(out, csv, row, csv->digits);
    case COLUMN_MEAN_REPEAT_SPEND:
        return put_mean(out, csv, row, DIGITS_OF_MONEY);
    case COLUMN_VALUE:
        return row->flags & ROW_VALUE ? digits_money(out, of->value[i], 4) : out;
    default:
        return out;
    }
}

static char *put_score(char *out, const struct cell_row *row, enum rfm_metric metric)
{
    int32_t score = row->of->score[metric][row->i];
    return score > 0 ? digits_int(out, score) : out;
}

static char *put_rfm_cell(char *out, const struct scores_csv *csv, const struct cell_row *row,
                          enum column column)
{
    const struct score_columns *of = row->of;
    int32_t bins = csv->fitted->model.rfm.bins;
    switch (column) {
    case COLUMN_R_SCORE:
        return put_score(out, row, RFM_RECENCY);
    case COLUMN_F_SCORE:
        return put_score(out, row, RFM_FREQUENCY);
    case COLUMN_M_SCORE:
        return csv->plan->has_amount ? put_score(out, row, RFM_MONETARY) : out;
    case COLUMN_RFM_SCORE:
        return bins > 0 ? put_rfm(out, csv, row) : out;
    case COLUMN_RFM_SEGMENT:
        return put_words(out, rfm_segment(&csv->plan->segments, bins,
                                          (int32_t[]){of->score[RFM_RECENCY][row->i],
                                                      of->score[RFM_FREQUENCY][row->i],
                                                      of->score[RFM_MONETARY][row->i]}));
    default:
        return out;
    }
}

static char *put_outlook(char *out, const struct scores_csv *csv, const struct cell_row *row,
                         enum column column)
{
    const struct score_columns *of = row->of;
    size_t i = row->i;
    switch (column) {
    case COLUMN_P_ALIVE:
        return digits_double(out, of->p_alive[i], csv->digits);
    case COLUMN_CHURN_PROB:
        return digits_double(out, of->churn_prob[i], csv->digits);
    case COLUMN_EXPECTED_PURCHASES:
        return digits_double(out, of->expected_purchases[i], csv->digits);
    default:
        return out;
    }
}

static char *put_money_cell(char *out, const struct cell_row *row, enum column column)
{
    const struct score_columns *of = row->of;
    size_t i = row->i;
    switch (column) {
    case COLUMN_EXPECTED_SPEND:
        return digits_money(out, of->expected_spend[i], 4);
    case COLUMN_CLV:
        return digits_money(out, of->clv[i], 4);
    case COLUMN_CLV_IF_ALIVE:
        return digits_money(out, of->clv_if_alive[i], 4);
    default:
        return out;
    }
}

static char *put_wallet(char *out, const struct scores_csv *csv, const struct cell_row *row,
                        enum column column)
{
    int64_t size = row->of->wallet_size[row->i], spend = row->of->wallet_spend[row->i];
    switch (column) {
    case COLUMN_WALLET_SIZE:
        return digits_money(out, size, 4);
    case COLUMN_WALLET_SHARE:
        return digits_double(out,
                             row->of->wallet_basis[row->i] == WALLET_BASIS_RANK
                                 ? wallet_rank_share(row->of->wallet_group[row->i])
                                 : wallet_share(spend, size),
                             csv->digits);
    case COLUMN_WALLET_HEADROOM:
        return digits_money(out, size > spend ? size - spend : 0, 4);
    case COLUMN_WALLET_CAPPED:
        return digits_int(out, spend >= size);
    default:
        return out;
    }
}

static char *put_spread(char *out, const struct scores_csv *csv, const struct cell_row *row,
                        enum column column)
{
    int64_t clv = row->of->clv[row->i];
    double spread = row->of->spread[row->i];
    int in_tier = !(row->flags & ROW_INACTIVE) && csv->fitted->model.value_by == VALUE_CLV;
    switch (column) {
    case COLUMN_CLV_LOW:
        return digits_money(out, spread_low(clv, spread), 4);
    case COLUMN_CLV_HIGH:
        return digits_money(out, spread_high(clv, spread), 4);
    case COLUMN_TIER_HOLD_PROB:
        return in_tier
                   ? digits_double(out, tiering_hold(csv->tiering, row->of, row->i, row->standing),
                                   csv->digits)
                   : out;
    default:
        return out;
    }
}

static char *put_retention(char *out, const struct scores_csv *csv, const struct cell_row *row,
                           enum column column)
{
    struct retention retention =
        retention_of(&csv->plan->offer, row->of->churn_prob[row->i], row->of->clv_if_alive[row->i]);
    switch (column) {
    case COLUMN_RETENTION_GAIN:
        return retention.has_gain ? digits_money(out, retention.gain, 4) : out;
    case COLUMN_RETENTION_WORTH:
        return retention.has_gain ? digits_int(out, retention.worth) : out;
    case COLUMN_BREAK_EVEN_SAVE_RATE:
        return retention.has_break_even ? digits_double(out, retention.break_even, csv->digits)
                                        : out;
    default:
        return out;
    }
}

static char *put_cell(char *out, const struct scores_csv *csv, const struct cell_row *row,
                      enum column column)
{
    switch (column) {
    case COLUMN_FREQUENCY:
    case COLUMN_RECENCY:
    case COLUMN_T:
    case COLUMN_MONETARY_VALUE:
    case COLUMN_FIRST_PURCHASE_DATE:
    case COLUMN_LAST_PURCHASE_DATE:
    case COLUMN_RECENCY_DAYS:
    case COLUMN_REPEAT_PURCHASES:
    case COLUMN_ACTIVE_SPAN_WEEKS:
    case COLUMN_TENURE_WEEKS:
    case COLUMN_MEAN_REPEAT_SPEND:
    case COLUMN_VALUE:
        return row->flags & ROW_REFUND_ONLY ? out : put_history(out, csv, row, column);
    case COLUMN_R_SCORE:
    case COLUMN_F_SCORE:
    case COLUMN_M_SCORE:
    case COLUMN_RFM_SCORE:
    case COLUMN_RFM_SEGMENT:
        return row->flags & ROW_REFUND_ONLY ? out : put_rfm_cell(out, csv, row, column);
    case COLUMN_P_ALIVE:
    case COLUMN_CHURN_PROB:
    case COLUMN_EXPECTED_PURCHASES:
        return row->flags & ROW_MODEL ? put_outlook(out, csv, row, column) : out;
    case COLUMN_EXPECTED_SPEND:
    case COLUMN_CLV:
    case COLUMN_CLV_IF_ALIVE:
        return row->flags & ROW_SPEND ? put_money_cell(out, row, column) : out;
    case COLUMN_CLV_LOW:
    case COLUMN_CLV_HIGH:
    case COLUMN_TIER_HOLD_PROB:
        return row->flags & ROW_SPREAD ? put_spread(out, csv, row, column) : out;
    case COLUMN_RETENTION_GAIN:
    case COLUMN_RETENTION_WORTH:
    case COLUMN_BREAK_EVEN_SAVE_RATE:
        return row->flags & ROW_SPEND ? put_retention(out, csv, row, column) : out;
    case COLUMN_WALLET_SIZE:
    case COLUMN_WALLET_SHARE:
    case COLUMN_WALLET_HEADROOM:
    case COLUMN_WALLET_CAPPED:
        return row->flags & ROW_WALLET ? put_wallet(out, csv, row, column) : out;
    default:
        return put_fact(out, csv, row, column);
    }
}

static char *put_row(char *out, const struct scores_csv *csv, const struct cell_row *row)
{
    for (size_t i = 0; i < csv->columns.n; i++) {
        if (i > 0)
            *out++ = ',';
        out = put_cell(out, csv, row, csv->columns.column[i]);
    }
    *out++ = '\n';
    return out;
}

static struct cell_row cell_row_of(const struct scores_csv *csv,
                                   const struct score_columns *columns, size_t i, const char *id)
{
    struct cell_row row = {.of = columns, .i = i, .id = id, .flags = columns->flags[i]};
    row.standing = tiering_stand(csv->tiering, csv->plan, columns, i);
    if (!(row.flags & ROW_REFUND_ONLY)) {
        row.x = columns->purchase_days[i] - 1;
        row.span_days = columns->last_day[i] - columns->first_day[i];
        row.age_days = csv->plan->as_of - columns->first_day[i];
    }
    return row;
}

/* No row is longer: every cell at its longest, the id quoted through and through. */
static size_t row_bytes(size_t id_length)
{
    return COLUMNS * (DIGITS_ROOM + 1) + 2 * BASIS_LIMIT + 256 + 2 * id_length;
}

int scores_csv_rows(const struct scores_csv *csv, const struct score_columns *columns, char **text,
                    size_t *size, struct tier_sums *sums)
{
    size_t room = 65536 + columns->n * ROW_USUAL, used = 0;
    const char *id = columns->ids;
    char *buffer = malloc(room);
    for (size_t i = 0; buffer && i < columns->n; i++) {
        if (room - used < row_bytes(columns->id_length[i])) {
            room = room * 2 + row_bytes(columns->id_length[i]);
            char *more = realloc(buffer, room);
            if (!more)
                free(buffer);
            buffer = more;
            if (!buffer)
                break;
        }
        struct cell_row row = cell_row_of(csv, columns, i, id);
        used = (size_t)(put_row(buffer + used, csv, &row) - buffer);
        struct tier_sums *tier = &sums[row.standing.tier];
        if (tier_sums_add(tier, columns, i) != 0 ||
            yield_add(&tier->yield, csv->plan, columns, i) != 0) {
            free(buffer);
            return log_fail(STATUS_DATA, "the money of a tier does not fit in 9.2e14");
        }
        id += columns->id_length[i];
    }
    if (!buffer)
        return log_fail(STATUS_BUG, "out of memory for %zu rows of scores", columns->n);
    *text = buffer;
    *size = used;
    return 0;
}
