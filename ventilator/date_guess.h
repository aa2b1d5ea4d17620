/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_DATE_GUESS_H
#define VENTILATOR_DATE_GUESS_H

#include "ventilator/date_format.h"
#include "ventilator/proof.h"

/* Which format the dates of a column have. Formats that the same text can be read in (day first,
 * month first; with two digits and hyphens also year first) are rivals: one wins against another
 * by values that only it can read, and where at most one in DATE_GUESS_DOUBT of those speaks for
 * the other (the limit on rejects is far below that; a ledger of a few rows may still have a bad
 * one). DuckDB and pandas take the first that fits; here a question the data leaves open stays
 * open. */

#define DATE_GUESS_FORMATS 22
#define DATE_GUESS_RIVALS  3
#define DATE_GUESS_DOUBT   10

struct date_rival {
    uint64_t only;      /* values that this one reads and the other does not */
    uint64_t differ;    /* values that both read, as different days */
    struct proof proof; /* the first of `only` */
};

struct date_candidate {
    struct date_format format;
    int group;     /* rivals have the same */
    int in_group;  /* 0.. */
    uint64_t read; /* values it reads */
    struct proof first;
    struct date_rival against[DATE_GUESS_RIVALS];
};

/* What the formats made of a text, as it comes again: dates are few, whatever the rows. Any two texts
 * may share a place; the later one stays. */
#define DATE_GUESS_SEEN      1024
#define DATE_GUESS_SEEN_TEXT 24
struct date_seen {
    char text[DATE_GUESS_SEEN_TEXT]; /* then zeros */
    size_t size;                     /* 0: none yet */
    int32_t day[DATE_GUESS_FORMATS]; /* DAY_NONE: not read */
};

struct date_guess {
    uint64_t values;        /* that are not null */
    struct proof any;       /* the first of them */
    struct proof differing; /* the first that rivals read differently */
    struct date_candidate candidate[DATE_GUESS_FORMATS];
    struct date_seen seen[DATE_GUESS_SEEN];
};

void date_guess_begin(struct date_guess *guess);
void date_guess_see(struct date_guess *guess, struct slice value, const struct proof *place);

/* OPEN: a and b are rivals that no value settles; MIXED: some values speak for a, some for b;
 * NONE: no known format. */
enum { DATE_GUESS_E_OPEN = 1, DATE_GUESS_E_MIXED, DATE_GUESS_E_NONE };
struct date_verdict {
    const struct date_candidate *a;
    const struct date_candidate *b; /* NULL but for OPEN and MIXED */
    struct proof proof;             /* of a: against its rivals, or the first value it reads */
    uint64_t foreign;               /* values that a does not read */
};
int date_guess_end(const struct date_guess *guess, struct date_verdict *verdict);

/* Whether a value reads as a date at all. */
int date_guess_looks(struct slice value);

#endif
