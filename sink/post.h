/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_POST_H
#define SINK_POST_H

#include "sink/batch.h"
#include "sink/commit.h"
#include "sink/outcome.h"
#include "sink/roll_call.h"

/* Every letter that a sink sends. A letter that its peer cannot take now is let go of: who misses it
 * asks again. What goes wrong on the line itself is a status. */

struct post {
    struct line *line;
    const struct commit *commit; /* its sequence goes with each letter */
    uint64_t boot;
    struct digest job; /* the one the sink is at */
};

/* The code is the exit code of the status. LINE_E_GONE: there is nobody to hear it. */
int post_refused(const struct post *post, struct peer to, int status, const char *words) MUST_USE;
int post_rehello(const struct post *post, struct peer to) MUST_USE;
int post_sealed(const struct post *post, struct peer to) MUST_USE;
int post_done_set(const struct post *post, struct peer to, const struct roll_call *roll,
                  uint32_t shards) MUST_USE;
int post_done(const struct post *post, struct peer to, const struct batch *batch) MUST_USE;
int post_stage_result(const struct post *post, struct peer to,
                      const struct outcome *outcome) MUST_USE;
int post_ack(const struct post *post, struct peer to, const struct commit_result *about,
             enum ack_code code) MUST_USE;

#endif
