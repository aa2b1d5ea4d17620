/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PLAIN_H
#define VENTILATOR_PLAIN_H

#include <stdint.h>
#include <string.h>

#include "common/status.h"
#include "score/day.h"

/* The plainest way of writing a date, 2020-01-31, read without a call. Whatever is not that plain
 * answers 0 and is read by the general way, which gives the same for these. */

/* Months that dates were seen in, by the eight bytes "2020-01-", so that a date costs a look-up and
 * not a calendar. Any two months may share a place; the later one stays. */
#define PLAIN_MONTHS 256
struct plain_months {
    struct {
        uint64_t head;
        int32_t before; /* the day before the first */
        uint32_t days;
    } known[PLAIN_MONTHS];
};

/* Notes a month; 0 where the eight bytes are none. */
int plain_learn(struct plain_months *months, uint64_t head, size_t place);

/* "YYYY-MM-DD" and nothing else. */
static inline int plain_date(struct slice value, struct plain_months *months, int32_t *day)
{
    uint64_t head;
    const unsigned char *text = value.data;
    if (value.size != 10)
        return 0;
    memcpy(&head, text, 8);
    size_t place = (size_t)(head * UINT64_C(0x9e3779b97f4a7c15) >> 56);
    if (months->known[place].head != head && !plain_learn(months, head, place))
        return 0;
    unsigned tens = text[8] - (unsigned)'0', ones = text[9] - (unsigned)'0';
    unsigned of_month = tens * 10 + ones;
    if (tens > 9 || ones > 9 || of_month - 1 >= months->known[place].days)
        return 0;
    *day = months->known[place].before + (int32_t)of_month;
    return 1;
}

/* "HH:MM:SS", every byte at most what a clock shows there. */
static inline int plain_time(const char *text)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t word;
    memcpy(&word, text, 8);
    word ^= UINT64_C(0x30303a30303a3030); /* from "00:00:00" */
    uint64_t over = word + UINT64_C(0x767a7f767a7f767d);
    return ((word | over) & high) == 0 && ((word & 0xff) != 2 || (word & 0xffff) <= 0x0302);
}

/* The same with a time behind a T or a blank, without an offset: 19 bytes. */
static inline int plain_moment(struct slice value, struct plain_months *months, int32_t *day)
{
    const char *text = value.data;
    if (value.size == 10)
        return plain_date(value, months, day);
    return value.size == 19 && (text[10] == 'T' || text[10] == ' ') && plain_time(text + 11) &&
           plain_date((struct slice){text, 10}, months, day);
}

#endif
