/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/assert.h"

#define MANY ((size_t)9 << 20 | 12345) /* more than is ever on its way */

static char byte_at(size_t i)
{
    return (char)(i * 2654435761u >> 13);
}

/* A disk that is asleep at first. */
struct disk {
    int from;
    size_t n, wrong;
};

static void *take_slowly(void *argument)
{
    struct disk *disk = argument;
    static char piece[1 << 16];
    ssize_t got;
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    while ((got = read(disk->from, piece, sizeof piece)) > 0)
        for (ssize_t i = 0; i < got; i++)
            disk->wrong += piece[i] != byte_at(disk->n++);
    return NULL;
}

static void what_is_on_its_way_is_not_written_over(void **state)
{
    (void)state;
    int ends[2];
    pthread_t reader;
    struct blocks *blocks;
    char *bytes = malloc(MANY);
    assert_non_null(bytes);
    for (size_t i = 0; i < MANY; i++)
        bytes[i] = byte_at(i);
    assert_int_equal(pipe(ends), 0);
    struct disk disk = {.from = ends[0]};
    assert_int_equal(pthread_create(&reader, NULL, take_slowly, &disk), 0);
    assert_int_equal(blocks_open(ends[1], &blocks), 0);
    for (size_t at = 0; at < MANY; at += 100000)
        assert_int_equal(blocks_add(blocks, bytes + at, MANY - at < 100000 ? MANY - at : 100000),
                         0);
    assert_int_equal(blocks_end(blocks), 0);
    blocks_close(&blocks);
    close(ends[1]);
    pthread_join(reader, NULL);
    close(ends[0]);
    assert_int_equal(disk.n, MANY);
    assert_int_equal(disk.wrong, 0);
    free(bytes);
}

/* A failure of the thread's comes back, if only at the end. */
static void a_full_disk_is_heard_of(void **state)
{
    (void)state;
    struct blocks *blocks;
    char *bytes = calloc(1, MANY);
    int file = open("/dev/full", O_WRONLY);
    assert_non_null(bytes);
    assert_true(file >= 0);
    for (size_t size = 1; size <= MANY; size = size == 1 ? (size_t)1 << 20 : size * 9 + 12345) {
        assert_int_equal(blocks_open(file, &blocks), 0);
        int failed = blocks_add(blocks, bytes, size);
        assert_true(failed == 0 || failed == ENOSPC);
        assert_int_equal(blocks_end(blocks), ENOSPC);
        blocks_close(&blocks);
    }
    close(file);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_on_its_way_is_not_written_over),
        cmocka_unit_test(a_full_disk_is_heard_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
