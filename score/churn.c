/* SPDX-License-Identifier: Apache-2.0 */
/* In every model here whether a customer is still there depends on when he last bought, and what
 * he does if he is there does not, but for the phase that a CNBD kind sees him in. So an outlook is
 * P(alive) times a forecast for (x, T), and the forecast, which costs a hypergeometric function for
 * each month, is worth remembering: a base has far fewer pairs (x, T) than customers. Remembering
 * P(alive) too was refused: it needs t_x, and costs one logarithm and one exponential. */
#include "score/churn.h"

#include <math.h>
#include <string.h>

#include "score/cnbd.h"
#include "score/dropout.h"
#include "score/forecast.h"
#include "score/nbd.h"
#include "score/pnbd.h"
#include "score/special.h"

#define DAYS_PER_WEEK 7.0
#define GOLDEN        UINT64_C(0x9e3779b97f4a7c15) /* of 2^64 */

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

static int is_supported(const struct churn_model *model)
{
    return churn_kind_supported(model->kind) &&
           (!is_regular(model) ||
            (model->regularity >= 1 && model->regularity <= CHURN_REGULARITY_MOST));
}

double churn_log_likelihood(const struct churn_model *model, struct repeat seen)
{
    if (!is_supported(model))
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

/* forecast->standing of (x, T), and what there is of (x, t_x): under Pareto/NBD the probabilities
 * to leave before buying, at T and t_x; else of the log-odds that he is gone what depends on x, and
 * nothing. */
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

static double standing_at_last(const struct churn_model *model, struct repeat seen)
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

/* dropout_silence of an alpha, which models that are moved along another parameter share. */
struct silence {
    double alpha; /* 0: of none yet */
    double log;
};

static double silence_of(struct silence *silence, double alpha, struct repeat seen)
{
    if (silence->alpha != alpha)
        *silence = (struct silence){alpha, dropout_silence(alpha, seen)};
    return silence->log;
}

/* How his silence makes him look; phases only of a CNBD kind. */
static struct presence presence_in(const struct churn_model *model, struct repeat seen,
                                   double standing, double at_last, struct silence *silence_log,
                                   struct cnbd_phases *phases)
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
    struct silence silence = {0};
    struct cnbd_phases phases;
    if (!is_supported(model))
        return 0.0;
    double standing = standing_now(model, seen), at_last = standing_at_last(model, seen);
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
    struct silence silence = {0};
    struct cnbd_phases phases;
    if (!is_supported(model) || days <= 0)
        return 0.0;
    forecast_expected(model, seen, days, expected);
    double standing = standing_now(model, seen), at_last = standing_at_last(model, seen);
    return presence_in(model, seen, standing, at_last, &silence, &phases).there *
           mean_of(model, &phases, expected);
}

static void forecast_all(const struct churn_model *model, struct repeat seen,
                         const struct churn_horizon *horizon, struct forecast_desk *desk,
                         struct forecast *out)
{
    forecast_make(model, seen, horizon, desk, out);
    out->standing = standing_now(model, seen);
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

static struct churn_outlook outlook_of(const struct churn_model *model, struct repeat seen,
                                       const struct churn_horizon *horizon,
                                       const struct forecast *forecast, double at_last,
                                       struct silence *silence)
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
    struct silence silence = {0};
    if (!is_supported(model))
        return (struct churn_outlook){0};
    forecast_all(model, seen, horizon, &desk, &forecast);
    return outlook_of(model, seen, horizon, &forecast, standing_at_last(model, seen), &silence);
}

/* What a slot remembers of x and a day. Under Pareto/NBD the second one is of t_x; under a CNBD kind
 * slot i > 0 has phases 2 i - 1 and 2 i. */
enum { OF_NOW, OF_LAST };

/* Slots for one x and day. */
static uint32_t slots_of(const struct churn_model *model)
{
    return model->kind == CHURN_PNBD ? 2 : 1 + (uint32_t)forecast_phases(model) / 2;
}

/* The place of (x, day, what). The days of one (x, what) lie side by side, and rows of days start a
 * golden section of the memory apart: evenly, however many they are, so that none meet while they
 * fit in at all. */
static struct churn_memory_slot *place_of(const struct churn_memory *memory, uint32_t slots,
                                          uint32_t x_plus_1, int32_t day, uint32_t what)
{
    uint64_t row = ((uint64_t)x_plus_1 * slots + what) * GOLDEN;
    size_t start = (size_t)((row >> 32) * memory->n >> 32);
    return &memory->slot[(start + (uint32_t)day) & (memory->n - 1)];
}

/* *known says whether the place of what is wanted remembers it, which else it does from now on. */
static struct churn_memory_slot *slot_of(const struct churn_memory *memory, uint32_t slots,
                                         const struct churn_memory_slot *wanted, int *known)
{
    struct churn_memory_slot *slot =
        place_of(memory, slots, wanted->x_plus_1, wanted->day, wanted->what);
    *known = slot->x_plus_1 == wanted->x_plus_1 && slot->day == wanted->day &&
             slot->what == wanted->what;
    if (!*known)
        *slot = *wanted;
    return slot;
}

/* A slot's share of the forecasts (of the model, then of each it is moved to), to and fro. Of the
 * moved ones only what a discounted expectation needs. */
static void slot_keep(struct churn_memory_slot *slot, const struct forecast *of, int32_t n_moved,
                      int32_t phase)
{
    int32_t next = phase > 0 ? phase + 1 : 0;
    slot->part[0] = phase > 0 ? of->expected[phase] : of->quiet;
    slot->part[1] = phase > 0 ? of->discounted[phase] : of->standing;
    slot->part[2] = of->expected[next];
    slot->part[3] = of->discounted[next];
    for (int32_t j = 0; j < n_moved; j++) {
        const struct forecast *moved = &of[1 + j];
        slot->moved[j][0] = phase > 0 ? moved->discounted[phase] : moved->standing;
        slot->moved[j][1] = moved->discounted[next];
    }
}

static void slot_give(const struct churn_memory_slot *slot, struct forecast *to, int32_t n_moved,
                      int32_t phase)
{
    int32_t next = phase > 0 ? phase + 1 : 0;
    *(phase > 0 ? &to->expected[phase] : &to->quiet) = slot->part[0];
    *(phase > 0 ? &to->discounted[phase] : &to->standing) = slot->part[1];
    to->expected[next] = slot->part[2];
    to->discounted[next] = slot->part[3];
    for (int32_t j = 0; j < n_moved; j++) {
        struct forecast *moved = &to[1 + j];
        *(phase > 0 ? &moved->discounted[phase] : &moved->standing) = slot->moved[j][0];
        moved->discounted[next] = slot->moved[j][1];
    }
}

/* Slot by slot, as two of them may be one place. */
static void recall_forecasts(const struct churn_model *model, struct repeat seen,
                             const struct churn_horizon *horizon, struct churn_memory *memory,
                             struct forecast *out)
{
    struct churn_memory_slot wanted = {.x_plus_1 = seen.x + 1, .day = seen.age_days};
    int32_t phases = forecast_phases(model);
    uint32_t slots = slots_of(model);
    int known, all = 1;
    for (int32_t j = 0; j<phases; j += j> 0 ? 2 : 1) {
        wanted.what = ((uint32_t)j + 1) / 2;
        struct churn_memory_slot *slot = slot_of(memory, slots, &wanted, &known);
        all &= known;
        slot_give(slot, out, memory->n_moved, j);
    }
    if (all)
        return;
    struct forecast_desk desk;
    desk.unit = 0.0; /* and nothing on it */
    forecast_all(model, seen, horizon, &desk, out);
    for (int32_t j = memory->n_moved - 1; j >= 0; j--) /* those of the same alpha first */
        forecast_all(&memory->moved[j], seen, horizon, &desk, &out[1 + j]);
    for (int32_t j = 0; j<phases; j += j> 0 ? 2 : 1) {
        wanted.what = ((uint32_t)j + 1) / 2;
        slot_keep(slot_of(memory, slots, &wanted, &known), out, memory->n_moved, j);
    }
}

/* standing_at_last of the model, and of each it is moved to. */
static void recall_at_last(const struct churn_model *model, struct repeat seen,
                           struct churn_memory *memory, double *out)
{
    const struct churn_memory_slot wanted = {
        .x_plus_1 = seen.x + 1, .day = seen.span_days, .what = OF_LAST};
    int known;
    memset(out, 0, (1 + (size_t)memory->n_moved) * sizeof *out);
    if (model->kind != CHURN_PNBD)
        return;
    struct churn_memory_slot *slot = slot_of(memory, slots_of(model), &wanted, &known);
    if (!known) {
        slot->part[0] = standing_at_last(model, seen);
        for (int32_t j = 0; j < memory->n_moved; j++)
            slot->moved[j][0] = standing_at_last(&memory->moved[j], seen);
    }
    out[0] = slot->part[0];
    for (int32_t j = 0; j < memory->n_moved; j++)
        out[1 + j] = slot->moved[j][0];
}

struct churn_outlook churn_outlook_remembered(const struct churn_model *model, struct repeat seen,
                                              const struct churn_horizon *horizon,
                                              struct churn_memory *memory, double *moved)
{
    struct forecast forecast[1 + CHURN_PARAMETERS];
    double at_last[1 + CHURN_PARAMETERS];
    struct silence silence = {0};
    struct cnbd_phases phases;
    if (!is_supported(model))
        return (struct churn_outlook){0};
    recall_forecasts(model, seen, horizon, memory, forecast);
    recall_at_last(model, seen, memory, at_last);
    struct churn_outlook outlook = outlook_of(model, seen, horizon, forecast, at_last[0], &silence);
    for (int32_t j = memory->n_moved - 1; j >= 0; j--) { /* those of the same alpha first */
        const struct churn_model *other = &memory->moved[j];
        struct presence presence =
            presence_in(other, seen, forecast[1 + j].standing, at_last[1 + j], &silence, &phases);
        moved[j] = presence.there * mean_of(other, &phases, forecast[1 + j].discounted);
    }
    return outlook;
}

void churn_memory_fetch(const struct churn_memory *memory, const struct churn_model *model,
                        struct repeat seen)
{
    if (memory->n == 0)
        return;
    const struct churn_memory_slot *slot =
        place_of(memory, slots_of(model), seen.x + 1, seen.age_days, OF_NOW);
    __builtin_prefetch(slot);
    __builtin_prefetch((const char *)slot + sizeof *slot / 2);
}
