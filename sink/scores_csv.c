/* SPDX-License-Identifier: Apache-2.0 */
/* Columns that are empty for everybody in a part are no steps of its rows, only commas before the next one
 * that is not. */
#include "sink/scores_csv.h"

#include <stdlib.h>
#include <string.h>

#include "common/digits.h"
#include "common/log.h"
#include "score/spread.h"
#include "sink/cells.h"
#include "sink/lexicon.h"
#include "sink/spans.h"

#define ROW_USUAL 232 /* bytes, of all columns: a text that grows is copied */

int scores_csv_prepare(struct scores_csv *csv)
{
    csv->spans = spans_new(csv->plan->as_of, csv->digits);
    if (!csv->spans)
        return log_fail(STATUS_BUG, "out of memory for the dates of scores.csv");
    for (int32_t tier = 0; tier < csv->plan->n_tiers; tier++)
        csv->ends[tier] = tiering_ends(csv->tiering, tier);
    int r = lexicon_new(csv->plan, csv->fitted, csv->run_id, &csv->lexicon);
    if (r < 0)
        scores_csv_free(csv);
    return r;
}

void scores_csv_free(struct scores_csv *csv)
{
    lexicon_free(csv->lexicon);
    csv->lexicon = NULL;
    spans_free(csv->spans);
    csv->spans = NULL;
}

int scores_csv_head(const struct scores_csv *csv, char **text, size_t *size)
{
    char *head = malloc(COLUMNS * 64), *at = head;
    if (!head)
        return log_fail(STATUS_BUG, "out of memory for a header");
    for (size_t i = 0; i < csv->columns.n; i++) {
        if (i > 0)
            *at++ = ',';
        const char *name = columns_row(csv->columns.column[i])->name;
        at = quoted_put(at, name, strlen(name));
    }
    *at++ = '\n';
    *text = head;
    *size = (size_t)(at - head);
    return 0;
}

#define COMMAS 16 /* that are put at once */

/* What a row of a part is made of, one after the other. */
struct step {
    cell_put *put;
    uint32_t shown;
    uint32_t commas; /* before it */
};

struct steps {
    struct step step[COLUMNS + COLUMNS / COMMAS + 1];
    size_t n;
};

static char *put_nothing(char *out, const struct scores_csv *csv, const struct cell_row *row)
{
    (void)csv, (void)row;
    return out;
}

static char *put_end(char *out, const struct scores_csv *csv, const struct cell_row *row)
{
    (void)csv, (void)row;
    *out = '\n';
    return out + 1;
}

static void add_step(struct steps *steps, cell_put *put, uint32_t shown, uint32_t commas)
{
    for (; commas > COMMAS; commas -= COMMAS)
        steps->step[steps->n++] = (struct step){put_nothing, 0, COMMAS};
    steps->step[steps->n++] = (struct step){put, shown, commas};
}

/* shown: bits that any row of the part has. */
static void choose_steps(const struct scores_csv *csv, uint32_t shown, struct steps *steps)
{
    uint32_t known = cells_known(csv), commas = 0;
    steps->n = 0;
    for (size_t i = 0; i < csv->columns.n; i++) {
        const struct cell *cell = cell_of(csv->columns.column[i]);
        commas += i > 0;
        if ((cell->known & ~known) != 0 || (cell->shown & ~shown) != 0)
            continue;
        add_step(steps, cell->put, cell->shown, commas);
        commas = 0;
    }
    add_step(steps, put_end, 0, commas);
}

static char *put_row(char *out, const struct scores_csv *csv, const struct steps *steps,
                     const struct cell_row *row)
{
    static const char commas[COMMAS] = ",,,,,,,,,,,,,,,,";
    for (const struct step *step = steps->step; step < steps->step + steps->n; step++) {
        memcpy(out, commas, COMMAS);
        out += step->commas;
        if ((step->shown & ~row->shown) == 0)
            out = step->put(out, csv, row);
    }
    return out;
}

/* In place: a row made aside and copied would have to wait for its parts to be whole. */
static void turn_to(struct cell_row *row, const struct scores_csv *csv, size_t i)
{
    const struct score_columns *of = row->of;
    const struct plan_offer *offer = &csv->plan->offer;
    row->i = i;
    row->shown = CELL_SHOWN(of->flags[i]);
    row->standing = tiering_stand(csv->tiering, csv->plan, of, i);
    int bought = (row->shown & CELL_BOUGHT) != 0;
    row->x = bought ? of->purchase_days[i] - 1 : 0;
    row->span_days = bought ? of->last_day[i] - of->first_day[i] : 0;
    row->age_days = bought ? csv->plan->as_of - of->first_day[i] : 0;
    if (offer->asked && (row->shown & ROW_SPEND))
        row->retention = retention_of(offer, of->churn_prob[i], of->clv_if_alive[i]);
}

/* Adds a customer to the sums of his tier; 1 when money does not fit. */
static int add_sums(struct tier_sums *sums, const struct scores_csv *csv,
                    const struct cell_row *row)
{
    struct tier_sums *tier = &sums[row->standing.tier];
    return tier_sums_add(tier, row->of, row->i) != 0 ||
           yield_add(&tier->yield, csv->plan, &row->retention, row->of, row->i) != 0;
}

/* No row is longer, nor what is touched behind it: every cell at its longest, the id quoted through and
 * through. */
static size_t row_bytes(size_t id_length)
{
    return COLUMNS * (DIGITS_ROOM + 1) + LEXICON_LONG + 256 + QUOTED_ROOM(id_length);
}

/* The text of a part, as it grows. */
struct growing {
    char *bytes;
    size_t used, room;
};

static int grow(struct growing *text, size_t more)
{
    if (text->room - text->used >= more)
        return 0;
    size_t room = text->room * 2 + more;
    char *bytes = realloc(text->bytes, room);
    if (!bytes)
        return log_fail(STATUS_BUG, "out of memory for %zu bytes of scores", room);
    text->bytes = bytes;
    text->room = room;
    return 0;
}

/* How many bytes of ids there are. */
static size_t ids_size(const struct score_columns *columns)
{
    size_t size = 0;
    for (size_t i = 0; i < columns->n; i++)
        size += columns->id_length[i];
    return size;
}

/* Bits of CELL_SHOWN that any row has. */
static uint32_t shown_by_any(const struct score_columns *columns)
{
    uint32_t shown = 0;
    for (size_t i = 0; i < columns->n; i++)
        shown |= CELL_SHOWN(columns->flags[i]);
    return shown;
}

/* Of the customers from i on, whether or not a column asks for them. */
static void find_intervals(const struct score_columns *of, size_t i, uint32_t shown,
                           struct cell_intervals *intervals)
{
    size_t n = of->n - i < SPECIAL_LANES ? of->n - i : SPECIAL_LANES;
    if (shown & ROW_SPREAD)
        spread_ends(of->clv + i, of->spread + i, n, intervals->low, intervals->high);
}

static int put_rows(const struct scores_csv *csv, const struct score_columns *columns,
                    struct growing *text, struct tier_sums *sums)
{
    struct steps steps;
    struct cell_intervals intervals;
    struct cell_row row = {
        .of = columns, .id = columns->ids, .id_room = ids_size(columns), .intervals = &intervals};
    uint32_t shown = shown_by_any(columns);
    choose_steps(csv, shown, &steps);
    for (size_t i = 0; i < columns->n; i++) {
        size_t id_length = columns->id_length[i];
        if (i % SPECIAL_LANES == 0)
            find_intervals(columns, i, shown, &intervals);
        int r = grow(text, row_bytes(id_length));
        if (r < 0)
            return r;
        turn_to(&row, csv, i);
        char *end = put_row(text->bytes + text->used, csv, &steps, &row);
        text->used = (size_t)(end - text->bytes);
        if (add_sums(sums, csv, &row) != 0)
            return log_fail(STATUS_DATA, "the money of a tier does not fit in 9.2e14");
        row.id += id_length;
        row.id_room -= id_length;
    }
    return 0;
}

int scores_csv_rows(const struct scores_csv *csv, const struct score_columns *columns, char **bytes,
                    size_t *size, struct tier_sums *sums)
{
    struct growing text = {NULL, 0, 0};
    int r = grow(&text, 65536 + columns->n * ROW_USUAL);
    if (r == 0)
        r = put_rows(csv, columns, &text, sums);
    if (r < 0) {
        free(text.bytes);
        return r;
    }
    *bytes = text.bytes;
    *size = text.used;
    return 0;
}
