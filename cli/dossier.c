/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of a customer's scores, from his line of scores.csv: reading the ledger again would tell
 * them all, but it may be gone, may have grown, and takes as long as the run did. What the line does
 * not say is noted as not known, and two inputs are found from what they led to: the net ratio from the
 * money expected (unless nobody sent anything back, when it is 1), the units of a wallet from its size.
 * cli/recount.c then makes the scores again. */
#include "cli/dossier.h"

#include <stdlib.h>
#include <string.h>

#include "cli/decimal.h"
#include "cli/recount.h"
#include "common/log.h"
#include "score/day.h"
#include "score/money.h"
#include "score/wallet.h"
#include "sink/lexicon.h"
#include "sink/scores_csv.h"

#define DIGITS_FOR_DAYS 6   /* weeks with so many digits tell one day from the next */
#define SLACK_OF_DAYS   .05 /* of a day */

struct reader {
    struct dossier *dossier;
    int failed;
};

/* A cell that is there and says something. */
static const char *cell_of(const struct reader *reader, enum column column, size_t *size)
{
    const char *text = reader->dossier->record->cell[column];
    *size = reader->dossier->record->size[column];
    return text && *size > 0 ? text : NULL;
}

static int has_column(const struct dossier *dossier, enum column column)
{
    return dossier->record->cell[column] != NULL;
}

static void fail(struct reader *reader, enum column column, const char *what)
{
    if (!reader->failed)
        log_say(LOG_ERROR, "%s/scores.csv: %s of this customer is no %s; somebody changed the file",
                reader->dossier->results->directory, columns_row(column)->name, what);
    reader->failed = 1;
}

/* A decimal of so many places; 0: there is none. */
static int read_decimal(struct reader *reader, enum column column, int places, int64_t *value)
{
    size_t size;
    const char *text = cell_of(reader, column, &size);
    if (!text)
        return 0;
    if (decimal_read(text, size, places, value) == 0)
        return 1;
    fail(reader, column, places ? "amount" : "whole number");
    return 0;
}

static int read_count(struct reader *reader, enum column column, uint32_t *value)
{
    int64_t wide;
    if (!read_decimal(reader, column, 0, &wide))
        return 0;
    if (wide < 0 || wide > INT32_MAX) {
        fail(reader, column, "count");
        return 0;
    }
    *value = (uint32_t)wide;
    return 1;
}

static int read_date(struct reader *reader, enum column column, int32_t *day)
{
    size_t size;
    const char *text = cell_of(reader, column, &size);
    if (!text)
        return 0;
    if (day_read(text, day) == 0)
        return 1;
    fail(reader, column, "date");
    return 0;
}

/* Days, from a number of units that was rounded to --digits. */
static int read_span(struct reader *reader, enum column column, int32_t unit_days, int32_t *days)
{
    size_t size;
    const char *text = cell_of(reader, column, &size);
    if (!text || (unit_days > 1 && reader->dossier->results->digits < DIGITS_FOR_DAYS))
        return 0;
    double exact = strtod(text, NULL) * unit_days;
    if (!(exact >= 0 && exact < 4e6)) {
        fail(reader, column, "span of time");
        return 0;
    }
    *days = (int32_t)(exact + 0.5);
    double off = exact - *days;
    return off < SLACK_OF_DAYS && off > -SLACK_OF_DAYS;
}

/* First and last purchase day, by whichever columns there are; 0: not both. */
static int read_days(struct reader *reader)
{
    struct dossier *d = reader->dossier;
    int32_t as_of = d->results->plan.as_of, unit = d->results->unit_days, span, age;
    uint32_t recency;
    int first = read_date(reader, COLUMN_FIRST_PURCHASE_DATE, &d->seen.first_day);
    int last = read_date(reader, COLUMN_LAST_PURCHASE_DATE, &d->seen.last_day);
    if (!last && read_count(reader, COLUMN_RECENCY_DAYS, &recency)) {
        d->seen.last_day = as_of - (int32_t)recency;
        last = 1;
    }
    if (!first && (read_span(reader, COLUMN_TENURE_WEEKS, 7, &age) ||
                   read_span(reader, COLUMN_T, unit, &age))) {
        d->seen.first_day = as_of - age;
        first = 1;
    }
    if (!last && first &&
        (read_span(reader, COLUMN_ACTIVE_SPAN_WEEKS, 7, &span) ||
         read_span(reader, COLUMN_RECENCY, unit, &span))) {
        d->seen.last_day = d->seen.first_day + span;
        last = 1;
    }
    d->known |= last ? DOSSIER_LAST : 0;
    return first && last;
}

/* Refunds only: no column that every customer with a purchase has says anything. */
static int is_refund_only(const struct reader *reader)
{
    static const enum column column[] = {COLUMN_FIRST_PURCHASE_DATE, COLUMN_LAST_PURCHASE_DATE,
                                         COLUMN_RECENCY_DAYS,        COLUMN_REPEAT_PURCHASES,
                                         COLUMN_FREQUENCY,           COLUMN_VALUE};
    size_t size;
    int there = 0;
    for (size_t i = 0; i < sizeof column / sizeof column[0]; i++) {
        there += has_column(reader->dossier, column[i]);
        if (cell_of(reader, column[i], &size))
            return 0;
    }
    return there > 0;
}

static void read_repeats(struct reader *reader)
{
    struct dossier *d = reader->dossier;
    const struct plan *plan = &d->results->plan;
    struct features *seen = &d->seen;
    uint32_t x;
    int days = read_days(reader);
    int counted = read_count(reader, COLUMN_PURCHASE_DAYS, &seen->purchase_days);
    if (!counted && (read_count(reader, COLUMN_REPEAT_PURCHASES, &x) ||
                     read_count(reader, COLUMN_FREQUENCY, &x))) {
        seen->purchase_days = x + 1;
        counted = 1;
    }
    int possible = !days || (seen->first_day <= seen->last_day && seen->last_day <= plan->as_of);
    if (!possible || (counted && seen->purchase_days == 0))
        fail(reader, possible ? COLUMN_PURCHASE_DAYS : COLUMN_LAST_PURCHASE_DATE,
             "possible value beside the others");
    d->known |= days && counted ? DOSSIER_REPEAT : 0;
}

/* score/ wants a customer that can be; what is made of a day that is not known is not looked at. */
static void fill_days(struct features *seen, int32_t as_of)
{
    if (seen->last_day == DAY_NONE)
        seen->last_day = seen->first_day == DAY_NONE ? as_of : seen->first_day;
    if (seen->first_day == DAY_NONE)
        seen->first_day = seen->last_day;
    if (seen->purchase_days == 0)
        seen->purchase_days = 1;
}

/* Whether the window of F and M reaches back over the whole ledger. */
static int window_is_all(const struct plan *plan)
{
    return plan->rfm_window_days == PLAN_DAYS_ALL ||
           plan->rfm_window_days > plan->as_of - plan->first_day;
}

static void read_rfm(struct reader *reader)
{
    struct dossier *d = reader->dossier;
    const struct plan *plan = &d->results->plan;
    struct features *seen = &d->seen;
    int orders = read_count(reader, COLUMN_ORDER_COUNT, &seen->orders);
    int all = window_is_all(plan);
    int within = all || (dossier_knows(d, DOSSIER_REPEAT) &&
                         seen->first_day > plan->as_of - plan->rfm_window_days);
    int counted = plan->rfm_frequency == RFM_ORDERS ? orders : seen->purchase_days > 0;
    seen->rfm_frequency = plan->rfm_frequency == RFM_ORDERS ? seen->orders : seen->purchase_days;
    if (within && counted)
        d->known |= DOSSIER_FREQUENCY;
    if (!plan->has_amount)
        d->known |= DOSSIER_MONETARY | DOSSIER_MEAN | DOSSIER_YEAR | DOSSIER_TOTAL;
    if (read_decimal(reader, COLUMN_MONETARY_TOTAL, 4, &seen->monetary_total))
        d->known |= DOSSIER_TOTAL;
    if (read_decimal(reader, COLUMN_SPEND_365D, 4, &seen->spend_365d))
        d->known |= DOSSIER_YEAR;
    if (all && dossier_knows(d, DOSSIER_TOTAL)) {
        seen->rfm_monetary = seen->monetary_total;
        d->known |= DOSSIER_MONETARY;
    } else if (plan->rfm_window_days == 365 && dossier_knows(d, DOSSIER_YEAR)) {
        seen->rfm_monetary = seen->spend_365d;
        d->known |= DOSSIER_MONETARY;
    }
}

/* A number with more places than money has, where --digits asked for them; 0: there is none. */
static int read_exact(struct reader *reader, enum column column, double *value)
{
    size_t size;
    const char *text = cell_of(reader, column, &size);
    char *end;
    if (!text)
        return 0;
    *value = strtod(text, &end);
    if (*end == '\0' && *value >= 0 && *value < 1e15)
        return 1;
    fail(reader, column, "amount");
    return 0;
}

/* The money that m was made of: of the amounts with the ledger's decimals whose mean is rounded to m,
 * the one in the middle. */
static void read_mean(struct reader *reader)
{
    static const int64_t steps[] = {10000, 1000, 100, 10, 1};
    struct dossier *d = reader->dossier;
    int64_t mean, x = (int64_t)d->seen.purchase_days - 1;
    double exact;
    int64_t step = steps[d->results->plan.decimals];
    if (!dossier_knows(d, DOSSIER_REPEAT))
        return;
    if (x == 0)
        d->known |= DOSSIER_MEAN; /* 0 */
    if (read_exact(reader, COLUMN_MONETARY_VALUE, &exact))
        d->seen.repeat_spend = money_from_units(exact * (double)x);
    else if (!read_decimal(reader, COLUMN_MEAN_REPEAT_SPEND, 4, &mean))
        return;
    else if (__builtin_mul_overflow(mean, x, &d->seen.repeat_spend))
        d->seen.repeat_spend = -1;
    if (d->seen.repeat_spend < 0 || d->seen.repeat_spend > INT64_MAX - step) {
        fail(reader, COLUMN_MEAN_REPEAT_SPEND, "possible value beside the others");
        return;
    }
    d->seen.repeat_spend = money_divide(d->seen.repeat_spend, step) * step;
    d->repeat_slack = x > step ? x / 2 + step : 0;
    d->known |= DOSSIER_MEAN;
}

/* A summary knows money of repeat days only, and takes it for all there is: score/summary.h. */
static void take_summary(struct dossier *d)
{
    struct features *seen = &d->seen;
    d->known |= DOSSIER_FREQUENCY | DOSSIER_YEAR;
    if (!dossier_knows(d, DOSSIER_REPEAT | DOSSIER_MEAN))
        return;
    seen->monetary_total = seen->repeat_spend;
    seen->rfm_monetary =
        seen->purchase_days > 1 ? money_divide(seen->repeat_spend, seen->purchase_days - 1) : 0;
    d->known |= DOSSIER_TOTAL | DOSSIER_MONETARY;
}

/* "war 2.5 of 5", which a peer group cannot be called; 0 where it is something else. */
static uint32_t rank_of(const char *words)
{
    int64_t rank, brands;
    size_t size = strncmp(words, "war ", 4) == 0 ? strcspn(words + 4, " ") : 0;
    const char *of = words + 4 + size;
    if (size == 0 || strncmp(of, " of ", 4) != 0 || decimal_read(words + 4, size, 4, &rank) != 0 ||
        decimal_read(of + 4, strlen(of + 4), 0, &brands) != 0)
        return 0;
    return wallet_rank(rank, brands);
}

static int is_basis(const struct results *results, uint32_t group, const char *words)
{
    char text[LEXICON_TEXT];
    lexicon_basis(&results->plan, &results->read.frozen.fitted.peers, group, text);
    return strcmp(words, text) == 0;
}

/* A wallet rests on attributes that scores.csv does not have; its words and its size tell them. */
static void read_wallet(struct reader *reader)
{
    struct dossier *d = reader->dossier;
    const struct model *model = results_model(d->results);
    struct attributes *attributes = &d->attributes;
    size_t size;
    int64_t wallet = 0, headroom = 0;
    const char *words = cell_of(reader, COLUMN_WALLET_BASIS, &size);
    int sized = read_decimal(reader, COLUMN_WALLET_SIZE, 4, &wallet);
    int left = read_decimal(reader, COLUMN_WALLET_HEADROOM, 4, &headroom);
    if (!words)
        return;
    d->seen.spend_window = wallet - headroom; /* at least that, where there is no headroom */
    if (d->results->plan.wallet_window_days == 365 && dossier_knows(d, DOSSIER_YEAR))
        d->seen.spend_window = d->seen.spend_365d;
    attributes->known = strcmp(words, "no_attributes") != 0;
    attributes->has_declared = strcmp(words, "declared") == 0 || strcmp(words, "no_spend") == 0;
    attributes->declared = wallet;
    attributes->rank = rank_of(words);
    attributes->has_units = strcmp(words, "no_units") != 0;
    attributes->units = attributes->has_units ? MONEY_PER_UNIT : 0;
    int reason = !attributes->known || attributes->has_declared || !attributes->has_units ||
                 attributes->rank || strcmp(words, "too_new") == 0;
    int no_group = reason;
    for (uint32_t i = 0; !reason && i < model->groups.n; i++)
        if (is_basis(d->results, i, words)) {
            attributes->group = i;
            reason = !(sized && model->groups.estimate[i] > 0) ||
                     money_scale(wallet, MONEY_PER_UNIT, model->groups.estimate[i],
                                 &attributes->units) == 0;
        }
    /* units of a line that is not straight cannot be told from its end */
    int bent = !no_group && d->results->plan.wallet_method == WALLET_REGRESSION;
    if (reason && (left || !sized) && !bent)
        d->known |= DOSSIER_WALLET;
}

static void read_inputs(struct reader *reader)
{
    struct dossier *d = reader->dossier;
    d->seen = (struct features){.first_day = DAY_NONE, .last_day = DAY_NONE, .seen = 1};
    if (is_refund_only(reader)) {
        d->known |=
            DOSSIER_LAST | DOSSIER_REPEAT | DOSSIER_FREQUENCY | DOSSIER_MONETARY | DOSSIER_MEAN;
        read_rfm(reader);
        read_wallet(reader);
        return;
    }
    read_repeats(reader);
    read_rfm(reader);
    read_mean(reader);
    if (d->results->plan.summary)
        take_summary(d);
    read_wallet(reader);
    fill_days(&d->seen, d->results->plan.as_of);
}

int dossier_open(const struct results *results, const struct record *record,
                 struct dossier *dossier)
{
    struct scores_csv csv = {.plan = &results->plan,
                             .fitted = &results->read.frozen.fitted,
                             .tiering = &results->tiering,
                             .digits = results->digits,
                             .unit_days = results->unit_days};
    struct reader reader = {dossier, 0};
    *dossier = (struct dossier){.results = results, .record = record};
    dossier->id =
        (struct slice){record->cell[COLUMN_CUSTOMER_ID], record->size[COLUMN_CUSTOMER_ID]};
    memcpy(csv.run_id, results->run_id, sizeof csv.run_id);
    int r = scores_csv_prepare(&csv);
    if (r < 0)
        return r;
    for (int i = 0; i < COLUMNS; i++)
        csv.columns.column[csv.columns.n++] = (enum column)i;
    read_inputs(&reader);
    r = reader.failed ? STATUS_DATA : recount_make(dossier, &csv);
    scores_csv_free(&csv);
    return r;
}

void dossier_close(struct dossier *dossier)
{
    record_free(&dossier->again);
}

int dossier_can_make(const struct dossier *dossier, enum column column)
{
    switch (column) {
    case COLUMN_LAST_PURCHASE_DATE:
        return dossier_knows(dossier, DOSSIER_LAST);
    case COLUMN_FIRST_PURCHASE_DATE:
    case COLUMN_PURCHASE_DAYS:
        return dossier_knows(dossier, DOSSIER_REPEAT);
    case COLUMN_ORDER_COUNT:
        return 0;
    case COLUMN_MONETARY_TOTAL:
        return dossier_knows(dossier, DOSSIER_TOTAL);
    case COLUMN_SPEND_365D:
        return dossier_knows(dossier, DOSSIER_YEAR);
    case COLUMN_MEAN_REPEAT_SPEND:
    case COLUMN_MONETARY_VALUE:
        return dossier_knows(dossier, DOSSIER_MEAN);
    default: {
        unsigned needs = recount_needs(dossier, column);
        return needs && dossier_knows(dossier, needs & ~(unsigned)DOSSIER_NOTHING);
    }
    }
}

int dossier_count(const struct dossier *dossier, enum dossier_verdict verdict)
{
    int n = 0;
    for (int i = 0; i < COLUMNS; i++)
        n += dossier->verdict[i] == verdict;
    return n;
}
