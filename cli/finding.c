/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/finding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/grid.h"
#include "common/digits.h"
#include "score/day.h"

#define MARGIN      2
#define NAME_BYTES  60 /* of a name or value that a stranger wrote */
#define VALUE_BYTES 40
#define SHOWN       5 /* rejects */
#define LAST_DAYS   7
#define KIB         1024.0

/* Cuts what is too long at a character's end. */
static struct slice clipped(struct slice text, size_t limit)
{
    const unsigned char *bytes = text.data;
    if (text.size <= limit)
        return text;
    while (limit > 0 && (bytes[limit] & 0xc0) == 0x80)
        limit--;
    return (struct slice){text.data, limit};
}

static void put_money(struct grid *grid, const struct facts *facts, int64_t money)
{
    char digits[DIGITS_ROOM];
    *digits_money(digits, money, (int)facts->decimals) = '\0';
    grid_put(grid, "%s", digits);
}

static void put_day(struct grid *grid, int32_t day)
{
    char text[11] = "";
    if (day != DAY_NONE)
        day_print(day, text);
    grid_put(grid, "%s", text);
}

/* "48.0 KiB" */
static void put_size(struct grid *grid, uint64_t bytes)
{
    static const char *const unit[] = {"KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes / KIB;
    size_t i = 0;
    for (; size >= KIB && i < 3; i++)
        size /= KIB;
    if (bytes < (uint64_t)KIB)
        grid_put(grid, "%" PRIu64 " bytes", bytes);
    else
        grid_put(grid, "%.1f %s", size, unit[i]);
}

/* ---- inputs ---- */

static void put_input(struct grid *grid, const struct finding *finding, size_t i)
{
    const struct sheet *sheet = survey_sheet(finding->survey, i);
    const struct facts *facts = finding->input[i];
    grid_put_bytes(grid, (struct slice){sheet->name, strlen(sheet->name)});
    put_size(grid, facts->raw_bytes);
    grid_put(grid, "%s", packing_name(sheet->about.packing));
    grid_put(grid, "%s", dialect_delimiter_name(sheet->dialect.delimiter));
    grid_put(grid, "%s", sheet->has_header ? "yes" : "no");
    grid_put(grid, "%" PRIu64, facts->rows_in);
    grid_put(grid, "%" PRIu64, facts->accepted);
    grid_put(grid, "%" PRIu64, facts_rejects(facts));
}

static int print_inputs(const struct finding *finding, FILE *out)
{
    static const char *const title[] = {"",       "size", "compression", "delimiter",
                                        "header", "rows", "accepted",    "rejects"};
    struct grid grid = grid_of(8, 1U << 1 | 1U << 5 | 1U << 6 | 1U << 7);
    fputs("Inputs\n", out);
    for (size_t i = 0; i < 8; i++)
        grid_put(&grid, "%s", title[i]);
    for (size_t i = 0; i < finding->n_inputs; i++)
        put_input(&grid, finding, i);
    return grid_print(&grid, out, MARGIN);
}

/* ---- columns ---- */

/* What a field's column or format was settled by. */
static void put_reason(struct grid *grid, const struct finding *finding, const struct sheet *sheet,
                       enum field field)
{
    char words[SURVEY_WORDS];
    const char *how = sheet->mapping.guessed[field] ? "guessed from the header" : "as said";
    int has_format =
        (field == FIELD_DATE || field == FIELD_AMOUNT) && !finding->settings->reading.summary_days;
    if (has_format)
        survey_words(finding->survey, field, words);
    grid_put(grid, "%s%s%s", how, has_format ? "; " : "", has_format ? words : "");
}

static int excluded_by(const struct finding *finding, size_t input, int32_t column)
{
    struct recipe recipe;
    survey_recipe(finding->survey, input, &recipe);
    for (size_t i = 0; i < recipe.n_exclusions; i++)
        if (recipe.exclusion_column[i] == column)
            return (int)i;
    return -1;
}

static void put_use(struct grid *grid, const struct finding *finding, size_t input, int32_t column)
{
    const struct sheet *sheet = survey_sheet(finding->survey, input);
    int field = 0, exclusion = excluded_by(finding, input, column);
    while (field < FIELDS && sheet->mapping.column[field] != column)
        field++;
    if (field < FIELDS) {
        int factor = field == FIELD_FACTOR && !finding->settings->reading.summary_days;
        grid_put(grid, "%s%s", survey_field_name(finding->survey, (enum field)field),
                 factor ? ", a factor" : "");
        put_reason(grid, finding, sheet, (enum field)field);
    } else if (exclusion >= 0) {
        grid_put(grid, "left out");
        grid_put(grid, "--exclude '%s'", finding->settings->reading.excludes[exclusion]);
    } else {
        grid_put(grid, "-");
    }
    grid_end(grid);
}

static int print_columns(const struct finding *finding, size_t input, FILE *out)
{
    const struct header *header = &survey_sheet(finding->survey, input)->header;
    struct grid grid = grid_of(4, 1);
    fprintf(out, "\nColumns of %s\n", survey_sheet(finding->survey, input)->name);
    grid_put(&grid, "%s", "");
    grid_put(&grid, "column");
    grid_put(&grid, "field");
    grid_end(&grid);
    for (size_t i = 0; i < header->n; i++) {
        grid_put(&grid, "%zu", i + 1);
        grid_put_bytes(&grid, clipped(header->name[i], NAME_BYTES));
        put_use(&grid, finding, input, (int32_t)i);
    }
    return grid_print(&grid, out, MARGIN);
}

static int same_columns(const struct sheet *a, const struct sheet *b)
{
    int same =
        a->header.n == b->header.n && memcmp(&a->mapping, &b->mapping, sizeof a->mapping) == 0;
    for (size_t i = 0; same && i < a->header.n; i++)
        same = a->header.name[i].size == b->header.name[i].size &&
               memcmp(a->header.name[i].data, b->header.name[i].data, a->header.name[i].size) == 0;
    return same;
}

/* Inputs of one kind have their columns shown once. */
static int print_all_columns(const struct finding *finding, FILE *out)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < finding->n_inputs; i++)
        if (i == 0 ||
            !same_columns(survey_sheet(finding->survey, i), survey_sheet(finding->survey, i - 1)))
            r = print_columns(finding, i, out);
    return r;
}

/* ---- the ledger ---- */

static void put_sum(struct grid *grid, const struct facts *facts, const char *name,
                    const struct facts_sum *sum)
{
    grid_put(grid, "%s", name);
    grid_put(grid, "%" PRIu64, sum->rows);
    if (facts->has_amount)
        put_money(grid, facts, sum->amount);
    grid_end(grid);
}

static void put_share(struct grid *grid, const struct finding *finding)
{
    const struct facts_sum *bought = &finding->census.purchases, *back = &finding->census.refunds;
    grid_put(grid, "refunds");
    grid_put(grid, "%" PRIu64, back->rows);
    put_money(grid, finding->all, back->amount);
    if (back->rows > 0 && bought->amount > 0)
        grid_put(grid, "%.3g%% of what was bought",
                 100.0 * -(double)back->amount / (double)bought->amount);
    grid_end(grid);
}

static int print_rows(const struct finding *finding, FILE *out)
{
    const struct facts *all = finding->all;
    const struct census *census = &finding->census;
    struct grid grid = grid_of(4, 1U << 1 | 1U << 2);
    fputs("\nRows\n", out);
    put_sum(&grid, all, "purchases", &census->purchases);
    if (all->has_amount)
        put_share(&grid, finding);
    if (finding->settings->reading.as_of != DAY_NONE)
        put_sum(&grid, all, "after --as-of", &census->later);
    put_sum(&grid, all, "anonymous", &all->anonymous);
    for (int i = 0; i < LEFT_OUT_REASONS; i++) {
        static const char *const name[LEFT_OUT_REASONS] = {"--exclude", "--exclude-customers",
                                                           "not in --sample", "not --currency"};
        if (all->left_out[i].rows > 0)
            put_sum(&grid, all, name[i], &all->left_out[i]);
    }
    grid_put(&grid, "rejects");
    grid_put(&grid, "%" PRIu64, facts_rejects(all));
    grid_end(&grid);
    grid_put(&grid, "all");
    grid_put(&grid, "%" PRIu64, all->rows_in);
    grid_end(&grid);
    return grid_print(&grid, out, MARGIN);
}

static void put_last_days(struct grid *grid, const struct finding *finding, int32_t as_of)
{
    char words[256] = "";
    size_t n = 0;
    for (int32_t day = as_of - LAST_DAYS + 1; day <= as_of; day++)
        n += (size_t)snprintf(words + n, sizeof words - n, " %" PRIu64,
                              calendar_count(&finding->all->days, day));
    grid_put(grid, "rows of its last %d days:%s", LAST_DAYS, words);
}

/* Days of a ledger; those of a summary are no dates. */
static void put_days(struct grid *grid, const struct finding *finding)
{
    int32_t said = finding->settings->reading.as_of;
    int32_t last = facts_last_day(finding->all, said), first = facts_first_day(finding->all, said);
    int32_t as_of = said == DAY_NONE ? last : said;
    grid_put(grid, "first day");
    put_day(grid, first);
    grid_end(grid);
    grid_put(grid, "last day");
    put_day(grid, last);
    if (last != DAY_NONE)
        grid_put(grid, last > first ? "%d days" : "%d day", (int)(last - first + 1));
    grid_end(grid);
    grid_put(grid, "as of");
    put_day(grid, as_of);
    if (as_of != DAY_NONE)
        put_last_days(grid, finding, as_of);
    grid_end(grid);
}

static int print_span(const struct finding *finding, FILE *out)
{
    const struct crowd *customers = &finding->census.customers;
    struct grid grid = grid_of(3, 0);
    fputs("\nLedger\n", out);
    if (!finding->settings->reading.summary_days)
        put_days(&grid, finding);
    grid_put(&grid, "customers");
    grid_put(&grid, "%s%zu", crowd_full(customers) ? "at least " : "", customers->n);
    grid_end(&grid);
    if (finding->all->has_amount) {
        grid_put(&grid, "decimals");
        grid_put(&grid, "%u", (unsigned)finding->all->decimals);
        if (finding->all->rounded > 0)
            grid_put(&grid, "%" PRIu64 " amounts have more than four and are rounded",
                     finding->all->rounded);
        grid_end(&grid);
    }
    return grid_print(&grid, out, MARGIN);
}

/* ---- rows ---- */

static int print_first_rows(const struct finding *finding, FILE *out)
{
    int has_amount = survey_has(finding->survey, FIELD_AMOUNT);
    struct grid grid = grid_of(5, 1U | 1U << 3);
    if (finding->n_rows == 0 || finding->settings->reading.summary_days)
        return 0;
    fprintf(out, "\nFirst rows of %s, as read\n", survey_sheet(finding->survey, 0)->name);
    grid_put(&grid, "line");
    grid_put(&grid, "customer_id");
    grid_put(&grid, "date");
    grid_put(&grid, "%s", has_amount ? "amount" : "");
    grid_end(&grid);
    for (size_t i = 0; i < finding->n_rows; i++) {
        const struct survey_row *row = &finding->row[i];
        grid_put(&grid, "%" PRIu64, row->line);
        grid_put(&grid, "%s", row->customer);
        put_day(&grid, row->day);
        if (has_amount && row->day != DAY_NONE)
            put_money(&grid, finding->all, row->amount);
        else
            grid_put(&grid, "%s", "");
        grid_put(&grid, "%s", row->verdict);
    }
    return grid_print(&grid, out, MARGIN);
}

static int print_reasons(const struct facts *all, FILE *out)
{
    struct grid grid = grid_of(3, 1U << 1);
    fputs("\nRejects by reason\n", out);
    for (int i = 0; i < REJECT_CODES; i++) {
        const struct reject reject = {.code = (enum reject_code)i};
        char words[256] = "not as many fields as the header has";
        if (all->rejected[i] == 0)
            continue;
        if (i != REJECT_WRONG_FIELD_COUNT)
            reject_words(&reject, words, sizeof words);
        grid_put(&grid, "%s", reject_name((enum reject_code)i));
        grid_put(&grid, "%" PRIu64, all->rejected[i]);
        grid_put(&grid, "%s", words);
    }
    grid_put(&grid, "customers");
    grid_put(&grid, "%s%zu", crowd_full(&all->reject_customers) ? "at least " : "",
             all->reject_customers.n);
    grid_put(&grid, "whose rows they are, where that could be read");
    return grid_print(&grid, out, MARGIN);
}

static void put_reject(struct grid *grid, const struct finding *finding, size_t i)
{
    struct reject reject = rejects_at(finding->all->rejects, i);
    const char *name = survey_sheet(finding->survey, reject.input)->name;
    char words[256];
    struct slice value = clipped(reject.value, VALUE_BYTES);
    reject_words(&reject, words, sizeof words);
    grid_put(grid, "%s:%" PRIu64, name, reject.line);
    grid_put(grid, "%s", reject_name(reject.code));
    grid_put_bytes(grid, clipped(reject.column, NAME_BYTES));
    grid_put_bytes(grid, value);
    grid_put(grid, "%s", words);
}

static int print_rejects(const struct finding *finding, FILE *out)
{
    size_t n = rejects_size(finding->all->rejects);
    struct grid grid = grid_of(5, 0);
    int r = facts_rejects(finding->all) > 0 ? print_reasons(finding->all, out) : 0;
    if (r < 0 || n == 0)
        return r;
    fputs("\nFirst rejects\n", out);
    for (size_t i = 0; i < n && i < SHOWN; i++)
        put_reject(&grid, finding, i);
    return grid_print(&grid, out, MARGIN);
}

int finding_print(const struct finding *finding, FILE *out)
{
    static int (*const section[])(const struct finding *, FILE *) = {
        print_inputs, print_all_columns, print_span, print_rows, print_first_rows, print_rejects};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof section / sizeof section[0]; i++)
        r = section[i](finding, out);
    if (finding->broken_off)
        fputs("\nNot all of it was read: a run would refuse it.\n", out);
    return r;
}
