/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FIT_H
#define SCORE_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "score/churn.h"
#include "score/spend.h"

/* Maximum likelihood over grouped histories. The table is sorted, so sums run in one order and
 * the fit is the same to the last bit however the shards were dealt. score/ allocates nothing:
 * the caller lends scratch. A long sum is cut into blocks of at most FIT_BLOCK rows and FIT_BLOCK_RUNS
 * distinct x (each of them may cost a table of all days, so that a block of rare ones would cost as much as
 * ten others) whose partial sums are added in block order; a caller may compute blocks on several threads. */

/* One row: n customers with the same (x, t_x, T). Sorted by x, then age_days, then span_days. */
struct fit_row {
    uint32_t x;
    int32_t span_days;
    int32_t age_days;
    uint32_t n;
};

/* One customer with x > 0 and m > 0, for the gamma-gamma fit, in the order of the ledger's hashes. */
struct fit_spend_row {
    uint32_t x;
    uint32_t padding;
    int64_t repeat_spend; /* money; m = this / x */
};

#define FIT_BLOCK      4096
#define FIT_BLOCK_RUNS 8

enum fit_stop {
    FIT_CONVERGED, /* gradient norm <= 1e-8 a customer */
    FIT_BOUNDARY,  /* a parameter runs off; the likelihood is highest at a limit of the model */
    FIT_TOO_FEW,   /* fewer than FIT_REPEATERS_LEAST customers with x > 0 */
    FIT_FLAT,      /* no step improves, the gradient is not small */
    FIT_SKIPPED    /* not tried: a kind that is not supported, or the caller's reason */
};
/* As model.json has it; NULL for a number that is no stop. */
const char *fit_stop_name(enum fit_stop stop);

#define FIT_REPEATERS_LEAST 10

/* Curvature a customer, by logarithms of parameters, below which a direction is one in which they ran off. */
#define FIT_CURVATURE_LEAST 1e-6

struct fit {
    enum fit_stop stop;
    struct churn_model model;
    double log_likelihood;
    double bic;           /* -2 LL + parameters * ln(customers); a regularity counts as one */
    double gradient_norm; /* per customer, in log-parameters */
    double standard_error[CHURN_PARAMETERS]; /* of the parameters; < 0: not to be had */
    /* Covariance of the log-parameters, row by row; all 0 where not to be had. On a boundary without the
     * directions in which parameters ran off. */
    double log_covariance[CHURN_PARAMETERS][CHURN_PARAMETERS];
    uint64_t customers;
    int32_t evaluations;
};

/* Runs work(context, i) for every i < n, in any order, on any threads; returns when all are done. */
struct fit_crew {
    void (*run)(void *crew, size_t n, void (*work)(void *context, size_t i), void *context);
    void *crew;
};

/* Bytes of scratch (8-aligned) that a churn fit of these rows needs. */
size_t fit_churn_scratch(const struct fit_row *rows, size_t n);

/* Fits one kind to n sorted rows. start: a model of the same kind to start from (a fit of a
 * sample), or NULL for several starts of its own. log_gap_sum is the sum of ln(gap in weeks) over
 * all gaps between neighbouring purchase days, used by the CNBD kinds. crew NULL: this thread. */
void fit_churn(enum churn_kind kind, int32_t regularity, const struct fit_row *rows, size_t n,
               double log_gap_sum, const struct churn_model *start, void *scratch,
               const struct fit_crew *crew, struct fit *out);

struct fit_spend {
    enum fit_stop stop;
    struct spend_model model; /* SPEND_MEAN when q <= 1 or not converged, unless p alone ran off */
    double p, q, v;           /* where the fit stopped, also when the model is SPEND_MEAN */
    double log_likelihood;
    double gradient_norm;
    double standard_error[3];
    double log_covariance[3][3]; /* of ln p, ln q, ln v, likewise */
    double correlation;          /* of x and m over the rows; 0 where it has no meaning */
    uint64_t customers;
    int32_t evaluations;
};

size_t fit_spend_scratch(size_t n);

/* Gamma-gamma over n rows. base_mean (currency units per purchase day, of the whole base) is used
 * where the model has no mean. */
void fit_spend(const struct fit_spend_row *rows, size_t n, double base_mean, void *scratch,
               const struct fit_crew *crew, struct fit_spend *out);

#endif
