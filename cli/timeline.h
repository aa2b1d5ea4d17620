/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_TIMELINE_H
#define CLI_TIMELINE_H

#include "common/status.h"
#include "common/trace.h"

/* What --trace FILE leaves: a file for each process, and, of `winnow run`, all of them as one. */

/* A trace by the machine's clocks; no path: none. STATUS_NO_OUTPUT where the file could not be written at
 * the end. */
int timeline_open(const char *path, struct trace **trace) MUST_USE;

struct timeline_role {
    const char *name;
    int place;  /* among the rows */
    int number; /* of several; < 0: the only one */
    int starts; /* more than 1: it has been started again */
};
/* Writes it, and lets go of it. What fails is said: a job is no worse for it. */
void timeline_close(struct trace **trace, const struct timeline_role *role, const char *path);

/* Where `winnow run` lets a process write its part: a name in directory for each process. */
#define TIMELINE_PATH 4352
void timeline_part(const char *directory, const char *name, int number, int starts,
                   char path[TIMELINE_PATH]);
/* All parts there are in directory, as one file. */
void timeline_join(const char *directory, const char *path);

#endif
