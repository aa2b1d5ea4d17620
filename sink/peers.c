/* SPDX-License-Identifier: Apache-2.0 */
/* The groups of the population come sorted by name, so the members of a group of any level are
 * neighbours, and a walk from the root down emits all levels in the order of their names. */
#include "sink/peers.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "score/quantile.h"
#include "score/wallet.h"

__extension__ typedef __int128 wide;

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
    free(peers->scratch);
    *peers = (struct peers){0};
}

/* Leaves from..to of the population: the members of one group of some level. */
struct range {
    size_t from, to;
};

static size_t pool(const struct population *population, struct range range, int64_t *values)
{
    size_t total = 0;
    for (size_t i = range.from; i < range.to; i++) {
        const char *name;
        size_t length, n;
        const int64_t *group = population_group(population, i, &name, &length, &n);
        memcpy(values + total, group, n * sizeof *values);
        total += n;
    }
    return total;
}

static int64_t estimate_of(int64_t *values, size_t n, const struct plan *plan)
{
    int64_t out;
    if (plan->wallet_method == WALLET_MEAN) {
        wide sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += values[i];
        return wallet_mean((int64_t)(sum >> 64), (uint64_t)sum, n);
    }
    const struct quantile tau = {plan->wallet_tau_millionths, PLAN_MILLION};
    quantile_of(values, n, &tau, 1, &out);
    return out;
}

/* End of the component that begins at depth, 0 when the name has no more. */
static size_t component_end(const struct population *population, size_t leaf, size_t depth,
                            const char **name)
{
    size_t length, n;
    population_group(population, leaf, name, &length, &n);
    const char *end = depth < length ? memchr(*name + depth, PEERS_END, length - depth) : NULL;
    return end ? (size_t)(end - *name) + 1 : 0;
}

/* The leaves after `from` whose names agree in the first size bytes. */
static size_t same_prefix(const struct population *population, struct range range, size_t size)
{
    const char *name, *other;
    size_t length, n, i = range.from + 1;
    population_group(population, range.from, &name, &length, &n);
    for (; i < range.to; i++) {
        population_group(population, i, &other, &length, &n);
        if (length < size || memcmp(name, other, size) != 0)
            break;
    }
    return i;
}

/* The group whose name is the first size bytes of its leaves, then the groups below it. */
static int walk(struct peers *peers, const struct population *population, const struct plan *plan,
                struct range range, size_t size, int64_t parent)
{
    const char *name;
    size_t length, n, total = pool(population, range, peers->scratch);
    int64_t estimate = estimate_of(peers->scratch, total, plan);
    if (size > 0 && plan->wallet_method == WALLET_QUANTILE)
        estimate = wallet_shrink(estimate, total, parent);
    population_group(population, range.from, &name, &length, &n);
    int r = peers_add(peers, name, size, total, estimate);
    for (size_t i = range.from; r == 0 && i < range.to;) {
        size_t end = component_end(population, i, size, &name), next = i + 1;
        if (end > 0) {
            next = same_prefix(population, (struct range){i, range.to}, end);
            r = walk(peers, population, plan, (struct range){i, next}, end, estimate);
        }
        i = next;
    }
    return r;
}

int peers_fit(struct peers *peers, const struct population *population, const struct plan *plan)
{
    size_t n = population_groups(population), total = 0;
    if (n == 0 || (plan->wallet_method != WALLET_MEAN && plan->wallet_method != WALLET_QUANTILE))
        return 0;
    for (size_t i = 0; i < n; i++) {
        const char *name;
        size_t length, members;
        population_group(population, i, &name, &length, &members);
        total += members;
    }
    int r = grow(&peers->scratch, total + 1, sizeof *peers->scratch);
    if (r == 0)
        r = walk(peers, population, plan, (struct range){0, n}, 0, 0);
    free(peers->scratch);
    peers->scratch = NULL;
    return r;
}
