/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/portrait.h"

#include <inttypes.h>
#include <string.h>

#include "cli/grid.h"
#include "common/digits.h"
#include "score/day.h"

const char *portrait_cell(const struct dossier *dossier, enum column column)
{
    int made = dossier->verdict[column] == DOSSIER_NOT_THERE;
    const struct record *record = made ? &dossier->again : dossier->record;
    if (made && !dossier_can_make(dossier, column))
        return "-";
    return record->size[column] > 0 ? record->cell[column] : "-";
}

const char *portrait_money(const struct dossier *dossier, int64_t money, char out[PORTRAIT_MONEY])
{
    static const int64_t unit[] = {10000, 1000, 100, 10, 1};
    int32_t decimals = dossier->results->plan.decimals;
    char *end = money % unit[decimals] == 0 ? digits_money(out, money, decimals)
                                            : digits_money_exact(out, money);
    *end = '\0';
    return out;
}

static void put_cell(struct grid *grid, const struct dossier *d, const char *what,
                     enum column column)
{
    grid_put(grid, "%s", what);
    grid_put(grid, "%s", portrait_cell(d, column));
}

static int print_title(const struct dossier *d, FILE *out)
{
    const struct results *results = d->results;
    char as_of[11];
    struct grid grid = grid_of(1, 0);
    day_print(results->plan.as_of, as_of);
    fputs("Customer\n", out);
    grid_put_bytes(&grid, d->id);
    grid_put(&grid, "as of %s, in %s: run %s of winnow %s, %" PRId64 " customers", as_of,
             results->directory, results->run_id, results->version, results->customers);
    return grid_print(&grid, out, PORTRAIT_MARGIN);
}

static void put_refunds_only(struct grid *grid)
{
    grid_put(grid, "purchases");
    grid_put(grid, "none");
    grid_put(grid, "only refunds up to that day: no dates, no scores, the last tier");
}

static void put_history(struct grid *grid, const struct dossier *d)
{
    put_cell(grid, d, "first purchase", COLUMN_FIRST_PURCHASE_DATE);
    grid_put(grid, "T, since then: %s weeks", portrait_cell(d, COLUMN_TENURE_WEEKS));
    put_cell(grid, d, "last purchase", COLUMN_LAST_PURCHASE_DATE);
    grid_put(grid, "%s days ago; t_x, from first to last: %s weeks",
             portrait_cell(d, COLUMN_RECENCY_DAYS), portrait_cell(d, COLUMN_ACTIVE_SPAN_WEEKS));
    put_cell(grid, d, "purchase days", COLUMN_PURCHASE_DAYS);
    grid_put(grid, "x, those after the first: %s", portrait_cell(d, COLUMN_REPEAT_PURCHASES));
}

static int print_inputs(const struct dossier *d, FILE *out)
{
    struct grid grid = grid_of(3, 1U << 1);
    fputs("\nWhat the customer did\n", out);
    if (d->row.flags & ROW_REFUND_ONLY)
        put_refunds_only(&grid);
    else
        put_history(&grid, d);
    put_cell(&grid, d, "orders", COLUMN_ORDER_COUNT);
    grid_end(&grid);
    if (d->results->plan.has_amount) {
        put_cell(&grid, d, "money", COLUMN_MONETARY_TOTAL);
        grid_put(&grid, "net of refunds; m, the mean of the days after the first: %s",
                 portrait_cell(d, COLUMN_MEAN_REPEAT_SPEND));
        put_cell(&grid, d, "money, 365 days", COLUMN_SPEND_365D);
        grid_end(&grid);
    }
    return grid_print(&grid, out, PORTRAIT_MARGIN);
}

/* Names of the columns with a verdict, after words; nothing where there is none. */
static void print_columns(const struct dossier *d, enum dossier_verdict verdict, const char *words,
                          FILE *out)
{
    int n = 0;
    for (int i = 0; i < COLUMNS; i++) {
        if (d->verdict[i] != verdict)
            continue;
        fprintf(out, "%s%s", n++ ? ", " : words, columns_row((enum column)i)->name);
    }
    if (n > 0)
        fputc('\n', out);
}

static int print_differences(const struct dossier *d, FILE *out)
{
    struct grid grid = grid_of(3, 0);
    fputs("  IT DOES NOT AGREE: somebody changed a file, or another version of winnow made it.\n",
          out);
    grid_put(&grid, "column");
    grid_put(&grid, "in scores.csv");
    grid_put(&grid, "made again");
    for (int i = 0; i < COLUMNS; i++) {
        if (d->verdict[i] != DOSSIER_DIFFERS)
            continue;
        grid_put(&grid, "%s", columns_row((enum column)i)->name);
        grid_put(&grid, "%s", d->record->cell[i]);
        grid_put(&grid, "%s", d->again.cell[i]);
    }
    return grid_print(&grid, out, PORTRAIT_MARGIN);
}

/* Columns that no section is about, where they say something. */
static int print_others(const struct dossier *d, FILE *out)
{
    struct grid grid = grid_of(3, 1U << 1);
    for (int i = 0, n = 0; i < COLUMNS; i++) {
        if (d->verdict[i] != DOSSIER_TOLD || d->record->size[i] == 0)
            continue;
        if (n++ == 0)
            fputs("\nBesides, in scores.csv\n", out);
        put_cell(&grid, d, columns_row((enum column)i)->name, (enum column)i);
        grid_put(&grid, "%s", columns_row((enum column)i)->meaning);
    }
    return grid_print(&grid, out, PORTRAIT_MARGIN);
}

static int print_agreement(const struct dossier *d, FILE *out)
{
    int same = dossier_count(d, DOSSIER_SAME), close = dossier_count(d, DOSSIER_CLOSE);
    fprintf(out,
            "\nMade again from model.json and the inputs\n  %d column%s of scores.csv: the same\n",
            same, same == 1 ? "" : "s");
    if (close > 0)
        print_columns(d, DOSSIER_CLOSE,
                      "  the same but for what the rounding of inputs leaves open: ", out);
    if (d->ratio_implied)
        fputs("  the net ratio was found from the money expected, as scores.csv has no purchases "
              "before refunds\n",
              out);
    print_columns(d, DOSSIER_OPEN, "  cannot be made again, for want of columns: ", out);
    if (dossier_count(d, DOSSIER_OPEN) > 0 && d->results->columns[0] &&
        strcmp(d->results->columns, "all") != 0)
        fprintf(out, "  (--columns %s; winnow run --columns all leaves all of them)\n",
                d->results->columns);
    return dossier_count(d, DOSSIER_DIFFERS) > 0 ? print_differences(d, out) : 0;
}

int portrait_print(const struct dossier *d, FILE *out)
{
    static int (*const section[])(const struct dossier *, FILE *) = {
        print_title,           print_inputs,         portrait_rfm_print,
        portrait_churn_print,  portrait_value_print, portrait_tier_print,
        portrait_change_print, print_others,         print_agreement};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof section / sizeof section[0]; i++)
        r = section[i](d, out);
    return r;
}
