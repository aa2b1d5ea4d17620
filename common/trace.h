/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_TRACE_H
#define COMMON_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/* What a role was doing when: spans of time on lanes (one a thread, and some that are no thread's), kept
 * in memory while it works and written when it ends, in the format of chrome://tracing and Perfetto. Who
 * traces is given a clock. Where nobody does, trace is NULL, and a span costs one branch and asks no
 * clock. Spans are for what takes a tenth of a millisecond and more: never one a row. */

struct trace;

/* Microseconds: of the machine's monotonic clock, the same for all processes; of the calling thread's own
 * processor time. */
struct trace_clock {
    int64_t (*now_us)(void);
    int64_t (*cpu_us)(void);
};

#define TRACE_SPANS                                                                                \
    200000 /* kept of a role, in 18 MB; more are counted, and the file says how many */
#define TRACE_LANES 256
#define TRACE_LOOP  0 /* the lane of the thread that made the trace */
#define TRACE_FACTS 2

int trace_new(struct trace_clock clock, struct trace **trace) MUST_USE;
void trace_destroy(struct trace **trace);

/* One more lane, "NAME NUMBER" to readers. Only while no other thread uses the trace. Past the last there
 * is a lane on which nothing is kept. */
uint32_t trace_lane(struct trace *trace, const char *name, uint32_t number);
/* As many in a row, numbered from 1, to be handed to threads. */
struct trace_lanes {
    struct trace *trace; /* NULL: nobody traces */
    uint32_t first;
};
struct trace_lanes trace_lanes(struct trace *trace, const char *name, uint32_t n);

/* Names and keys are borrowed for the trace's life. */
struct span {
    const char *name;
    const char *outer; /* what the loop did before */
    uint32_t lane, n_facts;
    int64_t began_us, ended_us;
    int64_t cpu_us; /* of the thread, when it began; then what the span took; < 0: nobody's time */
    struct span_fact {
        const char *key;
        int64_t value;
    } fact[TRACE_FACTS];
};

void trace_open(struct trace *trace, uint32_t lane, const char *name, struct span *span);
void trace_keep(struct trace *trace, struct span *span, int64_t least_us);

/* Any thread, a lane each at a time; what begins later on a lane ends earlier. */
static inline struct span trace_begin(struct trace *trace, uint32_t lane, const char *name)
{
    struct span span = {.name = NULL};
    if (trace)
        trace_open(trace, lane, name, &span);
    return span;
}

static inline void trace_end(struct trace *trace, struct span *span)
{
    if (trace)
        trace_keep(trace, span, 0);
}

/* For what is tried all the time and mostly finds nothing to do: kept where it took a moment. */
#define TRACE_MOMENT_US 100
static inline void trace_end_if_long(struct trace *trace, struct span *span)
{
    if (trace)
        trace_keep(trace, span, TRACE_MOMENT_US);
}

/* A number that belongs to it; the first TRACE_FACTS are kept. */
static inline void span_note(struct span *span, const char *key, int64_t value)
{
    if (span->name && span->n_facts < TRACE_FACTS)
        span->fact[span->n_facts++] = (struct span_fact){key, value};
}

/* For what begins and ends in different calls, with others in between: no processor time is its own. */
int64_t trace_now(const struct trace *trace);
void trace_between(struct trace *trace, uint32_t lane, const char *name, int64_t began_us,
                   int64_t ended_us);

/* What the loop is at, for threads that help it; "" between spans. */
const char *trace_doing(const struct trace *trace);
/* Spans of the loop's lane so far. */
size_t trace_of_loop(const struct trace *trace);

/* Whose timeline it is. */
struct trace_owner {
    const char *name;
    int32_t place; /* rows are shown in this order */
    int32_t pid;
    int64_t cpu_us;       /* of the whole process, all threads */
    int64_t resident_kib; /* at its peak */
};
/* The whole trace as a JSON file of its own: one event a line, by lane and time. No span may be open.
 * STATUS_NO_OUTPUT, said. */
int trace_save(struct trace *trace, const struct trace_owner *owner, const char *path) MUST_USE;

/* What begins and ends such a file, lines both. */
#define TRACE_FILE_HEAD "{\"displayTimeUnit\":\"ms\",\"traceEvents\":["
#define TRACE_FILE_END  "]}"

#endif
