/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scored.h"
#include "support/put_score_rows.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_LIMIT ((size_t)64 << 20)

void scored_of(struct scored *scored, const struct scored_customer *customers, size_t n)
{
    struct arena *arena = arena_new(ARENA_LIMIT);
    struct score_row *rows = calloc(n + 1, sizeof *rows);
    uint16_t *length = calloc(n + 1, sizeof *length);
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += strlen(customers[i].id);
    char *ids = calloc(size + 1, 1), *at = ids;
    if (!arena || !rows || !length || !ids)
        abort();
    for (size_t i = 0; i < n; i++) {
        rows[i] = customers[i].row;
        length[i] = (uint16_t)strlen(customers[i].id);
        memcpy(at, customers[i].id, length[i]);
        at += length[i];
    }
    *scored = (struct scored){.parcel.n = 0};
    if (put_score_rows(rows, ids, length, n, arena, &scored->parcel) != 0)
        abort();
    for (size_t i = 0; i < scored->parcel.n; i++)
        scored->slice[i] = (struct slice){scored->parcel.part[i].data, scored->parcel.part[i].size};
    scored->parts = (struct committed){.part = scored->slice, .n = scored->parcel.n};
    free(rows);
    free(length);
    free(ids);
    arena_destroy(&arena);
}

void scored_free(struct scored *scored)
{
    parcel_clear(&scored->parcel);
}

struct scored_customer scored_buyer(const char *id, int64_t value)
{
    return (struct scored_customer){
        id, {.flags = ROW_VALUE, .purchase_days = 1, .orders = 1, .value = value}};
}

struct scored_customer scored_churner(const char *id, int64_t value, double churn_prob)
{
    struct scored_customer customer = scored_buyer(id, value);
    customer.row.flags |= ROW_MODEL;
    customer.row.churn_prob = churn_prob;
    return customer;
}

struct scored_customer scored_returner(const char *id)
{
    return (struct scored_customer){id, {.flags = ROW_REFUND_ONLY}};
}

struct score_columns scored_columns(const struct scored *scored, size_t part, struct arena *arena)
{
    struct score_columns columns;
    if (wire_scores_read(scored->slice[part], arena, &columns) != 0)
        abort();
    return columns;
}
