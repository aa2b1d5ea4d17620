/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_ERRAND_H
#define SINK_ERRAND_H

#include "common/wire_job.h"
#include "sink/model_json.h"
#include "sink/roll_call.h"

/* The job that the sink is at, as its letter opened it: what is asked for, what of it an earlier model
 * has settled, and who has answered. */

struct errand {
    struct digest id;
    struct job job;        /* borrows from arena */
    struct parcel *letter; /* parts as received */
    struct roll_call *roll;
    int has_frozen;
    struct model_read earlier; /* where has_frozen */
    struct arena *arena;
};

enum { ERRAND_E_UNREADABLE = 1 };

/* An errand is closed when it is new; errand_free lets go of one for good. */
int errand_new(struct errand *errand) MUST_USE;
void errand_free(struct errand *errand);

/* Takes the letter's parts. STATUS_DATA: the earlier model that it brings cannot be used. On any answer
 * but 0 the errand is closed again. */
int errand_open(struct errand *errand, struct digest id, struct parcel *letter) MUST_USE;
void errand_close(struct errand *errand);

/* NULL: there is no earlier model. */
const struct frozen *errand_frozen(const struct errand *errand);

#endif
