/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/counted.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

/* 22 bits hold the days of any calendar, 20 bits of x a purchase every day for 2,870 years. */
#define AGE_SHIFT  22
#define X_SHIFT    44
#define DAYS_MASK  ((1u << 22) - 1)
#define X_GREATEST ((1u << 20) - 1)

int counted_grow(void *array, size_t *room, size_t n, size_t size)
{
    void **at = array;
    if (n <= *room)
        return 0;
    size_t want = *room * 2 > n ? *room * 2 : n + 1024;
    void *more = realloc(*at, want * size);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %zu entries of the population", want);
    *at = more;
    *room = want;
    return 0;
}

int counted_room(struct counted *counted, size_t more)
{
    return counted_grow(&counted->item, &counted->room, counted->n + more, sizeof *counted->item);
}

void counted_sum(struct counted *counted)
{
    radix_sort_in_place(counted->item, counted->n);
    counted_add_up(counted);
}

void counted_add_up(struct counted *counted)
{
    size_t distinct = 0;
    for (size_t i = 0; i < counted->n; i++) {
        if (distinct > 0 && counted->item[distinct - 1].key == counted->item[i].key)
            counted->item[distinct - 1].value += counted->item[i].value;
        else
            counted->item[distinct++] = counted->item[i];
    }
    counted->n = distinct;
}

uint64_t counted_triple(uint32_t x, int32_t age_days, int32_t span_days)
{
    uint64_t capped = x < X_GREATEST ? x : X_GREATEST;
    return capped << X_SHIFT | (uint64_t)age_days << AGE_SHIFT | (uint64_t)span_days;
}

uint32_t counted_triple_x(uint64_t triple)
{
    return (uint32_t)(triple >> X_SHIFT);
}

_Static_assert(sizeof(struct fit_row) == sizeof(struct radix_item), "a row takes an item's place");

void counted_rows(struct counted *triples, struct fit_row **rows, size_t *n)
{
    for (size_t i = 0; i < triples->n; i++) {
        struct radix_item item = triples->item[i];
        struct fit_row row = {counted_triple_x(item.key), (int32_t)(item.key & DAYS_MASK),
                              (int32_t)(item.key >> AGE_SHIFT & DAYS_MASK), (uint32_t)item.value};
        memcpy(&triples->item[i], &row, sizeof row);
    }
    *rows = (struct fit_row *)(void *)triples->item;
    *n = triples->n;
    *triples = (struct counted){0};
}
