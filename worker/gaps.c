/* SPDX-License-Identifier: Apache-2.0 */
/* A counter for every number of days up to the longest: there are some thousands at most, and a
 * counter is one addition, where a list to be sorted has an entry for every purchase. */
#include "worker/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "score/special.h"

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for the gaps of %zu days", n);
    *at = more;
    return 0;
}

int gaps_begin(struct gaps *gaps, size_t lines)
{
    if (gaps->days > 0)
        memset(gaps->count, 0, gaps->days * sizeof *gaps->count);
    if (lines < gaps->room)
        return 0;
    int r = grow(&gaps->own, lines + 1, sizeof *gaps->own);
    if (r == 0)
        gaps->room = lines + 1;
    return r;
}

/* Room for gaps of so many days; counts so far are kept. */
static int make_room(struct gaps *gaps, int32_t longest)
{
    size_t days = (size_t)longest + 1;
    int r = grow(&gaps->count, days, sizeof *gaps->count);
    if (r == 0)
        r = grow(&gaps->day, days, sizeof *gaps->day);
    if (r == 0)
        r = grow(&gaps->n, days, sizeof *gaps->n);
    if (r == 0)
        r = grow(&gaps->log, days, sizeof *gaps->log);
    if (r < 0)
        return r;
    for (size_t i = gaps->days; i < days; i++)
        gaps->log[i] = special_log((double)i);
    memset(gaps->count + gaps->days, 0, (days - gaps->days) * sizeof *gaps->count);
    gaps->days = days;
    return 0;
}

int gaps_add(struct gaps *gaps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((size_t)gaps->own[i] >= gaps->days) {
            int r = make_room(gaps, gaps->own[i]);
            if (r < 0)
                return r;
        }
        gaps->count[gaps->own[i]]++;
    }
    return 0;
}

double gaps_log_days(struct gaps *gaps, const struct lines *lines, const struct plan *plan,
                     struct order_line *scratch)
{
    size_t n = history_gaps(lines, plan, scratch, gaps->own);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        size_t days = (size_t)gaps->own[i];
        sum += days < gaps->days ? gaps->log[days] : special_log((double)days);
    }
    return sum;
}

void gaps_end(struct gaps *gaps, struct gathered *out)
{
    size_t n = 0;
    for (size_t days = 1; days < gaps->days; days++)
        if (gaps->count[days] > 0) {
            gaps->day[n] = (int32_t)days;
            gaps->n[n++] = gaps->count[days];
        }
    out->n_gaps = n;
    out->gap = gaps->day;
    out->gap_n = gaps->n;
}

void gaps_free(struct gaps *gaps)
{
    free(gaps->own);
    free(gaps->count);
    free(gaps->day);
    free(gaps->n);
    free(gaps->log);
    *gaps = (struct gaps){0};
}
