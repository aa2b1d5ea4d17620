/* SPDX-License-Identifier: Apache-2.0 */
/* For someone who leaves with a known p, q = 1 - p, the sum over purchases is (1 - E[q^N]) / p with N
 * = floor((Z + j) / k). A power of a whole part is a sum over the k-th roots of unity, so with v
 * running over the k-th roots of q, and s = 1 + tau (1 - v),
 *   (1 - E[q^N]) / p = 1 / (k q) * sum over v of v^(j+1) / (1 - v) * (1 - s^-(rho + j)),
 * in which every p has been divided out. The real root has the mean, the others the ripple of the whole
 * part, which fades with the number of events. For p near 1 the roots grow together and cancel; there a
 * few powers of q are as good. The integral over p goes by beta_rule.c's nodes; k-th roots turn the
 * integrand no faster than q does. Summing event by event was refused here: 10,000 weeks of somebody who
 * buys daily, or a rate that may be anything, have millions. */
#include "score/regular.h"

#include <math.h>

#include "score/beta_rule.h"
#include "score/special.h"

#define FLAT_BELOW 1e-280 /* 1 - v below which events go as rho tau */
#define POWERS     4      /* of q, where it is */
#define SMALL_REST 1e-4   /* that small */
#define TURN       6.283185307179586

struct complex {
    double re;
    double im;
};

static struct complex product(struct complex a, struct complex b)
{
    return (struct complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/* a / b, |b| being neither tiny nor huge. */
static struct complex quotient(struct complex a, struct complex b)
{
    double size = b.re * b.re + b.im * b.im;
    return (struct complex){(a.re * b.re + a.im * b.im) / size, (a.im * b.re - a.re * b.im) / size};
}

/* 1 - s^-power for s = 1 + y, re y >= 0. */
static struct complex rest_of_power(struct complex y, double power)
{
    double square = y.re * (2.0 + y.re) + y.im * y.im; /* |s|^2 - 1 */
    double fall = -0.5 * power * special_log1p(square);
    double angle = -power * special_atan(y.im / (1.0 + y.re));
    struct special_point full = special_circle(angle), half = special_circle(0.5 * angle);
    double less = special_expm1(fall);
    if (less <= -1.0) /* the angle then may be any */
        return (struct complex){1.0, 0.0};
    return (struct complex){2.0 * half.sin * half.sin - less * full.cos, -(1.0 + less) * full.sin};
}

/* A node's p and what the sums want of it. */
struct stop {
    double rest;   /* q */
    double root;   /* its real k-th root */
    double uproot; /* 1 - root */
};

struct ring {
    const struct regular *who;
    const double *tau;
    size_t n;
    struct complex unit[CHURN_REGULARITY_MOST]; /* the roots of unity up to half a turn */
    double tail[CHURN_REGULARITY_MOST][SURVIVOR_LANES][POWERS]; /* P(Z_j >= nk - j) */
    double weight;
    double sum[CHURN_REGULARITY_MOST][SURVIVOR_LANES];
    double part[CHURN_REGULARITY_MOST][SURVIVOR_LANES]; /* of the node at hand */
};

static void add_real_root(struct ring *self, const struct stop *stop, size_t lane)
{
    const struct regular *who = self->who;
    double y = self->tau[lane] * stop->uproot, power = stop->root;
    double rest = -special_expm1(-who->who.rho * special_log1p(y));
    for (int32_t j = 0; j < who->k; j++) {
        double mean = y < FLAT_BELOW ? (who->who.rho + j) * self->tau[lane] : rest / stop->uproot;
        self->part[j][lane] = power * mean;
        rest = (rest + y) / (1.0 + y);
        power *= stop->root;
    }
}

/* The l-th root, and the one below the real axis that mirrors it. */
static void add_root(struct ring *self, const struct stop *stop, int32_t l, size_t lane)
{
    const struct regular *who = self->who;
    int alone = 2 * l == who->k;
    struct complex v = {stop->root * self->unit[l].re, stop->root * self->unit[l].im};
    struct complex other = {1.0 - v.re, -v.im};
    struct complex y = {self->tau[lane] * other.re, self->tau[lane] * other.im};
    struct complex s = {1.0 + y.re, y.im}, rest = rest_of_power(y, who->who.rho);
    struct complex front = quotient(v, other);
    for (int32_t j = 0; j < who->k; j++) {
        double term = product(front, rest).re;
        self->part[j][lane] += alone ? term : 2.0 * term;
        rest = quotient((struct complex){rest.re + y.re, rest.im + y.im}, s);
        front = product(front, v);
    }
}

static void fill_by_roots(struct ring *self, const struct stop *stop)
{
    double scale = 1.0 / (self->who->k * stop->rest);
    for (size_t i = 0; i < self->n; i++) {
        add_real_root(self, stop, i);
        for (int32_t l = 1; 2 * l <= self->who->k; l++)
            add_root(self, stop, l, i);
        for (int32_t j = 0; j < self->who->k; j++)
            self->part[j][i] *= scale;
    }
}

static void fill_by_powers(struct ring *self, const struct stop *stop)
{
    for (size_t i = 0; i < self->n; i++)
        for (int32_t j = 0; j < self->who->k; j++) {
            const double *tail = self->tail[j][i];
            double sum = 0.0;
            for (int n = POWERS; n-- > 0;)
                sum = sum * stop->rest + tail[n];
            self->part[j][i] = sum;
        }
}

/* Adds a node; 0 when it no longer counts. */
static int ring_add(struct ring *self, const struct beta_rule *rule, double v)
{
    struct beta_node node = beta_rule_node(rule, v);
    double log = node.p < 0.5 ? special_log1p(-node.p) : special_log(node.rest);
    struct stop stop = {.rest = node.rest};
    int counts = 0;
    self->weight += node.weight;
    if (node.rest < SMALL_REST) {
        fill_by_powers(self, &stop);
    } else {
        stop.root = special_exp(log / self->who->k);
        stop.uproot = -special_expm1(log / self->who->k);
        fill_by_roots(self, &stop);
    }
    for (int32_t j = 0; j < self->who->k; j++)
        for (size_t i = 0; i < self->n; i++) {
            double part = node.weight * self->part[j][i];
            self->sum[j][i] += part;
            counts |= part > BETA_RULE_NEGLIGIBLE * self->sum[j][i];
        }
    return counts || node.weight > BETA_RULE_NEGLIGIBLE * self->weight;
}

/* P(Z >= m) for the first few m that complete a purchase. */
static void fill_tail(struct ring *self, int32_t phase, size_t lane)
{
    int32_t k = self->who->k;
    double shape = self->who->who.rho + phase, tau = self->tau[lane];
    double log = -shape * special_log1p(tau), chance = special_exp(log), tail = -special_expm1(log);
    for (int32_t m = 1; m <= POWERS * k - phase; m++) {
        /* Here tail is P(Z >= m), chance P(Z = m - 1). */
        if ((m + phase) % k == 0)
            self->tail[phase][lane][(m + phase) / k - 1] = tail > 0.0 ? tail : 0.0;
        chance *= tau / (1.0 + tau) * ((shape + (m - 1)) / m);
        tail -= chance;
    }
}

void regular_by_quadrature(const struct regular *self, const double *tau, size_t n,
                           double (*expected)[SURVIVOR_LANES])
{
    double events = tau[n - 1] * (self->who.rho > 1.0 ? self->who.rho : 1.0);
    double turn = -special_log1p(events / self->k);
    struct beta_rule rule = beta_rule_for(self->who.a, self->who.b, turn);
    struct ring ring = {.who = self, .tau = tau, .n = n};
    for (int32_t l = 1; 2 * l <= self->k; l++) {
        struct special_point point = special_circle(TURN * l / self->k);
        ring.unit[l] = (struct complex){point.cos, point.sin};
    }
    for (int32_t j = 0; j < self->k; j++)
        for (size_t i = 0; i < n; i++)
            fill_tail(&ring, j, i);
    int more = ring_add(&ring, &rule, rule.centre);
    for (int i = 1; more && i < BETA_RULE_NODES_MOST; i++)
        more = ring_add(&ring, &rule, rule.centre - i * rule.step);
    more = 1;
    for (int i = 1; more && i < BETA_RULE_NODES_MOST; i++)
        more = ring_add(&ring, &rule, rule.centre + i * rule.step);
    for (int32_t j = 0; j < self->k; j++)
        for (size_t i = 0; i < n; i++)
            expected[j][i] = ring.sum[j][i] / ring.weight;
}
