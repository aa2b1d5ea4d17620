/* SPDX-License-Identifier: Apache-2.0 */
/* Triples, samples, recencies and frequencies are collected as (key, count) items and sorted once;
 * money and spenders are appended as they come, which is already their order. */
#include "sink/population.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/radix.h"
#include "common/roster.h"

/* As in worker/gather.c: x, T and t_x in one sortable key. */
#define AGE_SHIFT  22
#define X_SHIFT    44
#define DAYS_MASK  ((1u << 22) - 1)
#define X_GREATEST ((1u << 20) - 1)

struct items {
    struct radix_item *item;
    size_t n, room;
};

/* One group of one shard: n values, in the order in which they came. */
struct piece {
    uint32_t group; /* a number in names */
    uint32_t n;
};

struct population {
    struct population_totals totals;
    struct items triples, samples, recencies, frequencies;
    uint64_t sample_limit; /* no hash above it may be taken: a shard was cut there */
    struct fit_row *rows, *sample;
    size_t n_rows, n_sample;
    struct fit_spend_row *spenders;
    size_t n_spenders, room_spenders;
    int64_t *monetary;
    size_t n_monetary, room_monetary;
    int64_t *count_values; /* recencies, then frequencies */
    uint64_t *count_numbers;
    size_t n_recencies, n_frequencies;

    int has_ids;
    int32_t *base_recency;
    uint32_t *base_frequency;
    size_t *base_id; /* n_monetary + 1 */
    char *base_ids;
    size_t room_base, room_base_ids;

    struct roster *names; /* of peer groups */
    struct piece *pieces;
    size_t n_pieces, room_pieces;
    int64_t *per_unit, *grouped; /* as they came; group by group */
    size_t n_per_unit, room_per_unit;
    uint32_t *group_order; /* numbers sorted by name */
    size_t *group_first;   /* by number, into grouped */
    size_t *group_n;       /* by number */
};

int population_new(struct population **out)
{
    struct population *p = calloc(1, sizeof *p);
    if (!p)
        return log_fail(STATUS_BUG, "out of memory for a population");
    p->sample_limit = UINT64_MAX;
    int r = roster_new(&p->names);
    if (r < 0) {
        free(p);
        return r;
    }
    *out = p;
    return 0;
}

void population_destroy(struct population **population)
{
    struct population *p = *population;
    if (!p)
        return;
    free(p->triples.item);
    free(p->samples.item);
    free(p->recencies.item);
    free(p->frequencies.item);
    free(p->rows);
    free(p->sample);
    free(p->spenders);
    free(p->monetary);
    free(p->count_values);
    free(p->count_numbers);
    free(p->base_recency);
    free(p->base_frequency);
    free(p->base_id);
    free(p->base_ids);
    roster_destroy(&p->names);
    free(p->pieces);
    free(p->per_unit);
    free(p->grouped);
    free(p->group_order);
    free(p->group_first);
    free(p->group_n);
    free(p);
    *population = NULL;
}

/* Room for n entries of this size, twice as many where it must grow. */
static int room_for(void *array, size_t *room, size_t n, size_t size)
{
    void **at = array;
    if (n <= *room)
        return 0;
    size_t want = *room * 2 > n ? *room * 2 : n + 1024;
    void *more = realloc(*at, want * size);
    if (!more)
        return log_fail(STATUS_BUG, "out of memory for %zu entries of the population", want);
    *at = more;
    *room = want;
    return 0;
}

static int items_room(struct items *items, size_t more)
{
    return room_for(&items->item, &items->room, items->n + more, sizeof *items->item);
}

static uint64_t triple_key(uint32_t x, int32_t age, int32_t span)
{
    uint64_t capped = x < X_GREATEST ? x : X_GREATEST;
    return capped << X_SHIFT | (uint64_t)age << AGE_SHIFT | (uint64_t)span;
}

static int add_triples(struct population *p, const struct gathered *g)
{
    int r = items_room(&p->triples, g->n_triples);
    for (size_t i = 0; r == 0 && i < g->n_triples; i++)
        p->triples.item[p->triples.n++] = (struct radix_item){
            triple_key(g->triple_x[i], g->triple_age[i], g->triple_span[i]), g->triple_n[i]};
    return r;
}

static int add_samples(struct population *p, const struct gathered *g)
{
    int r = items_room(&p->samples, g->n_samples);
    for (size_t i = 0; r == 0 && i < g->n_samples; i++)
        p->samples.item[p->samples.n++] = (struct radix_item){
            g->sample_hash[i], triple_key(g->sample_x[i], g->sample_age[i], g->sample_span[i])};
    if (r == 0 && g->sample_cut && g->n_samples > 0 &&
        g->sample_hash[g->n_samples - 1] < p->sample_limit)
        p->sample_limit = g->sample_hash[g->n_samples - 1];
    return r;
}

static int add_counts(struct population *p, const struct gathered *g)
{
    int r = items_room(&p->recencies, g->n_recencies);
    for (size_t i = 0; r == 0 && i < g->n_recencies; i++)
        p->recencies.item[p->recencies.n++] =
            (struct radix_item){(uint64_t)(uint32_t)g->recency[i], g->recency_n[i]};
    if (r == 0)
        r = items_room(&p->frequencies, g->n_frequencies);
    for (size_t i = 0; r == 0 && i < g->n_frequencies; i++)
        p->frequencies.item[p->frequencies.n++] =
            (struct radix_item){g->frequency[i], g->frequency_n[i]};
    return r;
}

static int add_spenders(struct population *p, const struct gathered *g)
{
    int r = room_for(&p->spenders, &p->room_spenders, p->n_spenders + g->n_spenders,
                     sizeof *p->spenders);
    for (size_t i = 0; r == 0 && i < g->n_spenders; i++)
        p->spenders[p->n_spenders++] =
            (struct fit_spend_row){g->spender_x[i], 0, g->spender_repeat_spend[i]};
    return r;
}

static int add_base_ids(struct population *p, const struct gathered *g)
{
    size_t n = p->n_monetary + g->base + 1, room = p->room_base;
    int r = room_for(&p->base_recency, &room, n, sizeof *p->base_recency);
    room = p->room_base;
    if (r == 0)
        r = room_for(&p->base_frequency, &room, n, sizeof *p->base_frequency);
    room = p->room_base;
    if (r == 0)
        r = room_for(&p->base_id, &room, n, sizeof *p->base_id);
    if (r < 0)
        return r;
    p->room_base = room;
    if (p->n_monetary == 0)
        p->base_id[0] = 0;
    size_t at = p->base_id[p->n_monetary];
    r = room_for(&p->base_ids, &p->room_base_ids, at + g->base_ids_size, 1);
    if (r < 0)
        return r;
    if (g->base_ids_size > 0)
        memcpy(p->base_ids + at, g->base_ids, g->base_ids_size);
    for (size_t i = 0; i < g->base; i++) {
        at += g->base_id_length[i];
        p->base_recency[p->n_monetary + i] = g->base_recency[i];
        p->base_frequency[p->n_monetary + i] = g->base_frequency[i];
        p->base_id[p->n_monetary + i + 1] = at;
    }
    p->has_ids = 1;
    return 0;
}

static int add_base(struct population *p, const struct gathered *g)
{
    int r = g->base_id_length ? add_base_ids(p, g) : 0;
    if (r == 0)
        r = room_for(&p->monetary, &p->room_monetary, p->n_monetary + g->base, sizeof *p->monetary);
    if (r < 0)
        return r;
    if (g->base > 0)
        memcpy(p->monetary + p->n_monetary, g->monetary, g->base * sizeof *p->monetary);
    p->n_monetary += g->base;
    return 0;
}

static int add_groups(struct population *p, const struct gathered *g)
{
    const char *name = g->group_names;
    int r = room_for(&p->pieces, &p->room_pieces, p->n_pieces + g->n_groups, sizeof *p->pieces);
    if (r == 0)
        r = room_for(&p->per_unit, &p->room_per_unit, p->n_per_unit + g->n_peers,
                     sizeof *p->per_unit);
    for (size_t i = 0; r == 0 && i < g->n_groups; i++) {
        struct piece *piece = &p->pieces[p->n_pieces++];
        piece->n = g->group_n[i];
        r = roster_number(p->names, name, g->group_length[i], &piece->group);
        name += g->group_length[i];
    }
    if (r < 0)
        return r;
    if (g->n_peers > 0)
        memcpy(p->per_unit + p->n_per_unit, g->per_unit, g->n_peers * sizeof *p->per_unit);
    p->n_per_unit += g->n_peers;
    return 0;
}

static int add_tally(struct tally *sum, const struct tally *more)
{
    sum->rows += more->rows;
    return __builtin_add_overflow(sum->amount, more->amount, &sum->amount);
}

static int add_totals(struct population *p, const struct gathered *g)
{
    struct population_totals *t = &p->totals;
    t->customers += g->customers;
    t->refund_only += g->refund_only;
    t->base += g->base;
    t->purchase_days += g->purchase_days;
    t->unmatched += g->unmatched;
    return add_tally(&t->tallies.purchases, &g->tallies.purchases) ||
                   add_tally(&t->tallies.refunds, &g->tallies.refunds) ||
                   add_tally(&t->tallies.cancelled, &g->tallies.cancelled) ||
                   add_tally(&t->tallies.after_as_of, &g->tallies.after_as_of) ||
                   __builtin_add_overflow(t->gross, g->gross, &t->gross)
               ? POPULATION_E_OVERFLOW
               : 0;
}

int population_add(struct population *population, const struct gathered *part)
{
    int r = add_totals(population, part);
    if (r == 0)
        r = add_triples(population, part);
    if (r == 0)
        r = add_samples(population, part);
    if (r == 0)
        r = add_counts(population, part);
    if (r == 0)
        r = add_spenders(population, part);
    if (r == 0)
        r = add_base(population, part);
    if (r == 0)
        r = add_groups(population, part);
    return r;
}

/* Sorts by key and adds up the values of equal keys. */
static void sum_equal(struct items *items)
{
    size_t distinct = 0;
    radix_sort_in_place(items->item, items->n);
    for (size_t i = 0; i < items->n; i++) {
        if (distinct > 0 && items->item[distinct - 1].key == items->item[i].key)
            items->item[distinct - 1].value += items->item[i].value;
        else
            items->item[distinct++] = items->item[i];
    }
    items->n = distinct;
}

_Static_assert(sizeof(struct fit_row) == sizeof(struct radix_item), "a row takes an item's place");

/* Takes the items: each row is written where its item was, for both together would be the most that a
 * sink ever holds. */
static void rows_of(struct items *items, struct fit_row **rows, size_t *n)
{
    for (size_t i = 0; i < items->n; i++) {
        struct radix_item item = items->item[i];
        struct fit_row row = {(uint32_t)(item.key >> X_SHIFT), (int32_t)(item.key & DAYS_MASK),
                              (int32_t)(item.key >> AGE_SHIFT & DAYS_MASK), (uint32_t)item.value};
        memcpy(&items->item[i], &row, sizeof row);
    }
    *rows = (struct fit_row *)(void *)items->item;
    *n = items->n;
    *items = (struct items){0};
}

static void end_triples(struct population *p)
{
    sum_equal(&p->triples);
    rows_of(&p->triples, &p->rows, &p->n_rows);
}

/* The smallest hashes of all, as rows. */
static int end_samples(struct population *p)
{
    struct items *s = &p->samples;
    struct radix_item *scratch = malloc(s->n * sizeof *scratch + 1);
    if (!scratch)
        return log_fail(STATUS_BUG, "out of memory to sort %zu entries", s->n);
    radix_sort(s->item, scratch, s->n);
    free(scratch);
    s->n = s->n < POPULATION_SAMPLE ? s->n : POPULATION_SAMPLE;
    if (s->n > 0 && s->item[s->n - 1].key > p->sample_limit)
        return log_fail(STATUS_BUG,
                        "a shard holds more of the sample than its margin; another --shards helps");
    if (s->n < POPULATION_SAMPLE && p->sample_limit != UINT64_MAX)
        return log_fail(STATUS_BUG,
                        "a shard holds more of the sample than its margin; another --shards helps");
    for (size_t i = 0; i < s->n; i++)
        s->item[i] = (struct radix_item){s->item[i].value, 1};
    sum_equal(s);
    rows_of(s, &p->sample, &p->n_sample);
    return 0;
}

static int end_counts(struct population *p)
{
    sum_equal(&p->recencies);
    sum_equal(&p->frequencies);
    p->n_recencies = p->recencies.n;
    p->n_frequencies = p->frequencies.n;
    size_t n = p->n_recencies + p->n_frequencies;
    p->count_values = malloc(n * sizeof *p->count_values + 1);
    p->count_numbers = malloc(n * sizeof *p->count_numbers + 1);
    if (!p->count_values || !p->count_numbers)
        return log_fail(STATUS_BUG, "out of memory for %zu counts", n);
    for (size_t i = 0; i < n; i++) {
        const struct radix_item *item =
            i < p->n_recencies ? &p->recencies.item[i] : &p->frequencies.item[i - p->n_recencies];
        p->count_values[i] = (int64_t)item->key;
        p->count_numbers[i] = item->value;
    }
    return 0;
}

static int groups_room(struct population *p)
{
    size_t n = roster_size(p->names);
    p->group_order = malloc((n * 2 + 1) * sizeof *p->group_order);
    p->group_first = calloc(n + 1, sizeof *p->group_first);
    p->group_n = calloc(n + 1, sizeof *p->group_n);
    p->grouped = malloc(p->n_per_unit * sizeof *p->grouped + 1);
    if (!p->group_order || !p->group_first || !p->group_n || !p->grouped)
        return log_fail(STATUS_BUG, "out of memory for %zu peer groups", n);
    return 0;
}

/* Values group by group, each group's in the order in which they came. */
static int end_groups(struct population *p)
{
    size_t n = roster_size(p->names), at = 0, from = 0;
    int r = groups_room(p);
    if (r < 0)
        return r;
    roster_by_name(p->names, p->group_order, p->group_order + n);
    for (size_t i = 0; i < p->n_pieces; i++)
        p->group_n[p->pieces[i].group] += p->pieces[i].n;
    for (size_t i = 0; i < n; i++) {
        p->group_first[i] = at;
        at += p->group_n[i];
    }
    if (at != p->n_per_unit)
        return log_fail(STATUS_BUG, "peer groups of %zu values, and %zu values", at, p->n_per_unit);
    memset(p->group_n, 0, n * sizeof *p->group_n);
    for (size_t i = 0; i < p->n_pieces; i++) {
        const struct piece *piece = &p->pieces[i];
        size_t *filled = &p->group_n[piece->group];
        memcpy(p->grouped + p->group_first[piece->group] + *filled, p->per_unit + from,
               piece->n * sizeof *p->grouped);
        *filled += piece->n;
        from += piece->n;
    }
    free(p->per_unit);
    p->per_unit = NULL;
    return 0;
}

int population_end(struct population *population)
{
    end_triples(population);
    int r = end_samples(population);
    if (r == 0)
        r = end_counts(population);
    return r < 0 ? r : end_groups(population);
}

struct population_totals population_totals(const struct population *population)
{
    return population->totals;
}

const struct fit_row *population_rows(const struct population *population, size_t *n)
{
    *n = population->n_rows;
    return population->rows;
}

const struct fit_row *population_sample(const struct population *population, size_t *n)
{
    *n = population->n_sample;
    return population->sample;
}

const struct fit_spend_row *population_spenders(const struct population *population, size_t *n)
{
    *n = population->n_spenders;
    return population->spenders;
}

struct population_counts population_recencies(const struct population *population)
{
    return (struct population_counts){population->count_values, population->count_numbers,
                                      population->n_recencies};
}

struct population_counts population_frequencies(const struct population *population)
{
    size_t from = population->n_recencies;
    return (struct population_counts){population->count_values + from,
                                      population->count_numbers + from, population->n_frequencies};
}

int64_t *population_monetary(struct population *population, size_t *n)
{
    *n = population->n_monetary;
    return population->monetary;
}

void population_forget_base(struct population *population)
{
    struct population *p = population;
    free(p->monetary);
    free(p->base_recency);
    free(p->base_frequency);
    free(p->base_id);
    free(p->base_ids);
    p->monetary = NULL;
    p->base_recency = NULL;
    p->base_frequency = NULL;
    p->base_id = NULL;
    p->base_ids = NULL;
    p->n_monetary = 0;
    p->has_ids = 0;
}

int population_has_ids(const struct population *population)
{
    return population->has_ids;
}

const char *population_base(const struct population *population, size_t i, int32_t *recency,
                            uint32_t *frequency, int64_t *monetary, size_t *id_length)
{
    *recency = population->base_recency[i];
    *frequency = population->base_frequency[i];
    *monetary = population->monetary[i];
    *id_length = population->base_id[i + 1] - population->base_id[i];
    return population->base_ids + population->base_id[i];
}

size_t population_groups(const struct population *population)
{
    return roster_size(population->names);
}

const int64_t *population_group(const struct population *population, size_t i, const char **name,
                                size_t *length, size_t *n)
{
    uint32_t number = population->group_order[i];
    *name = roster_id(population->names, number, length);
    *n = population->group_n[number];
    return population->grouped + population->group_first[number];
}
