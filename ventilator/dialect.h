/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_DIALECT_H
#define VENTILATOR_DIALECT_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "ventilator/csv.h"

/* What kind of csv a file is, from its beginning. */
struct dialect {
    char delimiter;
    size_t mark;   /* bytes before the first record: a UTF-8 byte order mark, a line sep=; */
    size_t fields; /* of the first record */
};

/* The beginning of a file; a '\n' stands behind it, and MASK_BYTES are readable there. */
struct beginning {
    const char *name; /* for words */
    const char *bytes;
    size_t size;
    int whole; /* it is the whole file */
};

/* Answers STATUS_DATA, with words, for UTF-16 and for files of old Macs (CR alone), for an empty
 * file and for one that no delimiter cuts into columns. delimiter 0: detect. */
int dialect_detect(const struct beginning *beginning, char delimiter,
                   struct dialect *dialect) MUST_USE;

/* The text of the beginning behind the mark, whole records only, for csv_split. */
struct csv_text dialect_text(const struct dialect *dialect, const struct beginning *beginning);

/* "comma" */
const char *dialect_delimiter_name(char delimiter);

#endif
