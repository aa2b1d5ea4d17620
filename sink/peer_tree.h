/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_PEER_TREE_H
#define SINK_PEER_TREE_H

#include "common/status.h"
#include "score/plan.h"
#include "sink/peerage.h"

/* Peer groups on every level, and what their members spend a unit, by any method, with or without
 * some of the members. Groups come sorted by name, so the members of a group of any level are
 * neighbours. */

#define PEER_FOLDS 5

/* A group of some level; its members are values from .. to of the peerage. */
struct peer_node {
    const char *name; /* borrowed from the peerage */
    size_t length, from, to;
    uint32_t parent; /* the root's is itself */
};

struct peer_tree {
    const struct peerage *peerage;
    struct peer_node *node; /* sorted by name: parents before children */
    size_t n, room;
    size_t leaves;
    uint32_t *node_of_leaf;
    size_t *first; /* leaves + 1: of each leaf's values */
    size_t *kept_first;
    double *x, *y; /* of members that are kept: logs of units and of spend */
    int64_t *scratch;
};

/* The peerage is borrowed, and has a group. */
int peer_tree_open(struct peer_tree *tree, const struct peerage *peerage) MUST_USE;
void peer_tree_close(struct peer_tree *tree);

/* Who counts: members i with i mod stride = 0 and (i / stride) mod PEER_FOLDS other than left_out
 * (PEER_FOLDS: nobody is left out). */
struct peer_order {
    enum wallet_method method;
    int64_t tau_millionths;
    size_t stride, left_out;
    double tolerance; /* of the slope; 0: exact */
};

struct peer_fit {
    double slope;      /* of log spend by log units; 1 where spend goes by units */
    int64_t *estimate; /* of each node: money a unit, or of one unit; who has no members has the
                        * parent's */
    uint64_t *n;       /* members */
};

/* fit's arrays are the caller's, of tree->n entries. */
void peer_tree_fit(struct peer_tree *tree, const struct peer_order *order, struct peer_fit *fit);

/* Mean pinball loss (currency units a customer) of what is left out, fold by fold, of one method. */
int peer_tree_loss(struct peer_tree *tree, enum wallet_method method, int64_t tau_millionths,
                   double *loss) MUST_USE;

#endif
