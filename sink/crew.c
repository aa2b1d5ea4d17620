/* SPDX-License-Identifier: Apache-2.0 */
/* Parts are taken from a counter; a fit calls this some hundreds of times with parts of tens of
 * microseconds, so the threads stay. Between calls each looks for the next one for about as long as
 * waking it would take before it waits on a condition; so does the caller for the last part. */
#include "sink/crew.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/trace.h"

#define THREADS_LIMIT 64
#define LOOKS         4000 /* some 50 microseconds */

struct crew {
    pthread_t thread[THREADS_LIMIT];
    size_t n_threads;
    pthread_mutex_t lock;
    pthread_cond_t called, finished;
    atomic_ulong call;  /* rises with each crew_run */
    atomic_size_t busy; /* threads that have not finished this call */
    int leaving;
    crew_work *work;
    void *context;
    size_t n;
    size_t starting; /* threads that have taken their number */
    atomic_size_t next;
    struct trace_lanes lanes;
};

static void take_parts(struct crew *crew, size_t who)
{
    for (;;) {
        size_t i = atomic_fetch_add(&crew->next, 1);
        if (i >= crew->n)
            return;
        crew->work(crew->context, i, who);
    }
}

/* A helper does what the loop is at. */
static void help(struct crew *crew, size_t who)
{
    struct trace *trace = crew->lanes.trace;
    struct span span =
        trace_begin(trace, crew->lanes.first + (uint32_t)who - 1, trace_doing(trace));
    take_parts(crew, who);
    trace_end(trace, &span);
}

static void look_again(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void look_for_call(struct crew *crew, unsigned long seen)
{
    for (int i = 0; i < LOOKS && atomic_load(&crew->call) == seen; i++)
        look_again();
}

static void look_for_end(struct crew *crew)
{
    for (int i = 0; i < LOOKS && atomic_load(&crew->busy) > 0; i++)
        look_again();
}

static void *thread_main(void *argument)
{
    struct crew *crew = argument;
    unsigned long seen = 0;
    pthread_mutex_lock(&crew->lock);
    size_t who = ++crew->starting; /* 0 is the caller */
    for (;;) {
        pthread_mutex_unlock(&crew->lock);
        look_for_call(crew, seen);
        pthread_mutex_lock(&crew->lock);
        while (crew->call == seen && !crew->leaving)
            pthread_cond_wait(&crew->called, &crew->lock);
        if (crew->leaving)
            break;
        seen = crew->call;
        pthread_mutex_unlock(&crew->lock);
        help(crew, who);
        pthread_mutex_lock(&crew->lock);
        if (--crew->busy == 0)
            pthread_cond_signal(&crew->finished);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

int crew_new(size_t n, struct crew **out)
{
    struct crew *crew = calloc(1, sizeof *crew);
    if (!crew)
        return log_fail(STATUS_BUG, "out of memory for %zu threads", n);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->called, NULL);
    pthread_cond_init(&crew->finished, NULL);
    for (size_t i = 0; i < n && i < THREADS_LIMIT; i++) {
        if (pthread_create(&crew->thread[i], NULL, thread_main, crew) != 0)
            break; /* fewer threads do the same work */
        crew->n_threads++;
    }
    *out = crew;
    return 0;
}

void crew_trace(struct crew *crew, struct trace *trace)
{
    crew->lanes = trace_lanes(trace, "helper", (uint32_t)crew->n_threads);
}

struct trace *crew_timeline(const struct crew *crew)
{
    return crew->lanes.trace;
}

void crew_destroy(struct crew **crew)
{
    if (!*crew)
        return;
    pthread_mutex_lock(&(*crew)->lock);
    (*crew)->leaving = 1;
    pthread_cond_broadcast(&(*crew)->called);
    pthread_mutex_unlock(&(*crew)->lock);
    for (size_t i = 0; i < (*crew)->n_threads; i++)
        pthread_join((*crew)->thread[i], NULL);
    pthread_cond_destroy(&(*crew)->called);
    pthread_cond_destroy(&(*crew)->finished);
    pthread_mutex_destroy(&(*crew)->lock);
    free(*crew);
    *crew = NULL;
}

void crew_run(struct crew *crew, size_t n, crew_work *work, void *context)
{
    for (size_t i = 0; !crew && i < n; i++)
        work(context, i, 0);
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->work = work;
    crew->context = context;
    crew->n = n;
    atomic_store(&crew->next, 0);
    crew->busy = crew->n_threads;
    crew->call++;
    pthread_cond_broadcast(&crew->called);
    pthread_mutex_unlock(&crew->lock);
    take_parts(crew, 0);
    look_for_end(crew);
    pthread_mutex_lock(&crew->lock);
    while (crew->busy > 0)
        pthread_cond_wait(&crew->finished, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

/* A fit's work has no use for the thread's number. */
struct fit_call {
    void (*work)(void *context, size_t i);
    void *context;
};

static void fit_part(void *context, size_t i, size_t who)
{
    struct fit_call *call = context;
    (void)who;
    call->work(call->context, i);
}

static void run_for_fit(void *crew, size_t n, void (*work)(void *context, size_t i), void *context)
{
    struct fit_call call = {work, context};
    crew_run(crew, n, fit_part, &call);
}

struct fit_crew crew_for_fit(struct crew *crew)
{
    return (struct fit_crew){run_for_fit, crew};
}

size_t crew_threads(const struct crew *crew)
{
    return crew->n_threads + 1;
}
