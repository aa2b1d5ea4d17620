/* SPDX-License-Identifier: Apache-2.0 */
/* The same eyes look at samples and at whole columns. A column is read whole only where its sample
 * asks a question; what a sample has answered is not asked again. */
#include "ventilator/formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define FOREIGN_WORTH_WORDS 100 /* one value in so many */
#define VALUE_LIMIT         256 /* bytes of a date or amount worth looking at */

/* What is being found out. */
struct eyes {
    const struct formats_order *order;
    const struct formats *formats;
    struct date_guess date;
    struct amount_guess amount;
    size_t ragged; /* fields of a row that has not as many as the header; 0: none was seen */
};

static struct slice value_at(const struct glance *glance, size_t row, int32_t column,
                             char scratch[VALUE_LIMIT])
{
    struct slice raw = csv_raw(glance->rows, glance->text, row, (size_t)column);
    if (raw.size > VALUE_LIMIT)
        raw.size = 0;
    return csv_value(raw, scratch);
}

static void see_field(struct eyes *eyes, const struct glance *glance, size_t row, enum field field)
{
    char scratch[VALUE_LIMIT];
    int32_t column = glance->sheet->mapping.column[field];
    if (column == MAPPING_ABSENT)
        return;
    struct slice value = value_at(glance, row, column, scratch);
    const struct proof place = {.input = glance->sheet->number,
                                .column = column,
                                .offset = glance->offset + csv_start(glance->rows, row)};
    if (nulls_has(eyes->order->nulls, value))
        return;
    if (field == FIELD_DATE)
        date_guess_see(&eyes->date, value, &place);
    else
        amount_guess_see(&eyes->amount, value, &place);
}

static int look(void *context, const struct glance *glance)
{
    struct eyes *eyes = context;
    size_t flaw = 0;
    for (size_t row = 0; row < glance->rows->n; row++) {
        int flawed = flaw < glance->rows->n_flawed && glance->rows->flawed[flaw] == row;
        flaw += flawed != 0;
        size_t fields = csv_fields(glance->rows, row);
        if (!flawed && fields != glance->sheet->header.n)
            eyes->ragged = fields;
        if (flawed || fields != glance->sheet->header.n)
            continue;
        if (!eyes->formats->date_said)
            see_field(eyes, glance, row, FIELD_DATE);
        if (!eyes->formats->mark_said) {
            see_field(eyes, glance, row, FIELD_AMOUNT);
            see_field(eyes, glance, row, FIELD_FACTOR);
        }
    }
    return 0;
}

/* Lets the eyes go over every sheet, in one way or another; *whole: they have seen everything. */
static int look_over(struct eyes *eyes, int (*way)(struct sheet *, const struct looker *, int *),
                     int *whole)
{
    const struct formats_order *order = eyes->order;
    const struct looker looker = {eyes, look};
    int r = 0;
    *whole = 1;
    date_guess_begin(&eyes->date);
    amount_guess_begin(&eyes->amount);
    for (size_t i = 0; i < order->n && !r; i++) {
        int all = 0;
        r = way(&order->sheets[i], &looker, &all);
        *whole &= all;
    }
    return r;
}

static int is_open(const struct eyes *eyes)
{
    struct date_verdict verdict;
    enum amount_mark mark;
    return (!eyes->formats->date_said &&
            date_guess_end(&eyes->date, &verdict) == DATE_GUESS_E_OPEN) ||
           (!eyes->formats->mark_said &&
            amount_guess_end(&eyes->amount, &mark) == AMOUNT_GUESS_E_OPEN);
}

const char *formats_place(const struct formats_order *order, const struct proof *proof,
                          char out[FORMATS_PLACE])
{
    const struct sheet *sheet = &order->sheets[proof->input];
    uint64_t line = proof->line;
    if (!line && sheet_line(sheet, proof->offset, &line))
        line = 0;
    snprintf(out, FORMATS_PLACE, "%s:%llu:%d", sheet->name, (unsigned long long)line,
             (int)proof->column + 1);
    return out;
}

/* Words about a proof: where it is, and its value. */
struct told {
    char place[FORMATS_PLACE];
    char value[REDACTION_WORDS];
};

static void tell(const struct eyes *eyes, const struct proof *proof, struct told *told)
{
    formats_place(eyes->order, proof, told->place);
    redaction_words(eyes->order->redaction, proof_value(proof), told->value);
}

static int refuse_open_date(const struct eyes *eyes, const struct date_verdict *verdict)
{
    struct told told;
    tell(eyes, &eyes->date.differing, &told);
    return log_fail(STATUS_DATA,
                    "%s: %s can be read in two ways and no date here settles it; say "
                    "--date-format %s or --date-format %s",
                    told.place, told.value, verdict->a->format.pattern, verdict->b->format.pattern);
}

static int refuse_mixed_date(const struct eyes *eyes, const struct date_verdict *verdict)
{
    const struct date_candidate *a = verdict->a, *b = verdict->b;
    struct told one, other;
    tell(eyes, &a->against[b->in_group].proof, &one);
    tell(eyes, &b->against[a->in_group].proof, &other);
    return log_fail(STATUS_DATA,
                    "%s: %s is %s only, but %s: %s is %s only; say --date-format %s or "
                    "--date-format %s, and the others are rejects",
                    one.place, one.value, a->format.pattern, other.place, other.value,
                    b->format.pattern, a->format.pattern, b->format.pattern);
}

static int refuse_no_date(const struct eyes *eyes)
{
    const struct sheet *sheet = &eyes->order->sheets[0];
    struct told told;
    if (!eyes->date.values && eyes->ragged)
        return log_fail(STATUS_DATA,
                        "%s: no row has a date in its column: rows have %zu fields where the "
                        "header has %zu; --delimiter says what stands between them",
                        sheet->name, eyes->ragged, (size_t)sheet->header.n);
    if (!eyes->date.values)
        return log_fail(STATUS_DATA,
                        "%s: the column of dates is empty; --map date=COLUMN names "
                        "another",
                        sheet->name);
    tell(eyes, &eyes->date.any, &told);
    return log_fail(STATUS_DATA,
                    "%s: %s is no date as they are usually written; --date-format says how these "
                    "are, --map date=COLUMN names another column",
                    told.place, told.value);
}

static void warn_foreign(const struct date_verdict *verdict, uint64_t values)
{
    if (verdict->foreign * FOREIGN_WORTH_WORDS > values)
        log_say(LOG_WARN, "%llu of %llu dates looked at are not %s and will be rejects",
                (unsigned long long)verdict->foreign, (unsigned long long)values,
                verdict->a->format.pattern);
}

static int settle_date(const struct eyes *eyes, struct formats *formats)
{
    struct date_verdict verdict;
    if (formats->date_said)
        return 0;
    switch (date_guess_end(&eyes->date, &verdict)) {
    case DATE_GUESS_E_OPEN:
        return refuse_open_date(eyes, &verdict);
    case DATE_GUESS_E_MIXED:
        return refuse_mixed_date(eyes, &verdict);
    case DATE_GUESS_E_NONE:
        return refuse_no_date(eyes);
    default:
        break;
    }
    warn_foreign(&verdict, eyes->date.values);
    formats->date = verdict.a->format;
    formats->date_proof = verdict.proof;
    return 0;
}

static int refuse_mark(const struct eyes *eyes, int mixed)
{
    struct told one, other;
    tell(eyes, &eyes->amount.first[mixed ? AMOUNT_ONLY_POINT : AMOUNT_OPEN], &one);
    if (!mixed)
        return log_fail(STATUS_DATA,
                        "%s: %s has thousands or decimals, and no amount here settles it; say "
                        "--decimal point or --decimal comma",
                        one.place, one.value);
    tell(eyes, &eyes->amount.first[AMOUNT_ONLY_COMMA], &other);
    return log_fail(STATUS_DATA,
                    "%s: %s has a decimal point, but %s: %s a decimal comma; say --decimal point "
                    "or --decimal comma, and the others are rejects",
                    one.place, one.value, other.place, other.value);
}

static int settle_mark(const struct eyes *eyes, struct formats *formats)
{
    if (formats->mark_said)
        return 0;
    int r = amount_guess_end(&eyes->amount, &formats->mark);
    if (r == AMOUNT_GUESS_E_OPEN || r == AMOUNT_GUESS_E_MIXED)
        return refuse_mark(eyes, r == AMOUNT_GUESS_E_MIXED);
    formats->mark_unseen = r == AMOUNT_GUESS_E_SILENT;
    enum amount_evidence proves = formats->mark_unseen            ? AMOUNT_SILENT
                                  : formats->mark == AMOUNT_POINT ? AMOUNT_ONLY_POINT
                                                                  : AMOUNT_ONLY_COMMA;
    formats->mark_proof = eyes->amount.first[proves];
    return 0;
}

static int count_line(const struct formats_order *order, struct proof *proof)
{
    return proof->column < 0
               ? 0
               : sheet_line(&order->sheets[proof->input], proof->offset, &proof->line);
}

static int settle(struct eyes *eyes, struct formats *formats)
{
    int whole;
    int r = look_over(eyes, sheet_sample, &whole);
    if (!r && !whole && is_open(eyes)) {
        log_say(LOG_INFO, "the sample leaves a format open; looking at whole columns");
        r = look_over(eyes, sheet_scan, &whole);
    }
    if (!r)
        r = settle_date(eyes, formats);
    if (!r)
        r = settle_mark(eyes, formats);
    if (!r)
        r = count_line(eyes->order, &formats->date_proof);
    return r ? r : count_line(eyes->order, &formats->mark_proof);
}

int formats_settle(const struct formats_order *order, struct formats *formats)
{
    struct eyes *eyes = calloc(1, sizeof *eyes);
    if (!eyes)
        return log_fail(STATUS_BUG, "no memory to look at dates");
    eyes->order = order;
    eyes->formats = formats;
    formats->date_proof = formats->mark_proof = PROOF_NONE;
    int r = settle(eyes, formats);
    free(eyes);
    return r;
}
