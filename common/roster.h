/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_ROSTER_H
#define COMMON_ROSTER_H

#include <stddef.h>
#include <stdint.h>

#include "common/radix.h"
#include "common/status.h"

/* Names (customer ids, peer groups) numbered as they appear. */

struct roster;

int roster_new(struct roster **roster) MUST_USE;
void roster_destroy(struct roster **roster);
void roster_forget(struct roster *roster);

/* The number of this id, a new one where it is not known. */
int roster_number(struct roster *roster, const char *id, size_t length, uint32_t *number) MUST_USE;
/* The same of n ids that stand one after the other, looked for side by side: memory is what is waited
 * for. */
int roster_number_all(struct roster *roster, const char *ids, const uint16_t *length, size_t n,
                      uint32_t *numbers) MUST_USE;

/* The number of an id that is known already; UINT32_MAX for one that is not. */
uint32_t roster_find(const struct roster *roster, const char *id, size_t length);

uint32_t roster_size(const struct roster *roster);
uint64_t roster_hash(const struct roster *roster, uint32_t number);
const char *roster_id(const struct roster *roster, uint32_t number, size_t *length);
/* Bytes of all ids together. */
size_t roster_ids_size(const struct roster *roster);

/* The numbers in the order of (hash, id): entry i's value is the number of the id of rank i.
 * Borrowed until the next call of roster_*. */
int roster_ranked(struct roster *roster, const struct radix_item **ranked) MUST_USE;

/* order[0..size) = the numbers sorted by id bytewise; scratch holds as many. */
void roster_by_name(const struct roster *roster, uint32_t *order, uint32_t *scratch);

#endif
