/* SPDX-License-Identifier: Apache-2.0 */
/* However the work is spread, whoever comes first, whatever order the rows are in: the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/stage.h"

#define ROWS 4000

static const char *const files[] = {"scores.csv", "tiers.csv", "schema.sql", "model.json"};
#define FILES (sizeof files / sizeof files[0])

/* The undisturbed run of one worker that all others are held against. */
struct wanted {
    char *text[FILES];
    size_t size[FILES];
};

static struct stage_order order_of(const struct stage_ledger *ledger, size_t workers,
                                   uint32_t shards, uint64_t seed)
{
    struct stage_order order = {.workers = workers, .shards = shards, .seed = seed};
    for (size_t i = 0; i < ledger->n; i++)
        order.ledger[i] = ledger->path[i];
    return order;
}

static void take_results(const struct stage *stage, struct wanted *results)
{
    for (size_t i = 0; i < FILES; i++) {
        results->text[i] = stage_result(stage, files[i], &results->size[i]);
        assert_non_null(results->text[i]);
    }
}

static void let_go(struct wanted *results)
{
    for (size_t i = 0; i < FILES; i++)
        free(results->text[i]);
}

static void assert_results(const struct stage *stage, const struct wanted *wanted)
{
    struct wanted got;
    take_results(stage, &got);
    for (size_t i = 0; i < FILES; i++) {
        if (got.size[i] != wanted->size[i] ||
            memcmp(got.text[i], wanted->text[i], got.size[i]) != 0)
            fail_msg("%s has other bytes", files[i]);
    }
    let_go(&got);
}

static int begin(void **state)
{
    static struct wanted wanted;
    struct stage_ledger ledger = stage_ledger_make(ROWS, 1, 0);
    struct stage_order order = order_of(&ledger, 1, 16, 1);
    struct stage *stage = stage_open(&order);
    stage_play(stage);
    take_results(stage, &wanted);
    stage_close(&stage);
    stage_ledger_remove(&ledger);
    *state = &wanted;
    return 0;
}

static int end(void **state)
{
    let_go(*state);
    return 0;
}

static void play_and_compare(const struct stage_order *order, const struct wanted *wanted)
{
    struct stage *stage = stage_open(order);
    stage_play(stage);
    assert_results(stage, wanted);
    stage_close(&stage);
}

static void the_ledger_is_worth_the_trouble(void **state)
{
    const struct wanted *wanted = *state;
    size_t rows = 0;
    for (size_t i = 0; i < wanted->size[0]; i++)
        rows += wanted->text[0][i] == '\n';
    assert_true(rows > 500);
    assert_non_null(strstr(wanted->text[0], "\"a, \"\"quoted\"\" one\""));
    assert_non_null(strstr(wanted->text[0], ",champions,"));
    assert_non_null(strstr(wanted->text[0], ",win_back"));
    assert_non_null(strstr(wanted->text[3], "\"stopped\": \"converged\""));
}

static void any_number_of_workers_and_shards_gives_the_same(void **state)
{
    static const size_t workers[] = {1, 2, 7};
    static const uint32_t shards[] = {1, 16, 256};
    struct stage_ledger ledger = stage_ledger_make(ROWS, 1, 0);
    for (size_t w = 0; w < 3; w++)
        for (size_t s = 0; s < 3; s++) {
            struct stage_order order = order_of(&ledger, workers[w], shards[s], 10 * w + s);
            play_and_compare(&order, *state);
        }
    stage_ledger_remove(&ledger);
}

static void rows_in_any_order_give_the_same(void **state)
{
    for (uint64_t shuffle = 1; shuffle < 4; shuffle++) {
        struct stage_ledger ledger = stage_ledger_make(ROWS, 1, shuffle);
        struct stage_order order = order_of(&ledger, 2, 16, shuffle);
        play_and_compare(&order, *state);
        stage_ledger_remove(&ledger);
    }
}

static void a_ledger_in_three_files_gives_the_same(void **state)
{
    for (uint64_t shuffle = 0; shuffle < 2; shuffle++) {
        struct stage_ledger ledger = stage_ledger_make(ROWS, 3, shuffle);
        struct stage_order order = order_of(&ledger, 2, 64, shuffle);
        play_and_compare(&order, *state);
        stage_ledger_remove(&ledger);
    }
}

static void letters_that_come_late_change_nothing(void **state)
{
    struct stage_ledger ledger = stage_ledger_make(ROWS, 1, 0);
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct stage_order order = order_of(&ledger, 3, 32, seed);
        order.late = 700;
        play_and_compare(&order, *state);
    }
    stage_ledger_remove(&ledger);
}

static void everybody_goes_home(void **state)
{
    struct stage_ledger ledger = stage_ledger_make(ROWS, 1, 0);
    struct stage_order order = order_of(&ledger, 3, 16, 5);
    struct stage *stage = stage_open(&order);
    (void)state;
    stage_play(stage);
    for (int i = 0; i < 50; i++)
        stage_round(stage);
    assert_int_equal(stage_workers(stage), 0);
    assert_false(stage_has(stage, STAGE_SINK));
    stage_close(&stage);
    stage_ledger_remove(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_is_worth_the_trouble),
        cmocka_unit_test(any_number_of_workers_and_shards_gives_the_same),
        cmocka_unit_test(rows_in_any_order_give_the_same),
        cmocka_unit_test(a_ledger_in_three_files_gives_the_same),
        cmocka_unit_test(letters_that_come_late_change_nothing),
        cmocka_unit_test(everybody_goes_home),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
