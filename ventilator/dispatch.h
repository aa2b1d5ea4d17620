/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_DISPATCH_H
#define VENTILATOR_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* Who works on what: the protocol of the ventilator as a pure machine, (state, event, now) to (state,
 * actions); no socket, clock or file. Events change the state; dispatch_next answers what is to be
 * done, one thing at a time. The ventilator and the simulator run the same code.
 *
 *   a shard, per stage   READY --leased--> LEASED --done (the sink committed it)--> DONE
 *   from LEASED back     when its last lease is released, expires, or dies with its worker
 *
 * Only the sink's word makes a shard DONE. A worker holds at most its credit of leases, and a lease
 * counts until the sink has committed, so a slow sink stops the dispatch end to end. */

struct dispatch;

#define DISPATCH_LEASES_LIMIT 16
#define DISPATCH_NOBODY       UINT32_MAX

struct dispatch_settings {
    uint32_t shards;
    int64_t lease_ms; /* without a beat that shows life */
    int64_t stall_ms; /* a running lease without progress; at least 10 x the 95 % of durations */
    int64_t straggler_ms; /* a lease is copied when older than this and 2 x the median */
};

int dispatch_new(const struct dispatch_settings *settings, struct dispatch **dispatch) MUST_USE;
void dispatch_destroy(struct dispatch **dispatch);

/* Stage 1 or 2 begins; done[] (a bit a shard) is what the sink has of it. Leases of before are gone. */
void dispatch_stage(struct dispatch *dispatch, uint32_t stage, const uint8_t *done);
/* Nothing is leased while the sink has not said what it has (after its restart, or ours). */
void dispatch_pause(struct dispatch *dispatch, int paused);

/* What a worker's cache holds of a shard. */
enum holding { HOLDING_NONE, HOLDING_SOME, HOLDING_ALL };

/* Events. A worker is a small number that the caller gives and may give again after dispatch_lost. */
int dispatch_joined(struct dispatch *dispatch, uint32_t worker, uint32_t credit) MUST_USE;
void dispatch_holds(struct dispatch *dispatch, uint32_t worker, uint32_t shard,
                    enum holding holding);
struct dispatch_beat {
    uint32_t worker, stage, shard, attempt;
    uint32_t state; /* enum beat_state */
    uint64_t progress;
};
/* A lease that is not known (from before a restart of the ventilator) is adopted; one that nobody wants
 * any more, of an earlier stage or of a shard that is done, is cancelled, in case the word was lost. */
void dispatch_beat(struct dispatch *dispatch, const struct dispatch_beat *beat, int64_t now_ms);
void dispatch_lost(struct dispatch *dispatch, uint32_t worker);
void dispatch_released(struct dispatch *dispatch, uint32_t worker, uint32_t shard,
                       uint32_t attempt);
/* A worker's process died of a shard, by a fault of its own: how many have, in this stage. */
uint32_t dispatch_died(struct dispatch *dispatch, uint32_t stage, uint32_t shard);
/* The shard that a worker is at: by its last beat, or, where it had no time for one, the first that waits.
 * DISPATCH_NOBODY: none. */
uint32_t dispatch_running(const struct dispatch *dispatch, uint32_t worker);
void dispatch_draining(struct dispatch *dispatch, uint32_t worker);
/* Answers the worker whose result it was, DISPATCH_NOBODY where it was known or nobody's here. */
uint32_t dispatch_done(struct dispatch *dispatch, uint32_t stage, uint32_t shard, int64_t now_ms);

enum dispatch_verb { DISPATCH_NOTHING, DISPATCH_LEASE, DISPATCH_CANCEL };
struct dispatch_action {
    enum dispatch_verb verb;
    uint32_t worker, stage, shard, attempt;
    enum holding holding; /* of the worker, for DISPATCH_LEASE */
    int again; /* rows of this shard were sent before in this stage: a lost worker's, or a copy */
};
/* Sets *wake_ms to when to ask again where it answers DISPATCH_NOTHING. */
struct dispatch_action dispatch_next(struct dispatch *dispatch, int64_t now_ms, int64_t *wake_ms);

int dispatch_complete(const struct dispatch *dispatch);
uint32_t dispatch_n_done(const struct dispatch *dispatch);
uint32_t dispatch_n_leased(const struct dispatch *dispatch);
uint32_t dispatch_n_workers(const struct dispatch *dispatch);

/* How often things happened, for the books. */
struct dispatch_counts {
    uint64_t leases, copies, expired, released, lost;
};
struct dispatch_counts dispatch_counts(const struct dispatch *dispatch);

#endif
