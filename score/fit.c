/* SPDX-License-Identifier: Apache-2.0 */
/* A fit is a walk of Newton's method in log-parameters, cold ones from several places on a thinned
 * table, where walks are short and several threads may walk, and then from the best of their ends on the whole: six
 * evaluations or so. Where the thinned table runs off, the whole one starts from where that walk
 * began, so that it has to run off by itself. Some of the places lie beside NBD, the limit of all others,
 * which is what they are to be no worse than. */
#include "score/fit.h"

#include <math.h>
#include <string.h>

#include "score/fit_dropout.h"
#include "score/fit_nbd.h"
#include "score/fit_pnbd.h"
#include "score/fit_table.h"
#include "score/minimise.h"
#include "score/special.h"

#define GRADIENT_SMALL 1e-8              /* a customer, as FIT_CONVERGED has it */
#define FARTHEST       20.72326583694641 /* parameters from 1e-9 to 1e9: beyond them only limits lie */
#define LANES          4                 /* walks at a time */
#define HIGHER         10.0              /* of ln L on the thin table: an end that is none */
#define ALIKE          1e-3 /* of logarithms of parameters: two walks have ended in the same place */
#define LAST_BETA      -667.74967696827333 /* 1e-290 */

const char *fit_stop_name(enum fit_stop stop)
{
    static const char *const names[] = {"converged", "boundary", "too_few", "flat", "skipped"};
    return (int)stop >= 0 && stop <= FIT_SKIPPED ? names[stop] : NULL;
}

static size_t thin_bytes(size_t n)
{
    return (n < FIT_THIN ? n : FIT_THIN) * sizeof(struct fit_row);
}

size_t fit_churn_scratch(const struct fit_row *rows, size_t n)
{
    return thin_bytes(n) +
           LANES * (fit_table_bytes(rows, n) + fit_pnbd_bytes(fit_table_days(rows, n)));
}

/* How a kind is fitted. */
struct method {
    void (*evaluate)(void *context, const double *at, struct minimise_slope *out);
    void (*start)(const struct fit_table *table, const double *nbd, int i, double *at);
    int starts;
    int apart; /* of them, those that do not lie beside NBD: the first ones */
};

static const struct method methods[] = {
    [CHURN_BGNBD] = {fit_dropout_evaluate, fit_dropout_start, FIT_DROPOUT_STARTS,
                     FIT_DROPOUT_STARTS - 1},
    [CHURN_MBGNBD] = {fit_dropout_evaluate, fit_dropout_start, FIT_DROPOUT_STARTS,
                      FIT_DROPOUT_STARTS - 1},
    [CHURN_PNBD] = {fit_pnbd_evaluate, fit_pnbd_start, FIT_PNBD_STARTS, FIT_PNBD_STARTS - 3},
    [CHURN_NBD] = {fit_nbd_evaluate, fit_nbd_start, FIT_NBD_STARTS, FIT_NBD_STARTS},
    [CHURN_BGCNBD] = {fit_dropout_evaluate, fit_dropout_start, FIT_DROPOUT_STARTS,
                      FIT_DROPOUT_STARTS - 1},
    [CHURN_MBGCNBD] = {fit_dropout_evaluate, fit_dropout_start, FIT_DROPOUT_STARTS,
                       FIT_DROPOUT_STARTS - 1},
};

static int is_regular(enum churn_kind kind)
{
    return kind == CHURN_BGCNBD || kind == CHURN_MBGCNBD;
}

/* One likelihood over one table. */
struct task {
    const struct method *method;
    struct fit_table table;
    struct fit_likelihood likelihood;
    struct minimise_problem problem;
};

/* beta of Pareto/NBD has farther to go: customers who leave at once or never are reached like 1 / ln(beta), s
 * following it. */
static void set_bounds(enum churn_kind kind, struct minimise_problem *problem)
{
    for (int i = 0; i < problem->n; i++) {
        problem->lowest[i] = -FARTHEST;
        problem->highest[i] = FARTHEST;
    }
    if (kind == CHURN_PNBD)
        problem->lowest[CHURN_PARAMETERS - 1] = LAST_BETA;
}

static void task_make(struct task *self, const struct churn_model *model,
                      const struct fit_row *rows, size_t n, void *memory,
                      const struct fit_crew *crew)
{
    fit_table_make(&self->table, rows, n, memory, crew);
    self->method = &methods[model->kind];
    self->likelihood =
        (struct fit_likelihood){&self->table, *model, (char *)memory + fit_table_bytes(rows, n)};
    self->problem = (struct minimise_problem){.n = churn_parameters(model->kind),
                                              .evaluate = self->method->evaluate,
                                              .context = &self->likelihood,
                                              .gradient_small = GRADIENT_SMALL};
    set_bounds(model->kind, &self->problem);
}

/* ln r and ln alpha of NBD on the same table. */
static void fit_plainly(struct task *self, struct minimise_end *end)
{
    double start[MINIMISE_MOST] = {0.0};
    struct minimise_problem problem = self->problem;
    problem.n = churn_parameters(CHURN_NBD);
    problem.evaluate = fit_nbd_evaluate;
    fit_nbd_start(&self->table, NULL, 0, start);
    minimise_from(&problem, start, end);
}

/* Walks on one table: each lane goes from every LANES-th start, in memory of its own, so that the ends
 * are the same however many threads there are. */
struct walks {
    const struct churn_model *model;
    const struct fit_row *row;
    size_t rows;
    char *memory;
    size_t each; /* bytes of it for a lane */
    double nbd[MINIMISE_MOST];
    int first, end; /* starts to go from now */
    int agreed;
    struct lane {
        struct minimise_end best;
        double from[MINIMISE_MOST];
        int32_t evaluations;
    } lane[LANES];
};

static void lane_task(const struct walks *self, size_t lane, struct task *task)
{
    task_make(task, self->model, self->row, self->rows, self->memory + lane * self->each, NULL);
}

static void walk_lane(void *context, size_t i)
{
    struct walks *self = context;
    struct lane *lane = &self->lane[i];
    struct task task;
    lane_task(self, i, &task);
    task.problem.known = &lane->best;
    for (int k = self->first + (int)i; k < self->end; k += LANES) {
        double start[MINIMISE_MOST] = {0.0};
        struct minimise_end end;
        task.method->start(&task.table, self->nbd, k, start);
        start[1] -= special_log(self->model->regularity); /* events are so much faster */
        minimise_from(&task.problem, start, &end);
        lane->evaluations += end.evaluations;
        if (!(end.slope.value < lane->best.slope.value))
            continue;
        lane->best = end;
        memcpy(lane->from, start, sizeof start);
    }
}

static void walk_all(struct walks *self, const struct fit_crew *crew, int first, int end)
{
    self->first = first;
    self->end = end;
    if (crew)
        crew->run(crew->crew, LANES, walk_lane, self);
    else
        for (size_t i = 0; i < LANES; i++)
            walk_lane(self, i);
}

/* Whether all lanes have come to the same proper minimum, and below NBD. */
static int is_agreed(const struct walks *self, double nbd)
{
    const struct minimise_end *one = &self->lane[0].best;
    int agreed = one->slope.value < nbd;
    for (size_t i = 0; agreed && i < LANES; i++) {
        const struct minimise_end *other = &self->lane[i].best;
        agreed = other->stop == MINIMISE_CONVERGED;
        for (int32_t k = 0; k < churn_parameters(self->model->kind); k++)
            agreed = agreed && fabs(one->at[k] - other->at[k]) < ALIKE;
    }
    return agreed;
}

/* From the kind's own starts: the lowest end. Those beside NBD are for bases on which the others run off or
 * part. */
static void best_walk(struct walks *self, const struct fit_crew *crew, struct fit *out,
                      struct minimise_end *best)
{
    struct task task;
    struct minimise_end nbd;
    lane_task(self, 0, &task);
    fit_plainly(&task, &nbd);
    memcpy(self->nbd, nbd.at, sizeof self->nbd);
    out->evaluations += nbd.evaluations;
    for (size_t i = 0; i < LANES; i++) {
        self->lane[i].best.slope.value = HUGE_VAL;
        self->lane[i].best.stop = MINIMISE_FLAT;
    }
    walk_all(self, crew, 0, task.method->apart);
    self->agreed = is_agreed(self, nbd.slope.value);
    if (!self->agreed)
        walk_all(self, crew, task.method->apart, task.method->starts);
    *best = self->lane[0].best;
    for (size_t i = 0; i < LANES; i++) {
        out->evaluations += self->lane[i].evaluations;
        if (self->lane[i].best.slope.value < best->slope.value)
            *best = self->lane[i].best;
    }
}

static enum fit_stop stop_of(enum minimise_stop stop)
{
    static const enum fit_stop stops[] = {[MINIMISE_CONVERGED] = FIT_CONVERGED,
                                          [MINIMISE_RAN_OFF] = FIT_BOUNDARY,
                                          [MINIMISE_FLAT] = FIT_FLAT};
    return stops[stop];
}

/* The inverse of the whole log-likelihood's curvature, and by the delta method the errors of the
 * parameters; these to be had at a proper maximum only. On a boundary what ran off is taken as it is. */
static void measure_errors(const struct minimise_end *end, int32_t n, struct fit *out)
{
    struct minimise_matrix inverse;
    int r = out->stop == FIT_CONVERGED ? minimise_invert(&end->slope.hessian, n, &inverse)
            : out->stop == FIT_BOUNDARY
                ? minimise_invert_steep(&end->slope.hessian, n, FIT_CURVATURE_LEAST, &inverse)
                : MINIMISE_E_INDEFINITE;
    for (int32_t i = 0; r == 0 && i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            out->log_covariance[i][j] = inverse.row[i][j] / (double)out->customers;
        if (out->stop == FIT_CONVERGED)
            out->standard_error[i] = out->model.parameter[i] * sqrt(out->log_covariance[i][i]);
    }
}

static void conclude(const struct minimise_end *end, struct fit *out)
{
    int32_t n = churn_parameters(out->model.kind);
    out->stop = stop_of(end->stop);
    out->gradient_norm = end->gradient_norm;
    out->log_likelihood = -end->slope.value * (double)out->customers;
    for (int32_t i = 0; i < n; i++)
        out->model.parameter[i] = special_exp(end->at[i]);
    measure_errors(end, n, out);
}

/* What of a log-likelihood no parameter touches, but k does: an Erlang-k gap of g weeks has the density
 * of a sum of k gaps, g^(k-1) / Gamma(k) in it. And what compares fits. */
static void conclude_gaps(double purchases, double log_gap_sum, struct fit *out)
{
    int32_t k = out->model.regularity;
    int32_t counted = churn_parameters(out->model.kind) + is_regular(out->model.kind);
    if (k > 1)
        out->log_likelihood += (k - 1) * log_gap_sum - purchases * special_lgamma(k);
    out->bic = -2.0 * out->log_likelihood + counted * special_log((double)out->customers);
}

/* From the thin table's unit of time to days. */
static void to_days(enum churn_kind kind, int32_t unit, double *at)
{
    at[1] += special_log(unit); /* alpha of any kind */
    if (kind == CHURN_PNBD)
        at[3] += special_log(unit); /* beta */
}

/* Walks on the whole table, from the thin one's lowest end; where lanes had not agreed, from what else may be the
 * lowest, too: what is lower by little on a few rows may be the higher one of two on all. */
static void walk_whole(struct task *task, struct walks *walks, int32_t unit,
                       struct minimise_end *best, struct fit *out)
{
    double lowest = best->slope.value;
    struct minimise_end none = {.stop = MINIMISE_FLAT};
    none.slope.value = HUGE_VAL;
    *best = none;
    task->problem.known = best;
    for (int walked = 0; walked < (walks->agreed ? 1 : LANES); walked++) {
        struct lane *lane = &walks->lane[0];
        struct minimise_end end;
        for (size_t i = 1; i < LANES; i++)
            if (walks->lane[i].best.slope.value < lane->best.slope.value)
                lane = &walks->lane[i];
        if (!((lane->best.slope.value - lowest) * (double)walks->rows < HIGHER))
            return;
        double *from = lane->best.stop == MINIMISE_CONVERGED ? lane->best.at : lane->from;
        to_days(out->model.kind, unit, from);
        minimise_from(&task->problem, from, &end);
        out->evaluations += end.evaluations;
        if (end.slope.value < best->slope.value)
            *best = end;
        lane->best.slope.value = HUGE_VAL;
    }
}

/* The fit from the table's own starts. */
static void fit_cold(struct task *task, void *thin_memory, void *memory, struct fit *out)
{
    struct fit_table *table = &task->table;
    const struct fit_crew *crew = table->crew;
    struct walks walks = {.model = &out->model, .row = thin_memory, .memory = memory};
    struct minimise_end end;
    int32_t unit = fit_table_unit(table);
    size_t n = fit_table_thin(table, unit, thin_memory);
    walks.rows = n;
    walks.each = fit_table_bytes(thin_memory, n) + fit_pnbd_bytes(fit_table_days(thin_memory, n));
    best_walk(&walks, crew, out, &end);
    if (n < table->rows) {
        task_make(task, &out->model, table->row, table->rows, memory, crew);
        walk_whole(task, &walks, unit, &end, out);
    }
    conclude(&end, out);
}

static void fit_warm(struct task *task, const struct churn_model *start, struct fit *out)
{
    double at[MINIMISE_MOST];
    struct minimise_end end;
    for (int i = 0; i < task->problem.n; i++)
        at[i] = special_log(start->parameter[i]);
    minimise_from(&task->problem, at, &end);
    out->evaluations += end.evaluations;
    conclude(&end, out);
}

void fit_churn(enum churn_kind kind, int32_t regularity, const struct fit_row *rows, size_t n,
               double log_gap_sum, const struct churn_model *start, void *scratch,
               const struct fit_crew *crew, struct fit *out)
{
    struct task task;
    *out = (struct fit){.stop = FIT_SKIPPED,
                        .model = {.kind = kind, .regularity = is_regular(kind) ? regularity : 1}};
    for (int i = 0; i < CHURN_PARAMETERS; i++)
        out->standard_error[i] = -1.0;
    if (!churn_kind_supported(kind) || out->model.regularity < 1 ||
        out->model.regularity > CHURN_REGULARITY_MOST)
        return;
    out->stop = FIT_TOO_FEW;
    if (n == 0)
        return;
    char *memory = (char *)scratch + thin_bytes(n);
    task_make(&task, &out->model, rows, n, memory, crew);
    out->customers = (uint64_t)task.table.customers;
    if (task.table.repeaters < FIT_REPEATERS_LEAST)
        return;
    if (start && start->kind == kind && start->regularity == out->model.regularity)
        fit_warm(&task, start, out);
    if (out->stop != FIT_CONVERGED)
        fit_cold(&task, scratch, memory, out);
    conclude_gaps(task.table.purchases, log_gap_sum, out);
}
