/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spelling.h"

#include <limits.h>

#include "support/assert.h"

static void a_slip_of_the_finger_costs_one(void **state)
{
    (void)state;
    assert_int_equal(spelling_distance("tiers", "tiers"), 0);
    assert_int_equal(spelling_distance("tiers", "tier"), 1);
    assert_int_equal(spelling_distance("tiers", "tigers"), 1);
    assert_int_equal(spelling_distance("tiers", "tierz"), 1);
    assert_int_equal(spelling_distance("tiers", "tiesr"), 1);
    assert_int_equal(spelling_distance("", "abc"), 3);
    assert_int_equal(spelling_distance("kitten", "sitting"), 3);
    assert_int_equal(spelling_distance("ca", "abc"), 3);
}

static void a_word_without_end_is_far_from_all(void **state)
{
    (void)state;
    char word[200];
    for (int i = 0; i < 199; i++)
        word[i] = 'a';
    word[199] = '\0';
    assert_int_equal(spelling_distance(word, "a"), INT_MAX);
}

static const char *nearest(const char *word)
{
    static const char *const words[] = {"horizon", "churn-horizon", "workers", "rfm-bins", "out"};
    struct spelling spelling = spelling_of(word);
    for (int i = 0; i < 5; i++)
        spelling_offer(&spelling, words[i]);
    return spelling.best;
}

static void the_nearest_word_is_offered_and_no_far_one(void **state)
{
    (void)state;
    assert_string_equal(nearest("horizn"), "horizon");
    assert_string_equal(nearest("worker"), "workers");
    assert_string_equal(nearest("rfm"), "rfm-bins");
    assert_string_equal(nearest("outt"), "out");
    assert_null(nearest("x"));
    assert_null(nearest("colour"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_of_the_finger_costs_one),
        cmocka_unit_test(a_word_without_end_is_far_from_all),
        cmocka_unit_test(the_nearest_word_is_offered_and_no_far_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
