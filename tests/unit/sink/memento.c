/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/memento.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"
#include "support/model_scene.h"

static struct slice written(const struct fitted *fitted)
{
    void *bytes;
    size_t size;
    assert_int_equal(memento_write(fitted, &bytes, &size), 0);
    return (struct slice){bytes, size};
}

static void let_go(struct slice bytes)
{
    free((void *)(uintptr_t)bytes.data);
}

/* The model of the scene is replaced by what comes back: its model.json must stay the same. */
static void goes_there_and_back(struct model_scene *scene)
{
    struct model_scene other = *scene;
    struct slice bytes = written(&scene->fitted);
    assert_int_equal(memento_read(bytes, &other.fitted), 0);
    let_go(bytes);
    model_scene_write(scene);
    model_scene_write(&other);
    struct slice want = model_scene_json(scene), got = model_scene_json(&other);
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.data, want.data, want.size);
    want = model_scene_groups(scene);
    got = model_scene_groups(&other);
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.data, want.data, want.size);
    model_scene_end(&other);
}

static void a_model_comes_back_as_it_was(void **state)
{
    (void)state;
    struct model_scene scene;
    model_scene_begin(&scene);
    goes_there_and_back(&scene);
    model_scene_end(&scene);
}

static void groups_come_back_in_any_number(void **state)
{
    (void)state;
    for (int n = 1; n < 200; n += 66) {
        struct model_scene scene;
        model_scene_begin(&scene);
        model_scene_add_groups(&scene, n);
        goes_there_and_back(&scene);
        model_scene_end(&scene);
    }
}

static void ids_of_cut_points_come_back(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "", "customer \"three\"", "d\x1f"};
    struct fitted fitted = {.chosen = -1}, back;
    struct rfm_cuts *cuts = &fitted.model.rfm;
    cuts->ties = RFM_NTILE;
    cuts->bins = 5;
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (size_t k = 0; k < 4; k++)
            cuts->cut[metric][k] = (struct rfm_cut){metric * 10 + (int)k, ids[k], strlen(ids[k])};
    struct slice bytes = written(&fitted);
    assert_int_equal(memento_read(bytes, &back), 0);
    let_go(bytes);
    for (int metric = 0; metric < RFM_METRICS; metric++)
        for (size_t k = 0; k < 4; k++) {
            const struct rfm_cut *cut = &back.model.rfm.cut[metric][k];
            assert_int_equal(cut->value, metric * 10 + (int)k);
            assert_int_equal(cut->id_length, strlen(ids[k]));
            assert_memory_equal(cut->id, ids[k], strlen(ids[k]));
        }
    fitted_free(&back);
}

static void a_byte_more_or_less_or_other_is_found(void **state)
{
    (void)state;
    struct model_scene scene;
    struct fitted back;
    model_scene_begin(&scene);
    model_scene_add_groups(&scene, 3);
    struct slice bytes = written(&scene.fitted);
    unsigned char *copy = malloc(bytes.size + 1);
    assert_non_null(copy);
    memcpy(copy, bytes.data, bytes.size);
    copy[bytes.size] = 0;
    for (size_t i = 0; i < bytes.size; i += i < 64 ? 1 : 97) {
        copy[i] ^= 0x10;
        assert_int_equal(memento_read((struct slice){copy, bytes.size}, &back), MEMENTO_E_DAMAGED);
        copy[i] ^= 0x10;
    }
    for (size_t size = 0; size < bytes.size; size += 131)
        assert_int_equal(memento_read((struct slice){copy, size}, &back), MEMENTO_E_DAMAGED);
    assert_int_equal(memento_read((struct slice){copy, bytes.size + 1}, &back), MEMENTO_E_DAMAGED);
    assert_int_equal(memento_read((struct slice){copy, bytes.size}, &back), 0);
    fitted_free(&back);
    free(copy);
    let_go(bytes);
    model_scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_comes_back_as_it_was),
        cmocka_unit_test(groups_come_back_in_any_number),
        cmocka_unit_test(ids_of_cut_points_come_back),
        cmocka_unit_test(a_byte_more_or_less_or_other_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
