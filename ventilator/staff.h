/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_STAFF_H
#define VENTILATOR_STAFF_H

#include "common/hash.h"
#include "common/line.h"
#include "common/status.h"
#include "common/wire.h"
#include "common/wire_job.h"
#include "ventilator/dispatch.h"
#include "ventilator/muster.h"
#include "ventilator/spool.h"
#include "ventilator/timing.h"

/* Everything between the ventilator and its workers: who is there (muster), who works on what
 * (dispatch), and the frames on their way (feed). */

struct staff;
struct trace;

/* name: of the workers' caches of this job; NULL: the one that jobs share. Borrowed. */
int staff_new(struct line *line, uint32_t shards, const struct ventilator_timing *timing,
              const char *name, struct staff **staff) MUST_USE;
void staff_destroy(struct staff **staff);
/* Who traces, if anybody: leases being fed are spans. */
void staff_trace(struct staff *staff, struct trace *trace);

/* To whoever speaks another version of the protocol. */
int staff_refuse_version(struct line *line, struct peer to) MUST_USE;

/* A letter from behind the workers' gate. A worker's FAIL is answered with its status, said. */
int staff_letter(struct staff *staff, struct peer from, const struct letter *letter,
                 const struct parcel *parcel, int64_t now_ms) MUST_USE;

/* The job that is to be worked on; everything is borrowed for as long as the staff works. */
struct staff_job {
    struct digest id;
    const struct work_plan *work;
    struct spool_segment *const *segments; /* sorted by id */
    const struct digest *want;             /* their ids */
    size_t n_want;
    struct spool_segment *attributes; /* NULL: none */
    const char *state;                /* where evidence is kept */
};
/* Stage 1 begins; done[] (a bit a shard) needs no doing. */
int staff_gather(struct staff *staff, const struct staff_job *job, const uint8_t *done) MUST_USE;
/* Stage 2, with the model's payload parts, borrowed. */
int staff_score(struct staff *staff, const struct parcel *model, struct digest digest,
                const uint8_t *done) MUST_USE;
/* The sink has committed a shard. */
void staff_done(struct staff *staff, uint32_t stage, uint32_t shard, int64_t now_ms);

/* Leases and frames that may go out now. Sets *wake_ms nearer to when there may be more. */
int staff_deal(struct staff *staff, int64_t now_ms, int64_t *wake_ms) MUST_USE;
/* From time to time a letter to every worker: tells which connections are gone. */
int staff_probe(struct staff *staff, int64_t now_ms, int64_t *wake_ms) MUST_USE;
/* The job is over, for the staff at hand. */
int staff_close(struct staff *staff, enum close_code code) MUST_USE;

int staff_complete(const struct staff *staff);
uint32_t staff_n_done(const struct staff *staff);
uint32_t staff_n_leased(const struct staff *staff);
uint32_t staff_n_workers(const struct staff *staff); /* connected */

/* For the books. */
struct staff_counts {
    struct dispatch_counts dispatch;
    uint64_t rows_sent, rows_sent_again, bytes_sent;
};
struct staff_counts staff_counts(const struct staff *staff);
struct muster *staff_muster(struct staff *staff);

#endif
