/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/desk.h"

#include "support/assert.h"
#include "support/chance.h"

#define NOW 1000000

static struct desk_key key_of(uint32_t stage, uint32_t shard, uint32_t attempt)
{
    return (struct desk_key){stage, shard, attempt};
}

static void wants(struct desk *desk, int64_t now, enum desk_verb verb)
{
    int64_t wake;
    assert_int_equal(desk_next(desk, now, &wake).verb, verb);
}

static void wants_of(struct desk *desk, int64_t now, enum desk_verb verb, uint32_t shard)
{
    int64_t wake;
    struct desk_action action = desk_next(desk, now, &wake);
    assert_int_equal(action.verb, verb);
    assert_int_equal(action.key.shard, shard);
}

static int64_t sleeps_until(struct desk *desk, int64_t now)
{
    int64_t wake;
    assert_int_equal(desk_next(desk, now, &wake).verb, DESK_NOTHING);
    return wake;
}

/* Greeted, welcomed with beats every 200 ms and resends every 500, and has said its first beat. */
static struct desk welcomed(void)
{
    struct desk desk = desk_new();
    wants(&desk, NOW, DESK_HELLO_VENTILATOR);
    wants(&desk, NOW, DESK_HELLO_SINK);
    desk_welcome(&desk, 200, 500);
    wants(&desk, NOW, DESK_BEAT);
    assert_int_equal(sleeps_until(&desk, NOW), NOW + 200);
    return desk;
}

static void a_new_desk_says_hello_to_both(void **state)
{
    (void)state;
    struct desk desk = desk_new();
    wants(&desk, NOW, DESK_HELLO_VENTILATOR);
    wants(&desk, NOW, DESK_HELLO_SINK);
    assert_int_equal(sleeps_until(&desk, NOW), NOW + 1000);
}

static void hello_is_said_every_second_until_there_is_a_welcome(void **state)
{
    (void)state;
    struct desk desk = desk_new();
    wants(&desk, NOW, DESK_HELLO_VENTILATOR);
    wants(&desk, NOW, DESK_HELLO_SINK);
    assert_int_equal(sleeps_until(&desk, NOW + 999), NOW + 1000);
    wants(&desk, NOW + 1000, DESK_HELLO_VENTILATOR);
    assert_int_equal(sleeps_until(&desk, NOW + 1000), NOW + 2000);
    desk_welcome(&desk, 200, 500);
    wants(&desk, NOW + 1100, DESK_BEAT);
    assert_int_equal(sleeps_until(&desk, NOW + 1100), NOW + 1300);
}

static void beats_come_as_often_as_the_welcome_says(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    for (int64_t now = NOW + 200; now < NOW + 2000; now += 200) {
        assert_int_equal(sleeps_until(&desk, now - 1), now);
        wants(&desk, now, DESK_BEAT);
        assert_int_equal(sleeps_until(&desk, now), now + 200);
    }
}

static void timings_that_are_none_are_the_usual_ones(void **state)
{
    (void)state;
    struct desk desk = desk_new();
    wants(&desk, NOW, DESK_HELLO_VENTILATOR);
    wants(&desk, NOW, DESK_HELLO_SINK);
    desk_welcome(&desk, 0, -1);
    wants(&desk, NOW, DESK_BEAT);
    assert_int_equal(sleeps_until(&desk, NOW), NOW + 2000);
    assert_int_equal(desk.resend_every_ms, 1000);
}

static void a_beat_can_be_had_soon(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_beat_soon(&desk);
    wants(&desk, NOW + 1, DESK_BEAT);
    assert_int_equal(sleeps_until(&desk, NOW + 1), NOW + 201);
}

static void leases_are_begun_one_at_a_time_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    for (uint32_t shard = 9; shard > 5; shard--)
        assert_int_equal(desk_lease(&desk, key_of(1, shard, 1)), 0);
    for (uint32_t shard = 9; shard > 5; shard--) {
        assert_null(desk_running(&desk));
        wants_of(&desk, NOW, DESK_START, shard);
        assert_int_equal(desk_running(&desk)->key.shard, shard);
        sleeps_until(&desk, NOW); /* nothing else is begun beside it */
        desk_finish(&desk, key_of(1, shard, 1));
        wants_of(&desk, NOW, DESK_SEND_RESULT, shard);
        if (shard == 9)
            wants(&desk, NOW, DESK_PROBE_SINK);
    }
    assert_int_equal(desk.n, 4);
}

static void a_lease_in_the_middle_leaves_the_others_in_order(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    for (uint32_t shard = 1; shard <= 4; shard++)
        assert_int_equal(desk_lease(&desk, key_of(1, shard, 1)), 0);
    assert_int_equal(desk_cancel(&desk, key_of(1, 2, 1)), 0);
    assert_int_equal(desk_lease(&desk, key_of(1, 2, 2)), 0);
    static const uint32_t order[] = {1, 3, 4, 2};
    for (int i = 0; i < 4; i++) {
        wants_of(&desk, NOW, DESK_START, order[i]);
        assert_int_equal(desk_cancel(&desk, desk_running(&desk)->key), 0);
    }
    assert_int_equal(desk.n, 0);
}

static void never_more_leases_than_the_limit_are_taken(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    for (uint32_t shard = 0; shard < DESK_LEASES_LIMIT; shard++)
        assert_int_equal(desk_lease(&desk, key_of(1, shard, 1)), 0);
    assert_int_not_equal(desk_lease(&desk, key_of(1, 99, 1)), 0);
    assert_int_equal(desk.n, DESK_LEASES_LIMIT);
    assert_int_equal(desk_ack(&desk, 1, 5), 0);
    assert_int_equal(desk_lease(&desk, key_of(1, 99, 1)), 0);
}

static void a_shard_is_held_once_a_stage(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    assert_int_equal(desk_lease(&desk, key_of(1, 5, 1)), 0);
    assert_int_not_equal(desk_lease(&desk, key_of(1, 5, 1)), 0);
    assert_int_not_equal(desk_lease(&desk, key_of(1, 5, 2)), 0);
    assert_int_equal(desk_lease(&desk, key_of(2, 5, 1)), 0);
    assert_int_equal(desk.n, 2);
}

static void a_lease_is_found_by_all_of_its_key(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_lease(&desk, key_of(1, 5, 3));
    assert_non_null(desk_find(&desk, key_of(1, 5, 3)));
    assert_null(desk_find(&desk, key_of(1, 5, 2)));
    assert_null(desk_find(&desk, key_of(2, 5, 3)));
    assert_null(desk_find(&desk, key_of(1, 4, 3)));
}

static void progress_rises_and_never_falls(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_lease(&desk, key_of(1, 5, 1));
    desk_progress(&desk, key_of(1, 5, 1), 70);
    desk_progress(&desk, key_of(1, 5, 1), 30);
    desk_progress(&desk, key_of(1, 5, 2), 90); /* nobody's */
    assert_int_equal(desk_find(&desk, key_of(1, 5, 1))->progress, 70);
}

/* A desk with one result that has been sent, and nothing due. */
static struct desk sent(void)
{
    struct desk desk = welcomed();
    assert_int_equal(desk_lease(&desk, key_of(1, 5, 1)), 0);
    wants_of(&desk, NOW, DESK_START, 5);
    desk_finish(&desk, key_of(1, 5, 1));
    wants_of(&desk, NOW, DESK_SEND_RESULT, 5);
    wants(&desk, NOW, DESK_PROBE_SINK);
    assert_int_equal(sleeps_until(&desk, NOW), NOW + 200);
    return desk;
}

static void a_result_is_sent_once_and_the_sink_is_probed_while_it_is_silent(void **state)
{
    (void)state;
    struct desk desk = sent();
    wants(&desk, NOW + 200, DESK_BEAT);
    wants(&desk, NOW + 400, DESK_BEAT);
    assert_int_equal(sleeps_until(&desk, NOW + 499), NOW + 500);
    wants(&desk, NOW + 500, DESK_PROBE_SINK);
    assert_int_equal(sleeps_until(&desk, NOW + 500), NOW + 600);
}

static void an_acknowledged_result_is_gone_and_nothing_is_probed(void **state)
{
    (void)state;
    struct desk desk = sent();
    assert_int_equal(desk_ack(&desk, 1, 5), 0);
    assert_int_equal(desk.n, 0);
    wants(&desk, NOW + 500, DESK_BEAT);
    assert_int_equal(sleeps_until(&desk, NOW + 500), NOW + 700);
    assert_int_not_equal(desk_ack(&desk, 1, 5), 0);
}

static void an_acknowledgement_goes_by_stage_and_shard_whatever_the_attempt(void **state)
{
    (void)state;
    struct desk desk = sent();
    assert_int_not_equal(desk_ack(&desk, 2, 5), 0);
    assert_int_not_equal(desk_ack(&desk, 1, 4), 0);
    assert_int_equal(desk_ack(&desk, 1, 5), 0);
}

static void a_sink_that_does_not_know_us_gets_hello_and_every_result_again(void **state)
{
    (void)state;
    struct desk desk = sent();
    desk_lease(&desk, key_of(1, 6, 1));
    wants_of(&desk, NOW, DESK_START, 6);
    desk_finish(&desk, key_of(1, 6, 1));
    wants_of(&desk, NOW, DESK_SEND_RESULT, 6);
    desk_rehello_sink(&desk);
    wants(&desk, NOW + 1, DESK_HELLO_SINK);
    wants_of(&desk, NOW + 1, DESK_SEND_RESULT, 5);
    wants_of(&desk, NOW + 1, DESK_SEND_RESULT, 6);
    assert_int_equal(sleeps_until(&desk, NOW + 1), NOW + 200);
}

static void what_is_not_sent_yet_is_not_sent_by_a_rehello(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_lease(&desk, key_of(1, 6, 1));
    wants_of(&desk, NOW, DESK_START, 6);
    desk_rehello_sink(&desk);
    wants(&desk, NOW, DESK_HELLO_SINK);
    sleeps_until(&desk, NOW);
}

static void a_ventilator_that_does_not_know_us_gets_hello_at_once(void **state)
{
    (void)state;
    struct desk desk = sent();
    desk_rehello_ventilator(&desk);
    wants(&desk, NOW + 10, DESK_HELLO_VENTILATOR);
    wants(&desk, NOW + 500, DESK_PROBE_SINK); /* but no beats */
    assert_int_equal(sleeps_until(&desk, NOW + 600), NOW + 1000);
    assert_int_equal(desk.n, 1); /* what is held is held still */
}

/* Each letter of before the HELLO brings a REHELLO; a second HELLO would lose the leases of the first. */
static void a_second_rehello_on_the_heels_of_the_first_brings_no_second_hello(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_rehello_ventilator(&desk);
    wants(&desk, NOW + 10, DESK_HELLO_VENTILATOR);
    desk_rehello_ventilator(&desk);
    assert_int_equal(sleeps_until(&desk, NOW + 20), NOW + 1010);
}

static void a_full_sink_does_not_keep_beats_back(void **state)
{
    (void)state;
    struct desk desk = sent();
    for (int64_t now = NOW + 200; now < NOW + 1000; now += 200) {
        desk_find(&desk, key_of(1, 5, 1))->must_send = 1; /* it was not taken */
        wants(&desk, now, DESK_BEAT);
        wants_of(&desk, now, DESK_SEND_RESULT, 5);
    }
}

static void finishing_what_is_not_held_is_nothing(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_finish(&desk, key_of(1, 5, 1));
    assert_int_equal(desk.n, 0);
    assert_int_not_equal(desk_cancel(&desk, key_of(1, 5, 1)), 0);
}

static void a_running_lease_that_is_cancelled_makes_room_for_the_next(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_lease(&desk, key_of(1, 5, 1));
    desk_lease(&desk, key_of(1, 6, 1));
    wants_of(&desk, NOW, DESK_START, 5);
    assert_int_equal(desk_cancel(&desk, key_of(1, 5, 1)), 0);
    assert_null(desk_running(&desk));
    wants_of(&desk, NOW, DESK_START, 6);
}

static void an_older_attempt_is_cancelled_for_nobody(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_lease(&desk, key_of(1, 5, 2));
    assert_int_not_equal(desk_cancel(&desk, key_of(1, 5, 1)), 0);
    assert_int_equal(desk.n, 1);
}

static void another_job_clears_the_desk(void **state)
{
    (void)state;
    struct desk desk = sent();
    desk_lease(&desk, key_of(1, 6, 1));
    desk_clear(&desk);
    assert_int_equal(desk.n, 0);
    assert_int_equal(sleeps_until(&desk, NOW), NOW + 200);
}

static void draining_gives_queued_leases_back_finishes_the_running_one_and_says_bye(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    for (uint32_t shard = 5; shard < 8; shard++)
        desk_lease(&desk, key_of(1, shard, 1));
    wants_of(&desk, NOW, DESK_START, 5);
    desk_drain(&desk);
    assert_int_not_equal(desk_lease(&desk, key_of(1, 9, 1)), 0);
    wants_of(&desk, NOW, DESK_RELEASE, 6);
    wants_of(&desk, NOW, DESK_RELEASE, 7);
    assert_int_equal(sleeps_until(&desk, NOW), NOW + 200);
    wants(&desk, NOW + 200, DESK_BEAT); /* the running one is still to be seen */
    desk_finish(&desk, key_of(1, 5, 1));
    wants_of(&desk, NOW + 200, DESK_SEND_RESULT, 5);
    wants(&desk, NOW + 200, DESK_PROBE_SINK);
    sleeps_until(&desk, NOW + 200);
    assert_int_equal(desk_ack(&desk, 1, 5), 0);
    wants(&desk, NOW + 210, DESK_BYE);
    wants(&desk, NOW + 210, DESK_LEAVE);
    wants(&desk, NOW + 210, DESK_LEAVE);
}

static void draining_with_nothing_to_do_says_bye(void **state)
{
    (void)state;
    struct desk desk = welcomed();
    desk_drain(&desk);
    wants(&desk, NOW, DESK_BYE);
    wants(&desk, NOW, DESK_LEAVE);
}

static void draining_before_a_welcome_leaves_without_a_word_to_the_ventilator(void **state)
{
    (void)state;
    struct desk desk = desk_new();
    desk_drain(&desk);
    wants(&desk, NOW, DESK_HELLO_SINK);
    wants(&desk, NOW, DESK_LEAVE);
}

static void draining_sends_results_again_to_a_sink_that_came_back(void **state)
{
    (void)state;
    struct desk desk = sent();
    desk_drain(&desk);
    desk_rehello_sink(&desk);
    wants(&desk, NOW, DESK_HELLO_SINK);
    wants_of(&desk, NOW, DESK_SEND_RESULT, 5);
    assert_int_equal(sleeps_until(&desk, NOW), NOW + 200);
}

/* Events of chance: one lease runs, none is over the limit, a result is sent only where there is one. */
static void no_row_of_events_breaks_the_rules(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct chance chance = {seed};
        struct desk desk = desk_new();
        int64_t now = NOW, wake;
        for (int i = 0; i < 400; i++) {
            struct desk_key key =
                key_of(1 + (uint32_t)chance_below(&chance, 2), (uint32_t)chance_below(&chance, 20),
                       (uint32_t)chance_below(&chance, 3));
            switch (chance_below(&chance, 10)) {
            case 0:
                desk_welcome(&desk, 100, 300);
                break;
            case 1:
                desk_rehello_ventilator(&desk);
                break;
            case 2:
                desk_rehello_sink(&desk);
                break;
            case 3:
                desk_ack(&desk, key.stage, key.shard);
                break;
            case 4:
                desk_cancel(&desk, key);
                break;
            case 5:
                if (desk_running(&desk))
                    desk_finish(&desk, desk_running(&desk)->key);
                break;
            default:
                desk_lease(&desk, key);
            }
            struct desk_action action;
            for (int n = 0; (action = desk_next(&desk, now, &wake)).verb != DESK_NOTHING; n++) {
                assert_true(n < 100); /* it comes to rest */
                if (action.verb == DESK_SEND_RESULT)
                    assert_int_equal(desk_find(&desk, action.key)->state, DESK_SENT);
                if (action.verb == DESK_START)
                    assert_ptr_equal(desk_running(&desk), desk_find(&desk, action.key));
            }
            uint32_t running = 0;
            for (uint32_t k = 0; k < desk.n; k++)
                running += desk.lease[k].state == DESK_RUNNING;
            assert_true(running <= 1 && desk.n <= DESK_LEASES_LIMIT && wake > now);
            now += (int64_t)chance_below(&chance, 150);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_desk_says_hello_to_both),
        cmocka_unit_test(hello_is_said_every_second_until_there_is_a_welcome),
        cmocka_unit_test(beats_come_as_often_as_the_welcome_says),
        cmocka_unit_test(timings_that_are_none_are_the_usual_ones),
        cmocka_unit_test(a_beat_can_be_had_soon),
        cmocka_unit_test(leases_are_begun_one_at_a_time_in_the_order_in_which_they_came),
        cmocka_unit_test(a_lease_in_the_middle_leaves_the_others_in_order),
        cmocka_unit_test(never_more_leases_than_the_limit_are_taken),
        cmocka_unit_test(a_shard_is_held_once_a_stage),
        cmocka_unit_test(a_lease_is_found_by_all_of_its_key),
        cmocka_unit_test(progress_rises_and_never_falls),
        cmocka_unit_test(a_result_is_sent_once_and_the_sink_is_probed_while_it_is_silent),
        cmocka_unit_test(an_acknowledged_result_is_gone_and_nothing_is_probed),
        cmocka_unit_test(an_acknowledgement_goes_by_stage_and_shard_whatever_the_attempt),
        cmocka_unit_test(a_sink_that_does_not_know_us_gets_hello_and_every_result_again),
        cmocka_unit_test(what_is_not_sent_yet_is_not_sent_by_a_rehello),
        cmocka_unit_test(a_ventilator_that_does_not_know_us_gets_hello_at_once),
        cmocka_unit_test(a_second_rehello_on_the_heels_of_the_first_brings_no_second_hello),
        cmocka_unit_test(a_full_sink_does_not_keep_beats_back),
        cmocka_unit_test(finishing_what_is_not_held_is_nothing),
        cmocka_unit_test(a_running_lease_that_is_cancelled_makes_room_for_the_next),
        cmocka_unit_test(an_older_attempt_is_cancelled_for_nobody),
        cmocka_unit_test(another_job_clears_the_desk),
        cmocka_unit_test(draining_gives_queued_leases_back_finishes_the_running_one_and_says_bye),
        cmocka_unit_test(draining_with_nothing_to_do_says_bye),
        cmocka_unit_test(draining_before_a_welcome_leaves_without_a_word_to_the_ventilator),
        cmocka_unit_test(draining_sends_results_again_to_a_sink_that_came_back),
        cmocka_unit_test(no_row_of_events_breaks_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
