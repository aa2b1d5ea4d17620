/* SPDX-License-Identifier: Apache-2.0 */
/* L of a customer is G [w(T) + s/beta * integral of w / B from t_x to T] with w(y) = A^-rho B^-s, A = 1 +
 * y / alpha, B = 1 + y / beta, rho = r + x: the integrand does not know his days. So for all rows of one
 * x the integral is tabled by days, from day d to the end and against w(d), as H(d) = h(d) + w(d+1)
 * / w(d) H(d+1) with one day's h by Gauss-Legendre; and with e = w(T) / w(t_x)
 *   L / (G w(t_x)) = P = e + H(t_x) - e H(T),
 * where at most e cancels. Derivatives by logarithms of parameters put ln A, ln B, a = y / (alpha + y),
 * b = y / (beta + y) and their products under the integral. The first four are tabled too, as of each row
 * -g g' of the hessian wants them. The ten products are not: their sum over rows is linear in H, so a
 * row leaves its weights 1/P at t_x and -e/P at T, and a pass over the days turns weights of H into
 * weights of h. An integral for each row was refused: with 20 nodes of 15 products it takes ten times as
 * long. Time goes by z = ln(y + the smaller of alpha and beta), where all is smooth at one scale,
 * however near to 0 a parameter runs: the likelihood of a base of which some leave at once and nobody later
 * is highest there, and reached like 1 / ln(beta). */
#include "score/fit_pnbd.h"

#include <string.h>

#include "score/fit_rate.h"
#include "score/logistic.h"
#include "score/special.h"
#include "score/special_table.h"

#define DAYS_PER_WEEK 7.0
#define NODES         SPECIAL_LEGENDRE_SHORT /* of a panel, which most often is a day */
#define PANEL_WIDTH   1.5   /* in z: a panel at most, whose nearest singularity is pi from it */
#define PANEL_FALL    4.0   /* what w falls by in a panel, in logarithms, at most */
#define FALLEN        80.0  /* where it does not count any more */
#define NOTHING_YET   1e-14 /* of alpha or a day: before that nobody has bought */
#define LONG_AGO      1e12  /* in betas: b is 1 */
#define PANELS_MORE   120   /* than days, for the first one */
#define TEAMS         8     /* the i-th does blocks i, i + 8, ... in memory of its own */
#define CHUNK         LOGISTIC_MOST

enum { R, ALPHA, S, BETA };

/* What derivatives put under the integral: of first and second order. */
enum moment {
    ONE,
    LA,
    LB,
    UA,
    UB,
    LA_LA,
    LA_UA,
    LA_LB,
    LA_UB,
    UA_UA,
    UA_LB,
    UA_UB,
    LB_LB,
    LB_UB,
    UB_UB,
    MOMENTS
};
#define FIRST_MOMENTS LA_LA

/* A, B, a, b at some time. */
struct instant {
    double log_a;
    double log_b;
    double a;
    double b;
};

static inline void moments_add(double *m, double weight, const struct instant *at)
{
    double la = weight * at->log_a, lb = weight * at->log_b;
    double ua = weight * at->a, ub = weight * at->b;
    m[ONE] += weight;
    m[LA] += la;
    m[LB] += lb;
    m[UA] += ua;
    m[UB] += ub;
    m[LA_LA] += la * at->log_a;
    m[LA_UA] += la * at->a;
    m[LA_LB] += la * at->log_b;
    m[LA_UB] += la * at->b;
    m[UA_UA] += ua * at->a;
    m[UA_LB] += ua * at->log_b;
    m[UA_UB] += ua * at->b;
    m[LB_LB] += lb * at->log_b;
    m[LB_UB] += lb * at->b;
    m[UB_UB] += ub * at->b;
}

/* A day of the timeline; to the next one A^-1 falls by e^-fall, B^-s by the factor kept. */
struct day {
    struct instant at;
    double fall;
    double kept;
    size_t first; /* node, of the integral to the next day */
};

/* What one x makes of a day. */
struct place {
    double table[FIRST_MOMENTS]; /* H */
    double came;                 /* weight of rows with this t_x: n / P */
    double left;                 /* of rows with this T: n e / P */
    double kept;                 /* w(d+1) / w(d) */
};

struct team {
    struct place *place; /* by day */
    double *f;           /* by node: h's integrand with its quadrature weight */
};

/* An evaluation under way. */
struct evaluation {
    const struct fit_table *table;
    double r, alpha, s, beta;
    struct day *day;
    struct instant *node;
    double *fall;   /* by node, of A^-1 since the day began */
    double *weight; /* by node, what of the integrand does not depend on x */
    size_t nodes;
    struct team team[TEAMS];
};

static size_t nodes_most(size_t days)
{
    return (days + PANELS_MORE) * NODES;
}

size_t fit_pnbd_bytes(size_t days)
{
    size_t nodes = nodes_most(days);
    return days * sizeof(struct day) + nodes * (sizeof(struct instant) + 2 * sizeof(double)) +
           TEAMS * (days * sizeof(struct place) + nodes * sizeof(double));
}

static void evaluation_carve(struct evaluation *self, void *memory)
{
    size_t days = self->table->days, nodes = nodes_most(days);
    self->day = memory;
    self->node = (struct instant *)(self->day + days);
    self->fall = (double *)(self->node + nodes);
    self->weight = self->fall + nodes;
    double *next = self->weight + nodes;
    for (int i = 0; i < TEAMS; i++) {
        self->team[i].f = next;
        self->team[i].place = (struct place *)(next + nodes);
        next = (double *)(self->team[i].place + days);
    }
}

static struct instant instant_at(const struct evaluation *self, double weeks)
{
    return (struct instant){special_log1p(weeks / self->alpha), special_log1p(weeks / self->beta),
                            weeks / (self->alpha + weeks), weeks / (self->beta + weeks)};
}

/* Weeks from day's on. */
static void add_panel(struct evaluation *self, const struct day *day, double from, double to)
{
    double younger = self->alpha < self->beta ? self->alpha : self->beta;
    double start = from + younger, width = special_log1p((to - from) / start);
    for (int i = 0; i < NODES; i++) {
        const struct special_node *rule = &special_legendre_short_table[i];
        double grown = special_expm1(width * rule->at), weeks = from + start * grown;
        struct instant at = instant_at(self, weeks);
        double share = start * (1.0 + grown) / (self->beta + weeks); /* of dz in B'dy / B */
        self->node[self->nodes] = at;
        self->fall[self->nodes] = at.log_a - day->at.log_a;
        self->weight[self->nodes++] = self->s * width * rule->weight * share *
                                      special_exp(-self->s * (at.log_b - day->at.log_b));
    }
}

/* Where a panel of the first day ends that begins there. Long after beta, and before anybody could have
 * bought, there is only B^-s, until few are left. */
static double panel_end(const struct evaluation *self, double from)
{
    double day = 1.0 / DAYS_PER_WEEK, alpha = self->alpha, beta = self->beta;
    double start = from + (alpha < beta ? alpha : beta);
    double yet = NOTHING_YET * (alpha < day ? alpha : day);
    double fall = self->r * start / (alpha + from) + self->s * start / (beta + from);
    double width = fall * PANEL_WIDTH > PANEL_FALL ? PANEL_FALL / fall : PANEL_WIDTH;
    if (from < yet && from > LONG_AGO * beta) {
        double fallen = self->s * special_log1p(from / beta);
        double end = special_exp(PANEL_FALL / self->s) * (beta + from) - beta;
        return fallen < FALLEN && end < yet ? end : yet;
    }
    return from + start * special_expm1(width);
}

static void plan_first_day(struct evaluation *self)
{
    double from = 0.0, day = 1.0 / DAYS_PER_WEEK;
    for (size_t more = 0; from < day; more++) {
        double to = panel_end(self, from);
        to = to < day && more < PANELS_MORE ? to : day;
        add_panel(self, &self->day[0], from, to);
        from = to;
    }
}

/* Days and nodes, but for what depends on x. */
static void evaluation_plan(struct evaluation *self)
{
    size_t days = self->table->days;
    self->nodes = 0;
    for (size_t d = 0; d < days; d++)
        self->day[d].at = instant_at(self, (double)d / DAYS_PER_WEEK);
    for (size_t d = 0; d < days; d++) {
        struct day *day = &self->day[d], *next = d + 1 < days ? day + 1 : day;
        day->fall = next->at.log_a - day->at.log_a;
        day->kept = special_exp(-self->s * (next->at.log_b - day->at.log_b));
        day->first = self->nodes;
        if (next != day && d == 0)
            plan_first_day(self);
        else if (next != day)
            add_panel(self, day, (double)d / DAYS_PER_WEEK, (double)(d + 1) / DAYS_PER_WEEK);
    }
}

/* The rows of one x in a block. */
struct run {
    const struct fit_row *row;
    size_t n;
    double rho;
    int32_t first_day; /* of a t_x */
    int32_t last_day;  /* of a T */
};

static struct run run_of(const struct evaluation *self, const struct fit_row *row, size_t most)
{
    struct run out = {row, 0, self->r + row->x, row->span_days, row->age_days};
    for (; out.n < most && row[out.n].x == row->x; out.n++) {
        int32_t first = row[out.n].span_days, last = row[out.n].age_days;
        out.first_day = first < out.first_day ? first : out.first_day;
        out.last_day = last > out.last_day ? last : out.last_day;
    }
    return out;
}

/* to[i] = of[i] e^-(rho fall[i]) */
static void decay(const double *fall, const double *of, size_t n, double rho, double *to)
{
    for (size_t i = 0; i < n; i += CHUNK) {
        double by[CHUNK], left[CHUNK];
        size_t some = n - i < CHUNK ? n - i : CHUNK;
        for (size_t k = 0; k < some; k++)
            by[k] = rho * fall[i + k];
        logistic_decay(by, some, left);
        for (size_t k = 0; k < some; k++)
            to[i + k] = of[i + k] * left[k];
    }
}

/* H of every day of the run. */
static void tabulate(const struct evaluation *self, const struct run *run, const struct team *team)
{
    size_t from = self->day[run->first_day].first, end = self->day[run->last_day].first;
    decay(self->fall + from, self->weight + from, end - from, run->rho, team->f + from);
    struct place *place = &team->place[run->last_day];
    memset(place, 0, sizeof *place);
    for (int32_t d = run->last_day - 1; d >= run->first_day; d--) {
        double h[FIRST_MOMENTS] = {0.0};
        const struct day *day = &self->day[d];
        place = &team->place[d];
        decay(&day->fall, &day->kept, 1, run->rho, &place->kept);
        for (size_t i = day->first; i < day[1].first; i++) {
            h[ONE] += team->f[i];
            h[LA] += team->f[i] * self->node[i].log_a;
            h[LB] += team->f[i] * self->node[i].log_b;
            h[UA] += team->f[i] * self->node[i].a;
            h[UB] += team->f[i] * self->node[i].b;
        }
        for (int k = 0; k < FIRST_MOMENTS; k++)
            place->table[k] = h[k] + place->kept * place[1].table[k];
        place->came = place->left = 0.0;
    }
}

/* What a row is besides linear sums: ln L, and the gradient's products. */
static void add_row(const struct evaluation *self, const struct run *run, const struct team *team,
                    const struct fit_row *row, double e, double *sum)
{
    struct place *last = &team->place[row->span_days], *now = &team->place[row->age_days];
    const struct instant *then = &self->day[row->span_days].at;
    const struct instant *end = &self->day[row->age_days].at;
    double n = row->n, gone = last->table[ONE] - e * now->table[ONE];
    double p = e + gone, inverse = 1.0 / p, there = e * inverse, h[FIRST_MOMENTS];
    for (int k = 0; k < FIRST_MOMENTS; k++)
        h[k] = (last->table[k] - e * now->table[k]) * inverse;
    last->came += n * inverse;
    now->left += n * there;
    sum[0] += n * (special_log(p) - (run->rho * then->log_a + self->s * then->log_b));
    double g[CHURN_PARAMETERS] = {-self->r * (there * end->log_a + h[LA]),
                                  run->rho * (there * end->a + h[UA]),
                                  h[ONE] - self->s * (there * end->log_b + h[LB]),
                                  self->s * there * end->b + (self->s + 1.0) * h[UB] - h[ONE]};
    for (int i = 0; i < CHURN_PARAMETERS; i++)
        for (int j = i; j < CHURN_PARAMETERS; j++)
            sum[fit_table_second[i][j]] -= n * g[i] * g[j];
}

static void add_rows(const struct evaluation *self, const struct run *run, const struct team *team,
                     double *sum)
{
    for (size_t i = 0; i < run->n; i += CHUNK) {
        double fall[CHUNK], e[CHUNK];
        size_t some = run->n - i < CHUNK ? run->n - i : CHUNK;
        for (size_t k = 0; k < some; k++) {
            const struct fit_row *row = &run->row[i + k];
            const struct instant *now = &self->day[row->age_days].at;
            const struct instant *last = &self->day[row->span_days].at;
            fall[k] = run->rho * (now->log_a - last->log_a) + self->s * (now->log_b - last->log_b);
        }
        logistic_decay(fall, some, e);
        for (size_t k = 0; k < some; k++)
            add_row(self, run, team, &run->row[i + k], e[k], sum);
    }
}

/* Over the run's rows: of the integral, and of w(T). */
struct moments {
    double gone[MOMENTS];
    double there[MOMENTS];
};

static void spread(const struct evaluation *self, const struct run *run, const struct team *team,
                   struct moments *out)
{
    double weight = 0.0;
    for (int32_t d = run->first_day; d < run->last_day; d++) {
        const struct place *place = &team->place[d];
        weight += place->came - place->left;
        for (size_t i = self->day[d].first; i < self->day[d + 1].first; i++)
            moments_add(out->gone, weight * team->f[i], &self->node[i]);
        weight *= place->kept;
    }
    for (int32_t d = run->first_day; d <= run->last_day; d++)
        if (team->place[d].left > 0.0)
            moments_add(out->there, team->place[d].left, &self->day[d].at);
}

/* The linear sums' part of both derivatives of ln(w(T) + s/beta * integral of w / B). Of the logarithm
 * under the integral the gradient is (-r ln A, rho a, 1 - s ln B, (s+1) b - 1), and without the 1s and
 * with s for s + 1 that of w(T). */
static void add_moments(const struct evaluation *self, double rho, const struct moments *moments,
                        double *sum)
{
    const double *g = moments->gone, *t = moments->there, r = self->r, s = self->s;
    double of_r = -r * (t[LA] + g[LA]), of_alpha = rho * (t[UA] + g[UA]), more = s + 1.0;
    double la_ub = s * t[LA_UB] + more * g[LA_UB] - g[LA];
    double ua_ub = s * t[UA_UB] + more * g[UA_UB] - g[UA];
    sum[1 + R] += of_r;
    sum[1 + ALPHA] += of_alpha;
    sum[1 + S] += g[ONE] - s * (t[LB] + g[LB]);
    sum[1 + BETA] += s * t[UB] + more * g[UB] - g[ONE];
    sum[fit_table_second[R][R]] += r * r * (t[LA_LA] + g[LA_LA]) + of_r;
    sum[fit_table_second[R][ALPHA]] += r * (t[UA] + g[UA]) - r * rho * (t[LA_UA] + g[LA_UA]);
    sum[fit_table_second[R][S]] += r * (s * (t[LA_LB] + g[LA_LB]) - g[LA]);
    sum[fit_table_second[R][BETA]] -= r * la_ub;
    sum[fit_table_second[ALPHA][ALPHA]] += rho * (rho + 1.0) * (t[UA_UA] + g[UA_UA]) - of_alpha;
    sum[fit_table_second[ALPHA][S]] += rho * (g[UA] - s * (t[UA_LB] + g[UA_LB]));
    sum[fit_table_second[ALPHA][BETA]] += rho * ua_ub;
    sum[fit_table_second[S][S]] += s * s * (t[LB_LB] + g[LB_LB]) - 3.0 * s * g[LB] + g[ONE];
    sum[fit_table_second[S][S]] -= s * t[LB];
    sum[fit_table_second[S][BETA]] += s * (t[UB] + g[UB]) - s * (s * t[LB_UB] + more * g[LB_UB]);
    sum[fit_table_second[S][BETA]] += s * g[LB] + more * g[UB] - g[ONE];
    sum[fit_table_second[BETA][BETA]] += s * more * t[UB_UB] - s * t[UB];
    sum[fit_table_second[BETA][BETA]] += more * (more + 1.0) * g[UB_UB] - 3.0 * more * g[UB];
    sum[fit_table_second[BETA][BETA]] += g[ONE];
}

static void sum_block(const struct evaluation *self, const struct team *team, size_t block)
{
    const struct fit_table *table = self->table;
    size_t first = table->first[block], n = table->first[block + 1] - first;
    double *sum = table->block_sum[block];
    memset(sum, 0, FIT_SUMS * sizeof *sum);
    for (size_t i = 0; i < n;) {
        struct run run = run_of(self, table->row + first + i, n - i);
        struct moments moments = {{0.0}, {0.0}};
        tabulate(self, &run, team);
        add_rows(self, &run, team, sum);
        spread(self, &run, team, &moments);
        add_moments(self, run.rho, &moments, sum);
        i += run.n;
    }
}

/* The last blocks, where rows have an x of their own and a table made for it, cost most: whoever does one
 * begins first. */
static void sum_blocks(void *context, size_t part)
{
    const struct evaluation *self = context;
    size_t team = (self->table->blocks + TEAMS - 1 - part) % TEAMS;
    for (size_t block = team; block < self->table->blocks; block += TEAMS)
        sum_block(self, &self->team[team], block);
}

/* Gamma(r+x) / Gamma(r) alpha^-x, over the distinct x. */
static void add_constants(const struct evaluation *self, double *sum)
{
    const struct fit_table *table = self->table;
    struct fit_rate_rise rise = {.p = self->r};
    for (size_t i = 0; i < table->runs; i++) {
        fit_rate_rise(&rise, table->run[i].x);
        sum[0] += table->run[i].customers * rise.log;
        sum[1 + R] += table->run[i].customers * rise.first;
        sum[fit_table_second[R][R]] += table->run[i].customers * rise.second;
    }
    sum[0] -= table->purchases * special_log(self->alpha);
    sum[1 + ALPHA] -= table->purchases;
}

void fit_pnbd_evaluate(void *context, const double *at, struct minimise_slope *out)
{
    struct fit_likelihood *likelihood = context;
    double *parameter = likelihood->model.parameter, own[FIT_SUMS] = {0.0}, sum[FIT_SUMS];
    for (int i = 0; i < CHURN_PARAMETERS; i++)
        parameter[i] = special_exp(at[i]);
    struct evaluation self = {.table = likelihood->table,
                              .r = parameter[R],
                              .alpha = parameter[ALPHA],
                              .s = parameter[S],
                              .beta = parameter[BETA]};
    evaluation_carve(&self, likelihood->memory);
    evaluation_plan(&self);
    add_constants(&self, own);
    fit_table_run(self.table, TEAMS, sum_blocks, &self);
    fit_table_total(self.table, sum);
    for (int i = 0; i < FIT_SUMS; i++)
        sum[i] += own[i];
    fit_table_slope(self.table, CHURN_PARAMETERS, sum, out);
}

void fit_pnbd_start(const struct fit_table *table, const double *nbd, int i, double *at)
{
    /* r, s, and beta in mean ages; alpha so that r / alpha is somewhat above the rate seen, as some
     * have left. Without an r both are NBD's, and a few leave soon, or at once. */
    static const double start[FIT_PNBD_STARTS][3] = {
        {0.6, 0.6, 0.3},   {1.5, 0.3, 0.2},   {0.3, 2.0, 3.0},    {3.0, 0.1, 1.0},
        {0.8, 0.15, 5e-5}, {0.0, 0.01, 3e-3}, {0.0, 2e-4, 1e-12}, {0.8, 1e-3, 1e-12}};
    double weeks = table->weeks > 0.0 ? table->weeks : 1.0, r = start[i][0];
    at[R] = r > 0.0 ? special_log(r) : nbd[R];
    at[ALPHA] = r > 0.0 ? special_log(r / (1.5 * table->purchases / weeks)) : nbd[ALPHA];
    at[S] = special_log(start[i][1]);
    at[BETA] = special_log(start[i][2] * weeks / table->customers);
}
