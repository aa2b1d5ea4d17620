/* SPDX-License-Identifier: Apache-2.0 */
/* What a job finds of the one before it: sink/commit.h, kept.h. */
#include "sink/kept.h"

#include <stdlib.h>
#include <string.h>

#include "doubles/store_failing.h"
#include "doubles/store_memory.h"
#include "sink/commit.h"
#include "sink/record.h"
#include "support/assert.h"
#include "support/said.h"

#define SHARDS 4

static const struct digest content = {7, 7}, other_content = {8, 8}, model = {5, 5},
                           other_model = {6, 6}, fitted = {9, 9}, nothing = {0, 0};

struct scene {
    struct shelf *shelf;
    struct commit *commit;
};

static void open_with(struct scene *scene, const int *writes, size_t n)
{
    struct store_failing_pattern pattern = {.writes = writes, .n_writes = n};
    struct store *inner, *store;
    assert_int_equal(store_memory_open(scene->shelf, &inner), 0);
    assert_int_equal(store_failing_open(&inner, pattern, &store), 0);
    assert_int_equal(commit_open(&store, &scene->commit), 0);
}

static void reopen(struct scene *scene)
{
    commit_close(&scene->commit);
    open_with(scene, NULL, 0);
}

static int begin(struct scene *scene, uint64_t id, struct digest gathered, int anew)
{
    const struct commit_job job = {.id = {id, 0}, .shards = SHARDS, .gathered = gathered};
    struct parcel letter;
    letter.n = 0;
    assert_int_equal(wire_bytes_put((struct slice){"envelope", 8}, &letter), 0);
    assert_int_equal(wire_bytes_put((struct slice){"job", 3}, &letter), 0);
    int r = commit_begin(scene->commit, &job, anew, &letter);
    parcel_clear(&letter);
    return r;
}

/* A result of two parts. */
static void keep(struct scene *scene, uint32_t stage, uint32_t shard)
{
    char text[3] = {'r', (char)('0' + stage), (char)('a' + shard)};
    struct parcel parcel;
    parcel.n = 0;
    for (int part = 0; part < 4; part++)
        assert_int_equal(wire_bytes_put((struct slice){text, 3}, &parcel), 0);
    struct commit_result result = {.stage = stage,
                                   .shard = shard,
                                   .digest = wire_digest(&parcel, 2),
                                   .work = {100, 10, 0},
                                   .parcel = &parcel};
    assert_int_equal(commit_results(scene->commit, &result, 1), 0);
    parcel_clear(&parcel);
}

static void keep_model(struct scene *scene)
{
    void *bytes = malloc(5);
    assert_non_null(bytes);
    memcpy(bytes, "model", 5);
    commit_put_model(scene->commit, fitted, bytes, 5);
}

/* A job that is whole and sealed. */
static struct scene after_a_job(void)
{
    struct scene scene = {0};
    assert_int_equal(store_memory_shelf_new(&scene.shelf), 0);
    open_with(&scene, NULL, 0);
    assert_int_equal(begin(&scene, 1, content, 0), 0);
    for (uint32_t shard = 0; shard < SHARDS; shard++)
        keep(&scene, 1, shard);
    keep_model(&scene);
    assert_int_equal(commit_scoring(scene.commit, model), 0);
    for (uint32_t shard = 0; shard < SHARDS; shard++)
        keep(&scene, 2, shard);
    assert_int_equal(commit_seal(scene.commit), 0);
    reopen(&scene);
    return scene;
}

static void end(struct scene *scene)
{
    commit_close(&scene->commit);
    store_memory_shelf_destroy(&scene->shelf);
}

/* How many shards of a stage the job has. */
static uint32_t rolled(struct scene *scene, uint32_t stage)
{
    struct roll_call *roll;
    assert_int_equal(roll_call_new(SHARDS, &roll), 0);
    assert_int_equal(commit_roll(scene->commit, roll), 0);
    uint32_t n = roll_call_n(roll, stage);
    roll_call_destroy(&roll);
    return n;
}

static struct commit_work books(struct scene *scene, uint32_t stage)
{
    struct commit_work work;
    assert_int_equal(commit_work(scene->commit, stage, &work), 0);
    return work;
}

static int has_rows(struct scene *scene, uint32_t stage, uint32_t shard)
{
    struct slice part;
    int r = commit_part(scene->commit, stage, shard, 1, &part);
    commit_release(scene->commit);
    return r == 0;
}

static int has_model(struct scene *scene, struct digest provenance)
{
    struct slice bytes;
    int r = commit_model(scene->commit, provenance, &bytes);
    int same = r == 0 && bytes.size == 5 && memcmp(bytes.data, "model", 5) == 0;
    commit_release(scene->commit);
    assert_true(r == COMMIT_E_ABSENT || same);
    return same;
}

static void what_would_be_the_same_is_the_next_jobs(void **state)
{
    (void)state;
    struct scene scene = after_a_job();
    assert_int_equal(begin(&scene, 2, content, 0), 0);
    assert_int_equal(rolled(&scene, 1), SHARDS);
    assert_int_equal(rolled(&scene, 2), 0);
    assert_true(has_model(&scene, fitted));
    assert_int_equal(commit_scoring(scene.commit, model), 0);
    assert_int_equal(rolled(&scene, 2), SHARDS);
    for (uint32_t stage = 1; stage <= 2; stage++) {
        struct commit_work work = books(&scene, stage);
        assert_int_equal(work.shards, SHARDS);
        assert_int_equal(work.shards_kept, SHARDS);
        assert_int_equal(work.shards_cached, SHARDS);
        assert_int_equal(work.rows_folded, 0);
        assert_int_equal(work.rows_cached, 110 * SHARDS);
        assert_true(has_rows(&scene, stage, SHARDS - 1));
    }
    end(&scene);
}

static void another_model_takes_the_scores_away_and_leaves_the_digests(void **state)
{
    (void)state;
    struct scene scene = after_a_job();
    assert_int_equal(begin(&scene, 2, content, 0), 0);
    assert_int_equal(commit_scoring(scene.commit, other_model), 0);
    assert_int_equal(rolled(&scene, 1), SHARDS);
    assert_int_equal(rolled(&scene, 2), 0);
    assert_false(has_rows(&scene, 2, 0));
    keep(&scene, 2, 3);
    reopen(&scene);
    assert_int_equal(rolled(&scene, 2), 1);
    assert_int_equal(commit_scoring(scene.commit, other_model), 0);
    assert_int_equal(rolled(&scene, 2), 1);
    assert_int_equal(books(&scene, 2).shards_kept, 0);
    end(&scene);
}

static void all_goes_where(struct digest gathered, int anew)
{
    struct scene scene = after_a_job();
    assert_int_equal(begin(&scene, 2, gathered, anew), 0);
    for (uint32_t stage = 1; stage <= 2; stage++) {
        assert_int_equal(rolled(&scene, stage), 0);
        assert_false(has_rows(&scene, stage, 0));
    }
    assert_false(has_model(&scene, fitted));
    assert_int_equal(commit_scoring(scene.commit, model), 0);
    assert_int_equal(rolled(&scene, 2), 0);
    end(&scene);
}

static void of_other_content_nothing_is_kept(void **state)
{
    (void)state;
    all_goes_where(other_content, 0);
    all_goes_where(nothing, 0);
    all_goes_where(content, 1);
}

static void nothing_is_kept_of_what_is_not_known_where_it_came_from(void **state)
{
    (void)state;
    struct scene scene = {0};
    assert_int_equal(store_memory_shelf_new(&scene.shelf), 0);
    open_with(&scene, NULL, 0);
    assert_int_equal(begin(&scene, 1, nothing, 0), 0);
    keep(&scene, 1, 0);
    assert_int_equal(commit_seal(scene.commit), 0);
    assert_int_equal(begin(&scene, 2, nothing, 0), 0);
    assert_int_equal(rolled(&scene, 1), 0);
    assert_false(has_model(&scene, nothing));
    end(&scene);
}

static void nothing_is_kept_of_a_job_that_was_given_up(void **state)
{
    (void)state;
    struct scene scene = {0};
    assert_int_equal(store_memory_shelf_new(&scene.shelf), 0);
    open_with(&scene, NULL, 0);
    assert_int_equal(begin(&scene, 1, content, 0), 0);
    keep(&scene, 1, 0);
    assert_int_equal(begin(&scene, 2, content, 0), 0);
    assert_int_equal(rolled(&scene, 1), 0);
    end(&scene);
}

static void who_dies_between_beginning_and_scoring_finds_the_scores_still(void **state)
{
    (void)state;
    struct scene scene = after_a_job();
    assert_int_equal(begin(&scene, 2, content, 0), 0);
    reopen(&scene);
    assert_int_equal(rolled(&scene, 1), SHARDS);
    assert_int_equal(rolled(&scene, 2), 0);
    assert_int_equal(commit_scoring(scene.commit, model), 0);
    reopen(&scene); /* which was not written yet */
    assert_int_equal(rolled(&scene, 2), 0);
    assert_int_equal(commit_scoring(scene.commit, model), 0);
    assert_int_equal(commit_seal(scene.commit), 0);
    reopen(&scene);
    assert_int_equal(rolled(&scene, 2), SHARDS);
    assert_int_equal(books(&scene, 2).rows_cached, 110 * SHARDS);
    end(&scene);
}

/* A byte of a part, or of a mark, is another. */
static void damage(struct scene *scene, struct key key)
{
    struct store *store;
    struct slice value;
    char bytes[128];
    commit_close(&scene->commit);
    assert_int_equal(store_memory_open(scene->shelf, &store), 0);
    assert_int_equal(store_read(store, key_slice(&key), &value), 0);
    assert_in_range(value.size, 1, sizeof bytes);
    memcpy(bytes, value.data, value.size);
    bytes[0] ^= 1;
    struct store_put put = {key_slice(&key), {{bytes, value.size}}, 1};
    store_release(store);
    assert_int_equal(store_write(store, &put, 1), 0);
    store_close(&store);
    open_with(scene, NULL, 0);
}

static void what_is_damaged_is_made_again_and_the_rest_is_kept(void **state)
{
    (void)state;
    struct scene scene = after_a_job();
    struct said said;
    damage(&scene, key_result(1, 2, 1));
    damage(&scene, key_done(1, 3));
    damage(&scene, key_result(2, 0, 0));
    said_begin(&said);
    assert_int_equal(begin(&scene, 2, content, 0), 0);
    said_end(&said);
    assert_non_null(
        strstr(said.text, "2 of 4 results that the sink had kept of stage 1 are damaged"));
    assert_int_equal(rolled(&scene, 1), 2);
    assert_false(has_rows(&scene, 1, 2));
    assert_true(has_rows(&scene, 1, 0));
    said_begin(&said);
    assert_int_equal(commit_scoring(scene.commit, model), 0);
    said_end(&said);
    assert_non_null(strstr(said.text, "1 of 4 results"));
    assert_int_equal(rolled(&scene, 2), 3);
    assert_int_equal(books(&scene, 2).shards_kept, 3);
    keep(&scene, 2, 0);
    assert_int_equal(books(&scene, 2).shards_kept, 3);
    assert_int_equal(books(&scene, 2).rows_folded, 100);
    end(&scene);
}

static void a_model_is_written_with_what_is_committed_next(void **state)
{
    (void)state;
    struct scene scene = {0};
    assert_int_equal(store_memory_shelf_new(&scene.shelf), 0);
    open_with(&scene, NULL, 0);
    assert_int_equal(begin(&scene, 1, content, 0), 0);
    keep_model(&scene);
    reopen(&scene);
    assert_false(has_model(&scene, fitted));
    keep_model(&scene);
    keep_model(&scene);
    keep(&scene, 2, 0);
    reopen(&scene);
    assert_true(has_model(&scene, fitted));
    assert_false(has_model(&scene, content));
    end(&scene);
}

static void a_disk_that_is_full_while_taking_over_is_said(void **state)
{
    (void)state;
    const int full[] = {STORE_E_FULL};
    struct scene scene = after_a_job();
    struct said said;
    commit_close(&scene.commit);
    open_with(&scene, full, 1);
    said_begin(&said);
    int r = begin(&scene, 2, content, 0);
    said_end(&said);
    assert_int_equal(r, STATUS_IO);
    assert_non_null(strstr(said.text, "no space for the sink's state"));
    reopen(&scene);
    assert_int_equal(commit_job(scene.commit).phase, COMMIT_SEALED);
    assert_int_equal(begin(&scene, 2, content, 0), 0);
    assert_int_equal(rolled(&scene, 1), SHARDS);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_would_be_the_same_is_the_next_jobs),
        cmocka_unit_test(another_model_takes_the_scores_away_and_leaves_the_digests),
        cmocka_unit_test(of_other_content_nothing_is_kept),
        cmocka_unit_test(nothing_is_kept_of_what_is_not_known_where_it_came_from),
        cmocka_unit_test(nothing_is_kept_of_a_job_that_was_given_up),
        cmocka_unit_test(who_dies_between_beginning_and_scoring_finds_the_scores_still),
        cmocka_unit_test(what_is_damaged_is_made_again_and_the_rest_is_kept),
        cmocka_unit_test(a_model_is_written_with_what_is_committed_next),
        cmocka_unit_test(a_disk_that_is_full_while_taking_over_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
