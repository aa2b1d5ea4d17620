/* SPDX-License-Identifier: Apache-2.0 */
#include "support/shard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "score/money.h"
#include "support/assert.h"
#include "support/namesakes.h"

static void *room(size_t n, size_t size)
{
    void *memory = calloc(n + 1, size);
    assert_non_null(memory);
    return memory;
}

void shard_add(struct shard *shard, const char *id, size_t id_length, struct shard_row values)
{
    if (shard->n == shard->room) {
        shard->room = shard->room * 2 + 64;
        shard->row = realloc(shard->row, shard->room * sizeof *shard->row);
        assert_non_null(shard->row);
    }
    struct shard_row *row = &shard->row[shard->n++];
    *row = values;
    row->id = room(id_length, 1);
    row->id_length = (uint16_t)id_length;
    row->hash = hash_customer(id, id_length);
    memcpy(row->id, id, id_length);
}

#define SETS 8 /* of namesakes */

/* Customer c of a shard of chance: a namesake, a long name, or a short one. */
static size_t name_of(uint64_t c, const struct namesakes *names, char name[CUSTOMER_ID_LIMIT])
{
    if (c % 7 == 0 && c / 21 < SETS) {
        size_t which = c / 7 % NAMESAKES;
        memcpy(name, names[c / 21].id[which], names[c / 21].length[which]);
        return names[c / 21].length[which];
    }
    if (c % 29 == 0) {
        memset(name, (int)c, CUSTOMER_ID_LIMIT);
        return CUSTOMER_ID_LIMIT;
    }
    return (size_t)snprintf(name, CUSTOMER_ID_LIMIT, "c%llu", (unsigned long long)c);
}

void shard_fill(struct shard *shard, size_t n, struct chance *chance)
{
    static char name[CUSTOMER_ID_LIMIT];
    struct namesakes names[SETS];
    uint64_t customers = 1 + chance_below(chance, n / 2 + 2);
    for (uint64_t i = 0; i < SETS && i * 21 < customers; i++)
        names[i] = namesakes_of(chance_next(chance) >> 40);
    uint64_t days = 1 + chance_below(chance, chance_below(chance, 2) ? 10 : 4000);
    uint64_t refunds = chance_below(chance, 3); /* none, some, half of them */
    for (size_t i = 0; i < n; i++) {
        size_t length = name_of(chance_below(chance, customers), names, name);
        struct shard_row row = {.day = (int32_t)chance_below(chance, days) - 1000,
                                .amount = (int64_t)(chance_next(chance) >> 20)};
        row.amount %= chance_below(chance, 8) ? INT64_C(1000000000000) : MONEY_ROW_LIMIT;
        if (refunds && chance_below(chance, 2 + 10 * (2 - refunds)) == 0)
            row.amount = -row.amount;
        if (chance_below(chance, 20) == 0)
            row.amount = 0;
        if (shard->has_order)
            row.order = chance_below(chance, 4) * UINT64_C(0x123456789abcdef);
        shard_add(shard, name, length, row);
    }
}

void shard_shuffle(struct shard *shard, struct chance *chance)
{
    for (size_t i = shard->n; i > 1; i--) {
        size_t k = chance_below(chance, i);
        struct shard_row swap = shard->row[i - 1];
        shard->row[i - 1] = shard->row[k];
        shard->row[k] = swap;
    }
}

void shard_free(struct shard *shard)
{
    for (size_t i = 0; i < shard->n; i++)
        free(shard->row[i].id);
    free(shard->row);
    *shard = (struct shard){.has_order = shard->has_order};
}

struct purchase_rows shard_columns(const struct shard *shard, size_t from, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += shard->row[from + i].id_length;
    char *ids = room(size, 1);
    uint16_t *id_length = room(n, sizeof *id_length);
    int32_t *day = room(n, sizeof *day);
    int64_t *amount = room(n, sizeof *amount);
    uint64_t *order = shard->has_order ? room(n, sizeof *order) : NULL;
    struct purchase_rows rows = {n, ids, id_length, day, amount, order};
    for (size_t i = 0; i < n; i++) {
        const struct shard_row *row = &shard->row[from + i];
        memcpy(ids, row->id, row->id_length);
        ids += row->id_length;
        id_length[i] = row->id_length;
        day[i] = row->day;
        amount[i] = row->amount;
        if (order)
            order[i] = row->order;
    }
    return rows;
}

void shard_columns_free(struct purchase_rows *rows)
{
    free((void *)(uintptr_t)rows->ids);
    free((void *)(uintptr_t)rows->id_length);
    free((void *)(uintptr_t)rows->day);
    free((void *)(uintptr_t)rows->amount);
    free((void *)(uintptr_t)rows->order);
}

/* < 0: a comes first. */
static int customers_compare(const struct shard_row *a, const struct shard_row *b)
{
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    size_t n = a->id_length < b->id_length ? a->id_length : b->id_length;
    int order = memcmp(a->id, b->id, n);
    if (order != 0)
        return order;
    return (a->id_length > b->id_length) - (a->id_length < b->id_length);
}

static int lines_compare(const struct shard_row *a, const struct shard_row *b)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

/* Puts the row into the list, which stays sorted and without equals; answers the new length. */
static size_t insert(const struct shard_row **list, size_t n, const struct shard_row *row,
                     int (*compare)(const struct shard_row *, const struct shard_row *))
{
    size_t at = 0;
    while (at < n && compare(list[at], row) < 0)
        at++;
    if (at < n && compare(list[at], row) == 0)
        return n;
    memmove(list + at + 1, list + at, (n - at) * sizeof *list);
    list[at] = row;
    return n + 1;
}

static void put_line(const struct shard *shard, const struct shard_row *customer,
                     const struct shard_row *line, struct histories *out)
{
    struct line_values sum = {0, 0, 0, 0};
    for (size_t i = 0; i < shard->n; i++) {
        const struct shard_row *row = &shard->row[i];
        if (customers_compare(row, customer) != 0 || lines_compare(row, line) != 0)
            continue;
        if (row->amount < 0) {
            sum.returned += row->amount;
            sum.refunds++;
        } else {
            sum.bought += row->amount;
            sum.purchases++;
        }
    }
    histories_line(out, line->day, line->order, &sum);
}

struct histories shard_histories(const struct shard *shard)
{
    struct histories out = {0};
    const struct shard_row **customer = room(shard->n, sizeof *customer);
    const struct shard_row **line = room(shard->n, sizeof *line);
    size_t n = 0, ids = 0;
    for (size_t i = 0; i < shard->n; i++)
        n = insert(customer, n, &shard->row[i], customers_compare);
    for (size_t c = 0; c < n; c++)
        ids += customer[c]->id_length;
    assert_int_equal(histories_room(&out, (uint32_t)n, (uint32_t)shard->n, ids), 0);
    out.has_order = shard->has_order && shard->n > 0;
    for (size_t c = 0; c < n; c++) {
        size_t lines = 0;
        for (size_t i = 0; i < shard->n; i++)
            if (customers_compare(&shard->row[i], customer[c]) == 0)
                lines = insert(line, lines, &shard->row[i], lines_compare);
        for (size_t i = 0; i < lines; i++)
            put_line(shard, customer[c], line[i], &out);
        memcpy(out.ids + out.id_offset[c], customer[c]->id, customer[c]->id_length);
        out.id_offset[c + 1] = out.id_offset[c] + customer[c]->id_length;
        out.hash[c] = customer[c]->hash;
        out.line_first[c + 1] = out.n_lines;
    }
    out.n = (uint32_t)n;
    free(customer);
    free(line);
    return out;
}

#define SAME(list, n)                                                                              \
    do {                                                                                           \
        if ((n) > 0)                                                                               \
            assert_memory_equal(got->list, want->list, (n) * sizeof *want->list);                  \
    } while (0)

void shard_same(const struct histories *got, const struct histories *want)
{
    assert_int_equal(got->n, want->n);
    assert_int_equal(got->n_lines, want->n_lines);
    assert_int_equal(got->has_refunds, want->has_refunds);
    assert_int_equal(got->has_order, want->has_order);
    SAME(hash, want->n);
    SAME(id_offset, (size_t)want->n + 1);
    SAME(ids, want->id_offset[want->n]);
    SAME(line_first, (size_t)want->n + 1);
    SAME(day, want->n_lines);
    SAME(bought, want->n_lines);
    SAME(purchases, want->n_lines);
    if (want->has_refunds) {
        SAME(returned, want->n_lines);
        SAME(refunds, want->n_lines);
    }
    if (want->has_order)
        SAME(order, want->n_lines);
}
