/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_BRIEFING_H
#define WORKER_BRIEFING_H

#include "common/wire.h"
#include "common/wire_job.h"
#include "common/wire_lease.h"
#include "worker/desk.h"
#include "worker/task.h"

/* What a worker has been told of the job: the plan, and for stage 2 the model. */
struct briefing {
    struct digest job;
    int has_plan;
    struct work_plan work;
    struct model model;         /* borrowed from arena */
    struct digest model_digest; /* none: no model has come since the plan */
    uint64_t number;            /* another for each plan and model */
    struct arena *arena;
};

int briefing_new(struct briefing *briefing) MUST_USE;
void briefing_free(struct briefing *briefing);

enum { BRIEFING_E_MALFORMED = 1 };

/* The PLAN of a letter; an answer > 0 leaves all as it was. The model of before is no longer known, but
 * stays where it is: a task may be using it. */
int briefing_plan(struct briefing *briefing, const struct letter *letter,
                  const struct parcel *parcel, struct arena *scratch) MUST_USE;
/* The MODEL of a letter, in place of the one before, which must not be in use. An answer > 0 leaves none. */
int briefing_model(struct briefing *briefing, const struct letter *letter,
                   const struct parcel *parcel) MUST_USE;

/* There is no job; what a task may be using stays where it is. */
void briefing_forget(struct briefing *briefing);

/* What a lease is to the task. Borrows both. */
struct task_order briefing_task(const struct briefing *briefing, struct desk_key key,
                                const struct lease_order *order);

#endif
