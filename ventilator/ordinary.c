/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/ordinary.h"

#include <string.h>

#include "ventilator/utf8.h"

#define ID_LIMIT 16 /* bytes */

/* Whether a number or a date may stand for nothing, as in --null 0.00,1970-01-01. */
static int numbers_are_null(const struct nulls *nulls)
{
    int any = 0;
    for (const char *c = "0123456789+-.,"; *c; c++)
        any |= nulls->starts[(unsigned char)*c];
    return any;
}

int ordinary_possible(const struct recipe *recipe)
{
    return !numbers_are_null(recipe->nulls) && !recipe->n_exclusions && !recipe->left_out &&
           recipe->keep_up_to == UINT64_MAX && !recipe->currency &&
           recipe->column[FIELD_CURRENCY] == MAPPING_ABSENT &&
           recipe->column[FIELD_FACTOR] == MAPPING_ABSENT &&
           strcmp(recipe->date.pattern, "%Y-%m-%d") == 0;
}

/* A value that stands in the row; the last one may end with a CR. */
static inline struct slice value_of(const struct row_page *page, const uint32_t *separator,
                                    int32_t field, uint32_t fields)
{
    const char *bytes = page->text.bytes;
    size_t start = (uint32_t)(separator[field - 1] + 1), end = separator[field];
    if ((uint32_t)field + 1 == fields && end > start && bytes[end - 1] == '\r')
        end--;
    return (struct slice){bytes + start, end - start};
}

static inline int read_id(const struct recipe *recipe, struct slice id, struct row *row)
{
    if (id.size - 1 >= ID_LIMIT || recipe->nulls->starts[*(const unsigned char *)id.data] ||
        !utf8_valid(id))
        return 0;
    row->id = id;
    row->hash = hash_customer(id.data, id.size);
    return 1;
}

static inline void read_order(const struct recipe *recipe, struct slice value, struct row *row)
{
    row->order = nulls_has(recipe->nulls, value) ? 0 : hash_order(value.data, value.size);
}

static inline int count(struct facts *facts, int32_t day, uint32_t decimals)
{
    uint64_t *rows = calendar_rows(&facts->days, day);
    if (!rows)
        return 0;
    ++*rows;
    facts->rows_in++;
    facts->accepted++;
    if (decimals > facts->decimals)
        facts->decimals = decimals;
    return 1;
}

int ordinary_read(struct row_desk *desk, const struct row_page *page, size_t number,
                  struct row *row)
{
    const struct recipe *recipe = desk->recipe;
    const int32_t *column = recipe->column;
    const size_t first = csv_first(page->rows, number);
    const uint32_t *separator = page->rows->separator + first;
    const uint32_t fields = page->rows->last[number] + 1 - (uint32_t)first;
    uint32_t decimals = 0;
    if (fields != recipe->fields ||
        !plain_moment(value_of(page, separator, column[FIELD_DATE], fields), &desk->months,
                      &row->day) ||
        row->day > recipe->last_day)
        return 0;
    row->amount = 0;
    if (column[FIELD_AMOUNT] != MAPPING_ABSENT &&
        !plain_amount(value_of(page, separator, column[FIELD_AMOUNT], fields), recipe->mark,
                      &row->amount, &decimals))
        return 0;
    if (decimals && recipe->mark_unseen)
        return 0;
    if (!read_id(recipe, value_of(page, separator, column[FIELD_CUSTOMER], fields), row))
        return 0;
    row->order = 0;
    if (column[FIELD_ORDER] != MAPPING_ABSENT)
        read_order(recipe, value_of(page, separator, column[FIELD_ORDER], fields), row);
    return count(desk->facts, row->day, decimals);
}
