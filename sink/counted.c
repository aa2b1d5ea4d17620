/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/counted.h"

#include <stdlib.h>

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

int counted_sum(struct counted *counted)
{
    struct radix_item *scratch = malloc(counted->n * sizeof *scratch + 1);
    size_t distinct = 0;
    if (!scratch)
        return log_fail(STATUS_BUG, "out of memory to sort %zu entries", counted->n);
    radix_sort(counted->item, scratch, counted->n);
    free(scratch);
    for (size_t i = 0; i < counted->n; i++) {
        if (distinct > 0 && counted->item[distinct - 1].key == counted->item[i].key)
            counted->item[distinct - 1].value += counted->item[i].value;
        else
            counted->item[distinct++] = counted->item[i];
    }
    counted->n = distinct;
    return 0;
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

int counted_rows(const struct counted *triples, struct fit_row **rows, size_t *n)
{
    *rows = malloc(triples->n * sizeof **rows + 1);
    if (!*rows)
        return log_fail(STATUS_BUG, "out of memory for %zu histories", triples->n);
    for (size_t i = 0; i < triples->n; i++) {
        uint64_t key = triples->item[i].key;
        (*rows)[i] = (struct fit_row){counted_triple_x(key), (int32_t)(key & DAYS_MASK),
                                      (int32_t)(key >> AGE_SHIFT & DAYS_MASK),
                                      (uint32_t)triples->item[i].value};
    }
    *n = triples->n;
    return 0;
}
