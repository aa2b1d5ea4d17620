/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/ahead.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/assert.h"
#include "support/scratch.h"

static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 31 + i / 251);
}

/* A file of so many bytes, open; unlinked with the scratch. */
static int file_of(const struct scratch *scratch, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/file", scratch->path);
    unsigned char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_at(i);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), size);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    free(bytes);
    return file;
}

static void every_byte_comes_once_and_in_order(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, 3000001};
    struct scratch scratch = scratch_new();
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int file = file_of(&scratch, sizes[k]);
        struct ahead *ahead;
        struct slice block;
        size_t at = 0;
        assert_int_equal(ahead_open(file, &ahead), 0);
        while (ahead_next(ahead, &block) == 0)
            for (size_t i = 0; i < block.size; i++, at++)
                assert_int_equal(((const unsigned char *)block.data)[i], byte_at(at));
        assert_int_equal(at, sizes[k]);
        assert_int_equal(ahead_next(ahead, &block), AHEAD_E_END);
        ahead_close(&ahead);
        assert_null(ahead);
        close(file);
    }
    scratch_remove(&scratch);
}

static void it_can_be_left_at_any_block(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    for (int blocks = 0; blocks < 6; blocks++) {
        int file = file_of(&scratch, 3000001);
        struct ahead *ahead;
        struct slice block;
        assert_int_equal(ahead_open(file, &ahead), 0);
        for (int i = 0; i < blocks; i++)
            assert_int_equal(ahead_next(ahead, &block), 0);
        ahead_close(&ahead);
        close(file);
    }
    scratch_remove(&scratch);
}

static void what_cannot_be_read_has_ended(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct ahead *ahead;
    struct slice block;
    int directory = open(scratch.path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(ahead_open(directory, &ahead), 0);
    assert_int_equal(ahead_next(ahead, &block), AHEAD_E_END);
    ahead_close(&ahead);
    close(directory);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_comes_once_and_in_order),
        cmocka_unit_test(it_can_be_left_at_any_block),
        cmocka_unit_test(what_cannot_be_read_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
