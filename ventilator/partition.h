/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PARTITION_H
#define VENTILATOR_PARTITION_H

#include <stdint.h>

#include "common/status.h"
#include "common/trace.h"
#include "ventilator/census.h"
#include "ventilator/facts.h"
#include "ventilator/spool.h"
#include "ventilator/survey.h"

/* Reads one stretch of one input into a segment of the spool, on threads of its own. The role that
 * ordered it looks in with partition_poll, which never waits. */

struct partition;

struct partition_order {
    struct survey *survey; /* borrowed until the partition is stopped */
    size_t input;          /* number of one of its inputs */
    /* Where to begin: 0 is the whole input. Another offset, of a plain file that has grown, is where
     * facts ended_whole; lines is their number of lines. */
    uint64_t from;
    uint64_t lines;
    /* Borrowed; not sealed here. NULL: nothing is written, accepted rows are counted (census.h), those
     * up to a day apart from those after it. */
    struct spool_segment *segment;
    int32_t until;
    uint32_t shards;          /* a power of two */
    uint32_t threads;         /* 0: partition_poll reads a chunk a call in its caller's thread */
    int64_t rejects_limit;    /* stop when more rows are rejects; < 0: never */
    struct trace_lanes lanes; /* one a thread */
};

int partition_start(const struct partition_order *order, struct partition **partition) MUST_USE;

/* 0: done, all rows are with the pens, which are closed. BUSY: not yet. REFUSED: stopped, because
 * it is certain that the ledger will be refused: the rejects are over the limit, or two currencies,
 * signs or UTC offsets were seen (facts_check has the words). The facts then are of what was read. */
enum { PARTITION_E_BUSY = 1, PARTITION_E_REFUSED };
int partition_poll(struct partition *partition) MUST_USE;
/* For a caller who has nothing else to do: waits for the end, and answers it. */
int partition_wait(struct partition *partition) MUST_USE;

/* Counted while it runs. */
struct partition_progress {
    uint64_t raw_bytes; /* of the file, packed as it is */
    uint64_t rows;
    uint64_t rejects;
};
struct partition_progress partition_progress(const struct partition *partition);

/* After 0 or PARTITION_E_REFUSED; the facts become the caller's. */
int partition_facts(struct partition *partition, struct facts **facts) MUST_USE;

/* Adds what was counted, where there is no segment. */
int partition_census(struct partition *partition, struct census *into) MUST_USE;

/* Ends the threads, after the chunk each is at, and forgets everything. */
void partition_stop(struct partition **partition);

#endif
