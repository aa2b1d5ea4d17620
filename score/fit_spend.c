/* SPDX-License-Identifier: Apache-2.0 */
/* Gamma-gamma by Newton's method in ln p, ln q, ln v. With z = m x, what he spent on repeat days,
 * ln L of a customer is, Fader & Hardie 2013 rearranged,
 *   ln Gamma(px+q) - ln Gamma(px) - ln Gamma(q) + px ln(z/(v+z)) + q ln(v/(v+z)) - ln m.
 * The gamma functions are wanted once for each distinct x, and the rest once for each row: a
 * logarithm and a quotient. Money is measured in units of the base's mean m, so that v, whatever
 * the currency, is near 1 and a walk knows when it runs off. Rows come in the order of hashes, so
 * the first few thousand are a sample: cold starts are tried on them. */
#include "score/fit.h"

#include <math.h>
#include <string.h>

#include "score/minimise.h"
#include "score/money.h"
#include "score/special.h"

#define PARAMETERS     3
#define LANES          4
#define SAMPLE         8192 /* rows that cold starts are tried on */
#define STARTS         4
#define GRADIENT_SMALL 1e-8
#define FARTHEST       13.9 /* 1e-6 to 1e6, v in units of the base's mean */
#define ALIKE          1e4  /* a shape beyond which gamma is as good as one number */
#define RADIX_BITS     11
#define FEW            2048 /* numbers of purchases below it are counted, not sorted */

/* Sums over rows, B = ln(v / (v + z)), i = 1 / (v + z). */
enum { OF_B, OF_XB, OF_I, OF_XI, OF_II, OF_XII, SUMS };

struct group {
    uint32_t x;
    uint32_t customers;
};

/* The rows up to some number, and what is known of them before any parameter is. */
struct sample {
    const struct fit_spend_row *row;
    size_t rows;
    size_t blocks;
    struct group *group; /* by x, ascending */
    size_t groups;
    double (*block_sum)[SUMS];
    double unit;          /* currency units */
    double purchases;     /* sum of x */
    double log_m;         /* sum of ln(m / unit) */
    double purchases_log; /* sum of x ln(z / unit) */
    double v;             /* of the evaluation under way */
    const struct fit_crew *crew;
};

static size_t blocks_of(size_t n)
{
    return (n + FIT_BLOCK - 1) / FIT_BLOCK;
}

size_t fit_spend_scratch(size_t n)
{
    return n * (2 * sizeof(uint32_t) + sizeof(struct group)) + blocks_of(n) * SUMS * sizeof(double);
}

/* One pass of a radix sort by the bits from shift on, stable. */
static void sort_by_digit(const uint32_t *from, uint32_t *to, size_t n, int shift)
{
    size_t place[(size_t)1 << RADIX_BITS] = {0}, sum = 0;
    uint32_t mask = (UINT32_C(1) << RADIX_BITS) - 1;
    for (size_t i = 0; i < n; i++)
        place[from[i] >> shift & mask]++;
    for (size_t i = 0; i <= mask; i++) {
        size_t here = place[i];
        place[i] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[place[from[i] >> shift & mask]++] = from[i];
}

/* Sorts n numbers that lie in first; the answer lies in the array it returns. */
static const uint32_t *sort_numbers(uint32_t *first, uint32_t *second, size_t n)
{
    for (int shift = 0; shift < 32; shift += RADIX_BITS) {
        sort_by_digit(first, second, n, shift);
        uint32_t *sorted = second;
        second = first;
        first = sorted;
    }
    return first;
}

/* Nearly everybody has few purchases. */
static void group_rows(struct sample *self, uint32_t *first, uint32_t *second)
{
    uint32_t count[FEW] = {0};
    size_t many = 0;
    for (size_t i = 0; i < self->rows; i++) {
        if (self->row[i].x < FEW)
            count[self->row[i].x]++;
        else
            first[many++] = self->row[i].x;
    }
    for (uint32_t x = 0; x < FEW; x++)
        if (count[x] > 0)
            self->group[self->groups++] = (struct group){x, count[x]};
    const uint32_t *x = sort_numbers(first, second, many);
    for (size_t i = 0; i < many; i++) {
        if (i == 0 || x[i] != x[i - 1])
            self->group[self->groups++] = (struct group){.x = x[i]};
        self->group[self->groups - 1].customers++;
    }
}

/* Adds the blocks' sums up, in order. */
static void sum_up(struct sample *self, void (*block)(void *context, size_t i), double *sum)
{
    if (self->crew)
        self->crew->run(self->crew->crew, self->blocks, block, self);
    else
        for (size_t i = 0; i < self->blocks; i++)
            block(self, i);
    memset(sum, 0, SUMS * sizeof *sum);
    for (size_t i = 0; i < self->blocks; i++)
        for (int k = 0; k < SUMS; k++)
            sum[k] += self->block_sum[i][k];
}

static size_t rows_of(const struct sample *self, size_t block)
{
    size_t rest = self->rows - block * FIT_BLOCK;
    return rest < FIT_BLOCK ? rest : FIT_BLOCK;
}

/* What is summed before any parameter is known. */
enum { OF_X, OF_XLOG, OF_LOG, OF_M = OF_X };

static void mean_block(void *context, size_t block)
{
    const struct sample *self = context;
    const struct fit_spend_row *row = self->row + block * FIT_BLOCK;
    double sum[SUMS] = {0.0};
    for (size_t i = 0; i < rows_of(self, block); i++)
        sum[OF_M] += money_units(row[i].repeat_spend) / row[i].x;
    memcpy(self->block_sum[block], sum, sizeof sum);
}

static void log_block(void *context, size_t block)
{
    const struct sample *self = context;
    const struct fit_spend_row *row = self->row + block * FIT_BLOCK;
    double sum[SUMS] = {0.0};
    for (size_t i = 0; i < rows_of(self, block); i++) {
        double x = row[i].x, log_z = special_log(money_units(row[i].repeat_spend) / self->unit);
        sum[OF_X] += x;
        sum[OF_XLOG] += x * log_z;
        sum[OF_LOG] += log_z;
    }
    memcpy(self->block_sum[block], sum, sizeof sum);
}

/* Rows without spending have no m; they are not to be there. */
static void sample_make(struct sample *self, const struct fit_spend_row *rows, size_t n,
                        void *scratch, const struct fit_crew *crew)
{
    *self = (struct sample){.row = rows, .rows = n, .blocks = blocks_of(n), .crew = crew};
    self->block_sum = scratch;
    self->group = (struct group *)(self->block_sum + self->blocks);
    uint32_t *first = (uint32_t *)(self->group + n);
    group_rows(self, first, first + n);
    double sum[SUMS];
    sum_up(self, mean_block, sum);
    self->unit = sum[OF_M] / (double)n;
    sum_up(self, log_block, sum);
    self->purchases = sum[OF_X];
    self->purchases_log = sum[OF_XLOG];
    self->log_m = sum[OF_LOG];
    for (size_t i = 0; i < self->groups; i++)
        self->log_m -= self->group[i].customers * special_log(self->group[i].x);
}

static void sum_rows(const struct sample *self, size_t first, size_t n, double *sum)
{
    double lane[SUMS][LANES] = {{0.0}};
    double log_v = special_log(self->v), share = 1.0 / ((double)MONEY_PER_UNIT * self->unit);
    for (size_t i = 0; i < n; i++) {
        const struct fit_spend_row *row = &self->row[first + i];
        size_t k = i % LANES;
        double x = row->x, at = self->v + (double)row->repeat_spend * share;
        double b = log_v - special_log(at), inverse = 1.0 / at;
        lane[OF_B][k] += b;
        lane[OF_XB][k] += x * b;
        lane[OF_I][k] += inverse;
        lane[OF_XI][k] += x * inverse;
        lane[OF_II][k] += inverse * inverse;
        lane[OF_XII][k] += x * inverse * inverse;
    }
    for (int i = 0; i < SUMS; i++)
        sum[i] = (lane[i][0] + lane[i][2]) + (lane[i][1] + lane[i][3]);
}

static void sum_block(void *context, size_t block)
{
    const struct sample *self = context;
    sum_rows(self, block * FIT_BLOCK, rows_of(self, block), self->block_sum[block]);
}

enum { P, Q, V };

/* The gamma functions' part over the distinct x, by p and q. */
static void add_groups(const struct sample *self, double p, double q, struct minimise_slope *out)
{
    double log_q = special_lgamma(q), psi_q = special_digamma(q), psi1_q = special_trigamma(q);
    for (size_t i = 0; i < self->groups; i++) {
        double n = self->group[i].customers, x = self->group[i].x, px = p * x;
        double psi = special_digamma(px + q), psi1 = special_trigamma(px + q);
        out->value += n * (special_lgamma_rise(px, q) - log_q);
        out->gradient[P] += n * x * (psi - special_digamma(px));
        out->gradient[Q] += n * (psi - psi_q);
        out->hessian.row[P][P] += n * x * x * (psi1 - special_trigamma(px));
        out->hessian.row[P][Q] += n * x * psi1;
        out->hessian.row[Q][Q] += n * (psi1 - psi1_q);
    }
}

/* The powers' part. A = ln(z / (v + z)) = ln z - ln v + B. */
static void add_powers(struct sample *self, double p, double q, double v,
                       struct minimise_slope *out)
{
    double sum[SUMS], n = (double)self->rows;
    self->v = v;
    sum_up(self, sum_block, sum);
    double xa = self->purchases_log - self->purchases * special_log(v) + sum[OF_XB];
    double i = p * sum[OF_XI] + q * sum[OF_I], ii = p * sum[OF_XII] + q * sum[OF_II];
    out->value += p * xa + q * sum[OF_B] - self->log_m;
    out->gradient[P] += xa;
    out->gradient[Q] += sum[OF_B];
    out->gradient[V] += q * n / v - i;
    out->hessian.row[P][V] -= sum[OF_XI];
    out->hessian.row[Q][V] += n / v - sum[OF_I];
    out->hessian.row[V][V] += ii - q * n / (v * v);
}

static void evaluate(void *context, const double *at, struct minimise_slope *out)
{
    struct sample *self = context;
    double parameter[PARAMETERS] = {special_exp(at[P]), special_exp(at[Q]), special_exp(at[V])};
    double share = -1.0 / (double)self->rows;
    *out = (struct minimise_slope){.value = 0.0};
    add_groups(self, parameter[P], parameter[Q], out);
    add_powers(self, parameter[P], parameter[Q], parameter[V], out);
    out->value *= share;
    for (int i = 0; i < PARAMETERS; i++)
        out->gradient[i] *= share * parameter[i];
    for (int i = 0; i < PARAMETERS; i++) {
        for (int j = i; j < PARAMETERS; j++) {
            out->hessian.row[i][j] *= share * parameter[i] * parameter[j];
            out->hessian.row[i][j] += i == j ? out->gradient[i] : 0.0;
            out->hessian.row[j][i] = out->hessian.row[i][j];
        }
    }
}

static struct minimise_problem problem_of(struct sample *sample)
{
    return (struct minimise_problem){.n = PARAMETERS,
                                     .evaluate = evaluate,
                                     .context = sample,
                                     .gradient_small = GRADIENT_SMALL,
                                     .farthest = FARTHEST};
}

/* Where to start on the whole base: from the best end on a sample, or where that ran off, from
 * where it had begun. */
static void best_start(struct sample *sample, int32_t *evaluations, double *at)
{
    /* p and q; v such that the population's mean is 1. */
    static const double start[STARTS][2] = {{6.0, 4.0}, {1.5, 2.5}, {30.0, 15.0}, {0.5, 1.2}};
    struct minimise_problem problem = problem_of(sample);
    double lowest = HUGE_VAL;
    for (int i = 0; i < STARTS; i++) {
        double p = start[i][0], q = start[i][1];
        double from[MINIMISE_MOST] = {special_log(p), special_log(q), special_log((q - 1.0) / p)};
        struct minimise_end end;
        minimise_from(&problem, from, &end);
        *evaluations += end.evaluations;
        if (!(end.slope.value < lowest))
            continue;
        lowest = end.slope.value;
        memcpy(at, end.stop == MINIMISE_CONVERGED ? end.at : from, sizeof from);
    }
}

/* Pearson's, of x and m over the rows: what the model assumes to be 0. */
static double correlation_of(const struct sample *self)
{
    double n = (double)self->rows, mean_x = self->purchases / n;
    double xx = 0.0, mm = 0.0, xm = 0.0;
    for (size_t i = 0; i < self->rows; i++) {
        double x = self->row[i].x - mean_x;
        double m = money_units(self->row[i].repeat_spend) / self->row[i].x - self->unit;
        xx += x * x;
        mm += m * m;
        xm += x * m;
    }
    return xx > 0.0 && mm > 0.0 ? xm / sqrt(xx * mm) : 0.0;
}

static void conclude(const struct sample *sample, const struct minimise_end *end,
                     struct fit_spend *out)
{
    static const enum fit_stop stops[] = {[MINIMISE_CONVERGED] = FIT_CONVERGED,
                                          [MINIMISE_RAN_OFF] = FIT_BOUNDARY,
                                          [MINIMISE_FLAT] = FIT_FLAT};
    struct minimise_matrix inverse;
    double n = (double)sample->rows;
    out->stop = stops[end->stop];
    out->evaluations += end->evaluations;
    out->gradient_norm = end->gradient_norm;
    out->p = special_exp(end->at[P]);
    out->q = special_exp(end->at[Q]);
    out->v = special_exp(end->at[V]) * sample->unit;
    /* A density of m, so its unit counts. */
    out->log_likelihood = -n * (end->slope.value + special_log(sample->unit));
    if (out->stop == FIT_CONVERGED && !minimise_invert(&end->slope.hessian, PARAMETERS, &inverse)) {
        const double parameter[] = {out->p, out->q, out->v};
        for (int i = 0; i < PARAMETERS; i++) {
            out->standard_error[i] = parameter[i] * sqrt(inverse.row[i][i] / n);
            for (int j = 0; j < PARAMETERS; j++)
                out->log_covariance[i][j] = inverse.row[i][j] / n;
        }
    }
    /* Where p runs off everybody's mean is his own, which is what E[M] comes to at the end of the walk. Where
     * q does all are alike, and the base's mean is as good as any and surer. */
    int is_own = out->stop == FIT_BOUNDARY && out->p > ALIKE && out->q < ALIKE;
    if ((out->stop == FIT_CONVERGED || is_own) && out->q > 1.0)
        out->model = (struct spend_model){.kind = SPEND_GAMMA_GAMMA,
                                          .p = out->p,
                                          .q = out->q,
                                          .v = out->v,
                                          .mean = out->p * out->v / (out->q - 1.0)};
}

void fit_spend(const struct fit_spend_row *rows, size_t n, double base_mean, void *scratch,
               const struct fit_crew *crew, struct fit_spend *out)
{
    *out = (struct fit_spend){.stop = FIT_TOO_FEW,
                              .model = {.kind = SPEND_MEAN, .mean = base_mean},
                              .standard_error = {-1.0, -1.0, -1.0},
                              .customers = n};
    if (n < FIT_REPEATERS_LEAST)
        return;
    struct sample sample;
    struct minimise_end end;
    double start[MINIMISE_MOST];
    sample_make(&sample, rows, n < SAMPLE ? n : SAMPLE, scratch, crew);
    best_start(&sample, &out->evaluations, start);
    sample_make(&sample, rows, n, scratch, crew);
    struct minimise_problem problem = problem_of(&sample);
    minimise_from(&problem, start, &end);
    out->correlation = correlation_of(&sample);
    conclude(&sample, &end, out);
}
