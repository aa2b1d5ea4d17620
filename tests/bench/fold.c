/* SPDX-License-Identifier: Apache-2.0 */
/* bench_fold [rounds]: nanoseconds a row to make the histories of one shard as the generator's ledgers
 * have them (40,000 rows, 4,000 customers), in the order of their days and in none, and what it costs
 * to keep them: writing, reading and merging blocks. The median of so many rounds (default 101). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "support/chance.h"
#include "worker/block.h"
#include "worker/fold.h"

#define CUSTOMERS 4000
#define ROWS      40000
#define CHUNK     4096
#define ID        8

struct rows {
    char ids[ROWS * ID];
    uint16_t id_length[ROWS];
    int32_t day[ROWS];
    int64_t amount[ROWS];
    uint64_t order[ROWS];
};

enum kind { BY_DAY, SHUFFLED, WITH_ORDERS };

static int rising(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

static void draw(struct rows *rows, enum kind kind)
{
    struct chance chance = {1};
    for (size_t i = 0; i < ROWS; i++) {
        char id[32];
        uint64_t customer = chance_below(&chance, CUSTOMERS) * UINT64_C(7919) + 10000000;
        snprintf(id, sizeof id, "%08llu", (unsigned long long)customer);
        memcpy(rows->ids + i * ID, id, ID);
        rows->id_length[i] = ID;
        rows->day[i] = 19358 + (int32_t)chance_below(&chance, 730);
        rows->amount[i] = (int64_t)chance_below(&chance, 20000) * 100;
        if (chance_below(&chance, 50) == 0)
            rows->amount[i] = -rows->amount[i];
        rows->order[i] = chance_next(&chance);
    }
    if (kind != SHUFFLED)
        qsort(rows->day, ROWS, sizeof *rows->day, rising);
}

static int fold_all(struct fold *fold, const struct rows *rows, enum kind kind,
                    const struct histories **histories)
{
    int r = 0;
    fold_begin(fold);
    for (size_t from = 0; r == 0 && from < ROWS; from += CHUNK) {
        const struct purchase_rows chunk = {
            .n = ROWS - from < CHUNK ? ROWS - from : CHUNK,
            .ids = rows->ids + from * ID,
            .id_length = rows->id_length + from,
            .day = rows->day + from,
            .amount = rows->amount + from,
            .order = kind == WITH_ORDERS ? rows->order + from : NULL,
        };
        r = fold_rows(fold, &chunk);
    }
    return r == 0 ? fold_end(fold, histories) : r;
}

struct timed {
    int64_t us[1001];
    int n;
    int64_t start;
};

static void begin(struct timed *timed)
{
    timed->start = clock_monotonic_us();
}

static void end(struct timed *timed)
{
    timed->us[timed->n++] = clock_monotonic_us() - timed->start;
}

static int shorter(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print(const char *words, struct timed *timed)
{
    qsort(timed->us, (size_t)timed->n, sizeof timed->us[0], shorter);
    printf("%-24s %6.2f ns a row, at best %.2f\n", words,
           (double)timed->us[timed->n / 2] * 1000 / ROWS, (double)timed->us[0] * 1000 / ROWS);
}

static int measure_fold(const char *words, enum kind kind, int rounds)
{
    static struct rows rows;
    struct timed timed = {.n = 0};
    const struct histories *histories;
    struct fold *fold;
    draw(&rows, kind);
    int r = fold_new(FOLD_PENDING, &fold);
    for (int i = 0; r == 0 && i < rounds; i++) {
        begin(&timed);
        r = fold_all(fold, &rows, kind, &histories);
        end(&timed);
    }
    if (r == 0)
        print(words, &timed);
    fold_destroy(&fold);
    return r;
}

static int measure_block(int rounds)
{
    static struct rows rows;
    struct timed write = {.n = 0}, read = {.n = 0}, merge = {.n = 0};
    const struct histories *histories;
    struct histories again = {0}, both = {0};
    struct slice bytes = {NULL, 0};
    struct fold *fold;
    uint32_t culprit;
    draw(&rows, SHUFFLED);
    int r = fold_new(FOLD_PENDING, &fold);
    if (r == 0)
        r = fold_all(fold, &rows, SHUFFLED, &histories);
    for (int i = 0; r == 0 && i < rounds; i++) {
        free((void *)(uintptr_t)bytes.data);
        begin(&write);
        r = block_write(histories, NULL, 0, &bytes);
        end(&write);
        begin(&read);
        r = r == 0 ? block_read(bytes, BLOCK_WITH_HASHES, &again) : r;
        end(&read);
        begin(&merge);
        r = r == 0 ? histories_merge(histories, &again, &both, &culprit) : r;
        end(&merge);
    }
    if (r == 0) {
        print("block written", &write);
        print("block read, with hashes", &read);
        print("merged with as many", &merge);
        printf("%-24s %6.2f bytes a row\n", "block", (double)bytes.size / ROWS);
    }
    free((void *)(uintptr_t)bytes.data);
    histories_free(&again);
    histories_free(&both);
    fold_destroy(&fold);
    return r;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 101;
    rounds = rounds < 1 ? 1 : rounds > 1001 ? 1001 : rounds;
    return measure_fold("folded, by day", BY_DAY, rounds) ||
           measure_fold("folded, in no order", SHUFFLED, rounds) ||
           measure_fold("folded, with orders", WITH_ORDERS, rounds) || measure_block(rounds);
}
