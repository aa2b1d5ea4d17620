/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_DOCKET_H
#define VENTILATOR_DOCKET_H

#include <stddef.h>
#include <stdint.h>

#include "common/hash.h"
#include "common/wire_order.h"

/* The jobs of a serving ventilator, as a pure machine, (state, event, now) to (state, actions): which is
 * to be worked on, who has to wait, what becomes of one that is asked for twice. No socket, clock or
 * store; the steward carries the actions out and keeps every job that an event has changed.
 *
 *   QUEUED --docket_began--> RUNNING --docket_ended--> DONE, FAILED, CANCELLED
 *   QUEUED <--docket_rested-- RUNNING     QUEUED --docket_cancel--> CANCELLED
 *
 * Owners take turns: the next job is of the owner whose last turn is longest ago, and the first of his that
 * came. A job that has worked for a slice rests when somebody else's has waited for as long. Jobs of one
 * name share a state, so one of them is finished before another begins. */

#define DOCKET_WAITING_LIMIT 1000 /* jobs that are not over; more are refused */
#define DOCKET_KEPT_LIMIT    4000 /* jobs at all: of those that are over the oldest are forgotten */
#define DOCKET_STARTS_LIMIT  6    /* the first, and 5 again: whoever dies as often would for ever */

/* A job. Held by the docket; the strings end with NUL. */
struct docket_job {
    char id[ORDER_NAME_LIMIT + 1], owner[ORDER_NAME_LIMIT + 1], name[ORDER_NAME_LIMIT + 1];
    char key[ORDER_KEY_LIMIT + 1];
    const char **words; /* of the job, in one piece of heap with what they point to */
    size_t n_words;
    enum entry_state state;
    int32_t code;
    char text[WIRE_TEXT_LIMIT + 1];
    int64_t submitted_ms, began_ms, ended_ms; /* wall clock */
    uint64_t number, turn;
    size_t owner_place;  /* the docket's own */
    uint32_t starts;     /* of processes, since one has come back from it */
    int64_t waits_since; /* monotonic: since when it could have been worked on */
};

struct docket;

int docket_new(int64_t slice_ms, struct docket **docket) MUST_USE;
void docket_destroy(struct docket **docket);

/* What was kept of a job, on starting. Copies. An entry that is there already is passed over. */
int docket_restore(struct docket *docket, const struct entry *entry, int64_t now_ms) MUST_USE;

enum docket_answer {
    DOCKET_NEW = 1, /* *job waits */
    DOCKET_KNOWN,   /* *job has this key, owner and content: nothing changes */
    DOCKET_OTHER,   /* *job has this key and owner, and another content: refused */
    DOCKET_FULL     /* too many wait: refused */
};
struct docket_submission {
    const struct order *order;
    const char *id; /* another for each */
    int64_t wall_ms, now_ms;
};
/* Copies. < 0: no memory. */
int docket_submit(struct docket *docket, const struct docket_submission *submission,
                  struct docket_job **job) MUST_USE;

enum docket_withdrawal {
    DOCKET_ABSENT = 1, /* no such job */
    DOCKET_OVER,       /* it is over, and was not cancelled */
    DOCKET_WITHDRAWN,  /* *job is cancelled, now or before */
    DOCKET_STOPS       /* *job runs: docket_next answers DOCKET_STOP until it has ended */
};
int docket_cancel(struct docket *docket, const char *id, int64_t wall_ms, struct docket_job **job);

/* ---- the job that is worked on ---- */

enum docket_verb {
    DOCKET_NOTHING,
    DOCKET_START,   /* begin job, or go on with it */
    DOCKET_GIVE_UP, /* end job: too many have died of it */
    DOCKET_REST,    /* let go of job, which will be gone on with */
    DOCKET_STOP     /* end job as cancelled */
};
struct docket_action {
    enum docket_verb verb;
    struct docket_job *job;
};
struct docket_action docket_next(struct docket *docket, int64_t now_ms);

void docket_began(struct docket *docket, struct docket_job *job, int64_t wall_ms);
/* Whether workers are busy with it: a slice is of such time only, so that each turn brings it forward. */
void docket_dealing(struct docket *docket, int dealing, int64_t now_ms);
void docket_rested(struct docket *docket, int64_t now_ms);
/* The process leaves in peace, and the job with it: the next goes on. */
void docket_paused(struct docket *docket);
/* state is DONE, FAILED or CANCELLED; text may be "". */
struct docket_end {
    enum entry_state state;
    int32_t code;
    const char *text;
};
void docket_ended(struct docket *docket, const struct docket_end *end, int64_t wall_ms);
/* The job that is worked on, or NULL. */
struct docket_job *docket_current(struct docket *docket);

/* ---- all of them ---- */

size_t docket_size(const struct docket *docket);
size_t docket_waiting(const struct docket *docket); /* neither at hand nor over */
/* In the order of arrival. */
struct docket_job *docket_at(struct docket *docket, size_t i);
struct docket_job *docket_find(struct docket *docket, const char *id);
/* Whether a process has begun it and none has ended it. */
int docket_begun(const struct docket_job *job);
/* The oldest of too many, or NULL: forget it here and where it is kept. */
struct docket_job *docket_surplus(struct docket *docket);
void docket_forget(struct docket *docket, struct docket_job *job);

/* As it is told; borrows. */
struct entry docket_entry(const struct docket_job *job);

#endif
