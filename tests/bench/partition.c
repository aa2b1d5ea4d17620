/* SPDX-License-Identifier: Apache-2.0 */
/* bench_partition LEDGER [THREADS [SHARDS [ROUNDS]]]: reads a ledger into a pen that drops what it
 * is given; prints nanoseconds a row, rows a second and bytes a second of the best round. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "ventilator/partition.h"
#include "ventilator/survey.h"

struct spool_pen {
    uint64_t rows;
};

int spool_pen_open(struct spool_segment *segment, struct spool_pen **pen)
{
    (void)segment;
    *pen = calloc(1, sizeof **pen);
    return *pen ? 0 : STATUS_BUG;
}

int spool_pen_rows(struct spool_pen *pen, uint32_t shard, const struct purchase_rows *rows)
{
    (void)shard;
    pen->rows += rows->n;
    return 0;
}

int spool_pen_close(struct spool_pen **pen)
{
    free(*pen);
    *pen = NULL;
    return 0;
}

static void nap(void)
{
    const struct timespec a_moment = {0, 200000};
    nanosleep(&a_moment, NULL);
}

/* One reading; answers its microseconds. */
static int64_t read_once(struct survey *survey, uint32_t threads, uint32_t shards,
                         struct facts **facts)
{
    const struct partition_order order = {
        .survey = survey, .shards = shards, .threads = threads, .rejects_limit = -1};
    struct partition *partition = NULL;
    int64_t begun = clock_monotonic_us();
    int r = partition_start(&order, &partition);
    while (!r && (r = partition_poll(partition)) == PARTITION_E_BUSY) {
        if (threads)
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

static void print(const struct facts *facts, int64_t took, int64_t cpu)
{
    double rows = (double)facts->rows_in, seconds = (double)took / 1e6;
    printf("%.0f rows: %.1f ns a row, %.2f M rows/s, %.0f MB/s, %.1f cpu ns a row, %llu rejects\n",
           rows, (double)took * 1e3 / rows, rows / seconds / 1e6,
           (double)facts->raw_bytes / seconds / 1e6, (double)cpu / rows,
           (unsigned long long)facts_rejects(facts));
}

static int64_t cpu_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int main(int argc, char **argv)
{
    struct settings settings = settings_default();
    const char *const ledgers[] = {argc > 1 ? argv[1] : "-"};
    struct survey *survey = NULL;
    settings.reading.ledgers = ledgers;
    settings.reading.n_ledgers = 1;
    const struct survey_order order = {.settings = &settings.reading, .today = clock_today()};
    if (survey_open(&order, &survey))
        return 1;
    uint32_t rounds = number(argc, argv, 4, 5);
    for (uint32_t i = 0; i < rounds; i++) {
        struct facts *facts = NULL;
        int64_t cpu = cpu_now();
        int64_t took =
            read_once(survey, number(argc, argv, 2, 2), number(argc, argv, 3, 256), &facts);
        if (took < 0)
            return 1;
        print(facts, took, cpu_now() - cpu);
        facts_destroy(&facts);
    }
    survey_close(&survey);
    return 0;
}
