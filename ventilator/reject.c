/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-size entries, and one growing block that holds their texts. Threads keep lists of their
 * own that are merged by place afterwards; each keeps its first ones, so the first ones of all are
 * among them, whatever the number of threads. */
#include "ventilator/reject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

static const struct {
    const char *name;
    const char *words;
} reasons[REJECT_CODES] = {
    {"wrong_field_count", ""},
    {"unclosed_quote",
     "a quote opens here and does not close, at least not within 1 MiB; double it or take it out"},
    {"bad_quote", "text behind a closing quote; quotes inside a field are doubled"},
    {"too_long", "a row of more than 1 MiB"},
    {"nul_byte", "a NUL byte in the row"},
    {"invalid_utf8", "not UTF-8; convert the file, for example with iconv"},
    {"id_too_long", "a customer id of more than 4096 bytes"},
    {"null_date", "no date"},
    {"bad_date", "not in the format of the other dates; --date-format says which it is"},
    {"impossible_date", "no calendar has this date; --date-format says what day and month are"},
    {"future_date", "a date after today; with --as-of such rows are left out and counted"},
    {"null_amount", "no amount"},
    {"bad_amount", "not an amount; --decimal point or --decimal comma says how they are written"},
    {"open_decimal", "thousands or decimals? say --decimal point or --decimal comma"},
    {"amount_too_large", "more than 100,000,000,000"},
    {"null_customer", "no customer id"},
    {"bad_history", "no history: frequency is a whole number, recency and T are not negative, "
                    "frequency in days <= recency <= T, and recency is 0 where frequency is"},
    {"bad_rank", "brands is a whole number from 1 to 400, the rank a number from 1 to brands"},
};

const char *reject_name(enum reject_code code)
{
    return reasons[code].name;
}

void reject_words(const struct reject *reject, char *out, size_t size)
{
    if (reject->code == REJECT_WRONG_FIELD_COUNT)
        snprintf(out, size, "%u field%s where the header has %u", reject->found,
                 reject->found == 1 ? "" : "s", reject->wanted);
    else
        snprintf(out, size, "%s", reasons[reject->code].words);
}

struct entry {
    struct reject reject; /* slices have sizes only; their bytes follow one another from text */
    size_t text;
};

struct rejects {
    struct entry *entries; /* REJECTS_KEPT at most */
    size_t n;
    size_t room;
    char *text;
    size_t text_size;
    size_t text_room;
    uint64_t raw_size; /* of the raw rows, kept or not: so a merge keeps the same ones */
};

int rejects_new(struct rejects **rejects)
{
    *rejects = calloc(1, sizeof **rejects);
    return *rejects ? 0 : log_fail(STATUS_BUG, "no memory for rejects");
}

void rejects_destroy(struct rejects **rejects)
{
    if (!*rejects)
        return;
    free((*rejects)->entries);
    free((*rejects)->text);
    free(*rejects);
    *rejects = NULL;
}

size_t rejects_size(const struct rejects *rejects)
{
    return rejects->n;
}

struct reject rejects_at(const struct rejects *rejects, size_t i)
{
    struct reject reject = rejects->entries[i].reject;
    const char *text = rejects->text + rejects->entries[i].text;
    reject.column.data = text;
    reject.value.data = text + reject.column.size;
    reject.raw.data = text + reject.column.size + reject.value.size;
    return reject;
}

/* The array with room for so many, or NULL; the old one stays where there is no memory. */
static void *grown(void *array, size_t *room, size_t wanted, size_t each)
{
    if (array && wanted <= *room)
        return array;
    size_t larger = *room ? *room * 2 : 64;
    while (larger < wanted)
        larger *= 2;
    void *moved = realloc(array, larger * each);
    if (moved)
        *room = larger;
    return moved;
}

/* 0 without memory. */
static int make_room(struct rejects *rejects, size_t text)
{
    struct entry *entries =
        grown(rejects->entries, &rejects->room, rejects->n + 1, sizeof *rejects->entries);
    if (entries)
        rejects->entries = entries;
    char *bytes = grown(rejects->text, &rejects->text_room, rejects->text_size + text, 1);
    if (bytes)
        rejects->text = bytes;
    return entries && bytes;
}

static void append(struct rejects *rejects, struct slice slice)
{
    if (slice.size)
        memcpy(rejects->text + rejects->text_size, slice.data, slice.size);
    rejects->text_size += slice.size;
}

int rejects_add(struct rejects *rejects, const struct reject *added)
{
    struct reject reject = *added;
    if (rejects->n == REJECTS_KEPT)
        return 0;
    if (reject.value.size > REJECT_VALUE_SIZE)
        reject.value.size = REJECT_VALUE_SIZE;
    if (!reject.raw_bytes)
        reject.raw_bytes = reject.raw.size;
    rejects->raw_size += reject.raw_bytes;
    if (rejects->raw_size > REJECTS_RAW_BYTES)
        reject.raw.size = 0;
    if (!make_room(rejects, reject.column.size + reject.value.size + reject.raw.size + 1))
        return log_fail(STATUS_BUG, "no memory for rejects");
    rejects->entries[rejects->n++] = (struct entry){reject, rejects->text_size};
    append(rejects, reject.column);
    append(rejects, reject.value);
    append(rejects, reject.raw);
    return 0;
}

static int before(const struct reject *a, const struct reject *b)
{
    return a->input != b->input ? a->input < b->input : a->offset < b->offset;
}

/* The earlier of a's and b's next. */
static struct reject next_of(const struct rejects *a, size_t *i, const struct rejects *b, size_t *j)
{
    if (*j == b->n || (*i < a->n && before(&a->entries[*i].reject, &b->entries[*j].reject)))
        return rejects_at(a, (*i)++);
    return rejects_at(b, (*j)++);
}

int rejects_merge(struct rejects *into, const struct rejects *from)
{
    struct rejects *merged = NULL;
    size_t i = 0, j = 0;
    int r = rejects_new(&merged);
    while (!r && i + j < into->n + from->n && i + j < REJECTS_KEPT) {
        struct reject reject = next_of(into, &i, from, &j);
        r = rejects_add(merged, &reject);
    }
    if (!r) {
        struct rejects old = *into;
        *into = *merged;
        *merged = old;
    }
    rejects_destroy(&merged);
    return r;
}

void rejects_renumber(struct rejects *rejects, uint32_t input)
{
    for (size_t i = 0; i < rejects->n; i++)
        rejects->entries[i].reject.input = input;
}
