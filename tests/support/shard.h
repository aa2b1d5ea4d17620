/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SHARD_H
#define SUPPORT_SHARD_H

#include "score/purchase.h"
#include "support/chance.h"
#include "worker/histories.h"

/* The rows of a shard as a list, and the histories they make by the plainest way there is: every row is
 * looked for among all customers, every line among all of his. */

struct shard_row {
    char *id; /* these three are set by shard_add */
    uint16_t id_length;
    uint64_t hash;
    int32_t day;
    int64_t amount;
    uint64_t order;
};

struct shard {
    int has_order;
    struct shard_row *row;
    size_t n, room;
};

void shard_add(struct shard *shard, const char *id, size_t id_length, struct shard_row values);
/* n rows of chance, among customers of all kinds of names, some of which share a hash, on few days or
 * many, with refunds and, where has_order is set, orders. */
void shard_fill(struct shard *shard, size_t n, struct chance *chance);
void shard_shuffle(struct shard *shard, struct chance *chance);
void shard_free(struct shard *shard);

/* Rows from..from + n as columns, in memory of their own. */
struct purchase_rows shard_columns(const struct shard *shard, size_t from, size_t n);
void shard_columns_free(struct purchase_rows *rows);

/* To be freed with histories_free. */
struct histories shard_histories(const struct shard *shard);

/* Fails the test where they differ. */
void shard_same(const struct histories *got, const struct histories *want);

#endif
