/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_INQUIRY_H
#define CLI_INQUIRY_H

#include "common/arena.h"
#include "common/keys.h"
#include "common/line.h"
#include "common/settings.h"
#include "common/wire.h"
#include "common/wire_order.h"

/* A client of a serving ventilator: one question at a time, said again until it is answered. */

struct inquiry {
    struct line *line;
    struct keys *keys;
    struct peer server;
    struct arena *arena;
    const char *endpoint;
    int64_t patience_ms;
    uint64_t sequence; /* of the question at hand */
};

/* Close it in every case. */
int inquiry_open(const char *endpoint, const struct settings_running *running,
                 struct inquiry *inquiry) MUST_USE;
void inquiry_close(struct inquiry *inquiry);

/* Says the letter with one payload part (empty: none; borrowed), and waits for its answer, whose parts are
 * then the caller's. A refusal is said, and answered as its status. STATUS_UNREACHABLE: nobody answers. */
struct inquiry_question {
    struct letter letter;
    struct slice payload;
};
int inquiry_ask(struct inquiry *inquiry, const struct inquiry_question *question,
                struct parcel *answer) MUST_USE;

/* The same of a payload of one part, which it takes. */
int inquiry_hand(struct inquiry *inquiry, enum letter_kind kind, struct parcel *payload,
                 struct parcel *answer) MUST_USE;

/* ASK or WITHDRAW of a job, or ASK of all (""): the entries, good until the next question. */
int inquiry_about(struct inquiry *inquiry, enum letter_kind kind, const char *id,
                  struct entries *entries) MUST_USE;

/* Lets some time pass. */
int inquiry_rest(struct inquiry *inquiry, int64_t ms) MUST_USE;

#endif
