/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/commit.h"

#include <string.h>

#include "doubles/store_failing.h"
#include "doubles/store_memory.h"
#include "support/assert.h"
#include "support/said.h"

/* A commit on a shelf that outlives it, with failures in front of the shelf where a test wants them. */
struct scene {
    struct shelf *shelf;
    struct commit *commit;
};

static const struct digest a_job = {1, 2}, another_job = {3, 4};
static const struct commit_job four_shards = {.id = {1, 2}, .shards = 4},
                               four_others = {.id = {3, 4}, .shards = 4},
                               many_shards = {.id = {1, 2}, .shards = 8192};

static int open_with(struct scene *scene, const int *writes, size_t n)
{
    struct store_failing_pattern pattern = {.writes = writes, .n_writes = n};
    struct store *inner, *store;
    assert_int_equal(store_memory_open(scene->shelf, &inner), 0);
    assert_int_equal(store_failing_open(&inner, pattern, &store), 0);
    int r = commit_open(&store, &scene->commit);
    store_close(&store);
    return r;
}

static struct scene a_scene_with(const int *writes, size_t n)
{
    struct scene scene = {0};
    assert_int_equal(store_memory_shelf_new(&scene.shelf), 0);
    assert_int_equal(open_with(&scene, writes, n), 0);
    return scene;
}

static struct scene a_scene(void)
{
    return a_scene_with(NULL, 0);
}

/* As after a crash: what the store holds is all that is known. */
static void reopen(struct scene *scene)
{
    commit_close(&scene->commit);
    assert_int_equal(open_with(scene, NULL, 0), 0);
}

static void end(struct scene *scene)
{
    commit_close(&scene->commit);
    store_memory_shelf_destroy(&scene->shelf);
}

/* Parts of text after an envelope. */
static struct parcel a_parcel(size_t n, const char *const *parts)
{
    struct parcel parcel;
    parcel.n = 0;
    assert_int_equal(wire_bytes_put((struct slice){"envelope", 8}, &parcel), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(wire_bytes_put((struct slice){parts[i], strlen(parts[i])}, &parcel), 0);
    return parcel;
}

static void begin(struct scene *scene, struct digest job, uint32_t shards)
{
    struct parcel letter = a_parcel(1, (const char *const[]){"job"});
    const struct commit_job about = {.id = job, .shards = shards};
    assert_int_equal(commit_begin(scene->commit, &about, 0, &letter), 0);
    parcel_clear(&letter);
}

/* One result with a payload of one part. */
static int keep(struct scene *scene, uint32_t stage, uint32_t shard, const char *payload)
{
    struct parcel parcel = a_parcel(2, (const char *const[]){"work", payload});
    struct commit_result result = {.stage = stage,
                                   .shard = shard,
                                   .digest = digest_of(payload, strlen(payload)),
                                   .work = {10, 1, 0},
                                   .parcel = &parcel};
    int r = commit_results(scene->commit, &result, 1);
    parcel_clear(&parcel);
    return r;
}

static int holds(struct scene *scene, uint32_t stage, uint32_t shard, uint32_t i, const char *want)
{
    struct slice part;
    int r = commit_part(scene->commit, stage, shard, i, &part);
    int same = r == 0 && part.size == strlen(want) && memcmp(part.data, want, part.size) == 0;
    commit_release(scene->commit);
    return same;
}

static int is_absent(struct scene *scene, uint32_t stage, uint32_t shard, uint32_t i)
{
    struct slice part;
    int r = commit_part(scene->commit, stage, shard, i, &part);
    commit_release(scene->commit);
    return r == COMMIT_E_ABSENT;
}

static void a_fresh_store_has_no_job(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    assert_int_equal(commit_job(scene.commit).phase, COMMIT_EMPTY);
    assert_int_equal(commit_sequence(scene.commit), 0);
    end(&scene);
}

static void a_job_that_was_begun_is_there_after_a_restart(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    begin(&scene, a_job, 16);
    reopen(&scene);
    struct commit_job job = commit_job(scene.commit);
    assert_true(digest_same(job.id, a_job));
    assert_int_equal(job.shards, 16);
    assert_int_equal(job.phase, COMMIT_RUNNING);
    end(&scene);
}

static void the_letters_parts_come_back_as_they_were(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct parcel letter = a_parcel(3, (const char *const[]){"job", "", "groups"}), back;
    assert_int_equal(commit_begin(scene.commit, &four_shards, 0, &letter), 0);
    assert_int_equal(keep(&scene, 1, 0, "digest"), 0);
    reopen(&scene);
    assert_int_equal(commit_letter(scene.commit, &back), 0);
    assert_int_equal(back.n, 4);
    for (size_t i = 1; i < 4; i++) {
        assert_int_equal(back.part[i].size, letter.part[i].size);
        assert_memory_equal(back.part[i].data, letter.part[i].data, letter.part[i].size);
    }
    parcel_clear(&letter);
    parcel_clear(&back);
    end(&scene);
}

static void a_letter_that_cannot_be_read_is_a_failure_and_not_a_short_one(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const int reads[] = {0, 0, STATUS_IO}; /* version, job, the letter's first part */
    struct store_failing_pattern pattern = {.reads = reads, .n_reads = 3};
    struct store *inner, *store;
    struct parcel back;
    begin(&scene, a_job, 4);
    commit_close(&scene.commit);
    assert_int_equal(store_memory_open(scene.shelf, &inner), 0);
    assert_int_equal(store_failing_open(&inner, pattern, &store), 0);
    assert_int_equal(commit_open(&store, &scene.commit), 0);
    assert_int_equal(commit_letter(scene.commit, &back), STATUS_IO);
    parcel_clear(&back);
    end(&scene);
}

static void parts_of_a_result_come_back_as_they_were(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    const char *const parts[] = {"work", "first", "", "third"};
    struct parcel parcel = a_parcel(4, parts);
    struct commit_result result = {.stage = 2, .shard = 7, .parcel = &parcel};
    begin(&scene, a_job, 16);
    assert_int_equal(commit_results(scene.commit, &result, 1), 0);
    reopen(&scene);
    assert_true(holds(&scene, 2, 7, 0, "first"));
    assert_true(holds(&scene, 2, 7, 1, ""));
    assert_true(holds(&scene, 2, 7, 2, "third"));
    assert_true(is_absent(&scene, 2, 7, 3));
    parcel_clear(&parcel);
    end(&scene);
}

static void stages_and_shards_are_kept_apart(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    begin(&scene, a_job, 65536);
    assert_int_equal(keep(&scene, 1, 1, "one"), 0);
    assert_int_equal(keep(&scene, 2, 1, "two"), 0);
    assert_int_equal(keep(&scene, 1, 256, "other"), 0); /* no byte of it may be lost in a key */
    assert_true(holds(&scene, 1, 1, 0, "one"));
    assert_true(holds(&scene, 2, 1, 0, "two"));
    assert_true(holds(&scene, 1, 256, 0, "other"));
    assert_true(is_absent(&scene, 1, 0, 0));
    end(&scene);
}

static void results_are_kept_all_or_none(void **state)
{
    (void)state;
    const int writes[] = {0, 0, STATUS_IO}; /* version, begin, the results */
    struct scene scene = a_scene_with(writes, 3);
    struct parcel first = a_parcel(2, (const char *const[]){"work", "first"});
    struct parcel second = a_parcel(2, (const char *const[]){"work", "second"});
    struct commit_result results[] = {{.stage = 1, .shard = 0, .parcel = &first},
                                      {.stage = 1, .shard = 1, .parcel = &second}};
    begin(&scene, a_job, 2);
    assert_int_equal(commit_results(scene.commit, results, 2), STATUS_IO);
    assert_true(is_absent(&scene, 1, 0, 0));
    assert_true(is_absent(&scene, 1, 1, 0));
    assert_int_equal(commit_results(scene.commit, results, 2), 0);
    assert_true(holds(&scene, 1, 0, 0, "first"));
    assert_true(holds(&scene, 1, 1, 0, "second"));
    parcel_clear(&first);
    parcel_clear(&second);
    end(&scene);
}

static void a_full_disk_is_an_answer_that_keeps_nothing_and_moves_no_number(void **state)
{
    (void)state;
    const int writes[] = {0, 0, 0, STORE_E_FULL};
    struct scene scene = a_scene_with(writes, 4);
    begin(&scene, a_job, 2);
    assert_int_equal(keep(&scene, 1, 0, "kept"), 0);
    assert_int_equal(keep(&scene, 1, 1, "lost"), COMMIT_E_FULL);
    assert_int_equal(commit_sequence(scene.commit), 1);
    assert_true(is_absent(&scene, 1, 1, 0));
    assert_true(holds(&scene, 1, 0, 0, "kept"));
    assert_int_equal(keep(&scene, 1, 1, "kept now"), 0);
    assert_int_equal(commit_sequence(scene.commit), 2);
    end(&scene);
}

static void a_disk_without_room_for_a_job_is_said(void **state)
{
    (void)state;
    const int writes[] = {0, STORE_E_FULL};
    struct scene scene = a_scene_with(writes, 2);
    struct parcel letter = a_parcel(1, (const char *const[]){"job"});
    struct said said;
    said_begin(&said);
    int r = commit_begin(scene.commit, &four_shards, 0, &letter);
    said_end(&said);
    assert_int_equal(r, STATUS_IO);
    assert_non_null(strstr(said.text, "no space for the sink's state"));
    assert_non_null(strstr(said.text, "--state"));
    parcel_clear(&letter);
    end(&scene);
}

static void a_job_that_could_not_be_begun_is_not_there_after_a_restart(void **state)
{
    (void)state;
    const int writes[] = {0, 0, 0, STORE_E_FULL}; /* version, begin, sweep of "j", sweep of "l" */
    struct scene scene = a_scene_with(writes, 4);
    struct parcel letter = a_parcel(1, (const char *const[]){"job"});
    struct said said;
    begin(&scene, a_job, 4);
    said_begin(&said);
    assert_int_equal(commit_begin(scene.commit, &four_others, 0, &letter), STATUS_IO);
    said_end(&said);
    assert_int_equal(commit_job(scene.commit).phase, COMMIT_EMPTY);
    reopen(&scene);
    assert_int_equal(commit_job(scene.commit).phase, COMMIT_EMPTY);
    parcel_clear(&letter);
    end(&scene);
}

static void a_store_without_room_for_its_version_is_said_and_stays_the_callers(void **state)
{
    (void)state;
    const int writes[] = {STORE_E_FULL};
    struct scene scene = {0};
    struct said said;
    assert_int_equal(store_memory_shelf_new(&scene.shelf), 0);
    said_begin(&said);
    int r = open_with(&scene, writes, 1);
    said_end(&said);
    assert_int_equal(r, STATUS_IO);
    assert_non_null(strstr(said.text, "no space"));
    end(&scene);
}

static void the_sequence_rises_by_one_with_each_transaction_and_survives(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    begin(&scene, a_job, 8);
    assert_int_equal(commit_sequence(scene.commit), 0);
    assert_int_equal(keep(&scene, 1, 0, "x"), 0);
    assert_int_equal(keep(&scene, 1, 1, "y"), 0);
    assert_int_equal(commit_sequence(scene.commit), 2);
    reopen(&scene);
    assert_int_equal(commit_sequence(scene.commit), 2);
    end(&scene);
}

static void a_fresh_roll_is_filled_with_what_was_committed(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct roll_call *roll;
    begin(&scene, a_job, 300);
    assert_int_equal(keep(&scene, 1, 0, "a"), 0);
    assert_int_equal(keep(&scene, 1, 299, "b"), 0);
    assert_int_equal(commit_scoring(scene.commit, (struct digest){0}), 0);
    assert_int_equal(keep(&scene, 2, 299, "c"), 0);
    reopen(&scene);
    assert_int_equal(roll_call_new(300, &roll), 0);
    assert_int_equal(commit_roll(scene.commit, roll), 0);
    assert_int_equal(roll_call_n(roll, 1), 2);
    assert_int_equal(roll_call_n(roll, 2), 1);
    assert_int_equal(roll_call_arrive(roll, 1, 299, digest_of("b", 1)), ROLL_DUPLICATE);
    assert_int_equal(roll_call_arrive(roll, 2, 299, digest_of("b", 1)), ROLL_CONFLICT);
    assert_int_equal(roll_call_arrive(roll, 2, 0, digest_of("d", 1)), ROLL_NEW);
    roll_call_destroy(&roll);
    end(&scene);
}

static void a_new_job_sweeps_what_was_there(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    static struct commit_result results[5000]; /* two keys each: more than one sweep takes */
    struct parcel long_letter = a_parcel(3, (const char *const[]){"job", "model", "groups"}), back;
    struct parcel parcel = a_parcel(2, (const char *const[]){"work", "old"});
    struct commit_work work;
    assert_int_equal(commit_begin(scene.commit, &many_shards, 0, &long_letter), 0);
    for (uint32_t shard = 0; shard < 5000; shard++)
        results[shard] = (struct commit_result){.stage = 1, .shard = shard, .parcel = &parcel};
    assert_int_equal(commit_results(scene.commit, results, 5000), 0);
    begin(&scene, another_job, 2);
    assert_true(digest_same(commit_job(scene.commit).id, another_job));
    assert_int_equal(commit_work(scene.commit, 1, &work), 0);
    assert_int_equal(work.shards, 0);
    assert_true(is_absent(&scene, 1, 0, 0));
    assert_true(is_absent(&scene, 1, 4999, 0));
    assert_int_equal(commit_letter(scene.commit, &back), 0);
    assert_int_equal(back.n, 2);
    parcel_clear(&back);
    parcel_clear(&long_letter);
    parcel_clear(&parcel);
    end(&scene);
}

static void a_sealed_job_is_remembered_as_sealed(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    begin(&scene, a_job, 1);
    assert_int_equal(commit_seal(scene.commit), 0);
    reopen(&scene);
    assert_int_equal(commit_job(scene.commit).phase, COMMIT_SEALED);
    assert_true(digest_same(commit_job(scene.commit).id, a_job));
    end(&scene);
}

static void a_store_of_another_version_is_refused_and_stays_the_callers(void **state)
{
    (void)state;
    struct shelf *shelf;
    struct store *store;
    struct commit *commit = NULL;
    struct store_put put = {{"v", 1}, {{"winnow sink 1", 14}}, 1};
    struct said said;
    assert_int_equal(store_memory_shelf_new(&shelf), 0);
    assert_int_equal(store_memory_open(shelf, &store), 0);
    assert_int_equal(store_write(store, &put, 1), 0);
    said_begin(&said);
    int r = commit_open(&store, &commit);
    said_end(&said);
    assert_int_equal(r, STATUS_CONFIG);
    assert_non_null(strstr(said.text, "another version"));
    assert_null(commit);
    assert_non_null(store);
    store_close(&store);
    store_memory_shelf_destroy(&shelf);
}

static void the_books_of_a_stage_are_summed_over_its_shards(void **state)
{
    (void)state;
    struct scene scene = a_scene();
    struct parcel parcel = a_parcel(2, (const char *const[]){"work", "rows"});
    const struct commit_result results[] = {
        {.stage = 1, .shard = 0, .work = {100, 0, 0}, .parcel = &parcel},
        {.stage = 1, .shard = 1, .work = {0, 70, 1}, .parcel = &parcel},
        {.stage = 2, .shard = 0, .work = {0, 5, 1}, .parcel = &parcel}};
    struct commit_work work;
    begin(&scene, a_job, 2);
    assert_int_equal(commit_results(scene.commit, results, 3), 0);
    assert_int_equal(commit_work(scene.commit, 1, &work), 0);
    assert_int_equal(work.shards, 2);
    assert_int_equal(work.shards_cached, 1);
    assert_int_equal(work.rows_folded, 100);
    assert_int_equal(work.rows_cached, 70);
    assert_int_equal(commit_work(scene.commit, 2, &work), 0);
    assert_int_equal(work.shards, 1);
    assert_int_equal(work.rows_cached, 5);
    parcel_clear(&parcel);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_store_has_no_job),
        cmocka_unit_test(a_job_that_was_begun_is_there_after_a_restart),
        cmocka_unit_test(the_letters_parts_come_back_as_they_were),
        cmocka_unit_test(a_letter_that_cannot_be_read_is_a_failure_and_not_a_short_one),
        cmocka_unit_test(parts_of_a_result_come_back_as_they_were),
        cmocka_unit_test(stages_and_shards_are_kept_apart),
        cmocka_unit_test(results_are_kept_all_or_none),
        cmocka_unit_test(a_full_disk_is_an_answer_that_keeps_nothing_and_moves_no_number),
        cmocka_unit_test(a_disk_without_room_for_a_job_is_said),
        cmocka_unit_test(a_job_that_could_not_be_begun_is_not_there_after_a_restart),
        cmocka_unit_test(a_store_without_room_for_its_version_is_said_and_stays_the_callers),
        cmocka_unit_test(the_sequence_rises_by_one_with_each_transaction_and_survives),
        cmocka_unit_test(a_fresh_roll_is_filled_with_what_was_committed),
        cmocka_unit_test(a_new_job_sweeps_what_was_there),
        cmocka_unit_test(a_sealed_job_is_remembered_as_sealed),
        cmocka_unit_test(a_store_of_another_version_is_refused_and_stays_the_callers),
        cmocka_unit_test(the_books_of_a_stage_are_summed_over_its_shards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
