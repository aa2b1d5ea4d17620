/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/spans.h"

#include <stdlib.h>
#include <string.h>

#include "common/digits.h"

#define KEPT      8192 /* days: 22 years */
#define SPAN_ROOM 24 /* bytes; so many days are weeks of four digits before the point, 17 in all */

struct spans {
    int32_t as_of;
    int32_t digits;
    char date[KEPT][DIGITS_DAY]; /* i days before as_of */
    struct {
        char text[SPAN_ROOM];
        size_t size;
    } weeks[KEPT];
};

struct spans *spans_new(int32_t as_of, int32_t digits)
{
    struct spans *spans = malloc(sizeof *spans);
    if (!spans)
        return NULL;
    spans->as_of = as_of;
    spans->digits = digits;
    for (int32_t i = 0; i < KEPT; i++) {
        char text[DIGITS_ROOM];
        digits_day(text, as_of - i);
        memcpy(spans->date[i], text, DIGITS_DAY);
        size_t size = (size_t)(digits_double(text, (double)i / 7, digits) - text);
        memcpy(spans->weeks[i].text, text, size);
        spans->weeks[i].size = size;
    }
    return spans;
}

void spans_free(struct spans *spans)
{
    free(spans);
}

char *spans_date(const struct spans *spans, char *out, int32_t day)
{
    int32_t before = spans->as_of - day;
    if (before < 0 || before >= KEPT)
        return digits_day(out, day);
    memcpy(out, spans->date[before], DIGITS_DAY);
    return out + DIGITS_DAY;
}

char *spans_weeks(const struct spans *spans, char *out, int32_t days)
{
    if (days < 0 || days >= KEPT)
        return digits_double(out, (double)days / 7, spans->digits);
    memcpy(out, spans->weeks[days].text, SPAN_ROOM);
    return out + spans->weeks[days].size;
}
