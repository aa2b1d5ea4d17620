/* SPDX-License-Identifier: Apache-2.0 */
/* Marquardt's damping: solve (H + lambda |diag H|) step = -gradient, with lambda 0 as soon as that
 * works (H positive definite and the value falls), so the end is quadratic. Damping rather than a
 * line search, because far from the minimum H of a likelihood is indefinite, and rather than
 * derivative-free or quasi-Newton methods, because those stop early in the long valley between
 * shape and scale. Only where H is definite already is a step that leads up made shorter instead.
 *
 * A likelihood whose maximum lies at infinity falls like e^-x there: gradient and curvature vanish
 * together, and Newton's step stays about 1. So a small gradient alone is no minimum; the step
 * must be small as well, and where it is not, the point has run off even before it comes to a bound.
 * A number at a bound is held as long as the slope pushes it out: another one may have far to go
 * still, and what is said of a boundary is only as good as the point on it. Where the value falls
 * like 1/x the way to the bound is long, so steps may grow as long as they lead down. */
#include "score/minimise.h"

#include <math.h>
#include <string.h>

#define EVALUATIONS_MOST 200
#define STEP_LARGEST     2.0   /* one evaluation may change a parameter by e^2, at first */
#define STEP_SHRINKS     0.25  /* after one that did not */
#define STEP_GROWS       1.5   /* after one that was as large as may be, and led down */
#define STEP_SMALL       1e-7  /* of what is left to do at the minimum: 7 digits of a parameter */
#define STEP_UNDECIDED   1e-3  /* still this much left to do where rounding stops: run off */
#define FALL_LEAST       1e-4  /* of the fall that the quadratic model predicts */
#define FALL_ROUNDING    1e-12 /* a smaller fall is looked for in the gradient instead */
#define DEFINITE_LEAST   1e-14 /* of a diagonal, for what elimination leaves of it */
#define DAMPING_FIRST    1e-3
#define CURVATURE_LEAST  1e-8 /* that damping is a share of */
#define TURNS            12   /* of each pair: more than enough */
#define DAMPING_FACTOR   8.0
#define DAMPING_LAST     1e9
#define BOWL             0.2 /* around a proper minimum, where Newton's method would end in it */

/* Lower triangle L with L L' = matrix + damping |its diagonal|; 0 or MINIMISE_E_INDEFINITE. Where
 * nothing depends on a number its diagonal is 0, and the others are to go on: it counts for a little. */
static int factorise(const struct minimise_matrix *matrix, int32_t n, double damping,
                     struct minimise_matrix *lower)
{
    for (int32_t i = 0; i < n; i++) {
        double size = fabs(matrix->row[i][i]);
        for (int32_t j = 0; j <= i; j++) {
            double damped = damping * (size > CURVATURE_LEAST ? size : CURVATURE_LEAST);
            double rest = matrix->row[i][j] + (i == j ? damped : 0.0);
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

/* Turns rows and columns i and j, and the columns of axes, so that what is at (i, j) becomes 0: Jacobi. */
static void turn(struct minimise_matrix *matrix, struct minimise_matrix *axes, int32_t n, int32_t i,
                 int32_t j)
{
    double off = matrix->row[i][j];
    double half = (matrix->row[j][j] - matrix->row[i][i]) / (2.0 * off);
    double tangent = (half < 0.0 ? -1.0 : 1.0) / (fabs(half) + sqrt(half * half + 1.0));
    double c = 1.0 / sqrt(tangent * tangent + 1.0), s = tangent * c;
    for (int32_t k = 0; k < n; k++) {
        double a = matrix->row[k][i], b = matrix->row[k][j];
        matrix->row[k][i] = c * a - s * b;
        matrix->row[k][j] = s * a + c * b;
        a = axes->row[k][i];
        b = axes->row[k][j];
        axes->row[k][i] = c * a - s * b;
        axes->row[k][j] = s * a + c * b;
    }
    for (int32_t k = 0; k < n; k++) {
        double a = matrix->row[i][k], b = matrix->row[j][k];
        matrix->row[i][k] = c * a - s * b;
        matrix->row[j][k] = s * a + c * b;
    }
}

/* Curvatures along axes, which are columns. */
static void axes_of(const struct minimise_matrix *matrix, int32_t n, struct minimise_matrix *axes,
                    double *curvature)
{
    struct minimise_matrix rest = *matrix;
    *axes = (struct minimise_matrix){{{0.0}}};
    for (int32_t i = 0; i < n; i++)
        axes->row[i][i] = 1.0;
    for (int sweep = 0; sweep < TURNS; sweep++)
        for (int32_t i = 0; i < n; i++)
            for (int32_t j = i + 1; j < n; j++)
                if (fabs(rest.row[i][j]) > 0.0)
                    turn(&rest, axes, n, i, j);
    for (int32_t i = 0; i < n; i++)
        curvature[i] = rest.row[i][i];
}

int minimise_invert_steep(const struct minimise_matrix *matrix, int32_t n, double least,
                          struct minimise_matrix *inverse)
{
    struct minimise_matrix axes;
    double curvature[MINIMISE_MOST];
    int known = 0;
    *inverse = (struct minimise_matrix){{{0.0}}};
    axes_of(matrix, n, &axes, curvature);
    for (int32_t k = 0; k < n; k++) {
        if (!(curvature[k] > -least))
            return MINIMISE_E_INDEFINITE;
        if (!(curvature[k] >= least))
            continue;
        known = 1;
        for (int32_t i = 0; i < n; i++)
            for (int32_t j = 0; j < n; j++)
                inverse->row[i][j] += axes.row[i][k] * axes.row[j][k] / curvature[k];
    }
    return known ? 0 : MINIMISE_E_INDEFINITE;
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
    double reach; /* the largest step */
    double wish;  /* of the step, before that */
    int is_long;  /* it was longer */
    int is_held[MINIMISE_MOST];
    struct minimise_matrix hessian; /* without those held */
    double down[MINIMISE_MOST];     /* minus the gradient, likewise */
    double norm;                    /* of that */
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

/* -1 or 1 for a number at its lowest or highest, else 0. */
static int side_of(const struct search *self, int32_t i)
{
    if (self->end->at[i] <= self->problem->lowest[i])
        return -1;
    return self->end->at[i] >= self->problem->highest[i];
}

/* Takes a number out of the equations: its step is 0. */
static void hold(struct search *self, int32_t i)
{
    for (int32_t j = 0; j < self->problem->n; j++)
        self->hessian.row[i][j] = self->hessian.row[j][i] = i == j;
    self->down[i] = 0.0;
    self->is_held[i] = 1;
}

/* Sets up the equations, without the numbers that the slope pushes out. */
static void look(struct search *self)
{
    int32_t n = self->problem->n;
    self->hessian = self->end->slope.hessian;
    for (int32_t i = 0; i < n; i++)
        self->down[i] = -self->end->slope.gradient[i];
    for (int32_t i = 0; i < n; i++) {
        self->is_held[i] = 0;
        if (side_of(self, i) * self->down[i] > 0.0)
            hold(self, i);
    }
    self->norm = norm_of(self->down, n);
}

static int is_holding(const struct search *self)
{
    for (int32_t i = 0; i < self->problem->n; i++)
        if (self->is_held[i])
            return 1;
    return 0;
}

/* Newton's step, damped as much as it takes and at most as far as reach; 0, or MINIMISE_E_INDEFINITE
 * where no damping helps. */
static int solve_step(struct search *self)
{
    int32_t n = self->problem->n;
    struct minimise_matrix lower;
    while (factorise(&self->hessian, n, self->damping, &lower)) {
        damp_more(self);
        if (!(self->damping < DAMPING_LAST))
            return MINIMISE_E_INDEFINITE;
    }
    solve(&lower, n, self->down, self->step);
    self->wish = largest_of(self->step, n);
    self->is_long = self->wish > self->reach;
    for (int32_t i = 0; self->is_long && i < n; i++)
        self->step[i] *= self->reach / self->wish;
    return 0;
}

/* Holds what is at a bound and would step over it, for the others' sake; whether there was one. */
static int hold_those_stepping_out(struct search *self)
{
    int some = 0;
    for (int32_t i = 0; i < self->problem->n; i++)
        if (side_of(self, i) * self->step[i] > 0.0) {
            hold(self, i);
            some = 1;
        }
    return some;
}

/* Ends the step where the first number comes to its bound. */
static void stop_at_bounds(struct search *self)
{
    const struct minimise_problem *problem = self->problem;
    double share = 1.0;
    for (int32_t i = 0; i < problem->n; i++) {
        double at = self->end->at[i], step = self->step[i];
        double room = (step < 0.0 ? problem->lowest[i] : problem->highest[i]) - at;
        if (fabs(room) < share * fabs(step))
            share = room / step;
    }
    for (int32_t i = 0; share < 1.0 && i < problem->n; i++)
        self->step[i] *= share;
}

/* Sets step and fall; 0, or MINIMISE_E_INDEFINITE where there is no step. */
static int find_step(struct search *self)
{
    int32_t n = self->problem->n;
    do {
        if (solve_step(self))
            return MINIMISE_E_INDEFINITE;
    } while (hold_those_stepping_out(self));
    stop_at_bounds(self);
    self->fall = 0.0;
    for (int32_t i = 0; i < n; i++) {
        double curved = 0.0;
        for (int32_t j = 0; j < n; j++)
            curved += self->hessian.row[i][j] * self->step[j];
        self->fall += self->step[i] * (self->down[i] - 0.5 * curved);
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

/* Within the bounds, whatever rounding says. */
static double between(const struct minimise_problem *problem, int32_t i, double at)
{
    double lowest = problem->lowest[i], highest = problem->highest[i];
    return at < lowest ? lowest : at > highest ? highest : at;
}

static double norm_of_free(const struct search *self, const double *gradient)
{
    double free_ones[MINIMISE_MOST] = {0.0};
    for (int32_t i = 0; i < self->problem->n; i++)
        free_ones[i] = self->is_held[i] ? 0.0 : gradient[i];
    return norm_of(free_ones, self->problem->n);
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
        at[i] = between(self->problem, i, end->at[i] + self->step[i]);
    evaluate(self, at, &slope);
    double norm = norm_of_free(self, slope.gradient);
    int falls = slope.value <= end->slope.value - FALL_LEAST * self->fall;
    int hidden = self->fall <= rounding_of(self) && norm < self->norm;
    if (!(falls || hidden) || !(norm < HUGE_VAL))
        return 0;
    memcpy(end->at, at, sizeof at);
    end->slope = slope;
    return 1;
}

/* Where the curvature is that of a bowl a step that is too long is cut, as a bent valley is lost by
 * damping; else it is damped. */
static void go_on(struct search *self, int was_taken)
{
    if (was_taken) {
        damp_less(self);
        self->reach *= self->is_long ? STEP_GROWS : 1.0;
    } else if (self->damping == 0.0) {
        self->reach = largest_of(self->step, self->problem->n) * STEP_SHRINKS;
    } else {
        damp_more(self);
    }
}

static int step_is(const struct search *self, double small)
{
    return self->damping == 0.0 && self->wish <= small;
}

/* What it means that nothing improves any more. */
static enum minimise_stop stopped(const struct search *self)
{
    if (is_holding(self))
        return MINIMISE_RAN_OFF;
    if (self->norm > self->problem->gradient_small)
        return MINIMISE_FLAT;
    return step_is(self, STEP_UNDECIDED) ? MINIMISE_CONVERGED : MINIMISE_RAN_OFF;
}

static int is_definite(const struct search *self)
{
    struct minimise_matrix lower;
    return factorise(&self->hessian, self->problem->n, 0.0, &lower) == 0;
}

/* Whether the walk has come to where another one has ended before. */
static int is_joined(const struct search *self)
{
    const struct minimise_end *known = self->problem->known;
    if (!known || known->stop != MINIMISE_CONVERGED || self->damping != 0.0 ||
        self->end->slope.value < known->slope.value)
        return 0;
    for (int32_t i = 0; i < self->problem->n; i++)
        if (!(fabs(self->end->at[i] - known->at[i]) < BOWL))
            return 0;
    return 1;
}

static enum minimise_stop walk(struct search *self)
{
    while (self->end->evaluations < EVALUATIONS_MOST) {
        if (is_joined(self))
            return MINIMISE_JOINED;
        look(self);
        int level = self->norm <= self->problem->gradient_small;
        if (level && !is_definite(self))
            return MINIMISE_RAN_OFF;
        if (find_step(self))
            return stopped(self);
        if (level && step_is(self, STEP_SMALL))
            return is_holding(self) ? MINIMISE_RAN_OFF : MINIMISE_CONVERGED;
        int taken = try_step(self);
        if (!taken && self->fall <= rounding_of(self))
            return stopped(self);
        go_on(self, taken);
    }
    return stopped(self);
}

void minimise_from(const struct minimise_problem *problem, const double *start,
                   struct minimise_end *end)
{
    struct search search = {.problem = problem, .end = end, .reach = STEP_LARGEST};
    struct minimise_end first = {.evaluations = 0};
    for (int32_t i = 0; i < problem->n; i++)
        first.at[i] = between(problem, i, start[i]);
    *end = first;
    evaluate(&search, end->at, &end->slope);
    end->stop = walk(&search);
    end->gradient_norm = norm_of(end->slope.gradient, problem->n);
}
