/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PLANNING_H
#define VENTILATOR_PLANNING_H

#include "common/settings.h"
#include "common/wire_job.h"
#include "ventilator/facts.h"

/* From what was asked and what was found: what every worker is to compute. */

/* Whether so many rejects are too many: more than the rows or the share that --max-rejects allows; the
 * share counts from the 11th reject. */
int planning_too_many(const struct settings_reading *reading, uint64_t rows, uint64_t rejects);

/* Completes the plan. STATUS_DATA with words where no row is left to score. */
int planning_work(const struct settings *settings, const struct facts *facts, uint32_t shards,
                  struct work_plan *work) MUST_USE;

/* The first words of a job: the as-of, the rows of its last seven days, and rejects if there are any. */
void planning_log(const struct facts *facts, const struct plan *plan);

#endif
