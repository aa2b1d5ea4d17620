/* SPDX-License-Identifier: Apache-2.0 */
/* strtod would round 33.4 before anybody has summed it, and reads inf, nan, 0x1p3 and blanks. */
#include "cli/decimal.h"

#include <string.h>

#define SHARE_WHOLE 1000000

/* *value = *value * 10 + digit */
static int push(uint64_t *value, int digit)
{
    if (*value > ((uint64_t)INT64_MAX - (uint64_t)digit) / 10)
        return DECIMAL_E_RANGE;
    *value = *value * 10 + (uint64_t)digit;
    return 0;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits after the point: the first `places` count, the rest must be 0. */
static int read_fraction(const char *at, const char *end, int places, uint64_t *value)
{
    int answer = 0;
    for (; at < end; at++) {
        if (!is_digit(*at))
            return DECIMAL_E_WORD;
        if (places > 0 && !answer)
            answer = push(value, *at - '0');
        else if (places <= 0 && *at != '0' && !answer)
            answer = DECIMAL_E_PLACES;
        places--;
    }
    for (; places > 0 && !answer; places--)
        answer = push(value, 0);
    return answer;
}

static int read_unsigned(const char *at, const char *end, int places, uint64_t *value)
{
    int answer = 0;
    const char *first = at;
    for (; at < end && is_digit(*at); at++)
        if (!answer)
            answer = push(value, *at - '0');
    if (at == first || (at < end && (*at != '.' || at + 1 == end)))
        return DECIMAL_E_WORD;
    int after = read_fraction(at < end ? at + 1 : end, end, places, value);
    return after == DECIMAL_E_WORD || !answer ? after : answer;
}

int decimal_read(const char *text, size_t size, int places, int64_t *out)
{
    const char *end = text + size;
    int negative = size > 0 && *text == '-';
    uint64_t value = 0;
    if (size > 0 && (*text == '-' || *text == '+'))
        text++;
    int answer = read_unsigned(text, end, places, &value);
    if (answer)
        return answer;
    *out = negative ? -(int64_t)value : (int64_t)value;
    return 0;
}

int decimal_read_within(const char *text, int places, int64_t least, int64_t most, int64_t *out)
{
    int64_t value;
    int answer = decimal_read(text, strlen(text), places, &value);
    if (answer)
        return answer;
    if (value < least || value > most)
        return DECIMAL_E_RANGE;
    *out = value;
    return 0;
}

int decimal_read_share(const char *text, int64_t *millionths)
{
    size_t size = strlen(text);
    int percent = size > 1 && text[size - 1] == '%';
    int64_t value;
    int answer = decimal_read(text, percent ? size - 1 : size, percent ? 4 : 6, &value);
    if (answer)
        return answer;
    if (value < 0 || value > SHARE_WHOLE)
        return DECIMAL_E_RANGE;
    *millionths = value;
    return 0;
}
