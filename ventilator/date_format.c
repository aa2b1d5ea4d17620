/* SPDX-License-Identifier: Apache-2.0 */
/* strptime of the C library was refused: it knows the locale, forgives what should be a reject
 * (trailing text, "1/2" for a year of two digits) and costs some 200 ns. A pattern of three plain
 * numbers becomes one of the built-in orders, so --date-format %d/%m/%Y reads what detection
 * would have called by that name. */
#include "ventilator/date_format.h"

#include <string.h>

#include "common/log.h"
#include "ventilator/date_pattern.h"
#include "ventilator/daytime.h"

static const char order_letters[][4] = {"Ymd", "dmY", "mdY"};

static void spell_numbers(struct date_format *format)
{
    const char *letters = order_letters[format->order];
    size_t n = 0;
    for (int i = 0; i < 3; i++) {
        int is_short = letters[i] == 'Y' && format->digits == 2;
        if (i)
            format->pattern[n++] = format->separator;
        format->pattern[n++] = '%';
        format->pattern[n++] = is_short ? 'y' : letters[i];
    }
}

struct date_format date_format_make(enum date_order order, char separator, int digits)
{
    struct date_format format = {.order = order, .separator = separator, .digits = digits};
    if (order == DATE_COMPACT)
        strcpy(format.pattern, "%Y%m%d");
    else if (order == DATE_EPOCH)
        strcpy(format.pattern, "%s");
    else
        spell_numbers(&format);
    return format;
}

/* The built-in formats that a pattern may spell. */
static int built_in(const char *pattern, struct date_format *format)
{
    static const char separators[] = "-/.";
    for (int order = DATE_YMD; order <= DATE_MDY; order++)
        for (int i = 0; i < 6; i++) {
            *format = date_format_make((enum date_order)order, separators[i / 2], i % 2 ? 2 : 4);
            if (strcmp(format->pattern, pattern) == 0)
                return 1;
        }
    *format = date_format_make(DATE_COMPACT, 0, 4);
    if (strcmp(format->pattern, pattern) == 0)
        return 1;
    *format = date_format_make(DATE_EPOCH, 0, 1);
    return strcmp(format->pattern, pattern) == 0;
}

int date_format_parse(const char *pattern, struct date_format *format)
{
    if (strcmp(pattern, "%F") == 0)
        pattern = "%Y-%m-%d";
    if (built_in(pattern, format))
        return 0;
    memset(format, 0, sizeof *format);
    format->order = DATE_PATTERN;
    size_t size = strlen(pattern);
    if (size > DATE_PATTERN_LIMIT)
        return log_fail(STATUS_USAGE, "--date-format of more than %d bytes", DATE_PATTERN_LIMIT);
    memcpy(format->pattern, pattern, size + 1);
    return date_pattern_check(pattern);
}

int32_t date_year_of_two(int32_t year)
{
    return year + (year < 69 ? 2000 : 1900);
}

static int read_numbers(const struct date_format *format, struct cursor *cursor,
                        struct moment *moment)
{
    const char *letters = order_letters[format->order];
    struct civil date = {0, 0, 0};
    for (int i = 0; i < 3; i++) {
        int is_year = letters[i] == 'Y';
        int32_t *part = is_year ? &date.year : letters[i] == 'm' ? &date.month : &date.day;
        int digits = cursor_number(cursor, is_year ? format->digits : 2, part);
        if (!digits || (is_year && digits != format->digits))
            return DATE_E_BAD;
        if (i < 2 && !cursor_take(cursor, format->separator))
            return DATE_E_BAD;
    }
    if (cursor_digit(cursor) || daytime_read(cursor, moment))
        return DATE_E_BAD;
    if (format->digits == 2)
        date.year = date_year_of_two(date.year);
    return day_from_civil(date, &moment->day) ? DATE_E_IMPOSSIBLE : 0;
}

static int read_compact(struct cursor *cursor, struct moment *moment)
{
    struct civil date;
    if (cursor_number(cursor, 4, &date.year) != 4 || cursor_number(cursor, 2, &date.month) != 2 ||
        cursor_number(cursor, 2, &date.day) != 2 || cursor_digit(cursor) ||
        daytime_read(cursor, moment))
        return DATE_E_BAD;
    return day_from_civil(date, &moment->day) ? DATE_E_IMPOSSIBLE : 0;
}

static int read_epoch(const struct date_format *format, struct cursor *cursor,
                      struct moment *moment)
{
    int negative = format->digits == 1 && cursor_take(cursor, '-');
    int64_t seconds = 0;
    int digits = 0;
    for (; digits < 12 && cursor_digit(cursor); digits++)
        seconds = seconds * 10 + (*cursor->at++ - '0');
    if (digits < format->digits || digits > (format->digits > 1 ? 10 : 11))
        return DATE_E_BAD;
    if (cursor_take(cursor, '.'))
        while (cursor_digit(cursor))
            cursor->at++;
    if (cursor->at != cursor->end)
        return DATE_E_BAD;
    return date_of_epoch(negative ? -seconds : seconds, moment);
}

int date_of_epoch(int64_t seconds, struct moment *moment)
{
    int64_t day = seconds / 86400 - (seconds % 86400 < 0);
    moment->clock = MOMENT_UTC;
    moment->offset_minutes = 0;
    moment->second = (int32_t)(seconds - day * 86400);
    moment->day = (int32_t)day;
    return day < -719162 || day > 2932896 ? DATE_E_IMPOSSIBLE : 0; /* years 1 to 9999 */
}

int date_read(const struct date_format *format, struct slice text, struct moment *moment)
{
    struct cursor cursor = cursor_of(text);
    switch (format->order) {
    case DATE_COMPACT:
        return read_compact(&cursor, moment);
    case DATE_EPOCH:
        return read_epoch(format, &cursor, moment);
    case DATE_PATTERN:
        return date_pattern_read(format->pattern, &cursor, moment);
    default:
        return read_numbers(format, &cursor, moment);
    }
}
