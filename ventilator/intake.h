/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_INTAKE_H
#define VENTILATOR_INTAKE_H

#include <stdint.h>

#include "common/status.h"
#include "ventilator/facts.h"
#include "ventilator/partition.h"
#include "ventilator/spool.h"
#include "ventilator/survey.h"

/* All inputs of a ledger into the spool: those that a kept state knows are not read again, one
 * that has grown is read from where it ended, the rest is partitioned. */

struct intake;

struct intake_order {
    struct survey *survey; /* borrowed */
    const char *state;     /* directory, made if absent */
    uint32_t shards;       /* 0: as many as the state has, else from the size */
    uint32_t threads;      /* 0: in intake_poll */
    int32_t as_of, today;
    int64_t
        wall_ms; /* a time before the inputs are opened, since 1970; 0: files are told by their bytes alone */
    int64_t rejects_limit;    /* rows; < 0: none yet */
    struct trace_lanes lanes; /* one a thread */
};

int intake_start(const struct intake_order *order, struct intake **intake) MUST_USE;
void intake_stop(struct intake **intake);

/* 0: everything is in the spool. INTAKE_E_BUSY: not yet. INTAKE_E_REFUSED: it is certain that the
 * ledger is refused; what was read so far is in the facts. */
enum { INTAKE_E_BUSY = 1, INTAKE_E_REFUSED };
int intake_poll(struct intake *intake) MUST_USE;

/* Removes from the state what no input of this run uses, now that the run is over: an unfinished job of
 * other inputs may need it until then. */
int intake_prune(struct intake *intake) MUST_USE;

uint32_t intake_shards(const struct intake *intake);
struct spool *intake_spool(const struct intake *intake);
struct partition_progress intake_progress(const struct intake *intake);
uint64_t intake_bytes(const struct intake *intake); /* to be read in all, as far as is known */

/* After 0 or INTAKE_E_REFUSED. */
const struct facts *intake_facts(const struct intake *intake);
/* The sealed segments, sorted by id; borrowed. */
struct spool_segment *const *intake_segments(const struct intake *intake, size_t *n);

/* One input, for the manifest. */
struct intake_input {
    const char *path;
    uint64_t bytes;
    struct digest digest;
    uint64_t rows, accepted, rejects;
    uint64_t rows_read; /* of rows: parsed in this run, not known from before */
};
size_t intake_inputs(const struct intake *intake);
struct intake_input intake_input(const struct intake *intake, size_t i);

#endif
