/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_STEWARD_H
#define VENTILATOR_STEWARD_H

#include "common/loop.h"
#include "common/store.h"
#include "ventilator/docket.h"
#include "ventilator/ventilator.h"

/* The ventilator that serves: takes jobs from clients, and is a ventilator for one of them after the other.
 * The ventilator (ventilator.h) knows nothing of it: to it, and to workers, a job is the only one.
 *
 *   STATE/queue       the jobs
 *   STATE/names/NAME  the state of jobs of that name: spool, and what is known of inputs
 *   STATE/jobs/ID     of a job without one, gone with it */

struct steward;

/* What a job's words say, which cli/ knows how to read. */
struct steward_reading {
    /* As of `winnow run`; says what is wrong. */
    int (*check)(const char *const *words, size_t n);
    /* Fills settings, model and groups, which are good until release. */
    int (*read)(const struct docket_job *job, struct ventilator_settings *role, void **held);
    void (*release)(void **held);
};

struct steward_settings {
    struct ventilator_settings role; /* for every job; what is a job's own is filled in */
    struct steward_reading reading;
    const char *state;
    int64_t slice_ms;
    int64_t (*wall_ms)(void);
    int32_t (*today)(void);
};

/* Takes the store of the queue. */
int steward_new(const struct steward_settings *settings, struct store **store,
                struct steward **steward) MUST_USE;
void steward_destroy(struct steward **steward);

/* The role for the loop; the steward must outlive it. Finished when it is told to stop: the job at hand is
 * gone on with by the next process. */
struct role steward_role(struct steward *steward);

#endif
