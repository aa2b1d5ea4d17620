/* SPDX-License-Identifier: Apache-2.0 */
/* Sheets and not a list through the things: a list's next entry is known only once the last one
 * has come from memory, which took two thirds of the time of a generated ledger. A heap would
 * order by the hour what is printed by the day, at log n a step. */
#include "cli/diary.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

int diary_open(struct diary *diary, int32_t days, uint32_t size)
{
    size_t bytes = (size_t)days * sizeof *diary->top;
    memset(diary, 0, sizeof *diary);
    diary->days = days;
    diary->unused = DIARY_NONE;
    diary->top = malloc(bytes);
    if (!diary->top)
        return log_fail(STATUS_BUG, "no memory for a diary of %d days", (int)days);
    memset(diary->top, 0xff, bytes); /* DIARY_NONE */
    return diary_grow(diary, size);
}

/* Only a day's uppermost sheet may have room left, so this many sheets hold any size things. */
static uint32_t sheets_for(const struct diary *diary, uint32_t size)
{
    return size / DIARY_SHEET + (uint32_t)diary->days + 1;
}

int diary_grow(struct diary *diary, uint32_t size)
{
    uint32_t n = sheets_for(diary, size);
    struct diary_sheet *sheet = realloc(diary->sheet, n * sizeof *sheet);
    if (!sheet)
        return log_fail(STATUS_BUG, "no memory for a diary of %u things", (unsigned)size);
    for (uint32_t i = diary->n_sheets; i < n; i++) {
        sheet[i].below = diary->unused;
        diary->unused = i;
    }
    diary->sheet = sheet;
    diary->n_sheets = n;
    diary->size = size;
    return 0;
}

void diary_close(struct diary *diary)
{
    free(diary->sheet);
    free(diary->top);
    diary->sheet = NULL;
    diary->top = NULL;
}

static uint32_t lay_sheet(struct diary *diary, int32_t day)
{
    uint32_t i = diary->unused;
    struct diary_sheet *sheet = &diary->sheet[i];
    diary->unused = sheet->below;
    sheet->below = diary->top[day];
    sheet->n = 0;
    diary->top[day] = i;
    return i;
}

void diary_put(struct diary *diary, int32_t day, uint32_t thing)
{
    uint32_t i = diary->top[day];
    if (i == DIARY_NONE || diary->sheet[i].n == DIARY_SHEET)
        i = lay_sheet(diary, day);
    struct diary_sheet *sheet = &diary->sheet[i];
    sheet->thing[sheet->n++] = thing;
}

uint32_t diary_take(struct diary *diary, int32_t day)
{
    uint32_t i = diary->top[day];
    if (i == DIARY_NONE)
        return DIARY_NONE;
    struct diary_sheet *sheet = &diary->sheet[i];
    uint32_t thing = sheet->thing[--sheet->n];
    if (sheet->n == 0) {
        diary->top[day] = sheet->below;
        sheet->below = diary->unused;
        diary->unused = i;
    }
    return thing;
}

uint32_t diary_peek(const struct diary *diary, int32_t day, uint32_t ahead)
{
    uint32_t i = diary->top[day];
    if (i != DIARY_NONE && diary->sheet[i].n <= ahead) {
        ahead -= diary->sheet[i].n;
        i = diary->sheet[i].below;
    }
    if (i == DIARY_NONE || diary->sheet[i].n <= ahead)
        return DIARY_NONE;
    return diary->sheet[i].thing[diary->sheet[i].n - 1 - ahead];
}
