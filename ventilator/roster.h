/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ROSTER_H
#define VENTILATOR_ROSTER_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/status.h"

/* The ids of --exclude-customers: one a line, or the column of a csv file whose header names
 * customers as a ledger's does. Packed or not, as a ledger may be. */

struct roster;

/* column: what --map calls the customers, empty if it does not. Says what is wrong with the file. */
int roster_read(const char *path, struct slice column, struct roster **roster) MUST_USE;
void roster_destroy(struct roster **roster);

size_t roster_size(const struct roster *roster);
/* Of the file's bytes. */
struct digest roster_digest(const struct roster *roster);
int roster_has(const struct roster *roster, uint64_t hash, struct slice id);

#endif
