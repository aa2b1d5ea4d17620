/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_UNCERTAINTY_JSON_H
#define SINK_UNCERTAINTY_JSON_H

#include <jansson.h>

#include "common/json.h"
#include "score/spread.h"

/* The member "uncertainty" of model.json: covariances of the logs of the parameters that are used,
 * row by row. */

void uncertainty_json_put(struct json *json, const struct uncertainty *uncertainty);

enum { UNCERTAINTY_JSON_E_UNREADABLE = 1 };

/* value may be NULL: unknown. */
int uncertainty_json_read(const json_t *value, struct uncertainty *uncertainty);

#endif
