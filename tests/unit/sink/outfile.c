/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/outfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/assert.h"
#include "support/said.h"
#include "support/scratch.h"

static void what_was_written_is_there_with_its_sum(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct outfile *file;
    struct outfile_sum sum = {.rows = 7};
    assert_int_equal(outfile_open(scratch.path, "abc.txt", &file), 0);
    assert_int_equal(outfile_write(file, "a", 1), 0);
    assert_int_equal(outfile_write(file, "bc", 2), 0);
    assert_int_equal(outfile_close(&file, &sum), 0);
    assert_null(file);
    assert_true(scratch_reads(&scratch, "abc.txt", "abc"));
    assert_string_equal(sum.name, "abc.txt");
    assert_int_equal(sum.bytes, 3);
    assert_int_equal(sum.rows, 7); /* not its business */
    /* FIPS 180-2, appendix B.1 */
    assert_string_equal(sum.sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    scratch_remove(&scratch);
}

static void nothing_is_a_file_too(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct outfile *file;
    struct outfile_sum sum;
    assert_int_equal(outfile_open(scratch.path, "empty", &file), 0);
    assert_int_equal(outfile_write(file, "", 0), 0);
    assert_int_equal(outfile_close(&file, &sum), 0);
    assert_true(scratch_reads(&scratch, "empty", ""));
    assert_string_equal(sum.sha256,
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    scratch_remove(&scratch);
}

static void a_file_is_its_owners_alone(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct outfile *file;
    struct outfile_sum sum;
    mode_t mask = umask(0);
    assert_int_equal(outfile_open(scratch.path, "private", &file), 0);
    assert_int_equal(outfile_close(&file, &sum), 0);
    umask(mask);
    assert_int_equal(scratch_mode(&scratch, "private"), 0600);
    scratch_remove(&scratch);
}

/* A million times "a", FIPS 180-2 appendix B.3, in more buffers than wait at once. */
static void buffers_are_written_in_the_order_in_which_they_were_given(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct outfile *file;
    struct outfile_sum sum;
    assert_int_equal(outfile_open(scratch.path, "a", &file), 0);
    for (size_t i = 0; i < 1000; i++) {
        char *buffer = malloc(1000);
        assert_non_null(buffer);
        memset(buffer, 'a', 1000);
        assert_int_equal(outfile_give(file, buffer, 1000), 0);
    }
    assert_int_equal(outfile_close(&file, &sum), 0);
    assert_int_equal(sum.bytes, 1000000);
    assert_string_equal(sum.sha256,
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_int_equal(outfile_open(scratch.path, "order", &file), 0);
    for (char c = 'a'; c <= 'z'; c++)
        assert_int_equal(outfile_write(file, &c, 1), 0);
    assert_int_equal(outfile_close(&file, &sum), 0);
    assert_true(scratch_reads(&scratch, "order", "abcdefghijklmnopqrstuvwxyz"));
    scratch_remove(&scratch);
}

#define LARGE ((size_t)3 * 1048576 + 12345) /* whole blocks and a rest */

static void check_large(const char *directory, const unsigned char *bytes)
{
    struct outfile *file;
    struct outfile_sum sum;
    char path[4096];
    static unsigned char back[LARGE + 1];
    assert_int_equal(outfile_open(directory, "winnow-large", &file), 0);
    for (size_t at = 0, n = 1; at < LARGE; at += n) {
        n = n * 7 % 99991 + 1 < LARGE - at ? n * 7 % 99991 + 1 : LARGE - at;
        assert_int_equal(outfile_write(file, bytes + at, n), 0);
    }
    assert_int_equal(outfile_close(&file, &sum), 0);
    assert_int_equal(sum.bytes, LARGE);
    snprintf(path, sizeof path, "%s/winnow-large", directory);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    assert_int_equal(fread(back, 1, sizeof back, in), LARGE);
    fclose(in);
    assert_memory_equal(back, bytes, LARGE);
    assert_int_equal(unlink(path), 0);
}

/* On a disk past the page cache, and on a file system that has nothing else. */
static void a_large_file_is_whole_wherever_it_lies(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct stat info;
    unsigned char *bytes = malloc(LARGE);
    assert_non_null(bytes);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    check_large(scratch.path, bytes);
    if (stat("/dev/shm", &info) == 0)
        check_large("/dev/shm", bytes);
    free(bytes);
    scratch_remove(&scratch);
}

static void a_file_that_is_there_is_written_anew(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct outfile *file;
    struct outfile_sum sum;
    scratch_file(&scratch, "old", "much longer than what comes");
    assert_int_equal(outfile_open(scratch.path, "old", &file), 0);
    assert_int_equal(outfile_write(file, "new", 3), 0);
    assert_int_equal(outfile_close(&file, &sum), 0);
    assert_true(scratch_reads(&scratch, "old", "new"));
    scratch_remove(&scratch);
}

static void a_place_that_is_not_there_is_said(void **state)
{
    (void)state;
    struct outfile *file = NULL;
    struct said said;
    said_begin(&said);
    int r = outfile_open("/nowhere/at/all", "scores.csv", &file);
    said_end(&said);
    assert_int_equal(r, STATUS_NO_OUTPUT);
    assert_non_null(strstr(said.text, "/nowhere/at/all/scores.csv"));
    assert_null(file);
}

/* /dev/full opens, and has no space left. */
static void a_full_disk_is_a_failure_of_input_and_output_with_words(void **state)
{
    (void)state;
    struct outfile *file;
    struct outfile_sum sum;
    struct said said;
    struct stat info;
    if (stat("/dev/full", &info) != 0 || !S_ISCHR(info.st_mode))
        skip();
    assert_int_equal(outfile_open("/dev", "full", &file), 0);
    assert_int_equal(outfile_write(file, "x", 1), 0); /* is written later */
    said_begin(&said);
    int r = outfile_close(&file, &sum);
    said_end(&said);
    assert_int_equal(r, STATUS_IO);
    assert_non_null(strstr(said.text, "cannot write /dev/full: No space left on device"));
    assert_null(file);
}

static void after_a_failure_no_more_is_taken_in(void **state)
{
    (void)state;
    struct outfile *file;
    struct outfile_sum sum;
    struct said said;
    struct stat info;
    int r = 0;
    if (stat("/dev/full", &info) != 0 || !S_ISCHR(info.st_mode))
        skip();
    assert_int_equal(outfile_open("/dev", "full", &file), 0);
    said_begin(&said);
    static const char block[1 << 20];       /* what is written at once */
    for (int i = 0; i < 100 && r == 0; i++) /* the queue is shorter: by then the first has failed */
        r = outfile_write(file, block, sizeof block);
    assert_int_equal(r, STATUS_IO);
    assert_int_equal(outfile_close(&file, &sum), STATUS_IO);
    said_end(&said);
}

static void what_is_abandoned_stays_and_is_nobodys(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct outfile *file;
    assert_int_equal(outfile_open(scratch.path, "half", &file), 0);
    assert_int_equal(outfile_write(file, "half", 4), 0);
    outfile_abandon(&file);
    assert_null(file);
    outfile_abandon(&file);
    assert_true(scratch_has(&scratch, "half"));
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_there_with_its_sum),
        cmocka_unit_test(nothing_is_a_file_too),
        cmocka_unit_test(a_file_is_its_owners_alone),
        cmocka_unit_test(buffers_are_written_in_the_order_in_which_they_were_given),
        cmocka_unit_test(a_large_file_is_whole_wherever_it_lies),
        cmocka_unit_test(a_file_that_is_there_is_written_anew),
        cmocka_unit_test(a_place_that_is_not_there_is_said),
        cmocka_unit_test(a_full_disk_is_a_failure_of_input_and_output_with_words),
        cmocka_unit_test(after_a_failure_no_more_is_taken_in),
        cmocka_unit_test(what_is_abandoned_stays_and_is_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
