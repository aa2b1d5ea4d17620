/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <stdint.h>

#include "common/line.h"
#include "common/status.h"

/* The one loop of the product, after beanstalkd's: ask the role what is due and for how long
 * nothing will be, wait that long for one letter, deliver it. Only the loop waits; time comes in
 * as an argument, so a test can turn three roles by hand with a clock of its own. */

enum { ROLE_E_FINISHED = 1 };

struct role {
    void *self;
    /* Something arrived; the parcel is the role's to take parts from, and is cleared afterwards. */
    int (*letter)(void *self, struct peer from, struct parcel *parcel, int64_t now_ms);
    /* Something may be due. Sets *deadline_ms to when to be woken next (now or earlier: at once,
     * after a look at the inbox). ROLE_E_FINISHED ends the loop with success. */
    int (*tick)(void *self, int64_t now_ms, int64_t *deadline_ms);
};

/* One turn: tick, wait (at most until wait_limit_ms from now, < 0: no limit), deliver every letter that
 * is there, up to LOOP_LETTERS. Answers 0, ROLE_E_FINISHED, or the role's status. */
#define LOOP_LETTERS 64
int loop_turn(const struct role *role, struct line *line, int64_t now_ms,
              int64_t wait_limit_ms) MUST_USE;

/* Turns with the monotonic clock until the role has finished (0) or failed (its status). */
int loop_run(const struct role *role, struct line *line) MUST_USE;

#endif
