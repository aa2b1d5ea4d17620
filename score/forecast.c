/* SPDX-License-Identifier: Apache-2.0 */
/* Expectations are worked out for many horizons at once, because the months of a discounted sum
 * share what costs most. Discounting goes by parts: with v = 1 / (1 + d) and months t_1 < ... <
 * t_n,
 *   sum of v^i (E[Y(t_i)] - E[Y(t_{i-1})])
 *     = v^n E[Y(t_n)] + (1 - v) * sum over i < n of v^i E[Y(t_i)],
 * so that nothing is subtracted. */
#include "score/forecast.h"

#include "score/dropout.h"
#include "score/pnbd.h"
#include "score/regular.h"
#include "score/survivor.h"

#define DAYS_PER_WEEK    7.0
#define MONTH_DAYS       30.4375 /* 365.25 / 12 */
#define MONTH_SIXTEENTHS 487     /* 16 months are so many days */
#define LANES            SURVIVOR_LANES

/* Who he is from now on, if he is still there. */
struct future {
    union {
        double rate; /* purchases in his unit of time */
        struct survivor survivor;
        struct regular regular;
        struct pnbd pnbd;
    } who;
    int32_t age_days;
    double unit; /* of his time, weeks */
    int32_t phases;
    /* Expected purchases within each of the horizons, for each phase. */
    void (*expect)(const struct future *self, struct survivor_lanes *lanes,
                   double (*expected)[LANES]);
};

static void expect_steady(const struct future *self, struct survivor_lanes *lanes,
                          double (*expected)[LANES])
{
    for (size_t i = 0; i < lanes->n; i++)
        expected[0][i] = self->who.rate * lanes->tau[i];
}

static void expect_survivor(const struct future *self, struct survivor_lanes *lanes,
                            double (*expected)[LANES])
{
    survivor_expected(&self->who.survivor, lanes, expected[0]);
}

static void expect_regular(const struct future *self, struct survivor_lanes *lanes,
                           double (*expected)[LANES])
{
    regular_expected(&self->who.regular, lanes->tau, lanes->n, expected);
}

static void expect_mortal(const struct future *self, struct survivor_lanes *lanes,
                          double (*expected)[LANES])
{
    pnbd_expected(&self->who.pnbd, self->age_days, lanes->tau, lanes->n, expected[0]);
}

int32_t forecast_phases(const struct churn_model *model)
{
    int regular = model->kind == CHURN_BGCNBD || model->kind == CHURN_MBGCNBD;
    return regular ? model->regularity : 1;
}

/* Regular with k = 1 is not regular, and cheaper so. */
static void future_of_dropout(const struct dropout *dropout, struct future *out)
{
    struct survivor survivor = dropout_survivor(dropout);
    if (dropout->regularity > 1) {
        out->who.regular = (struct regular){survivor, dropout->regularity};
        out->expect = expect_regular;
    } else {
        out->who.survivor = survivor;
        out->expect = expect_survivor;
    }
}

static struct future future_of(const struct churn_model *model, struct repeat seen)
{
    struct future out = {.phases = forecast_phases(model), .age_days = seen.age_days};
    struct dropout dropout;
    double age = seen.age_days / DAYS_PER_WEEK;
    out.unit = model->parameter[1] + age;
    switch (model->kind) {
    case CHURN_NBD:
        out.who.rate = model->parameter[0] + seen.x;
        out.expect = expect_steady;
        break;
    case CHURN_PNBD:
        out.who.pnbd = pnbd_of(model->parameter, seen.x);
        out.unit = out.who.pnbd.beta + age;
        out.expect = expect_mortal;
        break;
    default:
        dropout = dropout_of(model, seen.x);
        future_of_dropout(&dropout, &out);
    }
    return out;
}

/* Months first + 1 .. first + n of all; factor is v^i of the month before. */
struct months {
    const struct churn_horizon *horizon;
    int64_t first;
    int64_t all;
    size_t n;
    double factor;
};

static void lay_out(struct forecast_desk *desk, const struct months *months, double unit)
{
    double monthly = months->horizon->monthly_discount, discount = 1.0 / (1.0 + monthly);
    if (desk->unit == unit && desk->first == months->first && desk->lanes.n == months->n)
        return;
    desk->unit = unit;
    desk->first = months->first;
    desk->factor = months->factor;
    desk->lanes.n = months->n;
    desk->lanes.has_log = desk->lanes.has_a = 0;
    for (size_t i = 0; i < months->n; i++) {
        int64_t month = months->first + (int64_t)i + 1;
        int is_last = month == months->all;
        double days = is_last ? months->horizon->horizon_days : (double)month * MONTH_DAYS;
        desk->lanes.tau[i] = days / DAYS_PER_WEEK / unit;
        desk->factor *= discount;
        desk->worth[i] = desk->factor * (is_last ? 1.0 : monthly * discount);
    }
}

/* Into the sums; the last month of all leaves its expectation too. */
static void add_months(const struct future *future, struct months *months,
                       struct forecast_desk *desk, struct forecast *out)
{
    double expected[CHURN_REGULARITY_MOST][LANES];
    lay_out(desk, months, future->unit);
    months->factor = desk->factor;
    future->expect(future, &desk->lanes, expected);
    for (int32_t j = 0; j < future->phases; j++) {
        for (size_t i = 0; i < months->n; i++)
            out->discounted[j] += desk->worth[i] * expected[j][i];
        out->expected[j] = expected[j][months->n - 1];
    }
}

void forecast_make(const struct churn_model *model, struct repeat seen,
                   const struct churn_horizon *horizon, struct forecast_desk *desk,
                   struct forecast *out)
{
    struct future future = future_of(model, seen);
    struct months months = {.horizon = horizon, .factor = 1.0};
    months.all = (INT64_C(16) * horizon->horizon_days + MONTH_SIXTEENTHS - 1) / MONTH_SIXTEENTHS;
    /* Undiscounted, months before the last have no share. */
    if (months.all > 0 && !(horizon->monthly_discount > 0.0))
        months.first = months.all - 1;
    for (int32_t j = 0; j <= future.phases; j++)
        out->expected[j] = out->discounted[j] = 0.0;
    for (; months.first < months.all; months.first += LANES) {
        int64_t rest = months.all - months.first;
        months.n = (size_t)(rest < LANES ? rest : LANES);
        add_months(&future, &months, desk, out);
    }
}

void forecast_expected(const struct churn_model *model, struct repeat seen, double days,
                       double *expected)
{
    double by_phase[CHURN_REGULARITY_MOST][LANES];
    struct future future = future_of(model, seen);
    struct survivor_lanes lanes = {.n = 1, .tau = {days / DAYS_PER_WEEK / future.unit}};
    future.expect(&future, &lanes, by_phase);
    for (int32_t j = 0; j < future.phases; j++)
        expected[j] = by_phase[j][0];
}
