/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdatomic.h>

#include "common/status.h"

/* The one stream of words: stderr, a line a fact, text or JSON. Lower-case, what failed first, no
 * full stop. A line is one write(2), so processes that share stderr do not tear each other's. */

enum log_format { LOG_TEXT, LOG_JSON };
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* role is printed with each line ("sink", "worker-2"; "" for none) and copied. Lines below least are
 * dropped. Call once, from main. */
void log_open(enum log_format format, const char *role, enum log_level least);

/* What lines are about until something else is said; printed where the form is JSON. Copied, cut at 40
 * bytes; NULL: nothing. Of the main thread. */
enum log_topic { LOG_JOB, LOG_WORKER, LOG_SHARD, LOG_TOPICS };
void log_about(enum log_topic topic, const char *name);

void log_say(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

/* Says an error and answers the status, so that `return log_fail(STATUS_IO, ...)` reads as it acts. */
int log_fail(int status, const char *format, ...) PRINTF_LIKE(2, 3);

/* The first error that is said, for who tells others later what went wrong. Zero it before use. */
struct log_first {
    atomic_int state;
    char words[1001]; /* cut to its room */
};
/* Whatever thread says it first, it is kept there from now on (NULL: nowhere). Answers where it was kept
 * before. */
struct log_first *log_keep(struct log_first *first);
/* "" where none was said. */
const char *log_kept(struct log_first *first);

/* Called before and after a line is written, so that a progress line on the terminal can step aside;
 * NULL for none. */
void log_curtain(void (*before)(void *context), void (*after)(void *context), void *context);

#endif
