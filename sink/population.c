/* SPDX-License-Identifier: Apache-2.0 */
/* Triples, recencies, frequencies and gaps are collected as (value, count) and sorted once;
 * money and spenders are appended as they come, which is already their order. */
#include "sink/population.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "score/special.h"
#include "sink/counted.h"
#include "sink/crew.h"
#include "sink/sample.h"

struct population {
    struct population_totals totals;
    struct counted triples, recencies, frequencies, gaps;
    struct sample sample;
    struct population_gaps all_gaps;
    struct fit_row *rows;
    size_t n_rows;
    struct fit_spend_row *spenders;
    size_t n_spenders, room_spenders;
    int64_t *monetary;
    size_t n_monetary, room_monetary;
    struct histogram money;
    int64_t *count_values; /* recencies, then frequencies */
    uint64_t *count_numbers;
    size_t n_recencies, n_frequencies;

    int has_ids;
    int32_t *base_recency;
    uint32_t *base_frequency;
    size_t *base_id; /* n_monetary + 1 */
    char *base_ids;
    size_t room_base, room_base_ids;

    struct peerage peers;
};

int population_new(struct population **out)
{
    struct population *p = calloc(1, sizeof *p);
    if (!p)
        return log_fail(STATUS_BUG, "out of memory for a population");
    p->sample = SAMPLE_EMPTY;
    int r = peerage_open(&p->peers);
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
    free(p->recencies.item);
    free(p->frequencies.item);
    free(p->gaps.item);
    free(p->rows);
    sample_free(&p->sample);
    free(p->spenders);
    free(p->monetary);
    free(p->count_values);
    free(p->count_numbers);
    free(p->base_recency);
    free(p->base_frequency);
    free(p->base_id);
    free(p->base_ids);
    peerage_close(&p->peers);
    free(p);
    *population = NULL;
}

static int add_triples(struct population *p, const struct gathered *g)
{
    int r = counted_room(&p->triples, g->n_triples);
    for (size_t i = 0; r == 0 && i < g->n_triples; i++)
        p->triples.item[p->triples.n++] = (struct radix_item){
            counted_triple(g->triple_x[i], g->triple_age[i], g->triple_span[i]), g->triple_n[i]};
    return r;
}

static int add_counts(struct population *p, const struct gathered *g)
{
    int r = counted_room(&p->recencies, g->n_recencies);
    for (size_t i = 0; r == 0 && i < g->n_recencies; i++)
        p->recencies.item[p->recencies.n++] =
            (struct radix_item){(uint64_t)(uint32_t)g->recency[i], g->recency_n[i]};
    if (r == 0)
        r = counted_room(&p->frequencies, g->n_frequencies);
    for (size_t i = 0; r == 0 && i < g->n_frequencies; i++)
        p->frequencies.item[p->frequencies.n++] =
            (struct radix_item){g->frequency[i], g->frequency_n[i]};
    if (r == 0)
        r = counted_room(&p->gaps, g->n_gaps);
    for (size_t i = 0; r == 0 && i < g->n_gaps; i++)
        p->gaps.item[p->gaps.n++] = (struct radix_item){(uint64_t)(uint32_t)g->gap[i], g->gap_n[i]};
    return r;
}

static int add_spenders(struct population *p, const struct gathered *g)
{
    int r = counted_grow(&p->spenders, &p->room_spenders, p->n_spenders + g->n_spenders,
                         sizeof *p->spenders);
    for (size_t i = 0; r == 0 && i < g->n_spenders; i++)
        p->spenders[p->n_spenders++] =
            (struct fit_spend_row){g->spender_x[i], 0, g->spender_repeat_spend[i]};
    return r;
}

static int add_base_ids(struct population *p, const struct gathered *g)
{
    size_t n = p->n_monetary + g->base + 1, room = p->room_base;
    int r = counted_grow(&p->base_recency, &room, n, sizeof *p->base_recency);
    room = p->room_base;
    if (r == 0)
        r = counted_grow(&p->base_frequency, &room, n, sizeof *p->base_frequency);
    room = p->room_base;
    if (r == 0)
        r = counted_grow(&p->base_id, &room, n, sizeof *p->base_id);
    if (r < 0)
        return r;
    p->room_base = room;
    if (p->n_monetary == 0)
        p->base_id[0] = 0;
    size_t at = p->base_id[p->n_monetary];
    r = counted_grow(&p->base_ids, &p->room_base_ids, at + g->base_ids_size, 1);
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
        r = counted_grow(&p->monetary, &p->room_monetary, p->n_monetary + g->base,
                         sizeof *p->monetary);
    if (r < 0)
        return r;
    if (g->base > 0)
        memcpy(p->monetary + p->n_monetary, g->monetary, g->base * sizeof *p->monetary);
    for (size_t i = 0; i < g->base; i++)
        histogram_add(&p->money, g->monetary[i], 1);
    p->n_monetary += g->base;
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

/* Lists that have nothing to do with each other, about as long to add. */
static int add_smaller(struct population *p, const struct gathered *g)
{
    int r = sample_add(&p->sample, g);
    if (r == 0)
        r = add_counts(p, g);
    return r == 0 ? peerage_add(&p->peers, g) : r;
}

static int (*const lists[])(struct population *p, const struct gathered *part) = {
    add_triples, add_spenders, add_base, add_smaller};
#define LISTS (sizeof lists / sizeof *lists)

struct adding {
    struct population *population;
    const struct gathered *part;
    size_t n;
    int status[LISTS];
};

static void add_list(void *context, size_t list, size_t who)
{
    struct adding *adding = context;
    (void)who;
    for (size_t i = 0; adding->status[list] == 0 && i < adding->n; i++)
        adding->status[list] = lists[list](adding->population, &adding->part[i]);
}

int population_add(struct population *population, const struct gathered *part, size_t n,
                   struct crew *crew)
{
    struct adding adding = {.population = population, .part = part, .n = n};
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = add_totals(population, &part[i]);
    if (r == 0)
        crew_run(crew, LISTS, add_list, &adding);
    for (size_t list = 0; r == 0 && list < LISTS; list++)
        r = adding.status[list];
    return r;
}

static void end_gaps(struct population *p)
{
    counted_sum(&p->gaps);
    for (size_t i = 0; i < p->gaps.n; i++) {
        const struct radix_item *gap = &p->gaps.item[i];
        p->all_gaps.n += gap->value;
        p->all_gaps.log_days += (double)gap->value * special_log((double)gap->key);
    }
}

static int end_counts(struct population *p)
{
    counted_sum(&p->recencies);
    counted_sum(&p->frequencies);
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

/* What does not wait for each other: first sample, counts, and the triples' split, then these, the longest
 * list by far, bucket by bucket. */
enum { END_TRIPLES, END_SAMPLE, END_COUNTS, ENDS };
struct ending {
    struct population *population;
    size_t buckets, end[RADIX_BUCKETS]; /* of triples */
    int status[ENDS];
};

static int end_others(struct population *p)
{
    end_gaps(p);
    int r = end_counts(p);
    return r < 0 ? r : peerage_end(&p->peers);
}

static void end_one(void *context, size_t i, size_t who)
{
    struct ending *ending = context;
    struct population *p = ending->population;
    (void)who;
    if (i == END_SAMPLE)
        ending->status[i] = sample_end(&p->sample);
    else if (i == END_COUNTS)
        ending->status[i] = end_others(p);
    else if (p->triples.n > 0)
        ending->buckets = radix_split_in_place(p->triples.item, p->triples.n, ending->end);
}

static void sort_bucket(void *context, size_t bucket, size_t who)
{
    struct ending *ending = context;
    size_t from = bucket > 0 ? ending->end[bucket - 1] : 0;
    (void)who;
    radix_sort_in_place(ending->population->triples.item + from, ending->end[bucket] - from);
}

int population_end(struct population *population, struct crew *crew)
{
    struct population *p = population;
    struct ending ending = {.population = p};
    crew_run(crew, ENDS, end_one, &ending);
    crew_run(crew, ending.buckets, sort_bucket, &ending);
    counted_add_up(&p->triples);
    counted_rows(&p->triples, &p->rows, &p->n_rows);
    return ending.status[END_SAMPLE] < 0 ? ending.status[END_SAMPLE] : ending.status[END_COUNTS];
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
    *n = population->sample.n_rows;
    return population->sample.row;
}

struct population_gaps population_gaps(const struct population *population)
{
    return population->all_gaps;
}

struct population_gaps population_sample_gaps(const struct population *population)
{
    return population->sample.gaps;
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

const struct histogram *population_money(const struct population *population)
{
    return &population->money;
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

const struct peerage *population_peerage(const struct population *population)
{
    return &population->peers;
}
