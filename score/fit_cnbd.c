/* SPDX-License-Identifier: Apache-2.0 */
/* Of a row here is Q + ln(1 + e^(D - Q)): D as in fit_dropout.c with R = r + kx for r + x, and Q = ln P,
 * P the sum over j < k of (R)_j / j! u^j, u = (T - t_x) / (alpha + T), that he was silent for less than
 * k events (cnbd.h). With h_j and g_j the sums of r / (R + i) and (r / (R + i))^2 over i < j, means E over
 * the terms of P, and c = alpha / (alpha + T), by ln r and ln alpha
 *   Q_r = E h,  Q_rr = E (h^2 - g) - (E h)^2 + E h,  Q_alpha = -c E j,
 *   Q_ralpha = -c (E jh - E j E h),  Q_alphaalpha = c^2 (E j(j+1) - (E j)^2) - c E j.
 * And with w, v = w (1 - w) of the log-odds D - Q, the row's gradient is (1 - w) Q' + w D', its hessian
 * (1 - w) Q'' + w D'' + v (D - Q)' (D - Q)'. */
#include "score/fit_cnbd.h"

#include "score/dropout.h"
#include "score/logistic.h"
#include "score/special.h"
#include "score/special_lanes.h"

#define DAYS_PER_WEEK 7.0
#define CHUNK         LOGISTIC_MOST
#define FEW           8

enum { R, ALPHA, A, B };

/* What the terms of P have in common for one x. */
struct phases {
    int32_t k;
    double step[CHURN_REGULARITY_MOST]; /* (R + j) / (j + 1) */
    double h[CHURN_REGULARITY_MOST];
    double curve[CHURN_REGULARITY_MOST]; /* h^2 - g */
};

static void phases_make(struct phases *self, int32_t k, double r, double shape)
{
    double h = 0.0, g = 0.0;
    self->k = k;
    for (int32_t j = 0; j < k; j++) {
        double share = r / (shape + j);
        self->step[j] = (shape + j) / (j + 1);
        self->h[j] = h;
        self->curve[j] = h * h - g;
        h += share;
        g += share * share;
    }
}

/* Q, with derivatives by ln r and ln alpha. */
struct quietness {
    double sum; /* P */
    double log; /* Q, once it has been taken of many at once */
    double by_r;
    double by_alpha;
    double by_rr;
    double by_ralpha;
    double by_alphas;
};

static struct quietness quietness_of(const struct phases *phases, double u, double c)
{
    double term = 1.0, sum = 0.0, j_sum = 0.0, jj = 0.0, h = 0.0, curve = 0.0, jh = 0.0;
    for (int32_t j = 0; j < phases->k; j++) {
        double of_j = j * term;
        sum += term;
        j_sum += of_j;
        jj += of_j * (j + 1);
        h += term * phases->h[j];
        curve += term * phases->curve[j];
        jh += of_j * phases->h[j];
        term *= phases->step[j] * u;
    }
    double one = 1.0 / sum;
    j_sum *= one;
    h *= one;
    return (struct quietness){.sum = sum,
                              .by_r = h,
                              .by_alpha = -c * j_sum,
                              .by_rr = curve * one - h * h + h,
                              .by_ralpha = -c * (jh * one - j_sum * h),
                              .by_alphas = c * (c * (jj * one - j_sum * j_sum) - j_sum)};
}

/* What the rows of one x leave. */
struct moments {
    double value;
    double by_r, by_alpha;
    double by_rr, by_ralpha, by_alphas;
    double w, v;               /* of a and b these, times constants */
    double v_by_r, v_by_alpha; /* v (D - Q)' */
};

/* D' and D'' by ln r and ln alpha, of one row. */
struct odds {
    double silence;
    double by_r; /* and by_rr */
    double by_alpha;
    double by_ralpha;
    double by_alphas;
};

static struct odds odds_of(const struct fit_table *table, const struct fit_row *row,
                           const struct dropout *dropout)
{
    struct fit_clock now = table->clock[row->age_days], last = table->clock[row->span_days];
    double silence = now.log - last.log, past = last.past - now.past;
    double r = dropout->r, shape = dropout_shape(dropout);
    return (struct odds){.silence = silence,
                         .by_r = r * silence,
                         .by_alpha = shape * past,
                         .by_ralpha = r * past,
                         .by_alphas = shape * past * (now.past + last.past - 1.0)};
}

static void moments_add(struct moments *self, const struct quietness *q, const struct odds *d,
                        double n, double w)
{
    double there = n * (1.0 - w), gone = n * w, v = there * w;
    double e_r = d->by_r - q->by_r, e_alpha = d->by_alpha - q->by_alpha;
    self->by_r += there * q->by_r + gone * d->by_r;
    self->by_alpha += there * q->by_alpha + gone * d->by_alpha;
    self->by_rr += there * q->by_rr + gone * d->by_r + v * e_r * e_r;
    self->by_ralpha += there * q->by_ralpha + gone * d->by_ralpha + v * e_r * e_alpha;
    self->by_alphas += there * q->by_alphas + gone * d->by_alphas + v * e_alpha * e_alpha;
    self->w += gone;
    self->v += v;
    self->v_by_r += v * e_r;
    self->v_by_alpha += v * e_alpha;
}

static void moments_spread(const struct moments *self, const struct dropout *dropout, double *sum)
{
    double of_b = -dropout->b / (dropout->b + ((double)dropout->survived - 1.0));
    sum[0] += self->value;
    sum[1 + R] += self->by_r;
    sum[1 + ALPHA] += self->by_alpha;
    sum[fit_table_second[R][R]] += self->by_rr;
    sum[fit_table_second[R][ALPHA]] += self->by_ralpha;
    sum[fit_table_second[ALPHA][ALPHA]] += self->by_alphas;
    if (dropout->survived == 0)
        return;
    sum[1 + A] += self->w;
    sum[1 + B] += self->w * of_b;
    sum[fit_table_second[R][A]] += self->v_by_r;
    sum[fit_table_second[R][B]] += self->v_by_r * of_b;
    sum[fit_table_second[ALPHA][A]] += self->v_by_alpha;
    sum[fit_table_second[ALPHA][B]] += self->v_by_alpha * of_b;
    sum[fit_table_second[A][A]] += self->v;
    sum[fit_table_second[A][B]] += self->v * of_b;
    sum[fit_table_second[B][B]] += self->v * of_b * of_b + self->w * of_b * (1.0 + of_b);
}

/* Q of n <= CHUNK; few are sooner done one by one. */
static void take_logs(struct quietness *quietness, size_t n)
{
    for (size_t from = 0; from < n; from += SPECIAL_LANES) {
        size_t some = n - from < SPECIAL_LANES ? n - from : SPECIAL_LANES;
        double log[SPECIAL_LANES] = {0.0};
        for (size_t i = 0; i < some; i++)
            log[i] = quietness[from + i].sum;
        if (some >= FEW)
            special_log_lanes(log);
        for (size_t i = 0; i < some; i++)
            quietness[from + i].log = some >= FEW ? log[i] : special_log(log[i]);
    }
}

/* n <= CHUNK rows. */
static void add_chunk(const struct fit_likelihood *self, const struct fit_row *row, size_t n,
                      const struct phases *phases, const struct dropout *dropout,
                      struct moments *moments)
{
    double constant = dropout_log_odds_constant(dropout), shape = dropout_shape(dropout);
    double alpha = dropout->alpha;
    struct quietness quietness[CHUNK];
    double log_odds[CHUNK] = {0.0};
    struct logistic logistic;
    for (size_t i = 0; i < n; i++) {
        double then = alpha + row[i].age_days / DAYS_PER_WEEK;
        double u = (row[i].age_days - row[i].span_days) / DAYS_PER_WEEK / then;
        quietness[i] = quietness_of(phases, u, alpha / then);
    }
    take_logs(quietness, n);
    for (size_t i = 0; dropout->survived > 0 && i < n; i++)
        log_odds[i] =
            constant + odds_of(self->table, &row[i], dropout).silence * shape - quietness[i].log;
    logistic_of(log_odds, n, &logistic);
    for (size_t i = 0; i < n; i++) {
        struct odds odds = odds_of(self->table, &row[i], dropout);
        int may_leave = dropout->survived > 0;
        moments->value += row[i].n * (quietness[i].log + (may_leave ? logistic.soft[i] : 0.0));
        moments_add(moments, &quietness[i], &odds, row[i].n, may_leave ? logistic.share[i] : 0.0);
    }
}

size_t fit_cnbd_run(const struct fit_likelihood *self, const struct fit_row *row, size_t most,
                    double *sum)
{
    struct dropout dropout = dropout_of(&self->model, row->x);
    struct moments moments = {.value = 0.0};
    struct phases phases;
    size_t n = 1;
    phases_make(&phases, dropout.regularity, dropout.r, dropout_shape(&dropout));
    while (n < most && row[n].x == row->x)
        n++;
    for (size_t i = 0; i < n; i += CHUNK)
        add_chunk(self, row + i, n - i < CHUNK ? n - i : CHUNK, &phases, &dropout, &moments);
    moments_spread(&moments, &dropout, sum);
    return n;
}
