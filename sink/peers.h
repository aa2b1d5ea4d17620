/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_PEERS_H
#define SINK_PEERS_H

#include "common/status.h"
#include "score/model.h"
#include "score/plan.h"
#include "sink/population.h"

/* Peer groups and what their members spend a unit, on every level: a leaf group's name is its
 * columns' values, each ended by byte 0x1f; dropping the last value gives its parent; the root, ""
 * , is everybody. Thin groups are shrunk to their parent's estimate (SCORING section 5). */

#define PEERS_END '\x1f'

struct peers {
    struct model_groups groups; /* every level, sorted by name; estimate is spend per unit */
    uint64_t *n;                /* peers of each group */
    /* owned by this struct, behind the borrowed pointers of groups */
    char *names;
    uint32_t *offset;
    int64_t *estimate;
    size_t room_names, room_groups;
    /* Mean pinball loss of each method on folds that were left out, currency units a customer. */
    int has_losses;
    double loss[WALLET_REGRESSION + 1]; /* by enum wallet_method: mean, quantile, regression */
};

/* Nothing (n = 0) where nobody is a peer, or the plan asks for no estimate. */
int peers_fit(struct peers *peers, const struct population *population,
              const struct plan *plan) MUST_USE;
void peers_free(struct peers *peers);

/* The method of the least loss, where has_losses. */
enum wallet_method peers_best(const struct peers *peers);

/* One group with a given estimate, as read from an earlier model; names in rising order. */
int peers_add(struct peers *peers, const char *name, size_t length, uint64_t n,
              int64_t estimate) MUST_USE;

#endif
