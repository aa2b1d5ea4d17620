/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract/contract.h"
#include "doubles/store_failing.h"
#include "support/assert.h"
#include "support/said.h"
#include "worker/block.h"

struct scene {
    struct contract_scratch scratch;
    char path[96]; /* of the cache, within */
    struct cache *cache;
};

static int open_lmdb(const char *directory, struct store **store)
{
    return store_lmdb_open(directory, STORE_CACHE, store);
}

static void opens(struct scene *scene)
{
    assert_int_equal(cache_open(scene->path, open_lmdb, &scene->cache), 0);
}

static void opens_again(struct scene *scene)
{
    cache_close(&scene->cache);
    opens(scene);
}

static int begin(void **state)
{
    static struct scene scene;
    contract_scratch_make(&scene.scratch);
    snprintf(scene.path, sizeof scene.path, "%s/cache", scene.scratch.path);
    *state = &scene;
    opens(&scene);
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    cache_close(&scene->cache);
    cache_close(&scene->cache);
    contract_scratch_remove(&scene->scratch);
    return 0;
}

static struct slice text(const char *words)
{
    return (struct slice){words, strlen(words)};
}

static void holds(struct scene *scene, uint32_t shard, const char *words)
{
    struct slice block;
    assert_int_equal(cache_block(scene->cache, shard, &block), words ? 0 : CACHE_E_ABSENT);
    if (words) {
        assert_int_equal(block.size, strlen(words));
        assert_memory_equal(block.data, words, block.size);
    }
    cache_release(scene->cache);
}

static void holds_attributes(struct scene *scene, uint32_t shard, uint64_t digest,
                             const char *words)
{
    struct slice bytes;
    assert_int_equal(cache_attributes(scene->cache, shard, (struct digest){digest, 1}, &bytes),
                     words ? 0 : CACHE_E_ABSENT);
    if (words) {
        assert_int_equal(bytes.size, strlen(words));
        assert_memory_equal(bytes.data, words, bytes.size);
    }
    cache_release(scene->cache);
}

static int is_there(const struct scene *scene, const char *suffix)
{
    char path[160];
    snprintf(path, sizeof path, "%s%s", scene->path, suffix);
    return access(path, F_OK) == 0;
}

/* A real block, of nobody, with these segments. */
static void put_block(struct scene *scene, uint32_t shard, const struct digest *segments, size_t n)
{
    struct histories nobody = {0};
    struct slice bytes;
    assert_int_equal(histories_room(&nobody, 0, 0, 0), 0);
    assert_int_equal(block_write(&nobody, segments, n, &bytes), 0);
    assert_int_equal(cache_put_block(scene->cache, shard, bytes), 0);
    free((void *)(uintptr_t)bytes.data);
    histories_free(&nobody);
}

static void a_new_cache_is_empty_and_of_no_shard_count(void **state)
{
    struct scene *scene = *state;
    struct cache_list list;
    holds(scene, 0, NULL);
    assert_int_equal(cache_list(scene->cache, &list), 0);
    assert_int_equal(list.shards, 0);
    assert_int_equal(list.n_sets + list.n_cached, 0);
    cache_list_free(&list);
    cache_list_free(&list);
}

static void blocks_are_read_as_they_were_put(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(cache_shards(scene->cache, 65536), 0);
    assert_int_equal(cache_put_block(scene->cache, 0, text("nought")), 0);
    assert_int_equal(cache_put_block(scene->cache, 256, text("two hundred")), 0);
    assert_int_equal(cache_put_block(scene->cache, 65535, text("last")), 0);
    holds(scene, 0, "nought");
    holds(scene, 256, "two hundred");
    holds(scene, 65535, "last");
    holds(scene, 1, NULL);
    assert_int_equal(cache_put_block(scene->cache, 256, text("other")), 0);
    holds(scene, 256, "other");
}

static void blocks_outlive_the_process(void **state)
{
    struct scene *scene = *state;
    struct cache_list list;
    assert_int_equal(cache_shards(scene->cache, 8), 0);
    assert_int_equal(cache_put_block(scene->cache, 5, text("five")), 0);
    opens_again(scene);
    holds(scene, 5, "five");
    assert_int_equal(cache_list(scene->cache, &list), 0);
    assert_int_equal(list.shards, 8);
    cache_list_free(&list);
    assert_int_equal(cache_shards(scene->cache, 8), 0);
    holds(scene, 5, "five");
}

static void attributes_are_read_by_their_digest_alone(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(cache_shards(scene->cache, 8), 0);
    holds_attributes(scene, 3, 7, NULL);
    assert_int_equal(cache_put_attributes(scene->cache, 3, (struct digest){7, 1}, text("seven")),
                     0);
    holds_attributes(scene, 3, 7, "seven");
    holds_attributes(scene, 3, 8, NULL);
    holds_attributes(scene, 2, 7, NULL);
    holds(scene, 3, NULL);
    assert_int_equal(
        cache_put_attributes(scene->cache, 3, (struct digest){8, 1}, (struct slice){"", 0}), 0);
    holds_attributes(scene, 3, 7, NULL);
    holds_attributes(scene, 3, 8, "");
}

static void another_shard_count_begins_anew(void **state)
{
    struct scene *scene = *state;
    struct said said;
    struct cache_list list;
    assert_int_equal(cache_shards(scene->cache, 8), 0);
    put_block(scene, 0, NULL, 0);
    put_block(scene, 7, NULL, 0);
    assert_int_equal(cache_put_attributes(scene->cache, 7, (struct digest){7, 1}, text("x")), 0);
    said_begin(&said);
    assert_int_equal(cache_shards(scene->cache, 4), 0);
    said_end(&said);
    assert_non_null(strstr(said.text, "made with 8 shards, the job has 4"));
    holds(scene, 0, NULL);
    holds(scene, 7, NULL);
    holds_attributes(scene, 7, 7, NULL);
    opens_again(scene);
    assert_int_equal(cache_list(scene->cache, &list), 0);
    assert_int_equal(list.shards, 4);
    assert_int_equal(list.n_cached, 0);
    cache_list_free(&list);
    assert_false(is_there(scene, ".aside-1"));
}

static void the_list_has_every_block_and_each_set_once(void **state)
{
    struct scene *scene = *state;
    struct cache_list list;
    static const struct digest old[] = {{1, 1}, {2, 2}}, new[] = {{1, 1}, {2, 2}, {3, 3}};
    assert_int_equal(cache_shards(scene->cache, 1024), 0);
    put_block(scene, 300, new, 3);
    put_block(scene, 2, old, 2);
    put_block(scene, 1, new, 3);
    put_block(scene, 1000, old, 2);
    put_block(scene, 7, NULL, 0);
    assert_int_equal(cache_put_attributes(scene->cache, 9, (struct digest){7, 1}, text("x")), 0);
    opens_again(scene);
    assert_int_equal(cache_list(scene->cache, &list), 0);
    assert_int_equal(list.shards, 1024);
    assert_int_equal(list.n_cached, 5);
    assert_int_equal(list.n_sets, 3);
    static const uint32_t shards[] = {1, 2, 7, 300, 1000};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(list.cached_shards[i], shards[i]);
        const struct digest *set = list.sets;
        for (uint32_t k = 0; k < list.cached_sets[i]; k++)
            set += list.set_sizes[k];
        uint32_t n = list.set_sizes[list.cached_sets[i]];
        assert_int_equal(n, shards[i] == 7 ? 0 : shards[i] == 1 || shards[i] == 300 ? 3 : 2);
        for (uint32_t k = 0; k < n; k++)
            assert_true(digest_same(set[k], new[k]));
    }
    cache_list_free(&list);
}

static void a_block_that_is_none_is_not_listed(void **state)
{
    struct scene *scene = *state;
    struct cache_list list;
    assert_int_equal(cache_shards(scene->cache, 8), 0);
    assert_int_equal(cache_put_block(scene->cache, 1, text("not a block")), 0);
    put_block(scene, 2, NULL, 0);
    assert_int_equal(cache_list(scene->cache, &list), 0);
    assert_int_equal(list.n_cached, 1);
    assert_int_equal(list.cached_shards[0], 2);
    cache_list_free(&list);
}

static void a_cache_set_aside_begins_anew_and_keeps_what_was(void **state)
{
    struct scene *scene = *state;
    struct said said;
    struct cache_list list;
    assert_int_equal(cache_shards(scene->cache, 8), 0);
    assert_int_equal(cache_put_block(scene->cache, 1, text("damaged")), 0);
    said_begin(&said);
    assert_int_equal(cache_set_aside(scene->cache, "has a damaged block"), 0);
    said_end(&said);
    assert_non_null(strstr(said.text, "has a damaged block; moved to"));
    holds(scene, 1, NULL);
    assert_int_equal(cache_list(scene->cache, &list), 0);
    assert_int_equal(list.shards, 0);
    cache_list_free(&list);
    assert_true(is_there(scene, ".aside-1/data.mdb"));
    said_begin(&said);
    assert_int_equal(cache_set_aside(scene->cache, "again"), 0);
    said_end(&said);
    assert_true(is_there(scene, ".aside-2/data.mdb"));
    strcat(scene->path, ".aside-1");
    opens_again(scene);
    holds(scene, 1, "damaged");
}

/* Another's store in the place of the cache: these keys and values. */
static void put_in_place(struct scene *scene, const char *key, struct slice value)
{
    struct store *store;
    cache_close(&scene->cache);
    assert_int_equal(open_lmdb(scene->path, &store), 0);
    const struct store_put puts[] = {{text("v"), {{NULL, 0}}, 0}, {text(key), {value}, 1}};
    assert_int_equal(store_write(store, puts, 2), 0);
    store_close(&store);
}

/* Opens where something else is, says so, and begins anew. */
static void opens_with_words(struct scene *scene, const char *words)
{
    struct said said;
    said_begin(&said);
    int r = cache_open(scene->path, open_lmdb, &scene->cache);
    said_end(&said);
    assert_int_equal(r, 0);
    assert_non_null(strstr(said.text, words));
    assert_true(is_there(scene, ".aside-1"));
    holds(scene, 1, NULL);
    assert_int_equal(cache_put_block(scene->cache, 1, text("mine")), 0);
    opens_again(scene);
    holds(scene, 1, "mine");
    assert_false(is_there(scene, ".aside-2"));
}

static void a_cache_of_another_version_is_set_aside(void **state)
{
    char version[24] = "winnow cache 0";
    put_in_place(*state, "v", (struct slice){version, sizeof version});
    opens_with_words(*state, "is of another version");
}

static void a_version_of_another_size_is_another(void **state)
{
    put_in_place(*state, "v", text("winnow cache 1"));
    opens_with_words(*state, "is of another version");
}

static void a_store_of_somebody_else_is_set_aside(void **state)
{
    put_in_place(*state, "job/manifest", text("the sink's"));
    opens_with_words(*state, "is of another version");
}

static void a_store_that_does_not_open_is_set_aside(void **state)
{
    struct scene *scene = *state;
    char path[128];
    cache_close(&scene->cache);
    snprintf(path, sizeof path, "%s/data.mdb", scene->path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    for (int i = 0; i < 8192; i++)
        fputc('x', file);
    fclose(file);
    opens_with_words(scene, "is not readable");
}

static void a_file_in_the_place_of_the_directory_is_set_aside(void **state)
{
    struct scene *scene = *state;
    cache_close(&scene->cache);
    char path[160];
    snprintf(path, sizeof path, "%s.before", scene->path);
    assert_int_equal(rename(scene->path, path), 0);
    FILE *file = fopen(scene->path, "w");
    assert_non_null(file);
    fclose(file);
    opens_with_words(scene, "is not readable");
}

static int open_busy(const char *directory, struct store **store)
{
    (void)directory;
    (void)store;
    return STORE_E_BUSY;
}

static void a_cache_in_use_is_left_alone(void **state)
{
    struct scene *scene = *state;
    struct said said;
    cache_close(&scene->cache);
    said_begin(&said);
    assert_int_equal(cache_open(scene->path, open_busy, &scene->cache), STATUS_CONFIG);
    said_end(&said);
    assert_non_null(strstr(said.text, "in use by another process"));
    assert_null(scene->cache);
    assert_false(is_there(scene, ".aside-1"));
}

static int open_full(const char *directory, struct store **store)
{
    static const int writes[] = {0, 0, STORE_E_FULL, STORE_E_FULL, STORE_E_FULL};
    struct store *inner;
    int r = open_lmdb(directory, &inner);
    const struct store_failing_pattern pattern = {writes, 5, NULL, 0};
    return r ? r : store_failing_open(&inner, pattern, store);
}

static void a_full_disk_is_said(void **state)
{
    struct scene *scene = *state;
    struct said said;
    contract_scratch_remove(&scene->scratch);
    cache_close(&scene->cache);
    contract_scratch_make(&scene->scratch);
    snprintf(scene->path, sizeof scene->path, "%s/cache", scene->scratch.path);
    assert_int_equal(cache_open(scene->path, open_full, &scene->cache), 0);
    assert_int_equal(cache_shards(scene->cache, 8), 0);
    said_begin(&said);
    assert_int_equal(cache_put_block(scene->cache, 1, text("x")), STATUS_IO);
    assert_int_equal(cache_put_attributes(scene->cache, 1, (struct digest){1, 1}, text("x")),
                     STATUS_IO);
    assert_int_equal(cache_shards(scene->cache, 4), STATUS_IO);
    said_end(&said);
    assert_non_null(strstr(said.text, "no space for the cache"));
}

static void a_directory_with_an_endless_name_is_refused(void **state)
{
    struct scene *scene = *state;
    struct said said;
    struct cache *cache = NULL;
    char *name = calloc(1, 5001);
    memset(name, 'd', 5000);
    said_begin(&said);
    assert_int_equal(cache_open(name, open_lmdb, &cache), STATUS_NO_OUTPUT);
    said_end(&said);
    assert_null(cache);
    free(name);
    (void)scene;
}

#define on_a_cache(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_cache(a_new_cache_is_empty_and_of_no_shard_count),
        on_a_cache(blocks_are_read_as_they_were_put),
        on_a_cache(blocks_outlive_the_process),
        on_a_cache(attributes_are_read_by_their_digest_alone),
        on_a_cache(another_shard_count_begins_anew),
        on_a_cache(the_list_has_every_block_and_each_set_once),
        on_a_cache(a_block_that_is_none_is_not_listed),
        on_a_cache(a_cache_set_aside_begins_anew_and_keeps_what_was),
        on_a_cache(a_cache_of_another_version_is_set_aside),
        on_a_cache(a_version_of_another_size_is_another),
        on_a_cache(a_store_of_somebody_else_is_set_aside),
        on_a_cache(a_store_that_does_not_open_is_set_aside),
        on_a_cache(a_file_in_the_place_of_the_directory_is_set_aside),
        on_a_cache(a_cache_in_use_is_left_alone),
        on_a_cache(a_full_disk_is_said),
        on_a_cache(a_directory_with_an_endless_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
