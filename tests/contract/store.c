/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/contract.h"
#include "doubles/store_failing.h"
#include "doubles/store_memory.h"

enum kind { KIND_MEMORY, KIND_DURABLE, KIND_CACHE, KIND_BEHIND };

struct world {
    enum kind kind;
    struct contract_scratch scratch;
    struct shelf *shelf;
    struct store *store;
};

/* ---- arranging ---- */

static void open_store(struct world *world)
{
    enum store_care care = world->kind == KIND_CACHE ? STORE_CACHE : STORE_DURABLE;
    char path[100];
    struct store *inner;
    snprintf(path, sizeof path, "%s/store", world->scratch.path);
    if (world->kind == KIND_MEMORY) {
        assert_int_equal(store_memory_open(world->shelf, &world->store), 0);
    } else if (world->kind == KIND_BEHIND) { /* a failing store that has run out of failures */
        assert_int_equal(store_memory_open(world->shelf, &inner), 0);
        assert_int_equal(
            store_failing_open(&inner, (struct store_failing_pattern){0}, &world->store), 0);
        assert_null(inner);
    } else {
        assert_int_equal(store_lmdb_open(path, care, &world->store), 0);
    }
}

static void reopen(struct world *world)
{
    store_close(&world->store);
    assert_null(world->store);
    open_store(world);
}

static struct slice text(const char *words)
{
    return (struct slice){words, strlen(words)};
}

static struct store_put a_put(const char *key, const char *value)
{
    return (struct store_put){.key = text(key), .part = {text(value)}, .n_parts = 1};
}

static struct store_put a_deletion(const char *key)
{
    return (struct store_put){.key = text(key)};
}

static void write_one(struct world *world, struct store_put put)
{
    assert_int_equal(store_write(world->store, &put, 1), 0);
}

/* ---- asking ---- */

static void assert_value(struct world *world, const char *key, const char *want)
{
    struct slice value;
    assert_int_equal(store_read(world->store, text(key), &value), 0);
    assert_int_equal(value.size, strlen(want));
    assert_memory_equal(value.data, want, value.size);
    store_release(world->store);
}

static void assert_absent(struct world *world, const char *key)
{
    struct slice value;
    assert_int_equal(store_read(world->store, text(key), &value), STORE_E_ABSENT);
    store_release(world->store);
}

/* All keys with the prefix, one after the other with a space behind each. */
struct listing {
    char words[400];
    size_t limit; /* stop after so many */
    size_t n;
};

static int list(void *context, struct slice key, struct slice value)
{
    struct listing *listing = context;
    size_t at = strlen(listing->words);
    assert_int_equal((uintptr_t)value.data % 8, 0);
    assert_true(at + key.size + 2 < sizeof listing->words);
    memcpy(listing->words + at, key.data, key.size);
    memcpy(listing->words + at + key.size, " ", 2);
    return ++listing->n == listing->limit ? 42 : 0;
}

static void assert_keys(struct world *world, const char *prefix, const char *want)
{
    struct listing listing = {.words = ""};
    assert_int_equal(store_each(world->store, text(prefix), list, &listing), 0);
    assert_string_equal(listing.words, want);
    store_release(world->store);
}

/* ---- writing ---- */

static void what_was_written_is_read(void **state)
{
    struct world *world = *state;
    write_one(world, a_put("shard/1", "one"));
    assert_value(world, "shard/1", "one");
    assert_absent(world, "shard/2");
    assert_absent(world, "shard/");
    assert_absent(world, "shard/10");
}

static void a_later_write_replaces(void **state)
{
    struct world *world = *state;
    write_one(world, a_put("key", "a long first value"));
    write_one(world, a_put("key", "short"));
    assert_value(world, "key", "short");
    assert_keys(world, "", "key ");
}

static void a_value_is_its_parts_in_a_row(void **state)
{
    struct world *world = *state;
    struct store_put put = {.key = text("key"), .n_parts = STORE_VALUE_PARTS};
    static const char letters[] = "abcdefg";
    char want[STORE_VALUE_PARTS + 1] = "";
    for (size_t i = 0; i < STORE_VALUE_PARTS; i++) {
        size_t size = i % 7 ? 1 : 0; /* empty parts among them */
        put.part[i] = (struct slice){size ? &letters[i % 7] : NULL, size};
        strncat(want, &letters[i % 7], size);
    }
    write_one(world, put);
    assert_value(world, "key", want);
}

static void a_put_without_parts_deletes_and_the_absent_key_is_fine(void **state)
{
    struct world *world = *state;
    write_one(world, a_put("key", "value"));
    write_one(world, a_put("other", "value"));
    write_one(world, a_deletion("key"));
    assert_absent(world, "key");
    write_one(world, a_deletion("key"));
    write_one(world, a_deletion("never was"));
    assert_keys(world, "", "other ");
}

static void a_batch_is_done_in_its_order(void **state)
{
    struct world *world = *state;
    const struct store_put puts[] = {a_put("a", "1"), a_put("b", "1"), a_deletion("a"),
                                     a_put("b", "2"), a_deletion("c"), a_put("c", "3")};
    assert_int_equal(store_write(world->store, puts, sizeof puts / sizeof puts[0]), 0);
    assert_absent(world, "a");
    assert_value(world, "b", "2");
    assert_value(world, "c", "3");
}

static void a_batch_of_nothing_is_done(void **state)
{
    struct world *world = *state;
    assert_int_equal(store_write(world->store, NULL, 0), 0);
    assert_keys(world, "", "");
}

static void a_batch_with_a_bad_key_leaves_nothing_behind(void **state)
{
    struct world *world = *state;
    char name[STORE_KEY_LIMIT + 2];
    memset(name, 'k', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const struct store_put too_long[] = {a_put("a", "1"), a_put(name, "2")};
    const struct store_put empty[] = {a_put("a", "1"), a_put("", "2")};
    struct slice value;
    assert_int_equal(store_write(world->store, too_long, 2), STATUS_BUG);
    assert_int_equal(store_write(world->store, empty, 2), STATUS_BUG);
    assert_int_equal(store_read(world->store, text(""), &value), STATUS_BUG);
    assert_keys(world, "", "");
    name[STORE_KEY_LIMIT] = '\0';
    write_one(world, a_put(name, "fits"));
    assert_value(world, name, "fits");
}

static void too_many_parts_are_a_bug(void **state)
{
    struct world *world = *state;
    struct store_put put = a_put("key", "value");
    put.n_parts = STORE_VALUE_PARTS + 1;
    assert_int_equal(store_write(world->store, &put, 1), STATUS_BUG);
    assert_absent(world, "key");
}

/* ---- values ---- */

/* The word at a place of a value that is all known. */
static uint64_t word_at(size_t i, uint64_t seed)
{
    return (i + seed) * 0x9e3779b97f4a7c15u;
}

/* In two parts, so that the seam is crossed. */
static void write_bulk(struct world *world, const char *key, size_t size, uint64_t seed)
{
    uint64_t *word = malloc(size + sizeof *word);
    struct store_put put = {.key = text(key), .n_parts = 2};
    assert_non_null(word);
    for (size_t i = 0; i * sizeof *word < size; i++)
        word[i] = word_at(i, seed);
    put.part[0] = (struct slice){word, size / 3};
    put.part[1] = (struct slice){(const char *)word + size / 3, size - size / 3};
    write_one(world, put);
    free(word);
}

static void assert_bulk_seen(struct slice value, size_t size, uint64_t seed)
{
    const uint64_t *word = value.data;
    size_t whole = size / sizeof *word, rest = size % sizeof *word, wrong = 0;
    uint64_t last = word_at(whole, seed);
    assert_int_equal(value.size, size);
    assert_int_equal((uintptr_t)value.data % 8, 0);
    for (size_t i = 0; i < whole; i++)
        wrong += word[i] != word_at(i, seed);
    assert_int_equal(wrong, 0);
    assert_memory_equal((const char *)value.data + size - rest, &last, rest);
}

static void assert_bulk(struct world *world, const char *key, size_t size, uint64_t seed)
{
    struct slice value;
    assert_int_equal(store_read(world->store, text(key), &value), 0);
    assert_bulk_seen(value, size, seed);
    store_release(world->store);
}

static void values_of_every_size_come_back_aligned(void **state)
{
    struct world *world = *state;
    static const size_t size[] = {0,    1,    2,    3,    7,    8,        9,      100,   1000,
                                  2020, 2030, 2040, 4079, 4080, 4081,     8176,   65536, 100001,
                                  500,  501,  502,  503,  504,  1u << 20, 3000001};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
        char key[20];
        snprintf(key, sizeof key, "%zu%.*s", size[i], (int)(i % 8), "xxxxxxx");
        write_bulk(world, key, size[i], i);
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
            char key[20];
            snprintf(key, sizeof key, "%zu%.*s", size[i], (int)(i % 8), "xxxxxxx");
            assert_bulk(world, key, size[i], i);
        }
        reopen(world);
    }
}

static void a_value_of_40_megabytes_comes_back(void **state)
{
    struct world *world = *state;
    write_bulk(world, "block", (size_t)40 << 20, 5);
    assert_bulk(world, "block", (size_t)40 << 20, 5);
    write_bulk(world, "block", ((size_t)40 << 20) + 1, 6);
    assert_bulk(world, "block", ((size_t)40 << 20) + 1, 6);
    reopen(world);
    assert_bulk(world, "block", ((size_t)40 << 20) + 1, 6);
}

static void one_batch_may_be_larger_than_all_that_was_there(void **state)
{
    struct world *world = *state;
    enum { N = 24 };
    size_t size = (size_t)2 << 20;
    struct store_put *puts = calloc(N + 1, sizeof *puts);
    char *bytes = malloc(size);
    static const char names[] = "abcdefghijklmnopqrstuvwx";
    assert_non_null(puts);
    assert_non_null(bytes);
    memset(bytes, 'b', size);
    write_one(world, a_put("first", "1"));
    for (size_t i = 0; i < N; i++)
        puts[i] = (struct store_put){.key = {names + i, 1}, .part = {{bytes, size}}, .n_parts = 1};
    puts[N] = a_deletion("first");
    assert_int_equal(store_write(world->store, puts, N + 1), 0);
    assert_absent(world, "first");
    for (size_t i = 0; i < N; i++) {
        struct slice value;
        assert_int_equal(store_read(world->store, puts[i].key, &value), 0);
        assert_int_equal(value.size, size);
        assert_memory_equal(value.data, bytes, size);
    }
    store_release(world->store);
    assert_true(store_bytes(world->store) >= N * (uint64_t)size);
    free(bytes);
    free(puts);
}

static void ten_thousand_small_keys_fit_in_one_batch(void **state)
{
    struct world *world = *state;
    enum { N = 10000 };
    struct store_put *puts = calloc(N, sizeof *puts);
    char(*key)[200] = calloc(N, sizeof *key);
    struct slice value;
    assert_non_null(puts);
    assert_non_null(key);
    for (size_t i = 0; i < N; i++) { /* long keys: a batch takes more room than its values */
        snprintf(key[i], sizeof key[i], "%0190zu", i);
        puts[i] = a_put(key[i], key[i] + 180);
    }
    assert_int_equal(store_write(world->store, puts, N), 0);
    for (size_t i = 0; i < N; i += 7) {
        assert_int_equal(store_read(world->store, text(key[i]), &value), 0);
        assert_memory_equal(value.data, key[i] + 180, 10);
    }
    store_release(world->store);
    free(key);
    free(puts);
}

/* ---- reading ---- */

static void what_was_read_stays_until_the_release(void **state)
{
    struct world *world = *state;
    struct slice small[50], bulk[3];
    char key[50][20];
    for (int i = 0; i < 50; i++) {
        snprintf(key[i], sizeof key[i], "small %d", i);
        write_one(world, a_put(key[i], key[i]));
    }
    for (size_t i = 0; i < 3; i++)
        write_bulk(world, (const char *[]){"x", "y", "z"}[i], 200000 + i, i);
    for (int i = 0; i < 50; i++)
        assert_int_equal(store_read(world->store, text(key[i]), &small[i]), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            store_read(world->store, text((const char *[]){"x", "y", "z"}[i]), &bulk[i]), 0);
    assert_int_equal(store_each(world->store, text("small"), list, &(struct listing){.limit = 9}),
                     42);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(small[i].size, strlen(key[i]));
        assert_memory_equal(small[i].data, key[i], small[i].size);
    }
    for (size_t i = 0; i < 3; i++)
        assert_bulk_seen(bulk[i], 200000 + i, i);
    store_release(world->store);
    store_release(world->store); /* once more does nothing */
}

static void a_write_ends_the_read_and_is_seen_by_the_next(void **state)
{
    struct world *world = *state;
    struct slice value;
    write_one(world, a_put("key", "old"));
    assert_int_equal(store_read(world->store, text("key"), &value), 0);
    write_one(world, a_put("key", "new"));
    assert_value(world, "key", "new");
}

static void keys_come_in_bytewise_order_whatever_was_written_first(void **state)
{
    struct world *world = *state;
    static const char *const key[] = {"b", "a", "\xff", "ab", "B", "a\x01", "\x80", "aa", "a\xff"};
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++)
        write_one(world, a_put(key[i], "v"));
    assert_keys(world, "", "B a a\x01 aa ab a\xff b \x80 \xff ");
}

static void a_prefix_chooses_whole_beginnings_only(void **state)
{
    struct world *world = *state;
    static const char *const key[] = {"done/2", "done/1", "done", "done0", "dond", "row/1", "don"};
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++)
        write_one(world, a_put(key[i], "v"));
    assert_keys(world, "done/", "done/1 done/2 ");
    assert_keys(world, "done", "done done/1 done/2 done0 ");
    assert_keys(world, "row/1", "row/1 ");
    assert_keys(world, "row/11", "");
    assert_keys(world, "z", "");
    assert_keys(world, "", "don dond done done/1 done/2 done0 row/1 ");
}

static void the_first_answer_that_is_not_0_ends_the_walk(void **state)
{
    struct world *world = *state;
    struct listing listing = {.words = "", .limit = 2};
    write_one(world, a_put("a", "1"));
    write_one(world, a_put("b", "2"));
    write_one(world, a_put("c", "3"));
    assert_int_equal(store_each(world->store, text(""), list, &listing), 42);
    assert_string_equal(listing.words, "a b ");
    store_release(world->store);
}

static void an_empty_store_has_no_keys(void **state)
{
    struct world *world = *state;
    assert_keys(world, "", "");
    assert_absent(world, "a");
}

/* ---- outliving ---- */

static void what_was_written_is_there_after_reopening(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 5; i++) {
        char key[20];
        snprintf(key, sizeof key, "key %d", i);
        write_one(world, a_put(key, key));
        reopen(world);
    }
    assert_keys(world, "", "key 0 key 1 key 2 key 3 key 4 ");
    write_one(world, a_deletion("key 2"));
    reopen(world);
    assert_keys(world, "", "key 0 key 1 key 3 key 4 ");
}

/* 0 to n - 1; Knuth's MMIX, so that a failure comes again. */
static size_t below(uint64_t *seed, size_t n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % n;
}

/* A slow obvious model: an array of values by number of key, and random batches. */
static void a_random_history_agrees_with_a_table(void **state)
{
    struct world *world = *state;
    enum { KEYS = 60, ROUNDS = 200, BATCH = 12 };
    uint64_t seed = 20240607;
    int64_t size[KEYS]; /* -1: absent */
    static uint8_t zeros[9000];
    char key[KEYS][12];
    for (int i = 0; i < KEYS; i++) {
        size[i] = -1;
        snprintf(key[i], sizeof key[i], "%d", i);
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct store_put puts[BATCH];
        size_t n = below(&seed, BATCH + 1);
        for (size_t i = 0; i < n; i++) {
            size_t k = below(&seed, KEYS);
            size[k] = below(&seed, 4) ? (int64_t)below(&seed, sizeof zeros) : -1;
            puts[i] = (struct store_put){.key = text(key[k]),
                                         .part = {{zeros, (size_t)(size[k] < 0 ? 0 : size[k])}},
                                         .n_parts = size[k] >= 0};
        }
        assert_int_equal(store_write(world->store, puts, n), 0);
        if (below(&seed, 10) == 0)
            reopen(world);
        for (int i = 0; i < KEYS; i++) {
            struct slice value;
            int rc = store_read(world->store, text(key[i]), &value);
            assert_int_equal(rc, size[i] < 0 ? STORE_E_ABSENT : 0);
            if (rc == 0)
                assert_int_equal(value.size, size[i]);
        }
        store_release(world->store);
    }
}

/* ---- */

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    world->kind = *(const enum kind *)*state;
    contract_scratch_make(&world->scratch);
    *state = world;
    if (store_memory_shelf_new(&world->shelf))
        return -1;
    open_store(world);
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    store_close(&world->store);
    store_memory_shelf_destroy(&world->shelf);
    contract_scratch_remove(&world->scratch);
    free(world);
    return 0;
}

int main(void)
{
    static enum kind kind[] = {KIND_MEMORY, KIND_DURABLE, KIND_CACHE, KIND_BEHIND};
    const struct contract_port ports[] = {{"memory", &kind[0]},
                                          {"lmdb durable", &kind[1]},
                                          {"lmdb cache", &kind[2]},
                                          {"failing", &kind[3]}};
    const struct contract_case cases[] = {
        contract_case(what_was_written_is_read),
        contract_case(a_later_write_replaces),
        contract_case(a_value_is_its_parts_in_a_row),
        contract_case(a_put_without_parts_deletes_and_the_absent_key_is_fine),
        contract_case(a_batch_is_done_in_its_order),
        contract_case(a_batch_of_nothing_is_done),
        contract_case(a_batch_with_a_bad_key_leaves_nothing_behind),
        contract_case(too_many_parts_are_a_bug),
        contract_case(values_of_every_size_come_back_aligned),
        contract_case(a_value_of_40_megabytes_comes_back),
        contract_case(one_batch_may_be_larger_than_all_that_was_there),
        contract_case(ten_thousand_small_keys_fit_in_one_batch),
        contract_case(what_was_read_stays_until_the_release),
        contract_case(a_write_ends_the_read_and_is_seen_by_the_next),
        contract_case(keys_come_in_bytewise_order_whatever_was_written_first),
        contract_case(a_prefix_chooses_whole_beginnings_only),
        contract_case(the_first_answer_that_is_not_0_ends_the_walk),
        contract_case(an_empty_store_has_no_keys),
        contract_case(what_was_written_is_there_after_reopening),
        contract_case(a_random_history_agrees_with_a_table),
    };
    return contract_run(cases, sizeof cases / sizeof cases[0], ports,
                        sizeof ports / sizeof ports[0], setup, teardown);
}
