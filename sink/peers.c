/* SPDX-License-Identifier: Apache-2.0 */
/* What the tree of peer groups says, kept in the form in which a model is written, read and sent. */
#include "sink/peers.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "sink/peer_tree.h"

#define JUDGED_LEAST 25 /* peers: five in each fold */

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %zu peer groups", n);
    *at = more;
    return 0;
}

static int groups_room(struct peers *peers, size_t length)
{
    size_t n = peers->groups.n, used = n ? peers->offset[n] : 0;
    int r = 0;
    if (n + 2 > peers->room_groups) {
        size_t room = (n + 2) * 2;
        r = grow(&peers->offset, room, sizeof *peers->offset);
        if (r == 0)
            r = grow(&peers->estimate, room, sizeof *peers->estimate);
        if (r == 0)
            r = grow(&peers->n, room, sizeof *peers->n);
        if (r == 0)
            peers->room_groups = room;
    }
    if (r == 0 && used + length + 1 > peers->room_names) {
        size_t room = (used + length + 1) * 2;
        r = grow(&peers->names, room, 1);
        if (r == 0)
            peers->room_names = room;
    }
    return r;
}

int peers_add(struct peers *peers, const char *name, size_t length, uint64_t n, int64_t estimate)
{
    int r = groups_room(peers, length);
    if (r < 0)
        return r;
    uint32_t at = peers->groups.n++;
    if (at == 0)
        peers->offset[0] = 0;
    memcpy(peers->names + peers->offset[at], name, length);
    peers->offset[at + 1] = peers->offset[at] + (uint32_t)length;
    peers->estimate[at] = estimate;
    peers->n[at] = n;
    peers->groups.names = peers->names;
    peers->groups.offset = peers->offset;
    peers->groups.estimate = peers->estimate;
    return 0;
}

void peers_free(struct peers *peers)
{
    free(peers->names);
    free(peers->offset);
    free(peers->estimate);
    free(peers->n);
    *peers = (struct peers){0};
}

static int take(struct peers *peers, const struct peer_tree *tree, const struct peer_fit *fit)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < tree->n; i++)
        r = peers_add(peers, tree->node[i].name, tree->node[i].length, fit->n[i], fit->estimate[i]);
    peers->groups.slope = fit->slope;
    return r;
}

static int fit(struct peers *peers, struct peer_tree *tree, const struct plan *plan)
{
    const struct peer_order order = {.method = plan->wallet_method,
                                     .tau_millionths = plan->wallet_tau_millionths,
                                     .stride = 1,
                                     .left_out = PEER_FOLDS};
    struct peer_fit all = {.estimate = malloc(tree->n * sizeof *all.estimate),
                           .n = malloc(tree->n * sizeof *all.n)};
    int r = all.estimate && all.n
                ? 0
                : log_fail(STATUS_BUG, "out of memory for %zu peer groups", tree->n);
    if (r == 0) {
        peer_tree_fit(tree, &order, &all);
        r = take(peers, tree, &all);
    }
    free(all.estimate);
    free(all.n);
    return r;
}

/* Each method as it would be used, on customers that it has not seen. */
static int judge(struct peers *peers, struct peer_tree *tree, const struct plan *plan)
{
    int r = 0;
    if (tree->peerage->n < JUDGED_LEAST)
        return 0;
    for (int method = WALLET_MEAN; r == 0 && method <= WALLET_REGRESSION; method++)
        r = peer_tree_loss(tree, (enum wallet_method)method, plan->wallet_tau_millionths,
                           &peers->loss[method]);
    peers->has_losses = r == 0;
    return r;
}

enum wallet_method peers_best(const struct peers *peers)
{
    enum wallet_method best = WALLET_QUANTILE;
    for (int method = WALLET_MEAN; method <= WALLET_REGRESSION; method++)
        if (peers->loss[method] < peers->loss[best])
            best = (enum wallet_method)method;
    return best;
}

int peers_fit(struct peers *peers, const struct population *population, const struct plan *plan)
{
    const struct peerage *peerage = population_peerage(population);
    struct peer_tree tree;
    if (roster_size(peerage->names) == 0 || plan->wallet_method < WALLET_MEAN ||
        plan->wallet_method == WALLET_WAR)
        return 0;
    int r = peer_tree_open(&tree, peerage);
    if (r < 0)
        return r;
    r = fit(peers, &tree, plan);
    if (r == 0)
        r = judge(peers, &tree, plan);
    peer_tree_close(&tree);
    return r;
}
