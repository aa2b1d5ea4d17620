/* SPDX-License-Identifier: Apache-2.0 */
#include "support/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "common/hash.h"
#include "score/day.h"
#include "score/money.h"
#include "score/quantile.h"
#include "support/assert.h"

#define LINE   512
#define FIELDS 16

int ledger_data(const char *file, char *path, size_t room)
{
    const char *folder = getenv("WINNOW_DATA");
    if (folder)
        snprintf(path, room, "%s/%s", folder, file);
    else
        snprintf(path, room, "%s/../shared/data/%s", SOURCE_ROOT, file);
    return access(path, R_OK) != 0;
}

/* Cuts a line at its commas; answers how many fields there are. */
static int split(char *line, char *field[FIELDS])
{
    int n = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *next = line; next && n < FIELDS; n++) {
        field[n] = next;
        next = strchr(next, ',');
        if (next)
            *next++ = '\0';
    }
    return n;
}

static int64_t money_read(const char *text)
{
    int64_t money = 0;
    int digits = -1; /* after the point */
    for (const char *at = text + (*text == '-'); *at; at++) {
        if (*at == '.') {
            digits = 0;
            continue;
        }
        assert_in_range(*at, '0', '9');
        money = money * 10 + (*at - '0');
        digits += digits >= 0;
    }
    assert_true(digits <= 4);
    for (int i = digits < 0 ? 0 : digits; i < 4; i++)
        money *= 10;
    return *text == '-' ? -money : money;
}

struct columns {
    int id, date, amount, order;
};

static struct columns columns_of(char *header)
{
    struct columns columns = {-1, -1, -1, -1};
    char *field[FIELDS];
    int n = split(header, field);
    for (int i = 0; i < n; i++) {
        int *column = strcmp(field[i], "customer_id") == 0 ? &columns.id
                      : strcmp(field[i], "date") == 0      ? &columns.date
                      : strcmp(field[i], "amount") == 0    ? &columns.amount
                      : strcmp(field[i], "order_id") == 0  ? &columns.order
                                                           : NULL;
        if (column)
            *column = i;
    }
    assert_true(columns.id >= 0 && columns.date >= 0);
    return columns;
}

/* A row and whose it is. */
struct owned {
    char id[32];
    struct ledger_row row;
};

static struct owned row_of(char *line, const struct columns *columns)
{
    char *field[FIELDS];
    int n = split(line, field);
    struct owned owned = {.row = {0}};
    assert_true(columns->id < n && columns->date < n && columns->amount < n && columns->order < n);
    assert_true(strlen(field[columns->id]) < sizeof owned.id);
    memcpy(owned.id, field[columns->id], strlen(field[columns->id]) + 1);
    assert_int_equal(day_read(field[columns->date], &owned.row.day), 0);
    if (columns->amount >= 0)
        owned.row.amount = money_read(field[columns->amount]);
    if (columns->order >= 0 && field[columns->order][0])
        owned.row.order = hash_order(field[columns->order], strlen(field[columns->order]));
    return owned;
}

static int by_id(const void *left, const void *right)
{
    const struct owned *a = left, *b = right;
    return strcmp(a->id, b->id);
}

static void deal(struct ledger *ledger, const struct owned *owned, size_t n)
{
    ledger->customer = calloc(n + 1, sizeof *ledger->customer);
    assert_non_null(ledger->customer);
    for (size_t i = 0; i < n; i++) {
        struct ledger_customer *customer = &ledger->customer[ledger->n - (ledger->n > 0)];
        if (ledger->n == 0 || strcmp(customer->id, owned[i].id) != 0) {
            customer = &ledger->customer[ledger->n++];
            memcpy(customer->id, owned[i].id, sizeof customer->id);
            customer->rows = calloc(n - i, sizeof *customer->rows);
            assert_non_null(customer->rows);
        }
        customer->rows[customer->n++] = owned[i].row;
    }
}

struct ledger ledger_read(const char *path)
{
    struct ledger ledger = {0};
    struct owned *owned = NULL;
    size_t n = 0, capacity = 0;
    char line[LINE];
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    assert_non_null(gzgets(file, line, sizeof line));
    struct columns columns = columns_of(line);
    while (gzgets(file, line, sizeof line)) {
        if (n == capacity) {
            capacity = capacity * 2 + 64;
            owned = realloc(owned, capacity * sizeof *owned);
            assert_non_null(owned);
        }
        owned[n++] = row_of(line, &columns);
    }
    gzclose(file);
    if (n > 0)
        qsort(owned, n, sizeof *owned, by_id);
    ledger.has_order = columns.order >= 0;
    deal(&ledger, owned, n);
    free(owned);
    return ledger;
}

void ledger_features(struct ledger *ledger, const struct plan *plan)
{
    for (size_t i = 0; i < ledger->n; i++) {
        struct ledger_customer *customer = &ledger->customer[i];
        struct folded folded = folded_of(customer->rows, customer->n,
                                         ledger->has_order ? FOLD_BY_ORDER : FOLD_WITHOUT_ORDERS);
        assert_int_equal(history_features(&folded.lines, plan, folded.scratch, &customer->seen,
                                          &ledger->tallies),
                         0);
        folded_free(&folded);
    }
}

int64_t ledger_metric(const struct ledger_customer *customer, enum rfm_metric metric, int32_t as_of)
{
    switch (metric) {
    case RFM_RECENCY:
        return features_recency_days(&customer->seen, as_of);
    case RFM_FREQUENCY:
        return customer->seen.rfm_frequency;
    default:
        return customer->seen.rfm_monetary;
    }
}

/* A member of the base by one metric. */
struct member {
    int64_t value;
    int64_t rank_value; /* rises from worst to best */
    const char *id;
};

static int worst_first(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    if (a->rank_value != b->rank_value)
        return a->rank_value < b->rank_value ? -1 : 1;
    return strcmp(a->id, b->id);
}

static size_t members_of(const struct ledger *ledger, enum rfm_metric metric, int32_t as_of,
                         struct member *members)
{
    size_t n = 0;
    for (size_t i = 0; i < ledger->n; i++) {
        const struct ledger_customer *customer = &ledger->customer[i];
        if (customer->seen.last_day == DAY_NONE)
            continue;
        int64_t value = ledger_metric(customer, metric, as_of);
        struct member member = {value, metric == RFM_RECENCY ? -value : value, customer->id};
        members[n++] = member;
    }
    return n;
}

static void cut_metric(struct rfm_cuts *cuts, enum rfm_metric metric, struct member *members,
                       size_t n)
{
    int64_t *values = calloc(n + 1, sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n; i++)
        values[i] = members[i].value;
    qsort(members, n, sizeof *members, worst_first);
    for (int32_t k = 1; k < cuts->bins; k++) {
        struct rfm_cut *cut = &cuts->cut[metric][k - 1];
        size_t end = rfm_tile_end(n, cuts->bins, k);
        const struct member *last = &members[end == SIZE_MAX ? n - 1 : end];
        struct quantile p = {k, cuts->bins};
        if (cuts->ties == RFM_TOGETHER) {
            quantile_of(values, n, &p, 1, &cut->value);
        } else {
            cut->value = last->value;
            cut->id = last->id;
            cut->id_length = strlen(last->id);
        }
    }
    free(values);
}

struct rfm_cuts ledger_score(struct ledger *ledger, const struct plan *plan)
{
    struct rfm_cuts cuts = {.ties = plan->rfm_ties, .bins = plan->rfm_bins};
    struct member *members = calloc(ledger->n + 1, sizeof *members);
    assert_non_null(members);
    for (int metric = 0; metric < RFM_METRICS; metric++) {
        size_t n = members_of(ledger, (enum rfm_metric)metric, plan->as_of, members);
        if (n == 0)
            cuts.bins = 0;
        else
            cut_metric(&cuts, (enum rfm_metric)metric, members, n);
    }
    free(members);
    for (size_t i = 0; i < ledger->n; i++) {
        struct ledger_customer *customer = &ledger->customer[i];
        for (int metric = 0; metric < RFM_METRICS; metric++)
            customer->rfm[metric] =
                customer->seen.last_day == DAY_NONE
                    ? 0
                    : rfm_score(&cuts, (enum rfm_metric)metric,
                                ledger_metric(customer, (enum rfm_metric)metric, plan->as_of),
                                customer->id, strlen(customer->id));
    }
    return cuts;
}

void ledger_free(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->n; i++)
        free(ledger->customer[i].rows);
    free(ledger->customer);
}
