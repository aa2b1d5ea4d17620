/* SPDX-License-Identifier: Apache-2.0 */
#include "common/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "support/assert.h"
#include "support/chance.h"
#include "support/namesakes.h"

static int begin(void **state)
{
    struct roster *roster;
    if (roster_new(&roster) != 0)
        return -1;
    *state = roster;
    return 0;
}

static int end(void **state)
{
    struct roster *roster = *state;
    roster_destroy(&roster);
    roster_destroy(&roster);
    return 0;
}

static uint32_t number_of(struct roster *roster, const char *id, size_t length)
{
    uint32_t number;
    assert_int_equal(roster_number(roster, id, length, &number), 0);
    return number;
}

static void is_called(const struct roster *roster, uint32_t number, const char *id, size_t length)
{
    size_t got_length;
    const char *got = roster_id(roster, number, &got_length);
    assert_int_equal(got_length, length);
    assert_memory_equal(got, id, length);
    assert_int_equal(roster_hash(roster, number), hash_customer(id, length));
}

static void names_are_numbered_as_they_appear(void **state)
{
    struct roster *roster = *state;
    assert_int_equal(number_of(roster, "b", 1), 0);
    assert_int_equal(number_of(roster, "a", 1), 1);
    assert_int_equal(number_of(roster, "b", 1), 0);
    assert_int_equal(number_of(roster, "", 0), 2);
    assert_int_equal(roster_size(roster), 3);
    assert_int_equal(roster_ids_size(roster), 2);
    is_called(roster, 0, "b", 1);
    is_called(roster, 2, "", 0);
}

static void one_name_that_begins_another_is_another(void **state)
{
    struct roster *roster = *state;
    assert_int_equal(number_of(roster, "ab", 2), 0);
    assert_int_equal(number_of(roster, "abc", 3), 1);
    assert_int_equal(number_of(roster, "abcd", 2), 0);
    assert_int_equal(number_of(roster, "ab\0", 3), 2);
}

static void finding_does_not_number(void **state)
{
    struct roster *roster = *state;
    number_of(roster, "known", 5);
    assert_int_equal(roster_find(roster, "known", 5), 0);
    assert_int_equal(roster_find(roster, "other", 5), UINT32_MAX);
    assert_int_equal(roster_size(roster), 1);
}

static void a_forgotten_roster_begins_at_nought(void **state)
{
    struct roster *roster = *state;
    number_of(roster, "before", 6);
    roster_forget(roster);
    assert_int_equal(roster_size(roster), 0);
    assert_int_equal(roster_ids_size(roster), 0);
    assert_int_equal(roster_find(roster, "before", 6), UINT32_MAX);
    assert_int_equal(number_of(roster, "after", 5), 0);
}

static void different_names_with_one_hash_are_told_apart(void **state)
{
    struct roster *roster = *state;
    struct namesakes names = namesakes_of(1);
    for (uint32_t i = 0; i < NAMESAKES; i++)
        assert_int_equal(number_of(roster, names.id[i], names.length[i]), i);
    for (uint32_t i = 0; i < NAMESAKES; i++) {
        assert_int_equal(roster_find(roster, names.id[i], names.length[i]), i);
        is_called(roster, i, names.id[i], names.length[i]);
        assert_int_equal(roster_hash(roster, i), names.hash);
    }
}

/* Past every growth of the table, the names and their bytes. */
static void a_hundred_thousand_names_keep_their_numbers(void **state)
{
    struct roster *roster = *state;
    char id[600];
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 100000; i++) {
            memset(id, '-', sizeof id);
            int n = snprintf(id, sizeof id, "customer %u", i * 7);
            id[n] = '-';
            assert_int_equal(number_of(roster, id, i % 1000 ? (size_t)n : sizeof id), i);
        }
    assert_int_equal(roster_size(roster), 100000);
}

static int id_before(const struct roster *roster, uint32_t a, uint32_t b)
{
    size_t m, n;
    const char *x = roster_id(roster, a, &m), *y = roster_id(roster, b, &n);
    int order = memcmp(x, y, m < n ? m : n);
    return order < 0 || (order == 0 && m < n);
}

static void random_names(struct roster *roster, uint32_t n, uint64_t seed)
{
    struct chance chance = {seed};
    char id[8];
    for (uint32_t i = 0; i < n; i++) {
        size_t length = chance_below(&chance, 6);
        for (size_t k = 0; k < length; k++)
            id[k] = (char)(chance_below(&chance, 3) * 127);
        number_of(roster, id, length);
    }
}

/* Short ids are told apart by hash and length alone. */
static void short_names_are_all_told_apart(void **state)
{
    struct roster *roster = *state;
    char id[8];
    uint32_t n = 0;
    for (unsigned a = 0; a < 256; a++) {
        id[0] = (char)a;
        assert_int_equal(number_of(roster, id, 1), n++);
        for (unsigned b = 0; b < 256; b++) {
            id[1] = (char)b;
            assert_int_equal(number_of(roster, id, 2), n++);
        }
    }
    for (size_t length = 3; length <= sizeof id; length++)
        for (unsigned bits = 0; bits < 4096; bits++) { /* the first and the last of an id */
            memset(id, 'a', sizeof id);
            id[0] = (char)bits;
            id[length - 1] = (char)(bits >> 8 | 64);
            assert_int_equal(number_of(roster, id, length), n++);
        }
    assert_int_equal(roster_size(roster), n);
}

static void many_are_numbered_as_one_by_one(void **state)
{
    struct roster *roster = *state;
    struct chance chance = {5};
    char ids[600 * 24], *at = ids;
    uint16_t length[600];
    uint32_t numbers[600];
    for (size_t i = 0; i < 600; at += length[i++]) {
        unsigned who = (unsigned)chance_below(&chance, 150);
        length[i] = (uint16_t)snprintf(at, 24, who % 3 ? "%u" : "customer-%012u", who);
    }
    assert_int_equal(roster_number_all(roster, ids, length, 0, numbers), 0);
    assert_int_equal(roster_number_all(roster, ids, length, 600, numbers), 0);
    at = ids;
    for (size_t i = 0; i < 600; at += length[i++]) {
        assert_int_equal(number_of(roster, at, length[i]), numbers[i]);
        is_called(roster, numbers[i], at, length[i]);
    }
}

static void ranked_is_in_the_order_of_hash_and_id(void **state)
{
    struct roster *roster = *state;
    const struct radix_item *ranked;
    for (uint64_t seed = 1; seed < 9; seed++) {
        struct namesakes names = namesakes_of(seed);
        for (int i = 0; i < NAMESAKES; i++)
            number_of(roster, names.id[i], names.length[i]);
        random_names(roster, 100, seed);
    }
    assert_int_equal(roster_ranked(roster, &ranked), 0);
    for (uint32_t i = 0; i < roster_size(roster); i++)
        assert_int_equal(ranked[i].key, roster_hash(roster, (uint32_t)ranked[i].value));
    for (uint32_t i = 1; i < roster_size(roster); i++)
        assert_true(ranked[i - 1].key < ranked[i].key ||
                    (ranked[i - 1].key == ranked[i].key &&
                     id_before(roster, (uint32_t)ranked[i - 1].value, (uint32_t)ranked[i].value)));
}

static void nobody_is_ranked_among_nobody(void **state)
{
    const struct radix_item *ranked;
    assert_int_equal(roster_ranked(*state, &ranked), 0);
}

static void by_name_is_bytewise_and_a_beginning_comes_first(void **state)
{
    struct roster *roster = *state;
    random_names(roster, 300, 1);
    number_of(roster, "\xff", 1);
    uint32_t n = roster_size(roster);
    uint32_t *order = malloc(n * sizeof *order), *scratch = malloc(n * sizeof *scratch);
    unsigned char *seen = calloc(n, 1);
    roster_by_name(roster, order, scratch);
    for (uint32_t i = 0; i < n; i++)
        seen[order[i]]++;
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(seen[i], 1);
    for (uint32_t i = 1; i < n; i++)
        assert_true(id_before(roster, order[i - 1], order[i]));
    is_called(roster, order[n - 1], "\xff", 1);
    free(order);
    free(scratch);
    free(seen);
}

#define on_a_roster(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_roster(names_are_numbered_as_they_appear),
        on_a_roster(one_name_that_begins_another_is_another),
        on_a_roster(finding_does_not_number),
        on_a_roster(a_forgotten_roster_begins_at_nought),
        on_a_roster(different_names_with_one_hash_are_told_apart),
        on_a_roster(a_hundred_thousand_names_keep_their_numbers),
        on_a_roster(short_names_are_all_told_apart),
        on_a_roster(many_are_numbered_as_one_by_one),
        on_a_roster(ranked_is_in_the_order_of_hash_and_id),
        on_a_roster(nobody_is_ranked_among_nobody),
        on_a_roster(by_name_is_bytewise_and_a_beginning_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
