/* SPDX-License-Identifier: Apache-2.0 */
/* A cache is never worth a failure: what cannot be read or written is set aside, and the shards are sent
 * again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/settings.h"
#include "common/wire_rows.h"
#include "doubles/store_failing.h"
#include "doubles/store_memory.h"
#include "support/assert.h"
#include "worker/task.h"

#define SHARDS 16

static struct scene {
    char directory[64], aside[80];
    struct shelf *shelf, *fresh;
    struct store_failing_pattern pattern;
    int opened;
    struct cache *cache;
} scene;

/* The store that fails, and after it a sound one. */
static int open_store(const char *directory, struct store **store)
{
    struct store *inner = NULL;
    (void)directory;
    if (scene.opened++ > 0)
        return store_memory_open(scene.fresh, store);
    int r = store_memory_open(scene.shelf, &inner);
    return r ? r : store_failing_open(&inner, scene.pattern, store);
}

static int begin(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    log_open(LOG_TEXT, "", LOG_ERROR);
    strcpy(scene.directory, "/tmp/winnow-cache-XXXXXX");
    assert_non_null(mkdtemp(scene.directory));
    snprintf(scene.aside, sizeof scene.aside, "%s.aside-1", scene.directory);
    assert_int_equal(store_memory_shelf_new(&scene.shelf), 0);
    assert_int_equal(store_memory_shelf_new(&scene.fresh), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cache_close(&scene.cache);
    store_memory_shelf_destroy(&scene.shelf);
    store_memory_shelf_destroy(&scene.fresh);
    rmdir(scene.directory);
    rmdir(scene.aside);
    return 0;
}

static void open_cache(struct store_failing_pattern pattern)
{
    scene.pattern = pattern;
    assert_int_equal(cache_open(scene.directory, open_store, &scene.cache), 0);
}

static void assert_set_aside(void)
{
    assert_int_equal(access(scene.aside, F_OK), 0);
    assert_int_equal(scene.opened, 2);
}

static const struct slice something = {"something", 9};

static void a_cache_that_cannot_be_read_at_all_is_set_aside(void **state)
{
    static const int reads[] = {STATUS_IO};
    (void)state;
    open_cache((struct store_failing_pattern){.reads = reads, .n_reads = 1});
    assert_set_aside();
    assert_int_equal(cache_shards(scene.cache, SHARDS), 0);
    assert_int_equal(cache_put_block(scene.cache, 3, something), 0);
}

static void a_list_that_cannot_be_read_is_empty(void **state)
{
    /* The version, whether there are other keys, and the list. */
    static const int reads[] = {0, 0, STATUS_IO};
    struct cache_list list;
    (void)state;
    open_cache((struct store_failing_pattern){.reads = reads, .n_reads = 3});
    assert_int_equal(cache_shards(scene.cache, SHARDS), 0);
    assert_int_equal(cache_put_block(scene.cache, 3, something), 0);
    assert_int_equal(cache_list(scene.cache, &list), 0);
    assert_int_equal(list.n_cached, 0);
    assert_int_equal(list.shards, SHARDS);
    cache_list_free(&list);
    assert_set_aside();
}

static void a_write_that_fails_goes_to_a_new_cache(void **state)
{
    /* The version, the shards, and the block. */
    static const int writes[] = {0, 0, STATUS_IO};
    struct slice block;
    (void)state;
    open_cache((struct store_failing_pattern){.writes = writes, .n_writes = 3});
    assert_int_equal(cache_shards(scene.cache, SHARDS), 0);
    assert_int_equal(cache_put_block(scene.cache, 3, something), 0);
    assert_set_aside();
    assert_int_equal(cache_block(scene.cache, 3, &block), 0);
    assert_int_equal(block.size, something.size);
    assert_memory_equal(block.data, something.data, something.size);
}

static void a_full_disk_is_no_damage(void **state)
{
    static const int writes[] = {0, 0, STORE_E_FULL};
    (void)state;
    open_cache((struct store_failing_pattern){.writes = writes, .n_writes = 3});
    assert_int_equal(cache_shards(scene.cache, SHARDS), 0);
    log_open(LOG_TEXT, "", LOG_ERROR + 1);
    assert_int_equal(cache_put_block(scene.cache, 3, something), STATUS_IO);
    assert_int_equal(access(scene.aside, F_OK), -1);
}

static void a_cache_may_be_begun_anew_without_a_look(void **state)
{
    static const int deadly[] = {STATUS_BUG};
    (void)state;
    scene.opened = 1;
    scene.pattern = (struct store_failing_pattern){.reads = deadly, .n_reads = 1};
    assert_int_equal(cache_open_anew(scene.directory, open_store, "is deadly", &scene.cache), 0);
    assert_set_aside();
}

/* ---- a block under another shard's key ---- */

static const struct digest segment = {5, 6};

/* A frame with one purchase of somebody. */
static void one_purchase(const char *id, struct arena *arena, struct parcel *parcel)
{
    const uint16_t length = (uint16_t)strlen(id);
    const int32_t day = 17000;
    const int64_t amount = 10000;
    const struct purchase_rows rows = {
        .n = 1, .ids = id, .id_length = &length, .day = &day, .amount = &amount};
    struct slice chunk;
    assert_int_equal(wire_bytes_put((struct slice){"", 0}, parcel), 0);
    assert_int_equal(wire_rows_chunk(&rows, arena, &chunk), 0);
    assert_int_equal(wire_bytes_put(chunk, parcel), 0);
}

static struct task_order order_of(const struct work_plan *work, uint32_t shard, size_t n_have)
{
    return (struct task_order){.stage = 1,
                               .shard = shard,
                               .work = work,
                               .want = &segment,
                               .n_want = 1,
                               .have = &segment,
                               .n_have = n_have,
                               .frames = n_have == 0};
}

static void a_block_under_another_shards_key_is_not_believed(void **state)
{
    struct work_plan work = {.plan = settings_default().scoring.plan, .shards = SHARDS};
    struct arena *arena = arena_new(1 << 16);
    struct task *task = NULL;
    struct parcel frame = {.n = 0}, result = {.n = 0};
    struct slice block;
    uint32_t shard = hash_shard(hash_customer("somebody", 8), SHARDS), other = (shard + 1) % SHARDS;
    (void)state;
    open_cache((struct store_failing_pattern){0});
    assert_int_equal(cache_shards(scene.cache, SHARDS), 0);
    assert_int_equal(task_new(scene.cache, &task), 0);
    work.plan.as_of = work.plan.first_day = 17000;
    work.plan.wallet_window_days = 1;
    one_purchase("somebody", arena, &frame);
    struct task_order order = order_of(&work, shard, 0);
    assert_int_equal(task_begin(task, &order), 0);
    assert_int_equal(task_frame(task, DATA_ROWS, &frame), 0);
    while (task_step(task, &result) == TASK_E_MORE)
        ;
    order = order_of(&work, shard, 1);
    assert_int_equal(task_begin(task, &order), 0);
    assert_int_equal(cache_block(scene.cache, shard, &block), 0);
    char *copy = malloc(block.size);
    memcpy(copy, block.data, block.size);
    assert_int_equal(cache_put_block(scene.cache, other, (struct slice){copy, block.size}), 0);
    order = order_of(&work, other, 1);
    assert_int_equal(task_begin(task, &order), TASK_E_NO_BLOCK);
    assert_set_aside();
    free(copy);
    parcel_clear(&frame);
    parcel_clear(&result);
    task_destroy(&task);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cache_that_cannot_be_read_at_all_is_set_aside, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_list_that_cannot_be_read_is_empty, begin, end),
        cmocka_unit_test_setup_teardown(a_write_that_fails_goes_to_a_new_cache, begin, end),
        cmocka_unit_test_setup_teardown(a_full_disk_is_no_damage, begin, end),
        cmocka_unit_test_setup_teardown(a_cache_may_be_begun_anew_without_a_look, begin, end),
        cmocka_unit_test_setup_teardown(a_block_under_another_shards_key_is_not_believed, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
