/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_CALIBRATION_JSON_H
#define SINK_CALIBRATION_JSON_H

#include <jansson.h>

#include "common/json.h"
#include "sink/fitting.h"

/* The calibration member of model.json's churn: how churn_prob was decided, and the stack, complete
 * for --model. */

/* Nothing where no stack was wanted. */
void calibration_json_put(struct json *json, const struct calibration *calibration);

enum { CALIBRATION_JSON_E_UNREADABLE = 1 };

/* value may be NULL: none was written. The stack is put into fitted->model where it was published. */
int calibration_json_read(const json_t *value, struct fitted *fitted);

#endif
