/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_DAYTIME_H
#define VENTILATOR_DAYTIME_H

#include "ventilator/date_format.h"

/* Text that is read from its front. */
struct cursor {
    const char *at;
    const char *end;
};

static inline int cursor_digit(const struct cursor *cursor)
{
    return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

/* Blanks before and behind are not there. */
struct cursor cursor_of(struct slice text);
void cursor_blanks(struct cursor *cursor);
/* Passes a byte if it is next; answers whether it was. */
int cursor_take(struct cursor *cursor, char wanted);
/* A number of 1..most digits; answers how many there were, 0 for none. */
int cursor_number(struct cursor *cursor, int most, int32_t *value);
/* One of n words, whatever their case; answers its index or -1. */
int cursor_word(struct cursor *cursor, const char *const *words, int n);

/* The optional time of day behind a date, as date_format.h draws it, up to the end of the text.
 * Fills second, clock and offset_minutes. DATE_E_BAD for anything else. */
int daytime_read(struct cursor *cursor, struct moment *moment);

/* [Z|UTC|GMT|+HH|+HHMM|+HH:MM]; DATE_E_BAD when there is none. */
int daytime_offset(struct cursor *cursor, struct moment *moment);

/* Second of the day; pm is -1 where no AM or PM is said. DATE_E_BAD for what no clock shows. */
int daytime_second(int32_t hour, int32_t minute, int32_t second, int pm, int32_t *out);

#endif
