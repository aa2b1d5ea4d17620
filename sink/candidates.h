/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_CANDIDATES_H
#define SINK_CANDIDATES_H

#include "sink/fitting.h"

/* The churn models that are fitted, and which of them is used: fills tried, n_tried, chosen, reason
 * and model.churn of an empty struct fitted. */
int candidates_fit(struct fitted *fitted, const struct population *population,
                   const struct job *job, struct crew *crew) MUST_USE;

#endif
