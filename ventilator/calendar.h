/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_CALENDAR_H
#define VENTILATOR_CALENDAR_H

#include <stdint.h>

#include "common/status.h"
#include "score/day.h"

/* How many rows each day has, for any day of the years 1 to 9999. Pages of days come into being
 * when a row falls on one: a ledger of a few years needs one or two. */

#define CALENDAR_FIRST     INT32_C(-719162) /* 0001-01-01 */
#define CALENDAR_DAYS      INT32_C(3652059)
#define CALENDAR_PAGE_DAYS 1024
#define CALENDAR_PAGES     ((CALENDAR_DAYS + CALENDAR_PAGE_DAYS - 1) / CALENDAR_PAGE_DAYS)

struct calendar {
    uint64_t *page[CALENDAR_PAGES];
};

void calendar_release(struct calendar *calendar);

/* The rows of a page's days, made where there are none yet; NULL without memory. For the next. */
uint64_t *calendar_make_page(struct calendar *calendar, uint32_t page);

/* Where the rows of a day (one that day_from_civil gives) are counted; NULL without memory. */
static inline uint64_t *calendar_rows(struct calendar *calendar, int32_t day)
{
    uint32_t from_first = (uint32_t)(day - CALENDAR_FIRST);
    uint32_t page = from_first / CALENDAR_PAGE_DAYS;
    uint64_t *rows = calendar->page[page];
    if (!rows)
        rows = calendar_make_page(calendar, page);
    return rows ? rows + from_first % CALENDAR_PAGE_DAYS : 0;
}

/* Rows of a day; 0 for a day that cannot be. */
uint64_t calendar_count(const struct calendar *calendar, int32_t day);

/* The first day >= day (<= day) that has rows; DAY_NONE if there is none. */
int32_t calendar_from(const struct calendar *calendar, int32_t day);
int32_t calendar_until(const struct calendar *calendar, int32_t day);

int calendar_merge(struct calendar *into, const struct calendar *from) MUST_USE;

#endif
