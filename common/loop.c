/* SPDX-License-Identifier: Apache-2.0 */
/* The loop knows no timers: the role keeps what is due in its own state and answers one deadline,
 * so there is no second list of times that could disagree with the first (zloop's timers would be
 * one). */
#include "common/loop.h"

#include "common/clock.h"
#include "common/log.h"

/* A signal that arrives after tick has looked at the stop flag and before the wait begins wakes
 * nobody. So no wait of loop_run is longer than this, and a stop is never noticed later. */
#define LOOP_LOOK_MS 200

/* By whose clock a turn goes: the one given, or the machine's (frozen = 0). */
struct hand {
    int frozen;
    int64_t now_ms;
};

static int64_t hand_now(struct hand hand)
{
    return hand.frozen ? hand.now_ms : clock_monotonic_ms();
}

/* How long nothing will be due: at least 0, at most the limit where there is one (>= 0). */
static int64_t patience(int64_t now_ms, int64_t deadline_ms, int64_t limit_ms)
{
    int64_t left_ms = 0;
    if (deadline_ms > now_ms && __builtin_sub_overflow(deadline_ms, now_ms, &left_ms))
        left_ms = INT64_MAX;
    return limit_ms >= 0 && limit_ms < left_ms ? limit_ms : left_ms;
}

/* Waits for the first letter, takes what else is there. */
static int deliver(const struct role *role, struct line *line, int64_t wait_ms, struct hand hand)
{
    struct peer from;
    struct parcel parcel;
    for (int i = 0; i < LOOP_LETTERS; i++) {
        int rc = line_wait(line, i == 0 ? wait_ms : 0, &from, &parcel);
        if (rc == LINE_E_QUIET || rc == LINE_E_WOKEN)
            return STATUS_DONE;
        if (rc)
            return rc;
        rc = role->letter(role->self, from, &parcel, hand_now(hand));
        parcel_clear(&parcel);
        if (rc)
            return rc;
    }
    return STATUS_DONE;
}

static int turn(const struct role *role, struct line *line, int64_t limit_ms, struct hand hand)
{
    int64_t now_ms = hand_now(hand), deadline_ms = now_ms;
    int rc = role->tick(role->self, now_ms, &deadline_ms);
    if (rc)
        return rc;
    /* What the tick took is no time to wait. */
    return deliver(role, line, patience(hand_now(hand), deadline_ms, limit_ms), hand);
}

int loop_turn(const struct role *role, struct line *line, int64_t now_ms, int64_t wait_limit_ms)
{
    return turn(role, line, wait_limit_ms, (struct hand){1, now_ms});
}

int loop_run(const struct role *role, struct line *line)
{
    int rc;
    do
        rc = turn(role, line, LOOP_LOOK_MS, (struct hand){0, 0});
    while (rc == STATUS_DONE);
    return rc == ROLE_E_FINISHED ? STATUS_DONE : rc;
}
