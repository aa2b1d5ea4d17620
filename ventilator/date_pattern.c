/* SPDX-License-Identifier: Apache-2.0 */
/* Compound directives (%F, %T) are read as the patterns they stand for. What a pattern needs is
 * checked once, by noting which directives occur, so that reading need not. */
#include "ventilator/date_pattern.h"

#include <string.h>

#include "common/log.h"

static const char *const months[] = {
    "January",   "February", "March",    "April",    "May", "June", "July", "August",
    "September", "October",  "November", "December", "Jan", "Feb",  "Mar",  "Apr",
    "May",       "Jun",      "Jul",      "Aug",      "Sep", "Oct",  "Nov",  "Dec"};
static const char *const weekdays[] = {"Monday",   "Tuesday", "Wednesday", "Thursday", "Friday",
                                       "Saturday", "Sunday",  "Mon",       "Tue",      "Wed",
                                       "Thu",      "Fri",     "Sat",       "Sun"};
static const char *const halves[] = {"AM", "PM"};

/* What a pattern has found so far. */
struct parts {
    struct civil date;
    int32_t day_of_year;
    int32_t hour;
    int32_t minute;
    int32_t second;
    int pm; /* -1: not said */
    int has_epoch;
    int64_t epoch;
    struct moment moment; /* clock and offset */
};

static const char *compound(char directive)
{
    switch (directive) {
    case 'F':
        return "%Y-%m-%d";
    case 'D':
        return "%m/%d/%y";
    case 'T':
        return "%H:%M:%S";
    case 'R':
        return "%H:%M";
    default:
        return NULL;
    }
}

static int read_number(struct cursor *cursor, int least, int most, int32_t *value)
{
    return cursor_number(cursor, most, value) < least ? DATE_E_BAD : 0;
}

static int read_year(struct cursor *cursor, char directive, int32_t *year)
{
    int digits = directive == 'Y' ? 4 : 2;
    int bad = read_number(cursor, digits, digits, year);
    if (!bad && directive == 'y')
        *year = date_year_of_two(*year);
    return bad;
}

static int read_month_name(struct cursor *cursor, int32_t *month)
{
    int i = cursor_word(cursor, months, 24);
    *month = i % 12 + 1;
    return i < 0 ? DATE_E_BAD : 0;
}

static int read_fraction(struct cursor *cursor)
{
    if (!cursor_digit(cursor))
        return DATE_E_BAD;
    while (cursor_digit(cursor))
        cursor->at++;
    return 0;
}

static int read_seconds(struct cursor *cursor, struct parts *parts)
{
    int negative = cursor_take(cursor, '-');
    int digits = 0;
    for (parts->epoch = 0; digits < 12 && cursor_digit(cursor); digits++)
        parts->epoch = parts->epoch * 10 + (*cursor->at++ - '0');
    parts->epoch = negative ? -parts->epoch : parts->epoch;
    parts->has_epoch = 1;
    return digits ? 0 : DATE_E_BAD;
}

static int read_zone_name(struct cursor *cursor, struct parts *parts)
{
    static const char *const utc[] = {"UTC", "GMT", "Z"};
    if (cursor_word(cursor, utc, 3) < 0)
        return DATE_E_BAD;
    parts->moment.clock = MOMENT_OFFSET;
    return 0;
}

static int read_date_part(char directive, struct cursor *cursor, struct parts *parts)
{
    switch (directive) {
    case 'Y':
    case 'y':
        return read_year(cursor, directive, &parts->date.year);
    case 'm':
        return read_number(cursor, 1, 2, &parts->date.month);
    case 'e':
        cursor_blanks(cursor);
        return read_number(cursor, 1, 2, &parts->date.day);
    case 'd':
        return read_number(cursor, 1, 2, &parts->date.day);
    case 'j':
        return read_number(cursor, 1, 3, &parts->day_of_year);
    case 'b':
    case 'B':
    case 'h':
        return read_month_name(cursor, &parts->date.month);
    case 'a':
    case 'A':
        return cursor_word(cursor, weekdays, 14) < 0 ? DATE_E_BAD : 0;
    default:
        return read_seconds(cursor, parts);
    }
}

static int read_time_part(char directive, struct cursor *cursor, struct parts *parts)
{
    switch (directive) {
    case 'H':
    case 'I':
        return read_number(cursor, 1, 2, &parts->hour);
    case 'M':
        return read_number(cursor, 1, 2, &parts->minute);
    case 'S':
        return read_number(cursor, 1, 2, &parts->second);
    case 'f':
        return read_fraction(cursor);
    case 'p':
        parts->pm = cursor_word(cursor, halves, 2);
        return parts->pm < 0 ? DATE_E_BAD : 0;
    case 'Z':
        return read_zone_name(cursor, parts);
    default:
        return daytime_offset(cursor, &parts->moment);
    }
}

static int is_date_part(char directive)
{
    return directive && strchr("YymdejbBhaAs", directive) != NULL;
}

static int is_time_part(char directive)
{
    return directive && strchr("HIMSfpzZ", directive) != NULL;
}

/* One step of a pattern that is no compound; answers how many of its bytes were used in *used. */
static int read_step(const char *pattern, struct cursor *cursor, struct parts *parts, size_t *used)
{
    char directive = pattern[1];
    *used = pattern[0] == '%' ? 2 : 1;
    if (pattern[0] == ' ' || pattern[0] == '\t' ||
        (pattern[0] == '%' && (directive == 'n' || directive == 't'))) {
        cursor_blanks(cursor);
        return 0;
    }
    if (pattern[0] != '%' || directive == '%')
        return cursor_take(cursor, pattern[0]) ? 0 : DATE_E_BAD;
    return is_date_part(directive) ? read_date_part(directive, cursor, parts)
                                   : read_time_part(directive, cursor, parts);
}

static int read_plain(const char *pattern, struct cursor *cursor, struct parts *parts)
{
    size_t used;
    for (; *pattern; pattern += used)
        if (read_step(pattern, cursor, parts, &used))
            return DATE_E_BAD;
    return 0;
}

static int has_time_part(const char *pattern)
{
    for (; *pattern; pattern++) {
        if (*pattern != '%')
            continue;
        pattern++;
        if (is_time_part(*pattern) || *pattern == 'T' || *pattern == 'R' || *pattern == 's')
            return 1;
    }
    return 0;
}

static int read_pattern(const char *pattern, struct cursor *cursor, struct parts *parts)
{
    size_t used = 0;
    for (; *pattern; pattern += used) {
        const char *stands_for = *pattern == '%' ? compound(pattern[1]) : NULL;
        used = 2;
        int bad = stands_for ? read_plain(stands_for, cursor, parts)
                             : read_step(pattern, cursor, parts, &used);
        if (bad)
            return bad;
    }
    return 0;
}

static int day_of_parts(struct parts *parts, int32_t *day)
{
    if (parts->day_of_year < 0)
        return day_from_civil(parts->date, day) ? DATE_E_IMPOSSIBLE : 0;
    struct civil first = {parts->date.year, 1, 1};
    struct civil last = {parts->date.year, 12, 31};
    int32_t end;
    if (day_from_civil(first, day) || day_from_civil(last, &end))
        return DATE_E_IMPOSSIBLE;
    *day += parts->day_of_year - 1;
    return parts->day_of_year < 1 || *day > end ? DATE_E_IMPOSSIBLE : 0;
}

int date_pattern_read(const char *pattern, struct cursor *cursor, struct moment *moment)
{
    struct parts parts = {.pm = -1, .day_of_year = -1};
    if (read_pattern(pattern, cursor, &parts))
        return DATE_E_BAD;
    if (has_time_part(pattern)) {
        if (cursor->at != cursor->end ||
            daytime_second(parts.hour, parts.minute, parts.second, parts.pm, &parts.moment.second))
            return DATE_E_BAD;
    } else if (daytime_read(cursor, &parts.moment)) {
        return DATE_E_BAD;
    }
    *moment = parts.moment;
    return parts.has_epoch ? date_of_epoch(parts.epoch, moment)
                           : day_of_parts(&parts, &moment->day);
}

/* Bits of the directives that occur. */
enum { HAS_YEAR = 1, HAS_MONTH = 2, HAS_DAY = 4, HAS_DAY_OF_YEAR = 8, HAS_EPOCH = 16 };

static unsigned says(char directive)
{
    switch (directive) {
    case 'Y':
    case 'y':
        return HAS_YEAR;
    case 'm':
    case 'b':
    case 'B':
    case 'h':
        return HAS_MONTH;
    case 'd':
    case 'e':
        return HAS_DAY;
    case 'F':
    case 'D':
        return HAS_YEAR | HAS_MONTH | HAS_DAY;
    case 'j':
        return HAS_DAY_OF_YEAR;
    case 's':
        return HAS_EPOCH;
    default:
        return 0;
    }
}

int date_pattern_check(const char *pattern)
{
    const unsigned date = HAS_YEAR | HAS_MONTH | HAS_DAY, year_day = HAS_YEAR | HAS_DAY_OF_YEAR;
    unsigned has = 0;
    for (const char *at = pattern; *at; at++) {
        if (*at != '%')
            continue;
        at++;
        if (!*at || (!is_date_part(*at) && !is_time_part(*at) && !strchr("FDTRnt%", *at)))
            return log_fail(STATUS_USAGE, "--date-format %s: %%%c is not known", pattern,
                            *at ? *at : ' ');
        has |= says(*at);
    }
    if ((has & date) == date || (has & year_day) == year_day || has & HAS_EPOCH)
        return 0;
    return log_fail(STATUS_USAGE, "--date-format %s does not name a year, a month and a day",
                    pattern);
}
