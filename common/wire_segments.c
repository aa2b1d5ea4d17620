/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire_segments.h"

#include <string.h>

#include "common/wire.h"

void wire_segments_pack(const struct plan_segments *segments, struct packed_segments *out)
{
    for (int32_t i = 0; i < segments->n; i++) {
        const struct plan_segment *rule = &segments->rule[i];
        ProtoSegment *to = &out->segment[i];
        winnow__proto__segment__init(to);
        for (int metric = 0; metric < 3; metric++) {
            out->end[i][2 * metric] = (uint32_t)rule->from[metric];
            out->end[i][2 * metric + 1] = (uint32_t)rule->to[metric];
        }
        to->name = (char *)(uintptr_t)rule->name;
        to->n_range = WIRE_SEGMENT_ENDS;
        to->range = out->end[i];
        out->list[i] = to;
    }
}

static int rule_read(const ProtoSegment *from, uint32_t bins, struct plan_segment *rule)
{
    size_t size = strlen(from->name);
    if (size == 0 || size > PLAN_SEGMENT_NAME_LIMIT || from->n_range != WIRE_SEGMENT_ENDS)
        return WIRE_E_MALFORMED;
    strcpy(rule->name, from->name);
    for (int metric = 0; metric < 3; metric++) {
        const uint32_t *end = &from->range[2 * metric];
        int any = end[0] == 0 && end[1] == 0;
        if (!any && (end[0] < 1 || end[0] > end[1] || end[1] > bins))
            return WIRE_E_MALFORMED;
        rule->from[metric] = (int8_t)end[0];
        rule->to[metric] = (int8_t)end[1];
    }
    return 0;
}

int wire_segments_read(const ProtoPlan *from, struct plan_segments *segments)
{
    if (from->n_segments > PLAN_SEGMENTS_LIMIT)
        return WIRE_E_MALFORMED;
    segments->n = (int32_t)from->n_segments;
    for (size_t i = 0; i < from->n_segments; i++)
        if (rule_read(from->segments[i], from->rfm_bins, &segments->rule[i]) != 0)
            return WIRE_E_MALFORMED;
    return 0;
}
