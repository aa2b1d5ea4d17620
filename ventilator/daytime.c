/* SPDX-License-Identifier: Apache-2.0 */
/* Times of day matter only where --timezone moves a moment to another day, so they are checked
 * and then mostly forgotten. */
#include "ventilator/daytime.h"

#include <string.h>

static int blank(char c)
{
    return c == ' ' || c == '\t';
}

struct cursor cursor_of(struct slice text)
{
    struct cursor cursor = {text.data, (const char *)text.data + text.size};
    cursor_blanks(&cursor);
    while (cursor.end > cursor.at && blank(cursor.end[-1]))
        cursor.end--;
    return cursor;
}

void cursor_blanks(struct cursor *cursor)
{
    while (cursor->at < cursor->end && blank(*cursor->at))
        cursor->at++;
}

int cursor_take(struct cursor *cursor, char wanted)
{
    if (cursor->at == cursor->end || *cursor->at != wanted)
        return 0;
    cursor->at++;
    return 1;
}

int cursor_number(struct cursor *cursor, int most, int32_t *value)
{
    int n = 0;
    *value = 0;
    for (; n < most && cursor_digit(cursor); n++)
        *value = *value * 10 + (*cursor->at++ - '0');
    return n;
}

static int same_letter(char a, char b)
{
    return (a | 0x20) == (b | 0x20);
}

int cursor_word(struct cursor *cursor, const char *const *words, int n)
{
    for (int i = 0; i < n; i++) {
        size_t size = strlen(words[i]), same = 0;
        if ((size_t)(cursor->end - cursor->at) < size)
            continue;
        while (same < size && same_letter(cursor->at[same], words[i][same]))
            same++;
        if (same == size) {
            cursor->at += size;
            return i;
        }
    }
    return -1;
}

int daytime_second(int32_t hour, int32_t minute, int32_t second, int pm, int32_t *out)
{
    if (pm >= 0) {
        if (hour < 1 || hour > 12)
            return DATE_E_BAD;
        hour = hour % 12 + 12 * pm;
    }
    if (hour > 23 || minute > 59 || second > 60)
        return DATE_E_BAD;
    *out = hour * 3600 + minute * 60 + second;
    return 0;
}

int daytime_offset(struct cursor *cursor, struct moment *moment)
{
    static const char *const utc[] = {"UTC", "GMT", "Z"};
    int32_t hours, minutes;
    moment->clock = MOMENT_OFFSET;
    moment->offset_minutes = 0;
    if (cursor_word(cursor, utc, 3) >= 0)
        return 0;
    int sign = cursor_take(cursor, '-') ? -1 : 1;
    if (sign > 0 && !cursor_take(cursor, '+'))
        return DATE_E_BAD;
    if (cursor_number(cursor, 2, &hours) != 2)
        return DATE_E_BAD;
    int colon = cursor_take(cursor, ':');
    int digits = cursor_number(cursor, 2, &minutes);
    if (digits != 2 && (colon || digits))
        return DATE_E_BAD;
    if (hours > 15 || minutes > 59)
        return DATE_E_BAD;
    moment->offset_minutes = sign * (hours * 60 + minutes);
    return 0;
}

static void skip_digits(struct cursor *cursor)
{
    while (cursor_digit(cursor))
        cursor->at++;
}

/* H:MM[:SS[.fraction]], or the same without colons. */
static int read_clock(struct cursor *cursor, int32_t part[3])
{
    int digits = cursor_number(cursor, 2, &part[0]);
    int basic = digits == 2 && cursor_digit(cursor);
    if (!digits || (!basic && !cursor_take(cursor, ':')) || cursor_number(cursor, 2, &part[1]) != 2)
        return DATE_E_BAD;
    part[2] = 0;
    if (basic ? !cursor_digit(cursor) : !cursor_take(cursor, ':'))
        return 0;
    if (cursor_number(cursor, 2, &part[2]) != 2)
        return DATE_E_BAD;
    if (cursor_take(cursor, '.') || cursor_take(cursor, ',')) {
        if (!cursor_digit(cursor))
            return DATE_E_BAD;
        skip_digits(cursor);
    }
    return 0;
}

int daytime_read(struct cursor *cursor, struct moment *moment)
{
    static const char *const half[] = {"AM", "PM"};
    int32_t part[3];
    moment->clock = MOMENT_LOCAL;
    moment->second = 0;
    moment->offset_minutes = 0;
    if (cursor->at == cursor->end)
        return 0;
    const char *date_end = cursor->at;
    if (!cursor_take(cursor, 'T') && !cursor_take(cursor, 't')) {
        cursor_take(cursor, ',');
        cursor_blanks(cursor);
    }
    if (cursor->at == date_end || read_clock(cursor, part))
        return DATE_E_BAD;
    cursor_blanks(cursor);
    int pm = cursor_word(cursor, half, 2);
    if (daytime_second(part[0], part[1], part[2], pm, &moment->second))
        return DATE_E_BAD;
    cursor_blanks(cursor);
    if (cursor->at == cursor->end)
        return 0;
    return daytime_offset(cursor, moment) || cursor->at != cursor->end ? DATE_E_BAD : 0;
}
