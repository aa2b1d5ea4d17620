/* SPDX-License-Identifier: Apache-2.0 */
/* Parts and parcels, which every line shares. What a line does is in tests/contract. */
#include "common/line.h"

#include "support/assert.h"

static void count_release(void *data, void *hint)
{
    (void)data;
    ++*(int *)hint;
}

static struct part a_counted_part(int *released)
{
    static char byte;
    return (struct part){&byte, 1, count_release, released};
}

static void a_part_is_released_once(void **state)
{
    (void)state;
    int released = 0;
    struct part part = a_counted_part(&released);
    part_release(&part);
    assert_int_equal(released, 1);
    assert_null(part.data);
    part_release(&part);
    assert_int_equal(released, 1);
}

static void a_new_part_has_an_address_even_when_it_is_empty(void **state)
{
    (void)state;
    struct part part = part_new(0), large = part_new(100000);
    assert_non_null(part.data);
    assert_int_equal(part.size, 0);
    assert_int_equal(large.size, 100000);
    part_release(&part);
    part_release(&large);
}

static void a_parcel_takes_parts_until_it_is_full(void **state)
{
    (void)state;
    int released = 0;
    struct parcel parcel = {.n = 0};
    for (size_t i = 0; i < LINE_PARTS_LIMIT; i++) {
        struct part part = a_counted_part(&released);
        assert_int_equal(parcel_add(&parcel, &part), 0);
        assert_null(part.data);
    }
    struct part part = a_counted_part(&released);
    assert_int_equal(parcel_add(&parcel, &part), STATUS_BUG);
    assert_non_null(part.data); /* still ours */
    assert_int_equal(parcel.n, LINE_PARTS_LIMIT);
    parcel_clear(&parcel);
    assert_int_equal(released, LINE_PARTS_LIMIT);
    assert_int_equal(parcel.n, 0);
    parcel_clear(&parcel);
    assert_int_equal(released, LINE_PARTS_LIMIT);
}

static void peers_are_the_same_when_gate_and_route_are(void **state)
{
    (void)state;
    struct peer peer = {1, 2, 3};
    assert_true(peer_same(peer, (struct peer){1, 2, 3}));
    assert_false(peer_same(peer, (struct peer){0, 2, 3}));
    assert_false(peer_same(peer, (struct peer){1, 0, 3}));
    assert_false(peer_same(peer, (struct peer){1, 2, 0}));
}

static void closing_nothing_is_fine(void **state)
{
    (void)state;
    struct line *line = NULL;
    line_close(&line);
    line_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_released_once),
        cmocka_unit_test(a_new_part_has_an_address_even_when_it_is_empty),
        cmocka_unit_test(a_parcel_takes_parts_until_it_is_full),
        cmocka_unit_test(peers_are_the_same_when_gate_and_route_are),
        cmocka_unit_test(closing_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
