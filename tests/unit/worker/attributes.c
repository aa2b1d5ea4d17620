/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/attributes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/people.h"
#include "support/shard.h"

struct scene {
    struct attribute_table table;
    struct arena *arena;
    struct histories histories; /* of ann, bob and cy */
};

static uint32_t number_of(const struct scene *scene, const char *id)
{
    for (uint32_t i = 0; i < scene->histories.n; i++) {
        size_t length;
        const char *one = histories_id(&scene->histories, i, &length);
        if (length == strlen(id) && memcmp(one, id, length) == 0)
            return i;
    }
    fail();
    return 0;
}

static int begin(void **state)
{
    static struct scene scene;
    static const char *const ids[] = {"ann", "bob", "cy"};
    struct shard shard = {.n = 0};
    memset(&scene, 0, sizeof scene);
    for (size_t i = 0; i < 3; i++)
        shard_add(&shard, ids[i], strlen(ids[i]), (struct shard_row){.day = 1, .amount = 1});
    scene.histories = shard_histories(&shard);
    shard_free(&shard);
    scene.arena = arena_new((size_t)256 << 20);
    *state = &scene;
    return attributes_new(&scene.table);
}

static int end(void **state)
{
    struct scene *scene = *state;
    attributes_free(&scene->table);
    attributes_free(&scene->table);
    histories_free(&scene->histories);
    arena_destroy(&scene->arena);
    return 0;
}

static int joins(struct scene *scene, const struct person *people, size_t n)
{
    struct slice bytes = people_bytes(people, n, 2);
    arena_reset(scene->arena);
    int r = attributes_join(&scene->table, bytes, &scene->histories, scene->arena);
    people_free(&bytes);
    return r;
}

#define JOINS(scene, ...)                                                                          \
    joins(scene, (const struct person[]){__VA_ARGS__},                                             \
          sizeof((struct person[]){__VA_ARGS__}) / sizeof(struct person))

static const struct attributes *of(const struct scene *scene, const char *id)
{
    return &scene->table.of[number_of(scene, id)];
}

static void group_is(const struct scene *scene, const char *id, const char *group)
{
    size_t length;
    const char *name = roster_id(scene->table.groups, of(scene, id)->group, &length);
    assert_int_equal(length, strlen(group));
    assert_memory_equal(name, group, length);
}

static void customers_get_their_rows(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(JOINS(scene, {.id = "cy", .has_units = 1, .units = 25000, .group = "no"},
                           {.id = "ann", .has_declared = 1, .declared = -7, .group = "se"},
                           {.id = "bob", .group = "no"}),
                     0);
    assert_int_equal(of(scene, "cy")->known, 1);
    assert_int_equal(of(scene, "cy")->has_units, 1);
    assert_int_equal(of(scene, "cy")->units, 25000);
    assert_int_equal(of(scene, "cy")->has_declared, 0);
    assert_int_equal(of(scene, "ann")->has_units, 0);
    assert_int_equal(of(scene, "ann")->has_declared, 1);
    assert_int_equal(of(scene, "ann")->declared, -7);
    assert_int_equal(of(scene, "bob")->known, 1);
    assert_int_equal(of(scene, "bob")->has_units + of(scene, "bob")->has_declared, 0);
    group_is(scene, "cy", "no");
    group_is(scene, "ann", "se");
    group_is(scene, "bob", "no");
    assert_int_equal(roster_size(scene->table.groups), 2);
}

static void a_customer_without_a_row_is_unknown(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(JOINS(scene, {.id = "bob", .group = ""}), 0);
    assert_int_equal(of(scene, "ann")->known, 0);
    assert_int_equal(of(scene, "bob")->known, 1);
    group_is(scene, "bob", "");
}

static void rows_of_nobody_in_the_ledger_are_counted(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(JOINS(scene, {.id = "dee", .group = "no"}, {.id = "bob", .group = "no"},
                           {.id = "an", .group = "se"}),
                     0);
    assert_int_equal(scene->table.unmatched, 2);
    assert_int_equal(of(scene, "ann")->known, 0);
}

static void nothing_known_is_nobody_known(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(JOINS(scene, {.id = "bob", .group = "no"}, {.id = "x", .group = ""}), 0);
    arena_reset(scene->arena);
    assert_int_equal(
        attributes_join(&scene->table, (struct slice){NULL, 0}, &scene->histories, scene->arena),
        0);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(scene->table.of[i].known, 0);
    assert_int_equal(scene->table.unmatched, 0);
    assert_int_equal(roster_size(scene->table.groups), 0);
}

static void a_join_forgets_the_one_before(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(JOINS(scene, {.id = "bob", .group = "se"}, {.id = "dee", .group = "se"}), 0);
    assert_int_equal(JOINS(scene, {.id = "ann", .group = "no"}, {.id = "dee", .group = "no"}), 0);
    assert_int_equal(of(scene, "bob")->known, 0);
    assert_int_equal(of(scene, "ann")->known, 1);
    group_is(scene, "ann", "no");
    assert_int_equal(roster_size(scene->table.groups), 1);
    assert_int_equal(scene->table.unmatched, 1);
}

static void culprit_is(const struct scene *scene, const char *id)
{
    assert_int_equal(scene->table.culprit.size, strlen(id));
    assert_memory_equal(scene->table.culprit.data, id, strlen(id));
}

static void a_customer_with_two_rows_is_named(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(JOINS(scene, {.id = "bob", .group = "no"}, {.id = "ann", .group = "no"},
                           {.id = "bob", .group = "no"}),
                     ATTRIBUTES_E_DOUBLED);
    culprit_is(scene, "bob");
    assert_int_equal(JOINS(scene, {.id = "bob", .group = "no"}), 0);
}

static void a_stranger_with_two_rows_is_named_too(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(JOINS(scene, {.id = "dee", .group = "no"}, {.id = "dee", .group = "se"}),
                     ATTRIBUTES_E_DOUBLED);
    culprit_is(scene, "dee");
}

static void bytes_that_are_none_are_malformed(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(attributes_join(&scene->table, (struct slice){"\x0a\x7f", 2},
                                     &scene->histories, scene->arena),
                     ATTRIBUTES_E_MALFORMED);
}

static void more_than_the_arena_holds_is_malformed(void **state)
{
    struct scene *scene = *state;
    struct arena *small = arena_new(64);
    struct slice bytes = people_bytes(
        (const struct person[]){{.id = "bob", .group = "no"}, {.id = "cy", .group = "no"}}, 2, 2);
    assert_int_equal(attributes_join(&scene->table, bytes, &scene->histories, small),
                     ATTRIBUTES_E_MALFORMED);
    people_free(&bytes);
    arena_destroy(&small);
}

static void groups_become_the_model_s(void **state)
{
    struct scene *scene = *state;
    const struct model_groups groups = {2, "nose", (const uint32_t[]){0, 2, 4},
                                        (const int64_t[]){1, 2}, 1};
    assert_int_equal(JOINS(scene, {.id = "bob", .group = "se"}, {.id = "cy", .group = "elsewhere"}),
                     0);
    assert_int_equal(attributes_regroup(&scene->table, scene->histories.n, &groups), 0);
    assert_int_equal(of(scene, "bob")->group, 1);
    assert_int_equal(of(scene, "cy")->group, MODEL_NO_GROUP);
    assert_int_equal(of(scene, "ann")->group, 0);
    assert_int_equal(of(scene, "ann")->known, 0);
}

static void a_model_without_groups_knows_none(void **state)
{
    struct scene *scene = *state;
    const struct model_groups none = {0, NULL, (const uint32_t[]){0}, NULL, 1};
    assert_int_equal(JOINS(scene, {.id = "bob", .group = ""}), 0);
    assert_int_equal(attributes_regroup(&scene->table, scene->histories.n, &none), 0);
    assert_int_equal(of(scene, "bob")->group, MODEL_NO_GROUP);
}

/* Past every growth: of the customers, of those taken, of the groups. */
static void thousands_of_customers_get_their_rows(void **state)
{
    struct scene *scene = *state;
    enum { N = 20000 };
    struct histories many = {0};
    struct person *people = calloc(N, sizeof *people);
    char(*text)[16] = calloc(N, sizeof *text);
    assert_int_equal(histories_room(&many, N / 2, 0, (size_t)N / 2 * 6), 0);
    for (uint32_t i = 0; i < N; i++) {
        snprintf(text[i], sizeof text[i], "%06u", i);
        people[i] = (struct person){
            .id = text[i], .has_units = 1, .units = i, .group = text[i] + (i % 2 ? 5 : 3)};
        if (i % 2)
            continue; /* every second is in the ledger */
        memcpy(many.ids + many.id_offset[many.n], text[i], 6);
        many.id_offset[many.n + 1] = many.id_offset[many.n] + 6;
        many.n++;
    }
    struct slice bytes = people_bytes(people, N, 1000);
    assert_int_equal(attributes_join(&scene->table, bytes, &many, scene->arena), 0);
    assert_int_equal(scene->table.unmatched, N / 2);
    for (uint32_t i = 0; i < N / 2; i++) {
        assert_int_equal(scene->table.of[i].known, 1);
        assert_int_equal(scene->table.of[i].units, 2 * i);
    }
    assert_int_equal(roster_size(scene->table.groups), 500 + 5);
    people_free(&bytes);
    histories_free(&many);
    free(people);
    free(text);
}

#define on_a_table(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_table(customers_get_their_rows),
        on_a_table(a_customer_without_a_row_is_unknown),
        on_a_table(rows_of_nobody_in_the_ledger_are_counted),
        on_a_table(nothing_known_is_nobody_known),
        on_a_table(a_join_forgets_the_one_before),
        on_a_table(a_customer_with_two_rows_is_named),
        on_a_table(a_stranger_with_two_rows_is_named_too),
        on_a_table(bytes_that_are_none_are_malformed),
        on_a_table(more_than_the_arena_holds_is_malformed),
        on_a_table(groups_become_the_model_s),
        on_a_table(a_model_without_groups_knows_none),
        on_a_table(thousands_of_customers_get_their_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
