/* SPDX-License-Identifier: Apache-2.0 */
#include "ventilator/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

#define STAGES     4
#define DRAW_MS    100
#define LOG_MS     10000
#define LINE_BYTES 256

struct progress {
    int terminal;
    int stage;
    int64_t since_ms; /* of the stage */
    int64_t shown_ms;
    char line[LINE_BYTES]; /* as drawn; empty: none */
};

static void write_text(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

static void curtain_down(void *context)
{
    const struct progress *progress = context;
    if (progress->line[0])
        write_text("\r\033[K");
}

static void curtain_up(void *context)
{
    const struct progress *progress = context;
    if (progress->line[0])
        write_text(progress->line);
}

struct progress *progress_new(int terminal)
{
    struct progress *progress = calloc(1, sizeof *progress);
    if (progress) {
        progress->terminal = terminal;
        if (terminal)
            log_curtain(curtain_down, curtain_up, progress);
    }
    return progress;
}

void progress_clear(struct progress *progress)
{
    if (!progress)
        return;
    curtain_down(progress);
    progress->line[0] = '\0';
}

void progress_destroy(struct progress **progress)
{
    if (!*progress)
        return;
    progress_clear(*progress);
    if ((*progress)->terminal)
        log_curtain(NULL, NULL, NULL);
    free(*progress);
    *progress = NULL;
}

/* "stage 2/4 gathering 37 %, 4.1 M rows/s, 110 MB/s, 00:12 left, 4 workers, 17 rejects" */
static void state_words(const struct progress *progress, const struct progress_state *state,
                        int64_t now_ms, char *out, size_t size)
{
    static const char *const name[] = {"", "reading", "gathering", "scoring", "writing"};
    double seconds = (double)(now_ms - progress->since_ms) / 1000;
    int n = snprintf(out, size, "stage %d/%d %s", state->stage, STAGES, name[state->stage]);
    if (state->share >= 0)
        n += snprintf(out + n, size - (size_t)n, " %.0f %%", state->share * 100);
    if (seconds > 0.2 && state->rows > 0)
        n += snprintf(out + n, size - (size_t)n, ", %.1f M rows/s",
                      (double)state->rows / seconds / 1e6);
    if (seconds > 0.2 && state->bytes > 0)
        n += snprintf(out + n, size - (size_t)n, ", %.0f MB/s",
                      (double)state->bytes / seconds / 1e6);
    if (seconds > 1 && state->share > 0.02 && state->share < 1) {
        long left = (long)(seconds / state->share * (1 - state->share)) + 1;
        n += snprintf(out + n, size - (size_t)n, ", %02ld:%02ld left", left / 60, left % 60);
    }
    n += snprintf(out + n, size - (size_t)n, ", %u worker%s", state->workers,
                  state->workers == 1 ? "" : "s");
    if (state->rejects > 0)
        snprintf(out + n, size - (size_t)n, ", %llu rejects", (unsigned long long)state->rejects);
}

void progress_show(struct progress *progress, const struct progress_state *state, int64_t now_ms,
                   int64_t *wake_ms)
{
    char words[LINE_BYTES - 16];
    if (!progress)
        return;
    if (progress->stage != state->stage) {
        progress->stage = state->stage;
        progress->since_ms = now_ms;
        if (!progress->terminal)
            progress->shown_ms = now_ms;
    }
    int64_t every = progress->terminal ? DRAW_MS : LOG_MS;
    if (now_ms - progress->shown_ms < every) {
        if (progress->shown_ms + every < *wake_ms)
            *wake_ms = progress->shown_ms + every;
        return;
    }
    progress->shown_ms = now_ms;
    if (now_ms + every < *wake_ms)
        *wake_ms = now_ms + every;
    state_words(progress, state, now_ms, words, sizeof words);
    if (!progress->terminal) {
        log_say(LOG_INFO, "%s", words);
        return;
    }
    snprintf(progress->line, sizeof progress->line, "\r\033[Kwinnow: %s", words);
    write_text(progress->line);
}
