/* SPDX-License-Identifier: Apache-2.0 */
/* One fit for what is published and for what is judged: a method is compared as it is used, thin
 * groups shrunk and all. Everything is walked in the order of the peerage, so no sum depends on
 * shards or workers. */
#include "sink/peer_tree.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "score/money.h"
#include "score/quantile.h"
#include "score/quantile_line.h"
#include "score/special.h"
#include "score/wallet.h"
#include "sink/peers.h"

#define JUDGED_MOST 262144 /* peers: judging fits fifteen times */
#define ROUGHLY     1e-7   /* tolerance of slopes that are only judged */

__extension__ typedef __int128 wide;

static int no_memory(size_t n)
{
    return log_fail(STATUS_BUG, "out of memory for %zu peer groups", n);
}

static int add_node(struct peer_tree *tree, const struct peer_node *node)
{
    if (tree->n == tree->room) {
        size_t room = tree->room * 2 + 64;
        struct peer_node *more = realloc(tree->node, room * sizeof *more);
        if (!more)
            return no_memory(room);
        tree->node = more;
        tree->room = room;
    }
    tree->node[tree->n++] = *node;
    return 0;
}

/* End of the component that begins at depth, 0 when the name has no more. */
static size_t component_end(const struct peer_tree *tree, size_t leaf, size_t depth)
{
    struct peerage_group group = peerage_group(tree->peerage, leaf);
    const char *end =
        depth < group.length ? memchr(group.name + depth, PEERS_END, group.length - depth) : NULL;
    return end ? (size_t)(end - group.name) + 1 : 0;
}

/* Leaves from..to: the members of one group of some level. */
struct range {
    size_t from, to;
};

/* The end of the leaves whose names agree with the first one's in size bytes. */
static size_t same_prefix(const struct peer_tree *tree, struct range range, size_t size)
{
    const char *name = peerage_group(tree->peerage, range.from).name;
    size_t i = range.from + 1;
    for (; i < range.to; i++) {
        struct peerage_group other = peerage_group(tree->peerage, i);
        if (other.length < size || memcmp(name, other.name, size) != 0)
            break;
    }
    return i;
}

/* The group whose name is the first size bytes of its leaves, then the groups below it. */
static int walk(struct peer_tree *tree, struct range range, size_t size, uint32_t parent)
{
    uint32_t here = (uint32_t)tree->n;
    const struct peer_node node = {.name = peerage_group(tree->peerage, range.from).name,
                                   .length = size,
                                   .from = tree->first[range.from],
                                   .to = tree->first[range.to],
                                   .parent = parent};
    int r = add_node(tree, &node);
    for (size_t i = range.from; r == 0 && i < range.to;) {
        size_t end = component_end(tree, i, size), next = i + 1;
        if (end > 0) {
            next = same_prefix(tree, (struct range){i, range.to}, end);
            r = walk(tree, (struct range){i, next}, end, here);
        } else {
            tree->node_of_leaf[i] = here;
        }
        i = next;
    }
    return r;
}

static int make_room(struct peer_tree *tree)
{
    size_t n = tree->peerage->n + 1;
    tree->node_of_leaf = calloc(tree->leaves + 1, sizeof *tree->node_of_leaf);
    tree->first = calloc(tree->leaves + 1, sizeof *tree->first);
    tree->kept_first = calloc(tree->leaves + 1, sizeof *tree->kept_first);
    tree->x = malloc(n * sizeof *tree->x);
    tree->y = malloc(n * sizeof *tree->y);
    tree->scratch = malloc(n * sizeof *tree->scratch);
    return tree->node_of_leaf && tree->first && tree->kept_first && tree->x && tree->y &&
                   tree->scratch
               ? 0
               : no_memory(tree->leaves);
}

int peer_tree_open(struct peer_tree *tree, const struct peerage *peerage)
{
    *tree = (struct peer_tree){.peerage = peerage, .leaves = roster_size(peerage->names)};
    int r = make_room(tree);
    for (size_t i = 0; r == 0 && i < tree->leaves; i++) {
        struct peerage_group group = peerage_group(peerage, i);
        tree->first[i + 1] = group.from + group.n;
    }
    if (r == 0)
        r = walk(tree, (struct range){0, tree->leaves}, 0, 0);
    if (r < 0)
        peer_tree_close(tree);
    return r;
}

void peer_tree_close(struct peer_tree *tree)
{
    free(tree->node);
    free(tree->node_of_leaf);
    free(tree->first);
    free(tree->kept_first);
    free(tree->x);
    free(tree->y);
    free(tree->scratch);
    *tree = (struct peer_tree){0};
}

static int is_kept(const struct peer_order *order, size_t i)
{
    return i % order->stride == 0 && i / order->stride % PEER_FOLDS != order->left_out;
}

/* Who spent nothing stands as if he had spent the least amount there is. */
static double log_of(int64_t money)
{
    return special_log(money_units(money > 0 ? money : 1));
}

static double fit_slope(struct peer_tree *tree, const struct peer_order *order)
{
    const struct peerage *p = tree->peerage;
    size_t kept = 0;
    for (size_t leaf = 0; leaf < tree->leaves; leaf++) {
        for (size_t i = tree->first[leaf]; i < tree->first[leaf + 1]; i++) {
            if (!is_kept(order, i))
                continue;
            tree->x[kept] = log_of(p->grouped[PEERAGE_UNITS][i]);
            tree->y[kept++] = log_of(p->grouped[PEERAGE_SPEND][i]);
        }
        tree->kept_first[leaf + 1] = kept;
    }
    const struct quantile_line_points points = {tree->leaves, tree->kept_first, tree->x, tree->y,
                                                order->tau_millionths};
    return quantile_line_slope(&points, order->tolerance, tree->scratch);
}

/* A node's members: spend a unit, or residuals as keys; how many. */
static size_t pool(struct peer_tree *tree, const struct peer_order *order,
                   const struct peer_node *node, double slope)
{
    const struct peerage *p = tree->peerage;
    size_t n = 0;
    for (size_t i = node->from; i < node->to; i++) {
        if (!is_kept(order, i))
            continue;
        tree->scratch[n++] = order->method == WALLET_REGRESSION
                                 ? quantile_line_key(log_of(p->grouped[PEERAGE_SPEND][i]) -
                                                     slope * log_of(p->grouped[PEERAGE_UNITS][i]))
                                 : p->grouped[PEERAGE_PER_UNIT][i];
    }
    return n;
}

static int64_t mean_of(const int64_t *values, size_t n)
{
    wide sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return wallet_mean((int64_t)(sum >> 64), (uint64_t)sum, n);
}

static int64_t intercept_of(struct peer_tree *tree, const struct peer_order *order, size_t n)
{
    size_t rank = quantile_line_rank(n, order->tau_millionths);
    quantile_select(tree->scratch, n, rank);
    return money_from_units(special_exp(quantile_line_value(tree->scratch[rank])));
}

static int64_t estimate_of(struct peer_tree *tree, const struct peer_order *order, size_t n)
{
    int64_t out;
    if (order->method == WALLET_MEAN)
        return mean_of(tree->scratch, n);
    if (order->method == WALLET_REGRESSION)
        return intercept_of(tree, order, n);
    const struct quantile tau = {order->tau_millionths, PLAN_MILLION};
    quantile_of(tree->scratch, n, &tau, 1, &out);
    return out;
}

void peer_tree_fit(struct peer_tree *tree, const struct peer_order *order, struct peer_fit *fit)
{
    fit->slope = order->method == WALLET_REGRESSION ? fit_slope(tree, order) : 1;
    for (size_t i = 0; i < tree->n; i++) {
        const struct peer_node *node = &tree->node[i];
        size_t n = pool(tree, order, node, fit->slope);
        int64_t above = i > 0 ? fit->estimate[node->parent] : 0;
        fit->n[i] = n;
        fit->estimate[i] = n > 0 ? estimate_of(tree, order, n) : above;
        if (i > 0 && n > 0 && order->method != WALLET_MEAN)
            fit->estimate[i] = wallet_shrink(fit->estimate[i], n, above);
    }
}

/* rho of the spend of those left out, against what the fit says of them. */
static double loss_of_fold(const struct peer_tree *tree, const struct peer_order *order,
                           const struct peer_fit *fit, size_t *n)
{
    const struct peerage *p = tree->peerage;
    double sum = 0, tau = (double)order->tau_millionths / (double)PLAN_MILLION;
    for (size_t leaf = 0; leaf < tree->leaves; leaf++) {
        int64_t each = fit->estimate[tree->node_of_leaf[leaf]];
        for (size_t i = tree->first[leaf]; i < tree->first[leaf + 1]; i++) {
            if (i % order->stride != 0 || is_kept(order, i))
                continue;
            int64_t size = wallet_sized_by(each, p->grouped[PEERAGE_UNITS][i], fit->slope);
            double rest = money_units(p->grouped[PEERAGE_SPEND][i]) - money_units(size);
            sum += rest >= 0 ? tau * rest : (tau - 1) * rest;
            ++*n;
        }
    }
    return sum;
}

int peer_tree_loss(struct peer_tree *tree, enum wallet_method method, int64_t tau_millionths,
                   double *loss)
{
    size_t n = 0;
    struct peer_order order = {.method = method,
                               .tau_millionths = tau_millionths,
                               .stride = tree->peerage->n / JUDGED_MOST + 1,
                               .tolerance = ROUGHLY};
    struct peer_fit fit = {.estimate = malloc((tree->n + 1) * sizeof *fit.estimate),
                           .n = malloc((tree->n + 1) * sizeof *fit.n)};
    int r = fit.estimate && fit.n ? 0 : no_memory(tree->n);
    *loss = 0;
    for (; r == 0 && order.left_out < PEER_FOLDS; order.left_out++) {
        peer_tree_fit(tree, &order, &fit);
        *loss += loss_of_fold(tree, &order, &fit, &n);
    }
    *loss = n > 0 ? *loss / (double)n : 0;
    free(fit.estimate);
    free(fit.n);
    return r;
}
