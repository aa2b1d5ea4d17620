/* SPDX-License-Identifier: Apache-2.0 */
/* How many leases a worker has at a time. */
#include "ventilator/dispatch.h"

#include "support/assert.h"

#define WORKERS 2
#define CREDIT  8
#define FEW     4

static struct dispatch *a_dispatch(uint32_t shards, uint32_t credit)
{
    const struct dispatch_settings settings = {shards, 200, 600, 60};
    struct dispatch *dispatch;
    assert_int_equal(dispatch_new(&settings, &dispatch), 0);
    dispatch_stage(dispatch, 1, NULL);
    for (uint32_t w = 0; w < WORKERS; w++)
        assert_int_equal(dispatch_joined(dispatch, w, credit), 0);
    return dispatch;
}

/* Leases until nobody has room; how many each was given. */
static void lease_all(struct dispatch *dispatch, uint32_t given[WORKERS])
{
    struct dispatch_action action;
    int64_t wake_ms;
    given[0] = given[1] = 0;
    while ((action = dispatch_next(dispatch, 1000, &wake_ms)).verb == DISPATCH_LEASE)
        given[action.worker]++;
}

static void with_plenty_of_shards_each_has_his_credit(void **state)
{
    (void)state;
    struct dispatch *dispatch = a_dispatch(64, CREDIT);
    uint32_t given[WORKERS];
    lease_all(dispatch, given);
    assert_int_equal(given[0], CREDIT);
    assert_int_equal(given[1], CREDIT);
    dispatch_destroy(&dispatch);
}

static void few_shards_are_shared_out(void **state)
{
    (void)state;
    struct dispatch *dispatch = a_dispatch(16, CREDIT);
    uint32_t given[WORKERS];
    lease_all(dispatch, given);
    assert_int_equal(given[0], FEW);
    assert_int_equal(given[1], FEW);
    dispatch_destroy(&dispatch);
}

static void the_last_shards_are_shared_out(void **state)
{
    (void)state;
    struct dispatch *dispatch = a_dispatch(64, CREDIT);
    uint32_t given[WORKERS], done = 0;
    lease_all(dispatch, given);
    for (uint32_t shard = 0; shard < 64 && done < 32; shard++)
        done += dispatch_done(dispatch, 1, shard, 1000) == 0;
    lease_all(dispatch, given);
    assert_true(dispatch_n_leased(dispatch) <= WORKERS * FEW);
    dispatch_destroy(&dispatch);
}

static void who_asks_for_less_has_less(void **state)
{
    (void)state;
    struct dispatch *dispatch = a_dispatch(64, 1);
    uint32_t given[WORKERS];
    lease_all(dispatch, given);
    assert_int_equal(given[0], 1);
    assert_int_equal(given[1], 1);
    dispatch_destroy(&dispatch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_plenty_of_shards_each_has_his_credit),
        cmocka_unit_test(few_shards_are_shared_out),
        cmocka_unit_test(the_last_shards_are_shared_out),
        cmocka_unit_test(who_asks_for_less_has_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
