/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are told by their stamps: ventilator/stamp.h, known.h, recognition.h. */
#include "ventilator/stamp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/assert.h"
#include "support/scratch.h"
#include "ventilator/recognition.h"

#define LATER INT64_C(4000000000000) /* ms: in 2096 */

static const struct digest how = {5, 6};

static void a_file_that_has_settled_has_a_stamp(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct stat info;
    scratch_file(&scratch, "a", "12345");
    const char *path = scratch_at(&scratch, "a");
    struct stamp stamp = stamp_of(path, LATER), again = stamp_of(path, LATER);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(stamp.bytes, 5);
    assert_int_equal(stamp.inode, info.st_ino);
    assert_true(stamp.changed_ns / 1000000000 == info.st_ctim.tv_sec);
    assert_true(stamp_same(&stamp, &again));
    int64_t changed_ms = stamp.changed_ns / 1000000;
    stamp = stamp_of(path, changed_ms + STAMP_SETTLED_MS);
    assert_int_equal(stamp.changed_ns, 0);
    assert_false(stamp_same(&stamp, &stamp));
    stamp = stamp_of(path, changed_ms + STAMP_SETTLED_MS + 1);
    assert_true(stamp_same(&stamp, &again));
    scratch_remove(&scratch);
}

static void what_is_no_file_has_none(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    assert_int_equal(stamp_of(scratch.path, LATER).changed_ns, 0);
    assert_int_equal(stamp_of(scratch_at(&scratch, "absent"), LATER).changed_ns, 0);
    assert_int_equal(stamp_of("/dev/null", LATER).changed_ns, 0);
    scratch_remove(&scratch);
}

static void a_stamp_differs_by_any_of_its_parts(void **state)
{
    (void)state;
    const struct stamp stamp = {1, 2, 3, 4, 5};
    const struct stamp others[] = {
        {9, 2, 3, 4, 5}, {1, 9, 3, 4, 5}, {1, 2, 9, 4, 5}, {1, 2, 3, 9, 5}, {1, 2, 3, 4, 9}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(stamp_same(&stamp, &others[i]));
}

static struct known *known_in(const struct scratch *scratch)
{
    struct known *known = NULL;
    uint32_t shards;
    assert_int_equal(known_open(scratch->path, &known, &shards), 0);
    return known;
}

static void stamps_are_kept_with_what_is_known(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct known *known = known_in(&scratch);
    struct known_input input = {.bytes = 77,
                                .digest = {1, 2},
                                .how = how,
                                .stamp = {UINT64_MAX, 2, 77, -4, INT64_MAX},
                                .n_segments = 2,
                                .segment = {{7, 8}, {9, 10}}};
    assert_int_equal(known_add(known, &input), 0);
    input.digest.low = 3;
    input.stamp = (struct stamp){0};
    assert_int_equal(known_add(known, &input), 0);
    assert_int_equal(known_write(known, 16), 0);
    known_close(&known);
    known = known_in(&scratch);
    assert_int_equal(known_size(known), 2);
    const struct stamp want = {UINT64_MAX, 2, 77, -4, INT64_MAX};
    assert_true(stamp_same(&known_at(known, 0)->stamp, &want));
    assert_int_equal(known_at(known, 0)->n_segments, 2);
    assert_true(digest_same(known_at(known, 0)->segment[1], (struct digest){9, 10}));
    assert_int_equal(known_at(known, 1)->stamp.changed_ns, 0);
    known_close(&known);
    scratch_remove(&scratch);
}

static void a_file_is_known_by_its_stamp_without_being_read(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct known *known = known_in(&scratch);
    struct recognition found;
    scratch_file(&scratch, "a", "12345");
    const char *path = scratch_at(&scratch, "a");
    struct known_input input = {.bytes = 5,
                                .digest = {1, 2}, /* which the bytes do not have */
                                .how = how,
                                .stamp = stamp_of(path, LATER),
                                .n_segments = 1};
    assert_int_equal(known_add(known, &input), 0);
    struct recognition_order order = {
        .known = known, .path = path, .how = how, .stamp = stamp_of(path, LATER)};
    assert_int_equal(recognition_find(&order, &found), 0);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.bytes, 5);
    assert_true(digest_same(found.digest, input.digest));
    recognition_free(&found);

    order.how.low++; /* its rows were read otherwise */
    assert_int_equal(recognition_find(&order, &found), 0);
    assert_int_equal(found.n, 0);
    recognition_free(&found);
    order.how.low--;
    order.stamp.changed_ns++;
    assert_int_equal(recognition_find(&order, &found), 0);
    assert_int_equal(found.n, 0);
    assert_true(digest_same(found.digest, digest_of("12345", 5)));
    recognition_free(&found);
    order.stamp = (struct stamp){0};
    assert_int_equal(recognition_find(&order, &found), 0);
    assert_int_equal(found.n, 0);
    recognition_free(&found);
    known_close(&known);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_has_settled_has_a_stamp),
        cmocka_unit_test(what_is_no_file_has_none),
        cmocka_unit_test(a_stamp_differs_by_any_of_its_parts),
        cmocka_unit_test(stamps_are_kept_with_what_is_known),
        cmocka_unit_test(a_file_is_known_by_its_stamp_without_being_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
