/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_NOTE_H
#define WORKER_NOTE_H

#include <stdint.h>

#include "common/hash.h"
#include "worker/desk.h"

/* What a worker is at, kept where the next process in its place finds it (a page of a file), so that a
 * death of the work itself can be told from one that befell the process: whoever dies of a signal of his
 * own making (SIGSEGV, an abort) marks it last. A kill from outside leaves no mark. */

struct note {
    uint32_t died; /* the signal; 0: not of the work */
    uint32_t busy;
    struct digest job;
    struct desk_key key;
};

/* NULL is a note that nobody keeps. */
void note_begin(struct note *note, struct digest job, struct desk_key key);
void note_end(struct note *note);

/* Whether the process before died of its work; what it was at is then in *before. The note is blank after. */
int note_confesses(struct note *note, struct note *before);

#endif
