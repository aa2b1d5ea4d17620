/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_RECEPTION_H
#define SINK_RECEPTION_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/line.h"
#include "sink/roll_call.h"

/* The protocol of the sink as a pure machine, (state, event, now) to (state, answers); no socket, clock
 * or store. Who is known, which job it is at and how far, what becomes of a result, and what is due.
 * The sink (sink.c) carries the answers out, in production and in the simulator.
 *
 *   NO_JOB --job--> GATHERING --fitted--> SCORING --sealed--> SEALED --bye, or a time--> leaves */

#define RECEPTION_PEERS 4096

enum reception_phase { RECEPTION_NO_JOB, RECEPTION_GATHERING, RECEPTION_SCORING, RECEPTION_SEALED };

struct reception {
    enum reception_phase phase;
    struct digest job;      /* where there is one */
    uint32_t shards;        /* likewise */
    struct roll_call *roll; /* likewise; borrowed */

    struct peer ventilator;
    int has_ventilator;
    struct peer
        *peers; /* connections that said HELLO: RECEPTION_PEERS at most, the oldest forgotten */
    size_t n_peers, next_peer;

    int full;         /* the disk is; results wait */
    int64_t retry_ms; /* full: not before this */
    int64_t leave_ms; /* SEALED: leave at this time */
};

int reception_new(struct reception *reception) MUST_USE;
void reception_free(struct reception *reception);

/* ---- who ---- */

enum reception_who { RECEPTION_STRANGER, RECEPTION_WORKER, RECEPTION_VENTILATOR };

void reception_hello(struct reception *reception, struct peer from, int is_ventilator);
enum reception_who reception_who(const struct reception *reception, struct peer from);

/* ---- the job ---- */

/* A job in the store of which the present process knows nothing else. */
struct reception_kept {
    struct digest id;
    int running, sealed;
};

enum reception_opening {
    RECEPTION_KNOWN,      /* the sink is at it */
    RECEPTION_FINISHED,   /* it is at it, and has sealed it */
    RECEPTION_BEGIN,      /* another: what the store has goes */
    RECEPTION_GO_ON,      /* the store has the beginning of it */
    RECEPTION_WAS_SEALED, /* the store says it was, and the ventilator has asked for it */
    RECEPTION_UNFINISHED  /* refused: the store has one that is not finished */
};

/* seals: the ventilator has said SEAL for it. */
enum reception_opening reception_job(const struct reception *reception, struct digest id,
                                     struct reception_kept kept, int restart, int seals);
/* Carried out: a roll is at hand, filled with what the store has. */
void reception_open(struct reception *reception, struct digest id, uint32_t shards,
                    struct roll_call *roll);
void reception_close(struct reception *reception); /* no job any more */
int reception_is_at(const struct reception *reception, struct digest job);

/* ---- results ---- */

enum reception_verdict {
    RECEPTION_SILENCE,   /* not of this job, or answered with its commit, or there is no room */
    RECEPTION_NEW,       /* goes into the next commit */
    RECEPTION_DUPLICATE, /* acknowledged */
    RECEPTION_CONFLICT,  /* acknowledged, and an alarm */
    RECEPTION_ASK        /* has never come: REHELLO brings it */
};

/* Whether there is such a shard at all, in this job. */
int reception_awaits(const struct reception *reception, struct digest job, uint32_t stage,
                     uint32_t shard);
/* A result that is awaited, sound and read; NEW notes it. */
enum reception_verdict reception_result(struct reception *reception, uint32_t stage, uint32_t shard,
                                        struct digest digest);
/* A worker has sent an awaited one and heard nothing of it. */
enum reception_verdict reception_probe(const struct reception *reception, uint32_t stage,
                                       uint32_t shard);
void reception_committed(struct reception *reception, uint32_t stage, uint32_t shard);
void reception_disk(struct reception *reception, int full, int64_t now_ms);

/* ---- the end ---- */

/* Whether the job may be sealed; refuse: nothing but its rejects. */
int reception_may_seal(const struct reception *reception, struct digest job, int refuse);
void reception_fitted(struct reception *reception);
void reception_sealed(struct reception *reception, int64_t now_ms);
void reception_bye(struct reception *reception, int64_t now_ms);

/* ---- what is due ---- */

enum reception_due { RECEPTION_NOTHING, RECEPTION_COMMIT, RECEPTION_FIT, RECEPTION_LEAVE };

struct reception_waiting { /* results that are not committed */
    size_t n;
    int64_t since_ms; /* the first of them came */
};

/* Sets *wake_ms to when to ask again. A few results are committed together, as each commit waits for the
 * disk: four, or what came within 5 ms of the first, or the last ones. */
enum reception_due reception_due(const struct reception *reception,
                                 struct reception_waiting waiting, int64_t now_ms,
                                 int64_t *wake_ms);

#endif
