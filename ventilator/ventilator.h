/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_VENTILATOR_H
#define VENTILATOR_VENTILATOR_H

#include <signal.h>

#include "common/hash.h"
#include "common/line.h"
#include "common/loop.h"
#include "common/settings.h"
#include "common/status.h"
#include "ventilator/timing.h"

/* The role that deals: reads the ledger into the spool, deals shards to workers, and leads the job from
 * stage to stage. What it knows of the work is soft; the sink's word is what counts. */

struct ventilator;
struct figures;
struct trace;

struct ventilator_settings {
    const struct settings *settings; /* borrowed; plan already has what --model freezes */
    struct slice model, groups;      /* bytes of --model, and groups.csv beside it; empty: none */
    struct line *line;               /* borrowed */
    uint32_t workers;                /* gate, bound */
    struct peer sink;                /* gate, connected */
    const char *state;               /* directory, made if absent */
    const char *poison;              /* evidence goes to POISON-STAGE-SHARD; NULL: into the state */
    uint32_t threads;                /* to partition with; 0: in tick */
    int32_t today;                   /* UTC */
    int64_t wall_ms;                 /* as in struct intake_order */
    struct digest name, redact_key;  /* drawn by chance */
    const char *version;
    struct ventilator_timing timing;
    int64_t (*now_ms)(void);           /* for how long stages took */
    int terminal;                      /* stderr is one: show progress */
    const volatile sig_atomic_t *stop; /* > 0: leave; NULL: never */
    struct figures *figures;           /* borrowed; NULL: nobody wants to know */
    struct trace *trace;               /* borrowed; NULL: nobody traces */
    const char *job_name; /* jobs of one have workers' caches of their own; NULL: none */
    int serves;           /* another job may follow: workers are to stay */
};

/* Surveys the inputs: what is wrong with them is said here. */
int ventilator_new(const struct ventilator_settings *settings,
                   struct ventilator **ventilator) MUST_USE;
void ventilator_destroy(struct ventilator **ventilator);

/* The role for the loop; the ventilator must outlive it. Finished when the job is sealed; otherwise
 * the status is the job's. */
struct role ventilator_role(struct ventilator *ventilator);

/* Workers who are here let go of the job, which is not over. */
int ventilator_dismiss(struct ventilator *ventilator) MUST_USE;
/* Whether shards of the present stage are being dealt, so that what is done meanwhile stays done. */
int ventilator_dealing(const struct ventilator *ventilator);
/* How far the job is, for people: "scoring, 12 of 64 shards". Cut to size. */
void ventilator_tell(const struct ventilator *ventilator, char *text, size_t size);

#endif
