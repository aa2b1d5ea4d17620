/* SPDX-License-Identifier: Apache-2.0 */
#include "doubles/store_failing.h"

#include "doubles/store_memory.h"
#include "support/assert.h"

static int put_one(struct store *store, const char *key)
{
    struct store_put put = {.key = {key, 1}, .part = {{key, 1}}, .n_parts = 1};
    return store_write(store, &put, 1);
}

static int has(struct store *store, const char *key)
{
    struct slice value;
    int rc = store_read(store, (struct slice){key, 1}, &value);
    store_release(store);
    return rc;
}

static void writes_fail_as_the_pattern_says_and_leave_nothing(void **state)
{
    (void)state;
    static const int pattern[] = {0, STORE_E_FULL, STATUS_IO, 0};
    struct shelf *shelf;
    struct store *inner, *store;
    assert_int_equal(store_memory_shelf_new(&shelf), 0);
    assert_int_equal(store_memory_open(shelf, &inner), 0);
    assert_int_equal(
        store_failing_open(&inner, (struct store_failing_pattern){.writes = pattern, .n_writes = 4},
                           &store),
        0);
    assert_null(inner);
    assert_int_equal(put_one(store, "a"), 0);
    assert_int_equal(put_one(store, "b"), STORE_E_FULL);
    assert_int_equal(put_one(store, "c"), STATUS_IO);
    assert_int_equal(put_one(store, "d"), 0);
    assert_int_equal(put_one(store, "e"), 0); /* behind the pattern's end */
    assert_int_equal(has(store, "a"), 0);
    assert_int_equal(has(store, "b"), STORE_E_ABSENT);
    assert_int_equal(has(store, "c"), STORE_E_ABSENT);
    assert_int_equal(has(store, "d"), 0);
    assert_int_equal(has(store, "e"), 0);
    store_close(&store);
    /* What reached the store outlives it. */
    assert_int_equal(store_memory_open(shelf, &store), 0);
    assert_int_equal(store_memory_open(shelf, &inner), STORE_E_BUSY);
    assert_int_equal(has(store, "d"), 0);
    store_close(&store);
    store_memory_shelf_destroy(&shelf);
}

static int never(void *context, struct slice key, struct slice value)
{
    (void)context;
    (void)key;
    (void)value;
    return 0;
}

static void reads_have_a_pattern_of_their_own(void **state)
{
    (void)state;
    static const int pattern[] = {STATUS_IO, 0, STATUS_IO};
    struct shelf *shelf;
    struct store *inner, *store;
    assert_int_equal(store_memory_shelf_new(&shelf), 0);
    assert_int_equal(store_memory_open(shelf, &inner), 0);
    assert_int_equal(
        store_failing_open(&inner, (struct store_failing_pattern){.reads = pattern, .n_reads = 3},
                           &store),
        0);
    assert_int_equal(put_one(store, "a"), 0);
    assert_int_equal(has(store, "a"), STATUS_IO);
    assert_int_equal(has(store, "a"), 0);
    assert_int_equal(store_each(store, (struct slice){"", 0}, never, NULL), STATUS_IO);
    assert_int_equal(store_each(store, (struct slice){"", 0}, never, NULL), 0);
    store_close(&store);
    store_memory_shelf_destroy(&shelf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_fail_as_the_pattern_says_and_leave_nothing),
        cmocka_unit_test(reads_have_a_pattern_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
