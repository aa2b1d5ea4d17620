/* SPDX-License-Identifier: Apache-2.0 */
/* Where the scores of one customer come together; each is defined in its own file. */
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

static void put_rfm(const struct row_maker *maker, const struct row_source *source,
                    struct score_row *row)
{
    const struct features *seen = source->seen;
    const struct rfm_cuts *cuts = &maker->model->rfm;
    const int64_t value[RFM_METRICS] = {features_recency_days(seen, maker->plan->as_of),
                                        seen->rfm_frequency, seen->rfm_monetary};
    int32_t metrics = maker->plan->has_amount ? RFM_METRICS : RFM_MONETARY;
    for (int32_t metric = 0; metric < metrics; metric++)
        row->score[metric] =
            rfm_score(cuts, (enum rfm_metric)metric, value[metric], source->id, source->id_length);
}

/* The outlook, and for each axis what discounted is at the model moved along it. */
static struct churn_outlook look(struct row_maker *maker, struct repeat repeat, double *moved)
{
    const struct plan *plan = maker->plan;
    const struct churn_horizon horizon = {
        .horizon_days = plan->horizon_days,
        .churn_horizon_days = plan->churn_horizon_days,
        .monthly_discount = plan->monthly_discount,
    };
    maker->memory.moved = maker->axes.moved;
    maker->memory.n_moved = maker->axes.n;
    if (maker->memory.n > 0)
        return churn_outlook_remembered(&maker->model->churn, repeat, &horizon, &maker->memory,
                                        moved);
    for (int32_t axis = 0; axis < maker->axes.n; axis++)
        moved[axis] = churn_outlook(&maker->axes.moved[axis], repeat, &horizon).discounted;
    return churn_outlook(&maker->model->churn, repeat, &horizon);
}

static void put_spread(const struct row_maker *maker, uint32_t x, double discounted,
                       const double *moved, struct score_row *row)
{
    const struct model *model = maker->model;
    double mean = row_mean_repeat_spend(row->repeat_spend, x);
    if (maker->axes.n == 0 || !spread_spend_known(&model->spend, &model->uncertainty))
        return;
    row->flags |= ROW_SPREAD;
    row->spread = spread_of(moved, maker->axes.n, discounted,
                            spread_of_spend(&model->spend, &model->uncertainty, x, mean));
}

static void put_churn(struct row_maker *maker, const struct features *seen, struct score_row *row)
{
    const struct plan *plan = maker->plan;
    double moved[CHURN_PARAMETERS];
    struct repeat repeat = features_repeat(seen, plan->as_of);
    struct churn_outlook outlook = look(maker, repeat, moved);
    row->flags |= ROW_MODEL;
    row->p_alive = outlook.p_alive;
    row->churn_prob = outlook.churn_prob;
    row->expected_purchases = outlook.expected_purchases;
    if (maker->model->stack.horizon_days > 0)
        row->churn_prob = stack_quiet(&maker->model->stack,
                                      &(struct stack_customer){repeat, seen->monetary_total});
    if (!plan->has_amount || maker->model->spend.kind == SPEND_NONE)
        return;
    double each = spend_expected(&maker->model->spend, repeat.x,
                                 row_mean_repeat_spend(seen->repeat_spend, repeat.x)) *
                  spend_net_ratio(seen->monetary_total, seen->gross);
    double margin = (double)plan->margin_millionths / (double)PLAN_MILLION;
    double clv = outlook.discounted * each * margin;
    row->flags |= ROW_SPEND;
    row->expected_spend = money_from_units(outlook.expected_purchases * each);
    row->clv = money_from_units(clv);
    row->clv_if_alive = outlook.p_alive > 0 ? money_from_units(clv / outlook.p_alive) : 0;
    put_spread(maker, repeat.x, outlook.discounted, moved, row);
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

void row_make(struct row_maker *maker, const struct row_source *source, struct score_row *row)
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
    put_rfm(maker, source, row);
    if (maker->model->churn.kind != CHURN_NONE)
        put_churn(maker, seen, row);
    row->flags |= ROW_VALUE;
    row->value = value_of(maker, row);
}
