/* SPDX-License-Identifier: Apache-2.0 */
/* The first rows, read exactly as all rows will be: what the row did to a sheet of facts of its own
 * is what is said of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ventilator/row.h"
#include "ventilator/survey.h"

static const char *verdict_of(const struct facts *facts)
{
    if (facts->accepted)
        return "accepted";
    if (facts->anonymous.rows)
        return "anonymous";
    for (int i = 0; i < REJECT_CODES; i++)
        if (facts->rejected[i])
            return reject_name((enum reject_code)i);
    return "excluded";
}

static void show(const struct recipe *recipe, const struct row *row, struct survey_row *out)
{
    char hash[REDACTION_TEXT];
    struct slice id = row->id;
    if (recipe->redaction.on) {
        redaction_print(recipe->redaction.key, id, hash);
        id = (struct slice){hash, REDACTION_TEXT - 1};
    }
    snprintf(out->customer, sizeof out->customer, "%.*s", (int)id.size, (const char *)id.data);
    out->day = row->day;
    out->amount = row->amount;
}

static int is_flawed(const struct csv_rows *rows, size_t number)
{
    for (size_t i = 0; i < rows->n_flawed; i++)
        if (rows->flawed[i] == number)
            return 1;
    return 0;
}

/* Reads one row; *counts is 0 for a blank line. */
static int read_one(const struct recipe *recipe, const struct row_page *page, size_t number,
                    struct survey_row *out, int *counts)
{
    struct row_desk desk;
    struct row row = {.id = {"", 0}};
    struct facts *facts = NULL;
    int r = facts_new(&facts);
    if (r)
        return r;
    r = row_desk_open(recipe, facts, &desk);
    if (!r) {
        r = row_read(&desk, page, number, is_flawed(page->rows, number), &row);
        *counts = facts->rows_in > 0;
        memset(out, 0, sizeof *out);
        out->verdict = verdict_of(facts);
        out->day = DAY_NONE;
        if (r == 0)
            show(recipe, &row, out);
        r = r < 0 ? r : 0;
    }
    row_desk_close(&desk);
    facts_destroy(&facts);
    return r;
}

static uint64_t line_of(const struct sheet *sheet, const struct row_page *page, size_t number)
{
    uint64_t line = sheet->data_line;
    for (size_t i = 0; i < csv_start(page->rows, number); i++)
        line += page->text.bytes[i] == '\n';
    return line;
}

int survey_rows(struct survey *survey, struct survey_row out[SURVEY_ROWS], size_t *n)
{
    const struct sheet *sheet = survey_sheet(survey, 0);
    struct csv_rows rows = {0};
    struct recipe recipe;
    struct row_page page = {.text = sheet_text(sheet), .rows = &rows, .line = sheet->data_line};
    *n = 0;
    survey_recipe(survey, 0, &recipe);
    page.nuls = memchr(page.text.bytes, 0, page.text.size) != NULL;
    int r = csv_reserve(&rows, page.text.size);
    if (!r)
        csv_split(&rows, &page.text);
    for (size_t i = 0; i < rows.n && *n < SURVEY_ROWS && !r; i++) {
        int counts = 0;
        r = read_one(&recipe, &page, i, &out[*n], &counts);
        out[*n].line = line_of(sheet, &page, i);
        *n += counts != 0;
    }
    csv_release(&rows);
    return r;
}
