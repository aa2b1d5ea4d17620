/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/population.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/crew.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/dealt.h"
#include "support/said.h"

#define WHOLE SIZE_MAX

/* Many customers of every kind, the same for the same seed. */
static struct dealt_customer *a_crowd(size_t n, uint64_t seed)
{
    static const char *const groups[] = {"a\x1f", "a\x1fx\x1f", "b\x1f", "\x1f", ""};
    struct dealt_customer *crowd = calloc(n, sizeof *crowd);
    struct chance chance = {seed};
    assert_non_null(crowd);
    for (size_t i = 0; i < n; i++) {
        struct dealt_customer *c = &crowd[i];
        snprintf(c->id, sizeof c->id, "c%zu", i);
        c->refund_only = chance_below(&chance, 20) == 0;
        c->inactive = chance_below(&chance, 10) == 0;
        c->x = (uint32_t)chance_below(&chance, 6);
        c->span_days = c->x ? (int32_t)(c->x + chance_below(&chance, 50)) : 0;
        c->age_days = c->span_days + (int32_t)chance_below(&chance, 90);
        c->monetary = (int64_t)chance_below(&chance, 900000) - 50000;
        c->repeat_spend = c->x ? (int64_t)chance_below(&chance, 500000) : 0;
        c->group =
            chance_below(&chance, 3) && !c->refund_only ? groups[chance_below(&chance, 5)] : NULL;
        c->per_unit = (int64_t)chance_below(&chance, 100000);
    }
    return crowd;
}

static int add_shard(struct population *population, const struct deal *deal, uint32_t shard,
                     size_t entries)
{
    struct dealt dealt;
    struct gathered part;
    int r = 0;
    dealt_shard(&dealt, deal, shard);
    if (entries == WHOLE)
        r = population_add(population, &dealt.whole, 1, NULL);
    for (size_t k = 0; entries != WHOLE && r == 0 && dealt_stretch(&dealt.whole, entries, k, &part);
         k++)
        r = population_add(population, &part, 1, NULL);
    dealt_free(&dealt);
    return r;
}

/* The population of everybody; what population_end answers goes to *end. */
static struct population *population_of(const struct deal *deal, size_t entries, int *end)
{
    struct population *population;
    assert_int_equal(population_new(&population), 0);
    for (uint32_t shard = 0; shard < deal->shards; shard++)
        assert_int_equal(add_shard(population, deal, shard, entries), 0);
    *end = population_end(population, NULL);
    return population;
}

static struct population *whole_population(const struct deal *deal, size_t entries)
{
    int end;
    struct population *population = population_of(deal, entries, &end);
    assert_int_equal(end, 0);
    return population;
}

/* Rows with their number. */
struct table {
    const struct fit_row *row;
    size_t n;
};

static struct table rows_of(const struct population *population)
{
    struct table table;
    table.row = population_rows(population, &table.n);
    return table;
}

static struct table sample_of(const struct population *population)
{
    struct table table;
    table.row = population_sample(population, &table.n);
    return table;
}

static void assert_same_rows(struct table a, struct table b)
{
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.row, b.row, a.n * sizeof *a.row);
}

static void assert_same_counts(struct population_counts a, struct population_counts b)
{
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.value, b.value, a.n * sizeof *a.value);
    assert_memory_equal(a.count, b.count, a.n * sizeof *a.count);
}

static void assert_same_base(struct population *a, struct population *b)
{
    size_t n, m;
    const int64_t *left = population_monetary(a, &n), *right = population_monetary(b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(left, right, n * sizeof *left);
    assert_int_equal(population_has_ids(a), population_has_ids(b));
    for (size_t i = 0; population_has_ids(a) && i < n; i++) {
        int32_t recency, other_recency;
        uint32_t frequency, other_frequency;
        int64_t monetary, other_monetary;
        size_t length, other_length;
        const char *id = population_base(a, i, &recency, &frequency, &monetary, &length);
        const char *other =
            population_base(b, i, &other_recency, &other_frequency, &other_monetary, &other_length);
        assert_int_equal(length, other_length);
        assert_memory_equal(id, other, length);
        assert_int_equal(recency, other_recency);
        assert_int_equal(frequency, other_frequency);
        assert_int_equal(monetary, other_monetary);
    }
}

static void assert_same_groups(const struct population *a, const struct population *b)
{
    const struct peerage *ours = population_peerage(a), *theirs = population_peerage(b);
    assert_int_equal(roster_size(ours->names), roster_size(theirs->names));
    for (size_t i = 0; i < roster_size(ours->names); i++) {
        struct peerage_group one = peerage_group(ours, i), other = peerage_group(theirs, i);
        assert_int_equal(one.length, other.length);
        assert_memory_equal(one.name, other.name, one.length);
        assert_int_equal(one.n, other.n);
        for (int k = 0; k < PEERAGE_COLUMNS; k++)
            assert_memory_equal(ours->grouped[k] + one.from, theirs->grouped[k] + other.from,
                                one.n * sizeof *ours->grouped[k]);
    }
}

static void assert_same(struct population *a, struct population *b)
{
    size_t n, m;
    struct population_totals left = population_totals(a), right = population_totals(b);
    assert_memory_equal(&left, &right, sizeof left);
    assert_same_rows(rows_of(a), rows_of(b));
    assert_same_rows(sample_of(a), sample_of(b));
    const struct fit_spend_row *spenders = population_spenders(a, &n);
    const struct fit_spend_row *others = population_spenders(b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(spenders, others, n * sizeof *spenders);
    assert_same_counts(population_recencies(a), population_recencies(b));
    assert_same_counts(population_frequencies(a), population_frequencies(b));
    assert_same_base(a, b);
    assert_memory_equal(population_money(a), population_money(b), sizeof(struct histogram));
    assert_same_groups(a, b);
}

static void it_is_the_same_however_the_customers_are_dealt(void **state)
{
    (void)state;
    static const uint32_t shards[] = {1, 16, 256};
    static const size_t entries[] = {WHOLE, 100, 7};
    struct dealt_customer *crowd = a_crowd(3000, 1);
    struct deal deal = {crowd, 3000, 1, 3000, 1};
    struct population *one = whole_population(&deal, WHOLE);
    for (size_t s = 0; s < 3; s++)
        for (size_t e = 0; e < 3; e++) {
            deal.shards = shards[s];
            struct population *other = whole_population(&deal, entries[e]);
            assert_same(one, other);
            population_destroy(&other);
        }
    population_destroy(&one);
    free(crowd);
}

/* All shards at once, list by list on several threads. */
static void it_is_the_same_whoever_adds(void **state)
{
    (void)state;
    enum { SHARDS = 16 };
    struct dealt_customer *crowd = a_crowd(3000, 6);
    struct deal deal = {crowd, 3000, SHARDS, 3000, 1};
    struct population *one = whole_population(&deal, WHOLE), *other;
    struct dealt dealt[SHARDS];
    struct gathered part[SHARDS];
    struct crew *crew;
    for (uint32_t shard = 0; shard < SHARDS; shard++) {
        dealt_shard(&dealt[shard], &deal, shard);
        part[shard] = dealt[shard].whole;
    }
    assert_int_equal(crew_new(3, &crew), 0);
    assert_int_equal(population_new(&other), 0);
    assert_int_equal(population_add(other, part, SHARDS, crew), 0);
    assert_int_equal(population_end(other, crew), 0);
    assert_same(one, other);
    for (uint32_t shard = 0; shard < SHARDS; shard++)
        dealt_free(&dealt[shard]);
    crew_destroy(&crew);
    population_destroy(&one);
    population_destroy(&other);
    free(crowd);
}

static void it_is_the_same_by_way_of_the_wire(void **state)
{
    (void)state;
    struct dealt_customer *crowd = a_crowd(40000, 2); /* a part holds 16,384 entries */
    struct deal deal = {crowd, 40000, 1, 40000, 1};
    struct population *one = whole_population(&deal, WHOLE), *other;
    struct arena *arena = arena_new((size_t)64 << 20);
    struct gathered part;
    struct dealt dealt;
    struct parcel parcel;
    dealt_shard(&dealt, &deal, 0);
    parcel.n = 0;
    assert_int_equal(wire_gathered_put(&dealt.whole, arena, &parcel), 0);
    assert_true(parcel.n > 2);
    assert_int_equal(population_new(&other), 0);
    for (size_t i = 0; i < parcel.n; i++) {
        arena_reset(arena);
        assert_int_equal(wire_gathered_read(&parcel, i, arena, &part), 0);
        assert_int_equal(population_add(other, &part, 1, NULL), 0);
    }
    assert_int_equal(population_end(other, NULL), 0);
    assert_same(one, other);
    population_destroy(&one);
    population_destroy(&other);
    parcel_clear(&parcel);
    arena_destroy(&arena);
    dealt_free(&dealt);
    free(crowd);
}

static void equal_histories_are_one_row_with_their_number(void **state)
{
    (void)state;
    const struct dealt_customer crowd[] = {
        {.id = "a", .x = 2, .span_days = 10, .age_days = 30},
        {.id = "b", .x = 2, .span_days = 10, .age_days = 30},
        {.id = "c", .x = 0, .span_days = 0, .age_days = 30},
        {.id = "d", .x = 2, .span_days = 9, .age_days = 31},
    };
    struct deal deal = {crowd, 4, 4, 10, 0};
    struct population *population = whole_population(&deal, WHOLE);
    /* sorted by x, then age, then span */
    const struct fit_row want[] = {{0, 0, 30, 1}, {2, 10, 30, 2}, {2, 9, 31, 1}};
    assert_same_rows(rows_of(population), (struct table){want, 3});
    population_destroy(&population);
}

static void who_only_ever_sent_back_is_counted_and_nothing_else(void **state)
{
    (void)state;
    const struct dealt_customer crowd[] = {
        {.id = "a", .refund_only = 1},
        {.id = "b", .x = 1, .span_days = 5, .age_days = 6, .monetary = 70000, .repeat_spend = 3},
    };
    struct deal deal = {crowd, 2, 1, 10, 1};
    struct population *population = whole_population(&deal, WHOLE);
    struct population_totals totals = population_totals(population);
    size_t n;
    assert_int_equal(totals.customers, 2);
    assert_int_equal(totals.refund_only, 1);
    assert_int_equal(totals.base, 1);
    assert_int_equal(totals.tallies.refunds.rows, 1);
    assert_int_equal(totals.purchase_days, 2);
    population_rows(population, &n);
    assert_int_equal(n, 1);
    population_monetary(population, &n);
    assert_int_equal(n, 1);
    population_destroy(&population);
}

static void the_inactive_are_fitted_and_not_in_the_base(void **state)
{
    (void)state;
    const struct dealt_customer crowd[] = {
        {.id = "a", .inactive = 1, .x = 1, .span_days = 5, .age_days = 900, .repeat_spend = 8},
        {.id = "b", .x = 1, .span_days = 5, .age_days = 6, .monetary = 70000, .repeat_spend = 3},
    };
    struct deal deal = {crowd, 2, 1, 10, 0};
    struct population *population = whole_population(&deal, WHOLE);
    size_t n;
    assert_int_equal(population_totals(population).base, 1);
    population_rows(population, &n);
    assert_int_equal(n, 2);
    population_spenders(population, &n);
    assert_int_equal(n, 2);
    assert_int_equal(population_recencies(population).n, 1);
    assert_int_equal(population_recencies(population).value[0], 1);
    population_destroy(&population);
}

static void nobody_is_a_population_too(void **state)
{
    (void)state;
    struct deal deal = {NULL, 0, 4, 10, 0};
    struct population *population = whole_population(&deal, WHOLE);
    size_t n;
    population_rows(population, &n);
    assert_int_equal(n, 0);
    population_sample(population, &n);
    assert_int_equal(n, 0);
    assert_int_equal(population_recencies(population).n, 0);
    assert_int_equal(roster_size(population_peerage(population)->names), 0);
    assert_false(population_has_ids(population));
    population_destroy(&population);
}

/* ---- the sample ---- */

static int rising(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Customers of the crowd whose second hash is among the `most` smallest, as (x, n) by x < 6. */
static void count_smallest(const struct dealt_customer *crowd, size_t n, size_t most,
                           uint32_t by_x[6])
{
    uint64_t *hash = calloc(n, sizeof *hash), limit;
    size_t buyers = 0;
    assert_non_null(hash);
    for (size_t i = 0; i < n; i++)
        if (!crowd[i].refund_only)
            hash[buyers++] =
                hash_customer_seeded(crowd[i].id, strlen(crowd[i].id), HASH_SAMPLE_SEED);
    qsort(hash, buyers, sizeof *hash, rising);
    limit = hash[buyers < most ? buyers - 1 : most - 1];
    memset(by_x, 0, 6 * sizeof *by_x);
    for (size_t i = 0; i < n; i++)
        by_x[crowd[i].x] +=
            !crowd[i].refund_only &&
            hash_customer_seeded(crowd[i].id, strlen(crowd[i].id), HASH_SAMPLE_SEED) <= limit;
    free(hash);
}

static void assert_sample_is_smallest(struct population *population,
                                      const struct dealt_customer *crowd, size_t n_crowd)
{
    size_t n, total = 0;
    uint32_t want[6], got[6] = {0};
    const struct fit_row *rows = population_sample(population, &n);
    count_smallest(crowd, n_crowd, POPULATION_SAMPLE, want);
    for (size_t i = 0; i < n; i++) {
        got[rows[i].x] += rows[i].n;
        total += rows[i].n;
    }
    assert_int_equal(total, POPULATION_SAMPLE);
    assert_memory_equal(got, want, sizeof got);
}

static void the_sample_is_those_with_the_smallest_second_hash(void **state)
{
    (void)state;
    struct dealt_customer *crowd = a_crowd(80000, 3);
    struct deal deal = {crowd, 80000, 8, 8192 + 10 * 91 + 64, 0};
    struct population *population = whole_population(&deal, WHOLE);
    assert_sample_is_smallest(population, crowd, 80000);
    population_destroy(&population);
    free(crowd);
}

/* A worker sends the smallest hashes of two shards in several parts each; only where the list of a
 * shard ends was it cut. */
static void a_shards_sample_may_come_in_many_parts(void **state)
{
    (void)state;
    struct dealt_customer *crowd = a_crowd(80000, 4);
    struct deal deal = {crowd, 80000, 2, 32768 + 10 * 182 + 64, 0};
    struct arena *arena = arena_new((size_t)64 << 20);
    struct population *population;
    assert_int_equal(population_new(&population), 0);
    for (uint32_t shard = 0; shard < 2; shard++) {
        struct dealt dealt;
        struct parcel parcel;
        struct gathered part;
        dealt_shard(&dealt, &deal, shard);
        assert_true(dealt.whole.sample_cut);
        parcel.n = 0;
        assert_int_equal(wire_gathered_put(&dealt.whole, arena, &parcel), 0);
        for (size_t i = 0; i < parcel.n; i++) {
            arena_reset(arena);
            assert_int_equal(wire_gathered_read(&parcel, i, arena, &part), 0);
            assert_int_equal(population_add(population, &part, 1, NULL), 0);
        }
        parcel_clear(&parcel);
        dealt_free(&dealt);
    }
    assert_int_equal(population_end(population, NULL), 0);
    assert_sample_is_smallest(population, crowd, 80000);
    population_destroy(&population);
    arena_destroy(&arena);
    free(crowd);
}

static void a_small_base_is_its_own_sample(void **state)
{
    (void)state;
    struct dealt_customer *crowd = a_crowd(500, 5);
    struct deal deal = {crowd, 500, 4, POPULATION_SAMPLE, 0};
    struct population *population = whole_population(&deal, WHOLE);
    assert_same_rows(rows_of(population), sample_of(population));
    population_destroy(&population);
    free(crowd);
}

static void a_sample_that_is_not_whole_is_said(void **state)
{
    (void)state;
    struct dealt_customer *crowd = a_crowd(70000, 6);
    /* too few: cut shards hold fewer than are wanted; and more, but not the smallest of all */
    const uint32_t too_small[] = {100, POPULATION_SAMPLE / 4 + 5};
    for (size_t i = 0; i < 2; i++) {
        struct deal deal = {crowd, 70000, 4, too_small[i], 0};
        struct said said;
        int end;
        said_begin(&said);
        struct population *population = population_of(&deal, WHOLE, &end);
        said_end(&said);
        assert_int_equal(end, STATUS_BUG);
        assert_non_null(strstr(said.text, "--shards"));
        population_destroy(&population);
    }
    free(crowd);
}

/* ---- limits ---- */

static void money_that_does_not_fit_is_an_answer(void **state)
{
    (void)state;
    struct population *population;
    struct gathered most = {.gross = INT64_MAX}, one = {.gross = 1};
    struct gathered sent = {.tallies.refunds = {1, INT64_MIN}}, back = {.tallies.refunds = {1, -1}};
    assert_int_equal(population_new(&population), 0);
    assert_int_equal(population_add(population, &most, 1, NULL), 0);
    assert_int_equal(population_add(population, &one, 1, NULL), POPULATION_E_OVERFLOW);
    population_destroy(&population);
    assert_int_equal(population_new(&population), 0);
    assert_int_equal(population_add(population, &sent, 1, NULL), 0);
    assert_int_equal(population_add(population, &back, 1, NULL), POPULATION_E_OVERFLOW);
    population_destroy(&population);
}

static void more_purchases_than_a_key_holds_count_as_the_most_it_does(void **state)
{
    (void)state;
    const struct dealt_customer crowd[] = {
        {.id = "a", .x = 1048575, .span_days = 2000000, .age_days = 2000000},
        {.id = "b", .x = 1048576, .span_days = 2000000, .age_days = 2000000},
    };
    struct deal deal = {crowd, 2, 1, 10, 0};
    struct population *population = whole_population(&deal, WHOLE);
    const struct fit_row want = {1048575, 2000000, 2000000, 2};
    assert_same_rows(rows_of(population), (struct table){&want, 1});
    population_destroy(&population);
}

static void groups_that_promise_other_values_than_came_are_said(void **state)
{
    (void)state;
    struct population *population;
    const uint16_t length[] = {1};
    const uint32_t n[] = {3};
    const int64_t per_unit[] = {1, 2};
    struct gathered part = {.n_groups = 1,
                            .group_length = length,
                            .group_names = "g",
                            .group_n = n,
                            .per_unit = per_unit,
                            .n_peers = 2};
    struct said said;
    assert_int_equal(population_new(&population), 0);
    assert_int_equal(population_add(population, &part, 1, NULL), 0);
    said_begin(&said);
    int r = population_end(population, NULL);
    said_end(&said);
    assert_int_equal(r, STATUS_BUG);
    assert_non_null(strstr(said.text, "3 values, and 2"));
    population_destroy(&population);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_same_however_the_customers_are_dealt),
        cmocka_unit_test(it_is_the_same_whoever_adds),
        cmocka_unit_test(it_is_the_same_by_way_of_the_wire),
        cmocka_unit_test(equal_histories_are_one_row_with_their_number),
        cmocka_unit_test(who_only_ever_sent_back_is_counted_and_nothing_else),
        cmocka_unit_test(the_inactive_are_fitted_and_not_in_the_base),
        cmocka_unit_test(nobody_is_a_population_too),
        cmocka_unit_test(the_sample_is_those_with_the_smallest_second_hash),
        cmocka_unit_test(a_shards_sample_may_come_in_many_parts),
        cmocka_unit_test(a_small_base_is_its_own_sample),
        cmocka_unit_test(a_sample_that_is_not_whole_is_said),
        cmocka_unit_test(money_that_does_not_fit_is_an_answer),
        cmocka_unit_test(more_purchases_than_a_key_holds_count_as_the_most_it_does),
        cmocka_unit_test(groups_that_promise_other_values_than_came_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
