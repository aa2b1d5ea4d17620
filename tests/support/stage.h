/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_STAGE_H
#define SUPPORT_STAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/settings.h"
#include "support/stage_ledger.h"
#include "support/transcript.h"
#include "ventilator/timing.h"

/* The whole cast in one process: a ventilator, workers and a sink on lines of one switchboard, with
 * stores in memory and a clock wound by hand. Whose turn it is, how long nothing happens, and what
 * befalls letters is drawn from a seed, so a failure is a seed. One stage at a time. */

#define STAGE_WORKERS 12 /* that ever come */

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
    int64_t mishaps_ms;               /* but for late letters, until then; 0: always */
    int64_t longest_ms;               /* a job that is not over then hangs; 0: ten minutes */
    const char *out;                  /* NULL: below the stage's own directory */
    void (*flags)(struct settings *); /* changes the settings; NULL: they are the defaults */
    int modelless; /* no churn model is fitted, which is most of the time of a small job */
    int lenient;   /* what goes wrong is kept for stage_broken, and ends the play */
    struct transcript *transcript; /* what is said goes there too; NULL: nowhere */
    int tells;                     /* says on stderr what happens */
};

/* Who is who, for all that takes a number. */
enum { STAGE_VENTILATOR, STAGE_SINK, STAGE_WORKER /* and the others after the first */ };

struct stage *stage_open(const struct stage_order *order);
void stage_close(struct stage **stage);

/* One round: some have their turn. Answers STAGE_E_OVER when the ventilator has left. Anybody's failure
 * fails the test, with the seed. */
enum { STAGE_E_OVER = 1 };
int stage_round(struct stage *stage);

/* Rounds until it is over; a job that is not over in time hangs, which fails the test, as does whatever
 * a referee (support/referee.h) objects to. */
void stage_play(struct stage *stage);
/* What went wrong first, or NULL. */
const char *stage_broken(const struct stage *stage);
/* After a job that is over, another with these flags, by new processes on what was left behind, in as much time. */
void stage_encore(struct stage *stage, void (*flags)(struct settings *));
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
/* Somebody dies between two deeds (doubles/mortal.h): the deed after so many more is not seen, or, torn, seen
 * without him knowing. Another comes in his place within 400 ms, on what he left behind. */
void stage_doom(struct stage *stage, size_t number, uint64_t deeds, int torn);
uint64_t stage_deeds(const struct stage *stage, size_t number); /* of this life */
/* A worker's machine loses its power, and its cache the last transactions; he is back at once. */
void stage_power_cut(struct stage *stage, size_t i, size_t transactions);
/* Somebody has no turn until then: SIGSTOP. */
void stage_pause(struct stage *stage, size_t number, int64_t until_ms);
/* Nothing gets through between the two until then; it waits, and is late. */
void stage_block(struct stage *stage, size_t a, size_t b, int64_t until_ms);
/* What is on its way behind a gate (0: with the ventilator, 1: with the sink) is lost; they are connected
 * anew. */
void stage_cut(struct stage *stage, size_t number, uint32_t gate);
/* The disk of the sink's store is full, or has room again. */
void stage_fill_disk(struct stage *stage, int full);
int stage_has(const struct stage *stage, size_t number);
uint64_t stage_said(const struct stage *stage, int kind); /* letters of a kind, by anybody */
int64_t stage_now_ms(const struct stage *stage);
uint64_t stage_letters(const struct stage *stage); /* sent by anybody so far */

/* A result, whole, with a NUL behind it; NULL: there is none. The caller frees it. */
char *stage_result(const struct stage *stage, const char *name, size_t *size);

#endif
