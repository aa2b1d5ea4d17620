/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/scores_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sink/outfile.h"
#include "support/assert.h"
#include "support/said.h"
#include "support/scored.h"
#include "support/scratch.h"

#define KINDS 5
#define PARTS 203 /* more than are at hand at once, and of no round number */

/* Parts from one customer to thousands, so that they end in another order than they begin. */
struct scene {
    struct plan plan;
    struct fitted fitted;
    struct tiering tiering;
    struct scores_csv csv;
    struct scored kind[KINDS];
    struct slice part[PARTS];
    struct scratch scratch;
};

static void make_kind(struct scored *scored, size_t kind)
{
    static const size_t size[KINDS] = {1, 4000, 30, 2, 700};
    struct scored_customer *of = calloc(size[kind], sizeof *of);
    char(*id)[48] = calloc(size[kind], sizeof *id);
    assert_non_null(of);
    assert_non_null(id);
    for (size_t i = 0; i < size[kind]; i++) {
        snprintf(id[i], sizeof id[i], "%zu-%zu", kind, i);
        of[i] = scored_churner(id[i], (int64_t)(i * 10007 % 900000), 0.25);
        of[i].row.spend_365d = (int64_t)i;
    }
    scored_of(scored, of, size[kind]);
    assert_int_equal(scored->parcel.n, 1);
    free(of);
    free(id);
}

static struct scene *scene_new(const char *columns)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->plan = (struct plan){.as_of = 20000,
                                .churn_threshold = -1,
                                .n_tiers = 2,
                                .tiers = {{"best", 1}, {"rest", 1}},
                                .has_amount = 1,
                                .decimals = 2};
    scene->tiering = (struct tiering){.cutoffs = {2, {{1, 500000}, {1, 0}}}};
    scene->csv = (struct scores_csv){.plan = &scene->plan,
                                     .fitted = &scene->fitted,
                                     .tiering = &scene->tiering,
                                     .digits = 6,
                                     .unit_days = 7};
    assert_int_equal(columns_choose(columns, &scene->csv.columns, NULL, NULL), 0);
    assert_int_equal(scores_csv_prepare(&scene->csv), 0);
    for (size_t k = 0; k < KINDS; k++)
        make_kind(&scene->kind[k], k);
    for (size_t i = 0; i < PARTS; i++)
        scene->part[i] = scene->kind[(i * i + i / 7) % KINDS].slice[0];
    scene->scratch = scratch_new();
    return scene;
}

static void scene_free(struct scene *scene)
{
    for (size_t k = 0; k < KINDS; k++)
        scored_free(&scene->kind[k]);
    scores_csv_free(&scene->csv);
    scratch_remove(&scene->scratch);
    free(scene);
}

/* One part after the other, with the sums. */
static char *slowly(const struct scene *scene, struct scores_file *written)
{
    struct arena *arena = arena_new((size_t)64 << 20);
    char *all, *text;
    size_t size, length;
    assert_int_equal(scores_csv_head(&scene->csv, &all, &length), 0);
    for (size_t i = 0; i < PARTS; i++) {
        struct score_columns columns;
        arena_reset(arena);
        assert_int_equal(wire_scores_read(scene->part[i], arena, &columns), 0);
        assert_int_equal(scores_csv_rows(&scene->csv, &columns, &text, &size, written->sums), 0);
        written->rows += columns.n;
        all = realloc(all, length + size + 1);
        assert_non_null(all);
        memcpy(all + length, text, size);
        length += size;
        free(text);
    }
    all[length] = '\0';
    arena_destroy(&arena);
    return all;
}

static int write_with(struct scene *scene, size_t helpers, const char *directory, const char *name,
                      struct scores_file *written)
{
    struct committed parts = {.part = scene->part, .n = PARTS};
    struct outfile *file;
    struct outfile_sum sum;
    struct crew *crew;
    assert_int_equal(crew_new(helpers, &crew), 0);
    assert_int_equal(outfile_open(directory, name, &file), 0);
    int r = scores_file_write(&scene->csv, &parts, crew, file, written);
    if (r == 0)
        assert_int_equal(outfile_close(&file, &sum), 0);
    outfile_abandon(&file);
    crew_destroy(&crew);
    return r;
}

static void assert_file(const struct scene *scene, const char *want)
{
    size_t length = strlen(want);
    char *got = malloc(length + 2);
    FILE *file = fopen(scratch_at(&scene->scratch, "scores.csv"), "re");
    assert_non_null(got);
    assert_non_null(file);
    assert_int_equal(fread(got, 1, length + 1, file), length);
    assert_memory_equal(got, want, length);
    fclose(file);
    free(got);
}

static void rows_come_in_the_order_of_the_parts_whoever_made_them(void **state)
{
    (void)state;
    static const size_t helpers[] = {0, 1, 2, 7};
    struct scene *scene = scene_new("customer_id,spend_365d,tier");
    struct scores_file want = {0}, written;
    char *all = slowly(scene, &want);
    for (size_t h = 0; h < 4; h++)
        for (int again = 0; again < 3; again++) {
            assert_int_equal(
                write_with(scene, helpers[h], scene->scratch.path, "scores.csv", &written), 0);
            assert_file(scene, all);
            assert_int_equal(written.rows, want.rows);
            assert_memory_equal(written.sums, want.sums, sizeof want.sums);
        }
    free(all);
    scene_free(scene);
}

static void a_part_that_cannot_be_read_ends_it(void **state)
{
    (void)state;
    struct scene *scene = scene_new("customer_id");
    struct scores_file written;
    struct said said;
    for (size_t bad = 0; bad < PARTS; bad += 67) {
        struct slice good = scene->part[bad];
        scene->part[bad] = (struct slice){"no scores", 9};
        said_begin(&said);
        int r = write_with(scene, 3, scene->scratch.path, "scores.csv", &written);
        said_end(&said);
        assert_int_equal(r, STATUS_BUG);
        assert_non_null(strstr(said.text, "cannot be read again"));
        scene->part[bad] = good;
    }
    scene_free(scene);
}

static void a_full_disk_ends_it(void **state)
{
    (void)state;
    struct stat info;
    if (stat("/dev/full", &info) != 0 || !S_ISCHR(info.st_mode))
        skip();
    struct scene *scene = scene_new("all");
    struct scores_file written;
    struct said said;
    said_begin(&said);
    int r = write_with(scene, 3, "/dev", "full", &written);
    said_end(&said);
    assert_int_equal(r, STATUS_IO);
    assert_non_null(strstr(said.text, "cannot write"));
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_in_the_order_of_the_parts_whoever_made_them),
        cmocka_unit_test(a_part_that_cannot_be_read_ends_it),
        cmocka_unit_test(a_full_disk_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
