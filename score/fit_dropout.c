/* SPDX-License-Identifier: Apache-2.0 */
/* Without regularity ln L of a customer is U(x) + V(x, T) + ln(1 + e^D), with s tosses survived (x, or x + 1 in MBG):
 *   U = ln B(a, b+s) - ln B(a, b) + ln Gamma(r+x) - ln Gamma(r) + r ln alpha
 *   V = -(r + x) ln(alpha + T)
 *   D = ln a - ln(b+s-1) + (r + x) (ln(alpha + T) - ln(alpha + t_x)),   no such term for s = 0.
 * U is summed over distinct x and V over distinct T. Only D needs the rows, and of a row only an
 * exponential and a logarithm: with w = e^D / (1 + e^D) its derivatives are w D' and w D'' + w (1
 * - w) D' D', and D' by logarithms of parameters is linear in what the two days say, so a run of rows
 * of one x leaves eleven sums. Sums run in four lanes, added at the end of a run: one order on every host, and a compiler
 * may keep them in one register. With regularity (r + kx) stands for (r + x), and rows are
 * fit_cnbd.c's. */
#include "score/fit_dropout.h"

#include <math.h>
#include <string.h>

#include "score/dropout.h"
#include "score/fit_cnbd.h"
#include "score/fit_rate.h"
#include "score/logistic.h"
#include "score/special.h"

#define LANES 4
#define CHUNK LOGISTIC_MOST /* rows worked out before they are summed */

enum { R, ALPHA, A, B };

/* Adds a function's derivatives. */
static void add_slope(double *sum, double weight, const double *gradient)
{
    for (int i = 0; i < 4; i++)
        sum[1 + i] += weight * gradient[i];
}

/* U over the distinct x. */
static void add_runs(const struct fit_likelihood *self, double *sum)
{
    const double *parameter = self->model.parameter;
    struct fit_rate_rise of_r = {.p = parameter[R]}, of_b = {.p = parameter[B]},
                         of_ab = {.p = parameter[A] + parameter[B]};
    const struct fit_table *table = self->table;
    double a = parameter[A] / of_ab.p, b = parameter[B] / of_ab.p; /* shares */
    for (size_t i = 0; i < table->runs; i++) {
        double n = table->run[i].customers;
        struct dropout dropout = dropout_of(&self->model, table->run[i].x);
        fit_rate_rise(&of_r, (double)dropout.regularity * dropout.x);
        fit_rate_rise(&of_b, dropout.survived);
        fit_rate_rise(&of_ab, dropout.survived);
        double bent = of_ab.first - of_ab.second; /* -(a+b)^2 times its curvature as such */
        sum[0] += n * (of_r.log + (of_b.log - of_ab.log));
        add_slope(sum, n,
                  (double[4]){of_r.first, 0.0, -a * of_ab.first, of_b.first - b * of_ab.first});
        sum[fit_table_second[R][R]] += n * of_r.second;
        sum[fit_table_second[A][A]] += n * (a * a * bent - a * of_ab.first);
        sum[fit_table_second[A][B]] += n * a * b * bent;
        sum[fit_table_second[B][B]] += n * (of_b.second + b * b * bent - b * of_ab.first);
    }
}

/* What the rows of one x leave, in lanes. silence is ln(alpha+T) - ln(alpha+t), past the difference of
 * the clock's, and its slope by ln alpha is bent; w and w (1 - w) are times n. */
enum moment {
    SOFT,
    W,
    W_SILENCE,
    W_PAST,
    W_BENT,
    V,
    V_SILENCE,
    V_PAST,
    V_SILENCE_SILENCE,
    V_SILENCE_PAST,
    V_PAST_PAST,
    MOMENTS
};

struct moments {
    double lane[MOMENTS][LANES];
};

struct chunk {
    double silence[CHUNK];
    double past[CHUNK];
    double bent[CHUNK];
    double n[CHUNK];
    double soft[CHUNK]; /* ln(1 + e^D) */
    double w[CHUNK];
    double v[CHUNK];
};

static void chunk_read(struct chunk *self, const struct fit_row *row, size_t n,
                       const struct fit_clock *clock)
{
    for (size_t i = 0; i < n; i++) {
        struct fit_clock now = clock[row[i].age_days], last = clock[row[i].span_days];
        self->silence[i] = now.log - last.log;
        self->past[i] = last.past - now.past;
        self->bent[i] = self->past[i] * (now.past + last.past - 1.0);
        self->n[i] = row[i].n;
    }
    /* A last lane that is not full counts for nobody. */
    for (size_t i = n; i % LANES; i++)
        self->silence[i] = self->past[i] = self->bent[i] = self->n[i] = 0.0;
}

static void chunk_weigh(struct chunk *self, size_t n, double constant, double rho)
{
    double log_odds[CHUNK];
    struct logistic logistic;
    for (size_t i = 0; i < n; i++)
        log_odds[i] = constant + rho * self->silence[i];
    logistic_of(log_odds, n, &logistic);
    for (size_t i = 0; i < n; i++) {
        self->soft[i] = self->n[i] * logistic.soft[i];
        self->w[i] = self->n[i] * logistic.share[i];
        self->v[i] = self->n[i] * logistic.both[i];
    }
}

static void chunk_add(const struct chunk *self, size_t n, struct moments *out)
{
    for (size_t i = 0; i < n; i += LANES) {
        for (size_t k = 0; k < LANES; k++) {
            double silence = self->silence[i + k], past = self->past[i + k];
            double w = self->w[i + k], v = self->v[i + k];
            out->lane[SOFT][k] += self->soft[i + k];
            out->lane[W][k] += w;
            out->lane[W_SILENCE][k] += w * silence;
            out->lane[W_PAST][k] += w * past;
            out->lane[W_BENT][k] += w * self->bent[i + k];
            out->lane[V][k] += v;
            out->lane[V_SILENCE][k] += v * silence;
            out->lane[V_PAST][k] += v * past;
            out->lane[V_SILENCE_SILENCE][k] += v * silence * silence;
            out->lane[V_SILENCE_PAST][k] += v * silence * past;
            out->lane[V_PAST_PAST][k] += v * past * past;
        }
    }
}

/* ln(1 + e^D) over the rows of one x, from their moments. D' is (r silence, rho past, 1, -b/c)
 * with c = b + s - 1. */
static void add_moments(const struct dropout *dropout, const struct moments *moments, double *sum)
{
    double m[MOMENTS];
    for (int i = 0; i < MOMENTS; i++) {
        const double *lane = moments->lane[i];
        m[i] = (lane[0] + lane[2]) + (lane[1] + lane[3]);
    }
    double r = dropout->r, rho = r + dropout->x;
    double of_b = -dropout->b / (dropout->b + (dropout->survived - 1));
    sum[0] += m[SOFT];
    add_slope(sum, 1.0, (double[4]){r * m[W_SILENCE], rho * m[W_PAST], m[W], m[W] * of_b});
    sum[fit_table_second[R][R]] += r * (m[W_SILENCE] + r * m[V_SILENCE_SILENCE]);
    sum[fit_table_second[R][ALPHA]] += r * (m[W_PAST] + rho * m[V_SILENCE_PAST]);
    sum[fit_table_second[R][A]] += r * m[V_SILENCE];
    sum[fit_table_second[R][B]] += r * m[V_SILENCE] * of_b;
    sum[fit_table_second[ALPHA][ALPHA]] += rho * (rho * m[V_PAST_PAST] + m[W_BENT]);
    sum[fit_table_second[ALPHA][A]] += rho * m[V_PAST];
    sum[fit_table_second[ALPHA][B]] += rho * m[V_PAST] * of_b;
    sum[fit_table_second[A][A]] += m[V];
    sum[fit_table_second[A][B]] += m[V] * of_b;
    sum[fit_table_second[B][B]] += m[V] * of_b * of_b + m[W] * of_b * (1.0 + of_b);
}

/* The rows of one x from here on, within the block; returns how many. */
static size_t add_run(const struct fit_likelihood *self, const struct fit_row *row, size_t most,
                      double *sum)
{
    struct dropout dropout = dropout_of(&self->model, row->x);
    size_t n = 1;
    while (n < most && row[n].x == row->x)
        n++;
    if (dropout.survived == 0)
        return n;
    double constant = dropout_log_odds_constant(&dropout), rho = dropout.r + row->x;
    struct moments moments = {{{0.0}}};
    struct chunk chunk;
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t some = n - i < CHUNK ? n - i : CHUNK;
        size_t lanes = (some + LANES - 1) / LANES * LANES;
        chunk_read(&chunk, row + i, some, self->table->clock);
        chunk_weigh(&chunk, lanes, constant, rho);
        chunk_add(&chunk, lanes, &moments);
    }
    add_moments(&dropout, &moments, sum);
    return n;
}

static void sum_block(void *context, size_t block)
{
    const struct fit_likelihood *self = context;
    const struct fit_table *table = self->table;
    size_t first = table->first[block], n = table->first[block + 1] - first;
    double *sum = table->block_sum[block];
    memset(sum, 0, FIT_SUMS * sizeof *sum);
    int regular = self->model.regularity > 1;
    for (size_t i = 0; i < n;) {
        const struct fit_row *row = table->row + first + i;
        i += regular ? fit_cnbd_run(self, row, n - i, sum) : add_run(self, row, n - i, sum);
    }
}

void fit_dropout_evaluate(void *context, const double *at, struct minimise_slope *out)
{
    struct fit_likelihood *self = context;
    double *parameter = self->model.parameter, own[FIT_SUMS] = {0.0}, sum[FIT_SUMS];
    for (int i = 0; i < CHURN_PARAMETERS; i++)
        parameter[i] = special_exp(at[i]);
    add_runs(self, own);
    fit_rate_days(self->table, parameter, self->model.regularity, own);
    fit_table_run(self->table, self->table->blocks, sum_block, self);
    fit_table_total(self->table, sum);
    for (int i = 0; i < FIT_SUMS; i++)
        sum[i] += own[i];
    fit_table_slope(self->table, CHURN_PARAMETERS, sum, out);
}

void fit_dropout_start(const struct fit_table *table, const double *nbd, int i, double *at)
{
    /* r, a, b; alpha so that r / alpha is somewhat above the rate seen, as some have left. Without an r both are
     * NBD's. */
    static const double start[FIT_DROPOUT_STARTS][3] = {{0.5, 0.8, 2.5},  {1.5, 0.4, 1.0},
                                                        {0.2, 2.0, 10.0}, {4.0, 0.2, 3.0},
                                                        {0.8, 0.05, 0.2}, {0.0, 0.01, 0.2}};
    double rate = 1.5 * table->purchases / (table->weeks > 0.0 ? table->weeks : 1.0);
    at[R] = start[i][0] > 0.0 ? special_log(start[i][0]) : nbd[R];
    at[ALPHA] = start[i][0] > 0.0 ? special_log(start[i][0] / rate) : nbd[ALPHA];
    at[A] = special_log(start[i][1]);
    at[B] = special_log(start[i][2]);
}
