/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_DAY_H
#define SCORE_DAY_H

#include <stdint.h>

/* A day is an int32_t count of days since 1970-01-01 in the proleptic Gregorian calendar, the
 * date as written in the ledger. Years 1 to 9999. */

#define DAY_NONE INT32_MIN

struct civil {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

enum { DAY_E_IMPOSSIBLE = 1 };

/* DAY_E_IMPOSSIBLE for a date that no calendar has (2021-02-30) or a year outside 1..9999. */
int day_from_civil(struct civil date, int32_t *day);

struct civil day_to_civil(int32_t day);

/* Writes "YYYY-MM-DD" and a NUL. */
void day_print(int32_t day, char out[11]);

/* Reads exactly "YYYY-MM-DD" of length 10; DAY_E_IMPOSSIBLE for anything else. */
int day_read(const char *text, int32_t *day);

#endif
