/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doorman.h"

#include <stdio.h>
#include <string.h>

#include "cli/roles.h"
#include "cli/timeline.h"
#include "common/arena.h"
#include "common/log.h"
#include "common/rights.h"
#include "common/wire.h"
#include "common/wire_hello.h"

#define ARENA_LIMIT ((size_t)16 << 20)

static int open_figures(struct doorman *doorman, const char *metrics)
{
    if (!metrics)
        return 0;
    int r = figures_new(doorman->kind, &doorman->figures);
    if (r == 0)
        r = kiosk_open(metrics, doorman->figures, &doorman->kiosk);
    if (r == 0)
        log_say(LOG_INFO, "figures are at %s, port %d", metrics, kiosk_port(doorman->kiosk));
    return r;
}

static int open_line(struct doorman *doorman, const struct roles_place *place)
{
    int r = line_zmq_open(&doorman->line);
    if (r == 0 && place->keys)
        r = keys_open(place->keys, &doorman->keys);
    if (r == 0 && doorman->keys)
        r = line_zmq_guard(doorman->line, doorman->keys);
    if (r == 0)
        line_zmq_patience(doorman->line, (int64_t)place->connect_timeout * 1000);
    return r;
}

int doorman_open(struct doorman *doorman, enum figures_role kind, const struct roles_place *place)
{
    memset(doorman, 0, sizeof *doorman);
    doorman->kind = kind;
    doorman->place = place;
    doorman->arena = arena_new(ARENA_LIMIT);
    int r = doorman->arena ? timeline_open(place->trace, &doorman->trace)
                           : log_fail(STATUS_BUG, "out of memory");
    doorman->idle_us = trace_now(doorman->trace);
    if (r == 0)
        r = open_figures(doorman, place->metrics);
    return r == 0 ? open_line(doorman, place) : r;
}

static void write_trace(struct doorman *doorman)
{
    static const char *const names[] = {
        [FIGURES_VENTILATOR] = "ventilator", [FIGURES_WORKER] = "worker", [FIGURES_SINK] = "sink"};
    const struct roles_place *place = doorman->place;
    struct timeline_role role = {.name = names[doorman->kind],
                                 .place = doorman->kind == FIGURES_VENTILATOR ? 1
                                          : doorman->kind == FIGURES_SINK     ? 2
                                                                              : 4 + place->number,
                                 .number = doorman->kind == FIGURES_WORKER ? place->number : -1,
                                 .starts = place->starts};
    timeline_close(&doorman->trace, &role, place->trace);
}

void doorman_close(struct doorman *doorman)
{
    keys_close(&doorman->keys); /* its door keeper goes before the line's context */
    line_close(&doorman->line);
    kiosk_close(&doorman->kiosk);
    figures_destroy(&doorman->figures);
    arena_destroy(&doorman->arena);
    if (doorman->trace)
        write_trace(doorman);
}

/* Whether the key that a letter came with gives the right to send it. */
static int is_allowed(struct doorman *doorman, const struct letter *letter,
                      const struct parcel *parcel)
{
    struct hello hello;
    enum keys_role speaker = line_zmq_speaker(doorman->line);
    enum rights_server server =
        doorman->kind == FIGURES_SINK ? RIGHTS_AT_SINK : RIGHTS_AT_VENTILATOR;
    if (speaker == KEYS_ANYBODY)
        return 1;
    if (!rights_may(server, speaker, letter->kind))
        return 0;
    arena_reset(doorman->arena);
    return letter->kind != LETTER_HELLO ||
           (wire_hello_read(parcel, 1, doorman->arena, &hello) == 0 &&
            rights_may_be(speaker, hello.role));
}

/* Said at the first, second, fourth, eighth ... time: nobody may fill our log. */
static void forbid(struct doorman *doorman, const struct letter *letter)
{
    doorman->forbidden++;
    if ((doorman->forbidden & (doorman->forbidden - 1)) == 0)
        log_say(LOG_WARN,
                "refused a letter of kind %d (%llu so far): its sender's key is for another role",
                (int)letter->kind, (unsigned long long)doorman->forbidden);
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

/* Turns in which nothing of note is done are waiting, too. */
static void note_idle(struct doorman *doorman, int64_t entered_us, size_t done_before)
{
    if (!doorman->trace || trace_of_loop(doorman->trace) == done_before)
        return;
    if (entered_us - doorman->idle_us >= TRACE_MOMENT_US)
        trace_between(doorman->trace, TRACE_LOOP, "waiting", doorman->idle_us, entered_us);
    doorman->idle_us = trace_now(doorman->trace);
}

static int doorman_letter(void *self, struct peer from, struct parcel *parcel, int64_t now_ms)
{
    struct doorman *doorman = self;
    size_t done_before = trace_of_loop(doorman->trace);
    int64_t entered_us = trace_now(doorman->trace);
    struct letter letter;
    if (wire_letter_read(parcel, &letter) == 0) {
        if (!is_allowed(doorman, &letter, parcel)) {
            forbid(doorman, &letter);
            return 0;
        }
        note_topics(doorman, &letter);
    }
    int r = doorman->role.letter(doorman->role.self, from, parcel, now_ms);
    log_about(LOG_SHARD, NULL);
    note_idle(doorman, entered_us, done_before);
    return r;
}

static int doorman_tick(void *self, int64_t now_ms, int64_t *deadline_ms)
{
    struct doorman *doorman = self;
    figures_set(doorman->figures, FIGURE_TURN, now_ms);
    figures_set(doorman->figures, FIGURE_REFUSED_LETTERS,
                (int64_t)(line_refused(doorman->line) + doorman->forbidden));
    size_t done_before = trace_of_loop(doorman->trace);
    int64_t entered_us = trace_now(doorman->trace);
    int r = doorman->role.tick(doorman->role.self, now_ms, deadline_ms);
    note_idle(doorman, entered_us, done_before);
    return r;
}

int doorman_run(struct doorman *doorman, struct role role)
{
    struct role door = {doorman, doorman_letter, doorman_tick};
    doorman->role = role;
    return loop_run(&door, doorman->line);
}
