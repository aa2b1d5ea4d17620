/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/put_score_rows.h"
#include "support/wire_samples.h"

#define MOST 30000

struct scene {
    struct arena *arena;
    struct chance chance;
    struct parcel parcel; /* payload only */
    struct score_row row[MOST];
    uint16_t id_length[MOST];
    char *ids;
    size_t n;
};

static int begin(void **state)
{
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new((size_t)256 << 20);
    scene.chance.state = 13;
    *state = &scene;
    return 0;
}

static void drop(struct scene *scene)
{
    parcel_clear(&scene->parcel);
    free(scene->ids);
    scene->ids = NULL;
}

static int end(void **state)
{
    struct scene *scene = *state;
    drop(scene);
    arena_destroy(&scene->arena);
    return 0;
}

/* n rows whose ids have from least to least + 9 bytes. */
static void fill(struct scene *scene, size_t n, size_t least)
{
    size_t size = 0;
    scene->n = n;
    for (size_t i = 0; i < n; i++) {
        scene->row[i] = wire_sample_score(&scene->chance);
        scene->id_length[i] = (uint16_t)(least + chance_below(&scene->chance, 10));
        size += scene->id_length[i];
    }
    scene->ids = malloc(size + 1);
    assert_non_null(scene->ids);
    for (size_t i = 0; i < size; i++)
        scene->ids[i] = (char)chance_next(&scene->chance);
    assert_int_equal(
        put_score_rows(scene->row, scene->ids, scene->id_length, n, scene->arena, &scene->parcel),
        0);
}

static int reads(struct scene *scene, size_t part, struct score_columns *columns)
{
    struct slice bytes = {scene->parcel.part[part].data, scene->parcel.part[part].size};
    arena_reset(scene->arena);
    int checked = wire_scores_check(bytes, scene->arena);
    arena_reset(scene->arena);
    int r = wire_scores_read(bytes, scene->arena, columns);
    assert_int_equal(checked, r);
    return r;
}

static void same_row(const struct score_columns *got, size_t i, const struct score_row *want)
{
    assert_int_equal(got->flags[i], want->flags);
    assert_int_equal(got->first_day[i], want->first_day);
    assert_int_equal(got->last_day[i], want->last_day);
    assert_int_equal(got->purchase_days[i], want->purchase_days);
    assert_int_equal(got->orders[i], want->orders);
    assert_int_equal(got->monetary_total[i], want->monetary_total);
    assert_int_equal(got->spend_365d[i], want->spend_365d);
    for (int metric = 0; metric < RFM_METRICS; metric++)
        assert_int_equal(got->score[metric][i], want->score[metric]);
    assert_int_equal(got->repeat_spend[i], want->repeat_spend);
    assert_memory_equal(&got->p_alive[i], &want->p_alive, sizeof want->p_alive);
    assert_memory_equal(&got->churn_prob[i], &want->churn_prob, sizeof want->churn_prob);
    assert_memory_equal(&got->expected_purchases[i], &want->expected_purchases,
                        sizeof want->expected_purchases);
    assert_int_equal(got->expected_spend[i], want->expected_spend);
    assert_int_equal(got->clv[i], want->clv);
    assert_int_equal(got->clv_if_alive[i], want->clv_if_alive);
    assert_int_equal(got->wallet_basis[i], want->wallet_basis);
    assert_int_equal(got->wallet_group[i], want->wallet_group);
    assert_int_equal(got->wallet_size[i], want->wallet_size);
    assert_int_equal(got->wallet_spend[i], want->wallet_spend);
    assert_int_equal(got->value[i], want->value);
}

static void goes_round(struct scene *scene)
{
    size_t at = 0, ids = 0;
    for (size_t part = 0; part < scene->parcel.n; part++) {
        struct score_columns got;
        assert_true(scene->parcel.part[part].size <= LINE_PART_LIMIT);
        assert_int_equal(reads(scene, part, &got), 0);
        assert_true(got.n <= SCORES_PER_PART && at + got.n <= scene->n);
        const char *id = got.ids;
        for (size_t i = 0; i < got.n; i++, at++) {
            same_row(&got, i, &scene->row[at]);
            assert_int_equal(got.id_length[i], scene->id_length[at]);
            if (got.id_length[i] > 0)
                assert_memory_equal(id, scene->ids + ids, got.id_length[i]);
            id += got.id_length[i];
            ids += got.id_length[i];
        }
    }
    assert_int_equal(at, scene->n);
}

static void no_rows_go_round_in_one_part(void **state)
{
    struct scene *scene = *state;
    fill(scene, 0, 1);
    assert_int_equal(scene->parcel.n, 1);
    goes_round(scene);
}

static void rows_go_round(void **state)
{
    struct scene *scene = *state;
    for (size_t n = 1; n < 300; n += 7) {
        fill(scene, n, 0);
        assert_int_equal(scene->parcel.n, 1);
        goes_round(scene);
        drop(scene);
    }
}

static void more_rows_than_a_part_holds_go_round(void **state)
{
    struct scene *scene = *state;
    static const size_t sizes[] = {8191, 8192, 8193, 16384, MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        fill(scene, sizes[i], 4);
        assert_int_equal(scene->parcel.n, (sizes[i] + SCORES_PER_PART - 1) / SCORES_PER_PART);
        goes_round(scene);
        drop(scene);
    }
}

static void rows_with_the_longest_ids_go_round_in_parts_that_a_line_takes(void **state)
{
    struct scene *scene = *state;
    fill(scene, 5000, 4087);
    goes_round(scene);
    assert_true(scene->parcel.n < 60);
}

/* Part 0 of one row with a change to it. */
static int answer_to(struct scene *scene, struct score_row row)
{
    struct score_columns got;
    static const uint16_t id_length = 1;
    parcel_clear(&scene->parcel);
    assert_int_equal(put_score_rows(&row, "a", &id_length, 1, scene->arena, &scene->parcel), 0);
    return reads(scene, 0, &got);
}

static void probabilities_beyond_their_ends_are_malformed(void **state)
{
    struct scene *scene = *state;
    static const double bad[] = {-1e-300, 1.0000000000000002, (double)NAN, (double)INFINITY,
                                 -(double)INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct score_row row = wire_sample_score(&scene->chance);
        assert_int_equal(answer_to(scene, row), 0);
        row.p_alive = bad[i];
        assert_int_equal(answer_to(scene, row), WIRE_E_MALFORMED);
        row.p_alive = 1;
        row.churn_prob = bad[i];
        assert_int_equal(answer_to(scene, row), WIRE_E_MALFORMED);
    }
}

static void expectations_that_are_no_number_are_malformed(void **state)
{
    struct scene *scene = *state;
    static const double bad[] = {-1e-300, 1.1e300, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct score_row row = wire_sample_score(&scene->chance);
        row.expected_purchases = bad[i];
        assert_int_equal(answer_to(scene, row), WIRE_E_MALFORMED);
    }
}

static void days_that_no_calendar_has_are_malformed(void **state)
{
    struct scene *scene = *state;
    static const int32_t good[] = {-719162, 0, 2932896},
                         bad[] = {INT32_MIN, -719163, 2932897, INT32_MAX};
    struct score_row row = wire_sample_score(&scene->chance);
    for (int i = 0; i < 3; i++) {
        row.first_day = row.last_day = good[i];
        assert_int_equal(answer_to(scene, row), 0);
    }
    for (int i = 0; i < 4; i++) {
        row.first_day = bad[i];
        row.last_day = 0;
        assert_int_equal(answer_to(scene, row), WIRE_E_MALFORMED);
        row.first_day = 0;
        row.last_day = bad[i];
        assert_int_equal(answer_to(scene, row), WIRE_E_MALFORMED);
    }
}

static void a_score_that_is_no_digit_is_malformed(void **state)
{
    struct scene *scene = *state;
    struct score_row row = wire_sample_score(&scene->chance);
    row.score[RFM_MONETARY] = 256;
    assert_int_equal(answer_to(scene, row), WIRE_E_MALFORMED);
    row.score[RFM_MONETARY] = -1;
    assert_int_equal(answer_to(scene, row), WIRE_E_MALFORMED);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Every byte of a part made another: it is refused, or it reads in all ways alike. */
static void a_part_with_a_wrong_byte_is_refused_or_read(void **state)
{
    struct scene *scene = *state;
    fill(scene, 40, 3);
    unsigned char *bytes = scene->parcel.part[0].data;
    size_t refused = 0, size = scene->parcel.part[0].size;
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct score_columns all, worth;
            bytes[i] ^= (unsigned char)(1 << bit);
            int r = reads(scene, 0, &all);
            refused += r != 0;
            if (r == 0) {
                assert_int_equal(
                    wire_scores_read_worth((struct slice){bytes, size}, scene->arena, &worth), 0);
                assert_int_equal(worth.n, all.n);
                for (size_t k = 0; k < all.n; k++)
                    assert_true(worth.value[k] == all.value[k] && worth.flags[k] == all.flags[k] &&
                                bits_of(worth.churn_prob[k]) == bits_of(all.churn_prob[k]));
            }
            bytes[i] ^= (unsigned char)(1 << bit);
        }
    assert_true(refused > 0);
    drop(scene);
}

static void an_empty_part_is_no_rows(void **state)
{
    struct scene *scene = *state;
    struct score_columns got;
    assert_int_equal(wire_scores_read((struct slice){"", 0}, scene->arena, &got), 0);
    assert_int_equal(got.n, 0);
}

#define in_a_scene(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(no_rows_go_round_in_one_part),
        in_a_scene(rows_go_round),
        in_a_scene(more_rows_than_a_part_holds_go_round),
        in_a_scene(rows_with_the_longest_ids_go_round_in_parts_that_a_line_takes),
        in_a_scene(probabilities_beyond_their_ends_are_malformed),
        in_a_scene(expectations_that_are_no_number_are_malformed),
        in_a_scene(days_that_no_calendar_has_are_malformed),
        in_a_scene(a_score_that_is_no_digit_is_malformed),
        in_a_scene(a_part_with_a_wrong_byte_is_refused_or_read),
        in_a_scene(an_empty_part_is_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
