/* SPDX-License-Identifier: Apache-2.0 */
/* The integral over p by the trapezoidal rule in v, where the log-odds of p are
 *   u = v + e^(v - right) - e^(left - v).
 * In log-odds everything the integrand is made of turns within one unit, whatever its scale: (1 +
 * p tau)^-rho at p = 1 / (tau max(1, rho)), Beta(a, b) at a / (a + b). Between these places u is
 * v, and outside them the tails e^(a u) and e^(-b u), endless for a small a or b, become doubly
 * exponential (Takahasi & Mori 1974), so the rule converges geometrically in 1 / step. A peak
 * narrower than that (a and b both large) sets the step. The same nodes integrate Beta(a, b)
 * itself, and the quotient needs no ln B, whose rounding would count for large a and b.
 * Gauss-Jacobi rules were refused: their nodes need an eigenproblem for each number of purchases,
 * and they see scales far below 1 / n^2 no better. */
#include "score/survivor.h"

#include <math.h>

#include "score/special.h"

#define STEP_LARGEST    0.25
#define STEP_OF_PEAK    0.5  /* of the peak's standard deviation in log-odds */
#define STRETCHED_BELOW 10.0 /* a or b from which a tail is short enough as it is */
#define MARGIN          2.0  /* from the outermost turning place to where stretching sets in */
#define NEGLIGIBLE      0x1p-58
#define NODES_LARGEST   4000   /* a side; some 60 are usual */
#define FLAT_BELOW      1e-280 /* p tau below which purchases go as rho tau */

struct quadrature {
    struct survivor who;
    double mean;   /* a / (a + b) */
    double rest;   /* b / (a + b) */
    double centre; /* ln(a / b), the peak of Beta in log-odds */
    double left;   /* where stretching sets in */
    double right;
    double stretch_left; /* 1 or 0 */
    double stretch_right;
    double step;
};

struct node {
    double weight; /* of Beta(a, b) in v, against its peak */
    double p;
};

static struct quadrature quadrature_for(const struct survivor *who, double last_tau)
{
    struct quadrature q = {.who = *who};
    double sum = who->a + who->b;
    q.mean = who->a / sum;
    q.rest = who->b / sum;
    q.centre = special_log(who->a) - special_log(who->b);
    double turn = -special_log1p(last_tau * (who->rho > 1.0 ? who->rho : 1.0));
    q.left = (turn < q.centre ? turn : q.centre) - MARGIN;
    q.right = (q.centre > 0.0 ? q.centre : 0.0) + MARGIN;
    q.stretch_left = who->a < STRETCHED_BELOW;
    q.stretch_right = who->b < STRETCHED_BELOW;
    double peak = STEP_OF_PEAK * sqrt(1.0 / who->a + 1.0 / who->b);
    q.step = peak < STEP_LARGEST ? peak : STEP_LARGEST;
    return q;
}

/* ln(1 - share + share e^change), for the share of the peak that grows by e^change. */
static double log_growth(double share, double other, double change)
{
    double more = share * special_expm1(change);
    return more > -0.5 ? special_log1p(more) : special_log(other + share * special_exp(change));
}

/* The weight goes by whichever of p and 1 - p is nearer to one: the logarithm of that one's growth
 * is small where a + b is large, so nothing cancels. */
static struct node node_at(const struct quadrature *q, double v)
{
    double out = q->stretch_right * special_exp(v - q->right);
    double in = q->stretch_left * special_exp(q->left - v);
    double change = v + out - in - q->centre; /* of the log-odds, from the peak */
    double e = special_exp(-fabs(change));
    double share = change < 0.0 ? q->mean * e : q->mean;
    double other = change < 0.0 ? q->rest : q->rest * e;
    double sum = q->who.a + q->who.b, log_weight;
    if (share < other)
        log_weight = q->who.a * change - sum * log_growth(q->mean, q->rest, change);
    else
        log_weight = -q->who.b * change - sum * log_growth(q->rest, q->mean, -change);
    return (struct node){special_exp(log_weight) * (1.0 + out + in), share / (share + other)};
}

/* Expected purchases of someone whose p is known. */
static double purchases_at(double rho, double p, double tau)
{
    double y = p * tau;
    if (y < FLAT_BELOW)
        return rho * tau;
    return -special_expm1(-rho * special_log1p(y)) / p;
}

struct totals {
    double weight;
    double purchases[SURVIVOR_LANES];
};

/* Adds a node; 0 when it no longer counts. Purchases lean to small p, the more so the longer the
 * horizon, so the weight alone and the last lane are the extremes. */
static int totals_add(struct totals *self, const struct quadrature *q, double v, const double *tau,
                      size_t n)
{
    struct node node = node_at(q, v);
    double part = 0.0;
    self->weight += node.weight;
    for (size_t i = 0; i < n; i++) {
        part = node.weight * purchases_at(q->who.rho, node.p, tau[i]);
        self->purchases[i] += part;
    }
    return node.weight > NEGLIGIBLE * self->weight || part > NEGLIGIBLE * self->purchases[n - 1];
}

void survivor_by_quadrature(const struct survivor *self, const double *tau, size_t n,
                            double *expected)
{
    struct quadrature q = quadrature_for(self, tau[n - 1]);
    struct totals totals = {0};
    int more = totals_add(&totals, &q, q.centre, tau, n);
    for (int i = 1; more && i < NODES_LARGEST; i++)
        more = totals_add(&totals, &q, q.centre - i * q.step, tau, n);
    more = 1;
    for (int i = 1; more && i < NODES_LARGEST; i++)
        more = totals_add(&totals, &q, q.centre + i * q.step, tau, n);
    for (size_t i = 0; i < n; i++)
        expected[i] = totals.purchases[i] / totals.weight;
}
