/* SPDX-License-Identifier: Apache-2.0 */
/* Where the scores of a customer come together; each is defined in its own file. Some are worked out for a
 * handful of customers at a time, column by column, as a processor does four of them at once. */
#include "score/row.h"

#include "score/day.h"
#include "score/money.h"
#include "score/retention.h"

struct repeat features_repeat(const struct features *seen, int32_t as_of)
{
    struct repeat repeat = {
        .x = seen->purchase_days - 1,
        .span_days = seen->last_day - seen->first_day,
        .age_days = as_of - seen->first_day,
    };
    return repeat;
}

int features_active(const struct features *seen, const struct plan *plan)
{
    return seen->last_day != DAY_NONE &&
           features_recency_days(seen, plan->as_of) <= plan->inactive_after_days;
}

double row_mean_repeat_spend(int64_t repeat_spend, uint32_t x)
{
    return x == 0 ? 0.0 : money_units(repeat_spend) / (double)x;
}

/* Customers with a purchase, side by side; those from n on are zeros. */
struct handful {
    size_t n;
    const struct row_source *source[ROW_HANDFUL];
    struct score_row *row[ROW_HANDFUL];
    struct repeat repeat[ROW_HANDFUL];
    double x[ROW_HANDFUL], mean[ROW_HANDFUL]; /* repeat.x, and the mean of their spend */
};

static void put_rfm_by_id(const struct rfm_cuts *cuts, enum rfm_metric metric, const int64_t *value,
                          const struct handful *handful)
{
    for (size_t i = 0; i < handful->n; i++)
        handful->row[i]->score[metric] = rfm_score(cuts, metric, value[i], handful->source[i]->id,
                                                   handful->source[i]->id_length);
}

static void put_rfm(const struct row_maker *maker, const struct handful *handful)
{
    const struct rfm_cuts *cuts = &maker->model->rfm;
    int64_t value[RFM_METRICS][ROW_HANDFUL] = {{0}}, score[ROW_HANDFUL];
    int32_t metrics = maker->plan->has_amount ? RFM_METRICS : RFM_MONETARY;
    for (size_t i = 0; i < handful->n; i++) {
        const struct features *seen = handful->source[i]->seen;
        value[RFM_RECENCY][i] = features_recency_days(seen, maker->plan->as_of);
        value[RFM_FREQUENCY][i] = seen->rfm_frequency;
        value[RFM_MONETARY][i] = seen->rfm_monetary;
    }
    for (int32_t metric = 0; metric < metrics; metric++) {
        if (cuts->ties == RFM_NTILE) {
            put_rfm_by_id(cuts, (enum rfm_metric)metric, value[metric], handful);
            continue;
        }
        rfm_scores(cuts, (enum rfm_metric)metric, value[metric], score);
        for (size_t i = 0; i < handful->n; i++)
            handful->row[i]->score[metric] = (int32_t)score[i];
    }
}

/* Standard errors of log clv; 0 where none is wanted. */
static int spread_by(const struct row_maker *maker, const struct handful *handful,
                     const struct churn_outlooks *outlooks, double *spread)
{
    const struct model *model = maker->model;
    if (maker->axes.n == 0 || !spread_spend_known(&model->spend, &model->uncertainty))
        return 0;
    spread_of_spend(&model->spend, &model->uncertainty, handful->x, handful->mean, spread);
    spread_of(outlooks->moved, maker->axes.n, outlooks->discounted, spread);
    return 1;
}

static void put_clv(const struct row_maker *maker, struct handful *handful,
                    const struct churn_outlooks *outlooks)
{
    double spread[ROW_HANDFUL];
    double margin = (double)maker->plan->margin_millionths / (double)PLAN_MILLION;
    for (size_t i = 0; i < handful->n; i++) {
        struct score_row *row = handful->row[i];
        handful->mean[i] = row_mean_repeat_spend(row->repeat_spend, handful->repeat[i].x);
    }
    int has_spread = spread_by(maker, handful, outlooks, spread);
    for (size_t i = 0; i < handful->n; i++) {
        const struct features *seen = handful->source[i]->seen;
        struct score_row *row = handful->row[i];
        double each = spend_expected(&maker->model->spend, handful->repeat[i].x, handful->mean[i]) *
                      spend_net_ratio(seen->monetary_total, seen->gross);
        double clv = outlooks->discounted[i] * each * margin;
        row->flags |= ROW_SPEND | (has_spread ? ROW_SPREAD : 0);
        row->expected_spend = money_from_units(row->expected_purchases * each);
        row->clv = money_from_units(clv);
        row->clv_if_alive = row->p_alive > 0 ? money_from_units(clv / row->p_alive) : 0;
        row->spread = has_spread ? spread[i] : 0;
    }
}

static void put_churn(struct row_maker *maker, struct handful *handful)
{
    const struct plan *plan = maker->plan;
    const struct model *model = maker->model;
    const struct churn_horizon horizon = {
        .horizon_days = plan->horizon_days,
        .churn_horizon_days = plan->churn_horizon_days,
        .monthly_discount = plan->monthly_discount,
    };
    struct churn_outlooks outlooks;
    maker->memory.moved = maker->axes.moved;
    maker->memory.n_moved = maker->axes.n;
    churn_outlooks(&model->churn, handful->repeat, handful->n, &horizon, &maker->memory, &outlooks);
    for (size_t i = 0; i < handful->n; i++) {
        struct score_row *row = handful->row[i];
        row->flags |= ROW_MODEL;
        row->p_alive = outlooks.p_alive[i];
        row->churn_prob = outlooks.churn_prob[i];
        row->expected_purchases = outlooks.expected_purchases[i];
        if (model->stack.horizon_days > 0)
            row->churn_prob = stack_quiet(
                &model->stack, &(struct stack_customer){handful->repeat[i], row->monetary_total});
    }
    if (plan->has_amount && model->spend.kind != SPEND_NONE)
        put_clv(maker, handful, &outlooks);
}

void row_expect(const struct row_maker *maker, const struct features *seen)
{
    if (maker->model->churn.kind != CHURN_NONE && seen->last_day != DAY_NONE)
        churn_memory_fetch(&maker->memory, &maker->model->churn,
                           features_repeat(seen, maker->plan->as_of));
}

static void put_wallet(const struct row_maker *maker, const struct row_source *source,
                       struct score_row *row)
{
    uint32_t group = source->attributes->group;
    int64_t estimate = group < maker->model->groups.n ? maker->model->groups.estimate[group] : 0;
    double slope = maker->plan->wallet_method == WALLET_REGRESSION ? maker->model->groups.slope : 1;
    struct wallet wallet =
        wallet_of_line(source->seen, source->attributes, maker->plan, estimate, slope);
    row->wallet_basis = wallet.basis;
    row->wallet_group = wallet.basis == WALLET_BASIS_GROUP  ? group
                        : wallet.basis == WALLET_BASIS_RANK ? source->attributes->rank
                                                            : 0;
    row->wallet_spend = wallet.spend;
    if (!wallet.has_size)
        return;
    row->flags |= ROW_WALLET;
    row->wallet_size = wallet.size;
}

static int64_t value_of(const struct row_maker *maker, const struct score_row *row)
{
    switch (maker->model->value_by) {
    case VALUE_CLV:
        return row->clv;
    case VALUE_REVENUE:
        return row->spend_365d;
    case VALUE_PROFIT:
        return retention_profit(maker->plan, row->spend_365d);
    case VALUE_EXPECTED_PURCHASES:
        return money_from_units(row->expected_purchases);
    case VALUE_PURCHASE_DAYS:
        return (int64_t)row->purchase_days * MONEY_PER_UNIT;
    }
    return 0;
}

static void handful_add(struct handful *handful, const struct row_source *source,
                        struct score_row *row, int32_t as_of)
{
    size_t at = handful->n++;
    handful->source[at] = source;
    handful->row[at] = row;
    handful->repeat[at] = features_repeat(source->seen, as_of);
    handful->x[at] = handful->repeat[at].x;
}

/* What is there without a model, of one with a purchase or without. */
static void begin(const struct row_maker *maker, const struct row_source *source,
                  struct score_row *row)
{
    const struct features *seen = source->seen;
    *row = (struct score_row){
        .purchase_days = seen->purchase_days,
        .orders = seen->orders,
        .monetary_total = seen->monetary_total,
        .spend_365d = seen->spend_365d,
        .repeat_spend = seen->repeat_spend,
    };
    put_wallet(maker, source, row);
    if (seen->last_day == DAY_NONE) {
        row->flags |= ROW_REFUND_ONLY;
        return;
    }
    row->first_day = seen->first_day;
    row->last_day = seen->last_day;
    if (!features_active(seen, maker->plan))
        row->flags |= ROW_INACTIVE;
}

void row_make(struct row_maker *maker, const struct row_source *source, size_t n,
              struct score_row *row)
{
    struct handful handful = {.n = 0};
    for (size_t i = 0; i < n; i++) {
        begin(maker, &source[i], &row[i]);
        if (!(row[i].flags & ROW_REFUND_ONLY))
            handful_add(&handful, &source[i], &row[i], maker->plan->as_of);
    }
    put_rfm(maker, &handful);
    if (maker->model->churn.kind != CHURN_NONE)
        put_churn(maker, &handful);
    for (size_t i = 0; i < handful.n; i++) {
        handful.row[i]->flags |= ROW_VALUE;
        handful.row[i]->value = value_of(maker, handful.row[i]);
    }
}
