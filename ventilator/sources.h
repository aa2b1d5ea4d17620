/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SOURCES_H
#define VENTILATOR_SOURCES_H

#include "ventilator/attributes.h"
#include "ventilator/intake.h"
#include "ventilator/progress.h"

/* All that a job reads: the survey, the ledgers and, where asked for, --customers. */

struct sources_order {
    const struct settings *settings;
    const char *state;        /* directory, made if absent */
    int32_t today;            /* UTC */
    int64_t wall_ms;          /* as in struct intake_order */
    struct digest redact_key; /* random, where settings->redact */
    uint32_t threads;         /* to partition with; 0: in intake_poll */
    struct trace *trace;
};

struct sources {
    struct survey *survey;
    struct intake *intake;
    struct attributes_reading *attributes; /* NULL: no --customers */
};

/* Surveys the inputs and begins to read them. After a failure too, to be closed. */
int sources_open(const struct sources_order *order, struct sources *sources) MUST_USE;
void sources_close(struct sources *sources);

/* Fills in what is known of the reading of ledgers. */
void sources_progress(const struct sources *sources, struct progress_state *state);

#endif
