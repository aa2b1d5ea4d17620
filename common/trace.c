/* SPDX-License-Identifier: Apache-2.0 */
/* One array of spans for all threads, each taken by a counter: a lock would be waited for, and an array
 * a thread would need threads to be known here. A span is written down when it ends, so one that is
 * open when a process is killed is lost, as is the whole part of a process that is killed. */
#include "common/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct lane {
    const char *name;
    uint32_t number; /* 0: none */
};

struct trace {
    struct trace_clock clock;
    struct span *spans;
    atomic_size_t taken; /* may pass TRACE_SPANS: what is above was not kept */
    struct lane lane[TRACE_LANES];
    uint32_t n_lanes;
    size_t of_loop;
    const char *doing;
};

int trace_new(struct trace_clock clock, struct trace **out)
{
    struct trace *trace = calloc(1, sizeof *trace);
    /* Not cleared: memory that no span comes to is none. */
    struct span *spans = malloc(TRACE_SPANS * sizeof *spans);
    if (!trace || !spans) {
        free(trace);
        free(spans);
        return log_fail(STATUS_BUG, "out of memory for a trace");
    }
    trace->clock = clock;
    trace->spans = spans;
    trace->doing = "";
    trace->lane[trace->n_lanes++] = (struct lane){"loop", 0};
    *out = trace;
    return 0;
}

void trace_destroy(struct trace **trace)
{
    if (!*trace)
        return;
    free((*trace)->spans);
    free(*trace);
    *trace = NULL;
}

uint32_t trace_lane(struct trace *trace, const char *name, uint32_t number)
{
    if (!trace)
        return TRACE_LOOP;
    if (trace->n_lanes == TRACE_LANES)
        return TRACE_LANES;
    trace->lane[trace->n_lanes] = (struct lane){name, number};
    return trace->n_lanes++;
}

struct trace_lanes trace_lanes(struct trace *trace, const char *name, uint32_t n)
{
    struct trace_lanes lanes = {trace, trace ? trace->n_lanes : TRACE_LOOP};
    for (uint32_t i = 1; i <= n; i++)
        trace_lane(trace, name, i);
    return lanes;
}

static void keep(struct trace *trace, const struct span *span)
{
    if (span->lane >= trace->n_lanes)
        return;
    if (span->lane == TRACE_LOOP)
        trace->of_loop++;
    size_t i = atomic_fetch_add(&trace->taken, 1);
    if (i < TRACE_SPANS)
        trace->spans[i] = *span;
}

void trace_open(struct trace *trace, uint32_t lane, const char *name, struct span *span)
{
    span->name = name;
    span->lane = lane;
    span->n_facts = 0;
    if (lane == TRACE_LOOP) {
        span->outer = trace->doing;
        trace->doing = name;
    }
    span->began_us = trace->clock.now_us();
    span->cpu_us = trace->clock.cpu_us();
}

void trace_keep(struct trace *trace, struct span *span, int64_t least_us)
{
    span->cpu_us = trace->clock.cpu_us() - span->cpu_us;
    span->ended_us = trace->clock.now_us();
    if (span->lane == TRACE_LOOP)
        trace->doing = span->outer;
    if (span->ended_us - span->began_us >= least_us)
        keep(trace, span);
}

int64_t trace_now(const struct trace *trace)
{
    return trace ? trace->clock.now_us() : 0;
}

void trace_between(struct trace *trace, uint32_t lane, const char *name, int64_t began_us,
                   int64_t ended_us)
{
    struct span span = {
        .name = name, .lane = lane, .began_us = began_us, .ended_us = ended_us, .cpu_us = -1};
    if (trace)
        keep(trace, &span);
}

const char *trace_doing(const struct trace *trace)
{
    return trace ? trace->doing : "";
}

size_t trace_of_loop(const struct trace *trace)
{
    return trace ? trace->of_loop : 0;
}

/* ---- the file ---- */

static int by_lane_and_time(const void *left, const void *right)
{
    const struct span *a = left, *b = right;
    if (a->lane != b->lane)
        return a->lane < b->lane ? -1 : 1;
    if (a->began_us != b->began_us)
        return a->began_us < b->began_us ? -1 : 1;
    return (a->ended_us < b->ended_us) - (a->ended_us > b->ended_us); /* the outer one first */
}

static void put_names(const struct trace *trace, const struct trace_owner *owner, FILE *file)
{
    int32_t pid = owner->pid;
    fprintf(file,
            "{\"ph\":\"M\",\"pid\":%" PRId32
            ",\"name\":\"process_name\",\"args\":{\"name\":\"%s\"}}",
            pid, owner->name);
    fprintf(file,
            ",\n{\"ph\":\"M\",\"pid\":%" PRId32
            ",\"name\":\"process_sort_index\",\"args\":{\"sort_index\":%" PRId32 "}}",
            pid, owner->place);
    fprintf(file,
            ",\n{\"ph\":\"M\",\"pid\":%" PRId32
            ",\"name\":\"winnow_role\",\"args\":{\"cpu_us\":%" PRId64 ",\"resident_kib\":%" PRId64
            "}}",
            pid, owner->cpu_us, owner->resident_kib);
    for (uint32_t i = 0; i < trace->n_lanes; i++) {
        char number[16] = "";
        if (trace->lane[i].number > 0)
            snprintf(number, sizeof number, " %u", trace->lane[i].number);
        fprintf(file,
                ",\n{\"ph\":\"M\",\"pid\":%" PRId32
                ",\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":\"%s%s\"}}",
                pid, i, trace->lane[i].name, number);
    }
}

static void put_span(const struct span *span, int32_t pid, FILE *file)
{
    fprintf(file,
            ",\n{\"ph\":\"X\",\"pid\":%" PRId32 ",\"tid\":%u,\"name\":\"%s\",\"ts\":%" PRId64
            ",\"dur\":%" PRId64,
            pid, span->lane, span->name, span->began_us, span->ended_us - span->began_us);
    if (span->cpu_us >= 0)
        fprintf(file, ",\"tdur\":%" PRId64, span->cpu_us);
    if (span->n_facts > 0)
        fprintf(file, ",\"args\":{");
    for (uint32_t i = 0; i < span->n_facts; i++)
        fprintf(file, "%s\"%s\":%" PRId64, i > 0 ? "," : "", span->fact[i].key,
                span->fact[i].value);
    fprintf(file, span->n_facts > 0 ? "}}" : "}");
}

static void put_lost(size_t lost, int32_t pid, FILE *file)
{
    fprintf(file,
            ",\n{\"ph\":\"M\",\"pid\":%" PRId32
            ",\"name\":\"process_labels\",\"args\":{\"labels\":\"%zu later spans were not kept\"}}",
            pid, lost);
}

int trace_save(struct trace *trace, const struct trace_owner *owner, const char *path)
{
    size_t taken = atomic_load(&trace->taken), n = taken < TRACE_SPANS ? taken : TRACE_SPANS;
    FILE *file = fopen(path, "we");
    int bad = !file;
    if (file) {
        qsort(trace->spans, n, sizeof *trace->spans, by_lane_and_time);
        fputs(TRACE_FILE_HEAD "\n", file);
        put_names(trace, owner, file);
        for (size_t i = 0; i < n; i++)
            put_span(&trace->spans[i], owner->pid, file);
        if (taken > n)
            put_lost(taken - n, owner->pid, file);
        fputs("\n" TRACE_FILE_END "\n", file);
        bad = ferror(file);
        bad |= fclose(file) != 0;
    }
    return bad ? log_fail(STATUS_NO_OUTPUT, "cannot write the trace %s: %s", path, strerror(errno))
               : 0;
}
