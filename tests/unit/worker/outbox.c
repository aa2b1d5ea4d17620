/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/outbox.h"

#include <string.h>

#include "support/assert.h"

static int released; /* parts let go of */

static void count_release(void *data, void *hint)
{
    (void)data;
    (void)hint;
    released++;
}

static int begin(void **state)
{
    struct outbox *outbox;
    released = 0;
    int r = outbox_new(&outbox);
    *state = outbox;
    return r;
}

static int end(void **state)
{
    struct outbox *outbox = *state;
    outbox_destroy(&outbox);
    outbox_destroy(&outbox);
    return 0;
}

static struct desk_key key_of(uint32_t shard)
{
    return (struct desk_key){1, shard, 1};
}

/* Keeps a result of two parts. */
static int keeps(struct outbox *outbox, uint32_t shard)
{
    struct parcel parcel = {.n = 2};
    parcel.part[0] = (struct part){"envelope", 8, count_release, NULL};
    parcel.part[1] = (struct part){"rows", 4, count_release, NULL};
    int r = outbox_keep(outbox, key_of(shard), &parcel);
    if (r == 0)
        assert_int_equal(parcel.n, 0);
    parcel_clear(&parcel);
    return r;
}

static void a_result_is_copied_as_often_as_it_is_sent(void **state)
{
    struct outbox *outbox = *state;
    assert_int_equal(keeps(outbox, 3), 0);
    for (int i = 0; i < 3; i++) {
        struct parcel copy;
        assert_int_equal(outbox_copy(outbox, key_of(3), &copy), 0);
        assert_int_equal(copy.n, 2);
        assert_int_equal(copy.part[0].size, 8);
        assert_memory_equal(copy.part[0].data, "envelope", 8);
        assert_memory_equal(copy.part[1].data, "rows", 4);
        parcel_clear(&copy);
    }
    assert_int_equal(released, 0);
    outbox_forget(outbox, 1, 3);
    assert_int_equal(released, 2);
}

static void a_copy_under_way_outlives_the_result(void **state)
{
    struct outbox *outbox = *state;
    struct parcel copy;
    assert_int_equal(keeps(outbox, 3), 0);
    assert_int_equal(outbox_copy(outbox, key_of(3), &copy), 0);
    outbox_clear(outbox);
    assert_int_equal(released, 0);
    assert_memory_equal(copy.part[1].data, "rows", 4);
    parcel_clear(&copy);
    assert_int_equal(released, 2);
}

static void what_is_not_kept_cannot_be_copied(void **state)
{
    struct outbox *outbox = *state;
    struct parcel copy;
    assert_int_equal(keeps(outbox, 3), 0);
    assert_int_equal(outbox_copy(outbox, key_of(4), &copy), OUTBOX_E_ABSENT);
    assert_int_equal(copy.n, 0);
    assert_int_equal(outbox_copy(outbox, (struct desk_key){1, 3, 2}, &copy), OUTBOX_E_ABSENT);
    assert_int_equal(outbox_copy(outbox, (struct desk_key){2, 3, 1}, &copy), OUTBOX_E_ABSENT);
    outbox_forget(outbox, 2, 3); /* another stage's */
    assert_int_equal(outbox_copy(outbox, key_of(3), &copy), 0);
    parcel_clear(&copy);
    outbox_forget(outbox, 1, 3);
    assert_int_equal(outbox_copy(outbox, key_of(3), &copy), OUTBOX_E_ABSENT);
}

static void as_many_results_as_leases_are_kept_and_no_more(void **state)
{
    struct outbox *outbox = *state;
    for (uint32_t shard = 0; shard < DESK_LEASES_LIMIT; shard++)
        assert_int_equal(keeps(outbox, shard), 0);
    assert_int_equal(keeps(outbox, 99), STATUS_BUG);
    outbox_forget(outbox, 1, 7);
    assert_int_equal(keeps(outbox, 99), 0);
}

static void an_outbox_that_ends_lets_go_of_everything(void **state)
{
    (void)state;
    struct outbox *own;
    assert_int_equal(outbox_new(&own), 0);
    assert_int_equal(keeps(own, 1), 0);
    assert_int_equal(keeps(own, 2), 0);
    outbox_destroy(&own);
    assert_null(own);
    assert_int_equal(released, 4);
}

#define on_an_outbox(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_an_outbox(a_result_is_copied_as_often_as_it_is_sent),
        on_an_outbox(a_copy_under_way_outlives_the_result),
        on_an_outbox(what_is_not_kept_cannot_be_copied),
        on_an_outbox(as_many_results_as_leases_are_kept_and_no_more),
        on_an_outbox(an_outbox_that_ends_lets_go_of_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
