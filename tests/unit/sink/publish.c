/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* unshare */
#include "sink/publish.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/assert.h"
#include "support/said.h"
#include "support/scratch.h"

#define NOBODY 65534

static int begin(void **state)
{
    struct scratch *scratch = malloc(sizeof *scratch);
    assert_non_null(scratch);
    *scratch = scratch_new();
    *state = scratch;
    return 0;
}

static int end(void **state)
{
    struct scratch *scratch = *state;
    scratch_remove(scratch);
    free(scratch);
    return 0;
}

/* What a run with this text in it leaves aside. */
static struct publish *written(const struct scratch *scratch, const char *out, const char *text)
{
    struct publish *publish;
    char path[SCRATCH_PATH + 32];
    assert_int_equal(publish_begin(scratch_at(scratch, out), "", &publish), 0);
    snprintf(path, sizeof path, "%s/scores.csv", publish_aside(publish));
    scratch_file(scratch, path, text);
    snprintf(path, sizeof path, "%s/manifest.json", publish_aside(publish));
    scratch_file(scratch, path, "{\n  \"winnow\": \"0.1.0\",\n  \"status\": \"complete\"\n}\n");
    return publish;
}

static void publish(const struct scratch *scratch, const char *out, const char *text)
{
    struct publish *publish = written(scratch, out, text);
    assert_int_equal(publish_commit(&publish, PUBLISH_SUCCESS), 0);
    assert_null(publish);
}

/* What publish_check says of a path; the status is answered, and the words kept. */
static int check(const struct scratch *scratch, const char *out, struct said *said)
{
    said_begin(said);
    int r = publish_check(scratch_at(scratch, out));
    said_end(said);
    return r;
}

#define assert_refused(scratch, out, words)                                                        \
    do {                                                                                           \
        struct said heard;                                                                         \
        assert_int_equal(check((scratch), (out), &heard), STATUS_NO_OUTPUT);                       \
        if (!strstr(heard.text, (words)))                                                          \
            fail_msg("lacks '%s': %s", (words), heard.text);                                       \
    } while (0)

/* ---- checking ---- */

static void a_name_that_is_free_will_do(void **state)
{
    struct scratch *scratch = *state;
    assert_int_equal(publish_check(scratch_at(scratch, "out")), 0);
    assert_int_equal(publish_check(scratch_at(scratch, "out///")), 0);
    assert_false(scratch_has(scratch, "out")); /* checking makes nothing */
}

static void an_empty_directory_will_do(void **state)
{
    struct scratch *scratch = *state;
    scratch_directory(scratch, "out");
    assert_int_equal(publish_check(scratch_at(scratch, "out")), 0);
}

static void somebody_elses_directory_is_refused(void **state)
{
    struct scratch *scratch = *state;
    scratch_directory(scratch, "out");
    scratch_file(scratch, "out/letters.txt", "dear");
    assert_refused(scratch, "out", "winnow did not make it");
}

static void a_manifest_of_something_else_does_not_make_it_ours(void **state)
{
    struct scratch *scratch = *state;
    scratch_directory(scratch, "out");
    scratch_file(scratch, "out/manifest.json", "{\"name\": \"an extension\"}");
    assert_refused(scratch, "out", "winnow did not make it");
}

static void a_file_is_no_directory(void **state)
{
    struct scratch *scratch = *state;
    scratch_file(scratch, "out", "");
    assert_refused(scratch, "out", "is not a directory");
}

static void a_place_in_a_directory_that_is_not_there_is_refused(void **state)
{
    struct scratch *scratch = *state;
    assert_refused(scratch, "no/out", "No such file or directory");
}

static void an_empty_path_and_one_too_long_are_refused(void **state)
{
    struct said said;
    char path[5000];
    (void)state;
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    said_begin(&said);
    assert_int_equal(publish_check(""), STATUS_NO_OUTPUT);
    assert_int_equal(publish_check(path), STATUS_NO_OUTPUT);
    said_end(&said);
    assert_non_null(strstr(said.text, "no usable path"));
}

static void somebody_elses_prev_is_refused_before_any_work(void **state)
{
    struct scratch *scratch = *state;
    scratch_directory(scratch, "out.prev");
    scratch_file(scratch, "out.prev/letters.txt", "dear");
    assert_refused(scratch, "out", "out.prev");
    scratch_directory(scratch, "other");
    assert_int_equal(symlink("other", scratch_at(scratch, "there.prev")), 0);
    assert_refused(scratch, "there", "there.prev is not a directory");
}

static void a_directory_in_prev_is_somebodys(void **state)
{
    struct scratch *scratch = *state;
    publish(scratch, "out", "first");
    publish(scratch, "out", "second");
    scratch_directory(scratch, "out.prev/notes");
    assert_refused(scratch, "out", "the directory notes");
}

/* As another user, who may not write there; the check's own exit code comes back. */
static int check_as_nobody(const char *path)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
            _exit(99);
        _exit(publish_check(path) == STATUS_NO_OUTPUT ? 73 : 0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void a_place_that_may_not_be_written_is_refused(void **state)
{
    struct scratch *scratch = *state;
    struct said said;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(scratch->path, 0755), 0);
    said_begin(&said);
    int code = check_as_nobody(scratch_at(scratch, "out"));
    said_end(&said);
    assert_int_equal(code, 73);
    assert_non_null(strstr(said.text, "Permission denied"));
    scratch_directory(scratch, "open");
    assert_int_equal(chmod(scratch_at(scratch, "open"), 0777), 0);
    assert_int_equal(check_as_nobody(scratch_at(scratch, "open/out")), 0);
}

/* ---- publishing ---- */

static void outputs_appear_whole_with_the_mark_of_success(void **state)
{
    struct scratch *scratch = *state;
    struct publish *publish = written(scratch, "out", "first");
    assert_false(scratch_has(scratch, "out")); /* aside until all is there */
    assert_int_equal(publish_commit(&publish, PUBLISH_SUCCESS), 0);
    assert_true(scratch_reads(scratch, "out/scores.csv", "first"));
    assert_true(scratch_reads(scratch, "out/_SUCCESS", ""));
    assert_false(scratch_has(scratch, "out.winnow-new"));
    assert_false(scratch_has(scratch, "out.prev"));
}

static void nobody_else_can_look_in(void **state)
{
    struct scratch *scratch = *state;
    mode_t mask = umask(0);
    publish(scratch, "out", "first");
    umask(mask);
    assert_int_equal(scratch_mode(scratch, "out"), 0700);
    assert_int_equal(scratch_mode(scratch, "out/_SUCCESS"), 0600);
}

static void refused_ledgers_leave_rejects_beside_and_no_success(void **state)
{
    struct scratch *scratch = *state;
    struct publish *publish;
    char path[SCRATCH_PATH + 32];
    assert_int_equal(publish_begin(scratch_at(scratch, "out/"), ".rejects", &publish), 0);
    snprintf(path, sizeof path, "%s/rejects.csv", publish_aside(publish));
    scratch_file(scratch, path, "rows");
    assert_int_equal(publish_commit(&publish, PUBLISH_REFUSED), 0);
    assert_true(scratch_reads(scratch, "out.rejects/rejects.csv", "rows"));
    assert_false(scratch_has(scratch, "out.rejects/_SUCCESS"));
    assert_false(scratch_has(scratch, "out"));
}

static void what_was_there_is_kept_as_prev_once(void **state)
{
    struct scratch *scratch = *state;
    publish(scratch, "out", "first");
    publish(scratch, "out", "second");
    assert_true(scratch_reads(scratch, "out/scores.csv", "second"));
    assert_true(scratch_reads(scratch, "out.prev/scores.csv", "first"));
    assert_true(scratch_has(scratch, "out.prev/_SUCCESS"));
    publish(scratch, "out", "third");
    assert_true(scratch_reads(scratch, "out/scores.csv", "third"));
    assert_true(scratch_reads(scratch, "out.prev/scores.csv", "second"));
    assert_true(scratch_reads(scratch, "out.winnow-old/scores.csv", "first"));
    publish_sweep(scratch_at(scratch, "out"));
    assert_false(scratch_has(scratch, "out.winnow-old"));
    assert_true(scratch_reads(scratch, "out.prev/scores.csv", "second"));
}

/* As a process leaves it that was killed before it had swept. */
static void what_is_left_of_older_runs_is_in_nobodys_way(void **state)
{
    struct scratch *scratch = *state;
    publish(scratch, "out", "first");
    publish(scratch, "out", "second");
    publish(scratch, "out", "third");
    publish(scratch, "out", "fourth");
    assert_true(scratch_reads(scratch, "out.winnow-old/scores.csv", "second"));
    assert_true(scratch_reads(scratch, "out.prev/scores.csv", "third"));
}

static void an_empty_directory_is_replaced_and_not_kept(void **state)
{
    struct scratch *scratch = *state;
    scratch_directory(scratch, "out");
    publish(scratch, "out", "first");
    assert_true(scratch_reads(scratch, "out/scores.csv", "first"));
    assert_false(scratch_has(scratch, "out.prev"));
    assert_int_equal(scratch_mode(scratch, "out"), 0700);
}

/* It was free when it was checked. */
static void a_directory_that_came_meanwhile_is_left_alone(void **state)
{
    struct scratch *scratch = *state;
    struct publish *publish = written(scratch, "out", "first");
    struct said said;
    scratch_directory(scratch, "out");
    scratch_file(scratch, "out/letters.txt", "dear");
    said_begin(&said);
    assert_int_equal(publish_commit(&publish, PUBLISH_SUCCESS), STATUS_NO_OUTPUT);
    said_end(&said);
    assert_non_null(publish); /* still the caller's */
    publish_abandon(&publish);
    assert_true(scratch_reads(scratch, "out/letters.txt", "dear"));
    assert_false(scratch_has(scratch, "out.winnow-new"));
}

static void somebody_elses_directory_is_not_begun_upon(void **state)
{
    struct scratch *scratch = *state;
    struct publish *publish = NULL;
    struct said said;
    scratch_directory(scratch, "out");
    scratch_file(scratch, "out/letters.txt", "dear");
    said_begin(&said);
    assert_int_equal(publish_begin(scratch_at(scratch, "out"), "", &publish), STATUS_NO_OUTPUT);
    said_end(&said);
    assert_null(publish);
    assert_false(scratch_has(scratch, "out.winnow-new"));
}

static void what_is_abandoned_leaves_nothing(void **state)
{
    struct scratch *scratch = *state;
    struct publish *publish = written(scratch, "out", "first");
    publish_abandon(&publish);
    assert_null(publish);
    publish_abandon(&publish);
    assert_false(scratch_has(scratch, "out"));
    assert_false(scratch_has(scratch, "out.winnow-new"));
}

static void a_place_that_cannot_be_made_is_said(void **state)
{
    struct scratch *scratch = *state;
    struct publish *publish = NULL;
    struct said said;
    said_begin(&said);
    assert_int_equal(publish_begin(scratch_at(scratch, "no/out"), "", &publish), STATUS_NO_OUTPUT);
    said_end(&said);
    assert_non_null(strstr(said.text, "cannot create output"));
}

/* ---- after a crash ---- */

static void what_was_left_aside_is_not_taken_over(void **state)
{
    struct scratch *scratch = *state;
    scratch_directory(scratch, "out.winnow-new");
    scratch_file(scratch, "out.winnow-new/groups.csv", "of the run that died");
    publish(scratch, "out", "first");
    assert_false(scratch_has(scratch, "out/groups.csv"));
    assert_false(scratch_has(scratch, "out.winnow-new"));
}

/* DIR was moved to DIR.prev, and nothing took its place. */
static void a_crash_between_the_two_renames_is_mended(void **state)
{
    struct scratch *scratch = *state;
    publish(scratch, "out", "first");
    assert_int_equal(rename(scratch_at(scratch, "out"), scratch_at(scratch, "out.prev")), 0);
    scratch_directory(scratch, "out.winnow-new");
    assert_int_equal(publish_check(scratch_at(scratch, "out")), 0);
    publish(scratch, "out", "second");
    assert_true(scratch_reads(scratch, "out/scores.csv", "second"));
    assert_true(scratch_reads(scratch, "out.prev/scores.csv", "first"));
}

static void a_crash_before_the_mark_of_success_is_mended(void **state)
{
    struct scratch *scratch = *state;
    publish(scratch, "out", "first");
    assert_int_equal(unlink(scratch_at(scratch, "out/_SUCCESS")), 0);
    publish(scratch, "out", "again");
    assert_true(scratch_reads(scratch, "out/scores.csv", "again"));
    assert_true(scratch_has(scratch, "out/_SUCCESS"));
}

static void sweeping_removes_what_is_aside_and_nothing_else(void **state)
{
    struct scratch *scratch = *state;
    publish(scratch, "out", "first");
    scratch_directory(scratch, "out.winnow-new");
    scratch_file(scratch, "out.winnow-new/scores.csv", "half");
    scratch_directory(scratch, "out.rejects.winnow-new");
    scratch_directory(scratch, "other.winnow-new");
    publish_sweep(scratch_at(scratch, "out"));
    assert_false(scratch_has(scratch, "out.winnow-new"));
    assert_false(scratch_has(scratch, "out.rejects.winnow-new"));
    assert_true(scratch_has(scratch, "other.winnow-new"));
    assert_true(scratch_reads(scratch, "out/scores.csv", "first"));
    publish_sweep(scratch_at(scratch, "nowhere"));
}

/* ---- links, dots ---- */

static void a_link_is_followed(void **state)
{
    struct scratch *scratch = *state;
    scratch_directory(scratch, "disk");
    publish(scratch, "disk/results", "first");
    assert_int_equal(symlink("disk/results", scratch_at(scratch, "out")), 0);
    assert_int_equal(publish_check(scratch_at(scratch, "out")), 0);
    publish(scratch, "out", "second");
    assert_true(scratch_reads(scratch, "out/scores.csv", "second"));
    assert_true(scratch_reads(scratch, "disk/results/scores.csv", "second"));
    assert_true(scratch_reads(scratch, "disk/results.prev/scores.csv", "first"));
    assert_int_equal(access(scratch_at(scratch, "out.prev"), F_OK), -1);
    publish(scratch, "out", "third");
    assert_true(scratch_reads(scratch, "disk/results.prev/scores.csv", "second"));
}

static void a_link_to_nothing_or_to_somebody_elses_is_refused(void **state)
{
    struct scratch *scratch = *state;
    assert_int_equal(symlink("nowhere", scratch_at(scratch, "out")), 0);
    assert_refused(scratch, "out", "leads nowhere");
    scratch_directory(scratch, "letters");
    scratch_file(scratch, "letters/one.txt", "dear");
    assert_int_equal(symlink("letters", scratch_at(scratch, "there")), 0);
    assert_refused(scratch, "there", "winnow did not make it");
}

/* Where the shell stands, the directory stays the same one. */
static void the_working_directory_is_not_renamed_away(void **state)
{
    struct scratch *scratch = *state;
    struct stat before, after;
    int here = open(".", O_RDONLY | O_CLOEXEC);
    scratch_directory(scratch, "out");
    assert_int_equal(chdir(scratch_at(scratch, "out")), 0);
    assert_int_equal(stat(".", &before), 0);
    assert_int_equal(publish_check("."), 0);
    publish(scratch, "out/.", "first");
    publish(scratch, "out", "second");
    assert_int_equal(stat(".", &after), 0);
    assert_true(scratch_reads(scratch, "out/scores.csv", "second"));
    assert_int_equal(fchdir(here), 0);
    close(here);
    assert_true(before.st_ino == after.st_ino);
    assert_true(scratch_has(scratch, "out/_SUCCESS"));
    assert_false(scratch_has(scratch, "out.prev"));
    assert_false(scratch_has(scratch, "out/.winnow-new"));
}

/* ---- mount points ---- */

enum mounted { MOUNT_OF_ITS_OWN, MOUNT_OF_THE_SAME_DISK };

/* Something mounted at `out`, in mounts of the test's own; skips where that is not allowed. */
static void mount_at_out(struct scratch *scratch, enum mounted kind)
{
    scratch_directory(scratch, "out");
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        skip();
    if (kind == MOUNT_OF_THE_SAME_DISK)
        scratch_directory(scratch, "volume");
    if (kind == MOUNT_OF_ITS_OWN
            ? mount("tmpfs", scratch_at(scratch, "out"), "tmpfs", 0, "size=64k") != 0
            : mount(scratch_at(scratch, "volume"), scratch_at(scratch, "out"), NULL, MS_BIND,
                    NULL) != 0)
        skip();
}

static int end_mounted(void **state)
{
    struct scratch *scratch = *state;
    umount2(scratch_at(scratch, "out"), MNT_DETACH);
    return end(state);
}

static void check_mount_point(struct scratch *scratch)
{
    assert_int_equal(publish_check(scratch_at(scratch, "out")), 0);
    publish(scratch, "out", "first");
    assert_true(scratch_reads(scratch, "out/scores.csv", "first"));
    assert_true(scratch_has(scratch, "out/_SUCCESS"));
    assert_int_equal(publish_check(scratch_at(scratch, "out")), 0);
    publish(scratch, "out", "second");
    assert_true(scratch_reads(scratch, "out/scores.csv", "second"));
    assert_true(scratch_has(scratch, "out/_SUCCESS"));
    assert_false(scratch_has(scratch, "out/.winnow-new"));
    assert_false(scratch_has(scratch, "out.prev"));
    assert_false(scratch_has(scratch, "out.winnow-new"));
}

static void at_a_mount_point_files_are_renamed_singly(void **state)
{
    mount_at_out(*state, MOUNT_OF_ITS_OWN);
    check_mount_point(*state);
}

static void a_bind_mount_of_the_same_disk_is_a_mount_point(void **state)
{
    mount_at_out(*state, MOUNT_OF_THE_SAME_DISK);
    check_mount_point(*state);
}

static void somebody_elses_mount_point_is_refused(void **state)
{
    struct scratch *scratch = *state;
    mount_at_out(scratch, MOUNT_OF_ITS_OWN);
    scratch_file(scratch, "out/letters.txt", "dear");
    assert_refused(scratch, "out", "winnow did not make it");
}

static void a_new_disk_is_empty_though_it_has_lost_and_found(void **state)
{
    struct scratch *scratch = *state;
    mount_at_out(scratch, MOUNT_OF_ITS_OWN);
    scratch_directory(scratch, "out/lost+found");
    check_mount_point(scratch);
    assert_true(scratch_has(scratch, "out/lost+found"));
}

static void files_of_the_run_before_do_not_stay_at_a_mount_point(void **state)
{
    struct scratch *scratch = *state;
    mount_at_out(scratch, MOUNT_OF_ITS_OWN);
    publish(scratch, "out", "first");
    scratch_file(scratch, "out/groups.csv", "of the first");
    scratch_file(scratch, "out/rejects.raw", "of the first");
    publish(scratch, "out", "second");
    assert_false(scratch_has(scratch, "out/groups.csv"));
    assert_false(scratch_has(scratch, "out/rejects.raw"));
}

/* The process was killed when the manifest was away and some files were of the new run. */
static void a_torn_mount_point_is_mended_by_the_next_run(void **state)
{
    struct scratch *scratch = *state;
    mount_at_out(scratch, MOUNT_OF_ITS_OWN);
    publish(scratch, "out", "first");
    unlink(scratch_at(scratch, "out/_SUCCESS"));
    unlink(scratch_at(scratch, "out/manifest.json"));
    scratch_directory(scratch, "out/.winnow-new");
    scratch_file(scratch, "out/.winnow-new/tiers.csv", "of the run that died");
    publish_sweep(scratch_at(scratch, "out")); /* must not take the sign away */
    assert_int_equal(publish_check(scratch_at(scratch, "out")), 0);
    struct publish *publish = written(scratch, "out", "second");
    assert_false(scratch_has(scratch, "out/.winnow-new/tiers.csv"));
    publish_abandon(&publish); /* nor must a run that fails */
    assert_int_equal(publish_check(scratch_at(scratch, "out")), 0);
    check_mount_point(scratch);
}

static void sweeping_a_whole_mount_point_removes_what_is_aside(void **state)
{
    struct scratch *scratch = *state;
    mount_at_out(scratch, MOUNT_OF_ITS_OWN);
    publish(scratch, "out", "first");
    struct publish *publish = written(scratch, "out", "second");
    publish_sweep(scratch_at(scratch, "out"));
    assert_false(scratch_has(scratch, "out/.winnow-new"));
    assert_true(scratch_reads(scratch, "out/scores.csv", "first"));
    publish_abandon(&publish);
}

/* No inode is left for the directory aside. */
static void a_disk_without_room_is_a_failure_of_input_and_output(void **state)
{
    struct scratch *scratch = *state;
    struct publish *publish = NULL;
    struct said said;
    mount_at_out(scratch, MOUNT_OF_ITS_OWN);
    if (mount("tmpfs", scratch_at(scratch, "out"), "tmpfs", 0, "nr_inodes=2") != 0)
        skip();
    scratch_file(scratch, "out/last", "");
    said_begin(&said);
    int r = publish_begin(scratch_at(scratch, "out/more"), "", &publish);
    said_end(&said);
    umount2(scratch_at(scratch, "out"), MNT_DETACH);
    assert_int_equal(r, STATUS_IO);
    assert_non_null(strstr(said.text, "No space left on device"));
}

#define TEST(name)    cmocka_unit_test_setup_teardown(name, begin, end)
#define MOUNTED(name) cmocka_unit_test_setup_teardown(name, begin, end_mounted)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_that_is_free_will_do),
        TEST(an_empty_directory_will_do),
        TEST(somebody_elses_directory_is_refused),
        TEST(a_manifest_of_something_else_does_not_make_it_ours),
        TEST(a_file_is_no_directory),
        TEST(a_place_in_a_directory_that_is_not_there_is_refused),
        TEST(an_empty_path_and_one_too_long_are_refused),
        TEST(somebody_elses_prev_is_refused_before_any_work),
        TEST(a_directory_in_prev_is_somebodys),
        TEST(a_place_that_may_not_be_written_is_refused),
        TEST(outputs_appear_whole_with_the_mark_of_success),
        TEST(nobody_else_can_look_in),
        TEST(refused_ledgers_leave_rejects_beside_and_no_success),
        TEST(what_was_there_is_kept_as_prev_once),
        TEST(what_is_left_of_older_runs_is_in_nobodys_way),
        TEST(an_empty_directory_is_replaced_and_not_kept),
        TEST(a_directory_that_came_meanwhile_is_left_alone),
        TEST(somebody_elses_directory_is_not_begun_upon),
        TEST(what_is_abandoned_leaves_nothing),
        TEST(a_place_that_cannot_be_made_is_said),
        TEST(what_was_left_aside_is_not_taken_over),
        TEST(a_crash_between_the_two_renames_is_mended),
        TEST(a_crash_before_the_mark_of_success_is_mended),
        TEST(sweeping_removes_what_is_aside_and_nothing_else),
        TEST(a_link_is_followed),
        TEST(a_link_to_nothing_or_to_somebody_elses_is_refused),
        TEST(the_working_directory_is_not_renamed_away),
        MOUNTED(at_a_mount_point_files_are_renamed_singly),
        MOUNTED(a_bind_mount_of_the_same_disk_is_a_mount_point),
        MOUNTED(somebody_elses_mount_point_is_refused),
        MOUNTED(a_new_disk_is_empty_though_it_has_lost_and_found),
        MOUNTED(files_of_the_run_before_do_not_stay_at_a_mount_point),
        MOUNTED(a_torn_mount_point_is_mended_by_the_next_run),
        MOUNTED(sweeping_a_whole_mount_point_removes_what_is_aside),
        MOUNTED(a_disk_without_room_is_a_failure_of_input_and_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
