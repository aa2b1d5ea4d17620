/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "support/assert.h"
#include "support/reading.h"

static const char ledger[] = "customer_id,date,amount\nx,2020-01-31,2.50\ny,2020-02-01,1\n";

/* A gzip member. */
static size_t gzip(const char *text, size_t size, char *out, size_t room)
{
    z_stream zlib = {0};
    assert_int_equal(deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    zlib.next_in = (unsigned char *)(uintptr_t)text;
    zlib.avail_in = (unsigned)size;
    zlib.next_out = (unsigned char *)out;
    zlib.avail_out = (unsigned)room;
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    size_t n = zlib.total_out;
    deflateEnd(&zlib);
    return n;
}

static size_t zstd(const char *text, size_t size, char *out, size_t room)
{
    size_t n = ZSTD_compress(out, room, text, size, 3);
    assert_false(ZSTD_isError(n));
    return n;
}

static void assert_reads(const char *bytes, size_t size)
{
    struct reading reading;
    size_t n;
    reading_begin(&reading);
    reading_file(&reading, bytes, size);
    if (reading_run(&reading))
        fail_msg("said: %s", reading.words.text);
    const struct spooled_row *rows = spool_memory_rows(reading.segment, &n);
    assert_int_equal(n, 2);
    assert_int_equal(rows[1].amount, 10000);
    assert_int_equal(reading.facts->raw_bytes, size);
    reading_end(&reading);
}

static void assert_fails(const char *bytes, size_t size, const char *words)
{
    struct reading reading;
    reading_begin(&reading);
    reading_file(&reading, bytes, size);
    assert_int_equal(reading_run(&reading), STATUS_DATA);
    if (!strstr(reading.words.text, words))
        fail_msg("said: %s", reading.words.text);
    reading_end(&reading);
}

static void gzip_is_unpacked_member_by_member(void **state)
{
    (void)state;
    char packed[1024];
    size_t n = gzip(ledger, 30, packed, sizeof packed);
    n += gzip(ledger + 30, sizeof ledger - 31, packed + n, sizeof packed - n);
    assert_reads(packed, n);
    memset(packed + n, 0, 512);
    assert_reads(packed, n + 512);
    memcpy(packed + n, "no member", 9);
    assert_fails(packed, n + 9, "damaged gzip");
}

static void zstd_is_unpacked_frame_by_frame(void **state)
{
    (void)state;
    char packed[1024] = "\x50\x2a\x4d\x18\x03\0\0\0abc"; /* a skippable frame comes first */
    size_t n = 11;
    n += zstd(ledger, 30, packed + n, sizeof packed - n);
    n += zstd(ledger + 30, sizeof ledger - 31, packed + n, sizeof packed - n);
    assert_reads(packed, n);
    assert_reads(packed + 11, n - 11);
}

static void a_packed_file_that_is_cut_off_is_no_ledger(void **state)
{
    (void)state;
    char packed[1024];
    size_t n = gzip(ledger, sizeof ledger - 1, packed, sizeof packed);
    assert_fails(packed, n - 4, "truncated gzip");
    n = zstd(ledger, sizeof ledger - 1, packed, sizeof packed);
    assert_fails(packed, n - 4, "truncated zstd");
    packed[6] |= 6; /* a block of the kind that does not exist */
    assert_fails(packed, n, "damaged zstd");
}

static void an_empty_packed_file_is_an_empty_ledger(void **state)
{
    (void)state;
    char packed[64];
    assert_fails(packed, gzip("", 0, packed, sizeof packed), "is empty");
}

/* A ledger larger than every buffer between the file and the rows. */
static char *large_ledger(size_t *size)
{
    char *text = malloc(4 << 20), *at = text;
    at += sprintf(at, "\xef\xbb\xbf"
                      "customer_id,date,amount\n");
    for (int i = 0; at < text + (3 << 20); i++)
        at += sprintf(at, "c%d,2020-01-%02d,%d.50\n", i * 7919 % 100003, i % 28 + 1, i % 900);
    *size = (size_t)(at - text);
    return text;
}

static uint64_t accepted_of(const char *bytes, size_t size, struct digest *digest)
{
    struct reading reading;
    reading_begin(&reading);
    reading_file(&reading, bytes, size);
    reading.threads = 2;
    assert_int_equal(reading_run(&reading), 0);
    uint64_t accepted = reading.facts->accepted;
    assert_int_equal(input_digest_of(reading.path[0], 0, size, digest), 0);
    assert_true(digest_same(*digest, digest_of(bytes, size)));
    reading_end(&reading);
    return accepted;
}

static void large_packed_files_give_the_rows_of_the_plain_one(void **state)
{
    (void)state;
    size_t size;
    struct digest digest;
    char *text = large_ledger(&size), *packed = malloc(4 << 20);
    uint64_t plain = accepted_of(text, size, &digest);
    assert_true(plain > 100000);
    assert_int_equal(accepted_of(packed, gzip(text, size, packed, 4 << 20), &digest), plain);
    assert_int_equal(accepted_of(packed, zstd(text, size, packed, 4 << 20), &digest), plain);
    free(packed);
    free(text);
}

/* Puts bytes on stdin while a ledger is read from "-". */
static void read_stdin(const char *bytes, size_t size, struct reading *reading)
{
    FILE *file = tmpfile();
    int saved = dup(STDIN_FILENO);
    fwrite(bytes, 1, size, file);
    fflush(file);
    rewind(file);
    dup2(fileno(file), STDIN_FILENO);
    reading_begin(reading);
    reading->ledgers[0] = "-";
    reading->settings.n_ledgers = 1;
    reading->threads = 2;
    reading_run(reading);
    dup2(saved, STDIN_FILENO);
    close(saved);
    fclose(file);
}

static void stdin_is_read_once_and_whole(void **state)
{
    (void)state;
    size_t size;
    struct digest digest;
    struct reading reading;
    char *text = large_ledger(&size);
    uint64_t plain = accepted_of(text, size, &digest);
    read_stdin(text, size, &reading);
    assert_int_equal(reading.status, 0);
    assert_int_equal(reading.facts->accepted, plain);
    assert_int_equal(reading.facts->raw_bytes, size);
    reading_end(&reading);
    free(text);
}

static void packed_stdin_is_unpacked(void **state)
{
    (void)state;
    char packed[1024];
    struct reading reading;
    read_stdin(packed, gzip(ledger, sizeof ledger - 1, packed, sizeof packed), &reading);
    assert_int_equal(reading.status, 0);
    assert_int_equal(reading.facts->accepted, 2);
    reading_end(&reading);
}

static void an_open_order_on_stdin_is_settled_from_more_of_it(void **state)
{
    (void)state;
    struct reading reading;
    size_t rows = 100000;
    char *text = malloc(rows * 20 + 100), *at = text;
    at += sprintf(at, "customer_id,date\n");
    for (size_t i = 0; i < rows; i++)
        at += sprintf(at, "c%06zu,%s\n", i, i == rows - 2 ? "31/01/2020" : "01/02/2020");
    read_stdin(text, (size_t)(at - text), &reading);
    assert_int_equal(reading.status, 0);
    assert_int_equal(reading.facts->accepted, rows);
    reading_end(&reading);
    read_stdin(text, (size_t)(at - text) / 2, &reading);
    assert_int_equal(reading.status, STATUS_DATA);
    assert_non_null(strstr(reading.words.text, "stdin:2:2"));
    reading_end(&reading);
    free(text);
}

static void bytes_given_back_come_first(void **state)
{
    (void)state;
    struct input *input = NULL;
    char out[16];
    size_t n;
    assert_int_equal(input_of_bytes("x", (struct slice){"world", 5}, &input), 0);
    assert_int_equal(input_unread(input, "o ", 2), 0);
    assert_int_equal(input_unread(input, "hell", 4), 0);
    assert_int_equal(input_read(input, out, 3, &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(input_read(input, out + 3, 13, &n), 0);
    assert_int_equal(n, 8);
    assert_memory_equal(out, "hello world", 11);
    assert_int_equal(input_read(input, out, 1, &n), 0);
    assert_int_equal(n, 0);
    input_close(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_is_unpacked_member_by_member),
        cmocka_unit_test(zstd_is_unpacked_frame_by_frame),
        cmocka_unit_test(a_packed_file_that_is_cut_off_is_no_ledger),
        cmocka_unit_test(an_empty_packed_file_is_an_empty_ledger),
        cmocka_unit_test(large_packed_files_give_the_rows_of_the_plain_one),
        cmocka_unit_test(stdin_is_read_once_and_whole),
        cmocka_unit_test(packed_stdin_is_unpacked),
        cmocka_unit_test(an_open_order_on_stdin_is_settled_from_more_of_it),
        cmocka_unit_test(bytes_given_back_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
