/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/docket.h"

#include <stdio.h>
#include <string.h>

#include "support/assert.h"
#include "support/chance.h"

#define SLICE 1000
#define WALL  1700000000000

struct scene {
    struct docket *docket;
    int64_t now;
    int ids;
};

static int begin(void **state)
{
    static struct scene scene;
    scene = (struct scene){.now = 5000};
    *state = &scene;
    return docket_new(SLICE, &scene.docket);
}

static int end(void **state)
{
    struct scene *scene = *state;
    docket_destroy(&scene->docket);
    return 0;
}

static struct order order_of(const char *owner, const char *name, const char *key)
{
    static const char *const words[] = {"--horizon=30", "--", "/data/orders.csv"};
    return (struct order){owner, name, key, words, 3};
}

static int says(struct docket *docket, const struct order *order, const char *id,
                struct docket_job **job)
{
    const struct docket_submission submission = {order, id, WALL, 0};
    return docket_submit(docket, &submission, job);
}

static struct docket_job *submit(struct scene *scene, const char *owner, const char *name)
{
    struct docket_job *job;
    struct order order = order_of(owner, name, "");
    char id[20];
    const struct docket_submission submission = {&order, id, WALL, scene->now};
    snprintf(id, sizeof id, "job%d", scene->ids++);
    assert_int_equal(docket_submit(scene->docket, &submission, &job), DOCKET_NEW);
    return job;
}

static void wants(struct scene *scene, enum docket_verb verb, const struct docket_job *job)
{
    struct docket_action action = docket_next(scene->docket, scene->now);
    assert_int_equal(action.verb, verb);
    assert_ptr_equal(action.job, job);
}

static void starts(struct scene *scene, struct docket_job *job)
{
    wants(scene, DOCKET_START, job);
    docket_began(scene->docket, job, WALL + 1);
    assert_int_equal(job->state, ENTRY_RUNNING);
    wants(scene, DOCKET_NOTHING, job);
}

static void ends(struct scene *scene)
{
    static const struct docket_end done = {ENTRY_DONE, 0, ""};
    docket_ended(scene->docket, &done, WALL + 2);
    assert_null(docket_current(scene->docket));
}

static void nothing_is_to_be_done_of_no_jobs(void **state)
{
    wants(*state, DOCKET_NOTHING, NULL);
}

static void jobs_of_one_owner_are_done_in_the_order_of_arrival(void **state)
{
    struct scene *scene = *state;
    struct docket_job *first = submit(scene, "ada", ""), *second = submit(scene, "ada", "");
    starts(scene, first);
    ends(scene);
    assert_int_equal(first->state, ENTRY_DONE);
    assert_int_equal(first->ended_ms, WALL + 2);
    starts(scene, second);
    ends(scene);
    wants(scene, DOCKET_NOTHING, NULL);
}

static void owners_take_turns_however_many_jobs_one_has(void **state)
{
    struct scene *scene = *state;
    struct docket_job *ada[5], *bob[2];
    for (int i = 0; i < 5; i++)
        ada[i] = submit(scene, "ada", "");
    for (int i = 0; i < 2; i++)
        bob[i] = submit(scene, "bob", "");
    struct docket_job *const turns[] = {ada[0], bob[0], ada[1], bob[1], ada[2], ada[3], ada[4]};
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        starts(scene, turns[i]);
        ends(scene);
    }
}

static void who_comes_late_is_next_and_not_first_for_all_he_has_missed(void **state)
{
    struct scene *scene = *state;
    struct docket_job *ada[4], *bob[2];
    for (int i = 0; i < 4; i++)
        ada[i] = submit(scene, "ada", "");
    for (int i = 0; i < 2; i++) {
        starts(scene, ada[i]);
        ends(scene);
    }
    for (int i = 0; i < 2; i++)
        bob[i] = submit(scene, "bob", "");
    struct docket_job *const turns[] = {bob[0], ada[2], bob[1], ada[3]};
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        starts(scene, turns[i]);
        ends(scene);
    }
}

/* Whatever comes when: between two turns of an owner who waits, each other owner has at most one. */
static void nobody_waits_for_more_than_a_turn_of_each(void **state)
{
    static const char *const owners[] = {"ada", "bob", "cyd", "dan"};
    struct scene *scene = *state;
    struct chance chance = {23};
    size_t waiting[4] = {0}, passed[4][4] = {{0}};
    for (int round = 0; round < 400; round++) {
        size_t who = chance_below(&chance, 4);
        if (chance_below(&chance, 2)) {
            submit(scene, owners[who], "");
            waiting[who]++;
        }
        struct docket_action action = docket_next(scene->docket, scene->now);
        if (action.verb != DOCKET_START)
            continue;
        docket_began(scene->docket, action.job, WALL);
        for (who = 0; strcmp(owners[who], action.job->owner) != 0; who++)
            ;
        waiting[who]--;
        for (size_t other = 0; other < 4; other++) {
            passed[who][other] = 0;
            passed[other][who] = waiting[other] ? passed[other][who] + 1 : 0;
            assert_in_range(passed[other][who], 0, 1);
        }
        ends(scene);
    }
}

static void the_same_key_and_content_is_the_same_job(void **state)
{
    struct scene *scene = *state;
    struct order order = order_of("ada", "nightly", "2026-01-31");
    struct docket_job *first, *again;
    assert_int_equal(says(scene->docket, &order, "a", &first), DOCKET_NEW);
    assert_int_equal(says(scene->docket, &order, "b", &again), DOCKET_KNOWN);
    assert_ptr_equal(first, again);
    starts(scene, first);
    assert_int_equal(says(scene->docket, &order, "b", &again), DOCKET_KNOWN);
    ends(scene);
    assert_int_equal(says(scene->docket, &order, "b", &again), DOCKET_KNOWN);
    assert_string_equal(again->id, "a");
    assert_int_equal(docket_size(scene->docket), 1);
}

static void the_same_key_with_another_content_is_refused(void **state)
{
    static const char *const other_words[] = {"--horizon=31", "--", "/data/orders.csv"};
    struct scene *scene = *state;
    struct order order = order_of("ada", "nightly", "k");
    struct docket_job *first, *job;
    assert_int_equal(says(scene->docket, &order, "a", &first), DOCKET_NEW);
    order.words = other_words;
    assert_int_equal(says(scene->docket, &order, "b", &job), DOCKET_OTHER);
    assert_ptr_equal(first, job);
    order = order_of("ada", "weekly", "k");
    assert_int_equal(says(scene->docket, &order, "b", &job), DOCKET_OTHER);
    order = order_of("ada", "nightly", "k");
    order.n_words = 2;
    assert_int_equal(says(scene->docket, &order, "b", &job), DOCKET_OTHER);
}

static void a_key_is_its_owners(void **state)
{
    struct scene *scene = *state;
    struct order ada = order_of("ada", "", "k"), bob = order_of("bob", "", "k");
    struct docket_job *job;
    assert_int_equal(says(scene->docket, &ada, "a", &job), DOCKET_NEW);
    assert_int_equal(says(scene->docket, &bob, "b", &job), DOCKET_NEW);
}

static void a_job_that_waits_is_withdrawn(void **state)
{
    struct scene *scene = *state;
    struct docket_job *first = submit(scene, "ada", ""), *second = submit(scene, "ada", ""), *job;
    assert_int_equal(docket_cancel(scene->docket, first->id, WALL + 9, &job), DOCKET_WITHDRAWN);
    assert_int_equal(first->state, ENTRY_CANCELLED);
    assert_int_equal(first->code, 75);
    assert_int_equal(first->ended_ms, WALL + 9);
    assert_int_equal(docket_cancel(scene->docket, first->id, WALL, &job), DOCKET_WITHDRAWN);
    assert_int_equal(first->ended_ms, WALL + 9);
    starts(scene, second);
}

static void a_job_that_runs_is_stopped(void **state)
{
    static const struct docket_end cancelled = {ENTRY_CANCELLED, 75, "cancelled"};
    struct scene *scene = *state;
    struct docket_job *first = submit(scene, "ada", ""), *second = submit(scene, "ada", ""), *job;
    starts(scene, first);
    assert_int_equal(docket_cancel(scene->docket, first->id, WALL, &job), DOCKET_STOPS);
    wants(scene, DOCKET_STOP, first);
    docket_ended(scene->docket, &cancelled, WALL);
    starts(scene, second);
}

static void a_job_that_is_over_or_was_never_there_is_not_cancelled(void **state)
{
    struct scene *scene = *state;
    struct docket_job *first = submit(scene, "ada", ""), *job;
    starts(scene, first);
    ends(scene);
    assert_int_equal(docket_cancel(scene->docket, first->id, WALL, &job), DOCKET_OVER);
    assert_int_equal(docket_cancel(scene->docket, "nobody", WALL, &job), DOCKET_ABSENT);
}

static void a_long_job_rests_when_another_owner_has_waited_as_long(void **state)
{
    struct scene *scene = *state;
    struct docket_job *ada = submit(scene, "ada", ""), *bob;
    starts(scene, ada);
    docket_dealing(scene->docket, 1, scene->now);
    scene->now += 10 * SLICE;
    wants(scene, DOCKET_NOTHING, ada); /* nobody waits */
    submit(scene, "ada", "");
    bob = submit(scene, "bob", "");
    scene->now += SLICE - 1;
    wants(scene, DOCKET_NOTHING, ada);
    scene->now += 1;
    wants(scene, DOCKET_REST, ada);
    docket_rested(scene->docket, scene->now);
    assert_int_equal(ada->state, ENTRY_QUEUED);
    assert_true(docket_begun(ada));
    starts(scene, bob);
    ends(scene);
    starts(scene, ada); /* and not the other of ada's, which came after it */
}

static void a_slice_is_of_time_in_which_shards_were_dealt(void **state)
{
    struct scene *scene = *state;
    struct docket_job *ada = submit(scene, "ada", "");
    starts(scene, ada);
    submit(scene, "bob", "");
    scene->now += 100 * SLICE; /* reads its ledger */
    wants(scene, DOCKET_NOTHING, ada);
    docket_dealing(scene->docket, 1, scene->now);
    docket_dealing(scene->docket, 1, scene->now);
    scene->now += SLICE / 2;
    docket_dealing(scene->docket, 0, scene->now); /* the model is fitted */
    scene->now += 100 * SLICE;
    wants(scene, DOCKET_NOTHING, ada);
    docket_dealing(scene->docket, 1, scene->now);
    scene->now += SLICE / 2 - 1;
    wants(scene, DOCKET_NOTHING, ada);
    scene->now += 1;
    wants(scene, DOCKET_REST, ada);
}

static void jobs_of_one_name_wait_for_one_another_and_others_pass(void **state)
{
    struct scene *scene = *state;
    struct docket_job *ada = submit(scene, "ada", "nightly");
    struct docket_job *bob = submit(scene, "bob", "nightly"), *cyd = submit(scene, "cyd", "");
    starts(scene, ada);
    docket_dealing(scene->docket, 1, scene->now);
    scene->now += SLICE;
    wants(scene, DOCKET_REST, ada);
    docket_rested(scene->docket, scene->now);
    starts(scene, cyd);
    ends(scene);
    starts(scene, ada); /* bob's would work in its state */
    ends(scene);
    starts(scene, bob);
}

static struct entry kept(const char *id, uint64_t number, enum entry_state state, uint64_t turn)
{
    return (struct entry){.id = id,
                          .order = order_of("ada", "", id),
                          .state = state,
                          .text = "words",
                          .number = number,
                          .turn = turn,
                          .starts = state == ENTRY_RUNNING};
}

static void what_was_kept_is_there_again_and_the_job_at_hand_goes_on(void **state)
{
    struct scene *scene = *state;
    const struct entry entries[] = {kept("third", 3, ENTRY_RUNNING, 7),
                                    kept("first", 1, ENTRY_DONE, 6),
                                    kept("fourth", 4, ENTRY_QUEUED, 0)};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(docket_restore(scene->docket, &entries[i], scene->now), 0);
    assert_int_equal(docket_restore(scene->docket, &entries[0], scene->now), 0);
    assert_int_equal(docket_size(scene->docket), 3);
    assert_string_equal(docket_at(scene->docket, 0)->id, "first");
    assert_string_equal(docket_at(scene->docket, 1)->id, "third");
    assert_string_equal(docket_at(scene->docket, 1)->words[2], "/data/orders.csv");
    assert_int_equal(submit(scene, "bob", "")->number, 5);
    starts(scene, docket_find(scene->docket, "third"));
    assert_int_equal(docket_find(scene->docket, "third")->starts, 2);
    assert_int_equal(docket_find(scene->docket, "third")->turn, 8);
}

static void who_kills_every_process_is_given_up(void **state)
{
    struct scene *scene = *state;
    struct entry entry = kept("killer", 1, ENTRY_RUNNING, 1);
    entry.starts = DOCKET_STARTS_LIMIT - 1;
    assert_int_equal(docket_restore(scene->docket, &entry, scene->now), 0);
    struct docket_job *job = docket_find(scene->docket, "killer");
    starts(scene, job);
    docket_paused(scene->docket); /* left in peace: it has killed nobody this time */
    assert_int_equal(job->starts, 0);
    job->starts = DOCKET_STARTS_LIMIT;
    wants(scene, DOCKET_GIVE_UP, job);
}

static void too_many_that_wait_are_refused_and_too_many_that_are_over_forgotten(void **state)
{
    struct scene *scene = *state;
    struct order order = order_of("ada", "", "");
    struct docket_job *job;
    for (int i = 0; i < DOCKET_WAITING_LIMIT; i++)
        submit(scene, "ada", "");
    assert_int_equal(says(scene->docket, &order, "x", &job), DOCKET_FULL);
    for (int i = 0; i < DOCKET_KEPT_LIMIT; i++) {
        wants(scene, DOCKET_START, docket_next(scene->docket, scene->now).job);
        docket_began(scene->docket, docket_next(scene->docket, scene->now).job, WALL);
        ends(scene);
        submit(scene, "ada", "");
        if ((job = docket_surplus(scene->docket)) != NULL)
            docket_forget(scene->docket, job);
    }
    assert_int_equal(docket_size(scene->docket), DOCKET_KEPT_LIMIT);
    assert_null(docket_surplus(scene->docket));
    assert_null(docket_find(scene->docket, "job0"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_to_be_done_of_no_jobs),
        TEST(jobs_of_one_owner_are_done_in_the_order_of_arrival),
        TEST(owners_take_turns_however_many_jobs_one_has),
        TEST(who_comes_late_is_next_and_not_first_for_all_he_has_missed),
        TEST(nobody_waits_for_more_than_a_turn_of_each),
        TEST(the_same_key_and_content_is_the_same_job),
        TEST(the_same_key_with_another_content_is_refused),
        TEST(a_key_is_its_owners),
        TEST(a_job_that_waits_is_withdrawn),
        TEST(a_job_that_runs_is_stopped),
        TEST(a_job_that_is_over_or_was_never_there_is_not_cancelled),
        TEST(a_long_job_rests_when_another_owner_has_waited_as_long),
        TEST(a_slice_is_of_time_in_which_shards_were_dealt),
        TEST(jobs_of_one_name_wait_for_one_another_and_others_pass),
        TEST(what_was_kept_is_there_again_and_the_job_at_hand_goes_on),
        TEST(who_kills_every_process_is_given_up),
        TEST(too_many_that_wait_are_refused_and_too_many_that_are_over_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
