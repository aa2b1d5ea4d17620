/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include <stdio.h>

#include "common/wire_order.h"

/* The jobs of a serving ventilator as people read them. */

/* A line a job, in columns; those that wait say how many are before them in the list. */
void listing_print(const struct entries *entries, FILE *out);
/* A line a member. */
void listing_print_one(const struct entry *entry, FILE *out);

/* "queued", "running", "done", "failed", "cancelled". */
const char *listing_state(enum entry_state state);

#endif
