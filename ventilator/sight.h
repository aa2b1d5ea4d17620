/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SIGHT_H
#define VENTILATOR_SIGHT_H

#include <stdint.h>

#include "ventilator/csv.h"
#include "ventilator/facts.h"
#include "ventilator/recipe.h"

/* One record while it is read: its fields, and how to refuse it. Ledgers and --customers have this
 * in common. */

/* Rows of a chunk. */
struct row_page {
    struct csv_text text;
    const struct csv_rows *rows;
    uint64_t offset; /* of the text in the input */
    uint64_t line;
    int nuls;  /* there is a NUL in the text */
    int bare;  /* there is certainly no '\r' */
    int ascii; /* it certainly is */
};

struct sight {
    const struct recipe *recipe;
    struct facts *facts;
    const struct row_page *page;
    size_t number;
    size_t start;              /* of the row in the text */
    const uint32_t *separator; /* the row's own; the one before ends the row before */
    uint32_t fields;
};

/* A row was noted in the facts; nothing else comes of it. */
enum { ROW_E_NONE = 1 };

/* 0 for a row of the right shape; blank lines and others are ROW_E_NONE. flawed: csv_split found a
 * flaw in it. */
int sight_check(const struct sight *sight, int flawed) MUST_USE;

/* What a reject says beyond its place. */
struct blame {
    enum reject_code code;
    int32_t column; /* MAPPING_ABSENT: the whole row */
    struct slice value;
    struct slice raw; /* data NULL: the row */
};
/* ROW_E_NONE, or a status. */
int sight_refuse(const struct sight *sight, const struct blame *blame) MUST_USE;

uint64_t sight_line(const struct sight *sight);

/* REJECT_NULL_CUSTOMER, REJECT_ID_TOO_LONG, REJECT_INVALID_UTF8, or -1 for a good id. */
int sight_judge_id(const struct sight *sight, struct slice id);

/* An amount as far as rows care. */
struct money {
    int64_t amount;
    uint32_t decimals; /* 0..4 */
    int rounded;
    struct slice sign; /* of the currency; borrowed from the value */
};
/* A reject code, or -1. */
int sight_money(const struct recipe *recipe, struct slice value, struct money *money);
int sight_amount(const struct recipe *recipe, struct slice value, struct amount *amount);

static inline struct sight sight_of(const struct recipe *recipe, struct facts *facts,
                                    const struct row_page *page, size_t number)
{
    size_t first = csv_first(page->rows, number);
    return (struct sight){.recipe = recipe,
                          .facts = facts,
                          .page = page,
                          .number = number,
                          .start = csv_start(page->rows, number),
                          .separator = page->rows->separator + first,
                          .fields = page->rows->last[number] + 1 - (uint32_t)first};
}

/* What a field says; scratch has room for a record. */
static inline struct slice sight_value(const struct sight *sight, int32_t field, char *scratch)
{
    const char *bytes = sight->page->text.bytes;
    size_t start = (uint32_t)(sight->separator[field - 1] + 1);
    size_t end = sight->separator[field];
    if ((uint32_t)field + 1 == sight->fields && end > start && bytes[end - 1] == '\r')
        end--;
    struct slice raw = {bytes + start, end - start};
    return sight->page->text.quotes ? csv_value(raw, scratch) : raw;
}

#endif
