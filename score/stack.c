/* SPDX-License-Identifier: Apache-2.0 */
/* The model's log-odds are not among the features: learnt over a shorter time than they are used for,
 * their weight does not carry over (docs/BACKTEST.md has figures). What
 * only the model knows, how probabilities grow with the horizon, comes in by the level. Newton's
 * method on six numbers needs some ten rounds, so that the general optimiser (minimise.h) would only
 * be slower. */
#include "score/stack.h"

#include <math.h>

#include "score/money.h"
#include "score/special.h"

#define DAYS_PER_WEEK 7.0
#define WEIGHTS       (STACK_FEATURES + 1) /* the last one is the intercept */
#define PENALTY       1.0
#define ROUNDS        100
#define STEP_LEAST    1e-12
#define HALVINGS      30
#define LEVEL_MOST    64.0 /* log-odds; e^-64 is below a rounding error of 1 */

const char *stack_feature_name(size_t i)
{
    static const char *const name[STACK_FEATURES] = {
        "sqrt_recency_weeks", "recency_by_tenure", "log_recency_by_gap",
        "log_purchase_days",  "log_spend_a_day",
    };
    return i < STACK_FEATURES ? name[i] : NULL;
}

void stack_features(const struct stack_customer *customer, double feature[STACK_FEATURES])
{
    const struct repeat *repeat = &customer->repeat;
    double tenure = repeat->age_days / DAYS_PER_WEEK;
    double recency = (repeat->age_days - repeat->span_days) / DAYS_PER_WEEK;
    double days = (double)repeat->x + 1.0;
    double gap = repeat->x > 0 ? repeat->span_days / DAYS_PER_WEEK / (double)repeat->x : tenure;
    double spent = customer->spent > 0 ? money_units(customer->spent) : 0.0;
    feature[0] = sqrt(recency);
    feature[1] = tenure > 0 ? recency / tenure : 0.0;
    feature[2] = special_log((recency + 1.0) / (gap + 1.0));
    feature[3] = special_log(days);
    feature[4] = special_log1p(spent / days);
}

double stack_share(double log_odds)
{
    double less = special_exp(-fabs(log_odds));
    return (log_odds > 0 ? 1.0 : less) / (1.0 + less);
}

double stack_log_odds(const struct stack *stack, const double feature[STACK_FEATURES])
{
    double sum = stack->intercept;
    for (size_t i = 0; i < STACK_FEATURES; i++)
        sum += stack->weight[i] * feature[i];
    return sum;
}

double stack_quiet(const struct stack *stack, const struct stack_customer *customer)
{
    double feature[STACK_FEATURES];
    stack_features(customer, feature);
    return stack_share(-stack_log_odds(stack, feature));
}

/* ---- fit ---- */

struct scale {
    double mean[STACK_FEATURES];
    double width[STACK_FEATURES]; /* 0: the same for all, of no use */
};

static void scale_of(const struct stack_case *cases, size_t n, struct scale *out)
{
    for (size_t k = 0; k < STACK_FEATURES; k++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += cases[i].feature[k];
        double mean = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += (cases[i].feature[k] - mean) * (cases[i].feature[k] - mean);
        double width = sqrt(squares / (double)n);
        out->mean[k] = mean;
        out->width[k] = width > 1e-9 * (1.0 + fabs(mean)) ? width : 0.0;
    }
}

static void scaled(const struct scale *scale, const struct stack_case *one, double out[WEIGHTS])
{
    for (size_t k = 0; k < STACK_FEATURES; k++)
        out[k] = scale->width[k] > 0 ? (one->feature[k] - scale->mean[k]) / scale->width[k] : 0.0;
    out[STACK_FEATURES] = 1.0;
}

/* A place in the search: what is lost there, and how it grows and bends. */
struct slope {
    double loss;
    double gradient[WEIGHTS];
    double bend[WEIGHTS][WEIGHTS]; /* the lower half */
};

static void add_case(const double z[WEIGHTS], int came, const double weight[WEIGHTS],
                     struct slope *out)
{
    double log_odds = 0;
    for (size_t k = 0; k < WEIGHTS; k++)
        log_odds += weight[k] * z[k];
    double share = stack_share(log_odds), spread = share * stack_share(-log_odds);
    double wrong = came ? -log_odds : log_odds;
    out->loss += (wrong > 0 ? wrong : 0.0) + special_log1p(special_exp(-fabs(log_odds)));
    for (size_t k = 0; k < WEIGHTS; k++) {
        out->gradient[k] += (share - (came != 0)) * z[k];
        for (size_t j = 0; j <= k; j++)
            out->bend[k][j] += spread * z[k] * z[j];
    }
}

static void slope_at(const struct stack_case *cases, size_t n, const struct scale *scale,
                     const double weight[WEIGHTS], struct slope *out)
{
    *out = (struct slope){0};
    for (size_t i = 0; i < n; i++) {
        double z[WEIGHTS];
        scaled(scale, &cases[i], z);
        add_case(z, cases[i].came, weight, out);
    }
    for (size_t k = 0; k < STACK_FEATURES; k++) {
        out->loss += 0.5 * PENALTY * weight[k] * weight[k];
        out->gradient[k] += PENALTY * weight[k];
        out->bend[k][k] += PENALTY;
    }
}

/* Cholesky in place, then step = bend^-1 gradient. The penalty keeps the diagonal positive. */
static void solve(double bend[WEIGHTS][WEIGHTS], const double gradient[WEIGHTS],
                  double step[WEIGHTS])
{
    for (size_t k = 0; k < WEIGHTS; k++) {
        for (size_t j = 0; j <= k; j++) {
            for (size_t i = 0; i < j; i++)
                bend[k][j] -= bend[k][i] * bend[j][i];
            if (j < k)
                bend[k][j] /= bend[j][j];
        }
        bend[k][k] = sqrt(bend[k][k] > 1e-300 ? bend[k][k] : 1e-300);
        step[k] = gradient[k];
        for (size_t i = 0; i < k; i++)
            step[k] -= bend[k][i] * step[i];
        step[k] /= bend[k][k];
    }
    for (size_t k = WEIGHTS; k-- > 0;) {
        for (size_t i = k + 1; i < WEIGHTS; i++)
            step[k] -= bend[i][k] * step[i];
        step[k] /= bend[k][k];
    }
}

/* The step, halved until the loss falls; its greatest part, 0 where it does not. */
static double walk(const struct stack_case *cases, size_t n, const struct scale *scale,
                   double weight[WEIGHTS], struct slope *at)
{
    double step[WEIGHTS], tried[WEIGHTS], greatest = 0;
    struct slope next;
    solve(at->bend, at->gradient, step);
    for (size_t k = 0; k < WEIGHTS; k++)
        greatest = fabs(step[k]) > greatest ? fabs(step[k]) : greatest;
    for (int halving = 0; halving < HALVINGS; halving++) {
        for (size_t k = 0; k < WEIGHTS; k++)
            tried[k] = weight[k] - ldexp(step[k], -halving);
        slope_at(cases, n, scale, tried, &next);
        if (!(next.loss < at->loss))
            continue;
        for (size_t k = 0; k < WEIGHTS; k++)
            weight[k] = tried[k];
        *at = next;
        return greatest;
    }
    return 0.0;
}

int stack_fit(const struct stack_case *cases, size_t n, struct stack *out)
{
    struct scale scale;
    struct slope at;
    double weight[WEIGHTS] = {0};
    size_t came = 0;
    for (size_t i = 0; i < n; i++)
        came += cases[i].came != 0;
    if (came == 0 || came == n)
        return STACK_E_ONE_SIDED;
    scale_of(cases, n, &scale);
    slope_at(cases, n, &scale, weight, &at);
    for (int round = 0; round < ROUNDS; round++)
        if (walk(cases, n, &scale, weight, &at) < STEP_LEAST)
            break;
    out->intercept = weight[STACK_FEATURES];
    for (size_t k = 0; k < STACK_FEATURES; k++) {
        out->weight[k] = scale.width[k] > 0 ? weight[k] / scale.width[k] : 0.0;
        out->intercept -= out->weight[k] * scale.mean[k];
    }
    return 0;
}

void stack_level(struct stack *stack, const struct stack_case *cases, size_t n, double mean,
                 double *log_odds)
{
    double low = -LEVEL_MOST, high = LEVEL_MOST;
    for (size_t i = 0; i < n; i++)
        log_odds[i] = stack_log_odds(stack, cases[i].feature);
    for (;;) {
        double middle = 0.5 * (low + high), sum = 0;
        if (middle <= low || middle >= high)
            break;
        for (size_t i = 0; i < n; i++)
            sum += stack_share(log_odds[i] + middle);
        *(sum < mean * (double)n ? &low : &high) = middle;
        if (high - low < 1e-12)
            break;
    }
    stack->intercept += 0.5 * (low + high);
}
