/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_BETA_RULE_H
#define SCORE_BETA_RULE_H

/* Integrals over p against the density of Beta(a, b), for integrands that turn at one place besides
 * 1: the trapezoidal rule in a variable v, with nodes centre + i step for every whole i. */
struct beta_rule {
    double a;
    double b;
    double mean;   /* a / (a + b) */
    double rest;   /* b / (a + b) */
    double centre; /* ln(a / b), the peak of Beta in log-odds */
    double left;   /* where stretching sets in */
    double right;
    double stretch_left; /* 1 or 0 */
    double stretch_right;
    double step;
};

/* turn: ln of the odds of p where the integrand turns, <= 0. */
struct beta_rule beta_rule_for(double a, double b, double turn);

struct beta_node {
    double weight; /* of Beta(a, b) in v, against its peak */
    double p;
    double rest; /* 1 - p */
};
struct beta_node beta_rule_node(const struct beta_rule *self, double v);

#define BETA_RULE_NEGLIGIBLE 0x1p-58 /* of a sum, for a node that no longer counts */
#define BETA_RULE_NODES_MOST 4000    /* a side; some 60 are usual */

#endif
