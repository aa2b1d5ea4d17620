/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SLOW_CSV_H
#define SUPPORT_SLOW_CSV_H

#include <stddef.h>
#include <stdint.h>

/* The rules of csv once more, a byte at a time and without a thought for speed: what the fast
 * reader is compared with. */

enum slow_flaw { SLOW_WHOLE, SLOW_UNCLOSED, SLOW_TOO_LONG };

struct slow_field {
    char *value;
    size_t size;
};

struct slow_record {
    size_t offset;
    size_t line;
    enum slow_flaw flaw;
    int bad_quote;
    struct slow_field *field; /* none where there is a flaw */
    size_t n;
};

struct slow_csv {
    struct slow_record *record;
    size_t n;
    size_t lines;
};

/* Every record and given up line of a text; blank lines are records of one empty field. */
struct slow_csv slow_csv_read(const char *text, size_t size, char delimiter, size_t limit);
void slow_csv_free(struct slow_csv *csv);

#endif
