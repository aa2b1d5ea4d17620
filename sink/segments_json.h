/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SEGMENTS_JSON_H
#define SINK_SEGMENTS_JSON_H

#include <jansson.h>

#include "common/json.h"
#include "score/plan.h"

/* The member "segments" of model.json's rfm: rules of a user's own in their order; none where winnow's
 * hold. */

void segments_json_put(struct json *json, const struct plan_segments *segments);

enum { SEGMENTS_JSON_E_UNREADABLE = 1 };

/* value may be NULL, of a model that is older: none. */
int segments_json_read(const json_t *value, int32_t bins, struct plan_segments *segments);

#endif
