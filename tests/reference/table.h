/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REFERENCE_TABLE_H
#define REFERENCE_TABLE_H

#include <stdio.h>

/* A committed table of values worked out elsewhere: comma-separated, no quotes, one header line. */

#define TABLE_CELLS 48

struct table {
    FILE *file;
    char line[2048];
    char *cell[TABLE_CELLS];
    int cells;
    int row; /* of the file, the header being 1 */
};

/* Opens a file of this folder and passes over its header; fails the test if it is not there. */
void table_open(struct table *self, const char *name);
/* 1 and the cells of the next row, or 0 at the end, which also closes. */
int table_next(struct table *self);
/* A cell as a number, decimal or hexadecimal, of all the precision that the host has. */
long double table_number(const struct table *self, int cell);

#endif
