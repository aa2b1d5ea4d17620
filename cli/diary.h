/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DIARY_H
#define CLI_DIARY_H

#include <stdint.h>

#include "common/status.h"

/* What is to happen on which day: a pile of sheets a day, each with room for some things (numbers
 * that mean something to the caller). Last in, first out. */

#define DIARY_NONE  UINT32_MAX
#define DIARY_SHEET 62 /* things on a sheet, which is then four cache lines */

struct diary_sheet {
    uint32_t n;
    uint32_t below; /* the day's sheet under it, or the next unused one; DIARY_NONE */
    uint32_t thing[DIARY_SHEET];
};

struct diary {
    uint32_t *top; /* by day: the uppermost sheet */
    struct diary_sheet *sheet;
    uint32_t n_sheets; /* taken from the heap; enough for size things, however they are dealt */
    uint32_t unused;
    int32_t days;
    uint32_t size;
};

/* A diary that may hold size things at a time. STATUS_BUG when there is no memory. */
int diary_open(struct diary *diary, int32_t days, uint32_t size) MUST_USE;
/* Makes room for size things, more than before. */
int diary_grow(struct diary *diary, uint32_t size) MUST_USE;
void diary_close(struct diary *diary);

/* day < days; the diary must not hold size things already. */
void diary_put(struct diary *diary, int32_t day, uint32_t thing);
/* The day's next thing, taken off; DIARY_NONE when none is left. */
uint32_t diary_take(struct diary *diary, int32_t day);
/* The thing that will be taken `ahead` takes later, for fetching its memory; DIARY_NONE when
 * that is not known. */
uint32_t diary_peek(const struct diary *diary, int32_t day, uint32_t ahead);

#endif
