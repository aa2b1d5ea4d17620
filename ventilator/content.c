/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/content.h"

#include <string.h>

#include "ventilator/amount.h"
#include "ventilator/date_guess.h"

#define JUDGED_ROWS  1000
#define COLUMNS_MOST 3
#define NAME_LIMIT   256 /* bytes of a field worth looking at */

/* How many of a column's values look like what. */
struct column {
    size_t dates;  /* with separators */
    size_t digits; /* dates that could be numbers, too */
    size_t amounts;
    size_t marked; /* amounts with decimals or a currency sign */
};

static int reads(enum date_order order, int digits, struct slice value)
{
    struct date_format format = date_format_make(order, 0, digits);
    struct moment moment;
    return date_read(&format, value, &moment) == 0;
}

static int is_digits(struct slice value)
{
    return reads(DATE_COMPACT, 4, value) || reads(DATE_EPOCH, 9, value);
}

static int is_date(struct slice value, const struct date_format *format)
{
    struct moment moment;
    return format ? date_read(format, value, &moment) == 0 : date_guess_looks(value);
}

static struct slice field_value(const struct csv_rows *rows, const struct csv_text *text,
                                size_t row, size_t field, char scratch[NAME_LIMIT])
{
    struct slice raw = csv_raw(rows, text, row, field);
    if (raw.size > NAME_LIMIT)
        raw.size = 0;
    return csv_value(raw, scratch);
}

static void judge(struct column *column, struct slice value, const struct date_format *format)
{
    struct amount amount;
    enum amount_evidence evidence = amount_evidence(value);
    int date = is_date(value, format), digits = !format && is_digits(value);
    column->dates += (size_t)(date && !digits);
    column->digits += (size_t)digits;
    column->amounts += evidence != AMOUNT_NONE;
    column->marked += evidence != AMOUNT_NONE && evidence != AMOUNT_SILENT;
    if (evidence == AMOUNT_SILENT && !amount_read(value, AMOUNT_POINT, &amount))
        column->marked += amount.sign.size > 0;
}

int content_is_data(const struct csv_rows *rows, const struct csv_text *text, size_t row,
                    const struct date_format *format)
{
    char scratch[NAME_LIMIT];
    for (size_t i = 0; i < csv_fields(rows, row); i++)
        if (is_date(field_value(rows, text, row, i, scratch), format))
            return 1;
    return 0;
}

/* Four of five rows are enough: the others may be rejects. */
static int most(size_t n, size_t rows)
{
    return n * 5 >= rows * 4;
}

static int date_column(const struct column *columns, size_t n, size_t rows)
{
    for (size_t i = 0; i < n; i++)
        if (most(columns[i].dates, rows))
            return (int)i;
    for (size_t i = 0; i < n; i++)
        if (most(columns[i].digits, rows))
            return (int)i;
    return -1;
}

static void settle(const struct column *columns, size_t n, size_t rows, struct mapping *mapping)
{
    int date = date_column(columns, n, rows);
    if (date < 0)
        return;
    int left = date == 0, right = n < 3 ? -1 : date == 2 ? 1 : 2;
    if (right >= 0 && columns[left].marked && !columns[right].marked &&
        most(columns[left].amounts, rows)) {
        int swapped = left;
        left = right;
        right = swapped;
    }
    mapping->column[FIELD_DATE] = date;
    mapping->column[FIELD_CUSTOMER] = left;
    if (right >= 0 && most(columns[right].amounts, rows))
        mapping->column[FIELD_AMOUNT] = right;
    for (int i = 0; i < FIELDS; i++)
        mapping->guessed[i] = mapping->column[i] != MAPPING_ABSENT;
}

void content_guess(const struct csv_rows *rows, const struct csv_text *text,
                   const struct date_format *format, struct mapping *mapping)
{
    struct column columns[COLUMNS_MOST];
    char scratch[NAME_LIMIT];
    size_t n = rows->n ? csv_fields(rows, 0) : 0, judged = 0;
    if (n < 2 || n > COLUMNS_MOST)
        return;
    memset(columns, 0, sizeof columns);
    for (size_t row = 0; row < rows->n && row < JUDGED_ROWS; row++) {
        if (csv_fields(rows, row) != n)
            continue;
        for (size_t i = 0; i < n; i++)
            judge(&columns[i], field_value(rows, text, row, i, scratch), format);
        judged++;
    }
    settle(columns, n, judged, mapping);
}
