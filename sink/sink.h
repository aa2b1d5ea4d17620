/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include <signal.h>

#include "common/line.h"
#include "common/loop.h"
#include "common/status.h"
#include "common/store.h"

/* The role that keeps: commits what workers send, fits the model when all have answered, seals the
 * outputs. Its store is the only durable truth of a job. */

struct sink;
struct figures;
struct trace;

struct sink_settings {
    struct line *line; /* borrowed; one gate, bound */
    const char *out;
    const char *version;
    uint64_t boot;  /* drawn by chance, another for each process */
    size_t threads; /* for fitting and formatting, >= 1 */
    int64_t (*now_ms)(void);
    const volatile sig_atomic_t *stop; /* > 0: leave; NULL: never */
    struct figures *figures;           /* borrowed; NULL: nobody wants to know */
    struct trace *trace;               /* borrowed; NULL: nobody traces */
};

/* Takes the store. */
int sink_new(const struct sink_settings *settings, struct store **store,
             struct sink **sink) MUST_USE;
void sink_destroy(struct sink **sink);

/* The role for the loop; the sink must outlive it. Finished when the job is sealed and the ventilator
 * knows. */
struct role sink_role(struct sink *sink);

#endif
