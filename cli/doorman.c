/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doorman.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/wire.h"

int doorman_open(struct doorman *doorman, enum figures_role kind, const char *metrics)
{
    memset(doorman, 0, sizeof *doorman);
    if (!metrics)
        return 0;
    int r = figures_new(kind, &doorman->figures);
    if (r == 0)
        r = kiosk_open(metrics, doorman->figures, &doorman->kiosk);
    if (r == 0)
        log_say(LOG_INFO, "figures are at %s, port %d", metrics, kiosk_port(doorman->kiosk));
    return r;
}

void doorman_close(struct doorman *doorman)
{
    kiosk_close(&doorman->kiosk);
    figures_destroy(&doorman->figures);
}

static int names_shard(enum letter_kind kind)
{
    return kind == LETTER_LEASE || kind == LETTER_DATA || kind == LETTER_CANCEL ||
           kind == LETTER_RELEASE || kind == LETTER_FAIL || kind == LETTER_RESULT ||
           kind == LETTER_ACK;
}

/* Lines that are said over a letter are about what it is about. */
static void note_topics(struct doorman *doorman, const struct letter *letter)
{
    char job[DIGEST_TEXT], shard[12];
    if (!digest_none(letter->job) && !digest_same(letter->job, doorman->job)) {
        doorman->job = letter->job;
        digest_print(letter->job, job);
        log_about(LOG_JOB, job);
    }
    snprintf(shard, sizeof shard, "%u", letter->shard);
    log_about(LOG_SHARD, names_shard(letter->kind) ? shard : NULL);
}

static int doorman_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct doorman *doorman = self;
    struct letter letter;
    if (wire_letter_read(parcel, &letter) == 0)
        note_topics(doorman, &letter);
    int r = doorman->role.letter(doorman->role.self, from, parcel, now_ms);
    log_about(LOG_SHARD, NULL);
    return r;
}

static int doorman_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct doorman *doorman = self;
    figures_set(doorman->figures, FIGURE_TURN, now_ms);
    figures_set(doorman->figures, FIGURE_REFUSED_LETTERS, (int64_t)line_refused(doorman->line));
    return doorman->role.tick(doorman->role.self, now_ms, deadline_ms);
}

int doorman_run(struct doorman *doorman, struct role role, struct line *line)
{
    struct role door = {doorman, doorman_letter, doorman_tick};
    doorman->role = role;
    doorman->line = line;
    return loop_run(&door, line);
}
