/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/queue.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"

static int begin(void **state)
{
    struct queue *queue;
    int r = queue_new(&queue);
    *state = queue;
    return r;
}

static int end(void **state)
{
    struct queue *queue = *state;
    queue_destroy(&queue);
    queue_destroy(&queue);
    return 0;
}

static struct desk_key key_of(uint32_t shard, uint32_t attempt)
{
    return (struct desk_key){1, shard, attempt};
}

static int adds(struct queue *queue, struct desk_key key)
{
    return queue_add(queue, key, &(struct lease_order){.frames = 7});
}

static int takes(struct queue *queue, struct desk_key key, enum data_code code, uint64_t number)
{
    struct parcel parcel = {.n = 0};
    struct part part = part_new(sizeof number);
    memcpy(part.data, &number, sizeof number);
    assert_int_equal(parcel_add(&parcel, &part), 0);
    int r = queue_frame(queue, key, code, &parcel);
    assert_int_equal(parcel.n, r == 0 ? 0 : 1);
    parcel_clear(&parcel);
    return r;
}

static void an_order_is_copied_with_what_it_points_at(void **state)
{
    struct queue *queue = *state;
    struct digest want[] = {{1, 1}, {2, 2}}, have[] = {{1, 1}};
    const struct lease_order order = {.want = want,
                                      .n_want = 2,
                                      .have = have,
                                      .n_have = 1,
                                      .frames = 7,
                                      .attributes = {5, 5},
                                      .attributes_follow = 1,
                                      .model = {6, 6}};
    assert_int_equal(queue_add(queue, key_of(3, 1), &order), 0);
    memset(want, 0, sizeof want);
    memset(have, 0, sizeof have);
    const struct lease_order *got = queue_order(queue, key_of(3, 1));
    assert_int_equal(got->n_want, 2);
    assert_int_equal(got->want[1].low, 2);
    assert_int_equal(got->n_have, 1);
    assert_int_equal(got->have[0].low, 1);
    assert_int_equal(got->frames, 7);
    assert_int_equal(got->attributes.low, 5);
    assert_int_equal(got->attributes_follow, 1);
    assert_int_equal(got->model.low, 6);
    assert_null(queue_order(queue, key_of(3, 2)));
    assert_null(queue_order(queue, (struct desk_key){2, 3, 1}));
}

static void frames_wait_in_their_order_each_with_its_own_lease(void **state)
{
    struct queue *queue = *state;
    assert_int_equal(adds(queue, key_of(1, 1)), 0);
    assert_int_equal(adds(queue, key_of(2, 1)), 0);
    for (uint64_t i = 0; i < 20; i++)
        assert_int_equal(
            takes(queue, key_of(1 + i % 2, 1), i < 10 ? DATA_ROWS : DATA_ATTRIBUTES, i), 0);
    for (uint32_t shard = 1; shard <= 2; shard++)
        for (uint32_t i = 0; i <= 10; i++) {
            enum data_code code;
            uint64_t number;
            const struct parcel *frame = queue_frame_at(queue, key_of(shard, 1), i, &code);
            assert_true((frame == NULL) == (i == 10));
            if (!frame)
                continue;
            memcpy(&number, frame->part[0].data, sizeof number);
            assert_int_equal(number, 2 * i + shard - 1);
            assert_int_equal(code, i < 5 ? DATA_ROWS : DATA_ATTRIBUTES);
        }
}

static void a_frame_of_no_lease_here_stays_the_caller_s(void **state)
{
    struct queue *queue = *state;
    enum data_code code;
    assert_int_equal(adds(queue, key_of(1, 2)), 0);
    assert_int_equal(takes(queue, key_of(1, 1), DATA_ROWS, 1), QUEUE_E_ABSENT);
    assert_null(queue_frame_at(queue, key_of(1, 1), 0, &code));
}

static void a_lease_waits_with_so_many_frames_and_no_more(void **state)
{
    struct queue *queue = *state;
    assert_int_equal(adds(queue, key_of(1, 1)), 0);
    for (uint64_t i = 0; i < QUEUE_FRAMES_LIMIT; i++)
        assert_int_equal(takes(queue, key_of(1, 1), DATA_ROWS, i), 0);
    assert_int_equal(takes(queue, key_of(1, 1), DATA_ROWS, 0), QUEUE_E_FULL);
    assert_int_equal(queue_drop(queue, key_of(1, 1)), QUEUE_FRAMES_LIMIT);
}

static void as_many_leases_wait_as_the_desk_holds(void **state)
{
    struct queue *queue = *state;
    for (uint32_t shard = 0; shard < DESK_LEASES_LIMIT; shard++)
        assert_int_equal(adds(queue, key_of(shard, 1)), 0);
    assert_int_equal(adds(queue, key_of(99, 1)), QUEUE_E_FULL);
    assert_int_equal(queue_drop(queue, key_of(5, 1)), 0);
    assert_int_equal(adds(queue, key_of(99, 1)), 0);
}

static void dropping_answers_how_many_frames_there_were(void **state)
{
    struct queue *queue = *state;
    for (uint32_t attempt = 1; attempt <= 2; attempt++)
        assert_int_equal(adds(queue, key_of(1, attempt)), 0);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(takes(queue, key_of(1, 2), DATA_ROWS, i), 0);
    assert_int_equal(takes(queue, key_of(1, 1), DATA_ROWS, 0), 0);
    assert_int_equal(queue_drop(queue, key_of(1, 3)), 0);
    assert_int_equal(queue_drop(queue, key_of(1, 2)), 3);
    assert_int_equal(queue_drop(queue, key_of(1, 2)), 0);
    assert_non_null(queue_order(queue, key_of(1, 1)));
    assert_int_equal(queue_drop_shard(queue, 2, 1), 0);
    assert_int_equal(queue_drop_shard(queue, 1, 1), 1);
    assert_null(queue_order(queue, key_of(1, 1)));
}

static void clearing_drops_them_all(void **state)
{
    struct queue *queue = *state;
    for (uint32_t shard = 0; shard < 4; shard++) {
        assert_int_equal(adds(queue, key_of(shard, 1)), 0);
        assert_int_equal(takes(queue, key_of(shard, 1), DATA_ROWS, 0), 0);
    }
    assert_int_equal(queue_clear(queue), 4);
    assert_int_equal(queue_clear(queue), 0);
    assert_null(queue_order(queue, key_of(0, 1)));
}

#define on_a_queue(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_queue(an_order_is_copied_with_what_it_points_at),
        on_a_queue(frames_wait_in_their_order_each_with_its_own_lease),
        on_a_queue(a_frame_of_no_lease_here_stays_the_caller_s),
        on_a_queue(a_lease_waits_with_so_many_frames_and_no_more),
        on_a_queue(as_many_leases_wait_as_the_desk_holds),
        on_a_queue(dropping_answers_how_many_frames_there_were),
        on_a_queue(clearing_drops_them_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
