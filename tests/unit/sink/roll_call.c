/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/roll_call.h"

#include "support/assert.h"

static const struct digest one = {1, 10}, other = {1, 11};

static struct roll_call *a_roll(uint32_t shards)
{
    struct roll_call *roll;
    assert_int_equal(roll_call_new(shards, &roll), 0);
    return roll;
}

static void the_first_result_of_a_shard_is_new(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(4);
    assert_int_equal(roll_call_arrive(roll, 1, 3, one), ROLL_NEW);
    roll_call_destroy(&roll);
}

static void a_result_that_is_being_committed_is_pending(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(4);
    roll_call_arrive(roll, 1, 3, one);
    assert_int_equal(roll_call_arrive(roll, 1, 3, one), ROLL_PENDING);
    roll_call_destroy(&roll);
}

static void a_committed_result_that_comes_again_is_a_duplicate(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(4);
    roll_call_arrive(roll, 1, 3, one);
    roll_call_commit(roll, 1, 3);
    assert_int_equal(roll_call_arrive(roll, 1, 3, one), ROLL_DUPLICATE);
    roll_call_destroy(&roll);
}

static void another_result_of_a_shard_is_a_conflict_whether_committed_or_pending(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(4);
    roll_call_arrive(roll, 1, 3, one);
    assert_int_equal(roll_call_arrive(roll, 1, 3, other), ROLL_CONFLICT);
    roll_call_commit(roll, 1, 3);
    assert_int_equal(roll_call_arrive(roll, 1, 3, other), ROLL_CONFLICT);
    roll_call_destroy(&roll);
}

static void a_conflict_does_not_replace_what_came_first(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(4);
    roll_call_arrive(roll, 1, 3, one);
    roll_call_arrive(roll, 1, 3, other);
    roll_call_commit(roll, 1, 3);
    assert_int_equal(roll_call_arrive(roll, 1, 3, one), ROLL_DUPLICATE);
    roll_call_destroy(&roll);
}

static void a_withdrawn_result_is_new_again_with_any_digest(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(4);
    roll_call_arrive(roll, 1, 3, one);
    roll_call_withdraw(roll, 1, 3);
    assert_int_equal(roll_call_arrive(roll, 1, 3, other), ROLL_NEW);
    roll_call_destroy(&roll);
}

static void what_is_committed_cannot_be_withdrawn(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(4);
    roll_call_arrive(roll, 1, 3, one);
    roll_call_commit(roll, 1, 3);
    roll_call_withdraw(roll, 1, 3);
    assert_int_equal(roll_call_arrive(roll, 1, 3, one), ROLL_DUPLICATE);
    assert_int_equal(roll_call_n(roll, 1), 1);
    roll_call_destroy(&roll);
}

static void stages_and_shards_have_answers_of_their_own(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(4);
    roll_call_arrive(roll, 1, 3, one);
    roll_call_commit(roll, 1, 3);
    assert_int_equal(roll_call_arrive(roll, 2, 3, other), ROLL_NEW);
    assert_int_equal(roll_call_arrive(roll, 1, 2, other), ROLL_NEW);
    assert_int_equal(roll_call_n(roll, 2), 0);
    roll_call_destroy(&roll);
}

static void a_stage_is_complete_when_every_shard_is_committed(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(3);
    for (uint32_t shard = 0; shard < 3; shard++) {
        roll_call_arrive(roll, 2, shard, one);
        assert_false(roll_call_complete(roll, 2));
        roll_call_commit(roll, 2, shard);
    }
    assert_true(roll_call_complete(roll, 2));
    assert_false(roll_call_complete(roll, 1));
    roll_call_destroy(&roll);
}

static void a_shard_that_is_committed_twice_is_counted_once(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(2);
    roll_call_arrive(roll, 1, 0, one);
    roll_call_commit(roll, 1, 0);
    roll_call_commit(roll, 1, 0);
    assert_int_equal(roll_call_n(roll, 1), 1);
    assert_false(roll_call_complete(roll, 1));
    roll_call_destroy(&roll);
}

/* 11 shards take two bytes: shard 1 is bit 1 of the first, shard 8 bit 0 and shard 10 bit 2 of the
 * second. */
static void bits_are_a_bit_a_committed_shard_least_significant_first(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(11);
    const uint32_t shards[] = {1, 8, 10};
    roll_call_arrive(roll, 2, 5, one); /* not committed: no bit */
    for (size_t i = 0; i < 3; i++) {
        roll_call_arrive(roll, 2, shards[i], one);
        roll_call_commit(roll, 2, shards[i]);
    }
    assert_int_equal(roll_call_bits(roll, 2)[0], 0x02);
    assert_int_equal(roll_call_bits(roll, 2)[1], 0x05);
    assert_int_equal(roll_call_bits(roll, 1)[0], 0);
    roll_call_destroy(&roll);
}

static void destroying_twice_is_fine(void **state)
{
    (void)state;
    struct roll_call *roll = a_roll(1);
    roll_call_destroy(&roll);
    assert_null(roll);
    roll_call_destroy(&roll);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_result_of_a_shard_is_new),
        cmocka_unit_test(a_result_that_is_being_committed_is_pending),
        cmocka_unit_test(a_committed_result_that_comes_again_is_a_duplicate),
        cmocka_unit_test(another_result_of_a_shard_is_a_conflict_whether_committed_or_pending),
        cmocka_unit_test(a_conflict_does_not_replace_what_came_first),
        cmocka_unit_test(a_withdrawn_result_is_new_again_with_any_digest),
        cmocka_unit_test(what_is_committed_cannot_be_withdrawn),
        cmocka_unit_test(stages_and_shards_have_answers_of_their_own),
        cmocka_unit_test(a_stage_is_complete_when_every_shard_is_committed),
        cmocka_unit_test(a_shard_that_is_committed_twice_is_counted_once),
        cmocka_unit_test(bits_are_a_bit_a_committed_shard_least_significant_first),
        cmocka_unit_test(destroying_twice_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
