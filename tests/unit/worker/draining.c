/* SPDX-License-Identifier: Apache-2.0 */
/* How a worker leaves who was told to: what the desk does with queued, running and sent leases. */
#include "worker/desk.h"

#include "support/assert.h"

/* Until the desk has nothing to do at this time, or leaves; answers whether it did either thing. */
struct done {
    int released, bye, left;
};

static struct done play(struct desk *desk, int64_t now_ms)
{
    struct done done = {0, 0, 0};
    for (int i = 0; i < 100 && !done.left; i++) {
        int64_t wake_ms;
        struct desk_action action = desk_next(desk, now_ms, &wake_ms);
        if (action.verb == DESK_NOTHING)
            break;
        done.released += action.verb == DESK_RELEASE;
        done.bye += action.verb == DESK_BYE;
        done.left += action.verb == DESK_LEAVE;
    }
    return done;
}

/* Two leases, the first of them begun. */
static struct desk at_work(void)
{
    struct desk desk = desk_new();
    desk_welcome(&desk, 1000, 1000);
    assert_int_equal(desk_lease(&desk, (struct desk_key){1, 3, 1}), 0);
    assert_int_equal(desk_lease(&desk, (struct desk_key){1, 4, 1}), 0);
    play(&desk, 1000);
    assert_non_null(desk_running(&desk));
    desk_drain(&desk);
    return desk;
}

static void what_is_queued_goes_back_at_once(void **state)
{
    (void)state;
    struct desk desk = at_work();
    struct done done = play(&desk, 1000);
    assert_int_equal(done.released, 1);
    assert_int_equal(done.left, 0);
    assert_int_equal(desk.n, 1);
}

static void what_is_running_is_finished_however_long_it_takes(void **state)
{
    (void)state;
    struct desk desk = at_work();
    for (int64_t now_ms = 1000; now_ms < 600000; now_ms += 5000)
        assert_int_equal(play(&desk, now_ms).left, 0);
    desk_finish(&desk, (struct desk_key){1, 3, 1});
    assert_int_equal(play(&desk, 600000).left, 0);
    assert_int_equal(desk_ack(&desk, 1, 3), 0);
    struct done done = play(&desk, 600001);
    assert_int_equal(done.bye, 1);
    assert_int_equal(done.left, 1);
}

static void an_acknowledgement_that_never_comes_is_not_waited_for(void **state)
{
    (void)state;
    struct desk desk = at_work();
    play(&desk, 1000);
    desk_finish(&desk, (struct desk_key){1, 3, 1});
    assert_int_equal(play(&desk, 2000).left, 0);
    assert_int_equal(play(&desk, 9999).left, 0);
    struct done done = play(&desk, 12000);
    assert_int_equal(done.bye, 1);
    assert_int_equal(done.left, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_queued_goes_back_at_once),
        cmocka_unit_test(what_is_running_is_finished_however_long_it_takes),
        cmocka_unit_test(an_acknowledgement_that_never_comes_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
