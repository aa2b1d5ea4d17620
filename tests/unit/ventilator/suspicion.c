/* SPDX-License-Identifier: Apache-2.0 */
/* How many workers it takes to suspect a shard. */
#include "ventilator/suspicion.h"

#include "support/assert.h"

static struct digest process(uint64_t number)
{
    return (struct digest){number, 7};
}

static void five_workers_lost_over_a_shard_are_enough(void **state)
{
    struct suspicion suspicion = {.n = 0};
    (void)state;
    for (uint32_t i = 1; i < SUSPICION_WORKERS; i++)
        assert_true(suspicion_lost(&suspicion, 3, process(i)) < SUSPICION_WORKERS);
    assert_int_equal(suspicion_lost(&suspicion, 3, process(99)), SUSPICION_WORKERS);
}

static void losses_over_other_shards_do_not_count(void **state)
{
    struct suspicion suspicion = {.n = 0};
    (void)state;
    for (uint32_t i = 0; i < 40; i++)
        assert_int_equal(suspicion_lost(&suspicion, i, process(i)), 1);
}

static void a_worker_that_comes_back_was_only_cut_off(void **state)
{
    struct suspicion suspicion = {.n = 0};
    (void)state;
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(suspicion_lost(&suspicion, 3, process(1)), 1);
        suspicion_returned(&suspicion, process(1));
    }
    assert_int_equal(suspicion_lost(&suspicion, 3, process(2)), 1);
}

static void a_worker_that_is_lost_twice_counts_once(void **state)
{
    struct suspicion suspicion = {.n = 0};
    (void)state;
    assert_int_equal(suspicion_lost(&suspicion, 3, process(1)), 1);
    assert_int_equal(suspicion_lost(&suspicion, 3, process(1)), 1);
    assert_int_equal(suspicion_lost(&suspicion, 3, process(2)), 2);
    assert_int_equal(suspicion_lost(&suspicion, 4, process(1)), 1);
    assert_int_equal(suspicion_lost(&suspicion, 3, process(3)), 2);
}

static void losses_of_long_ago_are_forgotten(void **state)
{
    struct suspicion suspicion = {.n = 0};
    (void)state;
    for (uint32_t i = 1; i < SUSPICION_WORKERS; i++)
        suspicion_lost(&suspicion, 3, process(i));
    for (uint32_t i = 0; i < SUSPICION_KEPT; i++)
        suspicion_lost(&suspicion, 1000 + i, process(1000 + i));
    assert_int_equal(suspicion_lost(&suspicion, 3, process(99)), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_workers_lost_over_a_shard_are_enough),
        cmocka_unit_test(losses_over_other_shards_do_not_count),
        cmocka_unit_test(a_worker_that_comes_back_was_only_cut_off),
        cmocka_unit_test(a_worker_that_is_lost_twice_counts_once),
        cmocka_unit_test(losses_of_long_ago_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
