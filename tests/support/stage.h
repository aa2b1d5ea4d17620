/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_STAGE_H
#define SUPPORT_STAGE_H

#include <stddef.h>
#include <stdint.h>

#include "ventilator/timing.h"

/* The whole cast in one process: a ventilator, workers and a sink on lines of one switchboard, with
 * stores in memory and a clock wound by hand. Whose turn it is, how long nothing happens, and what
 * befalls letters is drawn from a seed, so a failure is a seed. One stage at a time. */

#define STAGE_WORKERS 12 /* that ever come */
#define STAGE_LEDGERS 4

struct stage;

struct stage_order {
    const char *ledger[STAGE_LEDGERS]; /* paths; NULL ends them */
    uint32_t shards;
    size_t workers; /* at the beginning */
    uint64_t seed;
    /* Of a thousand letters, how many are lost, come twice, or are not heard at this look. DATA is
     * neither lost nor doubled while its connection lasts: a line promises that, and nobody would say
     * it again. */
    uint32_t lost, twice, late;
    uint32_t cut; /* of a thousand rounds, in how many a connection breaks, with all on its way */
    int64_t mishaps_ms; /* but for late letters, until then; 0: always */
    const char *out;    /* NULL: below the stage's own directory */
};

struct stage *stage_open(const struct stage_order *order);
void stage_close(struct stage **stage);

/* One round: some have their turn. Answers STAGE_E_OVER when the ventilator has left. Anybody's failure
 * fails the test, with the seed. */
enum { STAGE_E_OVER = 1 };
int stage_round(struct stage *stage);

/* Rounds until it is over; a job that is not over after ten minutes of the stage's clock hangs, which
 * fails the test. */
void stage_play(struct stage *stage);
/* Rounds until the sink has committed so many results of a stage, or it is over. */
void stage_play_until(struct stage *stage, uint32_t stage_number, uint32_t results);

/* Rounds until somebody has said a letter of this kind (enum letter_kind), or it is over. */
void stage_play_until_said(struct stage *stage, int kind);

/* Somebody dies: his line closes, what he held is lost. A worker who comes has an empty cache. */
void stage_lose_worker(struct stage *stage, size_t i);
size_t stage_add_worker(struct stage *stage);
size_t stage_workers(const struct stage *stage); /* who is there */
/* Another process on the store of the one before, or on an empty one. */
void stage_replace_sink(struct stage *stage);
void stage_replace_sink_and_store(struct stage *stage);
/* What is on its way between ventilator and sink is lost; they are connected anew. */
void stage_cut_ventilator(struct stage *stage);
/* Whether the sink is still there. */
int stage_has_sink(const struct stage *stage);
int64_t stage_now_ms(const struct stage *stage);
uint64_t stage_letters(const struct stage *stage); /* sent by anybody so far */

/* A result, whole, with a NUL behind it; NULL: there is none. The caller frees it. */
char *stage_result(const struct stage *stage, const char *name, size_t *size);

/* A made-up ledger in the stage's own memory: customers, rows with refunds, odd ids, anonymous rows
 * and a few rejects, the same for the same seed. Rows are dealt out to n files below a scratch
 * directory, in the order of `shuffle` (0: by date). */
struct stage_ledger {
    char directory[64];
    char path[STAGE_LEDGERS][96];
    size_t n;
};
struct stage_ledger stage_ledger_make(size_t rows, size_t n_files, uint64_t shuffle);
void stage_ledger_remove(struct stage_ledger *ledger);

#endif
