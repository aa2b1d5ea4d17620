/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINK_CREW_H
#define SINK_CREW_H

#include <stddef.h>

#include "common/status.h"
#include "score/fit.h"

/* Threads for work that is pure: parts that share nothing but what they read. */

struct crew;
struct trace;

/* n threads beside the caller's; 0 is fine. */
int crew_new(size_t n, struct crew **crew) MUST_USE;
void crew_destroy(struct crew **crew);

/* Before the first crew_run: from then on what helpers do is traced, and crew_timeline tells by whom. */
void crew_trace(struct crew *crew, struct trace *trace);
struct trace *crew_timeline(const struct crew *crew);

/* work(context, i, who) for every i < n, on all threads; returns when all are done. Parts are handed out
 * in rising order; who < crew_threads numbers the thread, for room of its own. NULL is a crew of the
 * caller alone. */
typedef void crew_work(void *context, size_t i, size_t who);
void crew_run(struct crew *crew, size_t n, crew_work *work, void *context);

/* The crew as score/fit.h wants it. */
struct fit_crew crew_for_fit(struct crew *crew);

size_t crew_threads(const struct crew *crew);

#endif
