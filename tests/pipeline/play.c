/* SPDX-License-Identifier: Apache-2.0 */
/* Plays one job on the stage and leaves its results, for scripts that hold the real program's against
 * them: play OUT WORKERS SHARDS SEED LEDGER..., or play --ledger ROWS FILES SHUFFLE to be given a ledger
 * to play with, whose directory is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stage.h"

static int make_ledger(char **words)
{
    struct stage_ledger ledger =
        stage_ledger_make((size_t)atoi(words[0]), (size_t)atoi(words[1]), (uint64_t)atoi(words[2]));
    puts(ledger.directory);
    return 0;
}

static int play(int n, char **words)
{
    struct stage_order order = {.out = words[0],
                                .workers = (size_t)atoi(words[1]),
                                .shards = (uint32_t)atoi(words[2]),
                                .seed = (uint64_t)atoi(words[3])};
    for (int i = 4; i < n && i - 4 < STAGE_LEDGERS; i++)
        order.ledger[i - 4] = words[i];
    struct stage *stage = stage_open(&order);
    stage_play(stage);
    stage_close(&stage);
    return 0;
}

static int write_letters(const char *directory)
{
    struct transcript transcript;
    struct stage_ledger ledger = stage_ledger_make(40, 1, 0);
    struct stage_order order = {.ledger = {ledger.path[0]},
                                .workers = 2,
                                .shards = 2,
                                .seed = 1,
                                .modelless = 1,
                                .transcript = &transcript};
    if (transcript_open(&transcript, directory) != 0)
        return 1;
    struct stage *stage = stage_open(&order);
    stage_play(stage);
    stage_close(&stage);
    transcript_close(&transcript);
    stage_ledger_remove(&ledger);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--ledger") == 0)
        return make_ledger(argv + 2);
    if (argc == 3 && strcmp(argv[1], "--letters") == 0)
        return write_letters(argv[2]);
    if (argc > 5)
        return play(argc - 1, argv + 1);
    fputs("play OUT WORKERS SHARDS SEED LEDGER...\nplay --ledger ROWS FILES SHUFFLE\n"
          "play --letters DIR\n",
          stderr);
    return 2;
}
