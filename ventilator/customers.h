/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CUSTOMERS_H
#define VENTILATOR_CUSTOMERS_H

#include <stdint.h>

#include "common/hash.h"
#include "common/settings.h"
#include "common/status.h"
#include "ventilator/facts.h"

/* Reads --customers: one row a customer, with what wallet share asks about him. The columns are
 * named by --customers-map (customer_id, guessed otherwise) and --wallet-units, -declared, -peers,
 * -rank, -brands.
 * Packing, dialect, decimal mark, nulls and rejects are a ledger's; there always is a header. Whether
 * an id stands there twice is for whoever gathers the shards to see. */

struct customers;

struct customers_row {
    struct slice id;
    uint64_t hash;
    int32_t has_units; /* 0: null, or no such column */
    int64_t units;     /* 1/10,000, rounded half-even */
    int32_t has_declared;
    int64_t declared;   /* money */
    uint32_t rank;      /* by wallet_rank; 0: null, or no such column */
    struct slice group; /* values of the peer columns, as written, with 0x1f between; or empty */
};

struct customers_order {
    const struct settings_reading *settings; /* borrowed for the life of customers */
    struct digest redact_key;
    uint32_t shards;
    /* Gets every accepted row, borrowed; a status ends the reading. */
    void *context;
    int (*take)(void *context, uint32_t shard, const struct customers_row *row);
};

/* Says what is wrong with the file or the flags, as survey_open does. */
int customers_open(const struct customers_order *order, struct customers **customers) MUST_USE;
void customers_close(struct customers **customers);

/* Reads a chunk on, some milliseconds. 0: all is read. */
enum { CUSTOMERS_E_BUSY = 1 };
int customers_step(struct customers *customers) MUST_USE;

/* Rows, rejects, bytes and digest, complete after 0. Their input number is that of a ledger behind
 * the last. accepted counts rows given. Borrowed. */
const struct facts *customers_facts(const struct customers *customers);

/* How rows are read, as survey_digest. */
struct digest customers_digest(const struct customers *customers);

#endif
