/* SPDX-License-Identifier: Apache-2.0 */
/* What the switchboard can do beyond a line's contract: losing, choosing, cutting. */
#include "doubles/line_memory.h"

#include <string.h>

#include "support/assert.h"

#define CALLERS 3

struct scene {
    struct line_memory *board;
    struct line *host;
    struct line *caller[CALLERS];
};

static const struct peer host_gate = {.gate = 0};

static int begin(void **state)
{
    static struct scene scene;
    uint32_t gate;
    memset(&scene, 0, sizeof scene);
    *state = &scene;
    int rc = line_memory_new(&scene.board, 10) || line_memory_open(scene.board, &scene.host) ||
             line_bind(scene.host, "inproc://host", &gate);
    for (int i = 0; i < CALLERS && !rc; i++)
        rc = line_memory_open(scene.board, &scene.caller[i]) ||
             line_connect(scene.caller[i], "inproc://host", &gate);
    return rc;
}

static int end(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < CALLERS; i++)
        line_close(&scene->caller[i]);
    line_close(&scene->host);
    line_memory_destroy(&scene->board);
    return 0;
}

static int say(struct line *line, struct peer to, uint64_t number)
{
    struct parcel parcel = {.n = 0};
    struct part part = part_new(sizeof number);
    memcpy(part.data, &number, sizeof number);
    assert_int_equal(parcel_add(&parcel, &part), 0);
    int rc = line_send(line, to, &parcel);
    parcel_clear(&parcel);
    return rc;
}

/* The number heard, or 0 when it is quiet. */
static uint64_t hear(struct line *line, struct peer *from)
{
    struct parcel parcel;
    uint64_t number = 0;
    if (line_wait(line, 1000000, from, &parcel) == LINE_E_QUIET)
        return 0;
    memcpy(&number, parcel.part[0].data, sizeof number);
    parcel_clear(&parcel);
    return number;
}

/* ---- */

static int lose_odd(void *context, const struct line *from, const struct line *to,
                    const struct parcel *parcel)
{
    struct scene *scene = context;
    uint64_t number;
    assert_ptr_equal(from, scene->caller[0]);
    assert_ptr_equal(to, scene->host);
    memcpy(&number, parcel->part[0].data, sizeof number);
    return number % 2;
}

static void a_lost_letter_is_not_heard_and_the_sender_hears_nothing_of_it(void **state)
{
    struct scene *scene = *state;
    struct peer from;
    line_memory_chances(scene->board,
                        (struct line_memory_chances){.context = scene, .loses = lose_odd});
    for (uint64_t i = 1; i <= 6; i++)
        assert_int_equal(say(scene->caller[0], host_gate, i), 0);
    assert_int_equal(line_memory_pending(scene->board), 3);
    assert_int_equal(hear(scene->host, &from), 2);
    assert_int_equal(hear(scene->host, &from), 4);
    assert_int_equal(hear(scene->host, &from), 6);
    assert_int_equal(hear(scene->host, &from), 0);
}

static int double_even(void *context, const struct line *from, const struct line *to,
                       const struct parcel *parcel)
{
    struct scene *scene = context;
    uint64_t number;
    assert_ptr_equal(from, scene->caller[0]);
    assert_ptr_equal(to, scene->host);
    memcpy(&number, parcel->part[0].data, sizeof number);
    return number % 2 == 0;
}

static void a_doubled_letter_is_heard_twice_in_its_place(void **state)
{
    struct scene *scene = *state;
    struct peer from;
    static const uint64_t want[] = {1, 2, 2, 3, 4, 4, 5, 0};
    line_memory_chances(scene->board,
                        (struct line_memory_chances){.context = scene, .doubles = double_even});
    for (uint64_t i = 1; i <= 5; i++)
        assert_int_equal(say(scene->caller[0], host_gate, i), 0);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(hear(scene->host, &from), want[i]);
}

static void what_has_room_for_one_is_not_doubled(void **state)
{
    struct scene *scene = *state;
    line_memory_chances(scene->board,
                        (struct line_memory_chances){.context = scene, .doubles = double_even});
    for (uint64_t i = 1; i <= 9; i += 2)
        assert_int_equal(say(scene->caller[0], host_gate, i), 0);
    for (uint64_t i = 2; i <= 4; i += 2)
        assert_int_equal(say(scene->caller[0], host_gate, i), 0);
    assert_int_equal(say(scene->caller[0], host_gate, 6), 0);
    assert_int_equal(line_memory_pending(scene->board), 10);
    assert_int_equal(say(scene->caller[0], host_gate, 8), LINE_E_FULL);
}

static size_t pick_last(void *context, const struct line *at, size_t n)
{
    struct scene *scene = context;
    assert_ptr_equal(at, scene->host);
    return n - 1;
}

static void the_order_of_peers_can_be_chosen_but_not_that_of_one_peers_letters(void **state)
{
    struct scene *scene = *state;
    struct peer from;
    for (uint64_t i = 0; i < CALLERS; i++) {
        assert_int_equal(say(scene->caller[i], host_gate, 10 * i + 1), 0);
        assert_int_equal(say(scene->caller[i], host_gate, 10 * i + 2), 0);
    }
    line_memory_chances(scene->board,
                        (struct line_memory_chances){.context = scene, .picks = pick_last});
    static const uint64_t want[] = {21, 22, 11, 12, 1, 2};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(hear(scene->host, &from), want[i]);
    assert_int_equal(hear(scene->host, &from), 0);
}

static size_t pick_none(void *context, const struct line *at, size_t n)
{
    (void)context;
    (void)at;
    return n;
}

static void letters_can_be_held_back(void **state)
{
    struct scene *scene = *state;
    struct peer from;
    assert_int_equal(say(scene->caller[1], host_gate, 5), 0);
    line_memory_chances(scene->board, (struct line_memory_chances){.picks = pick_none});
    assert_int_equal(hear(scene->host, &from), 0);
    assert_int_equal(line_memory_pending(scene->board), 1);
    line_memory_chances(scene->board, (struct line_memory_chances){0});
    assert_int_equal(hear(scene->host, &from), 5);
}

static void a_cut_loses_what_was_on_its_way_and_makes_a_new_route(void **state)
{
    struct scene *scene = *state;
    struct peer before, after, other;
    assert_int_equal(say(scene->caller[0], host_gate, 1), 0);
    assert_int_equal(hear(scene->host, &before), 1);
    assert_int_equal(say(scene->caller[1], host_gate, 2), 0);
    assert_int_equal(hear(scene->host, &other), 2);
    assert_int_equal(say(scene->host, before, 3), 0);
    assert_int_equal(say(scene->caller[0], host_gate, 4), 0);
    line_memory_cut(scene->caller[0], 0);
    assert_int_equal(hear(scene->caller[0], &after), 0);
    assert_int_equal(hear(scene->host, &after), 0);
    assert_int_equal(say(scene->host, before, 5), LINE_E_GONE);
    assert_int_equal(say(scene->host, other, 6), 0);
    assert_int_equal(say(scene->caller[0], host_gate, 7), 0);
    assert_int_equal(hear(scene->host, &after), 7);
    assert_false(peer_same(before, after));
    assert_int_equal(say(scene->host, after, 8), 0);
    assert_int_equal(hear(scene->caller[0], &after), 8);
    assert_int_equal(hear(scene->caller[1], &after), 6);
}

static void a_peer_that_left_is_gone_though_its_letters_are_still_heard(void **state)
{
    struct scene *scene = *state;
    struct peer peer, from;
    assert_int_equal(say(scene->caller[0], host_gate, 1), 0);
    assert_int_equal(hear(scene->host, &peer), 1);
    assert_int_equal(say(scene->caller[0], host_gate, 2), 0);
    line_close(&scene->caller[0]);
    assert_int_equal(say(scene->host, peer, 3), LINE_E_GONE);
    assert_int_equal(hear(scene->host, &from), 2);
    assert_true(peer_same(peer, from));
    assert_int_equal(say(scene->host, peer, 3), LINE_E_GONE);
}

static void a_host_that_dies_takes_its_unread_letters_along(void **state)
{
    struct scene *scene = *state;
    struct peer from;
    uint32_t gate;
    assert_int_equal(say(scene->caller[0], host_gate, 1), 0);
    line_close(&scene->host);
    assert_int_equal(line_memory_pending(scene->board), 0);
    assert_int_equal(say(scene->caller[0], host_gate, 2), 0); /* waits for the next one */
    assert_int_equal(line_memory_open(scene->board, &scene->host), 0);
    assert_int_equal(line_bind(scene->host, "inproc://host", &gate), 0);
    assert_int_equal(hear(scene->host, &from), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_lost_letter_is_not_heard_and_the_sender_hears_nothing_of_it, begin, end),
        cmocka_unit_test_setup_teardown(a_doubled_letter_is_heard_twice_in_its_place, begin, end),
        cmocka_unit_test_setup_teardown(what_has_room_for_one_is_not_doubled, begin, end),
        cmocka_unit_test_setup_teardown(
            the_order_of_peers_can_be_chosen_but_not_that_of_one_peers_letters, begin, end),
        cmocka_unit_test_setup_teardown(letters_can_be_held_back, begin, end),
        cmocka_unit_test_setup_teardown(a_cut_loses_what_was_on_its_way_and_makes_a_new_route,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_peer_that_left_is_gone_though_its_letters_are_still_heard,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_host_that_dies_takes_its_unread_letters_along, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
