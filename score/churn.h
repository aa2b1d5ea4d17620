/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_CHURN_H
#define SCORE_CHURN_H

#include <stddef.h>
#include <stdint.h>

#include "score/plan.h"

/* Repeat-buying models and what follows from one of them for one customer, SCORING section 3.
 * Time inside is weeks (exact day counts / 7); callers speak days. */

enum churn_kind {
    CHURN_NONE,   /* no model: too few customers, or none was asked for */
    CHURN_BGNBD,  /* r, alpha, a, b    Fader, Hardie & Lee 2005 */
    CHURN_MBGNBD, /* r, alpha, a, b    Batislam, Denizel & Filiztekin 2007 */
    CHURN_PNBD,   /* r, alpha, s, beta Schmittlein, Morrison & Colombo 1987 */
    CHURN_NBD,    /* r, alpha          Ehrenberg 1959 */
    CHURN_BGCNBD, /* r, alpha, a, b    Platzer & Reutterer 2016, regularity k */
    CHURN_MBGCNBD
};

#define CHURN_PARAMETERS 4

/* The CNBD kinds' k: a purchase is every k-th event of a Poisson process, 1..CHURN_REGULARITY_MOST. */
#define CHURN_REGULARITY_MOST 20

struct churn_model {
    enum churn_kind kind;
    int32_t regularity; /* k; the other kinds do not look at it and have 1 */
    double parameter[CHURN_PARAMETERS];
};

/* "bgnbd" and so on; NULL for a number that is no kind. */
const char *churn_name(enum churn_kind kind);
/* CHURN_NONE for a word that names no kind ("none" included). */
enum churn_kind churn_kind_named(const char *name);
/* Parameters a kind has (0, 2 or 4), and the name of each. */
int32_t churn_parameters(enum churn_kind kind);
const char *churn_parameter_name(enum churn_kind kind, int32_t i);

/* Whether the functions below know the kind. For one that they do not, CHURN_NONE among them, or
 * for a regularity outside its range, they answer 0 throughout; a caller asks here first. */
int churn_kind_supported(enum churn_kind kind);

/* The repeat-buying view of a customer: 0 <= span_days <= age_days; x = 0 implies span_days = 0. */
struct repeat {
    uint32_t x;        /* purchase days after the first */
    int32_t span_days; /* t_x: first to last purchase day */
    int32_t age_days;  /* T: first purchase day to as_of */
};

/* Horizons of a forecast. */
struct churn_horizon {
    int32_t horizon_days;       /* >= 0 */
    int32_t churn_horizon_days; /* >= 0 */
    double monthly_discount;    /* >= 0; a month is 365.25 / 12 days, the last one cut */
};

struct churn_outlook {
    double p_alive;            /* still a customer; [0, 1] */
    double churn_prob;         /* no purchase within the churn horizon; [0, 1] */
    double expected_purchases; /* E[Y(horizon)], >= 0 */
    double discounted;         /* sum over months i of (E[Y(i mu)] - E[Y((i-1) mu)]) / (1+d)^i */
};

/* ln L of one customer (with lgamma terms that depend on x only included, as the papers have it;
 * CNBD kinds without the gap term, which needs the gaps). */
double churn_log_likelihood(const struct churn_model *model, struct repeat seen);

/* P(alive) alone. */
double churn_alive(const struct churn_model *model, struct repeat seen);

/* E[Y(days)] alone, for tests, explain and backtests. */
double churn_expected(const struct churn_model *model, struct repeat seen, int32_t days);

/* Everything at once. Never NaN, never infinite. */
struct churn_outlook churn_outlook(const struct churn_model *model, struct repeat seen,
                                   const struct churn_horizon *horizon);

#endif
