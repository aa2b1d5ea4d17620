/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_GRID_H
#define CLI_GRID_H

#include <stddef.h>
#include <stdio.h>

#include "common/status.h"

/* Cells in aligned columns for people to read: gathered first, because a column is as wide as its
 * widest cell. Start from grid_of. What memory was lacking for is told at the end. */

struct grid {
    size_t columns;
    unsigned right; /* bit i: column i stands to the right, as numbers do */
    char **cell;
    size_t n, room;
    int failed;
};

struct grid grid_of(size_t columns, unsigned right);

/* The next cell, rows from the left. Control bytes become \xNN: cells hold what strangers wrote. */
void grid_put(struct grid *grid, const char *format, ...) PRINTF_LIKE(2, 3);
void grid_put_bytes(struct grid *grid, struct slice bytes);
/* Leaves the rest of the row empty. */
void grid_end(struct grid *grid);

/* Prints the rows with so many blanks before each, and lets go of them. STATUS_BUG: no memory. */
int grid_print(struct grid *grid, FILE *out, int margin) MUST_USE;

#endif
