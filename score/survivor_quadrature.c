/* SPDX-License-Identifier: Apache-2.0 */
/* The integral over p, by beta_rule.c's nodes. */
#include "score/beta_rule.h"
#include "score/special.h"
#include "score/survivor.h"

#define FLAT_BELOW 1e-280 /* p tau below which purchases go as rho tau */

/* Expected purchases of someone whose p is known. */
static double purchases_at(double rho, double p, double tau)
{
    double y = p * tau;
    if (y < FLAT_BELOW)
        return rho * tau;
    return -special_expm1(-rho * special_log1p(y)) / p;
}

struct totals {
    const struct survivor *who;
    const double *tau;
    size_t n;
    double weight;
    double purchases[SURVIVOR_LANES];
};

/* Adds a node; 0 when it no longer counts. Purchases lean to small p, the more so the longer the
 * horizon, so the weight alone and the last lane are the extremes. */
static int totals_add(struct totals *self, const struct beta_rule *rule, double v)
{
    struct beta_node node = beta_rule_node(rule, v);
    double part = 0.0;
    self->weight += node.weight;
    for (size_t i = 0; i < self->n; i++) {
        part = node.weight * purchases_at(self->who->rho, node.p, self->tau[i]);
        self->purchases[i] += part;
    }
    return node.weight > BETA_RULE_NEGLIGIBLE * self->weight ||
           part > BETA_RULE_NEGLIGIBLE * self->purchases[self->n - 1];
}

void survivor_by_quadrature(const struct survivor *self, const double *tau, size_t n,
                            double *expected)
{
    double turn = -special_log1p(tau[n - 1] * (self->rho > 1.0 ? self->rho : 1.0));
    struct beta_rule rule = beta_rule_for(self->a, self->b, turn);
    struct totals totals = {.who = self, .tau = tau, .n = n};
    int more = totals_add(&totals, &rule, rule.centre);
    for (int i = 1; more && i < BETA_RULE_NODES_MOST; i++)
        more = totals_add(&totals, &rule, rule.centre - i * rule.step);
    more = 1;
    for (int i = 1; more && i < BETA_RULE_NODES_MOST; i++)
        more = totals_add(&totals, &rule, rule.centre + i * rule.step);
    for (size_t i = 0; i < n; i++)
        expected[i] = totals.purchases[i] / totals.weight;
}
