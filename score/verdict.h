/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_VERDICT_H
#define SCORE_VERDICT_H

#include <stddef.h>
#include <stdint.h>

/* How good forecasts were, from what came after; docs/BACKTEST.md. Columns of n customers, in an
 * order that the caller fixes: the sums are taken in it. Equal keys are ties. */

#define VERDICT_DECILES     10
#define VERDICT_FREQUENCIES 8 /* 0 .. 6 repeat purchases, and more */

/* The share of pairs of one who came and one who did not in which the former has the greater key;
 * ties count half. Keys rise. < 0: all came, or none. */
double verdict_auc(const uint64_t *key, const uint8_t *came, size_t n);

/* Mean of (p - came)^2; 0 of nobody. */
double verdict_brier(const double *p, const uint8_t *came, size_t n);

/* Two forecasts of the same customers. Brier scores as above, the standard error of their difference
 * (customer by customer), and the mean of -ln of the probability given to what came, no probability being
 * taken for less than VERDICT_P_LEAST. All 0 of nobody. */
#define VERDICT_P_LEAST 1e-9
struct verdict_contest {
    double brier[2], log_loss[2];
    double standard_error;
};
void verdict_contest(const double *one, const double *other, const uint8_t *came, size_t n,
                     struct verdict_contest *out);

/* Whether the Brier scores differ by no more than 1.96 standard errors: by less than chance would make
 * of equals in one case of twenty. */
int verdict_tied(const struct verdict_contest *contest);

/* 0 or 1: the forecast with the smaller Brier score, or, where these are tied, the smaller log loss; the
 * first where that is the same. */
int verdict_better(const struct verdict_contest *contest);

/* Mean of |expected - actual|; 0 of nobody. */
double verdict_mean_error(const double *expected, const uint32_t *actual, size_t n);

/* What the `top` customers with the greatest keys are worth together; of those tied at the border
 * each counts with the same share. Keys rise; top <= n. */
double verdict_captured(const uint64_t *key, const int64_t *worth, size_t n, size_t top);

/* Ten groups by rising p: group j has the ranks floor(jn/10) .. floor((j+1)n/10) - 1. */
struct verdict_decile {
    size_t customers;
    double predicted; /* mean p; 0 of nobody */
    double observed;  /* share that came; 0 of nobody */
};
void verdict_deciles(const double *p, const uint8_t *came, size_t n,
                     struct verdict_decile decile[VERDICT_DECILES]);

/* By repeat purchases x; the last group has those with VERDICT_FREQUENCIES - 1 or more. */
struct verdict_frequency {
    size_t customers;
    double actual, expected; /* mean; 0 of nobody */
};
void verdict_frequencies(const uint32_t *x, const uint32_t *actual, const double *expected,
                         size_t n, struct verdict_frequency group[VERDICT_FREQUENCIES]);

#endif
