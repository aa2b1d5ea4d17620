/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_WIRE_SEGMENTS_H
#define COMMON_WIRE_SEGMENTS_H

#include "common/wire_pb.h"
#include "score/plan.h"

/* Private to wire_*.c: a plan's rules of rfm_segment. */

typedef Winnow__Proto__Plan ProtoPlan;
typedef Winnow__Proto__Segment ProtoSegment;

#define WIRE_SEGMENT_ENDS 6 /* from and to of three scores */

struct packed_segments {
    ProtoSegment segment[PLAN_SEGMENTS_LIMIT];
    ProtoSegment *list[PLAN_SEGMENTS_LIMIT];
    uint32_t end[PLAN_SEGMENTS_LIMIT][WIRE_SEGMENT_ENDS];
};

/* Borrows the names. */
void wire_segments_pack(const struct plan_segments *segments, struct packed_segments *out);

/* from->rfm_bins is within its limits. WIRE_E_MALFORMED: more rules than there may be, a name that is
 * empty or too long, a range that is none of 1..bins. */
int wire_segments_read(const ProtoPlan *from, struct plan_segments *segments) MUST_USE;

#endif
