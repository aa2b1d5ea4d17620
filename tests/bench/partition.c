/* SPDX-License-Identifier: Apache-2.0 */
/* bench_partition LEDGER [THREADS [SHARDS [ROUNDS]]]: reads a ledger into a spool under $TMPDIR, as a
 * ventilator does; prints nanoseconds a row, rows a second, bytes a second and processor
 * time in the program and in the system, for each round. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "ventilator/partition.h"
#include "ventilator/survey.h"

/* Processor time, nanoseconds. */
struct used {
    int64_t user;
    int64_t system;
};

static int64_t nanoseconds(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_usec * 1000;
}

static struct used used_now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct used){nanoseconds(usage.ru_utime), nanoseconds(usage.ru_stime)};
}

static void nap(void)
{
    const struct timespec a_moment = {0, 200000};
    nanosleep(&a_moment, NULL);
}

/* One reading; answers its microseconds. */
static int64_t read_once(const struct partition_order *order, struct facts **facts)
{
    struct partition *partition = NULL;
    int64_t begun = clock_monotonic_us();
    int r = partition_start(order, &partition);
    while (!r && (r = partition_poll(partition)) == PARTITION_E_BUSY) {
        if (order->threads)
            nap();
        r = 0;
    }
    int64_t took = clock_monotonic_us() - begun;
    if (!r)
        r = partition_facts(partition, facts);
    partition_stop(&partition);
    return r ? -1 : took;
}

static uint32_t number(int argc, char **argv, int i, uint32_t otherwise)
{
    return argc > i ? (uint32_t)strtoul(argv[i], NULL, 10) : otherwise;
}

static void print(const struct facts *facts, int64_t took, struct used used)
{
    double rows = (double)facts->rows_in, seconds = (double)took / 1e6;
    printf(
        "%.0f rows: %.1f ns a row, %.2f M rows/s, %.0f MB/s, processor %.1f + %.1f ns a row, %llu "
        "rejects\n",
        rows, (double)took * 1e3 / rows, rows / seconds / 1e6,
        (double)facts->raw_bytes / seconds / 1e6, (double)used.user / rows,
        (double)used.system / rows, (unsigned long long)facts_rejects(facts));
}

static int bench(struct spool *spool, struct partition_order *order)
{
    struct facts *facts = NULL;
    struct used before = used_now();
    int r = spool_segment_new(spool, &order->segment);
    int64_t took = r ? -1 : read_once(order, &facts);
    struct used now = used_now();
    spool_segment_close(&order->segment);
    if (took < 0)
        return 1;
    print(facts, took, (struct used){now.user - before.user, now.system - before.system});
    facts_destroy(&facts);
    return 0;
}

int main(int argc, char **argv)
{
    struct settings settings = settings_default();
    const char *const ledgers[] = {argc > 1 ? argv[1] : "-"};
    const char *temporary = getenv("TMPDIR");
    char directory[4096];
    struct survey *survey = NULL;
    struct spool *spool = NULL;
    settings.reading.ledgers = ledgers;
    settings.reading.n_ledgers = 1;
    const struct survey_order asked = {.settings = &settings.reading, .today = clock_today()};
    snprintf(directory, sizeof directory, "%s/winnow-bench-XXXXXX", temporary ? temporary : "/tmp");
    if (survey_open(&asked, &survey) || !mkdtemp(directory))
        return 1;
    struct partition_order order = {.survey = survey,
                                    .shards = number(argc, argv, 3, 256),
                                    .threads = number(argc, argv, 2, 2),
                                    .rejects_limit = -1};
    int r = spool_open(directory, order.shards, &spool);
    for (uint32_t i = 0; i < number(argc, argv, 4, 5) && !r; i++)
        r = bench(spool, &order);
    if (spool)
        spool_close(&spool);
    rmdir(directory);
    survey_close(&survey);
    return r != 0;
}
