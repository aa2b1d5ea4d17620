/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_digest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/raw_message.h"
#include "support/wire_samples.h"

struct scene {
    struct arena *arena, *own;
    struct chance chance;
    struct parcel parcel; /* with an envelope */
};

static int begin(void **state)
{
    static struct scene scene;
    scene = (struct scene){
        .arena = arena_new((size_t)256 << 20), .own = arena_new((size_t)256 << 20), .chance = {11}};
    *state = &scene;
    return wire_letter_put(&(struct letter){.kind = LETTER_RESULT}, &scene.parcel);
}

static int end(void **state)
{
    struct scene *scene = *state;
    parcel_clear(&scene->parcel);
    arena_destroy(&scene->arena);
    arena_destroy(&scene->own);
    return 0;
}

static void drop_payload(struct scene *scene)
{
    while (scene->parcel.n > 1)
        part_release(&scene->parcel.part[--scene->parcel.n]);
    arena_reset(scene->own);
}

static size_t total(const uint16_t *lengths, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lengths[i];
    return sum;
}

static void same_head(const struct gathered *got, const struct gathered *want)
{
    assert_int_equal(got->customers, want->customers);
    assert_int_equal(got->refund_only, want->refund_only);
    assert_memory_equal(&got->tallies, &want->tallies, sizeof got->tallies);
    assert_int_equal(got->gross, want->gross);
    assert_int_equal(got->purchase_days, want->purchase_days);
}

/* How much of each list the parts before have brought. */
struct place {
    size_t triples, recencies, frequencies, spenders, samples, gaps, base, base_ids, groups, names,
        peers;
};

/* The next n of a list are those of the whole from there on. */
#define GOES_ON(list, from, n)                                                                     \
    do {                                                                                           \
        if ((n) > 0)                                                                               \
            assert_memory_equal(got->list, want->list + (from), (n) * sizeof *want->list);         \
    } while (0)

static void trials_go_on(const struct gathered *got, const struct gathered *want, size_t at)
{
    assert_int_equal(got->n_trials, want->n_trials > 0 ? got->n_samples : 0);
    GOES_ON(trial_spent, at, got->n_trials);
    for (int t = 0; t < TRIALS; t++) {
        GOES_ON(trial[t].days, at, got->n_trials);
        GOES_ON(trial[t].span, at, got->n_trials);
        GOES_ON(trial[t].age, at, got->n_trials);
        GOES_ON(trial[t].spent, at, got->n_trials);
        GOES_ON(trial[t].came, at, got->n_trials);
    }
}

static void lists_go_on(const struct gathered *got, const struct gathered *want, struct place *at)
{
    GOES_ON(triple_x, at->triples, got->n_triples);
    GOES_ON(triple_span, at->triples, got->n_triples);
    GOES_ON(triple_age, at->triples, got->n_triples);
    GOES_ON(triple_n, at->triples, got->n_triples);
    at->triples += got->n_triples;
    GOES_ON(recency, at->recencies, got->n_recencies);
    GOES_ON(recency_n, at->recencies, got->n_recencies);
    at->recencies += got->n_recencies;
    GOES_ON(frequency, at->frequencies, got->n_frequencies);
    GOES_ON(frequency_n, at->frequencies, got->n_frequencies);
    at->frequencies += got->n_frequencies;
    GOES_ON(spender_x, at->spenders, got->n_spenders);
    GOES_ON(spender_repeat_spend, at->spenders, got->n_spenders);
    at->spenders += got->n_spenders;
    GOES_ON(sample_hash, at->samples, got->n_samples);
    GOES_ON(sample_x, at->samples, got->n_samples);
    GOES_ON(sample_span, at->samples, got->n_samples);
    GOES_ON(sample_age, at->samples, got->n_samples);
    GOES_ON(sample_log_gap, at->samples, got->n_samples);
    trials_go_on(got, want, at->samples);
    at->samples += got->n_samples;
    GOES_ON(gap, at->gaps, got->n_gaps);
    GOES_ON(gap_n, at->gaps, got->n_gaps);
    at->gaps += got->n_gaps;
}

static void base_goes_on(const struct gathered *got, const struct gathered *want, struct place *at)
{
    GOES_ON(monetary, at->base, got->base);
    assert_true((got->base_id_length != NULL) == (want->base_id_length != NULL && got->base > 0));
    if (got->base_id_length) {
        GOES_ON(base_id_length, at->base, got->base);
        GOES_ON(base_recency, at->base, got->base);
        GOES_ON(base_frequency, at->base, got->base);
        assert_int_equal(got->base_ids_size, total(got->base_id_length, got->base));
        GOES_ON(base_ids, at->base_ids, got->base_ids_size);
        at->base_ids += got->base_ids_size;
    }
    at->base += got->base;
    size_t names = total(got->group_length, got->n_groups);
    GOES_ON(group_length, at->groups, got->n_groups);
    GOES_ON(group_n, at->groups, got->n_groups);
    GOES_ON(group_names, at->names, names);
    at->groups += got->n_groups;
    at->names += names;
    GOES_ON(per_unit, at->peers, got->n_peers);
    at->peers += got->n_peers;
}

static void all_has_come(const struct place *at, const struct gathered *want)
{
    assert_int_equal(at->triples, want->n_triples);
    assert_int_equal(at->recencies, want->n_recencies);
    assert_int_equal(at->frequencies, want->n_frequencies);
    assert_int_equal(at->spenders, want->n_spenders);
    assert_int_equal(at->samples, want->n_samples);
    assert_int_equal(at->gaps, want->n_gaps);
    assert_int_equal(at->base, want->base);
    assert_int_equal(at->base_ids, want->base_id_length ? want->base_ids_size : 0);
    assert_int_equal(at->groups, want->n_groups);
    assert_int_equal(at->peers, want->n_peers);
}

static void goes_round(struct scene *scene, const struct gathered *want)
{
    struct place at = {0};
    assert_int_equal(wire_gathered_put(want, scene->arena, &scene->parcel), 0);
    assert_true(scene->parcel.n > 1);
    for (size_t i = 1; i < scene->parcel.n; i++) {
        struct gathered got;
        arena_reset(scene->arena);
        assert_true(scene->parcel.part[i].size <= LINE_PART_LIMIT);
        assert_int_equal(wire_gathered_read(&scene->parcel, i, scene->arena, &got), 0);
        same_head(&got, i == 1 ? want : &(struct gathered){.customers = 0});
        lists_go_on(&got, want, &at);
        assert_int_equal(got.sample_cut,
                         want->sample_cut && got.n_samples > 0 && at.samples == want->n_samples);
        base_goes_on(&got, want, &at);
    }
    all_has_come(&at, want);
}

static void the_digest_of_nobody_goes_round_in_one_part(void **state)
{
    struct scene *scene = *state;
    goes_round(scene, &(struct gathered){.customers = 0});
    assert_int_equal(scene->parcel.n, 2);
}

static void random_digests_go_round(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 300; i++) {
        struct gathered gathered = wire_sample_gathered(&scene->chance, scene->own, 80);
        goes_round(scene, &gathered);
        assert_int_equal(scene->parcel.n, 2);
        drop_payload(scene);
    }
}

static void digests_of_several_parts_go_round(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 6; i++) {
        struct gathered gathered = wire_sample_gathered(&scene->chance, scene->own, 60000);
        goes_round(scene, &gathered);
        drop_payload(scene);
    }
}

static void a_list_that_ends_with_a_part_begins_no_other(void **state)
{
    struct scene *scene = *state;
    static const size_t sizes[] = {16383, 16384, 16385, 32768};
    for (size_t i = 0; i < 4; i++) {
        struct gathered gathered = {0};
        int32_t *days = arena_take(scene->own, sizes[i] * sizeof *days);
        uint32_t *n = arena_take(scene->own, sizes[i] * sizeof *n);
        for (size_t k = 0; k < sizes[i]; k++) {
            days[k] = 1 + (int32_t)k;
            n[k] = 1;
        }
        gathered.n_gaps = sizes[i];
        gathered.gap = days;
        gathered.gap_n = n;
        goes_round(scene, &gathered);
        assert_int_equal(scene->parcel.n, 1 + (sizes[i] + 16383) / 16384);
        drop_payload(scene);
    }
}

/* Ids may have 4,096 bytes, and one of them among short ones must not make many parts. */
static void long_ids_go_round_in_parts_that_a_line_takes(void **state)
{
    struct scene *scene = *state;
    for (int every = 1; every < 10000; every += 9990) {
        struct gathered gathered = {.base = 9999, .base_recency = NULL};
        uint16_t *length = arena_take(scene->own, 9999 * sizeof *length);
        void *zeros = arena_take(scene->own, 9999 * sizeof(int64_t));
        memset(zeros, 0, 9999 * sizeof(int64_t));
        for (int i = 0; i < 9999; i++)
            length[i] = i % every == 0 ? 4096 : 8;
        gathered.base_ids_size = total(length, 9999);
        char *ids = arena_take(scene->own, gathered.base_ids_size);
        for (size_t i = 0; i < gathered.base_ids_size; i++)
            ids[i] = (char)(i * i >> 3);
        gathered.base_id_length = length;
        gathered.base_ids = ids;
        gathered.base_recency = gathered.gap = zeros;
        gathered.base_frequency = zeros;
        gathered.monetary = zeros;
        goes_round(scene, &gathered);
        assert_true(every == 1 || scene->parcel.n == 2);
        drop_payload(scene);
    }
}

static void long_names_of_groups_go_round_in_parts_that_a_line_takes(void **state)
{
    struct scene *scene = *state;
    enum { GROUPS = 500, LENGTH = 50000 };
    uint16_t *length = arena_take(scene->own, GROUPS * sizeof *length);
    uint32_t *n = arena_take(scene->own, GROUPS * sizeof *n);
    char *names = arena_take(scene->own, (size_t)GROUPS * LENGTH);
    memset(names, 'n', (size_t)GROUPS * LENGTH);
    for (int i = 0; i < GROUPS; i++) {
        length[i] = LENGTH;
        n[i] = 1;
    }
    struct gathered gathered = {
        .n_groups = GROUPS, .group_length = length, .group_names = names, .group_n = n};
    goes_round(scene, &gathered);
}

static void equal_digests_are_equal_bytes(void **state)
{
    struct scene *scene = *state;
    struct parcel again = {.n = 0};
    struct gathered gathered = wire_sample_gathered(&scene->chance, scene->own, 40000);
    assert_int_equal(wire_gathered_put(&gathered, scene->arena, &scene->parcel), 0);
    assert_int_equal(wire_gathered_put(&gathered, scene->arena, &again), 0);
    assert_true(digest_same(wire_digest(&scene->parcel, 1), wire_digest(&again, 0)));
    parcel_clear(&again);
}

/* Hashes of so many bytes, and sums of logarithms of so many. */
static void put_sample(struct raw_message *raw, double log_gap, size_t hashes, size_t log_gaps)
{
    const double both[] = {log_gap, log_gap, log_gap};
    raw_bytes(raw, 26, "1234567890123456789", hashes);
    raw_bytes(raw, 50, both, log_gaps);
}

/* Whether a digest with this one entry of a triple (field 11) or a sample (27) can be. */
static int answer_to_triple(struct scene *scene, uint32_t field, int64_t x, int64_t span,
                            int64_t age)
{
    struct gathered got;
    struct raw_message raw = {.size = 0};
    raw_number(&raw, field == 11 ? 10 : 25, 1);
    raw_flat_column(&raw, field, x);
    raw_flat_column(&raw, field + 1, span);
    raw_flat_column(&raw, field + 2, age);
    if (field == 11)
        raw_flat_column(&raw, 14, 1);
    else
        put_sample(&raw, 0, 8, sizeof(double));
    struct parcel parcel = raw_parcel(raw.bytes, raw.size);
    return wire_gathered_read(&parcel, 1, scene->arena, &got);
}

static void triples_that_no_calendar_allows_are_malformed(void **state)
{
    for (uint32_t field = 11; field <= 27; field += 16) {
        assert_int_equal(answer_to_triple(*state, field, 0, 0, 0), 0);
        assert_int_equal(answer_to_triple(*state, field, 5, 5, 5), 0);
        assert_int_equal(answer_to_triple(*state, field, 1, 3652059, 3652059), 0);
        assert_int_equal(answer_to_triple(*state, field, 6, 5, 5), WIRE_E_MALFORMED);
        assert_int_equal(answer_to_triple(*state, field, 1, 6, 5), WIRE_E_MALFORMED);
        assert_int_equal(answer_to_triple(*state, field, 0, -1, 5), WIRE_E_MALFORMED);
        assert_int_equal(answer_to_triple(*state, field, -1, 5, 5), WIRE_E_MALFORMED);
        assert_int_equal(answer_to_triple(*state, field, 1, 2, 3652060), WIRE_E_MALFORMED);
    }
}

/* A gap has a day at least and the days of a calendar at most. */
static void gaps_that_no_calendar_allows_are_malformed(void **state)
{
    struct scene *scene = *state;
    static const struct {
        int32_t day;
        double log;
        int answer;
    } row[] = {{1, 0, 0},
               {3652059, 2 * 16.0, 0},
               {0, 1, WIRE_E_MALFORMED},
               {3652060, 1, WIRE_E_MALFORMED},
               {1, -1e-9, WIRE_E_MALFORMED},
               {1, 32.1, WIRE_E_MALFORMED},
               {1, NAN, WIRE_E_MALFORMED}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct gathered got;
        struct raw_message raw = {.size = 0};
        raw_number(&raw, 25, 1);
        put_sample(&raw, row[i].log, 8, sizeof(double));
        raw_flat_column(&raw, 27, 2);
        raw_flat_column(&raw, 28, 9);
        raw_flat_column(&raw, 29, 9);
        raw_number(&raw, 31, 1);
        raw_flat_column(&raw, 32, row[i].day);
        raw_flat_column(&raw, 33, 1);
        struct parcel parcel = raw_parcel(raw.bytes, raw.size);
        assert_int_equal(wire_gathered_read(&parcel, 1, scene->arena, &got), row[i].answer);
    }
}

static void a_sample_without_its_hash_is_malformed(void **state)
{
    struct scene *scene = *state;
    for (size_t size = 0; size < 20; size++) {
        struct gathered got;
        struct raw_message raw = {.size = 0};
        raw_number(&raw, 25, 2);
        put_sample(&raw, 0, size < 10 ? 16 : size, size < 10 ? size * 2 : 16);
        raw_flat_column(&raw, 27, 0);
        raw_flat_column(&raw, 28, 0);
        raw_flat_column(&raw, 29, 0);
        struct parcel parcel = raw_parcel(raw.bytes, raw.size);
        assert_int_equal(wire_gathered_read(&parcel, 1, scene->arena, &got),
                         size == 16 || size == 8 ? 0 : WIRE_E_MALFORMED);
    }
}

static void names_that_do_not_add_up_are_malformed(void **state)
{
    struct scene *scene = *state;
    for (int64_t length = 0; length < 5; length++) {
        struct gathered got;
        struct raw_message raw = {.size = 0};
        raw_number(&raw, 34, 2);
        raw_flat_column(&raw, 35, length);
        raw_bytes(&raw, 36, "abcdef", 6);
        raw_flat_column(&raw, 37, 1);
        struct parcel parcel = raw_parcel(raw.bytes, raw.size);
        assert_int_equal(wire_gathered_read(&parcel, 1, scene->arena, &got),
                         length == 3 ? 0 : WIRE_E_MALFORMED);
    }
}

static void ids_without_their_recency_are_malformed(void **state)
{
    struct scene *scene = *state;
    for (uint32_t without = 41; without <= 44; without++) {
        struct gathered got;
        struct raw_message raw = {.size = 0};
        raw_number(&raw, 3, 2);
        raw_flat_column(&raw, 21, 100);
        raw_flat_column(&raw, 40, 1);
        if (without != 41)
            raw_bytes(&raw, 41, "ab", 2);
        if (without != 42)
            raw_flat_column(&raw, 42, 7);
        if (without != 43)
            raw_flat_column(&raw, 43, 7);
        struct parcel parcel = raw_parcel(raw.bytes, raw.size);
        assert_int_equal(wire_gathered_read(&parcel, 1, scene->arena, &got),
                         without == 44 ? 0 : WIRE_E_MALFORMED);
    }
}

static void a_count_without_its_column_is_malformed(void **state)
{
    struct scene *scene = *state;
    static const uint32_t counts[] = {3, 10, 15, 18, 22, 25, 31, 34, 39};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct gathered got;
        struct raw_message raw = {.size = 0};
        raw_number(&raw, counts[i], 1);
        struct parcel parcel = raw_parcel(raw.bytes, raw.size);
        assert_int_equal(wire_gathered_read(&parcel, 1, scene->arena, &got), WIRE_E_MALFORMED);
    }
}

#define in_a_letter(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_letter(the_digest_of_nobody_goes_round_in_one_part),
        in_a_letter(random_digests_go_round),
        in_a_letter(digests_of_several_parts_go_round),
        in_a_letter(a_list_that_ends_with_a_part_begins_no_other),
        in_a_letter(long_ids_go_round_in_parts_that_a_line_takes),
        in_a_letter(long_names_of_groups_go_round_in_parts_that_a_line_takes),
        in_a_letter(equal_digests_are_equal_bytes),
        in_a_letter(triples_that_no_calendar_allows_are_malformed),
        in_a_letter(gaps_that_no_calendar_allows_are_malformed),
        in_a_letter(a_sample_without_its_hash_is_malformed),
        in_a_letter(names_that_do_not_add_up_are_malformed),
        in_a_letter(ids_without_their_recency_are_malformed),
        in_a_letter(a_count_without_its_column_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
