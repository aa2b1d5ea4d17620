/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_DATE_FORMAT_H
#define VENTILATOR_DATE_FORMAT_H

#include <stdint.h>

#include "common/status.h"
#include "score/day.h"

/* How the dates of a ledger are written. Three numbers with one separator (2020-01-31, 1/31/2020,
 * 31.1.20), 20200131, seconds since 1970, or whatever a strptime pattern says. Behind the date a
 * time of day may stand, in any of them but the patterns that name one themselves:
 *
 *   [T or blanks, or a comma] H:MM[:SS[.fraction]] [AM|PM] [Z|UTC|GMT|+HH|+HHMM|+HH:MM]
 *
 * (20200131T093000Z also without colons). Years have four digits, or two: 69..99 are 1969..1999,
 * 00..68 are 2000..2068, as POSIX has it. Days and months may lack their leading zero. Blanks
 * around the whole are ignored. */

enum date_order {
    DATE_YMD,
    DATE_DMY,
    DATE_MDY,
    DATE_COMPACT, /* YYYYMMDD */
    DATE_EPOCH,   /* seconds since 1970, UTC; a fraction is ignored */
    DATE_PATTERN
};

#define DATE_PATTERN_LIMIT 63

struct date_format {
    enum date_order order;
    char separator; /* of the three numbers */
    int digits;     /* of the year: 4 or 2; of DATE_EPOCH: the fewest it has */
    char pattern[DATE_PATTERN_LIMIT + 1]; /* in strptime's words */
};

/* What a date says. */
enum moment_clock {
    MOMENT_LOCAL,  /* no offset: the day as written */
    MOMENT_OFFSET, /* an offset from UTC is written; the day is as written, too */
    MOMENT_UTC     /* seconds since 1970; the day is UTC's */
};
struct moment {
    int32_t day;
    int32_t second; /* of the day, 0 where no time is written */
    enum moment_clock clock;
    int32_t offset_minutes;
};

/* Formats that have a name of their own: "%Y-%m-%d" and so on. */
struct date_format date_format_make(enum date_order order, char separator, int digits);

/* From a strptime pattern; says what is wrong with it (STATUS_USAGE). Known: %Y %y %m %d %e %j %b
 * %B %h %a %A %H %I %M %S %f %p %z %Z %s %F %D %T %R %n %t %%; blanks match any blanks. */
int date_format_parse(const char *pattern, struct date_format *format) MUST_USE;

/* DATE_E_BAD: not in this format. DATE_E_IMPOSSIBLE: in this format, but no calendar has it. */
enum { DATE_E_BAD = 1, DATE_E_IMPOSSIBLE };
int date_read(const struct date_format *format, struct slice text, struct moment *moment);

#endif
