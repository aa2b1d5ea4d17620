/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCORE_FIT_TABLE_H
#define SCORE_FIT_TABLE_H

#include "score/fit.h"
#include "score/minimise.h"

/* A table of grouped histories with what a likelihood wants of it besides its rows, all in memory
 * that the caller lends. A day counted from a customer's first purchase has an index of its own
 * number; days go up to the largest age. */

struct fit_run {
    uint32_t x;
    uint32_t padding;
    double customers; /* with this x */
};

struct fit_day {
    double customers; /* of this age: sum of n */
    double purchases; /* sum of n x */
};

/* What a likelihood keeps of a day at one set of parameters. */
struct fit_clock {
    double log;  /* ln(1 + t / alpha), t = day / 7 */
    double past; /* t / (alpha + t) */
};

/* Value, gradient, upper half of the hessian, by the logarithms of 4 parameters: by parameters as such
 * derivatives would cancel where they are large, and have no place in a double where they are small. */
#define FIT_SUMS 15
/* Where in FIT_SUMS a second derivative is. */
extern const int fit_table_second[CHURN_PARAMETERS][CHURN_PARAMETERS];

struct fit_table {
    const struct fit_row *row;
    size_t rows;
    size_t *first; /* row of each block, and of the end */
    size_t blocks;
    struct fit_run *run; /* one for each x, ascending */
    size_t runs;
    struct fit_day *day;
    struct fit_clock *clock;
    size_t days;
    double (*block_sum)[FIT_SUMS]; /* one for each block */
    double customers;
    double repeaters; /* customers with x > 0 */
    double purchases; /* sum of n x */
    double weeks;     /* sum of n T */
    const struct fit_crew *crew;
};

/* Days of a table of these rows, 0 to the largest age. */
size_t fit_table_days(const struct fit_row *rows, size_t n);

/* Bytes for a table of these rows. */
size_t fit_table_bytes(const struct fit_row *rows, size_t n);

/* Counts the rows; memory is 8-aligned and of that many bytes. */
void fit_table_make(struct fit_table *self, const struct fit_row *rows, size_t n, void *memory,
                    const struct fit_crew *crew);

/* Has the crew run work(context, i) for every i < n. */
void fit_table_run(const struct fit_table *self, size_t n, void (*work)(void *context, size_t i),
                   void *context);
/* Adds the blocks' sums up, in order. */
void fit_table_total(const struct fit_table *self, double *sum);

/* From sums, of n parameters, to a mean a customer, negated. */
void fit_table_slope(const struct fit_table *self, int32_t n, const double *sum,
                     struct minimise_slope *out);

/* Every k-th row, k such that at most FIT_THIN remain, its days in units of so many; all rows of a small table.
 * A table of days for each x costs more than so few rows, and where to begin is not a matter of days. As rows are
 * sorted, each x is thinned alike. Returns how many. */
#define FIT_THIN      8192
#define FIT_THIN_DAYS 128 /* of these units, about */
size_t fit_table_thin(const struct fit_table *table, int32_t unit, struct fit_row *out);
/* The unit that suits: 1 for a small table. */
int32_t fit_table_unit(const struct fit_table *table);

/* A likelihood over a table: minus its mean logarithm a customer, with both derivatives by the
 * logarithms of the model's parameters, is a minimise_problem whose context this is. */
struct fit_likelihood {
    struct fit_table *table;
    struct churn_model model; /* its parameters are those of the evaluation under way */
    void *memory;             /* what an evaluation needs besides the table */
};

#endif
