/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/money.h"
#include "support/assert.h"
#include "support/namesakes.h"
#include "support/shard.h"
#include "worker/block.h"

#define ROUNDS 150

static struct fold *a_fold(size_t pending)
{
    struct fold *fold;
    assert_int_equal(fold_new(pending, &fold), 0);
    return fold;
}

/* Feeds rows from..to in chunks of 1 to most rows. */
static int feed(struct fold *fold, const struct shard *shard, size_t most, struct chance *chance)
{
    int r = 0;
    for (size_t from = 0, n; r == 0 && from < shard->n; from += n) {
        n = 1 + chance_below(chance, most);
        n = n < shard->n - from ? n : shard->n - from;
        struct purchase_rows rows = shard_columns(shard, from, n);
        r = fold_rows(fold, &rows);
        shard_columns_free(&rows);
    }
    return r;
}

static const struct histories *folded(struct fold *fold, const struct shard *shard, size_t most,
                                      struct chance *chance)
{
    const struct histories *got;
    fold_begin(fold);
    assert_int_equal(feed(fold, shard, most, chance), 0);
    assert_int_equal(fold_end(fold, &got), 0);
    return got;
}

static struct slice block_of(const struct histories *histories)
{
    static const struct digest segment = {1, 2};
    struct slice bytes;
    assert_int_equal(block_write(histories, &segment, 1, &bytes), 0);
    return bytes;
}

static void forget(struct slice *bytes)
{
    free((void *)(uintptr_t)bytes->data);
}

static void nobody_folds_to_nothing(void **state)
{
    (void)state;
    struct chance chance = {1};
    struct fold *fold = a_fold(FOLD_PENDING);
    const struct histories *got = folded(fold, &(struct shard){.n = 0}, 1, &chance);
    assert_int_equal(got->n, 0);
    assert_int_equal(got->n_lines, 0);
    assert_int_equal(got->line_first[0], 0);
    fold_destroy(&fold);
    fold_destroy(&fold);
}

static void folding_is_what_the_plainest_way_does(void **state)
{
    (void)state;
    struct chance chance = {2};
    struct fold *fold = a_fold(FOLD_PENDING);
    for (int i = 0; i < ROUNDS; i++) {
        struct shard shard = {.has_order = i & 1};
        shard_fill(&shard, chance_below(&chance, i % 10 ? 120 : 900), &chance);
        struct histories want = shard_histories(&shard);
        shard_same(folded(fold, &shard, 200, &chance), &want);
        histories_free(&want);
        shard_free(&shard);
    }
    fold_destroy(&fold);
}

static void the_order_of_rows_and_the_cut_of_chunks_change_nothing(void **state)
{
    (void)state;
    struct chance chance = {3};
    struct fold *fold = a_fold(FOLD_PENDING);
    for (int i = 0; i < 20; i++) {
        struct shard shard = {.has_order = i & 1};
        shard_fill(&shard, 400, &chance);
        struct slice first = block_of(folded(fold, &shard, 400, &chance));
        for (size_t most = 1; most < 500; most *= 3) {
            shard_shuffle(&shard, &chance);
            struct slice again = block_of(folded(fold, &shard, most, &chance));
            assert_int_equal(again.size, first.size);
            assert_memory_equal(again.data, first.data, first.size);
            forget(&again);
        }
        forget(&first);
        shard_free(&shard);
    }
    fold_destroy(&fold);
}

static void settling_in_the_middle_changes_nothing(void **state)
{
    (void)state;
    struct chance chance = {4};
    static const size_t pendings[] = {0, 1, 2, 7, 60, 350};
    for (size_t p = 0; p < sizeof pendings / sizeof pendings[0]; p++) {
        struct fold *fold = a_fold(pendings[p]);
        for (int i = 0; i < 12; i++) {
            struct shard shard = {.has_order = i & 1};
            shard_fill(&shard, 300, &chance);
            struct histories want = shard_histories(&shard);
            shard_same(folded(fold, &shard, 1 + chance_below(&chance, 90), &chance), &want);
            histories_free(&want);
            shard_free(&shard);
        }
        fold_destroy(&fold);
    }
}

static void rows_of_one_customer_and_day_are_one_line(void **state)
{
    (void)state;
    struct chance chance = {5};
    struct shard shard = {.n = 0};
    struct fold *fold = a_fold(FOLD_PENDING);
    static const int64_t amounts[] = {500, 0, -120, 700, -1};
    for (size_t i = 0; i < 5; i++)
        shard_add(&shard, "a", 1, (struct shard_row){.day = 10, .amount = amounts[i]});
    const struct histories *got = folded(fold, &shard, 2, &chance);
    assert_int_equal(got->n, 1);
    assert_int_equal(got->n_lines, 1);
    assert_int_equal(got->bought[0], 1200);
    assert_int_equal(got->purchases[0], 3);
    assert_int_equal(got->returned[0], -121);
    assert_int_equal(got->refunds[0], 2);
    shard_free(&shard);
    fold_destroy(&fold);
}

/* Amounts next to what a word of the sheaf holds, of one customer and in every way together. */
static void amounts_of_every_size_add_up(void **state)
{
    (void)state;
    static const int64_t edge = INT64_C(1) << 40;
    const int64_t amounts[] = {
        edge - 1,         edge, edge + 1, 2 * edge - 1, 2 * edge,  -edge - 1,       -edge + 1,
        -MONEY_ROW_LIMIT, -1,   0,        -edge,        -2 * edge, MONEY_ROW_LIMIT, 7};
    enum { N = sizeof amounts / sizeof amounts[0] };
    struct chance chance = {11};
    struct fold *fold = a_fold(FOLD_PENDING);
    for (unsigned which = 0; which < 1u << N; which += 1 + (unsigned)chance_below(&chance, 40)) {
        struct shard shard = {.has_order = (int)(which & 1)};
        for (unsigned i = 0; i < N; i++)
            if (which >> i & 1)
                shard_add(
                    &shard, &"ab" [i % 2], 1,
                    (struct shard_row) { .day = (int32_t)(i % 3), .amount = amounts[i] });
        struct histories want = shard_histories(&shard);
        shard_same(folded(fold, &shard, 4, &chance), &want);
        histories_free(&want);
        shard_free(&shard);
    }
    fold_destroy(&fold);
}

/* From few of a customer's rows to many, none of which are in their order. */
static void days_are_sorted_however_many_a_customer_has(void **state)
{
    (void)state;
    struct chance chance = {12};
    struct fold *fold = a_fold(FOLD_PENDING);
    for (size_t n = 1; n < 80; n++) {
        struct shard shard = {.has_order = (int)(n & 1)};
        int32_t span = n % 3 ? 40 : 3000000; /* one byte of a day, and all of them */
        for (size_t i = 0; i < n; i++)
            shard_add(&shard, "a", 1,
                      (struct shard_row){.day = (int32_t)chance_below(&chance, (uint64_t)span) -
                                                (span > 40 ? 700000 : 0),
                                         .amount = (int64_t)i - 3,
                                         .order = shard.has_order ? chance_below(&chance, 3) : 0});
        struct histories want = shard_histories(&shard);
        shard_same(folded(fold, &shard, 9, &chance), &want);
        histories_free(&want);
        shard_free(&shard);
    }
    fold_destroy(&fold);
}

#define CHUNK 40

/* Chunks as two threads leave them that take turns at a ledger in the order of its days; those from
 * disordered on, up to ordered, are in none. */
static void shard_by_turns(struct shard *shard, size_t chunks, size_t disordered, size_t ordered,
                           struct chance *chance)
{
    for (size_t i = 0; i < chunks * CHUNK; i++) {
        size_t chunk = i / CHUNK, turn = chunk / 2;
        char id = (char)('a' + chance_below(chance, 12));
        int32_t day = (int32_t)(turn * 6 + i % CHUNK / 5);
        if (chunk >= disordered && chunk < ordered)
            day = (int32_t)chance_below(chance, 200);
        shard_add(shard, &id, 1,
                  (struct shard_row){.day = day,
                                     .amount = (int64_t)chance_below(chance, 900) - 9,
                                     .order = shard->has_order ? chance_below(chance, 3) : 0});
    }
}

static void chunks_whose_days_rise_and_overlap_are_put_in_order(void **state)
{
    (void)state;
    static const size_t disorder[][2] = {{12, 12}, {6, 12}, {0, 3}, {11, 12}, {1, 2}, {0, 12}};
    struct chance chance = {15};
    struct fold *fold = a_fold(FOLD_PENDING);
    for (size_t i = 0; i < 2 * sizeof disorder / sizeof disorder[0]; i++) {
        struct shard shard = {.has_order = (int)(i & 1)};
        shard_by_turns(&shard, 12, disorder[i / 2][0], disorder[i / 2][1], &chance);
        struct histories want = shard_histories(&shard);
        const struct histories *got;
        fold_begin(fold);
        for (size_t from = 0; from < shard.n; from += CHUNK) {
            struct purchase_rows rows = shard_columns(&shard, from, CHUNK);
            assert_int_equal(fold_rows(fold, &rows), 0);
            shard_columns_free(&rows);
        }
        assert_int_equal(fold_end(fold, &got), 0);
        shard_same(got, &want);
        histories_free(&want);
        shard_free(&shard);
    }
    fold_destroy(&fold);
}

static void rows_of_one_day_and_two_orders_are_two_lines(void **state)
{
    (void)state;
    struct chance chance = {6};
    struct shard shard = {.has_order = 1};
    struct fold *fold = a_fold(FOLD_PENDING);
    static const uint64_t orders[] = {UINT64_MAX, 3, 0, 3, UINT64_MAX};
    for (size_t i = 0; i < 5; i++)
        shard_add(&shard, "a", 1, (struct shard_row){.day = 10, .amount = 1, .order = orders[i]});
    const struct histories *got = folded(fold, &shard, 5, &chance);
    assert_int_equal(got->n_lines, 3);
    assert_int_equal(got->order[0], 0);
    assert_int_equal(got->order[1], 3);
    assert_int_equal(got->order[2], UINT64_MAX);
    assert_int_equal(got->bought[1], 2);
    shard_free(&shard);
    fold_destroy(&fold);
}

static void ids_with_one_hash_stay_different_customers_in_the_order_of_their_bytes(void **state)
{
    (void)state;
    struct chance chance = {7};
    struct namesakes names = namesakes_of(3);
    struct shard shard = {.n = 0};
    struct fold *fold = a_fold(2);
    for (int i = 0; i < 9; i++)
        shard_add(&shard, names.id[i % 3], names.length[i % 3],
                  (struct shard_row){.day = i, .amount = 1 + i % 3});
    const struct histories *got = folded(fold, &shard, 1, &chance);
    assert_int_equal(got->n, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(got->hash[i], names.hash);
        assert_int_equal(got->line_first[i + 1] - got->line_first[i], 3);
    }
    for (uint32_t i = 1; i < 3; i++)
        assert_true(histories_compare(got, i - 1, got, i) < 0);
    shard_free(&shard);
    fold_destroy(&fold);
}

static void a_fold_begun_again_knows_nothing_of_the_shard_before(void **state)
{
    (void)state;
    struct chance chance = {8};
    struct fold *fold = a_fold(20);
    struct shard before = {.has_order = 1}, shard = {.has_order = 0};
    shard_fill(&before, 200, &chance);
    shard_fill(&shard, 100, &chance);
    folded(fold, &before, 30, &chance);
    fold_begin(fold);
    assert_int_equal(feed(fold, &before, 30, &chance), 0); /* left unfinished */
    struct histories want = shard_histories(&shard);
    shard_same(folded(fold, &shard, 30, &chance), &want);
    histories_free(&want);
    shard_free(&before);
    shard_free(&shard);
    fold_destroy(&fold);
}

/* One customer, one day: this many rows of the limit, and one of the rest. */
static struct shard a_sum(int64_t limits, int64_t rest, int sign)
{
    struct shard shard = {.n = 0};
    for (int64_t i = 0; i < limits; i++)
        shard_add(&shard, "rich", 4,
                  (struct shard_row){.day = 3, .amount = sign * MONEY_ROW_LIMIT});
    shard_add(&shard, "rich", 4, (struct shard_row){.day = 3, .amount = sign * rest});
    shard_add(&shard, "poor", 4, (struct shard_row){.day = 3, .amount = 1});
    return shard;
}

#define LIMITS (INT64_MAX / MONEY_ROW_LIMIT)
#define REST   (INT64_MAX % MONEY_ROW_LIMIT)

/* In every order of its rows, settled on the way or not. */
static void answers(struct shard shard, int want)
{
    struct chance chance = {9};
    static const size_t pendings[] = {FOLD_PENDING, 1000};
    for (int i = 0; i < 4; i++) {
        struct fold *fold = a_fold(pendings[i % 2]);
        const struct histories *got;
        int r = feed(fold, &shard, 600, &chance);
        if (r == 0)
            r = fold_end(fold, &got);
        assert_int_equal(r, want);
        if (r != 0) {
            assert_int_equal(fold_culprit(fold).size, 4);
            assert_memory_equal(fold_culprit(fold).data, "rich", 4);
        }
        fold_destroy(&fold);
        shard_shuffle(&shard, &chance);
    }
    shard_free(&shard);
}

static void a_sum_up_to_the_greatest_number_fits_in_any_order(void **state)
{
    (void)state;
    answers(a_sum(LIMITS, REST, 1), 0);
    answers(a_sum(LIMITS, REST, -1), 0);
    answers(a_sum(LIMITS, REST + 1, -1), 0); /* INT64_MIN */
}

static void a_sum_beyond_it_names_the_customer_in_any_order(void **state)
{
    (void)state;
    answers(a_sum(LIMITS, REST + 1, 1), FOLD_E_OVERFLOW);
    answers(a_sum(LIMITS, REST + 2, -1), FOLD_E_OVERFLOW);
}

static int answer_to(const char *id, size_t id_length, int32_t day, int64_t amount)
{
    struct fold *fold = a_fold(FOLD_PENDING);
    uint16_t length = (uint16_t)id_length;
    const struct purchase_rows rows = {1, id, &length, &day, &amount, NULL};
    int r = fold_rows(fold, &rows);
    fold_destroy(&fold);
    return r;
}

static void a_row_that_no_ventilator_sends_is_malformed(void **state)
{
    (void)state;
    static char longest[CUSTOMER_ID_LIMIT + 1];
    assert_int_equal(answer_to("a", 1, 0, 0), 0);
    assert_int_equal(answer_to("", 0, 0, 0), FOLD_E_MALFORMED);
    assert_int_equal(answer_to(longest, CUSTOMER_ID_LIMIT, 0, 0), 0);
    assert_int_equal(answer_to(longest, CUSTOMER_ID_LIMIT + 1, 0, 0), FOLD_E_MALFORMED);
    assert_int_equal(answer_to("a", 1, -719162, 0), 0);
    assert_int_equal(answer_to("a", 1, -719163, 0), FOLD_E_MALFORMED);
    assert_int_equal(answer_to("a", 1, 2932896, 0), 0);
    assert_int_equal(answer_to("a", 1, 2932897, 0), FOLD_E_MALFORMED);
    assert_int_equal(answer_to("a", 1, 0, MONEY_ROW_LIMIT), 0);
    assert_int_equal(answer_to("a", 1, 0, MONEY_ROW_LIMIT + 1), FOLD_E_MALFORMED);
    assert_int_equal(answer_to("a", 1, 0, -MONEY_ROW_LIMIT), 0);
    assert_int_equal(answer_to("a", 1, 0, -MONEY_ROW_LIMIT - 1), FOLD_E_MALFORMED);
}

static void days_at_both_ends_of_the_calendar_are_folded(void **state)
{
    (void)state;
    struct chance chance = {10};
    struct shard shard = {.n = 0};
    struct fold *fold = a_fold(FOLD_PENDING);
    shard_add(&shard, "a", 1, (struct shard_row){.day = 2932896, .amount = 1});
    shard_add(&shard, "a", 1, (struct shard_row){.day = -719162, .amount = 2});
    const struct histories *got = folded(fold, &shard, 2, &chance);
    assert_int_equal(got->day[0], -719162);
    assert_int_equal(got->day[1], 2932896);
    shard_free(&shard);
    fold_destroy(&fold);
}

/* With orders in some rows only, whichever comes first, and whether or not they were settled between. */
static void order_keys_in_some_rows_only_are_malformed(void **state)
{
    (void)state;
    struct chance chance = {11};
    for (int first = 0; first < 2; first++)
        for (size_t pending = 1; pending < 1000; pending += 500) {
            struct fold *fold = a_fold(pending);
            struct shard with = {.has_order = 1}, without = {.has_order = 0};
            shard_fill(&with, 10, &chance);
            shard_fill(&without, 10, &chance);
            assert_int_equal(feed(fold, first ? &with : &without, 10, &chance), 0);
            assert_int_equal(feed(fold, first ? &without : &with, 10, &chance), FOLD_E_MALFORMED);
            shard_free(&with);
            shard_free(&without);
            fold_destroy(&fold);
        }
}

static void a_chunk_of_no_rows_says_nothing_of_orders(void **state)
{
    (void)state;
    struct chance chance = {12};
    struct fold *fold = a_fold(FOLD_PENDING);
    struct shard shard = {.has_order = 1};
    shard_fill(&shard, 50, &chance);
    assert_int_equal(fold_rows(fold, &(struct purchase_rows){.n = 0}), 0);
    assert_int_equal(feed(fold, &shard, 20, &chance), 0);
    assert_int_equal(fold_rows(fold, &(struct purchase_rows){.n = 0}), 0);
    shard_free(&shard);
    fold_destroy(&fold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_folds_to_nothing),
        cmocka_unit_test(folding_is_what_the_plainest_way_does),
        cmocka_unit_test(the_order_of_rows_and_the_cut_of_chunks_change_nothing),
        cmocka_unit_test(settling_in_the_middle_changes_nothing),
        cmocka_unit_test(rows_of_one_customer_and_day_are_one_line),
        cmocka_unit_test(amounts_of_every_size_add_up),
        cmocka_unit_test(days_are_sorted_however_many_a_customer_has),
        cmocka_unit_test(chunks_whose_days_rise_and_overlap_are_put_in_order),
        cmocka_unit_test(rows_of_one_day_and_two_orders_are_two_lines),
        cmocka_unit_test(ids_with_one_hash_stay_different_customers_in_the_order_of_their_bytes),
        cmocka_unit_test(a_fold_begun_again_knows_nothing_of_the_shard_before),
        cmocka_unit_test(a_sum_up_to_the_greatest_number_fits_in_any_order),
        cmocka_unit_test(a_sum_beyond_it_names_the_customer_in_any_order),
        cmocka_unit_test(a_row_that_no_ventilator_sends_is_malformed),
        cmocka_unit_test(days_at_both_ends_of_the_calendar_are_folded),
        cmocka_unit_test(order_keys_in_some_rows_only_are_malformed),
        cmocka_unit_test(a_chunk_of_no_rows_says_nothing_of_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
