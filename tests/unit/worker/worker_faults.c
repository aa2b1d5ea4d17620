/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker does when a peer came back, cannot take more, or says what it should not. */
#include <stdlib.h>
#include <string.h>

#include "score/money.h"
#include "support/assert.h"
#include "support/said.h"
#include "support/worker_scene.h"
#include "worker/queue.h"

static const struct desk_key first = {1, 3, 1}, second = {1, 5, 1};

static void leases(struct worker_scene *scene, struct desk_key key)
{
    worker_scene_lease(scene, key, 0, 1);
    worker_scene_rows(scene, key, 0, scene->rows.n);
}

static void hears(struct worker_scene *scene, struct line *at, enum letter_kind kind)
{
    assert_int_equal(worker_scene_hears(scene, at, kind), 0);
}

static void is_quiet(struct worker_scene *scene, struct line *at, enum letter_kind kind)
{
    assert_int_equal(worker_scene_hears(scene, at, kind), 1);
}

static void rehello(struct worker_scene *scene, struct line *from)
{
    worker_scene_say(scene, from, &(struct letter){.kind = LETTER_REHELLO}, NULL);
}

static void letters_that_cannot_be_read_are_counted_and_dropped(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    for (int i = 0; i < 3; i++) {
        struct parcel parcel = {.n = 1};
        parcel.part[0] = part_new(7);
        memset(parcel.part[0].data, 0xff, 7);
        assert_int_equal(line_send(scene->ventilator, scene->at_ventilator, &parcel), 0);
    }
    assert_int_equal(worker_scene_turns(scene, 10), 0);
    assert_int_equal(figures_get(scene->figures, FIGURE_MALFORMED), 3);
    shard_fill(&scene->rows, 50, &scene->chance);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
}

static void a_sink_that_came_back_gets_hello_and_the_same_result(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    struct digest bytes = wire_digest(&scene->heard.parcel, 0);
    is_quiet(scene, scene->sink, LETTER_RESULT); /* it is sent once ... */
    for (int i = 0; i < 3; i++) {
        rehello(scene, scene->sink); /* ... for each sink that may not have it */
        hears(scene, scene->sink, LETTER_HELLO);
        hears(scene, scene->sink, LETTER_RESULT);
        assert_true(digest_same(wire_digest(&scene->heard.parcel, 0), bytes));
    }
    worker_scene_ack(scene, 1, first.shard, ACK_DUPLICATE);
    assert_int_equal(worker_scene_beat(scene).n, 0);
    rehello(scene, scene->sink);
    hears(scene, scene->sink, LETTER_HELLO);
    is_quiet(scene, scene->sink, LETTER_RESULT);
}

static void a_silent_sink_is_probed_while_a_result_waits(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    scene->now += 10000;
    is_quiet(scene, scene->sink, LETTER_BEAT);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    hears(scene, scene->sink, LETTER_BEAT);
    is_quiet(scene, scene->sink, LETTER_BEAT);
    scene->now += 300;
    hears(scene, scene->sink, LETTER_BEAT);
}

static void a_ventilator_that_came_back_hears_of_what_is_whole_and_not_of_what_is_not(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_lease(scene, second, 0, 2);
    worker_scene_rows(scene, second, 0, 20);
    const struct desk_key third = {1, 6, 1};
    leases(scene, third);
    assert_int_equal(worker_scene_beat(scene).n, 3);
    rehello(scene, scene->ventilator);
    rehello(scene, scene->ventilator); /* one for each letter of before */
    hears(scene, scene->ventilator, LETTER_HELLO);
    is_quiet(scene, scene->ventilator, LETTER_HELLO);
    worker_scene_welcome(scene);
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, 1);
    assert_int_equal(beat.shards[0], first.shard);
    assert_int_equal(beat.states[0], BEAT_SENT);
    assert_int_equal(beat.frames_taken, 0);
    is_quiet(scene, scene->ventilator, LETTER_RELEASE);
    const struct desk_key again = {1, 5, 2}; /* what was lost is leased anew */
    leases(scene, again);
    hears(scene, scene->sink, LETTER_RESULT);
    assert_int_equal(scene->heard.letter.attempt, 2);
    worker_scene_result_is_right(scene, 1);
}

static void a_stopped_worker_does_not_wait_for_frames_of_a_ventilator_that_came_back(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 2);
    worker_scene_rows(scene, first, 0, 20);
    worker_scene_turns(scene, 3);
    scene->stop = 1;
    assert_int_equal(worker_scene_turns(scene, 5), 0);
    rehello(scene, scene->ventilator);
    assert_int_equal(worker_scene_turns(scene, 5), ROLE_E_FINISHED);
}

/* The sink has it already, from an earlier attempt of this same worker. */
static void a_queued_lease_that_is_acknowledged_is_gone_with_its_frames(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 1);
    leases(scene, second);
    assert_int_equal(worker_scene_beat(scene).frames_taken, 0);
    worker_scene_ack(scene, 1, second.shard, ACK_DUPLICATE);
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, 1);
    assert_int_equal(beat.frames_taken, 1);
    worker_scene_rows(scene, second, 0, 10);
    assert_int_equal(worker_scene_beat(scene).frames_taken, 2);
}

static void a_queued_lease_with_too_many_frames_is_given_back(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 1);
    worker_scene_lease(scene, second, 0, 100);
    for (int i = 0; i <= QUEUE_FRAMES_LIMIT; i++)
        worker_scene_rows(scene, second, 0, 1);
    hears(scene, scene->ventilator, LETTER_RELEASE);
    assert_int_equal(scene->heard.letter.shard, second.shard);
    assert_int_equal(scene->heard.letter.code, RELEASE_BUSY);
    struct beat beat = worker_scene_beat(scene);
    assert_int_equal(beat.n, 1);
    assert_int_equal(beat.frames_taken, QUEUE_FRAMES_LIMIT + 1);
}

static void a_sink_that_takes_no_more_is_tried_again_and_beats_go_on(void **state)
{
    struct worker_scene *scene = *state;
    struct letter noise = {.kind = LETTER_BEAT};
    struct parcel parcel;
    int fed = 0;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    for (int r = 0; r == 0; fed++) { /* nothing more goes through to the sink */
        assert_int_equal(wire_letter_put(&noise, &parcel), 0);
        r = line_send(scene->line, (struct peer){.gate = 1}, &parcel);
        parcel_clear(&parcel);
    }
    assert_true(fed > 100);
    leases(scene, first);
    for (int i = 0; i < 5; i++)
        assert_int_equal(worker_scene_beat(scene).n, 1);
    while (line_wait(scene->sink, 0, &scene->at_sink, &parcel) == 0)
        parcel_clear(&parcel);
    scene->now += 50;
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
}

static void a_ledger_at_fault_is_said_with_its_exit_code(void **state)
{
    struct worker_scene *scene = *state;
    for (int64_t i = 0; i <= INT64_MAX / MONEY_ROW_LIMIT; i++)
        shard_add(&scene->rows, "rich", 4, (struct shard_row){.day = 3, .amount = MONEY_ROW_LIMIT});
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->ventilator, LETTER_FAIL);
    assert_int_equal(scene->heard.letter.code, 65);
    assert_int_equal(scene->heard.letter.shard, first.shard);
    assert_non_null(strstr(scene->heard.letter.text, "'rich'"));
    assert_int_equal(worker_scene_beat(scene).n, 0);
}

/* DATA whose payload is these bytes. */
static void say_bytes(struct worker_scene *scene, const struct letter *letter, const char *bytes,
                      size_t size)
{
    struct parcel payload = {.n = 1};
    assert_int_equal(wire_bytes_put((struct slice){bytes, size}, &payload), 0);
    worker_scene_say(scene, scene->ventilator, letter, &payload);
}

static void frames_that_no_ventilator_sends_are_said_as_our_fault(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    worker_scene_lease(scene, first, 0, 1);
    struct letter letter = worker_scene_about(scene, LETTER_DATA, first);
    letter.code = DATA_ROWS;
    say_bytes(scene, &letter, "\x0a\x7f", 2);
    hears(scene, scene->ventilator, LETTER_FAIL);
    assert_int_equal(scene->heard.letter.code, 70);
}

static void malformed_letters_are_passed_over(void **state)
{
    struct worker_scene *scene = *state;
    static const enum letter_kind kinds[] = {LETTER_WELCOME, LETTER_PLAN, LETTER_LEASE,
                                             LETTER_MODEL};
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct letter letter = worker_scene_about(scene, kinds[i], first);
        say_bytes(scene, &letter, "\xff\xff\xff", 3);
        worker_scene_say(scene, scene->ventilator, &letter, NULL); /* without its payload */
    }
    struct letter strange = {.kind = LETTER_SEALED, .job = scene->job};
    worker_scene_say(scene, scene->ventilator, &strange, NULL);
    worker_scene_say(scene, scene->sink, &strange, NULL);
    worker_scene_lease(scene, (struct desk_key){3, 1, 1}, 0, 1);
    worker_scene_lease(scene, (struct desk_key){1, 8, 1}, 0, 1); /* of 8 shards */
    assert_int_equal(worker_scene_beat(scene).n, 0);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
}

static void envelopes_of_chance_are_passed_over(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    for (int i = 0; i < 500; i++) {
        struct parcel parcel = {.n = 0};
        char bytes[40];
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)chance_next(&scene->chance);
        bytes[0] = 0x7f; /* no field of ours: never another version by chance */
        struct slice slice = {bytes, chance_below(&scene->chance, sizeof bytes)};
        assert_int_equal(wire_bytes_put(slice.size ? slice : (struct slice){"\x7f", 1}, &parcel),
                         0);
        struct line *from = i % 2 ? scene->sink : scene->ventilator;
        struct peer to = i % 2 ? scene->at_sink : scene->at_ventilator;
        assert_int_equal(line_send(from, to, &parcel), 0);
        assert_int_equal(worker_scene_turns(scene, 1), 0);
    }
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_result_is_right(scene, 1);
}

/* The worker ends with this status, and words. */
static void ends(struct worker_scene *scene, int status, const char *words)
{
    struct said said;
    said_begin(&said);
    int r = worker_scene_turns(scene, 3);
    said_end(&said);
    assert_int_equal(r, status);
    assert_non_null(strstr(said.text, words));
}

static void a_peer_of_another_version_ends_the_worker_with_words(void **state)
{
    struct worker_scene *scene = *state;
    struct parcel parcel;
    worker_scene_joins(scene);
    assert_int_equal(wire_letter_put(&(struct letter){.kind = LETTER_PROBE}, &parcel), 0);
    ((char *)parcel.part[0].data)[1] = 2;
    assert_int_equal(line_send(scene->ventilator, scene->at_ventilator, &parcel), 0);
    ends(scene, STATUS_CONFIG, "another version of the protocol");
}

static void a_refusal_ends_the_worker_with_its_words(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    struct letter letter = {.kind = LETTER_REFUSED, .code = 77, .text = "no such key"};
    worker_scene_say(scene, scene->ventilator, &letter, NULL);
    ends(scene, STATUS_DENIED, "refuses this worker: no such key");
}

static void a_refusal_of_the_sink_does_likewise(void **state)
{
    struct worker_scene *scene = *state;
    worker_scene_joins(scene);
    struct letter letter = {.kind = LETTER_REFUSED, .code = 78, .text = "another major version"};
    worker_scene_say(scene, scene->sink, &letter, NULL);
    ends(scene, STATUS_CONFIG, "the sink refuses this worker: another major version");
}

static void a_refused_result_is_a_bug(void **state)
{
    struct worker_scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    worker_scene_joins(scene);
    leases(scene, first);
    hears(scene, scene->sink, LETTER_RESULT);
    worker_scene_ack(scene, 1, first.shard, ACK_REFUSED);
    ends(scene, STATUS_BUG, "refuses the result of shard 3");
}

#define in_a_scene(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, worker_scene_begin, worker_scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(letters_that_cannot_be_read_are_counted_and_dropped),
        in_a_scene(a_sink_that_came_back_gets_hello_and_the_same_result),
        in_a_scene(a_silent_sink_is_probed_while_a_result_waits),
        in_a_scene(a_ventilator_that_came_back_hears_of_what_is_whole_and_not_of_what_is_not),
        in_a_scene(a_stopped_worker_does_not_wait_for_frames_of_a_ventilator_that_came_back),
        in_a_scene(a_queued_lease_that_is_acknowledged_is_gone_with_its_frames),
        in_a_scene(a_queued_lease_with_too_many_frames_is_given_back),
        in_a_scene(a_sink_that_takes_no_more_is_tried_again_and_beats_go_on),
        in_a_scene(a_ledger_at_fault_is_said_with_its_exit_code),
        in_a_scene(frames_that_no_ventilator_sends_are_said_as_our_fault),
        in_a_scene(malformed_letters_are_passed_over),
        in_a_scene(envelopes_of_chance_are_passed_over),
        in_a_scene(a_peer_of_another_version_ends_the_worker_with_words),
        in_a_scene(a_refusal_ends_the_worker_with_its_words),
        in_a_scene(a_refusal_of_the_sink_does_likewise),
        in_a_scene(a_refused_result_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
