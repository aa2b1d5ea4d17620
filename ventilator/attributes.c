/* SPDX-License-Identifier: Apache-2.0 */
/* Rows come one at a time and in no order of shards; some ten thousand are kept, then written shard by
 * shard, so that a chunk has enough rows to be worth its head. */
#include "ventilator/attributes.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "ventilator/customers.h"

#define KEPT      65536
#define ONE_UNIT  10000  /* where no column says how many */
#define SEPARATOR '\x1f' /* ends each value of a group's name, for the sink (sink/peers.h) */

/* One row that waits; its bytes are in the reading's. */
struct kept {
    uint32_t shard;
    uint32_t at; /* of the id, then the group, in bytes */
    uint16_t id_length, group_length;
    uint8_t known;
    int64_t units, declared;
    uint32_t rank;
};

struct attributes_reading {
    struct attributes_order order;
    struct customers *customers;
    struct spool_segment *segment;
    struct spool_pen *pen;
    int has_peers;
    struct kept *kept;
    size_t n;
    char *bytes;
    size_t size, room;
    int done;
};

static int row_bytes(struct attributes_reading *reading, const struct customers_row *row,
                     struct kept *kept)
{
    size_t want = reading->size + row->id.size + row->group.size + 1;
    if (want > reading->room) {
        char *more = realloc(reading->bytes, want * 2);
        if (!more)
            return log_fail(STATUS_BUG, "out of memory for the rows of --customers");
        reading->bytes = more;
        reading->room = want * 2;
    }
    kept->at = (uint32_t)reading->size;
    memcpy(reading->bytes + reading->size, row->id.data, row->id.size);
    reading->size += row->id.size;
    if (!reading->has_peers)
        return 0;
    if (row->group.size > 0)
        memcpy(reading->bytes + reading->size, row->group.data, row->group.size);
    reading->size += row->group.size;
    reading->bytes[reading->size++] = SEPARATOR;
    kept->group_length = (uint16_t)(row->group.size + 1);
    return 0;
}

static int by_shard(const void *left, const void *right)
{
    const struct kept *a = left, *b = right;
    if (a->shard != b->shard)
        return a->shard < b->shard ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Columns of the rows of one shard. */
struct columns {
    uint16_t id_length[KEPT], group_length[KEPT];
    uint8_t known[KEPT];
    int64_t units[KEPT], declared[KEPT];
    uint32_t rank[KEPT];
    char *ids, *groups;
};

static void columns_fill(struct columns *columns, const struct attributes_reading *reading,
                         size_t from, size_t n)
{
    size_t ids = 0, groups = 0;
    for (size_t i = 0; i < n; i++) {
        const struct kept *kept = &reading->kept[from + i];
        const char *at = reading->bytes + kept->at;
        columns->id_length[i] = kept->id_length;
        columns->group_length[i] = kept->group_length;
        columns->known[i] = kept->known;
        columns->units[i] = kept->units;
        columns->declared[i] = kept->declared;
        columns->rank[i] = kept->rank;
        memcpy(columns->ids + ids, at, kept->id_length);
        memcpy(columns->groups + groups, at + kept->id_length, kept->group_length);
        ids += kept->id_length;
        groups += kept->group_length;
    }
}

static int write_shard(struct attributes_reading *reading, struct columns *columns, size_t from,
                       size_t n)
{
    columns_fill(columns, reading, from, n);
    struct attribute_rows rows = {
        .n = n,
        .ids = columns->ids,
        .id_length = columns->id_length,
        .known = columns->known,
        .units = columns->units,
        .declared = columns->declared,
        .groups = columns->groups,
        .group_length = columns->group_length,
        .rank = reading->order.settings->wallet_rank ? columns->rank : NULL,
    };
    return spool_pen_attributes(reading->pen, reading->kept[from].shard, &rows);
}

static int flush(struct attributes_reading *reading)
{
    struct columns *columns = malloc(sizeof *columns);
    int r = columns ? 0 : log_fail(STATUS_BUG, "out of memory for the rows of --customers");
    if (r < 0)
        return r;
    columns->ids = malloc(reading->size + 1);
    columns->groups = malloc(reading->size + 1);
    if (!columns->ids || !columns->groups)
        r = log_fail(STATUS_BUG, "out of memory for the rows of --customers");
    if (reading->n > 0)
        qsort(reading->kept, reading->n, sizeof *reading->kept, by_shard);
    for (size_t from = 0, i = 1; r == 0 && i <= reading->n; i++) {
        if (i < reading->n && reading->kept[i].shard == reading->kept[from].shard)
            continue;
        r = write_shard(reading, columns, from, i - from);
        from = i;
    }
    free(columns->ids);
    free(columns->groups);
    free(columns);
    reading->n = 0;
    reading->size = 0;
    return r;
}

static int take_row(void *context, uint32_t shard, const struct customers_row *row)
{
    struct attributes_reading *reading = context;
    struct kept *kept = &reading->kept[reading->n];
    int has_units = row->has_units || !reading->order.settings->wallet_units;
    *kept = (struct kept){.shard = shard,
                          .id_length = (uint16_t)row->id.size,
                          .known = (uint8_t)((has_units ? ATTRIBUTE_UNITS : 0) |
                                             (row->has_declared ? ATTRIBUTE_DECLARED : 0)),
                          .units = !reading->order.settings->wallet_units ? ONE_UNIT
                                   : row->has_units                       ? row->units
                                                                          : 0,
                          .declared = row->has_declared ? row->declared : 0,
                          .rank = row->rank};
    int r = row_bytes(reading, row, kept);
    if (r == 0 && ++reading->n == KEPT)
        r = flush(reading);
    return r;
}

int attributes_start(const struct attributes_order *order, struct attributes_reading **out)
{
    struct attributes_reading *reading = calloc(1, sizeof *reading);
    if (!reading)
        return log_fail(STATUS_BUG, "out of memory for --customers");
    reading->order = *order;
    reading->has_peers = order->settings->wallet_peers != NULL;
    reading->kept = malloc(KEPT * sizeof *reading->kept);
    struct customers_order customers = {order->settings, order->redact_key, order->shards, reading,
                                        take_row};
    int r = reading->kept ? 0 : log_fail(STATUS_BUG, "out of memory for --customers");
    if (r == 0)
        r = customers_open(&customers, &reading->customers);
    if (r == 0)
        r = spool_segment_new(order->spool, &reading->segment);
    if (r == 0)
        r = spool_pen_open(reading->segment, &reading->pen);
    if (r < 0) {
        attributes_stop(&reading);
        return r;
    }
    *out = reading;
    return 0;
}

void attributes_stop(struct attributes_reading **reading)
{
    if (!*reading)
        return;
    if ((*reading)->pen && spool_pen_close(&(*reading)->pen) < 0)
        log_say(LOG_WARN, "the attributes of customers were not written whole");
    spool_segment_close(&(*reading)->segment);
    customers_close(&(*reading)->customers);
    free((*reading)->kept);
    free((*reading)->bytes);
    free(*reading);
    *reading = NULL;
}

static int finish(struct attributes_reading *reading)
{
    struct digest part[2] = {customers_facts(reading->customers)->digest,
                             customers_digest(reading->customers)};
    int r = flush(reading);
    if (r == 0)
        r = spool_pen_close(&reading->pen);
    if (r == 0)
        r = spool_segment_seal(reading->segment, digest_of(part, sizeof part));
    reading->done = r == 0;
    return r;
}

int attributes_poll(struct attributes_reading *reading)
{
    if (reading->done)
        return 0;
    int r = customers_step(reading->customers);
    if (r == CUSTOMERS_E_BUSY)
        return ATTRIBUTES_E_BUSY;
    return r < 0 ? r : finish(reading);
}

struct spool_segment *attributes_segment(const struct attributes_reading *reading)
{
    return reading->segment;
}

const struct facts *attributes_facts(const struct attributes_reading *reading)
{
    return customers_facts(reading->customers);
}
