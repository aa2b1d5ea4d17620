/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/calendar.h"

#include <stdlib.h>

#include "common/log.h"

#define CALENDAR_LAST (CALENDAR_FIRST + CALENDAR_DAYS - 1)

void calendar_release(struct calendar *calendar)
{
    for (int i = 0; i < CALENDAR_PAGES; i++) {
        free(calendar->page[i]);
        calendar->page[i] = NULL;
    }
}

uint64_t *calendar_make_page(struct calendar *calendar, uint32_t page)
{
    calendar->page[page] = calloc(CALENDAR_PAGE_DAYS, sizeof *calendar->page[page]);
    return calendar->page[page];
}

static const uint64_t *page_of(const struct calendar *calendar, int32_t day)
{
    return calendar->page[(day - CALENDAR_FIRST) / CALENDAR_PAGE_DAYS];
}

uint64_t calendar_count(const struct calendar *calendar, int32_t day)
{
    if (day < CALENDAR_FIRST || day > CALENDAR_LAST || !page_of(calendar, day))
        return 0;
    return page_of(calendar, day)[(day - CALENDAR_FIRST) % CALENDAR_PAGE_DAYS];
}

int32_t calendar_from(const struct calendar *calendar, int32_t day)
{
    if (day < CALENDAR_FIRST)
        day = CALENDAR_FIRST;
    for (; day <= CALENDAR_LAST; day++) {
        if (calendar_count(calendar, day))
            return day;
        if (!page_of(calendar, day)) /* on to the next page's first day */
            day += CALENDAR_PAGE_DAYS - 1 - (day - CALENDAR_FIRST) % CALENDAR_PAGE_DAYS;
    }
    return DAY_NONE;
}

int32_t calendar_until(const struct calendar *calendar, int32_t day)
{
    if (day > CALENDAR_LAST)
        day = CALENDAR_LAST;
    for (; day >= CALENDAR_FIRST; day--) {
        if (calendar_count(calendar, day))
            return day;
        if (!page_of(calendar, day))
            day -= (day - CALENDAR_FIRST) % CALENDAR_PAGE_DAYS;
    }
    return DAY_NONE;
}

int calendar_merge(struct calendar *into, const struct calendar *from)
{
    for (int32_t day = calendar_from(from, CALENDAR_FIRST); day != DAY_NONE;
         day = calendar_from(from, day + 1)) {
        uint64_t *rows = calendar_rows(into, day);
        if (!rows)
            return log_fail(STATUS_BUG, "no memory for a calendar");
        *rows += calendar_count(from, day);
    }
    return 0;
}
