/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DOORMAN_H
#define CLI_DOORMAN_H

#include "common/figures.h"
#include "common/hash.h"
#include "common/keys.h"
#include "common/kiosk.h"
#include "common/line.h"
#include "common/loop.h"
#include "common/status.h"
#include "common/trace.h"

struct arena;

/* Stands between a role and its line: notes that the loop turns, and lets in what a peer has the right
 * to say. The roles know nothing of it. When he is closed, what the role has traced is written. */

struct doorman {
    struct role role;  /* who is behind the door */
    struct line *line; /* its own */
    struct keys *keys; /* NULL: none */
    enum figures_role kind;
    uint64_t forbidden;      /* letters */
    struct arena *arena;     /* for a HELLO */
    struct figures *figures; /* NULL without metrics */
    struct kiosk *kiosk;
    struct trace *trace;             /* NULL without --trace */
    const struct roles_place *place; /* borrowed */
    int64_t idle_us;                 /* since when the role has done nothing of note */
    struct digest job;               /* of the last letter that named one */
};

struct roles_place;

/* Serves figures where the place says, and opens the line, with keys where it names some. Close it in
 * every case. */
int doorman_open(struct doorman *doorman, enum figures_role kind,
                 const struct roles_place *place) MUST_USE;
/* Turns the role until it has finished, as loop_run does. */
int doorman_run(struct doorman *doorman, struct role role) MUST_USE;
void doorman_close(struct doorman *doorman);

#endif
