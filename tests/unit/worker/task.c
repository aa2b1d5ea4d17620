/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/wire_lease.h"
#include "common/wire_rows.h"
#include "contract/contract.h"
#include "score/money.h"
#include "support/assert.h"
#include "support/people.h"
#include "support/said.h"
#include "support/small_job.h"
#include "worker/block.h"

#define SHARD 0 /* of one: rows of chance are all in it */

static const struct digest segment[] = {{1, 1}, {2, 2}, {3, 3}};
static const struct digest people_digest = {77, 7};

struct scene {
    struct contract_scratch scratch;
    struct cache *cache;
    struct task *task;
    struct chance chance;
    struct work_plan work;
    struct model model;
    struct shard rows; /* filled by the test */
    struct parcel result;
};

static int open_lmdb(const char *directory, struct store **store)
{
    return store_lmdb_open(directory, STORE_CACHE, store);
}

static void open_cache(struct scene *scene)
{
    char path[96];
    snprintf(path, sizeof path, "%s/cache", scene->scratch.path);
    assert_int_equal(cache_open(path, open_lmdb, &scene->cache), 0);
    assert_int_equal(cache_shards(scene->cache, scene->work.shards), 0);
}

static int begin(void **state)
{
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    contract_scratch_make(&scene.scratch);
    scene.chance.state = 61;
    scene.work = small_job_plan(1);
    scene.model = small_job_model();
    open_cache(&scene);
    *state = &scene;
    return task_new(scene.cache, &scene.task);
}

static int end(void **state)
{
    struct scene *scene = *state;
    task_destroy(&scene->task);
    task_destroy(&scene->task);
    cache_close(&scene->cache);
    shard_free(&scene->rows);
    parcel_clear(&scene->result);
    contract_scratch_remove(&scene->scratch);
    return 0;
}

/* An order for all of the segments 0..want, of which the worker has the first have. */
static struct task_order order_of(const struct scene *scene, uint32_t stage, size_t want,
                                  size_t have)
{
    struct task_order order = {.stage = stage,
                               .shard = SHARD,
                               .work = &scene->work,
                               .model = &scene->model,
                               .model_number = 1,
                               .want = segment,
                               .n_want = want,
                               .have = segment,
                               .n_have = have};
    return order;
}

static int feed(struct scene *scene, enum data_code code, struct part part)
{
    struct parcel parcel = {.n = 2};
    parcel.part[1] = part;
    int r = task_frame(scene->task, code, &parcel);
    parcel_clear(&parcel);
    return r;
}

/* Rows from..to of the scene's, in frames of at most per_frame. Answers the first answer not 0. */
static int feed_rows(struct scene *scene, size_t from, size_t to, size_t per_frame)
{
    int r = 0;
    for (; r == 0 && from < to; from += per_frame)
        r = feed(
            scene, DATA_ROWS,
            small_job_frame(&scene->rows, from, to - from < per_frame ? to - from : per_frame));
    return r;
}

static uint32_t frames_of(size_t n, size_t per_frame)
{
    return (uint32_t)((n + per_frame - 1) / per_frame);
}

/* Steps until there is an answer. */
static int finishes(struct scene *scene)
{
    int r;
    parcel_clear(&scene->result);
    do
        r = task_step(scene->task, &scene->result);
    while (r == TASK_E_MORE);
    return r;
}

static struct work work_of(const struct scene *scene)
{
    struct parcel parcel = {.n = 2};
    struct work work;
    parcel.part[1] = scene->result.part[0];
    assert_int_equal(wire_work_read(&parcel, 1, &work), 0);
    return work;
}

/* The result's parts after Work are these. */
static void answers(const struct scene *scene, struct parcel *want)
{
    assert_int_equal(scene->result.n, want->n + 1);
    for (size_t i = 0; i < want->n; i++) {
        assert_int_equal(scene->result.part[i + 1].size, want->part[i].size);
        assert_memory_equal(scene->result.part[i + 1].data, want->part[i].data, want->part[i].size);
    }
    parcel_clear(want);
}

static void answers_digest(struct scene *scene, struct slice attributes)
{
    struct parcel want = {.n = 0};
    small_job_digest(&scene->rows, attributes, &scene->work, &want);
    answers(scene, &want);
}

static void answers_scores(struct scene *scene, struct slice attributes)
{
    struct parcel want = {.n = 0};
    small_job_scores(&scene->rows, attributes, &scene->work, &scene->model, &want);
    answers(scene, &want);
}

static const struct slice none = {NULL, 0};

/* Rows from..to as the frames of a lease, to the end. */
static void runs(struct scene *scene, const struct task_order *order, size_t from, size_t to)
{
    struct task_order one = *order;
    one.frames = frames_of(to - from, 70);
    assert_int_equal(task_begin(scene->task, &one), 0);
    assert_int_equal(feed_rows(scene, from, to, 70), 0);
    assert_int_equal(finishes(scene), 0);
}

static void stage_one_answers_the_digest_of_the_rows(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 10; i++) {
        scene->rows.has_order = i & 1;
        shard_fill(&scene->rows, chance_below(&scene->chance, 400), &scene->chance);
        struct task_order order = order_of(scene, 1, 1, 0);
        runs(scene, &order, 0, scene->rows.n);
        answers_digest(scene, none);
        assert_int_equal(work_of(scene).rows_folded, scene->rows.n);
        assert_int_equal(work_of(scene).rows_cached, 0);
        assert_int_equal(work_of(scene).cached, 0);
        shard_free(&scene->rows);
    }
}

static void stage_two_reads_the_cache_and_needs_no_frames(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 10; i++) {
        scene->rows.has_order = i & 1;
        shard_fill(&scene->rows, 300, &scene->chance);
        struct task_order order = order_of(scene, 1, 2, 0);
        runs(scene, &order, 0, scene->rows.n);
        order = order_of(scene, 2, 2, 2);
        runs(scene, &order, 0, 0);
        answers_scores(scene, none);
        assert_int_equal(work_of(scene).rows_folded, 0);
        assert_int_equal(work_of(scene).rows_cached, scene->rows.n);
        assert_int_equal(work_of(scene).cached, 1);
        shard_free(&scene->rows);
    }
}

static void stage_two_from_frames_answers_the_same(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 300, &scene->chance);
    struct task_order order = order_of(scene, 2, 2, 0);
    runs(scene, &order, 0, scene->rows.n);
    answers_scores(scene, none);
    assert_int_equal(work_of(scene).cached, 0);
}

static void stage_one_from_the_cache_answers_the_same(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 300, &scene->chance);
    struct task_order order = order_of(scene, 1, 2, 0);
    runs(scene, &order, 0, scene->rows.n);
    order = order_of(scene, 1, 2, 2);
    runs(scene, &order, 0, 0);
    answers_digest(scene, none);
}

/* What the cache holds of the shard, to the last byte. */
static void cache_holds_all_rows(struct scene *scene, size_t n_segments)
{
    struct histories histories = shard_histories(&scene->rows);
    struct slice want, got;
    assert_int_equal(block_write(&histories, segment, n_segments, &want), 0);
    assert_int_equal(cache_block(scene->cache, SHARD, &got), 0);
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.data, want.data, want.size);
    cache_release(scene->cache);
    free((void *)(uintptr_t)want.data);
    histories_free(&histories);
}

/* Night after night a segment more: the block and the answer are those of everything at once. */
static void a_part_in_the_cache_and_frames_are_everything_at_once(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 10; i++) {
        size_t n = chance_below(&scene->chance, 400);
        size_t first = chance_below(&scene->chance, n + 1);
        scene->rows.has_order = i & 1;
        shard_fill(&scene->rows, n, &scene->chance);
        struct task_order order = order_of(scene, 1, 1, 0);
        runs(scene, &order, 0, first);
        order = order_of(scene, 1, 3, 1);
        runs(scene, &order, first, n);
        answers_digest(scene, none);
        assert_int_equal(work_of(scene).rows_cached, first);
        assert_int_equal(work_of(scene).rows_folded, n - first);
        assert_int_equal(work_of(scene).cached, n == first);
        cache_holds_all_rows(scene, 3);
        shard_free(&scene->rows);
    }
}

static void a_shard_without_rows_is_answered_and_cached(void **state)
{
    struct scene *scene = *state;
    struct task_order order = order_of(scene, 1, 1, 0);
    runs(scene, &order, 0, 0);
    answers_digest(scene, none);
    order = order_of(scene, 2, 1, 1);
    runs(scene, &order, 0, 0);
    answers_scores(scene, none);
    assert_int_equal(work_of(scene).cached, 1);
}

static void a_block_that_is_not_there_is_asked_for(void **state)
{
    struct scene *scene = *state;
    struct task_order order = order_of(scene, 2, 1, 1);
    assert_int_equal(task_begin(scene->task, &order), TASK_E_NO_BLOCK);
}

static void a_block_of_other_segments_is_asked_for(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 50, &scene->chance);
    struct task_order order = order_of(scene, 1, 2, 0);
    runs(scene, &order, 0, scene->rows.n);
    order = order_of(scene, 2, 1, 1);
    assert_int_equal(task_begin(scene->task, &order), TASK_E_NO_BLOCK);
    order = order_of(scene, 2, 3, 3);
    assert_int_equal(task_begin(scene->task, &order), TASK_E_NO_BLOCK);
    order = order_of(scene, 2, 2, 2);
    order.have = order.want = segment + 1;
    assert_int_equal(task_begin(scene->task, &order), TASK_E_NO_BLOCK);
    order = order_of(scene, 2, 2, 2);
    assert_int_equal(task_begin(scene->task, &order), 0);
}

static void a_damaged_block_sets_the_cache_aside_and_is_asked_for(void **state)
{
    struct scene *scene = *state;
    struct said said;
    struct slice got;
    char path[128];
    shard_fill(&scene->rows, 100, &scene->chance);
    struct task_order order = order_of(scene, 1, 1, 0);
    runs(scene, &order, 0, scene->rows.n);
    assert_int_equal(cache_block(scene->cache, SHARD, &got), 0);
    char *damaged = malloc(got.size);
    memcpy(damaged, got.data, got.size);
    cache_release(scene->cache);
    damaged[got.size - 1] ^= 1;
    assert_int_equal(cache_put_block(scene->cache, SHARD, (struct slice){damaged, got.size}), 0);
    free(damaged);
    order = order_of(scene, 2, 1, 1);
    said_begin(&said);
    assert_int_equal(task_begin(scene->task, &order), TASK_E_NO_BLOCK);
    said_end(&said);
    assert_non_null(strstr(said.text, "damaged block"));
    snprintf(path, sizeof path, "%s/cache.aside-1", scene->scratch.path);
    assert_int_equal(access(path, F_OK), 0);
    order = order_of(scene, 2, 1, 0); /* sent again, and kept again */
    runs(scene, &order, 0, scene->rows.n);
    answers_scores(scene, none);
    cache_holds_all_rows(scene, 1);
}

/* Attributes for some of the scene's customers. */
static struct slice people_of(struct scene *scene)
{
    static struct person people[200];
    size_t n = 0;
    struct histories histories = shard_histories(&scene->rows);
    for (uint32_t i = 0; i < histories.n && n < 200; i += 2) {
        people[n].id = histories_id(&histories, i, &people[n].id_length);
        people[n].has_units = 1;
        people[n].units = 10000 + 5000 * (i % 3);
        people[n].group = i % 4 ? "se" : "no";
        n++;
    }
    struct slice bytes = people_bytes(people, n, 30);
    histories_free(&histories);
    return bytes;
}

static struct part part_of(struct slice bytes)
{
    struct part part = part_new(bytes.size);
    if (bytes.size > 0)
        memcpy(part.data, bytes.data, bytes.size);
    return part;
}

static void attributes_that_follow_are_joined_and_kept(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 200, &scene->chance);
    struct slice people = people_of(scene);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.attributes = people_digest;
    order.attributes_follow = 1;
    order.frames = 3;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed_rows(scene, 0, 200, 200), 0);
    assert_int_equal(feed(scene, DATA_ATTRIBUTES, part_of(people)), 0);
    assert_int_equal(feed(scene, DATA_ATTRIBUTES, part_of(none)), 0);
    assert_int_equal(finishes(scene), 0);
    answers_digest(scene, people);
    order = order_of(scene, 2, 1, 1); /* and read from the cache, unless another file's are meant */
    order.attributes = people_digest;
    runs(scene, &order, 0, 0);
    answers_scores(scene, people);
    order.attributes.low++;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(finishes(scene), TASK_E_NO_BLOCK);
    people_free(&people);
}

static void attributes_of_two_frames_are_one_list(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 200, &scene->chance);
    struct slice people = people_of(scene);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.attributes = people_digest;
    order.attributes_follow = 1;
    order.frames = 3;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed(scene, DATA_ATTRIBUTES, part_of(people)), 0);
    assert_int_equal(feed_rows(scene, 0, 200, 200), 0);
    assert_int_equal(feed(scene, DATA_ATTRIBUTES, part_of(people)), 0);
    assert_int_equal(finishes(scene), TASK_E_DATA); /* each of them twice */
    people_free(&people);
}

static void without_attributes_nobody_has_any(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 100, &scene->chance);
    struct slice people = people_of(scene);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.attributes = people_digest;
    order.attributes_follow = 1;
    order.frames = 2;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed_rows(scene, 0, 100, 100), 0);
    assert_int_equal(feed(scene, DATA_ATTRIBUTES, part_of(people)), 0);
    assert_int_equal(finishes(scene), 0);
    order = order_of(scene, 2, 1, 1);
    runs(scene, &order, 0, 0);
    answers_scores(scene, none);
    people_free(&people);
}

static void a_customer_with_two_rows_of_attributes_is_named(void **state)
{
    struct scene *scene = *state;
    const struct person twins[] = {{.id = "dou\nble\x7f", .group = "no"},
                                   {.id = "dou\nble\x7f", .group = "se"}};
    struct slice people = people_bytes(twins, 2, 2);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.attributes = people_digest;
    order.attributes_follow = 1;
    order.frames = 1;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed(scene, DATA_ATTRIBUTES, part_of(people)), 0);
    assert_int_equal(finishes(scene), TASK_E_DATA);
    assert_string_equal(task_words(scene->task),
                        "customer 'dou?ble?' has more than one row in the file of --customers");
    people_free(&people);
}

/* n rows of the greatest amount, on one day or on as many. */
static void fill_rich(struct scene *scene, const char *id, int64_t n, int32_t step)
{
    for (int64_t i = 0; i < n; i++)
        shard_add(&scene->rows, id, strlen(id),
                  (struct shard_row){.day = step * (int32_t)(i % 4000), .amount = MONEY_ROW_LIMIT});
}

#define TOO_MANY (INT64_MAX / MONEY_ROW_LIMIT + 1)

static void is_said_of_rich(struct scene *scene, int answer)
{
    assert_int_equal(answer, TASK_E_DATA);
    assert_non_null(strstr(task_words(scene->task), "the amounts of customer 'rich' add up"));
}

static void a_day_whose_sum_does_not_fit_names_the_customer(void **state)
{
    struct scene *scene = *state;
    fill_rich(scene, "rich", TOO_MANY, 0);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.frames = 1;
    assert_int_equal(task_begin(scene->task, &order), 0);
    int r = feed_rows(scene, 0, scene->rows.n, scene->rows.n);
    is_said_of_rich(scene, r ? r : finishes(scene));
}

static void a_life_whose_sum_does_not_fit_names_the_customer_in_both_stages(void **state)
{
    struct scene *scene = *state;
    fill_rich(scene, "poor", 1, 1);
    fill_rich(scene, "rich", TOO_MANY, 1);
    for (uint32_t stage = 1; stage <= 2; stage++) {
        struct task_order order = order_of(scene, stage, 1, 0);
        order.frames = 1;
        scene->work.plan.as_of = 4000;
        assert_int_equal(task_begin(scene->task, &order), 0);
        int r = feed_rows(scene, 0, scene->rows.n, scene->rows.n);
        is_said_of_rich(scene, r ? r : finishes(scene));
    }
}

static void a_sum_that_does_not_fit_with_the_cache_s_names_the_customer(void **state)
{
    struct scene *scene = *state;
    fill_rich(scene, "rich", TOO_MANY, 0);
    scene->work.plan.as_of = 0;
    struct task_order order = order_of(scene, 1, 1, 0);
    runs(scene, &order, 0, scene->rows.n / 2);
    order = order_of(scene, 1, 2, 1);
    order.frames = 1;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed_rows(scene, scene->rows.n / 2, scene->rows.n, scene->rows.n), 0);
    is_said_of_rich(scene, finishes(scene));
}

static void a_long_name_is_cut_in_words(void **state)
{
    struct scene *scene = *state;
    static char name[4000];
    memset(name, 'n', sizeof name - 1);
    fill_rich(scene, name, TOO_MANY, 0);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.frames = 1;
    assert_int_equal(task_begin(scene->task, &order), 0);
    int r = feed_rows(scene, 0, 1000, 1000);
    assert_int_equal(r, 0);
    order.frames = frames_of(scene->rows.n, 1000);
    assert_int_equal(task_begin(scene->task, &order), 0);
    r = feed_rows(scene, 0, scene->rows.n, 1000);
    assert_int_equal(r ? r : finishes(scene), TASK_E_DATA);
    assert_true(strlen(task_words(scene->task)) < 300);
}

static void frames_that_no_ventilator_sends_are_malformed(void **state)
{
    struct scene *scene = *state;
    struct task_order order = order_of(scene, 1, 1, 0);
    order.frames = 3;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed(scene, DATA_ROWS, part_of((struct slice){"\x0a\x7f", 2})),
                     TASK_E_MALFORMED);
    shard_add(&scene->rows, "", 0, (struct shard_row){.day = 1});
    assert_int_equal(feed(scene, DATA_ROWS, small_job_frame(&scene->rows, 0, 1)), TASK_E_MALFORMED);
    struct parcel nothing = {.n = 1};
    assert_int_equal(task_frame(scene->task, DATA_ROWS, &nothing), TASK_E_MALFORMED);
}

static void a_frame_more_than_was_ordered_is_malformed(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 10, &scene->chance);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.frames = 1;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed_rows(scene, 0, 10, 10), 0);
    assert_int_equal(feed_rows(scene, 0, 10, 10), TASK_E_MALFORMED);
}

static void a_task_is_hungry_until_its_last_frame(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 100, &scene->chance);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.frames = 10;
    assert_int_equal(task_begin(scene->task, &order), 0);
    for (size_t from = 0; from < 100; from += 10) {
        uint64_t progress = task_progress(scene->task);
        assert_true(task_hungry(scene->task));
        assert_int_equal(task_step(scene->task, &scene->result), TASK_E_MORE);
        assert_int_equal(scene->result.n, 0);
        assert_int_equal(feed_rows(scene, from, from + 10, 10), 0);
        assert_int_equal(task_progress(scene->task), progress + 10);
    }
    assert_false(task_hungry(scene->task));
    assert_int_equal(finishes(scene), 0);
    answers_digest(scene, none);
}

static void a_task_begun_anew_forgets_the_one_in_the_middle(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 300, &scene->chance);
    struct task_order order = order_of(scene, 1, 1, 0);
    order.frames = 3;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed_rows(scene, 100, 200, 100), 0);
    runs(scene, &order, 0, 300);
    answers_digest(scene, none);
}

static void a_big_shard_is_walked_in_stretches(void **state)
{
    struct scene *scene = *state;
    enum { CUSTOMERS = 20000 };
    char id[16];
    int steps = 0, r;
    for (int i = 0; i < CUSTOMERS; i++) {
        snprintf(id, sizeof id, "c%d", i);
        shard_add(&scene->rows, id, strlen(id),
                  (struct shard_row){.day = i % 900, .amount = 10000});
    }
    struct task_order order = order_of(scene, 2, 1, 0);
    order.frames = 1;
    assert_int_equal(task_begin(scene->task, &order), 0);
    assert_int_equal(feed_rows(scene, 0, CUSTOMERS, CUSTOMERS), 0);
    uint64_t progress = task_progress(scene->task);
    while ((r = task_step(scene->task, &scene->result)) == TASK_E_MORE) {
        assert_true(task_progress(scene->task) > progress || ++steps == 1);
        progress = task_progress(scene->task);
    }
    assert_int_equal(r, 0);
    assert_int_equal(scene->result.n, 1 + 3); /* 8,192 rows a part */
}

/* What a row maker remembers of one model must not be told of the next. */
static void another_model_is_another_answer(void **state)
{
    struct scene *scene = *state;
    shard_fill(&scene->rows, 300, &scene->chance);
    struct task_order order = order_of(scene, 2, 1, 0);
    runs(scene, &order, 0, 300);
    answers_scores(scene, none);
    scene->model.churn.parameter[0] = 1.5;
    order = order_of(scene, 2, 1, 1);
    order.model_number = 2;
    runs(scene, &order, 0, 0);
    answers_scores(scene, none);
    scene->work.plan.horizon_days = 30;
    order.model_number = 3;
    runs(scene, &order, 0, 0);
    answers_scores(scene, none);
}

static void a_step_without_a_task_is_a_bug(void **state)
{
    struct scene *scene = *state;
    struct said said;
    said_begin(&said);
    assert_int_equal(task_step(scene->task, &scene->result), STATUS_BUG);
    said_end(&said);
}

#define in_a_scene(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(stage_one_answers_the_digest_of_the_rows),
        in_a_scene(stage_two_reads_the_cache_and_needs_no_frames),
        in_a_scene(stage_two_from_frames_answers_the_same),
        in_a_scene(stage_one_from_the_cache_answers_the_same),
        in_a_scene(a_part_in_the_cache_and_frames_are_everything_at_once),
        in_a_scene(a_shard_without_rows_is_answered_and_cached),
        in_a_scene(a_block_that_is_not_there_is_asked_for),
        in_a_scene(a_block_of_other_segments_is_asked_for),
        in_a_scene(a_damaged_block_sets_the_cache_aside_and_is_asked_for),
        in_a_scene(attributes_that_follow_are_joined_and_kept),
        in_a_scene(attributes_of_two_frames_are_one_list),
        in_a_scene(without_attributes_nobody_has_any),
        in_a_scene(a_customer_with_two_rows_of_attributes_is_named),
        in_a_scene(a_day_whose_sum_does_not_fit_names_the_customer),
        in_a_scene(a_life_whose_sum_does_not_fit_names_the_customer_in_both_stages),
        in_a_scene(a_sum_that_does_not_fit_with_the_cache_s_names_the_customer),
        in_a_scene(a_long_name_is_cut_in_words),
        in_a_scene(frames_that_no_ventilator_sends_are_malformed),
        in_a_scene(a_frame_more_than_was_ordered_is_malformed),
        in_a_scene(a_task_is_hungry_until_its_last_frame),
        in_a_scene(a_task_begun_anew_forgets_the_one_in_the_middle),
        in_a_scene(a_big_shard_is_walked_in_stretches),
        in_a_scene(another_model_is_another_answer),
        in_a_scene(a_step_without_a_task_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
