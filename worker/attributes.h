/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_ATTRIBUTES_H
#define WORKER_ATTRIBUTES_H

#include "common/arena.h"
#include "common/roster.h"
#include "common/status.h"
#include "score/model.h"
#include "score/wallet.h"
#include "worker/histories.h"

/* The rows of --customers that fall into a shard, joined to its histories. */
struct attribute_table {
    struct attributes *of; /* one a customer of the histories; group is a number in groups */
    struct roster *groups; /* names of the peer groups that occur */
    uint32_t unmatched;    /* rows of customers without a row in the ledger */
    struct roster *customers;
    unsigned char *taken; /* by number in customers */
    size_t room, room_taken;
    int known; /* something may stand in `of`: it is all zeros elsewise */
    struct slice culprit;
};

enum {
    ATTRIBUTES_E_DOUBLED = 1, /* a customer has two rows; culprit is his id */
    ATTRIBUTES_E_MALFORMED
};

int attributes_new(struct attribute_table *table) MUST_USE;
void attributes_free(struct attribute_table *table);

/* bytes: serialised Attributes of this shard, possibly none. */
int attributes_join(struct attribute_table *table, struct slice bytes,
                    const struct histories *histories, struct arena *arena) MUST_USE;

/* Replaces each group number by the index of that name in the model's groups, MODEL_NO_GROUP where the model has
 * none. */
int attributes_regroup(struct attribute_table *table, uint32_t n,
                       const struct model_groups *groups) MUST_USE;

#endif
