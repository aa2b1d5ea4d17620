/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_GATHER_H
#define WORKER_GATHER_H

#include "common/wire_digest.h"
#include "common/wire_job.h"
#include "worker/attributes.h"
#include "worker/histories.h"

/* What a shard's histories come to for the sink (stage 1): lists that merge exactly. */

struct gather;

int gather_new(struct gather **gather) MUST_USE;
void gather_destroy(struct gather **gather);

/* gather_culprit is whom it is about. */
enum {
    GATHER_E_OVERFLOW = 1, /* his money does not fit */
    GATHER_E_DOUBLED       /* his summed-up history stands there twice */
};

/* Begins a shard; all are borrowed until gather_end's answer is no longer needed. */
int gather_begin(struct gather *gather, const struct work_plan *work,
                 const struct histories *histories,
                 const struct attribute_table *attributes) MUST_USE;

/* Customers from..to in turn; slices keep the caller's loop awake. */
int gather_some(struct gather *gather, uint32_t from, uint32_t to) MUST_USE;

/* The lists, borrowed until the next gather_begin. */
int gather_end(struct gather *gather, struct gathered *gathered) MUST_USE;

uint32_t gather_culprit(const struct gather *gather);

#endif
