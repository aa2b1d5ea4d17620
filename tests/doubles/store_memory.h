/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOUBLES_STORE_MEMORY_H
#define DOUBLES_STORE_MEMORY_H

#include "common/store.h"

/* A store in memory: a sorted array, held to tests/contract as LMDB is. What a read answers is a
 * copy that is freed at store_release or the next write, so that an address sanitizer sees who
 * keeps one. */

struct shelf;

/* What outlives a store: close one and open another on the same shelf, as after a crash. One store
 * at a time (STORE_E_BUSY). */
int store_memory_shelf_new(struct shelf **shelf) MUST_USE;
int store_memory_open(struct shelf *shelf, struct store **store) MUST_USE;
void store_memory_shelf_destroy(struct shelf **shelf);

/* Whether the key is there, for those who look from outside. */
int store_memory_shelf_has(const struct shelf *shelf, struct slice key);
/* The machine lost its power, and with it the last n transactions (at most SHELF_KEPT): what a store
 * that is never synced may do. The shelf must be free. */
#define SHELF_KEPT 4
void store_memory_shelf_rewind(struct shelf *shelf, size_t n);

#endif
