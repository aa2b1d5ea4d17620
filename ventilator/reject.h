/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_REJECT_H
#define VENTILATOR_REJECT_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Rows that could not be read, and why. Every one is counted; the first REJECTS_KEPT, in the
 * order of the inputs, are kept with what rejects.csv and rejects.raw say of them. */

#define REJECTS_KEPT      10000
#define REJECTS_RAW_BYTES ((size_t)64 << 20) /* of raw rows kept; later ones are kept without */
#define REJECT_VALUE_SIZE 1024               /* of a value that is kept */

/* The order is that of the facts file: append only. */
enum reject_code {
    REJECT_WRONG_FIELD_COUNT,
    REJECT_UNCLOSED_QUOTE,
    REJECT_BAD_QUOTE,
    REJECT_TOO_LONG,
    REJECT_NUL_BYTE,
    REJECT_INVALID_UTF8,
    REJECT_ID_TOO_LONG,
    REJECT_NULL_DATE,
    REJECT_BAD_DATE,
    REJECT_IMPOSSIBLE_DATE,
    REJECT_FUTURE_DATE,
    REJECT_NULL_AMOUNT,
    REJECT_BAD_AMOUNT,
    REJECT_OPEN_DECIMAL,
    REJECT_AMOUNT_TOO_LARGE,
    REJECT_NULL_CUSTOMER, /* in --customers, where there are no anonymous rows */
    REJECT_BAD_HISTORY,   /* in a summary */
    REJECT_BAD_RANK,      /* in --customers */
    REJECT_CODES
};

/* "wrong_field_count" */
const char *reject_name(enum reject_code code);

struct reject {
    uint32_t input; /* number of the input it stands in */
    enum reject_code code;
    uint64_t line;   /* physical, from 1 */
    uint64_t offset; /* of the row in the unpacked input */
    uint32_t found;  /* REJECT_WRONG_FIELD_COUNT: fields, and how many there should be */
    uint32_t wanted;
    struct slice column; /* name of the column; empty where the whole row is meant */
    struct slice value;  /* at most REJECT_VALUE_SIZE of it */
    struct slice raw;    /* the row as it stands, without its line end; empty if not kept */
    uint64_t raw_bytes;  /* of it, kept or not; 0: raw.size */
};

/* Why, and which flag mends it: "no date; --date-format says how dates are written". Ends with
 * a NUL, cut off at size. */
void reject_words(const struct reject *reject, char *out, size_t size);

/* The first rejects, by (input, offset). */
struct rejects;
int rejects_new(struct rejects **rejects) MUST_USE;
void rejects_destroy(struct rejects **rejects);
size_t rejects_size(const struct rejects *rejects);
/* Slices are borrowed until rejects is next changed. */
struct reject rejects_at(const struct rejects *rejects, size_t i);
/* Copies; rejects are added in rising order. Does nothing once it is full. */
int rejects_add(struct rejects *rejects, const struct reject *reject) MUST_USE;
/* into becomes the first of both. */
int rejects_merge(struct rejects *into, const struct rejects *from) MUST_USE;
/* All are in that input now. */
void rejects_renumber(struct rejects *rejects, uint32_t input);

#endif
