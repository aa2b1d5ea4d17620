/* SPDX-License-Identifier: Apache-2.0 */
/* In every model here whether a customer is still there depends on when he last bought, and what
 * he does if he is there does not, but for the phase that a CNBD kind sees him in. So an outlook is
 * P(alive) times a forecast for (x, T), and the forecast, which costs a hypergeometric function for
 * each month, is worth remembering: a base has far fewer pairs (x, T) than customers. Remembering
 * P(alive) too was refused: it needs t_x, and costs one logarithm and one exponential. */
#include "score/churn.h"

#include <math.h>
#include <string.h>

#include "score/churn_parts.h"
#include "score/cnbd.h"
#include "score/dropout.h"
#include "score/nbd.h"
#include "score/pnbd.h"
#include "score/special.h"

#define DAYS_PER_WEEK 7.0

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
    return is_kind(kind) && kind != CHURN_NONE;
}

static int is_regular(const struct churn_model *model)
{
    return model->kind == CHURN_BGCNBD || model->kind == CHURN_MBGCNBD;
}

int churn_supported(const struct churn_model *model)
{
    return churn_kind_supported(model->kind) &&
           (!is_regular(model) ||
            (model->regularity >= 1 && model->regularity <= CHURN_REGULARITY_MOST));
}

double churn_log_likelihood(const struct churn_model *model, struct repeat seen)
{
    if (!churn_supported(model))
        return 0.0;
    if (model->kind == CHURN_NBD)
        return nbd_log_likelihood(model->parameter, seen);
    if (model->kind == CHURN_PNBD) {
        struct pnbd pnbd = pnbd_of(model->parameter, seen.x);
        return pnbd_log_likelihood(&pnbd, seen);
    }
    struct dropout dropout = dropout_of(model, seen.x);
    return dropout_log_likelihood(&dropout, seen);
}

static double standing_now(const struct churn_model *model, struct repeat seen)
{
    if (model->kind == CHURN_NBD)
        return -HUGE_VAL;
    if (model->kind == CHURN_PNBD) {
        struct pnbd pnbd = pnbd_of(model->parameter, seen.x);
        return pnbd_left_first(&pnbd, seen.age_days);
    }
    struct dropout dropout = dropout_of(model, seen.x);
    return dropout_log_odds_constant(&dropout);
}

double churn_standing_at_last(const struct churn_model *model, struct repeat seen)
{
    if (model->kind != CHURN_PNBD)
        return 0.0;
    struct pnbd pnbd = pnbd_of(model->parameter, seen.x);
    return pnbd_left_first(&pnbd, seen.span_days);
}

/* forecast->quiet; under a CNBD kind its part that does not depend on t_x, as a logarithm. */
static double quiet_of(const struct churn_model *model, struct repeat seen, int32_t days,
                       double standing)
{
    if (model->kind == CHURN_PNBD) {
        struct pnbd pnbd = pnbd_of(model->parameter, seen.x);
        return pnbd_quiet(&pnbd, seen.age_days, days, standing);
    }
    double unit = model->parameter[1] + seen.age_days / DAYS_PER_WEEK;
    double fall = special_log1p(days / DAYS_PER_WEEK / unit);
    if (is_regular(model))
        return -(model->parameter[0] + (double)model->regularity * seen.x) * fall;
    return special_exp(-(model->parameter[0] + seen.x) * fall);
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

static double silence_of(struct churn_silence *silence, double alpha, struct repeat seen)
{
    if (silence->alpha != alpha)
        *silence = (struct churn_silence){alpha, dropout_silence(alpha, seen)};
    return silence->log;
}

/* How his silence makes him look; phases only of a CNBD kind. */
static struct presence presence_in(const struct churn_model *model, struct repeat seen,
                                   double standing, double at_last,
                                   struct churn_silence *silence_log, struct cnbd_phases *phases)
{
    if (model->kind == CHURN_NBD)
        return (struct presence){1.0, 0.0};
    double silence = (double)seen.age_days - seen.span_days;
    if (model->kind == CHURN_PNBD) {
        struct pnbd pnbd = pnbd_of(model->parameter, seen.x);
        double there = pnbd_silent(&pnbd, seen.span_days, silence);
        double gone = at_last > there * standing ? at_last - there * standing : 0.0;
        return (struct presence){there / (there + gone), gone / (there + gone)};
    }
    struct dropout dropout = dropout_of(model, seen.x);
    double log_odds =
        standing + dropout_shape(&dropout) * silence_of(silence_log, dropout.alpha, seen);
    if (!is_regular(model))
        return presence_of(log_odds);
    cnbd_phases(&dropout, silence, seen.age_days, phases);
    return presence_of(log_odds - phases->log);
}

double churn_alive(const struct churn_model *model, struct repeat seen)
{
    struct churn_silence silence = {0};
    struct cnbd_phases phases;
    if (!churn_supported(model))
        return 0.0;
    double standing = standing_now(model, seen), at_last = churn_standing_at_last(model, seen);
    return presence_in(model, seen, standing, at_last, &silence, &phases).there;
}

/* Of a number for each phase. */
static double mean_of(const struct churn_model *model, const struct cnbd_phases *phases,
                      const double *by_phase)
{
    double sum = 0.0;
    if (!is_regular(model))
        return by_phase[0];
    for (int32_t j = 0; j < model->regularity; j++)
        sum += phases->weight[j] * by_phase[j];
    return sum;
}

double churn_expected(const struct churn_model *model, struct repeat seen, int32_t days)
{
    double expected[CHURN_REGULARITY_MOST];
    struct churn_silence silence = {0};
    struct cnbd_phases phases;
    if (!churn_supported(model) || days <= 0)
        return 0.0;
    forecast_expected(model, seen, days, expected);
    double standing = standing_now(model, seen), at_last = churn_standing_at_last(model, seen);
    return presence_in(model, seen, standing, at_last, &silence, &phases).there *
           mean_of(model, &phases, expected);
}

void churn_forecast_moved(const struct churn_model *model, struct repeat seen,
                          const struct churn_horizon *horizon, struct forecast_desk *desk,
                          struct forecast *out)
{
    forecast_make(model, seen, horizon, desk, out);
    out->standing = standing_now(model, seen);
}

void churn_forecast(const struct churn_model *model, struct repeat seen,
                    const struct churn_horizon *horizon, struct forecast_desk *desk,
                    struct forecast *out)
{
    churn_forecast_moved(model, seen, horizon, desk, out);
    out->quiet = quiet_of(model, seen, horizon->churn_horizon_days, out->standing);
}

/* The probability that he does not buy within the churn horizon, if he is there. */
static double quiet_in(const struct churn_model *model, struct repeat seen,
                       const struct churn_horizon *horizon, const struct cnbd_phases *now,
                       double quiet)
{
    if (!is_regular(model))
        return quiet;
    struct dropout dropout = dropout_of(model, seen.x);
    double end = (double)seen.age_days + horizon->churn_horizon_days;
    struct cnbd_phases then;
    cnbd_phases(&dropout, end - seen.span_days, end, &then);
    double share = special_exp(quiet + (then.log - now->log));
    return share < 1.0 ? share : 1.0;
}

struct churn_outlook churn_outlook_of(const struct churn_model *model, struct repeat seen,
                                      const struct churn_horizon *horizon,
                                      const struct forecast *forecast, double at_last,
                                      struct churn_silence *silence)
{
    struct cnbd_phases phases;
    struct presence presence =
        presence_in(model, seen, forecast->standing, at_last, silence, &phases);
    double quiet = quiet_in(model, seen, horizon, &phases, forecast->quiet);
    double expected = mean_of(model, &phases, forecast->expected);
    double discounted = mean_of(model, &phases, forecast->discounted);
    /* Where both are rounded up the sum may pass 1 by an ulp. */
    double silent = presence.gone + presence.there * quiet;
    return (struct churn_outlook){.p_alive = presence.there,
                                  .churn_prob = silent < 1.0 ? silent : 1.0,
                                  .expected_purchases = presence.there * expected,
                                  .discounted = presence.there * discounted};
}

struct churn_outlook churn_outlook(const struct churn_model *model, struct repeat seen,
                                   const struct churn_horizon *horizon)
{
    struct forecast forecast;
    struct forecast_desk desk = {0};
    struct churn_silence silence = {0};
    if (!churn_supported(model))
        return (struct churn_outlook){0};
    churn_forecast(model, seen, horizon, &desk, &forecast);
    return churn_outlook_of(model, seen, horizon, &forecast, churn_standing_at_last(model, seen),
                            &silence);
}

double churn_discounted(const struct churn_model *model, struct repeat seen,
                        const struct forecast *forecast, double at_last,
                        struct churn_silence *silence)
{
    struct cnbd_phases phases;
    double there = presence_in(model, seen, forecast->standing, at_last, silence, &phases).there;
    return there * mean_of(model, &phases, forecast->discounted);
}
