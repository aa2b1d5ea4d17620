/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a job, event by event. */
#include "ventilator/course.h"

#include "support/assert.h"

#define SHARDS 8
#define EVERY  5000

static const uint8_t none[1] = {0}, some[1] = {0x0f}, all[1] = {0xff};

static enum course_action next(struct course *course, int64_t now_ms)
{
    int64_t wake_ms = INT64_MAX;
    return course_next(course, now_ms, &wake_ms);
}

static enum course_news set(struct course *course, const uint8_t *gathered, const uint8_t *scored,
                            uint32_t n_done)
{
    const struct done_set done = {SHARDS, gathered, scored};
    return course_done_set(course, &done, 7, 3, n_done);
}

/* Everything that is due has been said. */
static void rest(struct course *course, int64_t now_ms)
{
    while (next(course, now_ms) != COURSE_NOTHING)
        ;
}

static struct course gathering(void)
{
    struct course course = course_new(EVERY);
    course_read(&course, 0, 100);
    assert_int_equal(next(&course, 100), COURSE_ANNOUNCE);
    assert_int_equal(set(&course, none, none, 0), COURSE_BEGINS);
    rest(&course, 100);
    return course;
}

static struct course sealing(void)
{
    struct course course = gathering();
    assert_true(course_model(&course));
    course_complete(&course, 200);
    assert_int_equal(next(&course, 200), COURSE_SEAL);
    rest(&course, 200);
    return course;
}

static void the_job_is_announced_until_the_sink_says_what_it_has(void **state)
{
    (void)state;
    struct course course = course_new(EVERY);
    assert_int_equal(next(&course, 50), COURSE_NOTHING);
    course_read(&course, 0, 100);
    assert_int_equal(next(&course, 100), COURSE_ANNOUNCE);
    assert_int_equal(next(&course, 100), COURSE_NOTHING);
    assert_int_equal(next(&course, 100 + EVERY), COURSE_ANNOUNCE);
    assert_int_equal(set(&course, some, none, 0), COURSE_BEGINS);
    assert_int_equal(next(&course, 9000), COURSE_RESYNC);
    assert_int_equal(next(&course, 9000 + EVERY - 1), COURSE_NOTHING);
    assert_int_equal(next(&course, 9000 + EVERY), COURSE_RESYNC);
}

static void a_commit_that_was_not_told_brings_a_resync(void **state)
{
    (void)state;
    struct course course = gathering();
    course_done(&course, 7, 4, 300);
    assert_int_equal(next(&course, 300), COURSE_NOTHING);
    course_done(&course, 7, 6, 300); /* 5 is missing */
    assert_int_equal(next(&course, 300), COURSE_RESYNC);
    course_done(&course, 7, 7, 300);
    assert_int_equal(next(&course, 300), COURSE_NOTHING);
    course_done(&course, 8, 8, 300); /* another process */
    assert_int_equal(next(&course, 300), COURSE_RESYNC);
}

static void a_sink_that_has_less_than_it_had_begins_anew(void **state)
{
    (void)state;
    struct course course = gathering();
    assert_int_equal(set(&course, some, none, 4), COURSE_ADVANCES);
    assert_int_equal(set(&course, none, none, 4), COURSE_FORGOT);
    assert_int_equal(course.phase, COURSE_GATHERING);
    course = sealing();
    assert_int_equal(set(&course, all, some, SHARDS), COURSE_FORGOT);
    assert_int_equal(course.phase, COURSE_GATHERING);
    rest(&course, 400);
    assert_int_equal(next(&course, 40000), COURSE_RESYNC); /* and no SEAL */
    assert_int_equal(next(&course, 40000), COURSE_NOTHING);
}

static void a_model_is_news_once(void **state)
{
    (void)state;
    struct course course = gathering();
    assert_true(course_model(&course));
    assert_false(course_model(&course));
}

static void seal_is_said_again_to_a_sink_that_has_not_heard_it(void **state)
{
    (void)state;
    struct course course = sealing();
    assert_int_equal(next(&course, 300), COURSE_NOTHING);
    assert_int_equal(set(&course, all, all, SHARDS), COURSE_ADVANCES);
    assert_int_equal(next(&course, 300), COURSE_SEAL);
    assert_int_equal(course.sealing, 1);
}

static void a_stranger_to_the_sink_announces_again(void **state)
{
    (void)state;
    struct course course = sealing();
    course_rehello(&course, 300);
    assert_int_equal(next(&course, 300), COURSE_ANNOUNCE);
    assert_int_equal(next(&course, 300), COURSE_NOTHING);
    struct course reading = course_new(EVERY);
    course_rehello(&reading, 10);
    assert_int_equal(next(&reading, 10), COURSE_HELLO);
}

static void sealed_closes_whatever_the_phase(void **state)
{
    (void)state;
    struct course course = course_new(EVERY);
    assert_false(course_sealed(&course)); /* nothing has been read: it is of another job */
    course_read(&course, 0, 100);
    assert_true(course_sealed(&course));
    assert_false(course_sealed(&course));
    assert_int_equal(next(&course, 100), COURSE_LEAVE);
    course = gathering();
    assert_true(course_sealed(&course));
    course = sealing();
    assert_true(course_sealed(&course));
}

static void a_refused_ledger_is_sealed_at_once(void **state)
{
    (void)state;
    struct course course = course_new(EVERY);
    course_read(&course, 1, 100);
    assert_int_equal(next(&course, 100), COURSE_ANNOUNCE);
    assert_int_equal(set(&course, none, none, 0), COURSE_NO_NEWS);
    assert_int_equal(next(&course, 100), COURSE_SEAL);
    assert_int_equal(set(&course, none, none, 0), COURSE_ADVANCES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_job_is_announced_until_the_sink_says_what_it_has),
        cmocka_unit_test(a_commit_that_was_not_told_brings_a_resync),
        cmocka_unit_test(a_sink_that_has_less_than_it_had_begins_anew),
        cmocka_unit_test(a_model_is_news_once),
        cmocka_unit_test(seal_is_said_again_to_a_sink_that_has_not_heard_it),
        cmocka_unit_test(a_stranger_to_the_sink_announces_again),
        cmocka_unit_test(sealed_closes_whatever_the_phase),
        cmocka_unit_test(a_refused_ledger_is_sealed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
