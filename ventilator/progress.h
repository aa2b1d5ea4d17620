/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_PROGRESS_H
#define VENTILATOR_PROGRESS_H

#include <stdint.h>

/* How far the job is: a line that is drawn anew on a terminal, or a log line every ten seconds. */

struct progress;

struct progress_state {
    int stage;            /* 1 reading, 2 gathering, 3 scoring, 4 writing */
    double share;         /* done of this stage, 0..1; < 0: not known */
    uint64_t rows, bytes; /* of this stage so far */
    uint64_t rejects;
    uint32_t workers;
};

/* terminal: draw; otherwise log. */
struct progress *progress_new(int terminal);
void progress_destroy(struct progress **progress);

/* Shows the state when it is time to; sets *wake_ms nearer to when it will be again. */
void progress_show(struct progress *progress, const struct progress_state *state, int64_t now_ms,
                   int64_t *wake_ms);
/* Takes the drawn line away. */
void progress_clear(struct progress *progress);

#endif
