/* SPDX-License-Identifier: Apache-2.0 */
/* The small payloads that keep the books of a job: hello, lease, done. */
#include <string.h>

#include "common/wire_done.h"
#include "common/wire_hello.h"
#include "common/wire_lease.h"
#include "support/assert.h"
#include "support/raw_message.h"

struct scene {
    struct arena *arena;
    struct parcel parcel; /* with an envelope */
};

static int begin(void **state)
{
    static struct scene scene;
    scene.arena = arena_new((size_t)16 << 20);
    *state = &scene;
    return wire_letter_put(&(struct letter){.kind = LETTER_HELLO}, &scene.parcel);
}

static int end(void **state)
{
    struct scene *scene = *state;
    parcel_clear(&scene->parcel);
    arena_destroy(&scene->arena);
    return 0;
}

static void same_numbers(const uint32_t *got, const uint32_t *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(got[i], want[i]);
}

static void same_digests(const struct digest *got, const struct digest *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(digest_same(got[i], want[i]));
}

static const struct digest five[] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {UINT64_MAX, UINT64_MAX}};

static void a_hello_goes_round(void **state)
{
    struct scene *scene = *state;
    struct hello got;
    const struct hello hello = {
        .role = 2,
        .name = {11, 12},
        .version = "0.1.0",
        .host = "Grünerløkka",
        .credit = 2,
        .shards = 64,
        .sets = five,
        .set_sizes = (const uint32_t[]){2, 0, 3},
        .n_sets = 3,
        .cached_shards = (const uint32_t[]){0, 7, 63, UINT32_MAX},
        .cached_sets = (const uint32_t[]){2, 0, 1, 2},
        .n_cached = 4,
    };
    assert_int_equal(wire_hello_put(&hello, &scene->parcel), 0);
    assert_int_equal(wire_hello_read(&scene->parcel, 1, scene->arena, &got), 0);
    assert_int_equal(got.role, 2);
    assert_true(digest_same(got.name, hello.name));
    assert_string_equal(got.version, hello.version);
    assert_string_equal(got.host, hello.host);
    assert_int_equal(got.credit, 2);
    assert_int_equal(got.shards, 64);
    assert_int_equal(got.n_sets, 3);
    same_numbers(got.set_sizes, hello.set_sizes, 3);
    same_digests(got.sets, five, 5);
    assert_int_equal(got.n_cached, 4);
    same_numbers(got.cached_shards, hello.cached_shards, 4);
    same_numbers(got.cached_sets, hello.cached_sets, 4);
}

static void a_hello_of_an_empty_cache_goes_round(void **state)
{
    struct scene *scene = *state;
    struct hello got;
    const struct hello hello = {.role = 1, .version = "", .host = ""};
    assert_int_equal(wire_hello_put(&hello, &scene->parcel), 0);
    assert_int_equal(wire_hello_read(&scene->parcel, 1, scene->arena, &got), 0);
    assert_true(digest_none(got.name));
    assert_string_equal(got.version, "");
    assert_int_equal(got.n_sets, 0);
    assert_int_equal(got.n_cached, 0);
}

static int reads_hello(struct scene *scene, const struct raw_message *raw)
{
    struct hello hello;
    struct parcel parcel = raw_parcel(raw->bytes, raw->size);
    arena_reset(scene->arena);
    return wire_hello_read(&parcel, 1, scene->arena, &hello);
}

static void a_cached_shard_of_a_set_that_is_not_there_is_malformed(void **state)
{
    struct scene *scene = *state;
    for (uint32_t set = 0; set < 4; set++) {
        struct raw_message raw = {.size = 0};
        raw_bytes(&raw, 6, five, 32);
        raw_number(&raw, 7, 1);
        raw_number(&raw, 7, 1);
        raw_number(&raw, 8, 3);
        raw_number(&raw, 9, set);
        assert_int_equal(reads_hello(scene, &raw), set < 2 ? 0 : WIRE_E_MALFORMED);
    }
}

static void sets_that_do_not_add_up_are_malformed(void **state)
{
    struct scene *scene = *state;
    for (uint32_t ids = 0; ids < 5; ids++) {
        struct raw_message raw = {.size = 0};
        raw_bytes(&raw, 6, five, ids * sizeof five[0]);
        raw_number(&raw, 7, 2);
        raw_number(&raw, 7, 1);
        assert_int_equal(reads_hello(scene, &raw), ids == 3 ? 0 : WIRE_E_MALFORMED);
    }
    struct raw_message huge = {.size = 0};
    for (int i = 0; i < 1024; i++)
        raw_number(&huge, 7, UINT32_MAX);
    assert_int_equal(reads_hello(scene, &huge), WIRE_E_MALFORMED);
}

static void digests_cut_in_the_middle_are_malformed(void **state)
{
    struct scene *scene = *state;
    struct raw_message raw = {.size = 0};
    raw_bytes(&raw, 6, five, 33);
    raw_number(&raw, 7, 2);
    assert_int_equal(reads_hello(scene, &raw), WIRE_E_MALFORMED);
}

static void shards_without_their_sets_are_malformed(void **state)
{
    struct scene *scene = *state;
    struct raw_message raw = {.size = 0};
    raw_number(&raw, 7, 0);
    raw_number(&raw, 8, 1);
    assert_int_equal(reads_hello(scene, &raw), WIRE_E_MALFORMED);
    raw_number(&raw, 9, 0);
    assert_int_equal(reads_hello(scene, &raw), 0);
}

static void a_welcome_goes_round(void **state)
{
    struct scene *scene = *state;
    struct welcome got;
    const struct welcome welcome = {2000, 1000, UINT32_MAX, 0};
    assert_int_equal(wire_welcome_put(&welcome, &scene->parcel), 0);
    assert_int_equal(wire_welcome_read(&scene->parcel, 1, &got), 0);
    assert_memory_equal(&got, &welcome, sizeof got);
}

static void a_lease_goes_round(void **state)
{
    struct scene *scene = *state;
    struct lease_order got;
    const struct lease_order order = {.want = five,
                                      .n_want = 5,
                                      .have = five + 1,
                                      .n_have = 2,
                                      .frames = 40,
                                      .attributes = {9, 9},
                                      .attributes_follow = 1,
                                      .model = {8, 8}};
    assert_int_equal(wire_lease_put(&order, &scene->parcel), 0);
    assert_int_equal(wire_lease_read(&scene->parcel, 1, scene->arena, &got), 0);
    assert_int_equal(got.n_want, 5);
    same_digests(got.want, five, 5);
    assert_int_equal(got.n_have, 2);
    same_digests(got.have, five + 1, 2);
    assert_int_equal(got.frames, 40);
    assert_true(digest_same(got.attributes, order.attributes));
    assert_int_equal(got.attributes_follow, 1);
    assert_true(digest_same(got.model, order.model));
}

static void a_lease_of_nothing_goes_round(void **state)
{
    struct scene *scene = *state;
    struct lease_order got;
    assert_int_equal(wire_lease_put(&(struct lease_order){.frames = 0}, &scene->parcel), 0);
    assert_int_equal(wire_lease_read(&scene->parcel, 1, scene->arena, &got), 0);
    assert_int_equal(got.n_want + got.n_have + got.frames, 0);
    assert_true(digest_none(got.attributes) && digest_none(got.model));
    assert_int_equal(got.attributes_follow, 0);
}

/* Nights on which a ledger of many files grew. */
static void a_lease_of_thousands_of_segments_goes_round(void **state)
{
    struct scene *scene = *state;
    static struct digest many[20000];
    struct lease_order got;
    for (size_t i = 0; i < 20000; i++)
        many[i] = (struct digest){i, ~i};
    const struct lease_order order = {.want = many, .n_want = 20000, .have = many, .n_have = 19999};
    assert_int_equal(wire_lease_put(&order, &scene->parcel), 0);
    assert_int_equal(wire_lease_read(&scene->parcel, 1, scene->arena, &got), 0);
    assert_int_equal(got.n_want, 20000);
    same_digests(got.want, many, 20000);
    assert_int_equal(got.n_have, 19999);
}

static void a_beat_goes_round(void **state)
{
    struct scene *scene = *state;
    struct beat got;
    const uint64_t progress[] = {0, UINT64_MAX, 5};
    const struct beat beat = {.n = 3,
                              .stages = (const uint32_t[]){1, 1, 2},
                              .shards = (const uint32_t[]){0, 65535, 7},
                              .attempts = (const uint32_t[]){1, 2, UINT32_MAX},
                              .states = (const uint32_t[]){BEAT_SENT, BEAT_RUNNING, BEAT_QUEUED},
                              .progress = progress,
                              .frames_taken = UINT64_MAX,
                              .resident_kib = 123456};
    assert_int_equal(wire_beat_put(&beat, &scene->parcel), 0);
    assert_int_equal(wire_beat_read(&scene->parcel, 1, scene->arena, &got), 0);
    assert_int_equal(got.n, 3);
    same_numbers(got.stages, beat.stages, 3);
    same_numbers(got.shards, beat.shards, 3);
    same_numbers(got.attempts, beat.attempts, 3);
    same_numbers(got.states, beat.states, 3);
    assert_memory_equal(got.progress, progress, sizeof progress);
    assert_int_equal(got.frames_taken, UINT64_MAX);
    assert_int_equal(got.resident_kib, 123456);
}

static void a_beat_of_an_idle_worker_goes_round(void **state)
{
    struct scene *scene = *state;
    struct beat got;
    assert_int_equal(wire_beat_put(&(struct beat){.n = 0}, &scene->parcel), 0);
    assert_int_equal(wire_beat_read(&scene->parcel, 1, scene->arena, &got), 0);
    assert_int_equal(got.n, 0);
}

static void a_beat_whose_columns_differ_in_length_is_malformed(void **state)
{
    struct scene *scene = *state;
    static const uint32_t fields[] = {1, 2, 3, 4, 7};
    for (size_t missing = 0; missing <= 5; missing++) {
        struct raw_message raw = {.size = 0};
        struct beat beat;
        for (size_t i = 0; i < 5; i++)
            if (i != missing)
                raw_number(&raw, fields[i], 1);
        struct parcel parcel = raw_parcel(raw.bytes, raw.size);
        assert_int_equal(wire_beat_read(&parcel, 1, scene->arena, &beat),
                         missing == 5 ? 0 : WIRE_E_MALFORMED);
    }
}

static void work_goes_round(void **state)
{
    struct scene *scene = *state;
    struct work got;
    assert_int_equal(wire_work_put(&(struct work){UINT64_MAX, 7, 1}, &scene->parcel), 0);
    assert_int_equal(wire_work_read(&scene->parcel, 1, &got), 0);
    assert_int_equal(got.rows_folded, UINT64_MAX);
    assert_int_equal(got.rows_cached, 7);
    assert_int_equal(got.cached, 1);
}

static void a_done_set_goes_round_for_every_number_of_bits(void **state)
{
    struct scene *scene = *state;
    uint8_t gathered[40], scored[40];
    for (uint8_t i = 0; i < 40; i++) {
        gathered[i] = (uint8_t)(i * 37);
        scored[i] = (uint8_t)~gathered[i];
    }
    for (uint32_t shards = 0; shards <= 320; shards++) {
        struct done_set got;
        const struct done_set set = {shards, gathered, scored};
        arena_reset(scene->arena);
        assert_int_equal(wire_done_set_put(&set, &scene->parcel), 0);
        assert_int_equal(wire_done_set_read(&scene->parcel, 1, scene->arena, &got), 0);
        assert_int_equal(got.shards, shards);
        if (shards > 0) {
            assert_memory_equal(got.gathered, gathered, (shards + 7) / 8);
            assert_memory_equal(got.scored, scored, (shards + 7) / 8);
        }
        part_release(&scene->parcel.part[--scene->parcel.n]);
    }
}

static void a_done_set_with_too_few_or_too_many_bytes_is_malformed(void **state)
{
    struct scene *scene = *state;
    static const char bytes[32];
    for (size_t gathered = 0; gathered < 20; gathered++)
        for (size_t scored = 0; scored < 20; scored++) {
            struct raw_message raw = {.size = 0};
            struct done_set set;
            raw_number(&raw, 1, 65);
            raw_bytes(&raw, 2, bytes, gathered);
            raw_bytes(&raw, 3, bytes, scored);
            struct parcel parcel = raw_parcel(raw.bytes, raw.size);
            assert_int_equal(wire_done_set_read(&parcel, 1, scene->arena, &set),
                             gathered == 9 && scored == 9 ? 0 : WIRE_E_MALFORMED);
        }
}

static void keys_go_round(void **state)
{
    struct scene *scene = *state;
    struct shard_keys got;
    const struct shard_keys keys = {3, (const uint32_t[]){1, 2, 1},
                                    (const uint32_t[]){0, UINT32_MAX, 5}};
    assert_int_equal(wire_keys_put(&keys, &scene->parcel), 0);
    assert_int_equal(wire_keys_read(&scene->parcel, 1, scene->arena, &got), 0);
    assert_int_equal(got.n, 3);
    same_numbers(got.stages, keys.stages, 3);
    same_numbers(got.shards, keys.shards, 3);
    assert_int_equal(wire_keys_put(&(struct shard_keys){.n = 0}, &scene->parcel), 0);
    assert_int_equal(wire_keys_read(&scene->parcel, 2, scene->arena, &got), 0);
    assert_int_equal(got.n, 0);
}

static void keys_of_unequal_length_are_malformed(void **state)
{
    struct scene *scene = *state;
    struct raw_message raw = {.size = 0};
    struct shard_keys keys;
    raw_number(&raw, 1, 1);
    struct parcel parcel = raw_parcel(raw.bytes, raw.size);
    assert_int_equal(wire_keys_read(&parcel, 1, scene->arena, &keys), WIRE_E_MALFORMED);
}

static void a_seal_goes_round(void **state)
{
    struct scene *scene = *state;
    struct seal got;
    assert_int_equal(wire_seal_put(&(struct seal){7, UINT32_MAX, 1}, &scene->parcel), 0);
    assert_int_equal(wire_seal_read(&scene->parcel, 1, &got), 0);
    assert_int_equal(got.csv_parts, 7);
    assert_int_equal(got.raw_parts, UINT32_MAX);
    assert_int_equal(got.refuse, 1);
}

static void a_payload_that_is_not_there_is_malformed(void **state)
{
    struct scene *scene = *state;
    struct hello hello;
    struct welcome welcome;
    struct seal seal;
    assert_int_equal(wire_hello_read(&scene->parcel, 1, scene->arena, &hello), WIRE_E_MALFORMED);
    assert_int_equal(wire_welcome_read(&scene->parcel, 1, &welcome), WIRE_E_MALFORMED);
    assert_int_equal(wire_seal_read(&scene->parcel, 300, &seal), WIRE_E_MALFORMED);
}

#define in_a_letter(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_letter(a_hello_goes_round),
        in_a_letter(a_hello_of_an_empty_cache_goes_round),
        in_a_letter(a_cached_shard_of_a_set_that_is_not_there_is_malformed),
        in_a_letter(sets_that_do_not_add_up_are_malformed),
        in_a_letter(digests_cut_in_the_middle_are_malformed),
        in_a_letter(shards_without_their_sets_are_malformed),
        in_a_letter(a_welcome_goes_round),
        in_a_letter(a_lease_goes_round),
        in_a_letter(a_lease_of_nothing_goes_round),
        in_a_letter(a_lease_of_thousands_of_segments_goes_round),
        in_a_letter(a_beat_goes_round),
        in_a_letter(a_beat_of_an_idle_worker_goes_round),
        in_a_letter(a_beat_whose_columns_differ_in_length_is_malformed),
        in_a_letter(work_goes_round),
        in_a_letter(a_done_set_goes_round_for_every_number_of_bits),
        in_a_letter(a_done_set_with_too_few_or_too_many_bytes_is_malformed),
        in_a_letter(keys_go_round),
        in_a_letter(keys_of_unequal_length_are_malformed),
        in_a_letter(a_seal_goes_round),
        in_a_letter(a_payload_that_is_not_there_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
