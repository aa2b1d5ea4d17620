/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include <stddef.h>

#include "common/columns.h"
#include "common/status.h"

/* One line of scores.csv, by the names of its columns. */

struct record {
    const char *cell[COLUMNS]; /* NUL-terminated; NULL where the file has no such column */
    size_t size[COLUMNS];
    char *text; /* what the cells point into */
};

/* Which column each field of a line is; COLUMNS for one that is not known. */
#define RECORD_FIELDS 256
struct record_head {
    size_t n;
    enum column column[RECORD_FIELDS];
};

enum { RECORD_E_ABSENT = 1, RECORD_E_MALFORMED };

/* The line with that customer_id. RECORD_E_ABSENT: there is none; record->text is then an id of the
 * file that differs in nothing but case, blanks around it or zeros before it, or NULL. STATUS_NO_INPUT
 * and STATUS_DATA are said. Free the record in every case. The file is read to where he is: a
 * second for some 10 million customers. */
int record_find(const char *path, struct slice customer, struct record *record) MUST_USE;

/* A line of that head. RECORD_E_MALFORMED: another number of fields. STATUS_BUG: no memory. */
int record_read(const struct record_head *head, struct slice line, struct record *record) MUST_USE;
void record_free(struct record *record);

#endif
