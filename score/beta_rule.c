/* SPDX-License-Identifier: Apache-2.0 */
/* The log-odds of p are
 *   u = v + e^(v - right) - e^(left - v).
 * In log-odds everything that integrands here are made of turns within one unit, whatever its scale:
 * (1 + p tau)^-rho at p = 1 / (tau max(1, rho)), Beta(a, b) at a / (a + b). Between these places u is
 * v, and outside them the tails e^(a u) and e^(-b u), endless for a small a or b, become doubly
 * exponential (Takahasi & Mori 1974), so the rule converges geometrically in 1 / step. A peak
 * narrower than that (a and b both large) sets the step. The same nodes integrate Beta(a, b)
 * itself, and the quotient needs no ln B, whose rounding would count for large a and b.
 * Gauss-Jacobi rules were refused: their nodes need an eigenproblem for each number of purchases,
 * and they see scales far below 1 / n^2 no better. */
#include "score/beta_rule.h"

#include <math.h>

#include "score/special.h"

#define STEP_LARGEST    0.25
#define STEP_OF_PEAK    0.5  /* of the peak's standard deviation in log-odds */
#define STRETCHED_BELOW 10.0 /* a or b from which a tail is short enough as it is */
#define MARGIN          2.0  /* from the outermost turning place to where stretching sets in */

struct beta_rule beta_rule_for(double a, double b, double turn)
{
    struct beta_rule rule = {.a = a, .b = b};
    double sum = a + b;
    rule.mean = a / sum;
    rule.rest = b / sum;
    rule.centre = special_log(a) - special_log(b);
    rule.left = (turn < rule.centre ? turn : rule.centre) - MARGIN;
    rule.right = (rule.centre > 0.0 ? rule.centre : 0.0) + MARGIN;
    rule.stretch_left = a < STRETCHED_BELOW;
    rule.stretch_right = b < STRETCHED_BELOW;
    double peak = STEP_OF_PEAK * sqrt(1.0 / a + 1.0 / b);
    rule.step = peak < STEP_LARGEST ? peak : STEP_LARGEST;
    return rule;
}

/* ln(1 - share + share e^change), for the share of the peak that grows by e^change. */
static double log_growth(double share, double other, double change)
{
    double more = share * special_expm1(change);
    return more > -0.5 ? special_log1p(more) : special_log(other + share * special_exp(change));
}

/* The weight goes by whichever of p and 1 - p is nearer to one: the logarithm of that one's growth
 * is small where a + b is large, so nothing cancels. */
struct beta_node beta_rule_node(const struct beta_rule *self, double v)
{
    double out = self->stretch_right * special_exp(v - self->right);
    double in = self->stretch_left * special_exp(self->left - v);
    double change = v + out - in - self->centre; /* of the log-odds, from the peak */
    double e = special_exp(-fabs(change));
    double share = change < 0.0 ? self->mean * e : self->mean;
    double other = change < 0.0 ? self->rest : self->rest * e;
    double sum = self->a + self->b, log_weight;
    if (share < other)
        log_weight = self->a * change - sum * log_growth(self->mean, self->rest, change);
    else
        log_weight = -self->b * change - sum * log_growth(self->rest, self->mean, -change);
    return (struct beta_node){special_exp(log_weight) * (1.0 + out + in), share / (share + other),
                              other / (share + other)};
}
