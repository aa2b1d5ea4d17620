/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <signal.h>

#include "common/hash.h"
#include "common/line.h"
#include "common/loop.h"
#include "common/status.h"
#include "worker/cache.h"
#include "worker/note.h"

/* The role that computes: takes leases from the ventilator, folds and scores shards, sends results to
 * the sink. It owns nothing that cannot be made again. */

struct worker;
struct figures;
struct trace;

struct worker_settings {
    struct line *line;                 /* borrowed */
    struct peer ventilator, sink;      /* gates of the line, connected */
    struct cache *cache;               /* borrowed */
    struct note *note;                 /* borrowed; NULL: none is kept */
    struct digest name;                /* drawn by chance, another for each process */
    const char *version, *host;        /* for people */
    uint32_t credit;                   /* leases held at once, 1..DESK_LEASES_LIMIT */
    const volatile sig_atomic_t *stop; /* > 0: drain; NULL: never */
    struct figures *figures;           /* borrowed; NULL: nobody wants to know */
    struct trace *trace;               /* borrowed; NULL: nobody traces */
    int stays;                         /* whatever the ventilator says at the end of a job */
};

int worker_new(const struct worker_settings *settings, struct worker **worker) MUST_USE;
void worker_destroy(struct worker **worker);

/* The role for the loop; the worker must outlive it. Finished when the job is closed and no
 * other is to follow, or it has drained. */
struct role worker_role(struct worker *worker);

#endif
