/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_PURCHASE_H
#define SCORE_PURCHASE_H

#include <stddef.h>
#include <stdint.h>

/* Accepted ledger rows as columns: what a shard's frames carry from the ventilator to a worker.
 * Everything is borrowed. Row i belongs to the customer whose id is the id_length[i] bytes that
 * follow the ids of the rows before it. */
struct purchase_rows {
    size_t n;
    const char *ids;
    const uint16_t *id_length;
    const int32_t *day;
    const int64_t *amount; /* money; < 0 is a refund; all 0 in a ledger without amounts */
    const uint64_t *order; /* hash of the order id, 0 = an order of its own; NULL: not mapped */
};

/* The longest customer id that is accepted, bytes. */
#define CUSTOMER_ID_LIMIT 4096

#endif
