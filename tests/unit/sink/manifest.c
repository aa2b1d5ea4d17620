/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/manifest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/said.h"

/* What a ventilator might tell: 100 rows came in. */
static const char told[] = "{\"argv\": [\"winnow\", \"run\", \"a \\\"b\\\"\\n{[\"],"
                           " \"settings\": {\"out\": {\"value\": \"x\", \"source\": \"flag\"}},"
                           " \"inputs\": [{\"path\": \"a.csv\", \"rows\": 100}],"
                           " \"rows\": {\"rows_in\": 100, \"anonymous\": 7, \"excluded\": 5,"
                           " \"rejects\": 3},"
                           " \"amounts\": {\"anonymous\": 12.3, \"excluded\": -0.0001},"
                           " \"sample_percent\": 33.3, \"ratio\": 0.123456789, \"nothing\": null,"
                           " \"yes\": true, \"no\": false, \"workers\": [], \"empty\": {}}";

struct scene {
    struct plan plan;
    struct population_totals totals;
    struct manifest manifest;
};

static void scene_begin(struct scene *scene)
{
    *scene = (struct scene){
        .plan = {.as_of = 19723},
        .totals = {.customers = 20,
                   .refund_only = 2,
                   .base = 15,
                   .tallies = {{70, 1234500}, {10, -50000}, {4, 0}, {1, 1}}},
        .manifest = {.version = "0.1.0",
                     .run_id = "0123456789abcdef0123456789abcdef",
                     .status = "complete",
                     .told = {told, sizeof told - 1},
                     .gathered = {4, 1, 1, 90, 10},
                     .scored = {4, 4, 0, 0, 100},
                     .seal_ms = 17,
                     .resident_kib = 4096,
                     .n_outputs = 2,
                     .output = {{"scores.csv", 1000, 20, "aa"}, {"tiers.csv", 50, 3, "bb"}}}};
    scene->manifest.plan = &scene->plan;
    scene->manifest.totals = &scene->totals;
}

static char *text_of(const struct scene *scene)
{
    char *text;
    size_t size;
    assert_int_equal(manifest_write(&scene->manifest, &text, &size), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static json_t *json_of(const struct scene *scene)
{
    char *text = text_of(scene);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("%s: %s", error.text, text);
    free(text);
    return root;
}

/* A member by its way from the root. */
static const json_t *at(const json_t *root, const char *way)
{
    char name[64];
    while (root && *way) {
        size_t size = strcspn(way, ".");
        memcpy(name, way, size);
        name[size] = '\0';
        root = json_object_get(root, name);
        way += size + (way[size] == '.');
    }
    return root;
}

static json_int_t integer(const json_t *root, const char *way)
{
    const json_t *value = at(root, way);
    if (!json_is_integer(value))
        fail_msg("%s is no whole number", way);
    return json_integer_value(value);
}

static const char *text(const json_t *root, const char *way)
{
    const json_t *value = at(root, way);
    if (!json_is_string(value))
        fail_msg("%s is no text", way);
    return json_string_value(value);
}

static void a_manifest_says_what_ran_and_what_came_of_it(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    json_t *root = json_of(&scene);
    assert_string_equal(text(root, "winnow"), "0.1.0");
    assert_string_equal(text(root, "status"), "complete");
    assert_string_equal(text(root, "run_id"), "0123456789abcdef0123456789abcdef");
    assert_string_equal(text(root, "as_of"), "2024-01-01");
    assert_int_equal(integer(root, "customers.scored"), 20);
    assert_int_equal(integer(root, "customers.refunds_only"), 2);
    assert_int_equal(integer(root, "customers.active"), 15);
    assert_int_equal(integer(root, "gather.shards_from_cache"), 1);
    assert_int_equal(integer(root, "gather.shards_kept"), 1);
    assert_int_equal(integer(root, "score.rows_from_cache"), 100);
    assert_int_equal(integer(root, "seal_ms"), 17);
    assert_int_equal(integer(root, "sink_resident_kib"), 4096);
    json_decref(root);
}

static void outputs_have_names_rows_bytes_and_sums(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    json_t *root = json_of(&scene);
    const json_t *outputs = at(root, "outputs"), *first = json_array_get(outputs, 0);
    assert_int_equal(json_array_size(outputs), 2);
    assert_string_equal(text(first, "name"), "scores.csv");
    assert_int_equal(integer(first, "rows"), 20);
    assert_int_equal(integer(first, "bytes"), 1000);
    assert_string_equal(text(first, "sha256"), "aa");
    json_decref(root);
}

static void rows_and_amounts_of_both_stand_together(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    json_t *root = json_of(&scene);
    static const char *const kinds[] = {"purchases", "refunds",     "cancelled", "anonymous",
                                        "excluded",  "after_as_of", "rejects"};
    json_int_t sum = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        sum += integer(at(root, "rows"), kinds[i]);
    assert_int_equal(sum, integer(root, "rows.rows_in"));
    assert_close(json_number_value(at(root, "amounts.purchases")), 123.45, 0);
    assert_close(json_number_value(at(root, "amounts.refunds")), -5, 0);
    assert_close(json_number_value(at(root, "amounts.anonymous")), 12.3, 0);
    json_decref(root);
}

static void what_was_told_is_there_as_it_was_told(void **state)
{
    (void)state;
    struct scene scene;
    json_error_t error;
    const char *key;
    json_t *value;
    scene_begin(&scene);
    json_t *root = json_of(&scene), *other = json_loads(told, 0, &error);
    json_object_foreach(other, key, value)
    {
        if (strcmp(key, "rows") != 0 && strcmp(key, "amounts") != 0)
            assert_true(json_equal(value, json_object_get(root, key)));
    }
    json_decref(root);
    json_decref(other);
}

static void decimals_that_were_told_stay_decimals(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    char *written = text_of(&scene);
    assert_non_null(strstr(written, "\"anonymous\": 12.3,"));
    assert_non_null(strstr(written, "\"excluded\": -0.0001,"));
    assert_non_null(strstr(written, "\"sample_percent\": 33.3,"));
    assert_non_null(strstr(written, "\"ratio\": 0.123456789"));
    free(written);
}

/* Blanks before each line are twice the brackets that are open there. */
static void every_line_is_indented_by_its_depth(void **state)
{
    (void)state;
    struct scene scene;
    size_t depth = 0;
    int quoted = 0;
    scene_begin(&scene);
    char *written = text_of(&scene);
    for (const char *line = written; *line;) {
        size_t blanks = strspn(line, " "), size = strcspn(line, "\n");
        size_t ends = line[blanks] == '}' || line[blanks] == ']';
        if (blanks != 2 * (depth - ends))
            fail_msg("'%.*s' at depth %zu", (int)size, line, depth);
        for (size_t i = blanks; i < size; i++) {
            if (line[i] == '"' && line[i - 1] != '\\')
                quoted = !quoted;
            if (!quoted && strchr("{[", line[i]))
                depth++;
            if (!quoted && strchr("}]", line[i]))
                depth--;
        }
        line += size + 1;
    }
    assert_int_equal(depth, 0);
    free(written);
}

static void the_mark_by_which_a_directory_is_known_comes_first(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    char *written = text_of(&scene);
    assert_int_equal(strncmp(written, "{\n  \"winnow\": ", 14), 0);
    free(written);
}

static void rows_that_do_not_add_up_are_a_bug_that_is_said(void **state)
{
    (void)state;
    struct scene scene;
    struct said said;
    char *written = NULL;
    size_t size;
    scene_begin(&scene);
    scene.totals.tallies.purchases.rows++;
    said_begin(&said);
    int r = manifest_write(&scene.manifest, &written, &size);
    said_end(&said);
    assert_int_equal(r, STATUS_BUG);
    assert_non_null(strstr(said.text, "100 rows came in, 101 are accounted for"));
    assert_null(written);
}

static void a_refused_ledger_has_no_results_to_speak_of(void **state)
{
    (void)state;
    struct scene scene;
    scene_begin(&scene);
    scene.manifest.status = "refused";
    scene.manifest.totals = NULL;
    json_t *root = json_of(&scene);
    assert_string_equal(text(root, "status"), "refused");
    assert_null(at(root, "as_of"));
    assert_null(at(root, "customers"));
    assert_null(at(root, "gather"));
    assert_int_equal(integer(root, "rows.rejects"), 3);
    assert_null(at(root, "rows.purchases"));
    json_decref(root);
}

static void what_was_told_and_is_no_object_is_a_bug_that_is_said(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "[]", "{", "{\"rows\": }"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct scene scene;
        struct said said;
        char *written;
        size_t size;
        scene_begin(&scene);
        scene.manifest.told = (struct slice){texts[i], strlen(texts[i])};
        said_begin(&said);
        int r = manifest_write(&scene.manifest, &written, &size);
        said_end(&said);
        assert_int_equal(r, STATUS_BUG);
        assert_non_null(strstr(said.text, "is no JSON"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_says_what_ran_and_what_came_of_it),
        cmocka_unit_test(outputs_have_names_rows_bytes_and_sums),
        cmocka_unit_test(rows_and_amounts_of_both_stand_together),
        cmocka_unit_test(what_was_told_is_there_as_it_was_told),
        cmocka_unit_test(decimals_that_were_told_stay_decimals),
        cmocka_unit_test(every_line_is_indented_by_its_depth),
        cmocka_unit_test(the_mark_by_which_a_directory_is_known_comes_first),
        cmocka_unit_test(rows_that_do_not_add_up_are_a_bug_that_is_said),
        cmocka_unit_test(a_refused_ledger_has_no_results_to_speak_of),
        cmocka_unit_test(what_was_told_and_is_no_object_is_a_bug_that_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
