/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_ABSENTEES_H
#define VENTILATOR_ABSENTEES_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/status.h"

/* The ids of --exclude-customers: one a line, or the column of a csv file whose header names
 * customers as a ledger's does. Packed or not, as a ledger may be. */

struct absentees;

/* column: what --map calls the customers, empty if it does not. Says what is wrong with the file. */
int absentees_read(const char *path, struct slice column, struct absentees **absentees) MUST_USE;
void absentees_destroy(struct absentees **absentees);

size_t absentees_size(const struct absentees *absentees);
/* Of the file's bytes. */
struct digest absentees_digest(const struct absentees *absentees);
int absentees_has(const struct absentees *absentees, uint64_t hash, struct slice id);

#endif
