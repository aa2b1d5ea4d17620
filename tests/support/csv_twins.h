/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_CSV_TWINS_H
#define SUPPORT_CSV_TWINS_H

#include <stddef.h>

struct csv_twins {
    const char *text;
    size_t size;
    char delimiter;
    size_t limit;      /* of a record */
    size_t chunk_size; /* of the fast reader's windows */
};

/* Reads a text with the product's reader and with the slow one; 1 if both find the same. Says on
 * stderr where they differ. */
int csv_twins_agree(const struct csv_twins *twins);

#endif
