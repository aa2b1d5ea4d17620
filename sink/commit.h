/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_COMMIT_H
#define SINK_COMMIT_H

#include "common/line.h"
#include "common/store.h"
#include "common/wire_lease.h"
#include "sink/roll_call.h"

/* The one durable truth of a job: the sink's store. One write transaction holds the rows of some
 * shards, their done marks with digests, and the next sequence number; what is acknowledged is what
 * such a transaction has returned from. docs/STORE.md draws the keys. */

struct commit;

enum { COMMIT_E_FULL = 1, COMMIT_E_ABSENT };

/* Takes the store. STATUS_CONFIG with words where it was made by another version. */
int commit_open(struct store **store, struct commit **commit) MUST_USE;
void commit_close(struct commit **commit);

enum commit_phase { COMMIT_EMPTY, COMMIT_RUNNING, COMMIT_SEALED };

/* The job that is in the store. */
struct commit_job {
    struct digest id;
    uint32_t shards;
    enum commit_phase phase;
    struct digest gathered; /* provenance of its digests; none: not known */
};
struct commit_job commit_job(const struct commit *commit);

/* Begins a job; payload parts 1.. of the letter are kept. Unless it begins anew, digests of the same provenance are this
 * job's, and scores stay until commit_scoring says whether they are. All else is gone. */
int commit_begin(struct commit *commit, const struct commit_job *job, int anew,
                 const struct parcel *letter) MUST_USE;
/* What comes of stage 2 from here on is of this provenance. So is what was there, or it goes. Nothing where
 * the job was here before. */
int commit_scoring(struct commit *commit, struct digest scored) MUST_USE;
/* The payload parts of the job's letter, as parts 1.. of a parcel (part 0 is empty); copies. */
int commit_letter(struct commit *commit, struct parcel *letter) MUST_USE;
/* Notes in the roll what is committed of this job. */
int commit_roll(struct commit *commit, struct roll_call *roll) MUST_USE;
int commit_seal(struct commit *commit) MUST_USE;

/* One result: payload parts 2.. are kept (part 1 is Work, whose counts are kept in the mark). */
struct commit_result {
    uint32_t stage, shard, attempt;
    struct digest digest;
    struct work work;
    const struct parcel *parcel;
};
/* All of them in one durable transaction; COMMIT_E_FULL: the disk is full, nothing was kept. */
int commit_results(struct commit *commit, const struct commit_result *results, size_t n) MUST_USE;
/* Rises by one with each transaction of commit_results. */
uint64_t commit_sequence(const struct commit *commit);

/* Part i (0..) of what is kept of a shard, read in place until commit_release or the next write;
 * COMMIT_E_ABSENT past the last. */
int commit_part(struct commit *commit, uint32_t stage, uint32_t shard, uint32_t i,
                struct slice *part) MUST_USE;
void commit_release(struct commit *commit);

/* The model, as bytes that the caller understands, and the provenance under which it was put. It is written with the next
 * transaction of commit_results or commit_seal: it can be made again. Takes the bytes (malloc). */
void commit_put_model(struct commit *commit, struct digest fitted, void *bytes, size_t size);
/* Until commit_release; COMMIT_E_ABSENT: there is none of this provenance. */
int commit_model(struct commit *commit, struct digest fitted, struct slice *bytes) MUST_USE;

/* The books of a stage, summed over its shards. */
struct commit_work {
    uint64_t shards, shards_cached, shards_kept; /* kept: no worker was asked */
    uint64_t rows_folded, rows_cached;
};
int commit_work(struct commit *commit, uint32_t stage, struct commit_work *work) MUST_USE;

#endif
