/* SPDX-License-Identifier: Apache-2.0 */
/* Marquardt's damping: solve (H + lambda |diag H|) step = -gradient, with lambda 0 as soon as that
 * works (H positive definite and the value falls), so the end is quadratic. Damping rather than a
 * line search, because far from the minimum H of a likelihood is indefinite, and rather than
 * derivative-free or quasi-Newton methods, because those stop early in the long valley between
 * shape and scale.
 *
 * A likelihood whose maximum lies at infinity falls like e^-x there: gradient and curvature vanish
 * together, and Newton's step stays about 1. So a small gradient alone is no minimum; the step
 * must be small as well, and where it is not, the point has run off even before it passes the
 * fence. */
#include "score/minimise.h"

#include <math.h>
#include <string.h>

#define EVALUATIONS_MOST 200
#define STEP_LARGEST     2.0   /* one evaluation may change a parameter by e^2 */
#define STEP_SMALL       1e-7  /* of what is left to do at the minimum: 7 digits of a parameter */
#define STEP_UNDECIDED   1e-3  /* still this much left to do where rounding stops: run off */
#define FALL_LEAST       1e-4  /* of the fall that the quadratic model predicts */
#define FALL_ROUNDING    1e-12 /* a smaller fall is looked for in the gradient instead */
#define DEFINITE_LEAST   1e-14 /* of a diagonal, for what elimination leaves of it */
#define DAMPING_FIRST    1e-3
#define DAMPING_FACTOR   8.0
#define DAMPING_LAST     1e9

/* Lower triangle L with L L' = matrix + damping |its diagonal|; 0 or MINIMISE_E_INDEFINITE. */
static int factorise(const struct minimise_matrix *matrix, int32_t n, double damping,
                     struct minimise_matrix *lower)
{
    for (int32_t i = 0; i < n; i++) {
        double size = fabs(matrix->row[i][i]);
        for (int32_t j = 0; j <= i; j++) {
            double rest = matrix->row[i][j] + (i == j ? damping * size : 0.0);
            for (int32_t k = 0; k < j; k++)
                rest -= lower->row[i][k] * lower->row[j][k];
            if (i == j && !(rest > DEFINITE_LEAST * size))
                return MINIMISE_E_INDEFINITE;
            lower->row[i][j] = i == j ? sqrt(rest) : rest / lower->row[j][j];
        }
    }
    return 0;
}

/* x of L L' x = right. */
static void solve(const struct minimise_matrix *lower, int32_t n, const double *right, double *x)
{
    for (int32_t i = 0; i < n; i++) {
        x[i] = right[i];
        for (int32_t k = 0; k < i; k++)
            x[i] -= lower->row[i][k] * x[k];
        x[i] /= lower->row[i][i];
    }
    for (int32_t i = n; i-- > 0;) {
        for (int32_t k = i + 1; k < n; k++)
            x[i] -= lower->row[k][i] * x[k];
        x[i] /= lower->row[i][i];
    }
}

int minimise_invert(const struct minimise_matrix *matrix, int32_t n,
                    struct minimise_matrix *inverse)
{
    struct minimise_matrix lower = {{{0.0}}};
    if (factorise(matrix, n, 0.0, &lower))
        return MINIMISE_E_INDEFINITE;
    for (int32_t i = 0; i < n; i++) {
        double unit[MINIMISE_MOST] = {0.0};
        unit[i] = 1.0;
        solve(&lower, n, unit, inverse->row[i]);
    }
    return 0;
}

static double norm_of(const double *v, int32_t n)
{
    double sum = 0.0;
    for (int32_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

static double largest_of(const double *v, int32_t n)
{
    double largest = 0.0;
    for (int32_t i = 0; i < n; i++)
        largest = fabs(v[i]) > largest ? fabs(v[i]) : largest;
    return largest;
}

struct search {
    const struct minimise_problem *problem;
    struct minimise_end *end;
    double damping;
    double step[MINIMISE_MOST];
    double fall; /* that the quadratic model predicts for the step */
};

static void damp_more(struct search *self)
{
    double more = self->damping * DAMPING_FACTOR;
    self->damping = more > DAMPING_FIRST ? more : DAMPING_FIRST;
}

static void damp_less(struct search *self)
{
    self->damping /= DAMPING_FACTOR * DAMPING_FACTOR;
    if (self->damping < DAMPING_FIRST)
        self->damping = 0.0;
}

/* Sets step and fall, damping as much as it takes; 0, or MINIMISE_E_INDEFINITE where no damping
 * helps. */
static int find_step(struct search *self)
{
    const struct minimise_slope *slope = &self->end->slope;
    int32_t n = self->problem->n;
    struct minimise_matrix lower;
    double down[MINIMISE_MOST] = {0.0};
    while (factorise(&slope->hessian, n, self->damping, &lower)) {
        damp_more(self);
        if (!(self->damping < DAMPING_LAST))
            return MINIMISE_E_INDEFINITE;
    }
    for (int32_t i = 0; i < n; i++)
        down[i] = -slope->gradient[i];
    solve(&lower, n, down, self->step);
    double largest = largest_of(self->step, n);
    double share = largest > STEP_LARGEST ? STEP_LARGEST / largest : 1.0;
    self->fall = 0.0;
    for (int32_t i = 0; i < n; i++)
        self->step[i] *= share;
    for (int32_t i = 0; i < n; i++) {
        double curved = 0.0;
        for (int32_t j = 0; j < n; j++)
            curved += slope->hessian.row[i][j] * self->step[j];
        self->fall -= self->step[i] * (slope->gradient[i] + 0.5 * curved);
    }
    return 0;
}

static void evaluate(struct search *self, const double *at, struct minimise_slope *out)
{
    self->problem->evaluate(self->problem->context, at, out);
    self->end->evaluations++;
}

/* Falls that rounding may hide: sums of terms near 1, or as large as the value. */
static double rounding_of(const struct search *self)
{
    double size = fabs(self->end->slope.value);
    return FALL_ROUNDING * (size > 1.0 ? size : 1.0);
}

/* Takes the step if the function falls by it, or, where rounding hides that, if the gradient does.
 * 1 when taken. */
static int try_step(struct search *self)
{
    struct minimise_end *end = self->end;
    int32_t n = self->problem->n;
    double at[MINIMISE_MOST] = {0};
    struct minimise_slope slope;
    for (int32_t i = 0; i < n; i++)
        at[i] = end->at[i] + self->step[i];
    evaluate(self, at, &slope);
    double norm = norm_of(slope.gradient, n);
    int falls = slope.value <= end->slope.value - FALL_LEAST * self->fall;
    int hidden = self->fall <= rounding_of(self) && norm < end->gradient_norm;
    if (!(falls || hidden) || !(norm < HUGE_VAL))
        return 0;
    memcpy(end->at, at, sizeof at);
    end->slope = slope;
    end->gradient_norm = norm;
    return 1;
}

static int step_is(const struct search *self, double small)
{
    return self->damping == 0.0 && largest_of(self->step, self->problem->n) <= small;
}

/* What it means that nothing improves any more. */
static enum minimise_stop stopped(const struct search *self)
{
    if (self->end->gradient_norm > self->problem->gradient_small)
        return MINIMISE_FLAT;
    return step_is(self, STEP_UNDECIDED) ? MINIMISE_CONVERGED : MINIMISE_RAN_OFF;
}

static int is_definite(const struct search *self)
{
    struct minimise_matrix lower;
    return factorise(&self->end->slope.hessian, self->problem->n, 0.0, &lower) == 0;
}

static enum minimise_stop walk(struct search *self)
{
    struct minimise_end *end = self->end;
    while (end->evaluations < EVALUATIONS_MOST) {
        int level = end->gradient_norm <= self->problem->gradient_small;
        if (largest_of(end->at, self->problem->n) > self->problem->farthest)
            return MINIMISE_RAN_OFF;
        if (level && !is_definite(self))
            return MINIMISE_RAN_OFF;
        if (find_step(self))
            return stopped(self);
        if (level && step_is(self, STEP_SMALL))
            return MINIMISE_CONVERGED;
        if (try_step(self))
            damp_less(self);
        else if (self->fall <= rounding_of(self))
            return stopped(self);
        else
            damp_more(self);
    }
    return stopped(self);
}

void minimise_from(const struct minimise_problem *problem, const double *start,
                   struct minimise_end *end)
{
    struct search search = {.problem = problem, .end = end};
    *end = (struct minimise_end){.evaluations = 0};
    memcpy(end->at, start, (size_t)problem->n * sizeof *start);
    evaluate(&search, start, &end->slope);
    end->gradient_norm = norm_of(end->slope.gradient, problem->n);
    end->stop = walk(&search);
}
