/* SPDX-License-Identifier: Apache-2.0 */
#include "support/stage_ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/assert.h"
#include "support/chance.h"

#define ROW_BYTES 96

/* Customers come one after another, each stays for a stretch of his own, from a day to all of it. */
static unsigned draw_customer(struct chance *chance, size_t i, size_t rows)
{
    for (;;) {
        double come = (double)(rows / 4), newest = come * (double)i / (double)rows + 1;
        unsigned who = (unsigned)chance_below(chance, (uint64_t)newest + 1);
        double stays = (double)(who * 7919U % 97) / 97, since = (newest - who) / come;
        if (since < stays * stays * stays)
            return who;
    }
}

static void make_row(struct chance *chance, size_t i, size_t rows, char row[ROW_BYTES])
{
    static const char *const odd[] = {"", "\"a, \"\"quoted\"\" one\"", "caf\xc3\xa9",
                                      "\"two\nlines\""};
    uint64_t kind = chance_below(chance, 200);
    int day = (int)(i * 700 / rows), cents = (int)chance_below(chance, 20000) + 1;
    char id[32], order[16] = "";
    snprintf(id, sizeof id, "c%05u", draw_customer(chance, i, rows));
    if (chance_below(chance, 2))
        snprintf(order, sizeof order, "o%u", (unsigned)chance_below(chance, 100));
    snprintf(row, ROW_BYTES, "%s,%04d-%02d-%02d,%s%d.%02d,%s\n", kind < 4 ? odd[kind] : id,
             2018 + day / 360, day % 360 / 30 + 1, kind == 150 ? 31 : day % 30 % 28 + 1,
             kind > 190 ? "-" : "", cents / 100, cents % 100, order);
}

static void shuffle_rows(char (*row)[ROW_BYTES], size_t n, uint64_t seed)
{
    struct chance chance = {seed};
    for (size_t i = n; seed && i > 1; i--) {
        size_t k = (size_t)chance_below(&chance, i);
        char kept[ROW_BYTES];
        memcpy(kept, row[i - 1], ROW_BYTES);
        memcpy(row[i - 1], row[k], ROW_BYTES);
        memcpy(row[k], kept, ROW_BYTES);
    }
}

struct stage_ledger stage_ledger_make(size_t rows, size_t n_files, uint64_t shuffle)
{
    struct stage_ledger ledger = {.directory = "/tmp/winnow-ledger-XXXXXX", .n = n_files};
    struct chance chance = {7};
    char(*row)[ROW_BYTES] = malloc(rows * sizeof *row);
    assert_non_null(row);
    assert_non_null(mkdtemp(ledger.directory));
    for (size_t i = 0; i < rows; i++)
        make_row(&chance, i, rows, row[i]);
    shuffle_rows(row, rows, shuffle);
    for (size_t f = 0; f < n_files; f++) {
        snprintf(ledger.path[f], sizeof ledger.path[f], "%s/ledger-%zu.csv", ledger.directory, f);
        FILE *file = fopen(ledger.path[f], "wb");
        assert_non_null(file);
        fputs("customer_id,date,amount,order_id\n", file);
        for (size_t i = f; i < rows; i += n_files)
            fputs(row[i], file);
        assert_int_equal(fclose(file), 0);
    }
    free(row);
    return ledger;
}

void stage_ledger_remove(struct stage_ledger *ledger)
{
    for (size_t f = 0; f < ledger->n; f++)
        unlink(ledger->path[f]);
    rmdir(ledger->directory);
}

char *stage_text(const char *path, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &info) != 0) {
        if (file)
            fclose(file);
        return NULL;
    }
    char *text = malloc((size_t)info.st_size + 1);
    assert_non_null(text);
    *size = fread(text, 1, (size_t)info.st_size, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}
