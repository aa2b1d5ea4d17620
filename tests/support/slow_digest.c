/* SPDX-License-Identifier: Apache-2.0 */
#include "support/slow_digest.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "score/day.h"
#include "score/row.h"
#include "score/special.h"
#include "score/wallet.h"
#include "support/assert.h"

static struct slow_item item(int64_t a, int64_t b, int64_t c, int64_t d)
{
    return (struct slow_item){{a, b, c, d}, 1};
}

static void append(struct slow_list *list, struct slow_item one)
{
    assert_true(list->n < SLOW_DIGEST);
    list->item[list->n++] = one;
}

static int compare(const struct slow_item *a, const struct slow_item *b)
{
    for (int i = 0; i < 4; i++)
        if (a->key[i] != b->key[i])
            return a->key[i] < b->key[i] ? -1 : 1;
    return 0;
}

/* Where it belongs; equals keep their order. */
static void insert(struct slow_list *list, struct slow_item one)
{
    size_t at = list->n;
    append(list, one);
    for (; at > 0 && compare(&list->item[at - 1], &one) > 0; at--)
        list->item[at] = list->item[at - 1];
    list->item[at] = one;
}

static void count(struct slow_list *list, struct slow_item one)
{
    for (size_t i = 0; i < list->n; i++)
        if (compare(&list->item[i], &one) == 0) {
            list->item[i].n += one.n;
            return;
        }
    insert(list, one);
}

static int64_t hash_key(uint64_t hash)
{
    return (int64_t)(hash ^ UINT64_C(1) << 63); /* in the order of the unsigned number */
}

static struct slow_item sample_item(uint64_t hash, int64_t x, int64_t age, int64_t span,
                                    double log_gap)
{
    struct slow_item out = item(hash_key(hash), x, age, span);
    memcpy(&out.n, &log_gap, sizeof out.n);
    return out;
}

/* The number of a name in the digest, inserted in its place. Values of groups behind it move on. */
static int64_t group_number(struct slow_digest *out, const char *name, size_t length)
{
    char text[64] = {0};
    size_t at = 0;
    assert_true(length < sizeof text);
    memcpy(text, name, length);
    while (at < out->n_groups && strcmp(out->group[at], text) < 0)
        at++;
    if (at < out->n_groups && strcmp(out->group[at], text) == 0)
        return (int64_t)at;
    memmove(out->group[at + 1], out->group[at], (out->n_groups - at) * sizeof out->group[0]);
    memcpy(out->group[at], text, sizeof text);
    out->n_groups++;
    assert_true(out->n_groups < 16);
    for (size_t i = 0; i < out->peers.n; i++)
        out->peers.item[i].key[0] += out->peers.item[i].key[0] >= (int64_t)at;
    return (int64_t)at;
}

/* Values go behind those of the same group and before those of the next. */
static void add_peer(struct slow_digest *out, int64_t group, int64_t value)
{
    struct slow_list *list = &out->peers;
    size_t at = list->n;
    append(list, item(group, value, 0, 0));
    for (; at > 0 && list->item[at - 1].key[0] > group; at--)
        list->item[at] = list->item[at - 1];
    list->item[at] = item(group, value, 0, 0);
}

struct customer {
    const char *id;
    size_t length;
    const struct features *seen;
    const struct attributes *attributes;
    const int32_t *gap; /* between his purchase days */
    size_t n_gaps;
};

static void add_base(const struct customer *c, const struct plan *plan, struct slow_digest *out)
{
    int64_t recency = plan->as_of - c->seen->last_day;
    if (recency > plan->inactive_after_days)
        return;
    count(&out->recencies, item(recency, 0, 0, 0));
    count(&out->frequencies, item(c->seen->rfm_frequency, 0, 0, 0));
    append(&out->monetary, item(c->seen->rfm_monetary, 0, 0, 0));
    if (plan->rfm_ties != RFM_NTILE)
        return;
    append(&out->base, item(recency, c->seen->rfm_frequency, (int64_t)c->length, 0));
    assert_true(out->ids_size + c->length < sizeof out->ids);
    memcpy(out->ids + out->ids_size, c->id, c->length);
    out->ids_size += c->length;
}

static double log_gap_of(const struct customer *c)
{
    double sum = 0;
    for (size_t i = 0; i < c->n_gaps; i++)
        sum += special_log(c->gap[i]);
    return sum;
}

static void add_customer(const struct customer *c, const struct attribute_table *table,
                         const struct work_plan *work, struct slow_digest *out)
{
    const struct plan *plan = &work->plan;
    int64_t x = (int64_t)c->seen->purchase_days - 1, per_unit;
    int64_t age = plan->as_of - c->seen->first_day, span = c->seen->last_day - c->seen->first_day;
    uint64_t hash = hash_customer_seeded(c->id, c->length, HASH_SAMPLE_SEED);
    out->gross += c->seen->gross;
    out->purchase_days += c->seen->purchase_days;
    count(&out->triples, item(x, age, span, 0));
    for (size_t i = 0; i < c->n_gaps; i++)
        count(&out->gaps, item(c->gap[i], 0, 0, 0));
    insert(&out->samples, sample_item(hash, x, age, span, log_gap_of(c)));
    if (x > 0 && c->seen->repeat_spend > 0)
        append(&out->spenders, item(x, c->seen->repeat_spend, 0, 0));
    add_base(c, plan, out);
    if (plan->wallet_method == WALLET_NONE ||
        wallet_spend_per_unit(c->seen, c->attributes, plan, &per_unit) != 0)
        return;
    size_t length;
    const char *name = roster_id(table->groups, c->attributes->group, &length);
    add_peer(out, group_number(out, name, length), per_unit);
}

static void cut_samples(struct slow_digest *out, size_t most)
{
    out->sample_cut |= out->samples.n > most && most > 0;
    out->samples.n = out->samples.n < most ? out->samples.n : most;
}

void slow_digest_make(const struct histories *histories, const struct attribute_table *attributes,
                      const struct work_plan *work, struct slow_digest *out)
{
    struct order_line *scratch = calloc((size_t)histories->n_lines + 1, sizeof *scratch);
    int32_t *gap = calloc((size_t)histories->n_lines + 1, sizeof *gap);
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < histories->n; i++) {
        struct lines lines = histories_lines(histories, i);
        struct features seen;
        struct customer customer = {.seen = &seen, .attributes = &attributes->of[i]};
        customer.id = histories_id(histories, i, &customer.length);
        assert_int_equal(history_features(&lines, &work->plan, scratch, &seen, &out->tallies), 0);
        out->customers += seen.seen != 0;
        out->refund_only += seen.seen && seen.first_day == DAY_NONE;
        customer.n_gaps = history_gaps(&lines, &work->plan, scratch, gap);
        customer.gap = gap;
        if (seen.seen && seen.first_day != DAY_NONE)
            add_customer(&customer, attributes, work, out);
    }
    cut_samples(out, work->sample_per_shard);
    free(scratch);
    free(gap);
}

static void names_of(const struct gathered *g, struct slow_digest *out)
{
    const char *name = g->group_names;
    size_t value = 0;
    for (size_t i = 0; i < g->n_groups; i++) {
        int64_t number = group_number(out, name, g->group_length[i]);
        assert_int_equal(number, i); /* they came sorted */
        name += g->group_length[i];
        for (uint32_t k = 0; k < g->group_n[i]; k++)
            append(&out->peers, item(number, g->per_unit[value++], 0, 0));
    }
    assert_int_equal(value, g->n_peers);
}

static void lists_of(const struct gathered *g, struct slow_digest *out)
{
    for (size_t i = 0; i < g->n_triples; i++) {
        append(&out->triples, item(g->triple_x[i], g->triple_age[i], g->triple_span[i], 0));
        out->triples.item[i].n = g->triple_n[i];
    }
    for (size_t i = 0; i < g->n_recencies; i++) {
        append(&out->recencies, item(g->recency[i], 0, 0, 0));
        out->recencies.item[i].n = g->recency_n[i];
    }
    for (size_t i = 0; i < g->n_frequencies; i++) {
        append(&out->frequencies, item(g->frequency[i], 0, 0, 0));
        out->frequencies.item[i].n = g->frequency_n[i];
    }
    for (size_t i = 0; i < g->n_samples; i++)
        append(&out->samples, sample_item(g->sample_hash[i], g->sample_x[i], g->sample_age[i],
                                          g->sample_span[i], g->sample_log_gap[i]));
    for (size_t i = 0; i < g->n_gaps; i++) {
        append(&out->gaps, item(g->gap[i], 0, 0, 0));
        out->gaps.item[i].n = g->gap_n[i];
    }
    for (size_t i = 0; i < g->n_spenders; i++)
        append(&out->spenders, item(g->spender_x[i], g->spender_repeat_spend[i], 0, 0));
}

void slow_digest_of(const struct gathered *gathered, struct slow_digest *out)
{
    const struct gathered *g = gathered;
    memset(out, 0, sizeof *out);
    out->customers = g->customers;
    out->refund_only = g->refund_only;
    out->gross = g->gross;
    out->purchase_days = (int64_t)g->purchase_days;
    out->tallies = g->tallies;
    out->sample_cut = g->sample_cut;
    lists_of(g, out);
    names_of(g, out);
    for (size_t i = 0; i < g->base; i++) {
        append(&out->monetary, item(g->monetary[i], 0, 0, 0));
        if (g->base_id_length)
            append(&out->base,
                   item(g->base_recency[i], g->base_frequency[i], g->base_id_length[i], 0));
    }
    if (g->base_id_length && g->base_ids_size > 0)
        memcpy(out->ids, g->base_ids, g->base_ids_size);
    out->ids_size = g->base_id_length ? g->base_ids_size : 0;
}

static void add_tally(struct tally *into, const struct tally *from)
{
    into->rows += from->rows;
    into->amount += from->amount;
}

static void count_all(struct slow_list *into, const struct slow_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        count(into, from->item[i]);
}

static void append_all(struct slow_list *into, const struct slow_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        append(into, from->item[i]);
}

void slow_digest_merge(struct slow_digest *into, const struct slow_digest *later, size_t samples)
{
    into->customers += later->customers;
    into->refund_only += later->refund_only;
    into->gross += later->gross;
    into->purchase_days += later->purchase_days;
    add_tally(&into->tallies.purchases, &later->tallies.purchases);
    add_tally(&into->tallies.refunds, &later->tallies.refunds);
    add_tally(&into->tallies.cancelled, &later->tallies.cancelled);
    add_tally(&into->tallies.after_as_of, &later->tallies.after_as_of);
    count_all(&into->triples, &later->triples);
    count_all(&into->recencies, &later->recencies);
    count_all(&into->frequencies, &later->frequencies);
    count_all(&into->gaps, &later->gaps);
    append_all(&into->monetary, &later->monetary);
    append_all(&into->spenders, &later->spenders);
    append_all(&into->base, &later->base);
    memcpy(into->ids + into->ids_size, later->ids, later->ids_size);
    into->ids_size += later->ids_size;
    for (size_t i = 0; i < later->peers.n; i++) {
        const char *name = later->group[later->peers.item[i].key[0]];
        add_peer(into, group_number(into, name, strlen(name)), later->peers.item[i].key[1]);
    }
    into->sample_cut |= later->sample_cut;
    for (size_t i = 0; i < later->samples.n; i++)
        insert(&into->samples, later->samples.item[i]);
    cut_samples(into, samples);
}

static void same_list(const struct slow_list *got, const struct slow_list *want)
{
    assert_int_equal(got->n, want->n);
    if (want->n > 0)
        assert_memory_equal(got->item, want->item, want->n * sizeof *want->item);
}

void slow_digest_same(const struct slow_digest *got, const struct slow_digest *want)
{
    assert_int_equal(got->customers, want->customers);
    assert_int_equal(got->refund_only, want->refund_only);
    assert_int_equal(got->gross, want->gross);
    assert_int_equal(got->purchase_days, want->purchase_days);
    assert_memory_equal(&got->tallies, &want->tallies, sizeof want->tallies);
    same_list(&got->triples, &want->triples);
    same_list(&got->recencies, &want->recencies);
    same_list(&got->frequencies, &want->frequencies);
    same_list(&got->gaps, &want->gaps);
    same_list(&got->samples, &want->samples);
    assert_int_equal(got->sample_cut, want->sample_cut);
    same_list(&got->monetary, &want->monetary);
    same_list(&got->spenders, &want->spenders);
    same_list(&got->base, &want->base);
    assert_int_equal(got->ids_size, want->ids_size);
    assert_memory_equal(got->ids, want->ids, sizeof want->ids);
    assert_int_equal(got->n_groups, want->n_groups);
    assert_memory_equal(got->group, want->group, sizeof want->group);
    same_list(&got->peers, &want->peers);
}
