/* SPDX-License-Identifier: Apache-2.0 */
/* Gamma-gamma by Newton's method in ln p, ln q, ln v. With z = m x, what he spent on repeat days,
 * ln L of a customer is, Fader & Hardie 2013 rearranged,
 *   -ln B(px, q) - px ln(1+v/z) - q ln(1+z/v) - ln m.
 * The beta function is wanted once for each distinct x, and the rest once for each row: a logarithm and a
 * quotient. Where people buy every day px is large and v/z small, and p, q or both may run off; so the two
 * logarithms are summed as they stand, and the beta function's derivatives are worked out as
 * differences. Money is measured in units of the base's mean m, so that v, whatever
 * the currency, is near 1 and a walk knows when it runs off. Rows come in the order of hashes, so
 * the first few thousand are a sample: cold starts are tried on them. */
#include "score/fit.h"

#include <math.h>
#include <string.h>

#include "score/minimise.h"
#include "score/money.h"
#include "score/special.h"
#include "score/special_lanes.h"

#define PARAMETERS     3
#define LANES          4
#define SAMPLE         8192 /* rows that cold starts are tried on */
#define STARTS         7
#define GRADIENT_SMALL 1e-8
#define FARTHEST                                                                                   \
    16.11809565095832 /* 1e-7 to 1e7, and v, which is like q / p in units of the base's mean, as far again */
#define FAR           1e3  /* p or q from which logarithms are not to cancel */
#define STIRLING_FROM 32.0 /* psi's series is good to the last bit from there */
#define ALIKE         1e4  /* a shape beyond which gamma is as good as one number */
#define RADIX_BITS    11
#define FEW           2048 /* numbers of purchases below it are counted, not sorted */

/* Sums over rows, u = v / (v + z), w = z / (v + z). */
enum { OF_LOG_W, OF_LOG_U, OF_XU, OF_W, OF_UW, OF_XUW, SUMS }; /* x ln(1/w), ln(1/u), and so on */

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
    double purchases_log; /* sum of x ln(z / unit) */
    double log_m;         /* sum of ln(m / unit) */
    double v;             /* of the evaluation under way */
    int is_far;           /* p or q is, there */
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
    for (size_t from = 0, n = rows_of(self, block); from < n; from += SPECIAL_LANES) {
        size_t some = n - from < SPECIAL_LANES ? n - from : SPECIAL_LANES;
        double log_z[SPECIAL_LANES] = {0.0};
        for (size_t i = 0; i < some; i++)
            log_z[i] = money_units(row[from + i].repeat_spend) / self->unit;
        special_log_lanes(log_z);
        for (size_t i = 0; i < some; i++) {
            double x = row[from + i].x;
            sum[OF_X] += x;
            sum[OF_XLOG] += x * log_z[i];
            sum[OF_LOG] += log_z[i];
        }
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

/* A row's logarithms and shares. */
struct split {
    double log_w, log_u;
    double w, u;
};

static struct split split_far(double v, double z)
{
    double inverse = 1.0 / (v + z), less = v < z ? v / z : z / v;
    double small = special_log1p(less), large = small - special_log(less);
    return v < z ? (struct split){small, large, z * inverse, v * inverse}
                 : (struct split){large, small, z * inverse, v * inverse};
}

/* log_sum: ln(v + z). The one logarithm as the difference of the other and ln(z/v), which the sum of all has: a
 * logarithm less. */
static struct split split_near(double v, double log_v, double z, double log_sum)
{
    double inverse = 1.0 / (v + z), log_u = log_sum - log_v;
    return (struct split){log_u, log_u, z * inverse, v * inverse};
}

struct sums {
    double lane[SUMS][LANES];
};

static void sums_add(struct sums *self, size_t lane, double x, const struct split *split)
{
    double both = split->u * split->w;
    self->lane[OF_LOG_W][lane] += x * split->log_w;
    self->lane[OF_LOG_U][lane] += split->log_u;
    self->lane[OF_XU][lane] += x * split->u;
    self->lane[OF_W][lane] += split->w;
    self->lane[OF_UW][lane] += both;
    self->lane[OF_XUW][lane] += x * both;
}

/* n <= SPECIAL_LANES rows, a multiple of LANES but for the last ones. */
static void sum_some(const struct sample *self, const struct fit_spend_row *row, size_t n,
                     struct sums *sums)
{
    double v = self->v, log_v = special_log(v), share = 1.0 / ((double)MONEY_PER_UNIT * self->unit);
    double z[SPECIAL_LANES] = {0.0}, log_sum[SPECIAL_LANES];
    for (size_t i = 0; i < n; i++)
        z[i] = (double)row[i].repeat_spend * share;
    for (int i = 0; i < SPECIAL_LANES; i++)
        log_sum[i] = v + z[i];
    if (!self->is_far)
        special_log_lanes(log_sum);
    for (size_t i = 0; i < n; i++) {
        struct split split =
            self->is_far ? split_far(v, z[i]) : split_near(v, log_v, z[i], log_sum[i]);
        sums_add(sums, i % LANES, row[i].x, &split);
    }
}

static void sum_rows(const struct sample *self, size_t first, size_t n, double *sum)
{
    struct sums sums = {{{0.0}}};
    for (size_t i = 0; i < n; i += SPECIAL_LANES)
        sum_some(self, &self->row[first + i], n - i < SPECIAL_LANES ? n - i : SPECIAL_LANES, &sums);
    for (int i = 0; i < SUMS; i++) {
        const double *lane = sums.lane[i];
        sum[i] = (lane[0] + lane[2]) + (lane[1] + lane[3]);
    }
}

static void sum_block(void *context, size_t block)
{
    const struct sample *self = context;
    sum_rows(self, block * FIT_BLOCK, rows_of(self, block), self->block_sum[block]);
}

enum { P, Q, V };

/* psi(a + d) - psi(a) and psi'(a) - psi'(a + d), times a and a^2: their difference from far out, term by
 * term of Stirling's series, as (1/a)^n - (1/(a+d))^n. */
struct rise {
    double first;
    double second;
};

static struct rise rise_of(double a, double d)
{
    if (a < STIRLING_FROM)
        return (struct rise){a * (special_digamma(a + d) - special_digamma(a)),
                             a * a * (special_trigamma(a) - special_trigamma(a + d))};
    static const double first[] = {0.5,       1.0 / 12, 0,          -1.0 / 120, 0,
                                   1.0 / 252, 0,        -1.0 / 240, 0,          1.0 / 132};
    static const double second[] = {1.0,      0.5, 1.0 / 6,   0, -1.0 / 30, 0,
                                    1.0 / 42, 0,   -1.0 / 30, 0, 5.0 / 66};
    double near_one = 1.0 / a, far_one = 1.0 / (a + d), fall = d / (a + d); /* of a / a */
    double quotient = 1.0, power = 1.0, psi = 0.0, psi1 = 0.0;
    for (int i = 0; i < (int)(sizeof second / sizeof *second); i++) {
        psi += i < (int)(sizeof first / sizeof *first) ? first[i] * quotient : 0.0;
        psi1 += second[i] * quotient;
        power *= far_one;
        quotient = near_one * quotient + power;
    }
    return (struct rise){a * special_log1p(d / a) + fall * psi, a * fall * psi1};
}

/* -ln B(a, b), by the shorter rise. */
static double log_choices(double a, double b)
{
    return a < b ? special_lgamma_rise(b, a) - special_lgamma(a)
                 : special_lgamma_rise(a, b) - special_lgamma(b);
}

/* The beta function's part over the distinct x. */
static void add_groups(const struct sample *self, double p, double q, struct minimise_slope *out)
{
    for (size_t i = 0; i < self->groups; i++) {
        double n = self->group[i].customers, px = p * self->group[i].x;
        struct rise of_p = rise_of(px, q), of_q = rise_of(q, px);
        double total = px + q, both = special_trigamma(total) * total;
        out->value += n * log_choices(px, q);
        out->gradient[P] += n * of_p.first;
        out->gradient[Q] += n * of_q.first;
        out->hessian.row[P][P] += n * (of_p.first - of_p.second);
        out->hessian.row[P][Q] += n * (px / total) * q * both;
        out->hessian.row[Q][Q] += n * (of_q.first - of_q.second);
    }
}

/* The logarithms' part. */
static void add_powers(struct sample *self, double p, double q, double v,
                       struct minimise_slope *out)
{
    double sum[SUMS];
    self->v = v;
    self->is_far = p > FAR || q > FAR;
    sum_up(self, sum_block, sum);
    if (!self->is_far)
        sum[OF_LOG_W] -= self->purchases_log - self->purchases * special_log(v);
    out->value -= p * sum[OF_LOG_W] + q * sum[OF_LOG_U] + self->log_m;
    out->gradient[P] -= p * sum[OF_LOG_W];
    out->gradient[Q] -= q * sum[OF_LOG_U];
    out->gradient[V] += q * sum[OF_W] - p * sum[OF_XU];
    out->hessian.row[P][P] -= p * sum[OF_LOG_W];
    out->hessian.row[Q][Q] -= q * sum[OF_LOG_U];
    out->hessian.row[P][V] -= p * sum[OF_XU];
    out->hessian.row[Q][V] += q * sum[OF_W];
    out->hessian.row[V][V] -= p * sum[OF_XUW] + q * sum[OF_UW];
}

/* By logarithms of the parameters, of minus the mean. */
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
        out->gradient[i] *= share;
    for (int i = 0; i < PARAMETERS; i++) {
        for (int j = i; j < PARAMETERS; j++) {
            out->hessian.row[i][j] *= share;
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
                                     .lowest = {-FARTHEST, -FARTHEST, -2 * FARTHEST},
                                     .highest = {FARTHEST, FARTHEST, 2 * FARTHEST}};
}

/* Where to start on the whole base: from the best end on a sample, or where that ran off, from
 * where it had begun. */
static void best_start(struct sample *sample, int32_t *evaluations, double *at)
{
    /* p and q; v such that the population's mean is 1. */
    static const double start[STARTS][2] = {{6.0, 4.0},  {1.5, 2.5},   {30.0, 15.0}, {0.5, 1.2},
                                            {0.5, 40.0}, {300.0, 1.5}, {0.02, 300.0}};
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
    int r = out->stop == FIT_CONVERGED  ? minimise_invert(&end->slope.hessian, PARAMETERS, &inverse)
            : out->stop == FIT_BOUNDARY ? minimise_invert_steep(&end->slope.hessian, PARAMETERS,
                                                                FIT_CURVATURE_LEAST, &inverse)
                                        : MINIMISE_E_INDEFINITE;
    const double parameter[] = {out->p, out->q, out->v};
    for (int i = 0; r == 0 && i < PARAMETERS; i++) {
        for (int j = 0; j < PARAMETERS; j++)
            out->log_covariance[i][j] = inverse.row[i][j] / n;
        if (out->stop == FIT_CONVERGED)
            out->standard_error[i] = parameter[i] * sqrt(out->log_covariance[i][i]);
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
