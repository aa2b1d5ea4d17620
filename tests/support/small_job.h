/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPPORT_SMALL_JOB_H
#define SUPPORT_SMALL_JOB_H

#include "common/wire_job.h"
#include "support/shard.h"
#include "worker/attributes.h"

/* A job of one shard, small enough to be computed by hand beside a worker: its plan, its model, its
 * frames, and what the worker must answer. */

struct work_plan small_job_plan(uint32_t shards);

/* Cuts, BG/NBD and gamma-gamma of no base in particular; two peer groups, "no" and "se". Static. */
struct model small_job_model(void);

/* A payload part of Rows from..from + n; the caller clears it with part_release. */
struct part small_job_frame(const struct shard *shard, size_t from, size_t n);

/* The payload of the result, all but Work, made without cache, fold or wire in between: of stage 1 from
 * histories made the plain way, of stage 2 row by row. attributes: serialised, or empty. */
void small_job_digest(const struct shard *shard, struct slice attributes,
                      const struct work_plan *work, struct parcel *parcel);
void small_job_scores(const struct shard *shard, struct slice attributes,
                      const struct work_plan *work, const struct model *model,
                      struct parcel *parcel);

#endif
