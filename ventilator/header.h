/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_HEADER_H
#define VENTILATOR_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "ventilator/csv.h"

/* The names of a file's columns: what its first record says, without quotes and blanks around, or
 * "1", "2", "3" where there is no header. */
struct header {
    size_t n;
    struct slice *name; /* in text */
    char *text;
    int hidden; /* not to be shown: what was taken for names could be a customer's row */
};

/* From a record of a split text. */
int header_of_row(const struct csv_rows *rows, const struct csv_text *text, size_t row,
                  struct header *header) MUST_USE;
int header_of_positions(size_t n, struct header *header) MUST_USE;
void header_release(struct header *header);

/* The column of a name, blanks around it aside. */
enum { HEADER_E_ABSENT = 1, HEADER_E_DOUBLED };
int header_find(const struct header *header, struct slice name, int32_t *column);

/* All names for a message, cut off where there are too many. Answers out. */
#define HEADER_WORDS 800
const char *header_words(const struct header *header, char out[HEADER_WORDS]);

#endif
