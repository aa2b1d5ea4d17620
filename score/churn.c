/* SPDX-License-Identifier: Apache-2.0 */
/* In every model here whether a customer is still there depends on when he last bought, and what
 * he does if he is there does not. So an outlook is P(alive) times a forecast for (x, T), and the
 * forecast, which costs a hypergeometric function for each month, is worth remembering: a base has
 * far fewer pairs (x, T) than customers. Remembering P(alive) too was refused: it needs t_x, and
 * costs one logarithm and one exponential.
 *
 * Discounting goes by parts: with v = 1 / (1 + d) and months t_1 < ... < t_n,
 *   sum of v^i (E[Y(t_i)] - E[Y(t_{i-1})])
 *     = v^n E[Y(t_n)] + (1 - v) * sum over i < n of v^i E[Y(t_i)],
 * so that nothing is subtracted. */
#include "score/churn.h"

#include <math.h>
#include <string.h>

#include "score/bgnbd.h"
#include "score/mbgnbd.h"
#include "score/special.h"

#define DAYS_PER_WEEK    7.0
#define MONTH_DAYS       30.4375 /* 365.25 / 12 */
#define MONTH_SIXTEENTHS 487     /* 16 months are so many days */

static const struct {
    const char *name;
    int32_t parameters;
    const char *parameter[CHURN_PARAMETERS];
} kinds[] = {
    [CHURN_NONE] = {"none", 0, {NULL}},
    [CHURN_BGNBD] = {"bgnbd", 4, {"r", "alpha", "a", "b"}},
    [CHURN_MBGNBD] = {"mbgnbd", 4, {"r", "alpha", "a", "b"}},
    [CHURN_PNBD] = {"pnbd", 4, {"r", "alpha", "s", "beta"}},
    [CHURN_NBD] = {"nbd", 2, {"r", "alpha"}},
    [CHURN_BGCNBD] = {"bgcnbd", 4, {"r", "alpha", "a", "b"}},
    [CHURN_MBGCNBD] = {"mbgcnbd", 4, {"r", "alpha", "a", "b"}},
};
#define KINDS ((int32_t)(sizeof kinds / sizeof *kinds))

static int is_kind(enum churn_kind kind)
{
    return (int32_t)kind >= 0 && (int32_t)kind < KINDS;
}

const char *churn_name(enum churn_kind kind)
{
    return is_kind(kind) ? kinds[kind].name : NULL;
}

enum churn_kind churn_kind_named(const char *name)
{
    for (int32_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return (enum churn_kind)i;
    return CHURN_NONE;
}

int32_t churn_parameters(enum churn_kind kind)
{
    return is_kind(kind) ? kinds[kind].parameters : 0;
}

const char *churn_parameter_name(enum churn_kind kind, int32_t i)
{
    return i >= 0 && i < churn_parameters(kind) ? kinds[kind].parameter[i] : NULL;
}

int churn_kind_supported(enum churn_kind kind)
{
    return kind == CHURN_BGNBD || kind == CHURN_MBGNBD;
}

static struct dropout dropout_of(const struct churn_model *model, uint32_t x)
{
    return model->kind == CHURN_BGNBD ? bgnbd_dropout(model->parameter, x)
                                      : mbgnbd_dropout(model->parameter, x);
}

/* What a customer with x repeat purchases in age_days does from now on, if he is still one. */
struct future {
    struct survivor survivor;
    double unit; /* of his time, weeks */
};

static struct future future_of(const struct dropout *dropout, int32_t age_days)
{
    return (struct future){dropout_survivor(dropout), dropout->alpha + age_days / DAYS_PER_WEEK};
}

double churn_log_likelihood(const struct churn_model *model, struct repeat seen)
{
    if (!churn_kind_supported(model->kind))
        return 0.0;
    struct dropout dropout = dropout_of(model, seen.x);
    return dropout_log_likelihood(&dropout, seen);
}

/* Shares of being there and of being gone by the log-odds of the second; each with its own
 * relative accuracy. */
struct presence {
    double there;
    double gone;
};

static struct presence presence_of(double log_odds_gone)
{
    double rarer = special_exp(-fabs(log_odds_gone));
    double more = 1.0 / (1.0 + rarer), less = rarer / (1.0 + rarer);
    return log_odds_gone > 0.0 ? (struct presence){less, more} : (struct presence){more, less};
}

double churn_alive(const struct churn_model *model, struct repeat seen)
{
    if (!churn_kind_supported(model->kind))
        return 0.0;
    struct dropout dropout = dropout_of(model, seen.x);
    return presence_of(dropout_log_odds_constant(&dropout) +
                       dropout_log_odds_silence(&dropout, seen))
        .there;
}

double churn_expected(const struct churn_model *model, struct repeat seen, int32_t days)
{
    if (!churn_kind_supported(model->kind) || days <= 0)
        return 0.0;
    struct dropout dropout = dropout_of(model, seen.x);
    struct future future = future_of(&dropout, seen.age_days);
    double tau = days / DAYS_PER_WEEK / future.unit, expected;
    survivor_expected(&future.survivor, &tau, 1, &expected);
    return churn_alive(model, seen) * expected;
}

/* What a slot remembers. */
enum part { PART_EXPECTED, PART_DISCOUNTED, PART_QUIET, PART_LOG_ODDS };

/* Adds the months from first on, as many as there are lanes, to the discounted sum; the last month
 * leaves its expectation in part[PART_EXPECTED]. *factor is v^i of the month before. */
static void add_months(const struct future *future, const struct churn_horizon *horizon,
                       int64_t first, int64_t months, double *factor, double *part)
{
    double tau[SURVIVOR_LANES], expected[SURVIVOR_LANES];
    double discount = 1.0 / (1.0 + horizon->monthly_discount);
    size_t n = (size_t)(months - first < SURVIVOR_LANES ? months - first : SURVIVOR_LANES);
    for (size_t i = 0; i < n; i++) {
        int64_t month = first + (int64_t)i + 1;
        double days = month == months ? horizon->horizon_days : (double)month * MONTH_DAYS;
        tau[i] = days / DAYS_PER_WEEK / future->unit;
    }
    survivor_expected(&future->survivor, tau, n, expected);
    for (size_t i = 0; i < n; i++) {
        *factor *= discount;
        int is_last = first + (int64_t)i + 1 == months;
        double share = is_last ? 1.0 : horizon->monthly_discount * discount;
        part[PART_DISCOUNTED] += *factor * share * expected[i];
    }
    part[PART_EXPECTED] = expected[n - 1];
}

static void forecast(const struct churn_model *model, struct repeat seen,
                     const struct churn_horizon *horizon, double *part)
{
    struct dropout dropout = dropout_of(model, seen.x);
    struct future future = future_of(&dropout, seen.age_days);
    double churn_horizon = horizon->churn_horizon_days / DAYS_PER_WEEK / future.unit;
    part[PART_EXPECTED] = part[PART_DISCOUNTED] = 0.0;
    part[PART_QUIET] = special_exp(-future.survivor.rho * special_log1p(churn_horizon));
    part[PART_LOG_ODDS] = dropout_log_odds_constant(&dropout);
    int64_t months =
        (INT64_C(16) * horizon->horizon_days + MONTH_SIXTEENTHS - 1) / MONTH_SIXTEENTHS;
    double factor = 1.0;
    for (int64_t first = 0; first < months; first += SURVIVOR_LANES)
        add_months(&future, horizon, first, months, &factor, part);
}

static struct churn_outlook outlook_of(const struct churn_model *model, struct repeat seen,
                                       const double *part)
{
    struct dropout dropout = dropout_of(model, seen.x);
    struct presence presence =
        presence_of(part[PART_LOG_ODDS] + dropout_log_odds_silence(&dropout, seen));
    /* Where both are rounded up the sum may pass 1 by an ulp. */
    double quiet = presence.gone + presence.there * part[PART_QUIET];
    return (struct churn_outlook){.p_alive = presence.there,
                                  .churn_prob = quiet < 1.0 ? quiet : 1.0,
                                  .expected_purchases = presence.there * part[PART_EXPECTED],
                                  .discounted = presence.there * part[PART_DISCOUNTED]};
}

struct churn_outlook churn_outlook(const struct churn_model *model, struct repeat seen,
                                   const struct churn_horizon *horizon)
{
    if (!churn_kind_supported(model->kind))
        return (struct churn_outlook){0};
    double part[4];
    forecast(model, seen, horizon, part);
    return outlook_of(model, seen, part);
}

static struct churn_memory_slot *slot_of(const struct churn_memory *memory, struct repeat seen)
{
    uint64_t key = (uint64_t)seen.x << 32 | (uint32_t)seen.age_days;
    return &memory->slot[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (memory->n - 1)];
}

struct churn_outlook churn_outlook_remembered(const struct churn_model *model, struct repeat seen,
                                              const struct churn_horizon *horizon,
                                              struct churn_memory *memory)
{
    if (!churn_kind_supported(model->kind))
        return (struct churn_outlook){0};
    struct churn_memory_slot *slot = slot_of(memory, seen);
    if (slot->x_plus_1 != seen.x + 1 || slot->age_days != seen.age_days) {
        slot->x_plus_1 = seen.x + 1;
        slot->age_days = seen.age_days;
        forecast(model, seen, horizon, slot->part);
    }
    return outlook_of(model, seen, slot->part);
}
