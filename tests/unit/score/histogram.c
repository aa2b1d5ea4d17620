/* SPDX-License-Identifier: Apache-2.0 */
#include "score/histogram.h"

#include "support/assert.h"

static void buckets_begin_at_one_two_and_five(void **state)
{
    (void)state;
    const int64_t from[] = {1, 2, 5, 10, 20, 50, 100};
    for (int32_t i = 0; i < 7; i++) {
        assert_int_equal(histogram_from(i), from[i]);
        assert_int_equal(histogram_bucket(from[i]), i);
        if (i > 0)
            assert_int_equal(histogram_bucket(from[i] - 1),
                             from[i] - 1 < from[i - 1] ? i - 2 : i - 1);
    }
    assert_true(histogram_from(HISTOGRAM_BUCKETS - 1) == INT64_C(5000000000000000000));
    assert_int_equal(histogram_bucket(INT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void what_has_no_logarithm_is_counted_apart(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_add(&histogram, -3, 2);
    histogram_add(&histogram, 0, 3);
    histogram_add(&histogram, 7, 4);
    histogram_add(&histogram, 5, 1);
    assert_int_equal(histogram.negative, 2);
    assert_int_equal(histogram.zero, 3);
    assert_int_equal(histogram.bucket[2], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_begin_at_one_two_and_five),
        cmocka_unit_test(what_has_no_logarithm_is_counted_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
