/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_DESK_H
#define WORKER_DESK_H

#include <stdint.h>

#include "common/hash.h"

/* The protocol of a worker as a pure machine: leases come in, actions come out; no socket, clock or
 * store. Events change the state; desk_next answers what is to be done now, one thing at a time,
 * until there is nothing. The worker (worker.c) and the simulator run the same code.
 *
 *   a lease      QUEUED --desk_start--> RUNNING --desk_finish--> SENT --desk_ack--> gone
 *   from any     --desk_cancel, desk_clear--> gone
 *   QUEUED       --desk_drop_queued--> gone
 *
 * A result is kept by whoever carries out the actions until its lease is gone. */

#define DESK_LEASES_LIMIT 16

enum desk_state { DESK_QUEUED, DESK_RUNNING, DESK_SENT };

struct desk_key {
    uint32_t stage, shard, attempt;
};

struct desk_lease {
    struct desk_key key;
    enum desk_state state;
    uint64_t progress; /* records done, rising */
    int must_send;     /* SENT: the result goes out now (again) */
};

struct desk {
    int welcomed;     /* by the ventilator, on this connection */
    int greeted;      /* HELLO said to the sink on this connection */
    int64_t hello_ms; /* when HELLO was last said to the ventilator */
    int64_t beat_ms;  /* when a beat was last said */
    int64_t probe_ms; /* when the sink was last probed */
    int beat_now;
    int64_t beat_every_ms, resend_every_ms, hello_every_ms;
    int draining;
    int said_bye;
    int64_t handed_ms; /* draining: when something was last running here */
    struct desk_lease lease[DESK_LEASES_LIMIT];
    uint32_t n;
};

enum desk_verb {
    DESK_NOTHING,
    DESK_HELLO_VENTILATOR,
    DESK_HELLO_SINK,
    DESK_BEAT,        /* to the ventilator */
    DESK_PROBE_SINK,  /* a beat to the sink: from an unknown connection it brings REHELLO */
    DESK_SEND_RESULT, /* of lease key */
    DESK_RELEASE,     /* say RELEASE_DRAINING of lease key; it is gone */
    DESK_START,       /* begin lease key */
    DESK_BYE,
    DESK_LEAVE /* nothing is wanted and nothing held, or nobody there to take it: the role is finished */
};

struct desk_action {
    enum desk_verb verb;
    struct desk_key key;
};

struct desk desk_new(void);

/* Events. */
void desk_welcome(struct desk *desk, int64_t beat_every_ms, int64_t resend_every_ms);
/* A letter came from a server that does not know this connection. */
void desk_rehello_ventilator(struct desk *desk);
void desk_rehello_sink(struct desk *desk);
/* 0: taken; non-zero: the desk is full or draining, or has this (stage, shard) already: not taken. */
int desk_lease(struct desk *desk, struct desk_key key);
void desk_progress(struct desk *desk, struct desk_key key, uint64_t progress);
void desk_finish(struct desk *desk, struct desk_key key);
/* The sink has it (committed or duplicate), or the lease is no longer wanted. 0: it was held. */
int desk_ack(struct desk *desk, uint32_t stage, uint32_t shard);
int desk_cancel(struct desk *desk, struct desk_key key);
/* What was on its way for leases that wait is lost: they will be given again. */
void desk_drop_queued(struct desk *desk);
/* Likewise of all leases that cannot be finished without more frames: those that wait, and the running one
 * where it is hungry. */
void desk_forget_unfed(struct desk *desk, int hungry);
/* Makes way for another attempt at a shard that is here already: after a broken connection the ventilator
 * gives again what it has lost sight of. Zero: what is here is as good, and waits for nothing. *gone is
 * what has gone, or of no stage. */
int desk_gives_way(struct desk *desk, struct desk_key key, int hungry, struct desk_key *gone);
/* Another job: nothing of before is held. */
void desk_clear(struct desk *desk);
void desk_drain(struct desk *desk);
void desk_beat_soon(struct desk *desk);

/* What is to be done now; also notes that it has been done. Beats come before results: a sink that takes
 * none must not make the ventilator think this worker dead. Sets *wake_ms to when to ask again where it answers
 * DESK_NOTHING. */
struct desk_action desk_next(struct desk *desk, int64_t now_ms, int64_t *wake_ms);

/* The lease, or NULL. */
struct desk_lease *desk_find(struct desk *desk, struct desk_key key);
/* Of this shard, whatever the attempt. */
struct desk_lease *desk_find_shard(struct desk *desk, uint32_t stage, uint32_t shard);
struct desk_lease *desk_running(struct desk *desk);

#endif
