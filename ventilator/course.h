/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_COURSE_H
#define VENTILATOR_COURSE_H

#include <stdint.h>

#include "common/wire_done.h"

/* The course of a job, and what is said to the sink on the way, as a pure machine, (state, event, now) to
 * (state, actions); no socket, clock or file. The ventilator (ventilator.c) carries the actions out, in
 * production and in the simulator. Who works on what is dispatch.h's.
 *
 *   READING     inputs into the spool; workers may join meanwhile
 *   ANNOUNCING  JOB to the sink, until it says what it has of it (DONESET)
 *   GATHERING   stage 1, until the sink has every digest; then it fits, and sends the model
 *   SCORING     stage 2, until the sink has every row
 *   SEALING     SEAL to the sink, until it says SEALED
 *   CLOSED      workers are told; the role is finished
 *
 * A sink that says SEALED of the job in any phase ends it: a ventilator before this one had come so far. */

enum course_phase {
    COURSE_READING,
    COURSE_ANNOUNCING,
    COURSE_GATHERING,
    COURSE_SCORING,
    COURSE_SEALING,
    COURSE_CLOSED
};

struct course {
    enum course_phase phase;
    int refuses;             /* the ledger: nothing but its rejects are published */
    int sealing;             /* SEAL was said */
    int64_t resync_every_ms; /* what may be lost is asked for as often */
    uint64_t boot, sequence; /* of the sink's last word */
    int sink_known;
    int64_t announce_ms, resync_ms, seal_ms; /* when each is due */
};

struct course course_new(int64_t resync_every_ms);

/* Events. */
void course_read(struct course *course, int refuses, int64_t now_ms);
enum course_news {
    COURSE_NO_NEWS,
    COURSE_BEGINS,  /* stage 1, but for what the set has */
    COURSE_FORGOT,  /* the sink has less than it had: its store is gone. Stage 1 again, likewise */
    COURSE_ADVANCES /* what the set has of the present stage is done */
};
/* n_done: shards of the present stage that are known to be done. */
enum course_news course_done_set(struct course *course, const struct done_set *set, uint64_t boot,
                                 uint64_t sequence, uint32_t n_done);
/* A commit was told; one in between that was not brings a RESYNC. */
void course_done(struct course *course, uint64_t boot, uint64_t sequence, int64_t now_ms);
/* The model has come: non-zero where it is news, and stage 2 begins. */
int course_model(struct course *course);
/* Every shard of the present stage is done. */
void course_complete(struct course *course, int64_t now_ms);
/* Non-zero where it is news, and the job closed. */
int course_sealed(struct course *course);
/* The sink does not know this connection. */
void course_rehello(struct course *course, int64_t now_ms);

enum course_action {
    COURSE_NOTHING,
    COURSE_ANNOUNCE, /* HELLO and JOB */
    COURSE_HELLO,    /* only that: there is no job yet */
    COURSE_RESYNC,
    COURSE_SEAL,
    COURSE_LEAVE
};
/* What is to be said now, one thing at a time; notes that it has been. Sets *wake_ms nearer to when to ask
 * again. */
enum course_action course_next(struct course *course, int64_t now_ms, int64_t *wake_ms);

#endif
