/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SHEET_H
#define VENTILATOR_SHEET_H

#include <stdint.h>

#include "ventilator/csv.h"
#include "ventilator/date_format.h"
#include "ventilator/dialect.h"
#include "ventilator/header.h"
#include "ventilator/input.h"
#include "ventilator/mapping.h"

/* One input as it is looked at before it is read: its beginning, dialect, header and columns. */

#define SHEET_HEAD_BYTES   ((size_t)256 << 10) /* looked at of a plain file's beginning */
#define SHEET_STREAM_BYTES ((size_t)1 << 20)   /* of a stream's, or of a packed file's */
#define SHEET_STREAM_LIMIT ((size_t)64 << 20)  /* of a stream's when more is needed */
#define SHEET_PLACES       16                  /* more places in a plain file, each of: */
#define SHEET_PLACE_BYTES  ((size_t)32 << 10)

struct sheet {
    const char *path;
    const char *name; /* for words */
    uint32_t number;
    struct input_about about;
    struct input *stream;  /* of a stream: where its rest will come from; else NULL */
    struct beginning head; /* kept of the first input and of streams only */
    char *bytes;           /* of the head, or NULL */
    struct dialect dialect;
    int has_header;
    struct header header;
    struct mapping mapping;
    uint64_t data_offset; /* of the first data record */
    uint64_t data_line;
    uint64_t seen_bytes; /* of rows looked at, and their number: for estimates */
    uint64_t seen_rows;
    double unpacked; /* bytes that a byte of the file becomes */
};

struct sheet_order {
    char delimiter;                   /* 0: detect */
    int no_header;                    /* there is none */
    int must_have_header;             /* there is one, whatever the first record looks like */
    int hide_header;                  /* from words */
    unsigned fields;                  /* bit set of those looked for */
    const struct date_format *format; /* said, or NULL */
    const struct wishes *wishes;
};

/* Opens an input and settles everything but formats. */
int sheet_open(const char *path, uint32_t number, const struct sheet_order *order,
               struct sheet *sheet) MUST_USE;
void sheet_close(struct sheet *sheet);

/* Some rows of a sheet, split. */
struct glance {
    const struct sheet *sheet;
    const struct csv_text *text;
    const struct csv_rows *rows;
    uint64_t offset; /* of the text in the unpacked input */
};
struct looker {
    void *context;
    int (*look)(void *context, const struct glance *glance); /* a status */
};

/* The sample: the beginning, and the other places of a plain file. *whole: that was everything. */
int sheet_sample(struct sheet *sheet, const struct looker *looker, int *whole) MUST_USE;
/* Everything; of a stream, what may be kept of it (*whole tells). */
int sheet_scan(struct sheet *sheet, const struct looker *looker, int *whole) MUST_USE;

/* The beginning from the first data record on; before it is forgotten. */
struct csv_text sheet_text(const struct sheet *sheet);

/* Rows that the input has, about; 0 where nothing is known of its size. */
uint64_t sheet_rows(const struct sheet *sheet);

/* The input, ready at its first data record (from 0) or at an offset of a plain file. A stream
 * can be had once. */
int sheet_input(struct sheet *sheet, uint64_t from, struct input **input) MUST_USE;

/* The physical line of an offset that was looked at, by counting. */
int sheet_line(const struct sheet *sheet, uint64_t offset, uint64_t *line) MUST_USE;

#endif
