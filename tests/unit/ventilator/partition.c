/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/partition.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/assert.h"
#include "support/reading.h"

/* A ledger of about three chunks with everything in it that is awkward. */
static char *messy_ledger(size_t *size)
{
    static const char *const odd[] = {"z,31/01/2020,1\n",
                                      ",2020-01-31,2.50\n",
                                      "\"q\"\"r\",\"2020-01-31\",\"3\"\n",
                                      "\"two\nlines\",2020-02-01,4.25\n",
                                      "short\n",
                                      "\n",
                                      "z,2020-02-30,1\n",
                                      "z,2020-01-31,oops\n",
                                      "\"g\"h,2020-01-31,1\n",
                                      "z,2020-01-31,\n",
                                      "w,2020-01-31,1\r\n"};
    char *text = malloc(2 << 20), *at = text;
    srand(7);
    at += sprintf(at, "customer_id,date,amount\r\n");
    while (at < text + (700 << 10)) {
        int kind = rand() % 300;
        if (kind < 11)
            at += sprintf(at, "%s", odd[kind]);
        else
            at += sprintf(at, "c%d,2020-%02d-%02d,%d.%02d\n", rand() % 5000, rand() % 12 + 1,
                          rand() % 28 + 1, rand() % 1000, rand() % 100);
    }
    at += sprintf(at, "last,2020-01-01,1");
    *size = (size_t)(at - text);
    return text;
}

/* What the facts file of a reading holds. */
static char *facts_bytes(const struct facts *facts, size_t *size)
{
    char path[] = "/tmp/winnow-facts-XXXXXX";
    int file = mkstemp(path);
    assert_int_equal(facts_write(facts, path), 0);
    close(file);
    FILE *in = fopen(path, "rb");
    char *bytes = malloc(16 << 20);
    *size = fread(bytes, 1, 16 << 20, in);
    fclose(in);
    unlink(path);
    return bytes;
}

static int same_rows(struct reading *a, struct reading *b)
{
    size_t n, m;
    const struct spooled_row *x = spool_memory_rows(a->segment, &n);
    const struct spooled_row *y = spool_memory_rows(b->segment, &m);
    if (n != m)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (x[i].shard != y[i].shard || strcmp(x[i].id, y[i].id) != 0 || x[i].day != y[i].day ||
            x[i].amount != y[i].amount || x[i].order != y[i].order)
            return 0;
    return 1;
}

static void any_number_of_threads_finds_the_same(void **state)
{
    (void)state;
    struct reading one, other;
    size_t size, n, m;
    char *text = messy_ledger(&size);
    reading_begin(&one);
    reading_file(&one, text, size);
    assert_int_equal(reading_run(&one), 0);
    assert_true(facts_rejects(one.facts) > 300);
    char *want = facts_bytes(one.facts, &n);
    for (uint32_t threads = 0; threads < 5; threads++) {
        reading_begin(&other);
        reading_file(&other, text, size);
        other.threads = threads;
        assert_int_equal(reading_run(&other), 0);
        char *got = facts_bytes(other.facts, &m);
        assert_int_equal(n, m);
        assert_memory_equal(got, want, n);
        assert_true(same_rows(&one, &other));
        assert_int_equal(spool_memory_open_pens(other.segment), 0);
        free(got);
        reading_end(&other);
    }
    reading_end(&one);
    free(want);
    free(text);
}

static void every_row_is_one_thing(void **state)
{
    (void)state;
    struct reading reading;
    size_t size, n;
    char *text = messy_ledger(&size);
    reading_begin(&reading);
    reading_file(&reading, text, size);
    reading.threads = 2;
    assert_int_equal(reading_run(&reading), 0);
    const struct facts *facts = reading.facts;
    (void)spool_memory_rows(reading.segment, &n);
    assert_int_equal(facts->accepted, n);
    assert_int_equal(facts->rows_in,
                     facts->accepted + facts->anonymous.rows + facts_rejects(facts));
    assert_int_equal(facts->raw_bytes, size);
    uint64_t days = 0;
    for (int32_t day = reading_day("2020-01-01"); day <= reading_day("2020-12-31"); day++)
        days += calendar_count(&facts->days, day);
    assert_int_equal(days, facts->accepted);
    reading_end(&reading);
    free(text);
}

static void assert_lines_and_offsets(const char *text, size_t size)
{
    struct reading reading;
    reading_begin(&reading);
    reading_file(&reading, text, size);
    reading.threads = 3;
    assert_int_equal(reading_run(&reading), 0);
    uint64_t line = 1, at = 0;
    for (size_t i = 0; i < rejects_size(reading.facts->rejects); i++) {
        struct reject reject = rejects_at(reading.facts->rejects, i);
        for (; at < reject.offset; at++)
            line += text[at] == '\n';
        assert_int_equal(reject.line, line);
        assert_memory_equal(text + reject.offset, reject.raw.data, reject.raw.size);
    }
    reading_end(&reading);
}

static void lines_and_offsets_of_rejects_are_those_of_the_file(void **state)
{
    (void)state;
    size_t size;
    char *text = messy_ledger(&size);
    assert_lines_and_offsets(text, size);
    for (size_t i = 0; i < size; i++) /* without a quote, chunks are read otherwise */
        text[i] = text[i] == '"' ? 'q' : text[i];
    assert_lines_and_offsets(text, size);
    free(text);
}

static void the_first_ten_thousand_rejects_are_kept(void **state)
{
    (void)state;
    struct reading reading;
    char *text = malloc(3 << 20), *at = text;
    at += sprintf(at, "customer_id,date\nx,2020-01-31\n");
    for (int i = 0; i < 60000; i++)
        at += sprintf(at, "c%d,2020-01-31%s\n", i, i % 2 ? "" : ",");
    reading_begin(&reading);
    reading_text(&reading, text);
    reading.threads = 3;
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->rejected[REJECT_WRONG_FIELD_COUNT], 30000);
    assert_int_equal(rejects_size(reading.facts->rejects), REJECTS_KEPT);
    for (size_t i = 0; i < REJECTS_KEPT; i++)
        assert_int_equal(rejects_at(reading.facts->rejects, i).line, 3 + 2 * i);
    reading_end(&reading);
    free(text);
}

static void a_stray_quote_costs_its_line_only(void **state)
{
    (void)state;
    struct reading reading;
    char *text = malloc(6 << 20), *at = text;
    at += sprintf(at, "customer_id,date\n");
    for (int i = 0; i < 200000; i++)
        at += sprintf(at, "%sc%d,2020-01-31\n", i == 777 ? "\"" : "", i);
    reading_begin(&reading);
    reading_text(&reading, text);
    reading.threads = 2;
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->rejected[REJECT_UNCLOSED_QUOTE], 1);
    assert_int_equal(rejects_at(reading.facts->rejects, 0).line, 779);
    assert_int_equal(reading.facts->accepted, 199999);
    reading_end(&reading);
    free(text);
}

static void a_line_of_more_than_a_megabyte_is_one_reject(const char *quoted)
{
    struct reading reading;
    char *text = malloc(6 << 20), *at = text;
    at += sprintf(at, "customer_id,date\nx,2020-01-31\n%s,", quoted);
    memset(at, 'y', 3 << 20);
    at += 3 << 20;
    at += sprintf(at, "\nz,2020-01-31\n");
    reading_begin(&reading);
    reading_text(&reading, text);
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(reading.facts->rejected[REJECT_TOO_LONG], 1);
    assert_int_equal(reading.facts->accepted, 2);
    assert_int_equal(rejects_at(reading.facts->rejects, 0).line, 3);
    assert_int_equal(reading.facts->lines, 4);
    reading_end(&reading);
    free(text);
}

static void long_lines_are_rejects_with_quotes_and_without(void **state)
{
    (void)state;
    a_line_of_more_than_a_megabyte_is_one_reject("q");
    a_line_of_more_than_a_megabyte_is_one_reject("\"q\"");
}

/* Orders of columns: the one that is last may end with a CR, the one that is first has nothing
 * before it. */
enum layout { AMOUNT_IN_THE_MIDDLE, AMOUNT_FIRST, AMOUNT_LAST, LAYOUTS };

/* Fields with quotes around them or not. */
static char *write_fields(char *at, enum layout layout, const char *quote,
                          const char *const field[4])
{
    static const int order[LAYOUTS][4] = {{0, 1, 2, 3}, {2, 1, 3, 0}, {3, 0, 1, 2}};
    for (int i = 0; i < 4; i++)
        at += sprintf(at, "%s%s%s%s", i ? "," : "", quote, field[order[layout][i]], quote);
    return at;
}

/* One random row of a ledger, without its line end; most are out of the ordinary. */
static char *write_row(char *at, enum layout layout, const char *quote)
{
    static const char *const ids[] = {"a",
                                      "0123456789abcdef",
                                      "0123456789abcdefg",
                                      "\u00e9t\u00e9",
                                      "\xff",
                                      "",
                                      " ",
                                      "\\N",
                                      "x y",
                                      "12345678",
                                      "123456789",
                                      "2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d",
                                      "an id of 48 bytes: as many as are copied at once",
                                      "an id of 49 bytes: one more than are copied so:\u00e9"};
    static const char *const dates[] = {"2020-01-31",
                                        "2020-02-29",
                                        "2019-02-29",
                                        "2023-12-31",
                                        "2024-01-02",
                                        "2020-1-5",
                                        "2020-01-31 10:00",
                                        "",
                                        "soon",
                                        "2020-01-31 23:59:59",
                                        "2020-01-31T24:00:00",
                                        "2020-01-31T10:00:60"};
    static const char *const amounts[] = {
        "12.50",     "-12.50",  "-0",       ".5",    "5.",  "12345678", "123456789",
        "1234567.8", "0.12345", "99999.99", "1.2.3", "-",   "$5",       "1e3",
        "",          "1 5",     "12345.67", "+7",    "(3)", "0.0001"};
    char order[8];
    snprintf(order, sizeof order, "o%d", rand() % 9);
    const char *const field[] = {rand() % 2 ? ids[rand() % 14] : "c77",
                                 rand() % 2 ? dates[rand() % 12] : "2021-05-07",
                                 rand() % 4 ? amounts[rand() % 20] : "3.99", order};
    return write_fields(at, layout, quote, field);
}

/* Ordinary rows, as many as it comes. */
static char *write_ordinary_rows(char *at, enum layout layout, const char *quote)
{
    char id[16], date[16], amount[16];
    const char *const field[] = {id, date, amount, "o"};
    int decimals = rand() % 5;
    for (int n = rand() % 100; n > 0; n--) {
        sprintf(id, "%d", rand() >> rand() % 30);
        sprintf(date, "2020-0%d-1%d", rand() % 9 + 1, rand() % 3);
        sprintf(amount, "%.*f", decimals, (rand() % 20000 - 5000) / 100.0);
        at = write_fields(at, layout, quote, field);
        at += sprintf(at, "\n");
    }
    return at;
}

static void read_rows_with(const char *quote, enum layout layout, struct reading *reading)
{
    static const char *const names[] = {"customer_id", "date", "amount", "order_id"};
    static const char *const boring[] = {"c", "2020-01-31", "1.5", "o"};
    char *text = malloc(16 << 20);
    char *at = write_fields(text, layout, "", names);
    at += sprintf(at, "\n");
    for (int i = 0; i < 300; i++) {
        at = write_fields(at, layout, "", boring);
        at += sprintf(at, "\n");
    }
    srand(11);
    for (int i = 0; i < 7000; i++) {
        at = write_row(at, layout, quote);
        at += sprintf(at, "%s", rand() % 3 ? "\n" : "\r\n");
        if (i % 16 == 0)
            at = write_ordinary_rows(at, layout, quote);
    }
    reading_begin(reading);
    reading_file(reading, text, (size_t)(at - text));
    reading->threads = 2;
    if (reading_run(reading))
        fail_msg("said: %s", reading->words.text);
    free(text);
}

static void assert_quotes_change_nothing(enum layout layout)
{
    struct reading bare, quoted;
    read_rows_with("", layout, &bare);
    read_rows_with("\"", layout, &quoted);
    assert_true(bare.facts->accepted > 1000);
    assert_true(same_rows(&bare, &quoted));
    assert_int_equal(bare.facts->rows_in, quoted.facts->rows_in);
    assert_int_equal(bare.facts->rounded, quoted.facts->rounded);
    assert_int_equal(bare.facts->decimals, quoted.facts->decimals);
    assert_int_equal(bare.facts->anonymous.amount, quoted.facts->anonymous.amount);
    assert_memory_equal(bare.facts->rejected, quoted.facts->rejected, sizeof bare.facts->rejected);
    for (int32_t day = reading_day("2019-01-01"); day < bare.today + 5; day++)
        assert_int_equal(calendar_count(&bare.facts->days, day),
                         calendar_count(&quoted.facts->days, day));
    reading_end(&bare);
    reading_end(&quoted);
}

static void quoting_every_field_changes_nothing(void **state)
{
    (void)state;
    for (int layout = 0; layout < LAYOUTS; layout++)
        assert_quotes_change_nothing((enum layout)layout);
}

static struct partition_order order_of(struct reading *reading)
{
    return (struct partition_order){.survey = reading->survey,
                                    .segment = reading->segment,
                                    .shards = reading->shards,
                                    .threads = reading->threads,
                                    .rejects_limit = -1};
}

static int wait_for(struct partition *partition)
{
    int r;
    do
        r = partition_poll(partition);
    while (r == PARTITION_E_BUSY && !sched_yield());
    return r;
}

static struct facts *read_stretch(const struct partition_order *order)
{
    struct partition *partition = NULL;
    struct facts *facts = NULL;
    assert_int_equal(partition_start(order, &partition), 0);
    assert_int_equal(wait_for(partition), 0);
    assert_int_equal(partition_facts(partition, &facts), 0);
    partition_stop(&partition);
    return facts;
}

static void what_was_appended_is_read_alone(void **state)
{
    (void)state;
    static const char old[] = "customer_id,date\nx,2020-01-31\ny,2020-01-31\n";
    static const char grown[] = "customer_id,date\nx,2020-01-31\ny,2020-01-31\nz,2020-01-32\n"
                                "w,2020-02-01\n";
    struct reading reading;
    reading_begin(&reading);
    reading_text(&reading, grown);
    reading.segment = spool_memory_new();
    assert_int_equal(reading_survey(&reading), 0);
    struct partition_order order = order_of(&reading);
    order.from = sizeof old - 1;
    order.lines = 3;
    struct facts *facts = read_stretch(&order);
    assert_int_equal(facts->rows_in, 2);
    assert_int_equal(facts->accepted, 1);
    assert_int_equal(facts->lines, 2);
    assert_int_equal(facts->ended_whole, 1);
    assert_int_equal(rejects_at(facts->rejects, 0).line, 4);
    assert_int_equal(rejects_at(facts->rejects, 0).offset, sizeof old - 1);
    struct digest digest;
    assert_int_equal(input_digest_of(reading.path[0], order.from, facts->raw_bytes, &digest), 0);
    assert_true(digest_same(digest, facts->digest));
    assert_int_equal(input_digest_of(reading.path[0], 0, sizeof grown, &digest), INPUT_E_SHORT);
    facts_destroy(&facts);
    reading_end(&reading);
}

static void a_stretch_that_ends_inside_a_row_says_so(void **state)
{
    (void)state;
    static const char *const texts[] = {"customer_id,date\nx,2020-01-31",
                                        "customer_id,date\nx,2020-01-31\n\"y,2020-01-31"};
    for (int i = 0; i < 2; i++) {
        struct reading reading;
        reading_begin(&reading);
        reading_text(&reading, texts[i]);
        assert_int_equal(reading_run(&reading), 0);
        assert_int_equal(reading.facts->ended_whole, 0);
        assert_int_equal(reading.facts->accepted, 1);
        assert_int_equal(reading.facts->lines, 2 + i);
        reading_end(&reading);
    }
}

static void too_many_rejects_stop_the_reading(void **state)
{
    (void)state;
    struct reading reading;
    struct partition *partition = NULL;
    struct facts *facts = NULL;
    char *text = malloc(16 << 20), *at = text;
    at += sprintf(at, "customer_id,date\n");
    for (int i = 0; i < 500000; i++)
        at += sprintf(at, "c%06d,%s\n", i, i % 3 ? "2020-01-31" : "x");
    reading_begin(&reading);
    reading_text(&reading, text);
    reading.segment = spool_memory_new();
    reading.threads = 2;
    assert_int_equal(reading_survey(&reading), 0);
    struct partition_order order = order_of(&reading);
    order.rejects_limit = 10;
    assert_int_equal(partition_start(&order, &partition), 0);
    assert_int_equal(wait_for(partition), PARTITION_E_REFUSED);
    assert_int_equal(partition_facts(partition, &facts), 0);
    assert_true(facts->rows_in < 400000);
    assert_true(facts->rejected[REJECT_BAD_DATE] > 10);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(rejects_at(facts->rejects, i).line, 2 + 3 * i);
    partition_stop(&partition);
    assert_int_equal(spool_memory_open_pens(reading.segment), 0);
    facts_destroy(&facts);
    reading_end(&reading);
    free(text);
}

static void a_pen_that_fails_ends_the_reading_with_its_status(void **state)
{
    (void)state;
    size_t size;
    char *text = messy_ledger(&size);
    for (uint32_t threads = 0; threads < 3; threads++) {
        struct reading reading;
        struct partition *partition = NULL;
        reading_begin(&reading);
        reading_file(&reading, text, size);
        reading.segment = spool_memory_new();
        reading.threads = threads;
        spool_memory_fail_at(reading.segment, 7);
        assert_int_equal(reading_survey(&reading), 0);
        struct partition_order order = order_of(&reading);
        assert_int_equal(partition_start(&order, &partition), 0);
        assert_int_equal(wait_for(partition), STATUS_IO);
        partition_stop(&partition);
        assert_int_equal(spool_memory_open_pens(reading.segment), 0);
        reading_end(&reading);
    }
    free(text);
}

static void a_partition_can_be_stopped_before_its_end(void **state)
{
    (void)state;
    size_t size;
    char *text = messy_ledger(&size);
    for (uint32_t threads = 0; threads < 3; threads++) {
        struct reading reading;
        struct partition *partition = NULL;
        reading_begin(&reading);
        reading_file(&reading, text, size);
        reading.segment = spool_memory_new();
        reading.threads = threads;
        assert_int_equal(reading_survey(&reading), 0);
        struct partition_order order = order_of(&reading);
        assert_int_equal(partition_start(&order, &partition), 0);
        (void)!partition_poll(partition);
        partition_stop(&partition);
        assert_null(partition);
        assert_int_equal(spool_memory_open_pens(reading.segment), 0);
        reading_end(&reading);
    }
    free(text);
}

static void a_silent_pipe_does_not_keep_the_reading(void **state)
{
    (void)state;
    int ends[2], saved = dup(STDIN_FILENO);
    struct reading reading;
    struct partition *partition = NULL;
    char *text = malloc(2 << 20);
    size_t n = (size_t)sprintf(text, "customer_id,date\n");
    while (n < (1 << 20) + 1000)
        n += (size_t)sprintf(text + n, "x,2020-01-31\n");
    assert_int_equal(pipe(ends), 0);
    pid_t writer = fork();
    if (writer == 0) {
        ssize_t written = write(ends[1], text, n);
        pause(); /* the pipe stays open, and silent */
        _exit(written != (ssize_t)n);
    }
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    reading_begin(&reading);
    reading.ledgers[0] = "-";
    reading.settings.n_ledgers = 1;
    reading.segment = spool_memory_new();
    reading.threads = 2;
    assert_int_equal(reading_survey(&reading), 0);
    struct partition_order order = order_of(&reading);
    assert_int_equal(partition_start(&order, &partition), 0);
    assert_int_equal(partition_poll(partition), PARTITION_E_BUSY);
    partition_stop(&partition);
    assert_int_equal(spool_memory_open_pens(reading.segment), 0);
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    dup2(saved, STDIN_FILENO);
    close(saved);
    reading_end(&reading);
    free(text);
}

static void without_threads_a_call_reads_a_chunk(void **state)
{
    (void)state;
    struct reading reading;
    struct partition *partition = NULL;
    size_t size;
    char *text = messy_ledger(&size);
    reading_begin(&reading);
    reading_file(&reading, text, size);
    reading.segment = spool_memory_new();
    reading.threads = 0;
    assert_int_equal(reading_survey(&reading), 0);
    struct partition_order order = order_of(&reading);
    assert_int_equal(partition_start(&order, &partition), 0);
    uint64_t before = 0;
    int calls = 0;
    while (partition_poll(partition) == PARTITION_E_BUSY) {
        struct partition_progress progress = partition_progress(partition);
        assert_true(progress.rows > before || progress.raw_bytes == size);
        before = progress.rows;
        calls++;
    }
    assert_in_range(calls, 2, 10);
    partition_stop(&partition);
    reading_end(&reading);
    free(text);
}

static void several_files_are_one_ledger(void **state)
{
    (void)state;
    struct reading reading;
    size_t n;
    reading_begin(&reading);
    reading_text(&reading, "customer_id,date,amount\nx,2020-01-31,1.5\ny,soon,1\n");
    reading_text(&reading, "amount;customer_id;date\r\n2;z;2020-01-31\r\n2;z;later\r\n");
    assert_int_equal(reading_run(&reading), 0);
    const struct spooled_row *rows = spool_memory_rows(reading.segment, &n);
    assert_int_equal(n, 2);
    assert_string_equal(rows[1].id, "z");
    assert_int_equal(rejects_at(reading.facts->rejects, 0).input, 0);
    assert_int_equal(rejects_at(reading.facts->rejects, 1).input, 1);
    assert_int_equal(rejects_at(reading.facts->rejects, 1).line, 3);
    reading_end(&reading);
}

static void the_shards_do_not_change_the_rows(void **state)
{
    (void)state;
    struct reading one, other;
    size_t size, n, m;
    char *text = messy_ledger(&size);
    reading_begin(&one);
    reading_file(&one, text, size);
    one.shards = 1;
    assert_int_equal(reading_run(&one), 0);
    const struct spooled_row *x = spool_memory_rows(one.segment, &n);
    for (uint32_t shards = 64; shards <= 4096; shards *= 64) {
        reading_begin(&other);
        reading_file(&other, text, size);
        other.shards = shards;
        assert_int_equal(reading_run(&other), 0);
        const struct spooled_row *y = spool_memory_rows(other.segment, &m);
        assert_int_equal(n, m);
        for (size_t i = 0; i < n; i++) {
            assert_string_equal(x[i].id, y[i].id);
            assert_int_equal(x[i].amount, y[i].amount);
            assert_int_equal(y[i].shard, hash_shard(hash_customer(y[i].id, y[i].id_size), shards));
        }
        reading_end(&other);
    }
    reading_end(&one);
    free(text);
}

static void a_long_id_passes_a_small_bin(void **state)
{
    (void)state;
    struct reading reading;
    char text[8000], *at = text;
    size_t n;
    at += sprintf(at, "customer_id,date\n");
    for (int i = 0; i < 6; i++) {
        memset(at, 'a' + i, 1000);
        at += 1000;
        at += sprintf(at, ",2020-01-31\n");
    }
    reading_begin(&reading);
    reading_text(&reading, text);
    reading.shards = 65536;
    assert_int_equal(reading_run(&reading), 0);
    assert_int_equal(spool_memory_rows(reading.segment, &n)[5].id_size, 1000);
    assert_int_equal(n, 6);
    reading_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_finds_the_same),
        cmocka_unit_test(every_row_is_one_thing),
        cmocka_unit_test(lines_and_offsets_of_rejects_are_those_of_the_file),
        cmocka_unit_test(the_first_ten_thousand_rejects_are_kept),
        cmocka_unit_test(a_stray_quote_costs_its_line_only),
        cmocka_unit_test(long_lines_are_rejects_with_quotes_and_without),
        cmocka_unit_test(quoting_every_field_changes_nothing),
        cmocka_unit_test(what_was_appended_is_read_alone),
        cmocka_unit_test(a_stretch_that_ends_inside_a_row_says_so),
        cmocka_unit_test(too_many_rejects_stop_the_reading),
        cmocka_unit_test(a_pen_that_fails_ends_the_reading_with_its_status),
        cmocka_unit_test(a_partition_can_be_stopped_before_its_end),
        cmocka_unit_test(a_silent_pipe_does_not_keep_the_reading),
        cmocka_unit_test(without_threads_a_call_reads_a_chunk),
        cmocka_unit_test(several_files_are_one_ledger),
        cmocka_unit_test(the_shards_do_not_change_the_rows),
        cmocka_unit_test(a_long_id_passes_a_small_bin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
