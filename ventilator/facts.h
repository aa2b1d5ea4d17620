/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_FACTS_H
#define VENTILATOR_FACTS_H

#include <stdint.h>

#include "common/hash.h"
#include "common/settings.h"
#include "ventilator/calendar.h"
#include "ventilator/crowd.h"
#include "ventilator/reject.h"
#include "ventilator/sightings.h"

/* What was found in one stretch of one input, or, merged, in a whole ledger. Nothing in it depends
 * on the number of threads, on --as-of or on --max-rejects, so that it can be kept with the rows
 * it is about. rows_in = accepted + anonymous + all of left_out + all of rejects. */

enum left_out {
    LEFT_OUT_COLUMN,   /* --exclude */
    LEFT_OUT_CUSTOMER, /* --exclude-customers */
    LEFT_OUT_SAMPLE,   /* not in --sample */
    LEFT_OUT_CURRENCY, /* not --currency */
    LEFT_OUT_REASONS
};

/* Rows that are in no history, and their money where it could be read; a sum that does not fit
 * stays at the largest number. */
struct facts_sum {
    uint64_t rows;
    int64_t amount;
};

struct facts {
    uint64_t raw_bytes;   /* of the file, packed as it is */
    struct digest digest; /* of these bytes */
    uint64_t lines;       /* physical */
    int32_t
        ended_whole; /* the stretch ended with a record: rows appended later can be read alone */

    uint64_t rows_in; /* records but the header and blank lines */
    uint64_t accepted;
    uint64_t rounded;    /* accepted rows whose amount had to be rounded to 1/10,000 */
    uint32_t decimals;   /* most seen in an accepted row, 0..4 */
    uint32_t has_amount; /* 1: the column is there */
    uint32_t has_order;
    struct facts_sum anonymous;
    struct facts_sum left_out[LEFT_OUT_REASONS];
    uint64_t rejected[REJECT_CODES];

    struct calendar days;          /* accepted rows of each */
    struct crowd reject_customers; /* of rejected rows whose customer could be read */
    struct rejects *rejects;
    struct sightings currencies; /* values of the currency column */
    struct sightings signs;      /* in amounts */
    struct sightings offsets;    /* from UTC, in dates */
};

int facts_new(struct facts **facts) MUST_USE;
void facts_destroy(struct facts **facts);

/* One row more, with its amount. */
void facts_sum_row(struct facts_sum *sum, int64_t amount);

uint64_t facts_rejects(const struct facts *facts);
const char *facts_left_out_name(enum left_out reason); /* "column" */

/* First and last day of an accepted row up to as_of (DAY_NONE: of all); DAY_NONE if there is none. */
int32_t facts_first_day(const struct facts *facts, int32_t as_of);
int32_t facts_last_day(const struct facts *facts, int32_t as_of);

/* Adds what was found elsewhere. The digest of the sum says nothing and is none. */
int facts_merge(struct facts *into, const struct facts *from) MUST_USE;
/* Found in that input now: what is kept of an earlier run may have had another number. */
void facts_renumber(struct facts *facts, uint32_t input);

/* Whether a reading of the same bytes now would find the same, although today has moved on and
 * as_of may be another: no row was refused, or would be now, because it lies in the future. */
int facts_still_hold(const struct facts *facts, int32_t as_of, int32_t today);

/* Refuses a ledger in which two currencies, signs or UTC offsets stand, with words (STATUS_DATA),
 * unless the settings say what to do. */
int facts_check(const struct facts *facts, const struct settings_reading *settings) MUST_USE;

/* Keeps facts in a file, mode 0600, written aside and renamed. Reading answers FACTS_E_ABSENT, or
 * FACTS_E_DAMAGED for anything that is not what was written, and then gives nothing. */
enum { FACTS_E_ABSENT = 1, FACTS_E_DAMAGED };
int facts_write(const struct facts *facts, const char *path) MUST_USE;
int facts_read(const char *path, struct facts **facts) MUST_USE;

#endif
