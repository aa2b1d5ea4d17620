/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_DISPATCH_STATE_H
#define VENTILATOR_DISPATCH_STATE_H

/* Private to dispatch.c and dispatch_choice.c. */

#include "ventilator/dispatch.h"
#include "ventilator/pace.h"

#define WORKERS_LIMIT    4096
#define BACKLOG          8 /* shards that must be waiting for their holder before another takes one */
#define COPIES_SLOTS_PER 10
#define DISPATCH_FEW     4  /* leases of a worker, where there are not at least so many */
#define DISPATCH_PLENTY  16 /* READY shards for each worker */
#define LIVE_STATE_RUN   1
#define LIVE_STATE_SENT  2

enum shard_state { READY, LEASED, DONE };

struct lease {
    uint32_t shard, attempt;
    int64_t since_ms, renewed_ms, progress_ms;
    uint64_t progress;
    int is_copy;
    uint32_t state;  /* enum beat_state, as its worker said last */
    uint32_t number; /* of all leases: a worker begins them in this order */
};

struct worker {
    int here, draining;
    uint32_t credit;
    struct lease lease[DISPATCH_LEASES_LIMIT];
    uint32_t n;
    uint8_t *holding;  /* a shard each */
    uint32_t own_from; /* no READY shard that it holds lies before this */
    uint32_t
        n_held; /* shards it holds whole or in part that are READY or LEASED, roughly: for backlog */
};

struct shard {
    uint8_t state;
    uint8_t leases;
    uint8_t given; /* was leased in this stage before */
    uint8_t deaths;
    uint16_t holders;
    uint32_t attempt;
};

struct dispatch {
    struct dispatch_settings settings;
    uint32_t stage;
    int paused;
    struct shard *shard;
    uint32_t n_done, n_ready;
    uint32_t free_from; /* no READY shard without a holder lies before this */
    struct worker *worker;
    uint32_t n_places, n_workers;
    uint32_t numbered; /* leases, ever */
    uint32_t turn;     /* whose turn it is to be given something */
    struct pace pace;  /* of this stage */
    struct dispatch_action cancel[DISPATCH_LEASES_LIMIT * 4];
    uint32_t n_cancels;
    struct dispatch_counts counts;
};

/* The worker's lease of a shard, or NULL. */
struct lease *dispatch_lease_of(struct worker *w, uint32_t shard);

/* What a worker with room may be given; DISPATCH_NOBODY: nothing. Sets *wake nearer to when a lease may
 * be copied. */
struct choice {
    uint32_t shard;
    int is_copy;
};
struct choice choice_for(struct dispatch *d, struct worker *w, int64_t now, int64_t *wake);

#endif
