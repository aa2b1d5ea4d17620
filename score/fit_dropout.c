/* SPDX-License-Identifier: Apache-2.0 */
/* ln L of a customer is U(x) + V(x, T) + ln(1 + e^D), with s tosses survived (x, or x + 1 in MBG):
 *   U = ln B(a, b+s) - ln B(a, b) + ln Gamma(r+x) - ln Gamma(r) + r ln alpha
 *   V = -(r + x) ln(alpha + T)
 *   D = ln a - ln(b+s-1) + (r + x) (ln(alpha + T) - ln(alpha + t_x)),   no such term for s = 0.
 * U is summed over distinct x and V over distinct T. Only D needs the rows, and of a row only an
 * exponential and a logarithm: with w = e^D / (1 + e^D) its derivatives are w D' and w D'' + w (1
 * - w) D' D'', and D' is linear in what the two days say, so a run of rows of one x leaves eleven
 * sums. Sums run in four lanes, added at the end of a run: one order on every host, and a compiler
 * may keep them in one register. */
#include "score/fit_dropout.h"

#include <math.h>
#include <string.h>

#include "score/bgnbd.h"
#include "score/logistic.h"
#include "score/mbgnbd.h"
#include "score/special.h"

#define DAYS_PER_WEEK 7.0
#define LANES         4
#define CHUNK         LOGISTIC_MOST /* rows worked out before they are summed */
#define STRIDE_MOST   64 /* from one x to the next: longer ones by the special functions */

enum { R, ALPHA, A, B };

/* Where in FIT_SUMS a second derivative is. */
static const int hessian_at[4][4] = {
    {5, 6, 7, 8}, {6, 9, 10, 11}, {7, 10, 12, 13}, {8, 11, 13, 14}};

/* Adds a function's derivatives by the parameters themselves. */
static void add_slope(double *sum, double weight, const double *gradient)
{
    for (int i = 0; i < 4; i++)
        sum[1 + i] += weight * gradient[i];
}

/* Gamma(p + n) / Gamma(p) for growing n: its logarithm and derivatives by p. */
struct rise {
    double p;
    double n;
    double log;
    double first;
    double second;
};

static void rise_to(struct rise *self, double n)
{
    double from = self->p + self->n, more = n - self->n;
    self->log += special_lgamma_rise(from, more);
    self->n = n;
    if (more > STRIDE_MOST) {
        self->first += special_digamma(from + more) - special_digamma(from);
        self->second += special_trigamma(from + more) - special_trigamma(from);
        return;
    }
    for (int j = 0; j < (int)more; j++) {
        double inverse = 1.0 / (from + j);
        self->first += inverse;
        self->second -= inverse * inverse;
    }
}

static struct dropout dropout_at(const struct fit_dropout *self, uint32_t x)
{
    double parameter[] = {self->r, self->alpha, self->a, self->b};
    return self->kind == CHURN_BGNBD ? bgnbd_dropout(parameter, x) : mbgnbd_dropout(parameter, x);
}

/* U over the distinct x. */
static void add_runs(const struct fit_dropout *self, double *sum)
{
    struct rise of_r = {.p = self->r}, of_b = {.p = self->b}, of_ab = {.p = self->a + self->b};
    const struct fit_table *table = self->table;
    for (size_t i = 0; i < table->runs; i++) {
        double n = table->run[i].customers;
        struct dropout dropout = dropout_at(self, table->run[i].x);
        rise_to(&of_r, dropout.x);
        rise_to(&of_b, dropout.survived);
        rise_to(&of_ab, dropout.survived);
        sum[0] += n * (of_r.log + (of_b.log - of_ab.log));
        add_slope(sum, n, (double[4]){of_r.first, 0.0, -of_ab.first, of_b.first - of_ab.first});
        sum[hessian_at[R][R]] += n * of_r.second;
        sum[hessian_at[A][A]] -= n * of_ab.second;
        sum[hessian_at[A][B]] -= n * of_ab.second;
        sum[hessian_at[B][B]] += n * (of_b.second - of_ab.second);
    }
}

/* V over the distinct T, and r ln alpha: together r ln(alpha / (alpha + T)) - x ln(alpha + T).
 * Fills the clock. */
static void add_days(const struct fit_dropout *self, double *sum)
{
    const struct fit_table *table = self->table;
    double log_alpha = special_log(self->alpha);
    for (size_t i = 0; i < table->days; i++) {
        double at = self->alpha + (double)i / DAYS_PER_WEEK;
        struct fit_clock clock = {special_log(at), 1.0 / at};
        struct fit_day day = table->day[i];
        table->clock[i] = clock;
        double weight = self->r * day.customers + day.purchases;
        sum[0] -= weight * clock.log - self->r * day.customers * log_alpha;
        sum[1 + R] -= day.customers * (clock.log - log_alpha);
        sum[1 + ALPHA] -= weight * clock.inverse - self->r * day.customers / self->alpha;
        sum[hessian_at[R][ALPHA]] -= day.customers * (clock.inverse - 1.0 / self->alpha);
        sum[hessian_at[ALPHA][ALPHA]] += weight * clock.inverse * clock.inverse -
                                         self->r * day.customers / (self->alpha * self->alpha);
    }
}

/* What the rows of one x leave, in lanes. silence is ln(alpha+T) - ln(alpha+t), inverse and square
 * the differences of 1 / (alpha + day) and of its square; w and w (1 - w) are times n. */
enum moment {
    SOFT,
    W,
    W_SILENCE,
    W_INVERSE,
    W_SQUARE,
    V,
    V_SILENCE,
    V_INVERSE,
    V_SILENCE_SILENCE,
    V_SILENCE_INVERSE,
    V_INVERSE_INVERSE,
    MOMENTS
};

struct moments {
    double lane[MOMENTS][LANES];
};

struct chunk {
    double silence[CHUNK];
    double inverse[CHUNK];
    double square[CHUNK];
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
        self->inverse[i] = now.inverse - last.inverse;
        self->square[i] = self->inverse[i] * (now.inverse + last.inverse);
        self->n[i] = row[i].n;
    }
    /* A last lane that is not full counts for nobody. */
    for (size_t i = n; i % LANES; i++)
        self->silence[i] = self->inverse[i] = self->square[i] = self->n[i] = 0.0;
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
            double silence = self->silence[i + k], inverse = self->inverse[i + k];
            double w = self->w[i + k], v = self->v[i + k];
            out->lane[SOFT][k] += self->soft[i + k];
            out->lane[W][k] += w;
            out->lane[W_SILENCE][k] += w * silence;
            out->lane[W_INVERSE][k] += w * inverse;
            out->lane[W_SQUARE][k] += w * self->square[i + k];
            out->lane[V][k] += v;
            out->lane[V_SILENCE][k] += v * silence;
            out->lane[V_INVERSE][k] += v * inverse;
            out->lane[V_SILENCE_SILENCE][k] += v * silence * silence;
            out->lane[V_SILENCE_INVERSE][k] += v * silence * inverse;
            out->lane[V_INVERSE_INVERSE][k] += v * inverse * inverse;
        }
    }
}

/* ln(1 + e^D) over the rows of one x, from their moments. D' is (silence, rho inverse, 1/a, -1/c)
 * with c = b + s - 1. */
static void add_moments(const struct dropout *dropout, const struct moments *moments, double *sum)
{
    double m[MOMENTS];
    for (int i = 0; i < MOMENTS; i++) {
        const double *lane = moments->lane[i];
        m[i] = (lane[0] + lane[2]) + (lane[1] + lane[3]);
    }
    double rho = dropout->r + dropout->x, of_a = 1.0 / dropout->a;
    double of_b = -1.0 / (dropout->b + (dropout->survived - 1));
    sum[0] += m[SOFT];
    add_slope(sum, 1.0, (double[4]){m[W_SILENCE], rho * m[W_INVERSE], m[W] * of_a, m[W] * of_b});
    sum[hessian_at[R][R]] += m[V_SILENCE_SILENCE];
    sum[hessian_at[R][ALPHA]] += m[W_INVERSE] + rho * m[V_SILENCE_INVERSE];
    sum[hessian_at[R][A]] += m[V_SILENCE] * of_a;
    sum[hessian_at[R][B]] += m[V_SILENCE] * of_b;
    sum[hessian_at[ALPHA][ALPHA]] += rho * (rho * m[V_INVERSE_INVERSE] - m[W_SQUARE]);
    sum[hessian_at[ALPHA][A]] += rho * m[V_INVERSE] * of_a;
    sum[hessian_at[ALPHA][B]] += rho * m[V_INVERSE] * of_b;
    sum[hessian_at[A][A]] += (m[V] - m[W]) * of_a * of_a;
    sum[hessian_at[A][B]] += m[V] * of_a * of_b;
    sum[hessian_at[B][B]] += (m[V] + m[W]) * of_b * of_b;
}

/* The rows of one x from here on, within the block; returns how many. */
static size_t add_run(const struct fit_dropout *self, const struct fit_row *row, size_t most,
                      double *sum)
{
    struct dropout dropout = dropout_at(self, row->x);
    size_t n = 1;
    while (n < most && row[n].x == row->x)
        n++;
    if (dropout.survived == 0)
        return n;
    double constant = dropout_log_odds_constant(&dropout), rho = self->r + row->x;
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
    const struct fit_dropout *self = context;
    const struct fit_table *table = self->table;
    size_t first = block * FIT_BLOCK;
    size_t n = table->rows - first < FIT_BLOCK ? table->rows - first : FIT_BLOCK;
    double *sum = table->block_sum[block];
    memset(sum, 0, FIT_SUMS * sizeof *sum);
    for (size_t i = 0; i < n;)
        i += add_run(self, table->row + first + i, n - i, sum);
}

/* From sums by the parameters to a mean, negated, by their logarithms. */
static void to_slope(const struct fit_dropout *self, const double *sum, struct minimise_slope *out)
{
    double parameter[] = {self->r, self->alpha, self->a, self->b};
    double share = -1.0 / self->table->customers;
    out->value = share * sum[0];
    for (int i = 0; i < 4; i++) {
        out->gradient[i] = share * parameter[i] * sum[1 + i];
        for (int j = 0; j < 4; j++)
            out->hessian.row[i][j] = share * (parameter[i] * parameter[j]) * sum[hessian_at[i][j]] +
                                     (i == j ? out->gradient[i] : 0.0);
    }
}

void fit_dropout_evaluate(void *context, const double *at, struct minimise_slope *out)
{
    struct fit_dropout *self = context;
    self->r = special_exp(at[R]);
    self->alpha = special_exp(at[ALPHA]);
    self->a = special_exp(at[A]);
    self->b = special_exp(at[B]);
    double own[FIT_SUMS] = {0.0}, sum[FIT_SUMS];
    add_runs(self, own);
    add_days(self, own);
    fit_table_sum(self->table, sum_block, self, sum);
    for (int i = 0; i < FIT_SUMS; i++)
        sum[i] += own[i];
    to_slope(self, sum, out);
}

void fit_dropout_start(const struct fit_table *table, int i, double *at)
{
    /* r, a, b; alpha so that r / alpha is somewhat above the rate seen, as some have left. */
    static const double start[FIT_DROPOUT_STARTS][3] = {
        {0.5, 0.8, 2.5}, {1.5, 0.4, 1.0}, {0.2, 2.0, 10.0}, {4.0, 0.2, 3.0}, {0.8, 0.05, 0.2}};
    double rate = 1.5 * table->purchases / (table->weeks > 0.0 ? table->weeks : 1.0);
    at[R] = special_log(start[i][0]);
    at[ALPHA] = special_log(start[i][0] / rate);
    at[A] = special_log(start[i][1]);
    at[B] = special_log(start[i][2]);
}
