/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PREMISES_H
#define VENTILATOR_PREMISES_H

#include "ventilator/docket.h"

/* Where the jobs of a serving ventilator have their states: STATE/names/NAME, or STATE/jobs/ID. */

#define PREMISES_PATH 4096

int premises_make(const char *state) MUST_USE;
int premises_of(const char *state, const struct docket_job *job, char path[PREMISES_PATH]) MUST_USE;

/* Removes those of jobs without a name that are over; but what workers have died of is kept for a
 * replay. */
void premises_sweep(const char *state, struct docket *docket);

#endif
