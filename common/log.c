/* SPDX-License-Identifier: Apache-2.0 */
/* State at file scope, the one exception the house allows: where words go is the same for everybody,
 * and a logger handed through every signature would say nothing. */
#include "common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#define LINE_BYTES 4096

static struct {
    enum log_format format;
    enum log_level least;
    char role[32];
    char topic[LOG_TOPICS][41];
    void (*before)(void *context);
    void (*after)(void *context);
    void *context;
} out = {.format = LOG_TEXT, .least = LOG_INFO};

void log_open(enum log_format format, const char *role, enum log_level least)
{
    out.format = format;
    out.least = least;
    snprintf(out.role, sizeof out.role, "%s", role);
}

void log_about(enum log_topic topic, const char *name)
{
    snprintf(out.topic[topic], sizeof out.topic[topic], "%s", name ? name : "");
}

void log_curtain(void (*before)(void *context), void (*after)(void *context), void *context)
{
    out.before = before;
    out.after = after;
    out.context = context;
}

enum { FIRST_NONE, FIRST_WRITING, FIRST_THERE };
static _Atomic(struct log_first *) keeper;

struct log_first *log_keep(struct log_first *first)
{
    return atomic_exchange(&keeper, first);
}

const char *log_kept(struct log_first *first)
{
    return atomic_load(&first->state) == FIRST_THERE ? first->words : "";
}

static void keep_first(const char *words)
{
    struct log_first *first = atomic_load(&keeper);
    int none = FIRST_NONE;
    if (!first || !atomic_compare_exchange_strong(&first->state, &none, FIRST_WRITING))
        return;
    snprintf(first->words, sizeof first->words, "%.*s", (int)sizeof first->words - 1, words);
    atomic_store(&first->state, FIRST_THERE);
}

static size_t escape(char *to, size_t room, const char *from)
{
    size_t n = 0;
    for (; *from && n + 7 < room; from++) {
        unsigned char c = (unsigned char)*from;
        if (c == '"' || c == '\\') {
            to[n++] = '\\';
            to[n++] = (char)c;
        } else if (c < 0x20) {
            n += (size_t)snprintf(to + n, room - n, "\\u%04x", c);
        } else {
            to[n++] = (char)c;
        }
    }
    to[n] = '\0';
    return n;
}

/* ,"job":"..." for each topic that is set. */
static void topics_json(char *to, size_t room)
{
    static const char *const name[] = {"job", "worker", "shard"};
    char escaped[LINE_BYTES / 8];
    size_t n = 0;
    to[0] = '\0';
    for (int i = 0; i < LOG_TOPICS; i++) {
        if (!out.topic[i][0] || n >= room)
            continue;
        escape(escaped, sizeof escaped, out.topic[i]);
        n += (size_t)snprintf(to + n, room - n, ",\"%s\":\"%s\"", name[i], escaped);
    }
}

static int line_json(char *line, size_t room, enum log_level level, const char *words)
{
    static const char *const name[] = {"debug", "info", "warn", "error"};
    char when[25], topics[400], escaped[LINE_BYTES - 600];
    clock_print(clock_wall_ms(), when);
    escape(escaped, sizeof escaped, words);
    topics_json(topics, sizeof topics);
    return snprintf(line, room,
                    "{\"time\":\"%s\",\"level\":\"%s\",\"role\":\"%s\"%s,\"message\":\"%s\"}\n",
                    when, name[level], out.role, topics, escaped);
}

static int line_text(char *line, size_t room, enum log_level level, const char *words)
{
    static const char *const mark[] = {"debug: ", "", "warning: ", "error: "};
    const char *dash = out.role[0] ? " " : "";
    return snprintf(line, room, "winnow%s%s: %s%s\n", dash, out.role, mark[level], words);
}

static PRINTF_LIKE(2, 0) void say(enum log_level level, const char *format, va_list list)
{
    char words[LINE_BYTES - 300], line[LINE_BYTES];
    if (level < out.least)
        return;
    vsnprintf(words, sizeof words, format, list);
    if (level == LOG_ERROR)
        keep_first(words);
    int n = out.format == LOG_JSON ? line_json(line, sizeof line, level, words)
                                   : line_text(line, sizeof line, level, words);
    size_t size = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    line[size - 1] = '\n';
    if (out.before)
        out.before(out.context);
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written; /* nobody is left to be told */
    if (out.after)
        out.after(out.context);
}

void log_say(enum log_level level, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(level, format, list);
    va_end(list);
}

int log_fail(int status, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(LOG_ERROR, format, list);
    va_end(list);
    return status;
}
