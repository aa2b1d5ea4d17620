/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_JOB_H
#define COMMON_WIRE_JOB_H

#include "common/settings.h"
#include "common/wire.h"
#include "score/model.h"
#include "score/plan.h"

/* What a job is about: the plan, the job itself, the model. Conventions as in common/wire.h. */

/* The plan, and how the work is cut. */
struct work_plan {
    struct plan plan;
    uint32_t shards;           /* a power of two, 1..65,536 */
    uint32_t sample_per_shard; /* sample entries a digest holds at most */
};
int wire_plan_put(const struct work_plan *plan, struct parcel *parcel) MUST_USE;
int wire_plan_read(const struct parcel *parcel, size_t i, struct arena *arena,
                   struct work_plan *plan) MUST_USE;

#define SHARDS_LIMIT 65536

struct job {
    struct work_plan work;
    enum churn_choice churn_choice;
    enum churn_kind churn_kind;
    int32_t regularity;
    unsigned refit;
    int32_t digits;
    const char *columns;
    const char *time_unit;
    int has_model;
    int restart;
    int redact;
    enum calibration_choice calibration;
    const char *run_key;
    struct digest content; /* of what histories are made of: segments and attributes */
};
int wire_job_put(const struct job *job, struct parcel *parcel) MUST_USE;
int wire_job_read(const struct parcel *parcel, size_t i, struct arena *arena,
                  struct job *job) MUST_USE;

/* A model takes as many parts as its groups need. */
int wire_model_put(const struct model *model, struct arena *arena, struct parcel *parcel) MUST_USE;
/* Reads part i and those after it. */
int wire_model_read(const struct parcel *parcel, size_t i, struct arena *arena,
                    struct model *model) MUST_USE;

#endif
