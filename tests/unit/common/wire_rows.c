/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_rows.h"

#include <stdlib.h>
#include <string.h>
#include <winnow.pb-c.h>

#include "support/assert.h"
#include "support/raw_message.h"
#include "support/wire_samples.h"

struct scene {
    struct arena *arena, *own;
    struct chance chance;
};

static int begin(void **state)
{
    static struct scene scene;
    scene = (struct scene){
        .arena = arena_new((size_t)256 << 20), .own = arena_new((size_t)256 << 20), .chance = {9}};
    *state = &scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    arena_destroy(&scene->arena);
    arena_destroy(&scene->own);
    return 0;
}

static size_t total(const uint16_t *lengths, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lengths[i];
    return sum;
}

#define SAME(got, want, n)                                                                         \
    do {                                                                                           \
        if ((n) > 0)                                                                               \
            assert_memory_equal(got, want, (n) * sizeof *(want));                                  \
    } while (0)

static void same_rows(const struct purchase_rows *got, const struct purchase_rows *want)
{
    assert_int_equal(got->n, want->n);
    SAME(got->id_length, want->id_length, want->n);
    SAME(got->ids, want->ids, total(want->id_length, want->n));
    SAME(got->day, want->day, want->n);
    SAME(got->amount, want->amount, want->n);
    assert_true((got->order != NULL) == (want->order != NULL && want->n > 0));
    if (got->order)
        SAME(got->order, want->order, want->n);
}

/* Chunks of these sizes, in one frame. */
static void rows_go_round(struct scene *scene, const size_t *sizes, size_t n)
{
    struct purchase_rows rows[8];
    const struct purchase_rows *got;
    size_t n_got, size = 0;
    char *frame = arena_take(scene->own, (size_t)8 << 20);
    for (size_t i = 0; i < n; i++) {
        struct slice chunk;
        rows[i] = wire_sample_rows(&scene->chance, scene->own, sizes[i]);
        assert_int_equal(wire_rows_chunk(&rows[i], scene->own, &chunk), 0);
        memcpy(frame + size, chunk.data, chunk.size);
        size += chunk.size;
    }
    struct parcel parcel = raw_parcel(frame, size);
    assert_int_equal(wire_rows_read(&parcel, 1, scene->arena, &got, &n_got), 0);
    assert_int_equal(n_got, n);
    for (size_t i = 0; i < n; i++)
        same_rows(&got[i], &rows[i]);
    arena_reset(scene->own);
    arena_reset(scene->arena);
}

static void chunks_of_rows_go_round_in_their_order(void **state)
{
    rows_go_round(*state, (const size_t[]){3, 0, 1, 700}, 4);
}

static void a_frame_of_no_chunks_is_no_rows(void **state)
{
    rows_go_round(*state, NULL, 0);
}

static void a_chunk_of_the_greatest_size_goes_round(void **state)
{
    rows_go_round(*state, (const size_t[]){ROWS_PER_CHUNK_LIMIT}, 1);
}

static void random_frames_of_rows_go_round(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 200; i++) {
        size_t sizes[8], n = chance_below(&scene->chance, 8);
        for (size_t k = 0; k < n; k++)
            sizes[k] = chance_below(&scene->chance, 60);
        rows_go_round(scene, sizes, n);
    }
}

/* The bytes of a chunk decide its name in the spool and in the books. */
static void equal_rows_are_equal_bytes(void **state)
{
    struct scene *scene = *state;
    struct slice first, second;
    struct purchase_rows rows = wire_sample_rows(&scene->chance, scene->own, 500);
    assert_int_equal(wire_rows_chunk(&rows, scene->own, &first), 0);
    assert_int_equal(wire_rows_chunk(&rows, scene->arena, &second), 0);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
}

/* Written again by protobuf, from what it reads. */
static void assert_as_protobuf_has_it(struct scene *scene, const struct purchase_rows *rows)
{
    struct slice chunk;
    assert_int_equal(wire_rows_chunk(rows, scene->own, &chunk), 0);
    Winnow__Proto__Rows *frame = winnow__proto__rows__unpack(NULL, chunk.size, chunk.data);
    assert_non_null(frame);
    assert_int_equal(frame->n_chunks, 1);
    assert_int_equal(frame->chunks[0]->rows, rows->n);
    assert_int_equal(winnow__proto__rows__get_packed_size(frame), chunk.size);
    uint8_t *again = malloc(chunk.size);
    winnow__proto__rows__pack(frame, again);
    assert_memory_equal(again, chunk.data, chunk.size);
    free(again);
    winnow__proto__rows__free_unpacked(frame, NULL);
    arena_reset(scene->own);
}

static void a_chunk_is_what_protobuf_would_write(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 300; i++) {
        struct purchase_rows rows =
            wire_sample_rows(&scene->chance, scene->own, chance_below(&scene->chance, 300));
        assert_as_protobuf_has_it(scene, &rows);
    }
    /* Columns of zeros, which are next to nothing, and ids without a byte. */
    static const uint16_t id_length[2];
    static const int32_t day[2];
    static const int64_t amount[2], far[2] = {INT64_MIN, INT64_MAX};
    assert_as_protobuf_has_it(scene, &(struct purchase_rows){2, "", id_length, day, amount, NULL});
    assert_as_protobuf_has_it(scene, &(struct purchase_rows){2, "", id_length, day, far, NULL});
}

static void a_chunk_takes_few_bytes_a_row(void **state)
{
    struct scene *scene = *state;
    enum { N = 10000 };
    static uint16_t id_length[N];
    static int32_t day[N];
    static int64_t amount[N];
    static char ids[8 * N];
    struct slice chunk;
    for (int i = 0; i < N; i++) {
        id_length[i] = 8;
        day[i] = 15000 + i % 200;
        amount[i] = (int64_t)(i % 250) * 10000;
    }
    const struct purchase_rows rows = {N, ids, id_length, day, amount, NULL};
    assert_int_equal(wire_rows_chunk(&rows, scene->own, &chunk), 0);
    assert_true(chunk.size <= 10 * N + 64); /* 8 of id, 1 of day, 1 of amount */
}

static int reads_rows(struct scene *scene, const struct raw_message *chunk)
{
    const struct purchase_rows *chunks;
    size_t n;
    struct raw_message raw = {.size = 0};
    raw_inner(&raw, 1, chunk);
    struct parcel parcel = raw_parcel(raw.bytes, raw.size);
    return wire_rows_read(&parcel, 1, scene->arena, &chunks, &n);
}

/* Two customers called "a" and "b". */
static struct raw_message two_rows(uint32_t without)
{
    struct raw_message raw = {.size = 0};
    if (without != 1)
        raw_number(&raw, 1, 2);
    for (uint32_t field = 2; field <= 5; field++)
        if (field == 3 && without != 3)
            raw_bytes(&raw, 3, "ab", 2);
        else if (field != 3 && field != without)
            raw_flat_column(&raw, field, 1);
    return raw;
}

static void a_chunk_that_lacks_something_is_malformed(void **state)
{
    for (uint32_t without = 0; without <= 5; without++) {
        struct raw_message raw = two_rows(without);
        assert_int_equal(reads_rows(*state, &raw), without == 0 ? 0 : WIRE_E_MALFORMED);
    }
}

/* What a later version may say besides, in any order, and a submessage twice: the last one counts. */
static void fields_that_nobody_knows_are_passed_over(void **state)
{
    struct scene *scene = *state;
    const struct purchase_rows *chunks;
    struct raw_message chunk = {.size = 0}, raw = {.size = 0};
    size_t n;
    raw_double(&chunk, 9, 1.5);
    raw_flat_column(&chunk, 5, 7);
    raw_bytes(&chunk, 3, "ab", 2);
    raw_number(&chunk, 40, UINT64_MAX);
    raw_flat_column(&chunk, 4, -1);
    raw_varint(&chunk, 11 << 3 | 5);
    for (int i = 0; i < 4; i++)
        chunk.bytes[chunk.size++] = 0xff;
    raw_flat_column(&chunk, 4, -2);
    raw_flat_column(&chunk, 2, 1);
    raw_number(&chunk, 1, 2);
    raw_number(&raw, 2, 3);
    raw_inner(&raw, 1, &chunk);
    raw_bytes(&raw, 7, "what", 4);
    struct parcel parcel = raw_parcel(raw.bytes, raw.size);
    assert_int_equal(wire_rows_read(&parcel, 1, scene->arena, &chunks, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(chunks[0].n, 2);
    assert_memory_equal(chunks[0].ids, "ab", 2);
    assert_int_equal(chunks[0].day[1], -2);
    assert_int_equal(chunks[0].amount[0], 7);
    assert_null(chunks[0].order);
}

static int reads_with(struct scene *scene, const void *data, size_t size)
{
    struct raw_message raw = two_rows(0);
    memcpy(raw.bytes + raw.size, data, size);
    raw.size += size;
    return reads_rows(scene, &raw);
}

static void fields_that_protobuf_does_not_have_are_malformed(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(reads_with(scene, "", 0), 0);
    assert_int_equal(reads_with(scene, "\x78\x01", 2), 0);                 /* field 15, a number */
    assert_int_equal(reads_with(scene, "\x78", 1), WIRE_E_MALFORMED);      /* that is cut off */
    assert_int_equal(reads_with(scene, "\x7a\x02x", 3), WIRE_E_MALFORMED); /* bytes that are */
    assert_int_equal(reads_with(scene, "\x79\0\0\0\0\0\0", 7), WIRE_E_MALFORMED);
    assert_int_equal(reads_with(scene, "\x7d\0\0", 3), WIRE_E_MALFORMED);
    assert_int_equal(reads_with(scene, "\x7b", 1), WIRE_E_MALFORMED);   /* a group */
    assert_int_equal(reads_with(scene, "\x00\0", 2), WIRE_E_MALFORMED); /* field 0 */
    assert_int_equal(reads_with(scene, "\x20\0", 2), WIRE_E_MALFORMED); /* a number for a column */
    assert_int_equal(reads_with(scene, "\x0a\0", 2), WIRE_E_MALFORMED); /* bytes for a number */
    assert_int_equal(reads_with(scene, "\x78\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12),
                     WIRE_E_MALFORMED); /* eleven bytes of a number */
    assert_int_equal(reads_with(scene, "\x7a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11),
                     WIRE_E_MALFORMED); /* more bytes than there are in the world */
}

static void order_keys_are_there_for_every_row_or_for_none(void **state)
{
    static const char keys[32];
    for (size_t size = 0; size <= sizeof keys; size++) {
        struct raw_message raw = two_rows(0);
        raw_bytes(&raw, 6, keys, size);
        assert_int_equal(reads_rows(*state, &raw), size == 0 || size == 16 ? 0 : WIRE_E_MALFORMED);
    }
}

static void ids_that_do_not_add_up_are_malformed(void **state)
{
    for (int64_t length = 0; length < 4; length++) {
        struct raw_message raw = {.size = 0};
        raw_number(&raw, 1, 2);
        raw_flat_column(&raw, 2, length);
        raw_bytes(&raw, 3, "abcd", 4);
        raw_flat_column(&raw, 4, 0);
        raw_flat_column(&raw, 5, 0);
        assert_int_equal(reads_rows(*state, &raw), length == 2 ? 0 : WIRE_E_MALFORMED);
    }
}

/* Values are repeated without a byte, so only the limit of rows stands before the arena's. */
static void a_chunk_of_more_rows_than_the_limit_is_malformed(void **state)
{
    struct scene *scene = *state;
    for (uint64_t n = ROWS_PER_CHUNK_LIMIT; n <= ROWS_PER_CHUNK_LIMIT + 1; n++) {
        struct raw_message raw = {.size = 0};
        raw_number(&raw, 1, n);
        raw_flat_column(&raw, 2, 0);
        raw_flat_column(&raw, 4, 5);
        raw_flat_column(&raw, 5, 6);
        assert_int_equal(reads_rows(scene, &raw), n == ROWS_PER_CHUNK_LIMIT ? 0 : WIRE_E_MALFORMED);
    }
}

static void same_attributes(const struct attribute_rows *got, const struct attribute_rows *want)
{
    assert_int_equal(got->n, want->n);
    SAME(got->id_length, want->id_length, want->n);
    SAME(got->ids, want->ids, total(want->id_length, want->n));
    SAME(got->known, want->known, want->n);
    SAME(got->units, want->units, want->n);
    SAME(got->declared, want->declared, want->n);
    SAME(got->group_length, want->group_length, want->n);
    SAME(got->groups, want->groups, total(want->group_length, want->n));
    if (want->n > 0)
        assert_int_equal(got->rank != NULL, want->rank != NULL);
    if (want->rank)
        SAME(got->rank, want->rank, want->n);
}

static void attributes_go_round(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 200; i++) {
        const struct attribute_rows *got;
        struct slice chunk[2];
        size_t n_got;
        size_t n = i == 0 ? ROWS_PER_CHUNK_LIMIT : chance_below(&scene->chance, 90);
        struct attribute_rows rows = wire_sample_attributes(&scene->chance, scene->own, n);
        assert_int_equal(wire_attributes_chunk(&rows, scene->own, &chunk[0]), 0);
        char *frame = arena_take(scene->own, 2 * chunk[0].size);
        memcpy(frame, chunk[0].data, chunk[0].size);
        memcpy(frame + chunk[0].size, chunk[0].data, chunk[0].size);
        struct parcel parcel = raw_parcel(frame, 2 * chunk[0].size);
        assert_int_equal(wire_attributes_read(&parcel, 1, scene->arena, &got, &n_got), 0);
        assert_int_equal(n_got, 2);
        same_attributes(&got[0], &rows);
        same_attributes(&got[1], &rows);
        arena_reset(scene->own);
        arena_reset(scene->arena);
    }
}

static void attributes_whose_columns_differ_in_length_are_malformed(void **state)
{
    struct scene *scene = *state;
    for (size_t known = 0; known < 4; known++)
        for (size_t groups = 0; groups < 5; groups++) {
            const struct attribute_rows *got;
            size_t n;
            struct raw_message chunk = {.size = 0}, raw = {.size = 0};
            raw_number(&chunk, 1, 2);
            raw_flat_column(&chunk, 2, 1);
            raw_bytes(&chunk, 3, "ab", 2);
            raw_bytes(&chunk, 4, "\1\3\1\1", known);
            raw_flat_column(&chunk, 5, 10000);
            raw_flat_column(&chunk, 6, 0);
            raw_flat_column(&chunk, 7, 2);
            raw_bytes(&chunk, 8, "nono-", groups);
            raw_inner(&raw, 1, &chunk);
            struct parcel parcel = raw_parcel(raw.bytes, raw.size);
            assert_int_equal(wire_attributes_read(&parcel, 1, scene->arena, &got, &n),
                             known == 2 && groups == 4 ? 0 : WIRE_E_MALFORMED);
        }
}

#define in_a_scene(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(chunks_of_rows_go_round_in_their_order),
        in_a_scene(a_frame_of_no_chunks_is_no_rows),
        in_a_scene(a_chunk_of_the_greatest_size_goes_round),
        in_a_scene(random_frames_of_rows_go_round),
        in_a_scene(equal_rows_are_equal_bytes),
        in_a_scene(a_chunk_is_what_protobuf_would_write),
        in_a_scene(a_chunk_takes_few_bytes_a_row),
        in_a_scene(a_chunk_that_lacks_something_is_malformed),
        in_a_scene(fields_that_nobody_knows_are_passed_over),
        in_a_scene(fields_that_protobuf_does_not_have_are_malformed),
        in_a_scene(order_keys_are_there_for_every_row_or_for_none),
        in_a_scene(ids_that_do_not_add_up_are_malformed),
        in_a_scene(a_chunk_of_more_rows_than_the_limit_is_malformed),
        in_a_scene(attributes_go_round),
        in_a_scene(attributes_whose_columns_differ_in_length_are_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
