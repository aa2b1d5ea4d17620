/* SPDX-License-Identifier: Apache-2.0 */
/* A row is mostly like the one before: the same day, as many decimals. So both are tried as those of
 * the row before, which is a comparison, and read on their own where they are not. Rows are read column by
 * column, a block of them at a time: what a column needs stays in registers, and amounts are
 * read several at once. */
#include "ventilator/ordinary.h"

#include <string.h>

#include "ventilator/utf8.h"

#define ID_LIMIT   48 /* bytes */
#define DATE_BYTES 10
#define TIME_BYTES 19

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

/* Rows while they are read. They have as many separators each, so those of row i begin i * fields
 * behind those of the first. */
struct block {
    const struct row_page *page;
    const uint32_t *separator;
    uint32_t fields;
    size_t n; /* rows that are ordinary as far as they were read */
};

/* A column of them. */
struct column {
    const char *bytes;
    const uint32_t *end;
    uint32_t fields;
    int returns; /* a CR may stand at its end */
};

static struct column column_of(const struct block *block, int32_t field)
{
    return (struct column){block->page->text.bytes, block->separator + field, block->fields,
                           !block->page->bare && (uint32_t)field + 1 == block->fields};
}

static inline struct slice value_of(const struct column *column, size_t i)
{
    const uint32_t *at = column->end + i * column->fields;
    uint32_t start = at[-1] + 1, end = *at;
    if (column->returns && end > start && column->bytes[end - 1] == '\r')
        end--;
    return (struct slice){column->bytes + start, end - start};
}

static inline size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t right_shape(const struct row_page *page, size_t from, size_t most, uint32_t fields)
{
    const uint32_t *last = page->rows->last + from;
    size_t n = 0;
    while (n < most && last[n] - last[(ptrdiff_t)n - 1] == fields)
        n++;
    return n;
}

static void read_ids(const struct recipe *recipe, struct block *block, struct row *rows)
{
    const struct column column = column_of(block, recipe->column[FIELD_CUSTOMER]);
    const unsigned char *null_starts = recipe->nulls->starts;
    const int ascii = block->page->ascii;
    const size_t n = block->n;
    for (size_t i = 0; i < n; i++) {
        struct slice id = value_of(&column, i);
        if (id.size - 1 >= ID_LIMIT || null_starts[*(const unsigned char *)id.data] ||
            (!ascii && !utf8_valid(id))) {
            block->n = i;
            return;
        }
        rows[i] = (struct row){.id = id, .hash = hash_customer(id.data, id.size)};
    }
}

static void read_orders(const struct recipe *recipe, struct block *block, struct row *rows)
{
    const struct column column = column_of(block, recipe->column[FIELD_ORDER]);
    for (size_t i = 0; i < block->n; i++) {
        struct slice value = value_of(&column, i);
        if (!nulls_has(recipe->nulls, value))
            rows[i].order = hash_order(value.data, value.size);
    }
}

/* Another day than the row's before. */
static int learn_day(struct row_desk *desk, const char *text)
{
    struct row_day *last = &desk->last_day;
    int32_t day;
    if (!plain_date((struct slice){text, DATE_BYTES}, &desk->months, &day) ||
        day > desk->recipe->last_day)
        return 0;
    memcpy(&last->month, text, sizeof last->month);
    memcpy(&last->of_month, text + sizeof last->month, sizeof last->of_month);
    last->day = day;
    return 1;
}

static inline int is_long_enough(struct slice value)
{
    const char *text = value.data;
    return value.size == DATE_BYTES ||
           (value.size == TIME_BYTES && (text[DATE_BYTES] == 'T' || text[DATE_BYTES] == ' ') &&
            plain_time(text + DATE_BYTES + 1));
}

static inline int is_day(const struct row_day *day, const char *text)
{
    uint64_t month;
    uint16_t of_month;
    memcpy(&month, text, sizeof month);
    memcpy(&of_month, text + sizeof month, sizeof of_month);
    return month == day->month && of_month == day->of_month;
}

static void read_days(struct row_desk *desk, struct block *block, struct row *rows)
{
    const struct column column = column_of(block, desk->recipe->column[FIELD_DATE]);
    struct row_day last = desk->last_day;
    const size_t n = block->n;
    for (size_t i = 0; i < n; i++) {
        struct slice value = value_of(&column, i);
        const int same = is_day(&last, value.data);
        if (!is_long_enough(value) || (!same && !learn_day(desk, value.data))) {
            block->n = i;
            return;
        }
        if (!same)
            last = desk->last_day;
        rows[i].day = last.day;
    }
}

/* An amount with another number of decimals than the ones before. */
static int learn_form(struct row_desk *desk, struct slice value, int64_t *amount)
{
    const struct recipe *recipe = desk->recipe;
    uint32_t decimals;
    if (!plain_amount_any(value, recipe->mark, amount, &decimals) ||
        (decimals && recipe->mark_unseen))
        return 0;
    plain_amount_form(recipe->mark, decimals, &desk->form);
    if (decimals > desk->facts->decimals)
        desk->facts->decimals = decimals;
    return 1;
}

static inline struct plain_amount_text text_of(const struct column *column, size_t i)
{
    return column->end[i * column->fields] > PLAIN_BEFORE /* a CR among them */
               ? plain_amount_text(value_of(column, i))
               : (struct plain_amount_text){PLAIN_NO_WORD, 0};
}

/* The last to be read, as what is learnt of a row is noted. */
static void read_amounts(struct row_desk *desk, struct block *block, struct row *rows)
{
    const struct column column = column_of(block, desk->recipe->column[FIELD_AMOUNT]);
    const struct plain_amount_form form = desk->form;
    const size_t n = block->n;
    struct plain_amount_text text[ORDINARY_ROWS];
    uint64_t odd[ORDINARY_ROWS], any = 0;
    for (size_t i = 0; i < n; i++)
        text[i] = text_of(&column, i);
    for (size_t i = 0; i < n; i++) {
        rows[i].amount = plain_amount_formed(text[i], &form, &odd[i]);
        any |= odd[i];
    }
    for (size_t i = 0; any && i < n; i++)
        if (odd[i] && !learn_form(desk, value_of(&column, i), &rows[i].amount)) {
            block->n = i;
            return;
        }
}

/* Rows of a day mostly follow each other. */
static void count_days(struct facts *facts, struct block *block, const struct row *rows)
{
    for (size_t i = 0, end; i < block->n; i = end) {
        uint64_t *counted = calendar_rows(&facts->days, rows[i].day);
        for (end = i + 1; end < block->n && rows[end].day == rows[i].day; end++)
            ;
        if (counted)
            *counted += end - i;
        else
            block->n = i; /* row_read says that there is no memory */
    }
}

static void read_block(struct row_desk *desk, struct block *block, struct row *rows)
{
    const struct recipe *recipe = desk->recipe;
    read_ids(recipe, block, rows);
    read_days(desk, block, rows);
    if (recipe->column[FIELD_AMOUNT] != MAPPING_ABSENT)
        read_amounts(desk, block, rows);
    if (recipe->column[FIELD_ORDER] != MAPPING_ABSENT)
        read_orders(recipe, block, rows);
    count_days(desk->facts, block, rows);
}

/* As a row that is not ordinary may be found out last, those behind it were read in vain: so no more are tried
 * at a time than twice as many as went well before. */
int ordinary_rows(struct row_desk *desk, const struct row_page *page, size_t from, struct row *rows,
                  size_t *n)
{
    const size_t tried = lesser(desk->try_rows, page->rows->n - from);
    const uint32_t fields = desk->recipe->fields;
    *n = 0;
    if (!desk->ordinary || page->text.quotes || page->nuls)
        return 1;
    struct block block = {.page = page,
                          .separator = page->rows->separator + csv_first(page->rows, from),
                          .fields = fields,
                          .n = right_shape(page, from, tried, fields)};
    read_block(desk, &block, rows);
    desk->facts->rows_in += block.n;
    desk->facts->accepted += block.n;
    desk->try_rows = lesser(2 * block.n + 1, ORDINARY_ROWS);
    *n = block.n;
    return block.n < tried;
}
