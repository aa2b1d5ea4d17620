/* SPDX-License-Identifier: Apache-2.0 */
/* A row is mostly like the one before: the same day, as many decimals. So both are tried as those of
 * the row before, which is a comparison, and read on their own where they are not. */
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

/* A row while it is read. */
struct line {
    const char *bytes; /* of the page */
    const uint32_t *separator;
    uint32_t end; /* the last separator, where a CR stands before it; else 0 */
};

static inline struct slice value_of(const struct line *line, int32_t field)
{
    uint32_t start = line->separator[field - 1] + 1, end = line->separator[field];
    if (__builtin_expect(end == line->end, 0))
        end--;
    return (struct slice){line->bytes + start, end - start};
}

/* Another day than the row's before. */
static int learn_day(struct row_desk *desk, struct slice value)
{
    struct row_day *last = &desk->last_day;
    int32_t day;
    if (!plain_date(value, &desk->months, &day) || day > desk->recipe->last_day)
        return 0;
    uint64_t *rows = calendar_rows(&desk->facts->days, day);
    if (!rows)
        return 0;
    memcpy(&last->month, value.data, sizeof last->month);
    memcpy(&last->of_month, (const char *)value.data + sizeof last->month, sizeof last->of_month);
    last->day = day;
    last->rows = rows;
    return 1;
}

static inline int read_day(struct row_desk *desk, struct slice value)
{
    const char *text = value.data;
    uint64_t month;
    uint16_t of_month;
    if (value.size != DATE_BYTES &&
        !(value.size == TIME_BYTES && (text[DATE_BYTES] == 'T' || text[DATE_BYTES] == ' ') &&
          plain_time(text + DATE_BYTES + 1)))
        return 0;
    memcpy(&month, text, sizeof month);
    memcpy(&of_month, text + sizeof month, sizeof of_month);
    return (month == desk->last_day.month && of_month == desk->last_day.of_month) ||
           learn_day(desk, (struct slice){text, DATE_BYTES});
}

/* How an amount was read, if it was. */
enum { AMOUNT_OTHER, AMOUNT_FORMED, AMOUNT_LEARNT };

/* Another number of decimals than the row's before. */
static int learn_form(struct row_desk *desk, struct slice value, int64_t *amount)
{
    const struct recipe *recipe = desk->recipe;
    uint32_t decimals;
    if (!plain_amount(value, recipe->mark, amount, &decimals) || (decimals && recipe->mark_unseen))
        return AMOUNT_OTHER;
    plain_amount_form(recipe->mark, decimals, &desk->form);
    return AMOUNT_LEARNT;
}

static inline int read_amount(struct row_desk *desk, const struct line *line, int32_t field,
                              int64_t *amount)
{
    *amount = 0;
    if (field == MAPPING_ABSENT)
        return AMOUNT_FORMED;
    struct slice value = value_of(line, field);
    return line->separator[field] > PLAIN_BEFORE && /* a CR among them */
                   plain_amount_formed(value, &desk->form, amount)
               ? AMOUNT_FORMED
               : learn_form(desk, value, amount);
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

static inline uint64_t read_order(const struct recipe *recipe, const struct line *line)
{
    const int32_t field = recipe->column[FIELD_ORDER];
    if (field == MAPPING_ABSENT)
        return 0;
    struct slice value = value_of(line, field);
    return nulls_has(recipe->nulls, value) ? 0 : hash_order(value.data, value.size);
}

static inline int read_row(struct row_desk *desk, const struct line *line, struct row *row)
{
    const struct recipe *recipe = desk->recipe;
    const int32_t *column = recipe->column;
    if (!read_day(desk, value_of(line, column[FIELD_DATE])))
        return 0;
    int how = read_amount(desk, line, column[FIELD_AMOUNT], &row->amount);
    if (how == AMOUNT_OTHER || !read_id(recipe, value_of(line, column[FIELD_CUSTOMER]), row))
        return 0;
    row->day = desk->last_day.day;
    row->order = read_order(recipe, line);
    ++*desk->last_day.rows;
    if (how == AMOUNT_LEARNT && desk->form.decimals > desk->facts->decimals)
        desk->facts->decimals = desk->form.decimals;
    return 1;
}

size_t ordinary_rows(struct row_desk *desk, const struct row_page *page, size_t from,
                     struct row *rows)
{
    const size_t left = page->rows->n - from;
    const size_t most = left < ORDINARY_ROWS ? left : ORDINARY_ROWS;
    const uint32_t *last = page->rows->last + from;
    const uint32_t fields = desk->recipe->fields;
    struct line line = {.bytes = page->text.bytes};
    size_t n = 0;
    if (!desk->ordinary || page->text.quotes || page->nuls)
        return 0;
    for (uint32_t first = last[-1] + 1; n < most; first = last[n++] + 1) {
        if (last[n] - first + 1 != fields)
            break;
        line.separator = page->rows->separator + first;
        line.end = line.separator[fields - 1];
        if (line.bytes[line.end - 1] != '\r')
            line.end = 0;
        if (!read_row(desk, &line, &rows[n]))
            break;
    }
    desk->facts->rows_in += n;
    desk->facts->accepted += n;
    return n;
}
