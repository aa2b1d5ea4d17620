/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a likelihood that depend on x alone or on T alone are summed over distinct x and
 * distinct T, which are a few hundred, and never over rows; this counts them once. A pass over the
 * rows for each evaluation would cost three times as much. */
#include "score/fit_table.h"

#include <string.h>

#define DAYS_PER_WEEK 7.0

const int fit_table_second[CHURN_PARAMETERS][CHURN_PARAMETERS] = {
    {5, 6, 7, 8}, {6, 9, 10, 11}, {7, 10, 12, 13}, {8, 11, 13, 14}};

struct extent {
    size_t runs;
    size_t days;
    size_t blocks;
};

/* Where blocks begin goes to first, where there is one. */
static struct extent extent_of(const struct fit_row *rows, size_t n, size_t *first)
{
    struct extent out = {0, 0, 0};
    size_t begun = 0, runs = 0; /* of the block at hand: its first row, its x */
    for (size_t i = 0; i < n; i++) {
        int fresh = i == 0 || rows[i].x != rows[i - 1].x;
        size_t days = (size_t)rows[i].age_days + 1;
        if (i == 0 || i - begun == FIT_BLOCK || (fresh && runs == FIT_BLOCK_RUNS)) {
            if (first)
                first[out.blocks] = i;
            out.blocks++;
            begun = i;
            runs = fresh ? 0 : 1;
        }
        runs += (size_t)fresh;
        out.runs += (size_t)fresh;
        out.days = days > out.days ? days : out.days;
    }
    if (first)
        first[out.blocks] = n;
    return out;
}

size_t fit_table_days(const struct fit_row *rows, size_t n)
{
    return extent_of(rows, n, NULL).days;
}

size_t fit_table_bytes(const struct fit_row *rows, size_t n)
{
    struct extent extent = extent_of(rows, n, NULL);
    return extent.runs * sizeof(struct fit_run) + extent.days * sizeof(struct fit_day) +
           extent.days * sizeof(struct fit_clock) + extent.blocks * FIT_SUMS * sizeof(double) +
           (extent.blocks + 1) * sizeof(size_t);
}

static void count_rows(struct fit_table *self)
{
    struct fit_run *run = NULL;
    for (size_t i = 0; i < self->rows; i++) {
        const struct fit_row *row = &self->row[i];
        if (i == 0 || row->x != run->x) {
            run = &self->run[self->runs++];
            *run = (struct fit_run){.x = row->x};
        }
        double purchases = (double)row->n * row->x;
        run->customers += row->n;
        self->day[row->age_days].customers += row->n;
        self->day[row->age_days].purchases += purchases;
        self->customers += row->n;
        self->repeaters += row->x > 0 ? row->n : 0;
        self->purchases += purchases;
        self->weeks += row->n * (row->age_days / DAYS_PER_WEEK);
    }
}

void fit_table_make(struct fit_table *self, const struct fit_row *rows, size_t n, void *memory,
                    const struct fit_crew *crew)
{
    struct extent extent = extent_of(rows, n, NULL);
    *self = (struct fit_table){
        .row = rows, .rows = n, .blocks = extent.blocks, .days = extent.days, .crew = crew};
    self->run = memory;
    self->day = (struct fit_day *)(self->run + extent.runs);
    self->clock = (struct fit_clock *)(self->day + extent.days);
    self->block_sum = (double(*)[FIT_SUMS])(self->clock + extent.days);
    self->first = (size_t *)(self->block_sum + extent.blocks);
    (void)extent_of(rows, n, self->first);
    memset(self->day, 0, extent.days * sizeof *self->day);
    count_rows(self);
}

void fit_table_run(const struct fit_table *self, size_t n, void (*work)(void *context, size_t i),
                   void *context)
{
    if (self->crew)
        self->crew->run(self->crew->crew, n, work, context);
    else
        for (size_t i = 0; i < n; i++)
            work(context, i);
}

void fit_table_total(const struct fit_table *self, double *sum)
{
    memset(sum, 0, FIT_SUMS * sizeof *sum);
    for (size_t i = 0; i < self->blocks; i++)
        for (int k = 0; k < FIT_SUMS; k++)
            sum[k] += self->block_sum[i][k];
}

void fit_table_slope(const struct fit_table *self, int32_t n, const double *sum,
                     struct minimise_slope *out)
{
    double share = -1.0 / self->customers;
    *out = (struct minimise_slope){.value = share * sum[0]};
    for (int32_t i = 0; i < n; i++) {
        out->gradient[i] = share * sum[1 + i];
        for (int32_t j = 0; j < n; j++)
            out->hessian.row[i][j] = share * sum[fit_table_second[i][j]];
    }
}

int32_t fit_table_unit(const struct fit_table *table)
{
    int32_t unit = (int32_t)((table->days + FIT_THIN_DAYS - 1) / FIT_THIN_DAYS);
    return table->rows <= FIT_THIN ? 1 : unit;
}

/* Rounded, but not to none. */
static int32_t in_units(int32_t days, int32_t unit)
{
    int32_t units = (days + unit / 2) / unit;
    return days > 0 && units == 0 ? 1 : units;
}

size_t fit_table_thin(const struct fit_table *table, int32_t unit, struct fit_row *out)
{
    size_t stride = (table->rows + FIT_THIN - 1) / FIT_THIN, kept = 0;
    for (size_t i = stride / 2; i < table->rows; i += stride) {
        struct fit_row row = table->row[i];
        row.span_days = in_units(row.span_days, unit);
        row.age_days = in_units(row.age_days, unit);
        out[kept++] = row;
    }
    return kept;
}
