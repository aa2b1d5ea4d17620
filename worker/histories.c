/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/histories.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define SLACK 4 /* a quarter more than asked for, as the next shard may be larger */

static int grow(void *array, size_t n, size_t size)
{
    void **at = array, *more = realloc(*at, n * size);
    if (!more)
        return log_fail(STATUS_BUG,
                        "out of memory for %zu entries of a shard; --shards makes them smaller", n);
    *at = more;
    return 0;
}

static int room_customers(struct histories *h, uint32_t customers)
{
    size_t n = (size_t)customers + customers / SLACK + 1;
    if (customers < h->room_customers)
        return 0;
    int r = grow(&h->hash, n, sizeof *h->hash);
    if (r == 0)
        r = grow(&h->id_offset, n, sizeof *h->id_offset);
    if (r == 0)
        r = grow(&h->line_first, n, sizeof *h->line_first);
    if (r == 0)
        h->room_customers = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    return r;
}

static int room_lines(struct histories *h, uint32_t lines)
{
    size_t n = (size_t)lines + lines / SLACK + 1;
    if (lines < h->room_lines)
        return 0;
    int r = grow(&h->day, n, sizeof *h->day);
    if (r == 0)
        r = grow(&h->bought, n, sizeof *h->bought);
    if (r == 0)
        r = grow(&h->purchases, n, sizeof *h->purchases);
    if (r == 0)
        r = grow(&h->returned, n, sizeof *h->returned);
    if (r == 0)
        r = grow(&h->refunds, n, sizeof *h->refunds);
    if (r == 0)
        r = grow(&h->order, n, sizeof *h->order);
    if (r == 0)
        h->room_lines = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    return r;
}

int histories_room(struct histories *histories, uint32_t customers, uint32_t lines, size_t ids)
{
    int r = room_customers(histories, customers);
    if (r == 0)
        r = room_lines(histories, lines);
    if (r == 0 && ids + 1 > histories->room_ids) {
        r = grow(&histories->ids, ids + 1, 1);
        if (r == 0)
            histories->room_ids = ids + 1;
    }
    if (r < 0)
        return r;
    histories->n = 0;
    histories->n_lines = 0;
    histories->has_refunds = 0;
    histories->has_order = 0;
    histories->id_offset[0] = 0;
    histories->line_first[0] = 0;
    return 0;
}

void histories_free(struct histories *histories)
{
    free(histories->hash);
    free(histories->id_offset);
    free(histories->ids);
    free(histories->line_first);
    free(histories->day);
    free(histories->bought);
    free(histories->purchases);
    free(histories->returned);
    free(histories->refunds);
    free(histories->order);
    *histories = (struct histories){0};
}

void histories_swap(struct histories *a, struct histories *b)
{
    struct histories swap = *a;
    *a = *b;
    *b = swap;
}

struct lines histories_lines(const struct histories *histories, uint32_t i)
{
    uint32_t from = histories->line_first[i];
    struct lines lines = {
        .n = histories->line_first[i + 1] - from,
        .day = histories->day + from,
        .bought = histories->bought + from,
        .returned = histories->has_refunds ? histories->returned + from : NULL,
        .purchases = histories->purchases + from,
        .refunds = histories->has_refunds ? histories->refunds + from : NULL,
        .order = histories->has_order ? histories->order + from : NULL,
        .readable = histories->n_lines - from,
    };
    return lines;
}

int histories_compare(const struct histories *a, uint32_t i, const struct histories *b, uint32_t j)
{
    size_t a_length, b_length;
    if (a->hash[i] != b->hash[j])
        return a->hash[i] < b->hash[j] ? -1 : 1;
    const char *a_id = histories_id(a, i, &a_length), *b_id = histories_id(b, j, &b_length);
    int order = memcmp(a_id, b_id, a_length < b_length ? a_length : b_length);
    if (order != 0)
        return order;
    return a_length < b_length ? -1 : a_length > b_length;
}

void histories_begin_refunds(struct histories *h, uint32_t at)
{
    memset(h->returned, 0, at * sizeof *h->returned);
    memset(h->refunds, 0, at * sizeof *h->refunds);
    h->has_refunds = 1;
}

/* Begins a customer in out with the id and hash of customer i of from. */
static void customer_begin(const struct histories *from, uint32_t i, struct histories *out)
{
    size_t length;
    const char *id = histories_id(from, i, &length);
    memcpy(out->ids + out->id_offset[out->n], id, length);
    out->hash[out->n] = from->hash[i];
    out->id_offset[out->n + 1] = out->id_offset[out->n] + (uint32_t)length;
}

static void customer_end(struct histories *out)
{
    out->n++;
    out->line_first[out->n] = out->n_lines;
}

static struct line_values values_at(const struct histories *h, uint32_t line)
{
    struct line_values values = {h->bought[line], 0, h->purchases[line], 0};
    if (h->has_refunds) {
        values.returned = h->returned[line];
        values.refunds = h->refunds[line];
    }
    return values;
}

static uint64_t order_at(const struct histories *h, uint32_t line)
{
    return h->has_order ? h->order[line] : 0;
}

static void line_copy(const struct histories *from, uint32_t line, struct histories *out)
{
    struct line_values values = values_at(from, line);
    histories_line(out, from->day[line], order_at(from, line), &values);
}

static int line_add(const struct histories *a, uint32_t i, const struct histories *b, uint32_t j,
                    struct histories *out)
{
    struct line_values sum = values_at(a, i), more = values_at(b, j);
    if (__builtin_add_overflow(sum.bought, more.bought, &sum.bought) ||
        __builtin_add_overflow(sum.returned, more.returned, &sum.returned) ||
        __builtin_add_overflow(sum.purchases, more.purchases, &sum.purchases) ||
        __builtin_add_overflow(sum.refunds, more.refunds, &sum.refunds))
        return HISTORY_E_OVERFLOW;
    histories_line(out, a->day[i], order_at(a, i), &sum);
    return 0;
}

static int line_order(const struct histories *a, uint32_t i, const struct histories *b, uint32_t j)
{
    if (a->day[i] != b->day[j])
        return a->day[i] < b->day[j] ? -1 : 1;
    uint64_t x = order_at(a, i), y = order_at(b, j);
    return x < y ? -1 : x > y;
}

static int lines_merge(const struct histories *a, uint32_t i, const struct histories *b, uint32_t j,
                       struct histories *out)
{
    uint32_t at = a->line_first[i], at_end = a->line_first[i + 1];
    uint32_t bt = b->line_first[j], bt_end = b->line_first[j + 1];
    while (at < at_end && bt < bt_end) {
        int order = line_order(a, at, b, bt);
        if (order < 0)
            line_copy(a, at++, out);
        else if (order > 0)
            line_copy(b, bt++, out);
        else if (line_add(a, at++, b, bt++, out) != 0)
            return HISTORY_E_OVERFLOW;
    }
    while (at < at_end)
        line_copy(a, at++, out);
    while (bt < bt_end)
        line_copy(b, bt++, out);
    return 0;
}

static void customer_copy(const struct histories *from, uint32_t i, struct histories *out)
{
    customer_begin(from, i, out);
    for (uint32_t line = from->line_first[i]; line < from->line_first[i + 1]; line++)
        line_copy(from, line, out);
    customer_end(out);
}

int histories_merge(const struct histories *a, const struct histories *b, struct histories *out,
                    uint32_t *customer)
{
    uint32_t i = 0, j = 0;
    int r = histories_room(out, a->n + b->n, a->n_lines + b->n_lines,
                           (size_t)a->id_offset[a->n] + b->id_offset[b->n]);
    if (r < 0)
        return r;
    out->has_order = a->has_order || b->has_order;
    while (i < a->n || j < b->n) {
        int order = i == a->n ? 1 : j == b->n ? -1 : histories_compare(a, i, b, j);
        if (order < 0) {
            customer_copy(a, i++, out);
        } else if (order > 0) {
            customer_copy(b, j++, out);
        } else {
            customer_begin(a, i, out);
            if (lines_merge(a, i, b, j, out) != 0) {
                *customer = i;
                return HISTORY_E_OVERFLOW;
            }
            customer_end(out);
            i++;
            j++;
        }
    }
    return 0;
}
