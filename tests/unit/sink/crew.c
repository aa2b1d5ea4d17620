/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/crew.h"

#include <pthread.h>
#include <string.h>

#include "support/assert.h"

#define PARTS 1000

/* What was done, a place each: nothing is shared. */
struct book {
    int times[PARTS];
    size_t who[PARTS];
};

static void note(void *context, size_t i, size_t who)
{
    struct book *book = context;
    book->times[i]++;
    book->who[i] = who;
}

static void every_part_is_done_once(void **state)
{
    (void)state;
    static const size_t beside[] = {0, 1, 3};
    for (size_t c = 0; c < 3; c++) {
        struct crew *crew;
        struct book book = {{0}, {0}};
        assert_int_equal(crew_new(beside[c], &crew), 0);
        crew_run(crew, PARTS, note, &book);
        for (size_t i = 0; i < PARTS; i++) {
            assert_int_equal(book.times[i], 1);
            assert_true(book.who[i] < crew_threads(crew));
        }
        crew_destroy(&crew);
    }
}

static void a_crew_of_nobody_is_the_callers_own_thread(void **state)
{
    (void)state;
    struct crew *crew;
    struct book book = {{0}, {0}};
    assert_int_equal(crew_new(0, &crew), 0);
    assert_int_equal(crew_threads(crew), 1);
    crew_run(crew, 5, note, &book);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(book.who[i], 0);
    crew_destroy(&crew);
}

static void a_crew_is_called_again_and_again(void **state)
{
    (void)state;
    struct crew *crew;
    struct book book = {{0}, {0}};
    assert_int_equal(crew_new(2, &crew), 0);
    for (int call = 0; call < 500; call++)
        crew_run(crew, 7, note, &book);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(book.times[i], 500);
    assert_int_equal(book.times[7], 0);
    crew_destroy(&crew);
}

static void no_parts_are_no_work(void **state)
{
    (void)state;
    struct crew *crew;
    struct book book = {{0}, {0}};
    assert_int_equal(crew_new(2, &crew), 0);
    crew_run(crew, 0, note, &book);
    assert_int_equal(book.times[0], 0);
    crew_destroy(&crew);
}

/* All threads meet: none of them, the caller's among them, has one number with another. */
struct meeting {
    pthread_barrier_t barrier;
    size_t who[4];
};

static void meet(void *context, size_t i, size_t who)
{
    struct meeting *meeting = context;
    meeting->who[i] = who;
    pthread_barrier_wait(&meeting->barrier);
}

static void each_thread_has_a_number_of_its_own(void **state)
{
    (void)state;
    struct meeting meeting;
    struct crew *crew;
    int seen[4] = {0};
    assert_int_equal(crew_new(3, &crew), 0);
    assert_int_equal(crew_threads(crew), 4);
    assert_int_equal(pthread_barrier_init(&meeting.barrier, NULL, 4), 0);
    crew_run(crew, 4, meet, &meeting);
    for (size_t i = 0; i < 4; i++)
        seen[meeting.who[i]]++;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(seen[i], 1);
    pthread_barrier_destroy(&meeting.barrier);
    crew_destroy(&crew);
}

static void double_it(void *context, size_t i)
{
    ((int *)context)[i] *= 2;
}

static void a_fit_finds_the_crew_behind_its_own_seam(void **state)
{
    (void)state;
    struct crew *crew;
    int values[] = {1, 2, 3};
    assert_int_equal(crew_new(1, &crew), 0);
    struct fit_crew hands = crew_for_fit(crew);
    hands.run(hands.crew, 3, double_it, values);
    assert_int_equal(values[0], 2);
    assert_int_equal(values[1], 4);
    assert_int_equal(values[2], 6);
    crew_destroy(&crew);
}

static void destroying_twice_is_fine(void **state)
{
    (void)state;
    struct crew *crew;
    assert_int_equal(crew_new(1, &crew), 0);
    crew_destroy(&crew);
    assert_null(crew);
    crew_destroy(&crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_is_done_once),
        cmocka_unit_test(a_crew_of_nobody_is_the_callers_own_thread),
        cmocka_unit_test(a_crew_is_called_again_and_again),
        cmocka_unit_test(no_parts_are_no_work),
        cmocka_unit_test(each_thread_has_a_number_of_its_own),
        cmocka_unit_test(a_fit_finds_the_crew_behind_its_own_seam),
        cmocka_unit_test(destroying_twice_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
