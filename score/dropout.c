/* SPDX-License-Identifier: Apache-2.0 */
/* Everything in logarithms, and each large power as (1 + something)^-n: at 20,000 purchases (alpha
 * + T)^(r + x) has no place in a double, and a difference of two logarithms would lose what the
 * customer's silence says. Quotients of beta functions go by the shorter of the two rises that
 * make them: B(a, b+s)/B(a, b) is Gamma(b+s)/Gamma(b) over Gamma(a+b+s)/Gamma(a+b), and as well
 * Gamma(a+b)/Gamma(b) over Gamma(a+b+s)/Gamma(b+s). */
#include "score/dropout.h"

#include <math.h>

#include "score/bgnbd.h"
#include "score/cnbd.h"
#include "score/mbgnbd.h"
#include "score/special.h"

#define DAYS_PER_WEEK 7.0

struct dropout dropout_of(const struct churn_model *model, uint32_t x)
{
    int bg = model->kind == CHURN_BGNBD || model->kind == CHURN_BGCNBD;
    int regular = model->kind == CHURN_BGCNBD || model->kind == CHURN_MBGCNBD;
    struct dropout out =
        bg ? bgnbd_dropout(model->parameter, x) : mbgnbd_dropout(model->parameter, x);
    out.regularity = regular ? model->regularity : 1;
    return out;
}

double dropout_shape(const struct dropout *self)
{
    return self->r + (double)self->regularity * self->x;
}

/* ln of B(a, b + s) / B(a, b). */
static double log_beta_rise(double a, double b, double s)
{
    if (s <= a)
        return special_lgamma_rise(b, s) - special_lgamma_rise(a + b, s);
    return special_lgamma_rise(b, a) - special_lgamma_rise(b + s, a);
}

/* ln(1 + e^x) */
static double log_one_more(double x)
{
    return (x > 0.0 ? x : 0.0) + special_log1p(special_exp(-fabs(x)));
}

double dropout_log_likelihood(const struct dropout *self, struct repeat seen)
{
    double events = (double)self->regularity * self->x, age = seen.age_days / DAYS_PER_WEEK;
    struct cnbd_phases phases;
    cnbd_phases(self, (double)seen.age_days - seen.span_days, seen.age_days, &phases);
    double there = log_beta_rise(self->a, self->b, self->survived) +
                   special_lgamma_rise(self->r, events) -
                   self->r * special_log1p(age / self->alpha) -
                   events * special_log(self->alpha + age) + phases.log;
    double gone = dropout_log_odds_constant(self) + dropout_log_odds_silence(self, seen);
    return there + log_one_more(gone - phases.log);
}

double dropout_log_odds_constant(const struct dropout *self)
{
    if (self->survived == 0)
        return -HUGE_VAL;
    return special_log(self->a) - special_log(self->b + (self->survived - 1));
}

double dropout_silence(double alpha, struct repeat seen)
{
    double silence_days = (double)seen.age_days - seen.span_days;
    double until_last_days = alpha * DAYS_PER_WEEK + seen.span_days;
    return special_log1p(silence_days / until_last_days);
}

double dropout_log_odds_silence(const struct dropout *self, struct repeat seen)
{
    return dropout_shape(self) * dropout_silence(self->alpha, seen);
}

struct survivor dropout_survivor(const struct dropout *self)
{
    return (struct survivor){
        .rho = dropout_shape(self), .a = self->a, .b = self->b + self->survived};
}
