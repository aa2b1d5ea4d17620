/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_HEARING_H
#define FUZZ_HEARING_H

#include <stdint.h>

#include "common/loop.h"
#include "doubles/line_memory.h"

/* A role alone among strangers, who say to it whatever a fuzzer wrote (support/transcript.h). */

#define HEARING_SPEAKERS 4

struct hearing {
    struct line_memory *board;
    struct line *line; /* the role's */
    struct line *speaker[HEARING_SPEAKERS];
    struct peer to[HEARING_SPEAKERS]; /* the role, as each knows it */
    int64_t now_ms;
    /* Told of each letter that the role says; may be NULL. */
    void (*hears)(void *context, const struct parcel *parcel);
    void *context;
};

void hearing_open(struct hearing *hearing);
void hearing_close(struct hearing *hearing); /* not the role's line */

/* A speaker at an endpoint: it is connected to where the role is bound, or bound itself, before the role
 * connects. */
void hearing_caller(struct hearing *hearing, int who, const char *endpoint);
void hearing_host(struct hearing *hearing, int who, const char *endpoint);

/* Turns of the role while it answers 0, everybody hearing what it says. */
int hearing_turns(struct hearing *hearing, const struct role *role, int turns);
/* The whole transcript, until the role is done with it. */
void hearing_play(struct hearing *hearing, const struct role *role, const uint8_t *data,
                  size_t size);

/* Ends the process with words where it does not hold. */
void hearing_must(int holds, const char *words);

#endif
