/* SPDX-License-Identifier: Apache-2.0 */
/* Letters that nobody of ours sends: cut off, with bits turned, of chance, or made to take memory.
 * Every reader answers; support/wire_readers.c aborts where what it filled contradicts itself. */
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "support/assert.h"
#include "support/raw_message.h"
#include "support/wire_readers.h"
#include "support/wire_samples.h"

#define ROUNDS 40

struct scene {
    struct arena *arena;
    struct chance chance;
    const struct wire_sample *samples;
    const struct wire_reader *readers;
    size_t n;
};

static int begin(void **state)
{
    static struct scene scene;
    size_t n_readers;
    scene = (struct scene){.arena = arena_new((size_t)16 << 20), .chance = {17}};
    scene.samples = wire_samples(&scene.n);
    scene.readers = wire_readers(&n_readers);
    *state = &scene;
    return n_readers != scene.n;
}

static int end(void **state)
{
    struct scene *scene = *state;
    arena_destroy(&scene->arena);
    return 0;
}

/* Payload part 1 of a sample, exactly as large as it is. */
static void *sample(struct scene *scene, size_t kind, size_t *size)
{
    struct parcel parcel = {.n = 0};
    arena_reset(scene->arena);
    scene->samples[kind].put(&scene->chance, scene->arena, &parcel);
    *size = parcel.part[0].size;
    void *copy = malloc(*size ? *size : 1);
    assert_non_null(copy);
    memcpy(copy, parcel.part[0].data, *size);
    parcel_clear(&parcel);
    return copy;
}

static int answer(struct scene *scene, size_t kind, const void *data, size_t size)
{
    struct parcel parcel = raw_parcel(data, size);
    arena_reset(scene->arena);
    int r = scene->readers[kind].read(&parcel, scene->arena);
    assert_true(r == 0 || r == WIRE_E_MALFORMED || (kind == 0 && r == WIRE_E_VERSION));
    return r;
}

static void samples_are_read_by_the_reader_of_their_kind(void **state)
{
    struct scene *scene = *state;
    for (size_t kind = 0; kind < scene->n; kind++) {
        assert_string_equal(scene->samples[kind].name, scene->readers[kind].name);
        for (int i = 0; i < ROUNDS; i++) {
            size_t size;
            void *data = sample(scene, kind, &size);
            int r = answer(scene, kind, data, size);
            /* a model's groups are in parts that follow */
            assert_true(r == 0 || strcmp(scene->samples[kind].name, "model") == 0);
            free(data);
        }
    }
}

/* Each beginning in a buffer of its own size, so that reading past it is seen. */
static void payloads_cut_off_anywhere_are_answered(void **state)
{
    struct scene *scene = *state;
    for (size_t kind = 0; kind < scene->n; kind++) {
        size_t size;
        char *whole = sample(scene, kind, &size);
        for (size_t cut = 0; cut < size; cut += 1 + size / 400) {
            char *part = malloc(cut ? cut : 1);
            memcpy(part, whole, cut);
            answer(scene, kind, part, cut);
            free(part);
        }
        free(whole);
    }
}

static void payloads_with_a_bit_turned_are_answered(void **state)
{
    struct scene *scene = *state;
    for (size_t kind = 0; kind < scene->n; kind++) {
        size_t size;
        unsigned char *data = sample(scene, kind, &size);
        for (size_t bit = 0; bit < 8 * size; bit += 1 + size / 200) {
            data[bit / 8] ^= (unsigned char)(1 << bit % 8);
            answer(scene, kind, data, size);
            data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        free(data);
    }
}

static void payloads_with_bytes_of_chance_are_answered(void **state)
{
    struct scene *scene = *state;
    for (size_t kind = 0; kind < scene->n; kind++)
        for (int i = 0; i < ROUNDS; i++) {
            size_t size;
            unsigned char *data = sample(scene, kind, &size);
            for (int k = 0; size > 0 && k < 1 + i % 8; k++)
                data[chance_below(&scene->chance, size)] =
                    (unsigned char)chance_next(&scene->chance);
            answer(scene, kind, data, size);
            free(data);
        }
}

static void every_kind_is_answered_by_every_reader(void **state)
{
    struct scene *scene = *state;
    for (size_t kind = 0; kind < scene->n; kind++) {
        size_t size;
        void *data = sample(scene, kind, &size);
        for (size_t reader = 0; reader < scene->n; reader++)
            answer(scene, reader, data, size);
        free(data);
    }
}

static void garbage_is_answered(void **state)
{
    struct scene *scene = *state;
    unsigned char garbage[200];
    for (int i = 0; i < 4000; i++) {
        size_t size = chance_below(&scene->chance, sizeof garbage);
        for (size_t k = 0; k < size; k++)
            garbage[k] = (unsigned char)(chance_next(&scene->chance) >> (i % 3 * 2));
        answer(scene, (size_t)i % scene->n, garbage, size);
    }
}

static size_t reader_named(const struct scene *scene, const char *name)
{
    size_t i = 0;
    while (strcmp(scene->readers[i].name, name) != 0)
        i++;
    return i;
}

/* A MiB of empty submessages of field 1, which protobuf makes eighty MiB of. */
static void a_mebibyte_of_empty_chunks_takes_no_more_than_the_arena(void **state)
{
    struct scene *scene = *state;
    size_t size = (size_t)1 << 20;
    unsigned char *data = malloc(size);
    for (size_t i = 0; i < size; i += 2)
        memcpy(data + i, "\x0a\x00", 2);
    assert_int_equal(answer(scene, reader_named(scene, "rows"), data, size), WIRE_E_MALFORMED);
    assert_int_equal(answer(scene, reader_named(scene, "attributes"), data, size),
                     WIRE_E_MALFORMED);
    arena_destroy(&scene->arena);
    scene->arena = arena_new((size_t)256 << 20); /* with room enough they are chunks of no rows */
    assert_int_equal(answer(scene, reader_named(scene, "rows"), data, size), 0);
    free(data);
}

/* A few bytes a chunk stand for 65,536 rows of noughts. */
static void chunks_that_unpack_to_gibibytes_take_no_more_than_the_arena(void **state)
{
    struct scene *scene = *state;
    struct raw_message chunk = {.size = 0}, raw = {.size = 0};
    raw_number(&chunk, 1, ROWS_PER_CHUNK_LIMIT);
    for (uint32_t field = 2; field <= 5; field++)
        if (field != 3)
            raw_flat_column(&chunk, field, 0);
    while (raw.size < sizeof raw.bytes - 100)
        raw_inner(&raw, 1, &chunk);
    assert_int_equal(answer(scene, reader_named(scene, "rows"), raw.bytes, raw.size),
                     WIRE_E_MALFORMED);
}

static void lists_that_unpack_to_gibibytes_take_no_more_than_the_arena(void **state)
{
    struct scene *scene = *state;
    struct raw_message raw = {.size = 0};
    raw_number(&raw, 31, UINT32_MAX);
    raw_flat_column(&raw, 32, 0);
    raw_flat_column(&raw, 33, 0);
    assert_int_equal(answer(scene, reader_named(scene, "gathered"), raw.bytes, raw.size),
                     WIRE_E_MALFORMED);
}

static void a_small_payload_of_many_fields_does_not_leave_its_room(void **state)
{
    struct scene *scene = *state;
    static const char *const small[] = {"letter", "welcome", "work", "seal"};
    for (size_t i = 0; i < 4; i++) {
        struct raw_message raw = {.size = 0};
        while (raw.size < 4090)
            raw_number(&raw, 14, 1);
        assert_int_equal(answer(scene, reader_named(scene, small[i]), raw.bytes, raw.size),
                         WIRE_E_MALFORMED);
    }
}

#define in_a_scene(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_scene(samples_are_read_by_the_reader_of_their_kind),
        in_a_scene(payloads_cut_off_anywhere_are_answered),
        in_a_scene(payloads_with_a_bit_turned_are_answered),
        in_a_scene(payloads_with_bytes_of_chance_are_answered),
        in_a_scene(every_kind_is_answered_by_every_reader),
        in_a_scene(garbage_is_answered),
        in_a_scene(a_mebibyte_of_empty_chunks_takes_no_more_than_the_arena),
        in_a_scene(chunks_that_unpack_to_gibibytes_take_no_more_than_the_arena),
        in_a_scene(lists_that_unpack_to_gibibytes_take_no_more_than_the_arena),
        in_a_scene(a_small_payload_of_many_fields_does_not_leave_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
