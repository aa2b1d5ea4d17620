/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "score/day.h"
#include "score/money.h"
#include "support/assert.h"

static gzFile opened(const char *name)
{
    char path[4096];
    const char *folder = getenv("WINNOW_DATA");
    if (folder)
        snprintf(path, sizeof path, "%s/%s", folder, name);
    else
        snprintf(path, sizeof path, "%s/../shared/data/%s", SOURCE_FOLDER, name);
    gzFile file = gzopen(path, "r");
    if (!file) {
        print_message("skipped: no %s\n", name);
        skip();
    }
    return file;
}

int32_t ledger_day(const char *date)
{
    char text[11] = {0};
    int32_t day;
    memcpy(text, date, 10);
    assert_int_equal(day_read(text, &day), 0);
    return day;
}

static int by_customer_and_day(const void *a, const void *b)
{
    const struct ledger_row *x = a, *y = b;
    int order = strcmp(x->customer, y->customer);
    return order ? order : (x->day > y->day) - (x->day < y->day);
}

void ledger_open(struct ledger *self, const char *name, const char *as_of)
{
    char line[256];
    gzFile file = opened(name);
    *self = (struct ledger){.row = calloc(20000, sizeof *self->row)};
    assert_non_null(self->row);
    assert_non_null(gzgets(file, line, sizeof line));
    while (gzgets(file, line, sizeof line)) {
        struct ledger_row *row = &self->row[self->n];
        size_t id = strcspn(line, ",");
        assert_true(self->n < 20000 && id < sizeof row->customer);
        memset(row, 0, sizeof *row);
        memcpy(row->customer, line, id);
        row->day = ledger_day(line + id + 1);
        if (line[id + 11] == ',')
            row->amount = money_from_units(strtod(line + id + 12, NULL));
        self->n += row->day <= ledger_day(as_of);
    }
    gzclose(file);
    qsort(self->row, self->n, sizeof *self->row, by_customer_and_day);
}

void ledger_close(struct ledger *self)
{
    free(self->row);
    self->row = NULL;
}

size_t ledger_customer(const struct ledger *self, size_t i, const char *as_of, struct repeat *seen)
{
    size_t end = i;
    int32_t first = self->row[i].day, last = first;
    *seen = (struct repeat){.age_days = ledger_day(as_of) - first};
    for (; end < self->n && strcmp(self->row[end].customer, self->row[i].customer) == 0; end++) {
        int32_t day = self->row[end].day;
        if (day > ledger_day(as_of))
            continue;
        seen->x += day != last;
        last = day;
    }
    seen->span_days = last - first;
    return end;
}

static int by_history(const void *a, const void *b)
{
    const struct fit_row *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->age_days != q->age_days)
        return p->age_days < q->age_days ? -1 : 1;
    return (p->span_days > q->span_days) - (p->span_days < q->span_days);
}

size_t ledger_fit_rows(const struct ledger *self, const char *as_of, struct fit_row *out)
{
    size_t customers = 0, rows = 0;
    for (size_t i = 0; i < self->n;) {
        struct repeat seen;
        i = ledger_customer(self, i, as_of, &seen);
        out[customers++] = (struct fit_row){seen.x, seen.span_days, seen.age_days, 1};
    }
    qsort(out, customers, sizeof *out, by_history);
    for (size_t i = 0; i < customers; i++) {
        if (rows > 0 && by_history(&out[rows - 1], &out[i]) == 0)
            out[rows - 1].n++;
        else
            out[rows++] = out[i];
    }
    return rows;
}

double ledger_log_gaps(const struct ledger *self, const char *as_of)
{
    int32_t last = ledger_day(as_of);
    double sum = 0;
    for (size_t i = 1; i < self->n; i++) {
        const struct ledger_row *row = &self->row[i];
        int follows = strcmp(row->customer, row[-1].customer) == 0;
        if (follows && row->day > row[-1].day && row->day <= last)
            sum += log((row->day - row[-1].day) / 7.0);
    }
    return sum;
}

size_t ledger_spend_rows(const struct ledger *self, struct fit_spend_row *out)
{
    size_t rows = 0;
    for (size_t i = 0, end; i < self->n; i = end) {
        struct repeat seen;
        struct fit_spend_row row = {0};
        end = ledger_customer(self, i, "9999-12-31", &seen);
        row.x = seen.x;
        for (size_t j = i; j < end; j++)
            row.repeat_spend += self->row[j].day != self->row[i].day ? self->row[j].amount : 0;
        if (row.x > 0 && row.repeat_spend > 0)
            out[rows++] = row;
    }
    return rows;
}
