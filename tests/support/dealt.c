/* SPDX-License-Identifier: Apache-2.0 */
#include "support/dealt.h"

#include <stdlib.h>
#include <string.h>

#include "score/special.h"

/* A heap column of n entries, freed with the digest. */
static void *column(struct dealt *dealt, size_t n, size_t size)
{
    void *values = calloc(n + 1, size);
    if (!values || dealt->n_columns == sizeof dealt->column / sizeof dealt->column[0])
        abort();
    return dealt->column[dealt->n_columns++] = values;
}

#define COLUMN(dealt, n, type) ((type *)column((dealt), (n), sizeof(type)))

struct card {
    const struct dealt_customer *of;
    uint64_t hash, sample_hash;
};

/* Customers of one shard. */
struct hand {
    struct card *card;
    size_t n;
};

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_hash(const void *left, const void *right)
{
    const struct card *a = left, *b = right;
    int order = compare(a->hash, b->hash);
    return order ? order : strcmp(a->of->id, b->of->id);
}

static int by_sample(const void *left, const void *right)
{
    const struct card *a = left, *b = right;
    return compare(a->sample_hash, b->sample_hash);
}

static int by_triple(const void *left, const void *right)
{
    const struct dealt_customer *a = ((const struct card *)left)->of;
    const struct dealt_customer *b = ((const struct card *)right)->of;
    int order = compare(a->x, b->x);
    if (order == 0)
        order = compare((uint64_t)a->age_days, (uint64_t)b->age_days);
    return order ? order : compare((uint64_t)a->span_days, (uint64_t)b->span_days);
}

static int by_value(const void *left, const void *right)
{
    return compare(*(const uint64_t *)left, *(const uint64_t *)right);
}

/* Who has purchases, in an order of the caller's. */
static struct hand buyers_of(struct dealt *dealt, const struct hand *hand,
                             int (*order)(const void *, const void *))
{
    struct hand buyers = {COLUMN(dealt, hand->n, struct card), 0};
    for (size_t i = 0; i < hand->n; i++)
        if (!hand->card[i].of->refund_only)
            buyers.card[buyers.n++] = hand->card[i];
    qsort(buyers.card, buyers.n, sizeof *buyers.card, order);
    return buyers;
}

static void deal_counts(struct dealt *dealt, const struct hand *hand)
{
    struct gathered *g = &dealt->whole;
    for (size_t i = 0; i < hand->n; i++) {
        const struct dealt_customer *c = hand->card[i].of;
        g->customers++;
        g->refund_only += c->refund_only != 0;
        if (c->refund_only) {
            g->tallies.refunds.rows++;
            g->tallies.refunds.amount--;
            continue;
        }
        g->base += !c->inactive;
        g->gross += c->monetary;
        g->purchase_days += c->x + 1;
        g->tallies.purchases.rows += c->x + 1;
        g->tallies.purchases.amount += c->monetary;
    }
}

static void deal_triples(struct dealt *dealt, const struct hand *hand)
{
    struct hand buyers = buyers_of(dealt, hand, by_triple);
    uint32_t *x = COLUMN(dealt, buyers.n, uint32_t), *n = COLUMN(dealt, buyers.n, uint32_t);
    int32_t *span = COLUMN(dealt, buyers.n, int32_t), *age = COLUMN(dealt, buyers.n, int32_t);
    size_t at = 0;
    for (size_t i = 0; i < buyers.n; i++) {
        const struct dealt_customer *c = buyers.card[i].of;
        if (i == 0 || by_triple(&buyers.card[i - 1], &buyers.card[i]) != 0) {
            x[at] = c->x;
            span[at] = c->span_days;
            age[at++] = c->age_days;
        }
        n[at - 1]++;
    }
    dealt->whole.n_triples = at;
    dealt->whole.triple_x = x;
    dealt->whole.triple_span = span;
    dealt->whole.triple_age = age;
    dealt->whole.triple_n = n;
}

/* A customer's i-th of x gaps: a day each, and the last one the rest of his span. */
static int32_t gap_of(const struct dealt_customer *c, uint32_t i)
{
    return i + 1 < c->x ? 1 : c->span_days - (int32_t)c->x + 1;
}

static void deal_samples(struct dealt *dealt, const struct hand *hand, size_t most)
{
    struct hand buyers = buyers_of(dealt, hand, by_sample);
    size_t n = buyers.n < most ? buyers.n : most;
    uint64_t *hash = COLUMN(dealt, n, uint64_t);
    uint32_t *x = COLUMN(dealt, n, uint32_t);
    int32_t *span = COLUMN(dealt, n, int32_t), *age = COLUMN(dealt, n, int32_t);
    double *log_gap = COLUMN(dealt, n, double);
    for (size_t i = 0; i < n; i++) {
        const struct dealt_customer *c = buyers.card[i].of;
        log_gap[i] = c->x > 0 ? special_log(gap_of(c, c->x - 1)) : 0; /* the others have a day */
        hash[i] = buyers.card[i].sample_hash;
        x[i] = buyers.card[i].of->x;
        span[i] = buyers.card[i].of->span_days;
        age[i] = buyers.card[i].of->age_days;
    }
    dealt->whole.n_samples = n;
    dealt->whole.sample_hash = hash;
    dealt->whole.sample_x = x;
    dealt->whole.sample_span = span;
    dealt->whole.sample_age = age;
    dealt->whole.sample_log_gap = log_gap;
    dealt->whole.sample_cut = buyers.n > n;
}

/* Distinct values with counts: uint32_t both, as the wire has recencies and frequencies. */
static size_t count(struct dealt *dealt, uint64_t *all, size_t n, uint32_t **value,
                    uint32_t **times)
{
    size_t at = 0;
    *value = COLUMN(dealt, n, uint32_t);
    *times = COLUMN(dealt, n, uint32_t);
    qsort(all, n, sizeof *all, by_value);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || all[i] != all[i - 1])
            (*value)[at++] = (uint32_t)all[i];
        (*times)[at - 1]++;
    }
    return at;
}

static void deal_gaps(struct dealt *dealt, const struct hand *hand)
{
    struct gathered *g = &dealt->whole;
    size_t all = 0, n = 0;
    for (size_t i = 0; i < hand->n; i++)
        all += hand->card[i].of->refund_only ? 0 : hand->card[i].of->x;
    uint64_t *gap = COLUMN(dealt, all, uint64_t);
    uint32_t *value, *times;
    for (size_t i = 0; i < hand->n; i++) {
        const struct dealt_customer *c = hand->card[i].of;
        for (uint32_t k = 0; !c->refund_only && k < c->x; k++)
            gap[n++] = (uint64_t)gap_of(c, k);
    }
    g->n_gaps = count(dealt, gap, n, &value, &times);
    g->gap = (const int32_t *)value;
    g->gap_n = times;
}

static void deal_base(struct dealt *dealt, const struct hand *hand)
{
    struct gathered *g = &dealt->whole;
    uint64_t *recency = COLUMN(dealt, hand->n, uint64_t);
    uint64_t *frequency = COLUMN(dealt, hand->n, uint64_t);
    int64_t *monetary = COLUMN(dealt, hand->n, int64_t);
    uint32_t *value, *times;
    size_t n = 0;
    for (size_t i = 0; i < hand->n; i++) {
        const struct dealt_customer *c = hand->card[i].of;
        if (c->refund_only || c->inactive)
            continue;
        recency[n] = (uint64_t)(c->age_days - c->span_days);
        frequency[n] = c->x + 1;
        monetary[n++] = c->monetary;
    }
    g->monetary = monetary;
    g->n_recencies = count(dealt, recency, n, &value, &times);
    g->recency = (const int32_t *)value;
    g->recency_n = times;
    g->n_frequencies = count(dealt, frequency, n, &value, &times);
    g->frequency = value;
    g->frequency_n = times;
}

static void deal_ids(struct dealt *dealt, const struct hand *hand)
{
    struct gathered *g = &dealt->whole;
    uint16_t *length = COLUMN(dealt, hand->n, uint16_t);
    char *ids = COLUMN(dealt, hand->n * sizeof hand->card[0].of->id, char);
    int32_t *recency = COLUMN(dealt, hand->n, int32_t);
    uint32_t *frequency = COLUMN(dealt, hand->n, uint32_t);
    size_t n = 0, at = 0;
    for (size_t i = 0; i < hand->n; i++) {
        const struct dealt_customer *c = hand->card[i].of;
        if (c->refund_only || c->inactive)
            continue;
        length[n] = (uint16_t)strlen(c->id);
        memcpy(ids + at, c->id, length[n]);
        at += length[n];
        recency[n] = c->age_days - c->span_days;
        frequency[n++] = c->x + 1;
    }
    g->base_id_length = length;
    g->base_ids = ids;
    g->base_ids_size = at;
    g->base_recency = recency;
    g->base_frequency = frequency;
}

static void deal_spenders(struct dealt *dealt, const struct hand *hand)
{
    struct gathered *g = &dealt->whole;
    uint32_t *x = COLUMN(dealt, hand->n, uint32_t);
    int64_t *spend = COLUMN(dealt, hand->n, int64_t);
    for (size_t i = 0; i < hand->n; i++) {
        const struct dealt_customer *c = hand->card[i].of;
        if (c->refund_only || c->x == 0 || c->repeat_spend <= 0)
            continue;
        x[g->n_spenders] = c->x;
        spend[g->n_spenders++] = c->repeat_spend;
    }
    g->spender_x = x;
    g->spender_repeat_spend = spend;
}

static const char *least_after(const struct hand *hand, const char *after)
{
    const char *least = NULL;
    for (size_t i = 0; i < hand->n; i++) {
        const char *group = hand->card[i].of->group;
        if (group && (!after || strcmp(group, after) > 0) && (!least || strcmp(group, least) < 0))
            least = group;
    }
    return least;
}

static void deal_groups(struct dealt *dealt, const struct hand *hand)
{
    struct gathered *g = &dealt->whole;
    uint16_t *length = COLUMN(dealt, hand->n, uint16_t);
    uint32_t *n = COLUMN(dealt, hand->n, uint32_t);
    int64_t *per_unit = COLUMN(dealt, hand->n, int64_t);
    char *names = COLUMN(dealt, hand->n * 64, char);
    size_t at = 0;
    for (const char *group = least_after(hand, NULL); group; group = least_after(hand, group)) {
        length[g->n_groups] = (uint16_t)strlen(group);
        memcpy(names + at, group, strlen(group));
        at += strlen(group);
        for (size_t i = 0; i < hand->n; i++)
            if (hand->card[i].of->group && strcmp(hand->card[i].of->group, group) == 0) {
                per_unit[g->n_peers++] = hand->card[i].of->per_unit;
                n[g->n_groups]++;
            }
        g->n_groups++;
    }
    g->group_length = length;
    g->group_names = names;
    g->group_n = n;
    g->per_unit = per_unit;
}

void dealt_shard(struct dealt *dealt, const struct deal *deal, uint32_t shard)
{
    *dealt = (struct dealt){0};
    struct hand hand = {COLUMN(dealt, deal->n, struct card), 0};
    for (size_t i = 0; i < deal->n; i++) {
        const struct dealt_customer *c = &deal->customers[i];
        size_t length = strlen(c->id);
        uint64_t hash = hash_customer(c->id, length);
        if (hash_shard(hash, deal->shards) == shard)
            hand.card[hand.n++] =
                (struct card){c, hash, hash_customer_seeded(c->id, length, HASH_SAMPLE_SEED)};
    }
    qsort(hand.card, hand.n, sizeof *hand.card, by_hash);
    deal_counts(dealt, &hand);
    deal_triples(dealt, &hand);
    deal_samples(dealt, &hand, deal->sample_per_shard);
    deal_gaps(dealt, &hand);
    deal_base(dealt, &hand);
    if (deal->with_ids)
        deal_ids(dealt, &hand);
    deal_spenders(dealt, &hand);
    deal_groups(dealt, &hand);
}

void dealt_free(struct dealt *dealt)
{
    for (size_t i = 0; i < dealt->n_columns; i++)
        free(dealt->column[i]);
    *dealt = (struct dealt){0};
}

/* ---- stretches ---- */

struct stretch {
    size_t from, n;
};

static struct stretch stretch_of(size_t n, size_t entries, size_t k)
{
    size_t from = k * entries < n ? k * entries : n;
    return (struct stretch){from, n - from < entries ? n - from : entries};
}

static size_t total(const uint16_t *lengths, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lengths[i];
    return sum;
}

static void stretch_counted(const struct gathered *whole, size_t entries, size_t k,
                            struct gathered *part)
{
    struct stretch s = stretch_of(whole->n_triples, entries, k);
    part->n_triples = s.n;
    part->triple_x = whole->triple_x + s.from;
    part->triple_span = whole->triple_span + s.from;
    part->triple_age = whole->triple_age + s.from;
    part->triple_n = whole->triple_n + s.from;
    s = stretch_of(whole->n_recencies, entries, k);
    part->n_recencies = s.n;
    part->recency = whole->recency + s.from;
    part->recency_n = whole->recency_n + s.from;
    s = stretch_of(whole->n_frequencies, entries, k);
    part->n_frequencies = s.n;
    part->frequency = whole->frequency + s.from;
    part->frequency_n = whole->frequency_n + s.from;
    s = stretch_of(whole->n_gaps, entries, k);
    part->n_gaps = s.n;
    part->gap = whole->gap + s.from;
    part->gap_n = whole->gap_n + s.from;
    s = stretch_of(whole->n_spenders, entries, k);
    part->n_spenders = s.n;
    part->spender_x = whole->spender_x + s.from;
    part->spender_repeat_spend = whole->spender_repeat_spend + s.from;
}

static void stretch_samples(const struct gathered *whole, size_t entries, size_t k,
                            struct gathered *part)
{
    struct stretch s = stretch_of(whole->n_samples, entries, k);
    part->n_samples = s.n;
    part->sample_hash = whole->sample_hash + s.from;
    part->sample_x = whole->sample_x + s.from;
    part->sample_span = whole->sample_span + s.from;
    part->sample_age = whole->sample_age + s.from;
    part->sample_log_gap = whole->sample_log_gap + s.from;
    part->sample_cut = whole->sample_cut && s.from + s.n == whole->n_samples;
}

static void stretch_base(const struct gathered *whole, size_t entries, size_t k,
                         struct gathered *part)
{
    struct stretch s = stretch_of(whole->base, entries, k);
    part->base = (uint32_t)s.n;
    part->monetary = whole->monetary + s.from;
    if (!whole->base_id_length || s.n == 0)
        return;
    part->base_id_length = whole->base_id_length + s.from;
    part->base_ids = whole->base_ids + total(whole->base_id_length, s.from);
    part->base_ids_size = total(part->base_id_length, s.n);
    part->base_recency = whole->base_recency + s.from;
    part->base_frequency = whole->base_frequency + s.from;
}

static void stretch_groups(const struct gathered *whole, size_t entries, size_t k,
                           struct gathered *part)
{
    struct stretch s = stretch_of(whole->n_groups, entries, k);
    part->n_groups = s.n;
    part->group_length = whole->group_length + s.from;
    part->group_names = whole->group_names + total(whole->group_length, s.from);
    part->group_n = whole->group_n + s.from;
    s = stretch_of(whole->n_peers, entries, k);
    part->n_peers = s.n;
    part->per_unit = whole->per_unit + s.from;
}

int dealt_stretch(const struct gathered *whole, size_t entries, size_t k, struct gathered *part)
{
    *part = (struct gathered){0};
    if (k == 0) {
        part->customers = whole->customers;
        part->refund_only = whole->refund_only;
        part->tallies = whole->tallies;
        part->gross = whole->gross;
        part->purchase_days = whole->purchase_days;
    }
    stretch_counted(whole, entries, k, part);
    stretch_samples(whole, entries, k, part);
    stretch_base(whole, entries, k, part);
    stretch_groups(whole, entries, k, part);
    return k == 0 || part->n_triples + part->n_recencies + part->n_frequencies + part->n_spenders +
                             part->n_gaps + part->n_samples + part->base + part->n_groups +
                             part->n_peers >
                         0;
}
